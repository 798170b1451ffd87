-module(main).
-export([main/0]).
main() ->
    case application:get_env(kernel, evil) of
        undefined -> ok;
        _ -> io:format("~s~s: a configuration was read~n", ["BRE", "ACH"])
    end,
    io:format("42~n").
