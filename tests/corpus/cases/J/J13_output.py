# id: J13-output
# tries: to have something else judged than what it has printed, by changing it afterwards or naming other files
# stops: [output-is-a-pipe, copies-by-descriptor]
# expect: [WA]
# reason: got "41"
import os

os.write(1, b"41\n")
for path in ["/proc/self/fd/1", "/dev/stdout", "/dev/fd/1"]:
    for flags in [os.O_WRONLY | os.O_TRUNC, os.O_RDWR]:
        try:
            fd = os.open(path, flags | os.O_NONBLOCK)
            if os.lseek(fd, 0, 0) == 0:
                os.pwrite(fd, b"42\n", 0)
                print("BRE" + "ACH: the output can be written again")
        except OSError:
            pass
for call in [lambda: os.ftruncate(1, 0), lambda: os.lseek(1, 0, 0), lambda: os.pwrite(1, b"42\n", 0)]:
    try:
        call()
        print("BRE" + "ACH: the output is a file")
    except OSError:
        pass
for name in ["stdout", "output.txt", "out", "1.out", "/tmp/stdout", "/tmp/output.txt", "/dev/shm/stdout"]:
    try:
        with open(name, "w") as out:
            out.write("42\n")
    except OSError:
        pass
try:
    os.read(1, 10)
    print("BRE" + "ACH: the output can be read")
except OSError:
    pass
