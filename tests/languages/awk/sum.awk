{
    for (i = 1; i <= NF; i++) {
        if (seen++ == 0) n = $i
        else if (seen <= n + 1) sum += $i
    }
}
END { print sum + 0 }
