main :- writeln(hello).
