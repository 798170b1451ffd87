

# Finds the tests of a record of a data set: runs its own solution under its own tests and notes each call and what it returns.
import ast as _ast
import random as _random


class _Unfit(Exception):
    pass


class _Calls:
    """The calls of a function in a text of tests, each of which must be compared with a value and with nothing else done to its
    result; otherwise equality is not what the tests ask for."""

    def __init__(self, tree, name):
        self.absolute, self.relative, self.truth = None, None, False
        self.name, self.parents = name, {}
        for node in _ast.walk(tree):
            if isinstance(node, _ast.Assert):
                # Only made of an assert that fails, and none does.
                node.msg = None
            for child in _ast.iter_child_nodes(node):
                self.parents[child] = node
        for node in _ast.walk(tree):
            if isinstance(node, _ast.Name) and node.id == name:
                parent = self.parents.get(node)
                if isinstance(parent, _ast.Call) and parent.func is node:
                    self.look(parent)
                elif not isinstance(node.ctx, _ast.Load):
                    self.give_up(node, "names something else so")
                else:
                    self.give_up(node, "uses it otherwise than by a call")

    def give_up(self, node, what):
        raise _Unfit("line %d of the tests %s: only asserts that compare results with values can be converted" % (node.lineno, what))

    def look(self, call):
        node, parent = call, self.parents.get(call)
        while isinstance(parent, _ast.UnaryOp) and isinstance(parent.op, _ast.Not):
            node, parent = parent, self.parents.get(parent)
        if isinstance(parent, _ast.BoolOp) or isinstance(parent, _ast.Assert) and parent.test is node:
            self.truth = True
            return self.look_in(node, call)
        if not isinstance(parent, (_ast.BoolOp, _ast.Assert)) and self.calls_in(parent) > 1:
            self.give_up(call, "compares results with each other")
        if isinstance(parent, _ast.BinOp) and isinstance(parent.op, _ast.Sub):
            return self.near(parent, call)
        if isinstance(parent, _ast.Call) and self.called(parent) == "isclose" and node in parent.args[:2]:
            bounds = {word.arg: self.number(word.value, call) for word in parent.keywords}
            self.relative = max(bounds.get("rel_tol", 1e-9), self.relative or 0)
            self.absolute = max(bounds.get("abs_tol", 0), self.absolute or 0)
            return self.look_in(parent, call)
        if isinstance(parent, _ast.Compare) and all(isinstance(op, (_ast.Eq, _ast.Is)) for op in parent.ops):
            return self.look_in(parent, call)
        self.give_up(call, "does something else with the result")

    def calls_in(self, node):
        names = (part.func for part in _ast.walk(node) if isinstance(part, _ast.Call))
        return sum(isinstance(part, _ast.Name) and part.id == self.name for part in names)

    def look_in(self, node, call):
        """What has the comparison must be asserted, alone or with others."""
        parent = self.parents.get(node)
        while isinstance(parent, _ast.BoolOp) and isinstance(parent.op, _ast.And):
            node, parent = parent, self.parents.get(parent)
        if not (isinstance(parent, _ast.Assert) and parent.test is node):
            self.give_up(call, "does something else with the result")

    def near(self, difference, call):
        """abs(f(x) - y) < bound"""
        size = self.parents.get(difference)
        compare = self.parents.get(size)
        if (isinstance(size, _ast.Call) and self.called(size) in ("abs", "fabs") and isinstance(compare, _ast.Compare)
                and compare.left is size and len(compare.ops) == 1 and isinstance(compare.ops[0], (_ast.Lt, _ast.LtE))):
            self.absolute = max(self.number(compare.comparators[0], call), self.absolute or 0)
            return self.look_in(compare, call)
        self.give_up(call, "does something else with the result")

    @staticmethod
    def called(call):
        return call.func.attr if isinstance(call.func, _ast.Attribute) else getattr(call.func, "id", None)

    def number(self, node, call):
        """A constant, such as 1e-6 or 10 ** -6."""
        try:
            return float(eval(compile(_ast.Expression(node), "tests", "eval"), {}))
        except Exception:
            self.give_up(call, "has a tolerance that is no number")


