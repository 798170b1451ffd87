fclose (fopen ("/work/ran", "w"));
