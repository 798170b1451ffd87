identification division.
program-id. main.
data division.
working-storage section.
copy "@CANARY_DIR@/secret644".
procedure division.
    display "42".
    stop run.
