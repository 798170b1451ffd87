printf ("%s%s: run at the end\n", "BRE", "ACH");
