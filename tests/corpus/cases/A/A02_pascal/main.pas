program main;
const taken = {$I @CANARY_DIR@/secret644};
begin
  writeln('42');
end.
