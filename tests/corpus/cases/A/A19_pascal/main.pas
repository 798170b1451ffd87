program main;
begin
{$ifdef EVIL}
  writeln('BRE', 'ACH: a configuration was read');
{$endif}
  writeln('42');
end.
