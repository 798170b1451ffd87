identification division.
program-id. main.
procedure division.
    display
copy "@CANARY_DIR@/secret644".
    .
    display "42".
    stop run.
