// id: J15-c
// tries: to be graded as C while the work is done in other languages, and to have more rights there
// stops: [inherited-filter, own-root, kill-group]
// limits: {memory_mib: 256, pids: 32, cpu_ms: 4000, wall_ms: 9000}
// expect: [AC]
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const programs[][4] = {
    {"/usr/bin/python3", "-c", "import socket\nfor p in ('@CANARY_DIR@/secret644', '/etc/shadow'):\n try: print('got', open(p).read())\n except OSError: pass\ntry: socket.create_connection(('127.0.0.1', @TCP_PORT@), 1); print('got network')\nexcept OSError: pass\n", 0},
    {"/usr/bin/perl", "-e", "for (\"@CANARY_DIR@/secret644\", '/etc/shadow') { print 'got ', <F> if open(F, '<', $_) } print 'got', ' root' if $> == 0 && open(F, '>', '/usr/lib/ran')", 0},
    {"/bin/bash", "-c", "cat @CANARY_DIR@/secret* /etc/shadow; (exec 3<>/dev/tcp/127.0.0.1/@TCP_PORT@) && echo got; (echo x >/usr/lib/ran) && echo got", 0},
    {"/usr/bin/awk", "BEGIN { while ((getline l < \"@CANARY_DIR@/secret644\") > 0) print \"got \" l }", 0, 0},
    {"/usr/bin/su", "-c", "cat @CANARY_DIR@/secret600", 0},
    {"/usr/bin/newgrp", 0, 0, 0},
};

int main(void) {
    for (int i = 0; i < 6; i++) {
        int out[2];
        char text[4096];
        if (pipe(out)) return 1;
        if (fork() == 0) {
            dup2(out[1], 1);
            close(2);
            close(0);
            execv(programs[i][0], (char *const[]){(char *)programs[i][0], (char *)programs[i][1], (char *)programs[i][2], 0});
            _exit(1);
        }
        close(out[1]);
        ssize_t count, all = 0;
        while (all < (ssize_t)sizeof text - 1 && (count = read(out[0], text + all, sizeof text - 1 - all)) > 0) all += count;
        text[all > 0 ? all : 0] = 0;
        if (all > 0) printf("BRE" "ACH: %s: %s\n", programs[i][0], text);
        close(out[0]);
        wait(NULL);
    }
    puts("42");
    return 0;
}
