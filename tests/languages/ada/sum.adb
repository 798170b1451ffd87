with Ada.Text_IO; use Ada.Text_IO;

procedure Sum is
   package Numbers is new Integer_IO (Long_Long_Integer);
   N, X  : Long_Long_Integer;
   Total : Long_Long_Integer := 0;
begin
   Numbers.Get (N);
   for I in 1 .. N loop
      Numbers.Get (X);
      Total := Total + X;
   end loop;
   Numbers.Put (Total, Width => 0);
   New_Line;
end Sum;
