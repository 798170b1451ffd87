# id: J15-python
# tries: to compile another language's program while it runs, and to run that with the rights of a compiler
# stops: [inherited-filter, own-root]
# limits: {memory_mib: 512, pids: 32, cpu_ms: 4000, wall_ms: 9000}
# expect: [AC]
import os
import subprocess

SOURCE = r"""
#include <stdio.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <fcntl.h>
#include <unistd.h>
int main(void) {
    int fd = open("/usr/bin/env", O_RDONLY);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) puts("a lock");
    if (socket(AF_INET, SOCK_STREAM, 0) >= 0) puts("a socket");
    if (access("@CANARY_DIR@/secret644", R_OK) == 0) puts("a canary");
    if (setuid(0) == 0) puts("root");
    return 0;
}
"""
said = ""
if os.path.exists("/usr/bin/gcc"):
    with open("/tmp/a.c", "w") as source:
        source.write(SOURCE)
    subprocess.run(["gcc", "-o", "/tmp/a", "/tmp/a.c"], check=True)
    said = subprocess.run(["/tmp/a"], stdout=subprocess.PIPE, text=True).stdout
if said:
    print("BRE" + "ACH:", said)
print(42)
