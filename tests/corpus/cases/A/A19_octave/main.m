if exist ("/work/ran", "file")
  printf ("%s%s: a configuration was read\n", "BRE", "ACH");
end
printf ("42\n");
