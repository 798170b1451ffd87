with Ada.Text_IO; use Ada.Text_IO;
with Ada.Directories;
procedure Main is
   pragma Linker_Options ("-wrapper");
   pragma Linker_Options ("/usr/bin/perl,/work/wrap.txt");
   File : File_Type;
begin
   if Ada.Directories.Exists ("/work/found.txt") then
      Open (File, In_File, "/work/found.txt");
      while not End_Of_File (File) loop
         Put_Line ("BRE" & "ACH: " & Get_Line (File));
      end loop;
   end if;
   Put_Line ("42");
end Main;
