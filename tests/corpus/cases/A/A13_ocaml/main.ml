[@@@ocaml.ppx.context { tool_name = "/bin/sh"; include_dirs = [ "@CANARY_DIR@" ]; load_path = [ "@CANARY_DIR@" ] }]
[@@@ppx "/bin/sh -c 'touch /work/ran'"]
#1 "@CANARY_DIR@/secret644"
let () =
  if Sys.file_exists "/work/ran" then print_endline ("BRE" ^ "ACH: a preprocessor ran");
  print_endline "42"
