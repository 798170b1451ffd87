// id: D07
// tries: to keep its memory in the buffers of sockets
// stops: [memory-limit]
// limits: {cpu_ms: 10000, wall_ms: 30000, memory_mib: 12}
// expect: [MLE]
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static char block[1 << 15];

int main(void) {
    long total = 0;
    for (int i = 0; i < 120; i++) {
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends)) return 3;
        for (int side = 0; side < 2; side++)
            for (ssize_t sent; total < 48 << 20 && (sent = send(ends[side], block, sizeof block, MSG_DONTWAIT)) > 0;)
                total += sent;
    }
    if (total < 16 << 20) return 4;
    fprintf(stderr, "BREACH: %ld bytes in sockets\n", total);
    puts("42");
}
