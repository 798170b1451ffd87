#!/usr/bin/python3
"""Writes hostile archives of problem packages into a directory: make.py DIRECTORY [OUTSIDE].

Each holds the same small package and one thing that no archive should hold. OUTSIDE is a directory that exists and is empty; an
archive that is unpacked without care leaves a file "planted" there, or takes "secret" from it. One name a line is printed: the
archive, and "refused" or "any" for what may become of it; "any" means that it may be graded, but only without the effect.
"""
import io
import os
import stat
import struct
import sys
import tarfile
import warnings
import zipfile
import zlib

warnings.simplefilter("ignore")

target, outside = sys.argv[1], os.path.abspath(sys.argv[2] if len(sys.argv) > 2 else "/tmp/outside")
GOOD = {
    "problem.yaml": b"problem_format_version: legacy\nname: Six times\nlimits:\n  memory: 128\n",
    ".timelimit": b"1\n",
    "data/secret/1.in": b"7\n",
    "data/secret/1.ans": b"42\n",
    "submissions/accepted/right.py": b"print(6 * int(input()))\n",
}
UP = "../" * 12 + outside.lstrip("/")


def archive(name, expectation, kind, fill):
    path = os.path.join(target, name)
    if kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
            for entry, data in GOOD.items():
                out.writestr("p/" + entry, data)
            fill(out)
    else:
        with tarfile.open(path, "w:" + kind, **({"compresslevel": 1} if kind else {})) as out:
            for entry, data in GOOD.items():
                add(out, "p/" + entry, data)
            fill(out)
    print(name, expectation)


def add(out, name, data=b"", **fields):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for field, value in fields.items():
        setattr(info, field, value)
    out.addfile(info, io.BytesIO(data))


def link(name, to):
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info, to


def zip_entries(*entries):
    def fill(out):
        for entry in entries:
            out.writestr(*entry)
    return fill


def tar_entries(*entries):
    def fill(out):
        for name, data, fields in entries:
            add(out, name, data, **fields)
    return fill


SYM, HARD = {"type": tarfile.SYMTYPE}, {"type": tarfile.LNKTYPE}
# Ways out by a name.
for word, name in [("up", UP + "/planted"), ("inner", "p/data/../../" + UP + "/planted"), ("absolute", outside + "/planted"),
                   ("backslash", "..\\" * 12 + "planted"), ("dots", "p/.."), ("drive", "C:/planted"), ("slashes", "//" + outside + "/planted")]:
    archive("zip-%s.zip" % word, "refused" if word in ("up", "inner", "dots") else "any", "zip", zip_entries((name, b"x")))
    archive("tar-%s.tar" % word, "any" if word in ("backslash", "drive") else "refused", "", tar_entries((name, b"x", {})))
# Ways out by a link, at once and through it.
archive("zip-link.zip", "refused", "zip", zip_entries(link("p/data/secret/2.in", outside + "/secret"), ("p/data/secret/2.ans", b"x")))
archive("zip-through.zip", "refused", "zip", zip_entries(link("p/out", outside), ("p/out/planted", b"x")))
archive("tar-link.tar", "refused", "", tar_entries(("p/data/secret/2.in", b"", dict(SYM, linkname=outside + "/secret")), ("p/data/secret/2.ans", b"x", {})))
archive("tar-link-up.tar", "refused", "", tar_entries(("p/data/secret/2.in", b"", dict(SYM, linkname="../../" + UP + "/secret")), ("p/data/secret/2.ans", b"x", {})))
archive("tar-through.tar", "refused", "", tar_entries(("p/out", b"", dict(SYM, linkname=outside)), ("p/out/planted", b"x", {})))
archive("tar-chain.tar", "refused", "", tar_entries(("p/a", b"", dict(SYM, linkname=".")), ("p/a/b", b"", dict(SYM, linkname="..")), ("p/a/b/c", b"", dict(SYM, linkname="../" * 12 + outside.lstrip("/"))), ("p/a/b/c/planted", b"x", {})))
archive("tar-hard.tar", "refused", "", tar_entries(("p/data/secret/2.in", b"", dict(HARD, linkname=outside + "/secret")), ("p/data/secret/2.ans", b"x", {})))
archive("tar-circle.tar", "any", "", tar_entries(("p/a", b"", dict(SYM, linkname="b")), ("p/b", b"", dict(SYM, linkname="a"))))
archive("tar-root.tar", "any", "", tar_entries(("p/data/more", b"", dict(SYM, linkname="."))))
# What is no file.
for word, kind in [("pipe", tarfile.FIFOTYPE), ("device", tarfile.CHRTYPE), ("block", tarfile.BLKTYPE)]:
    archive("tar-%s.tar" % word, "refused", "", tar_entries(("p/data/secret/2.in", b"", {"type": kind, "devmajor": 1, "devminor": 5}), ("p/data/secret/2.ans", b"x", {})))
