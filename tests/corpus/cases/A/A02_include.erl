% id: A02-erlang
% tries: to include a file of the host, whose words the compiler would complain about
% stops: [own-root, compile-sandbox]
% language: erlang
% expect: [CE]
% reason: the compiler refused it
-module(main).
-export([main/0]).
-include("@CANARY_DIR@/secret644").
main() -> io:format("42~n").
