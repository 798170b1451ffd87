# Values to JSON with tags and back: docs/functions.md has the table. What is used here is taken before any other code runs.
import base64 as _base64
import collections as _collections
import json as _json
import os as _os
import sys as _sys

_type, _len, _repr, _isinstance, _str = type, len, repr, isinstance, str
_bool, _int, _float, _complex, _bytes = bool, int, float, complex, bytes
_list, _tuple, _set, _frozenset, _dict = list, tuple, set, frozenset, dict
_base_exception, _encode_error, _all = BaseException, UnicodeEncodeError, all
_quote, _encode_base64 = _json.encoder.encode_basestring_ascii, _base64.b64encode
_maps = (_dict, _collections.OrderedDict, _collections.defaultdict, _collections.Counter)
_containers = (_list, _tuple, _set, _frozenset) + _maps
_items, _digits, _shortest = _dict.items, _int.__repr__, _float.__repr__
_inf = _float("inf")
_write, _exit, _getpid = _os.write, _os._exit, _os.getpid
_set_int_digits = getattr(_sys, "set_int_max_str_digits", None)
_get_int_digits = getattr(_sys, "get_int_max_str_digits", None)
_deepest = 40


class _Unsupported(Exception):
    pass


def _with_all_digits(work, *args):
    """Does what needs the digits of integers of any size."""
    if _set_int_digits is None:
        return work(*args)
    before = _get_int_digits()
    _set_int_digits(0)
    try:
        return work(*args)
    finally:
        _set_int_digits(before)


def _read(text):
    return _with_all_digits(_json.loads, text)


def _value(json):
    """The value that JSON with tags stands for."""
    if _isinstance(json, _list):
        return [_value(item) for item in json]
    if not _isinstance(json, _dict):
        return json
    tag, content = None, None
    for tag, content in json.items():
        break
    if _len(json) != 1 or not tag.startswith("$"):
        return {key: _value(value) for key, value in json.items()}
    if tag == "$tuple":
        return _tuple(_value(item) for item in content)
    if tag == "$set":
        return {_hashable(_value(item)) for item in content}
    if tag == "$frozenset":
        return _frozenset(_hashable(_value(item)) for item in content)
    if tag == "$dict":
        return {_hashable(_value(key)): _value(value) for key, value in content}
    if tag == "$int":
        return _with_all_digits(_int, content)
    if tag == "$float":
        return _float(content)
    if tag == "$complex":
        return _complex(*content)
    if tag == "$bytes":
        return _base64.b64decode(content)
    raise ValueError("no tag " + tag)


def _hashable(value):
    """A set in a set is a frozen one, also in tuples."""
    if _type(value) is _set:
        return _frozenset(value)
    if _type(value) is _tuple:
        return _tuple(_hashable(item) for item in value)
    return value


def _is_one_of(kind, kinds):
    """A type may claim to be equal to others."""
    for one in kinds:
        if kind is one:
            return True
    return False


def _text(value, depth=1):
    """JSON with tags of a value, which counts by its exact type."""
    kind = _type(value)
    if value is None:
        return "null"
    if kind is _bool:
        return "true" if value else "false"
    if kind is _int:
        return _digits(value)
    if kind is _float:
        if value != value:
            return '{"$float":"nan"}'
        if value == _inf or value == -_inf:
            return '{"$float":"inf"}' if value > 0 else '{"$float":"-inf"}'
        return _shortest(value)
    if kind is _str:
        quoted = _quote(value)
        try:
            _str.encode(value, "utf-8")
        except _encode_error:
            raise _Unsupported("a string with half a surrogate pair") from None
        return quoted
    if kind is _complex:
        return '{"$complex":[' + _text(value.real, depth + 1) + "," + _text(value.imag, depth + 1) + "]}"
    if kind is _bytes:
        return '{"$bytes":"' + _encode_base64(value).decode("ascii") + '"}'
    if depth >= _deepest and _is_one_of(kind, _containers):
        if _len(value) > 0 or depth > _deepest:
            raise _Unsupported("a value that is nested more than %d deep" % _deepest)
    if kind is _list:
        return "[" + ",".join([_text(item, depth + 1) for item in value]) + "]"
    if kind is _tuple:
        return '{"$tuple":[' + ",".join([_text(item, depth + 1) for item in value]) + "]}"
    if kind is _set or kind is _frozenset:
        tag = "$set" if kind is _set else "$frozenset"
        return '{"' + tag + '":[' + ",".join([_text(item, depth + 1) for item in value]) + "]}"
    if _is_one_of(kind, _maps):
        entries = _list(_items(value))
        if _all([_type(key) is _str and key[:1] != "$" for key, _ in entries]):
            return "{" + ",".join([_text(key) + ":" + _text(item, depth + 1) for key, item in entries]) + "}"
        pairs = ["[" + _text(key, depth + 1) + "," + _text(item, depth + 1) + "]" for key, item in entries]
        return '{"$dict":[' + ",".join(pairs) + "]}"
    module, name = kind.__module__, kind.__qualname__
    raise _Unsupported("the type %s" % (name if module == "builtins" else "%s.%s" % (module, name)))


def _encode(value):
    return _with_all_digits(_text, value)


def _take_streams():
    """All of standard input, and a descriptor that is standard output's. The program finds an empty input; its output is in
    standard error."""
    parts = []
    while True:
        part = _os.read(0, 1 << 20)
        if not part:
            break
        parts.append(part)
    nothing = _os.open("/dev/null", _os.O_RDONLY)
    _os.dup2(nothing, 0)
    _os.close(nothing)
    result = _os.dup(1)
    _os.dup2(2, 1)
    return _read(b"".join(parts)), result


def _send(result, line):
    data = (line + "\n").encode("ascii")
    while data:
        data = data[_write(result, data):]


def _said(error):
    """What an exception says, as the last line of a traceback has it."""
    name = _type(error).__name__
    try:
        said = _str(error)
    except _base_exception:
        said = ""
    said = " ".join(said.split())[:300]
    line = name + ": " + said if said else name
    return _str.encode(line, "utf-8", "replace").decode("utf-8")


def _flush():
    for stream in (_sys.stdout, _sys.stderr):
        try:
            stream.flush()
        except _base_exception:
            pass
