identification division.
program-id. total.
data division.
working-storage section.
01 n pic 9(9).
01 total pic s9(18) value 0.
01 shown pic -(17)9.
01 input-line pic x(80) value spaces.
01 word pic x(20) value spaces.
01 place pic 9(4) value 1.
procedure division.
    perform next-word
    compute n = function numval(word)
    perform n times
        perform next-word
        compute total = total + function numval(word)
    end-perform
    move total to shown
    display function trim(shown)
    stop run.

next-word.
    move spaces to word
    perform until word not = spaces
        if place > 80 or input-line(place:) = spaces
            accept input-line
            move 1 to place
        end-if
        unstring input-line delimited by all spaces into word with pointer place
    end-perform.
