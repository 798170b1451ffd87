identification division.
program-id. hello.
procedure division.
    display "hello".
    stop run.
