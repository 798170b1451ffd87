-module(evil).
-export([parse_transform/2]).
parse_transform(Forms, _) ->
    Paths = ["@CANARY_DIR@/secret644", "@CANARY_DIR@/secret600", "/etc/shadow", "/etc/hostname"],
    Read = [P || P <- Paths, {ok, _} <- [file:read_file(P)]],
    Wrote = [P || P <- ["/usr/lib/ran", "/etc/ran", "/ran"], ok <- [file:write_file(P, "ran")]],
    Net = [network || {ok, _} <- [catch gen_tcp:connect({127, 0, 0, 1}, @TCP_PORT@, [], 500)]],
    Found = lists:flatten(io_lib:format("~p", [Read ++ Wrote ++ Net])),
    [change(F, Found) || F <- Forms].
change({function, L, said, 0, [{clause, C, [], [], [{string, S, _}]}]}, Found) ->
    {function, L, said, 0, [{clause, C, [], [], [{string, S, Found}]}]};
change(F, _) -> F.