archive("tar-modes.tar", "any", "", tar_entries(("p/data/secret/2.in", b"7\n", {"mode": 0o6777, "uid": 0, "gid": 0}), ("p/data/secret/2.ans", b"42\n", {"mode": 0}), ("p/closed", b"", {"type": tarfile.DIRTYPE, "mode": 0})))
# Names that come twice, or are no names.
archive("zip-twice.zip", "refused", "zip", zip_entries(("p/data/secret/1.ans", b"41\n")))
archive("tar-twice.tar", "refused", "", tar_entries(("p/data/secret/1.ans", b"41\n", {})))
archive("tar-both.tar", "refused", "", tar_entries(("p/data/secret/1.ans/x", b"41\n", {})))
archive("tar-names.tar", "any", "", tar_entries(*[("p/data/secret/" + name, b"x", {}) for name in ["a\nb", "\x1b[2J", "-rf", "$(touch planted)", "%s%n", "\u202ex", " "]]))
archive("tar-long.tar", "any", "", tar_entries(("p/" + "n" * 300, b"x", {})))
archive("tar-deep.tar", "any", "", tar_entries(("p/" + "d/" * 5000 + "x", b"x", {})))
archive("zip-deep.zip", "any", "zip", zip_entries(("p/" + "d/" * 5000 + "x", b"x")))
# Too much: bytes that are nearly all zero, entries that are all empty, archives in archives.
zeros = bytes(16 << 20)
archive("zip-many.zip", "any", "zip", lambda out: [out.writestr(zipfile.ZipInfo("p/many/%d" % n), b"") for n in range(120000)])
archive("tar-many.tgz", "any", "gz", lambda out: [add(out, "p/many/%d" % n) for n in range(120000)])


def nested(out):
    data = zlib.compress(zeros, 1)
    for depth in range(20):
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as again:
            for number in range(16 if depth < 6 else 1):
                again.writestr("%d.zip" % number, data)
        data = inner.getvalue()
    out.writestr("p/more.zip", data)


archive("zip-nested.zip", "any", "zip", nested)
# A header that lies about what follows it.
with open(os.path.join(target, "tar-lies.tar"), "wb") as out:
    info = tarfile.TarInfo("p/problem.yaml")
    info.size = 1 << 40
    out.write(info.tobuf(tarfile.GNU_FORMAT) + b"name: x\n".ljust(512, b"\0"))
print("tar-lies.tar refused")
with open(os.path.join(target, "tar-sparse.tar"), "wb") as out:
    info = tarfile.TarInfo("p/sparse")
    info.type = tarfile.GNUTYPE_SPARSE
    block = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    block[386:483] = b"%011o\0%011o\0" % (1 << 32, 0) + bytes(24 * 3 + 1)
    block[483:495] = b"77777777777\0"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    out.write(bytes(block) + bytes(1024))
print("tar-sparse.tar refused")
for word, size in [("size", 0xFFFFFFFE), ("small", 1), ("offset", 0)]:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as out:
        for entry, data in GOOD.items():
            out.writestr("p/" + entry, data)
        if word == "small":
            out.writestr("p/zero", bytes(64 << 20), zipfile.ZIP_DEFLATED)
    data = bytearray(inner.getvalue())
    end = data.rfind(b"PK\x05\x06")
    central = struct.unpack_from("<I", data, end + 16)[0]
    at = data.rfind(b"PK\x01\x02") if word == "small" else central
    if word == "small":
        struct.pack_into("<I", data, struct.unpack_from("<I", data, at + 42)[0] + 22, 1)
    struct.pack_into("<I", data, at + (42 if word == "offset" else 24), size if size else 0x7FFFFFFF)
    with open(os.path.join(target, "zip-%s.zip" % word), "wb") as out:
        out.write(data)
    print("zip-%s.zip" % word, "any" if word == "small" else "refused")
# One entry whose bytes are those of all others: each name costs a header and unpacks to all that follows.
inner = io.BytesIO()
with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as out:
    for entry, data in GOOD.items():
        out.writestr("p/" + entry, data)
    out.writestr("p/zero", bytes(64 << 20))
data = inner.getvalue()
end = data.rfind(b"PK\x05\x06")
central, count = struct.unpack_from("<I", data, end + 16)[0], struct.unpack_from("<H", data, end + 10)[0]
last = data.rfind(b"PK\x01\x02", central, end)
entries = bytearray(data[central:end])
for number in range(100):
    entry = bytearray(data[last:end])
    entry[46:52] = b"p/z%03d" % number
    entries += entry
with open(os.path.join(target, "zip-overlap.zip"), "wb") as out:
    out.write(data[:central] + entries + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count + 100, count + 100, len(entries), central, 0))
print("zip-overlap.zip refused")
