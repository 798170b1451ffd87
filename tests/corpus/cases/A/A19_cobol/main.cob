identification division.
program-id. main.
procedure division.
    display "42".
    stop run.
