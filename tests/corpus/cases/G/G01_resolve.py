# id: G01-resolve
# tries: to resolve names and to fetch a page with what the standard library has
# stops: [filter-socket, net-namespace]
# expect: [AC]

import socket
import subprocess
import sys
import urllib.request

odd = False


def refused(what, call):
    global odd
    try:
        got = call()
    except (OSError, socket.gaierror) as error:
        # The library wraps what the kernel said; a network that is there but leads nowhere is not what must be seen.
        text = str(error)
        if not any(part in text for part in ("not supported", "name resolution", "not known", "not implemented")):
            odd = True
            print(what, "->", text)
        return
    odd = True
    print(f"BREACH: {what}: {got!r}", file=sys.stderr)


refused("a name", lambda: socket.getaddrinfo("example.org", 80))
refused("a connection", lambda: socket.create_connection(("1.1.1.1", 53), 0.5))
refused("a page", lambda: urllib.request.urlopen("http://93.184.216.34/", timeout=0.5).read(99))
refused("a datagram", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
refused("version 6", lambda: socket.socket(socket.AF_INET6))
for tool in (["bash", "-c", "exec 3<>/dev/tcp/1.1.1.1/53 && echo reached"],
             ["perl", "-MIO::Socket::INET", "-e", "print 'reached' if IO::Socket::INET->new('1.1.1.1:53')"]):
    try:
        out = subprocess.run(tool, capture_output=True, text=True, timeout=3).stdout
    except FileNotFoundError:
        continue
    if "reached" in out:
        odd = True
        print("BREACH:", tool[0], "got out", file=sys.stderr)
if not odd:
    print(42)
