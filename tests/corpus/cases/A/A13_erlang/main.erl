-module(main).
-export([main/0]).
-compile({parse_transform, evil}).
said() -> "nothing ran".
main() ->
    case said() of
        "[]" -> ok;
        "nothing ran" -> io:format("nothing ran~n");
        Found -> io:format("~s~s: ~s~n", ["BRE", "ACH", Found])
    end,
    io:format("42~n").
