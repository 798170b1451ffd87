main :-
    read_string(user_input, _, Text),
    split_string(Text, " \n", " \n", Words),
    exclude(==(""), Words, NonEmpty),
    maplist([Word, Number]>>number_string(Number, Word), NonEmpty, [N | Numbers]),
    length(Summands, N),
    append(Summands, _, Numbers),
    sum_list(Summands, Sum),
    writeln(Sum).
