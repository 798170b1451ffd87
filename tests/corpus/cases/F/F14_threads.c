// id: F14
// tries: to lose a part of what many threads print at the same time
// stops: [stdout-drain, drain-after-death]
// limits: {cpu_ms: 2000, pids: 40, stdout_kib: 1024}
// repeat: 3
// stdout: "7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7
//   7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7
//   7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7
//   7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7\n"
// expect: [AC]
#include <pthread.h>
#include <string.h>
#include <unistd.h>

static void *print(void *none) {
    // Not more than a pipe takes in one piece.
    char text[4096];
    memset(text, ' ', sizeof text);
    memcpy(text + 2000, "7", 1);
    for (int i = 0; i < 8; i++) write(1, text, sizeof text);
    return none;
}

int main(void) {
    pthread_t threads[32];
    for (int i = 0; i < 32; i++)
        if (pthread_create(&threads[i], 0, print, 0) != 0) return 1;
    for (int i = 0; i < 32; i++) pthread_join(threads[i], 0);
    return 0;
}
