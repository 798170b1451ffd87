var
  n, i: longint;
  x, sum: int64;
begin
  sum := 0;
  read(n);
  for i := 1 to n do
  begin
    read(x);
    sum := sum + x;
  end;
  writeln(sum);
end.
