def f(x):
    return 5
