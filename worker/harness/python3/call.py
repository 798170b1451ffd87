

def _load(path):
    """The submission's main file as a module. It is __main__ too, for who looks there; but its own name is another, so that
    what it does only as a program it does not do."""
    directory, _, file = path.rpartition("/")
    name = file.rpartition(".")[0]
    if not name.isidentifier() or name in _sys.modules:
        name = "submission"
    module = _type(_sys)(name)
    module.__file__ = path
    _sys.argv[:] = [path]
    _sys.path[0] = directory
    _sys.modules[name] = _sys.modules["__main__"] = module
    with open(path, "rb") as source:
        code = compile(source.read(), path, "exec", dont_inherit=True)
    exec(code, module.__dict__)
    return module


def _main():
    request, result = _take_streams()
    show, nonce, name = _sys.excepthook, request["nonce"], request["function"]
    process = _getpid()
    args = [_value(arg) for arg in request["args"]]
    kwargs = {key: _value(arg) for key, arg in request["kwargs"].items()}
    try:
        module = _load(request["main"])
        if name not in module.__dict__:
            raise NameError("the program has no function '%s'" % name)
        value = module.__dict__[name](*args, **kwargs)
        try:
            said = '"value":' + _encode(value)
        except _Unsupported as error:
            said = '"unsupported":' + _quote(_str(error))
        code = 0
    except _base_exception as error:
        said = '"raised":' + _quote(_said(error))
        code = 1
        if _getpid() == process:
            trace = error.__traceback__
            show(_type(error), error, trace and trace.tb_next)
    _flush()
    # A child that the program forgot to end has no result.
    if _getpid() == process:
        _send(result, '{"nonce":"%s",%s}' % (nonce, said))
    _exit(code)


_main()