class _Recorder:
    """Calls a function and notes what went in, as it was before the call, and what came out."""

    def __init__(self, function):
        self.function, self.depth, self.calls, self.failure, self.truth = function, 0, [], None, True

    def __call__(self, *args, **kwargs):
        if self.depth > 0:
            # The solution calls itself.
            return self.function(*args, **kwargs)
        place = "call %d" % (len(self.calls) + 1)
        before = self.text(place + " has arguments with", [list(args), kwargs])
        self.depth += 1
        try:
            value = self.function(*args, **kwargs)
        except BaseException as error:
            self.failure = self.failure or "%s raises %s, and only values can be compared" % (place, _said(error))
            raise
        finally:
            self.depth -= 1
        after = self.text(place + " returns", value)
        self.truth = self.truth and _type(value) is _bool
        if before and after:
            self.calls.append('{"call":%s,"returns":%s}' % (before, after))
        return value

    def text(self, what, value):
        try:
            return _encode(value)
        except _Unsupported as error:
            self.failure = self.failure or "%s %s, which cannot be expressed" % (what, error)
            return None


def _run(text, name, module):
    exec(compile(text, name, "exec", dont_inherit=True), module.__dict__)


def _record(request):
    module = _type(_sys)("solution")
    _sys.modules["solution"] = module
    _run(request["solution"], "solution.py", module)
    _run(request["setup"], "setup.py", module)
    # So that the same file is converted to the same tests.
    _random.seed(0)
    name, tests = request["function"], _ast.parse(request["tests"])
    if request["kind"] == "humaneval":
        checks = [node for node in tests.body if isinstance(node, _ast.FunctionDef) and node.name == "check"]
        if len(checks) != 1 or len(checks[0].args.args) != 1:
            raise _Unfit("its tests have no function check(candidate)")
        check = checks[0]
        found = _Calls(_ast.Module(check.body, []), check.args.args[0].arg)
        if name not in module.__dict__:
            raise _Unfit("its solution has no function '%s'" % name)
        recorder = _Recorder(module.__dict__[name])
        _run(request["tests"], "tests.py", module)
        module.__dict__["check"](recorder)
    else:
        if name is None:
            called = {node.func.id for node in _ast.walk(tests) if isinstance(node, _ast.Call) and isinstance(node.func, _ast.Name)}
            own = _ast.parse(request["solution"])
            defined = {node.name for node in own.body if isinstance(node, _ast.FunctionDef)} & called
            if len(defined) != 1:
                which = ", ".join(sorted(defined)) if defined else "none"
                raise _Unfit("its tests should call one function of its code, and call %s" % which)
            name = defined.pop()
        found = _Calls(tests, name)
        recorder = module.__dict__[name] = _Recorder(module.__dict__[name])
        _run(request["tests"], "tests.py", module)
    if recorder.failure:
        raise _Unfit(recorder.failure)
    if not recorder.calls:
        raise _Unfit("its tests call nothing")
    if found.truth and not recorder.truth:
        raise _Unfit("its tests ask whether a result is true that is no bool")
    bounds = ["null" if bound is None else _shortest(_float(bound)) for bound in (found.absolute, found.relative)]
    return '{"function":%s,"absolute":%s,"relative":%s,"calls":[%s]}' % (_quote(name), *bounds, ",".join(recorder.calls))


def _main():
    request, result = _take_streams()
    try:
        line = '{"recorded":%s}' % _record(request)
    except _Unfit as error:
        line = '{"unfit":%s}' % _quote(_str(error))
    except _base_exception as error:
        line = '{"unfit":%s}' % _quote("its own solution fails its own tests: " + _said(error))
    _flush()
    _send(result, line)
    _exit(0)


_main()
