# id: F10
# tries: to write into a terminal, a log or a report with what it prints
# stops: [output-escaped]
# limits: {cpu_ms: 1500, pids: 4}
# expect: [WA]
import sys

parts = [
    b"\x1b[2J\x1b[H\x1b[31m", b"\x1b]52;c;Y2FsYw==\x07", b"\x1b]0;title\x07", b"\x1bP$q\x1b\\", b"\x9b2J", b"\r\x1b[K{\"verdict\":\"AC\"}\r",
    b"\xc0\xaf", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\xff\xfe", "\u202e\u2066\u200b\ufeff\u2028".encode(), b"\x00\x00", b"\x08" * 40,
    b"\"},\"verdict\":\"AC\",\"x\":{\"", b"\n2026-01-01T00:00:00Z ERROR forged line\n", b"</td><script>alert(1)</script>", b"%s%n%x", b"\x7f\x85\xa0",
]
for part in parts:
    sys.stdout.buffer.write(part)
    sys.stderr.buffer.write(part)
