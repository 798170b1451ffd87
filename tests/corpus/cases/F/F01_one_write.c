// id: F01-one
// tries: to fill the judge's memory with one call that writes two GiB
// stops: [stdout-cap]
// limits: {cpu_ms: 2000, pids: 4}
// expect: [OLE]
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

int main(void) {
    // Pages that nobody has written are all the same one.
    size_t size = 4ul << 30;
    char *nothing = mmap(0, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    long written = nothing == MAP_FAILED ? -1 : write(1, nothing, size);
    if (written > 1 << 20) write(2, "BREACH: it was taken\n", 21);
    return 0;
}
