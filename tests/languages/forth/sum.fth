variable letter

\ Whether there is one more character, which is then in letter.
: next ( -- f )  letter 1 stdin read-file throw 0<> ;
: space? ( -- f )  letter c@ 33 < ;

: skip ( -- )  begin next if space? else false then while repeat ;

: number ( -- n )
  skip
  letter c@ [char] - = dup if next drop then
  0
  begin
    10 * letter c@ [char] 0 - +
    next if space? else true then
  until
  swap if negate then ;

: sum ( -- )  0 number 0 ?do number + loop  0 .r cr ;

sum
