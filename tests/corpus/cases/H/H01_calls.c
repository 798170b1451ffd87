// id: H01
// tries: every number of a call, each with six zeros
// stops: [filter-default, filter-refuse, filter-xattr, filter-socket]
// needs: [x86_64]
// limits: {cpu_ms: 6000, wall_ms: 12000}
// expect: [AC]
// stdout: |
//   allowed: 0-15 17-28 32-40 44-48 51-52 55-63 72 74-91 95-100 102 104 107-112 115 118 120-121 124-125 127-128 130-132 135 137-138 140 143-152 160 186-187 200-204 213 217-219 221-226 228-235 247 257-258 261-271 273-274 280-281 283-287 290-293 295-296 302 309 315-316 318-319 324-325 327-328 332 334 436 439 441 452
//   EPERM: 42-43 49-50 54 73 92-94 105-106 113-114 116-117 119 122-123 126 129 133 141-142 159 162 164 170-171 227 251-252 259-260 277 288 297 299 305-307 314 317
//   ENOTSUP: 188-199
//   EAFNOSUPPORT: 41 53
//   SIGSYS:
//   not tried: 101 103 153 155 161 163 165-169 172-173 175-176 179 212 246 248-250 272 298 300-301 303-304 308 310-313 320-321 323 428-433 438 442-443
// stdin: "zeros\n"

#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

// Calls that end the run, so that nothing would come after them; H01-kill makes each of them.
static const short ends[] = {101, 103, 153, 155, 161, 163, 165, 166, 167, 168, 169, 172, 173, 175, 176, 179, 212, 246, 248,
                             249, 250, 272, 298, 300, 301, 303, 304, 308, 310, 311, 312, 313,
                             320, 321, 323, 428, 429, 430, 431, 432, 433, 438, 442, 443};

static volatile char *result;

static long call(long number, const long *a) {
    register long r10 __asm__("r10") = a[3], r8 __asm__("r8") = a[4], r9 __asm__("r9") = a[5];
    long answer = number;
    __asm__ volatile("syscall"
                     : "+a"(answer)
                     : "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return answer;
}

// One call in a child of its own, which may end by it, sleep in it, or come back twice. Returns how the child ended.
static int attempt(long number, const long *arguments, int milliseconds) {
    *result = 'a';
    int status;
    pid_t child = fork();
    if (child == 0) {
        struct itimerval soon = {.it_value = {0, milliseconds * 1000}};
        setitimer(ITIMER_REAL, &soon, 0);
        // So that no call finds something to work on in descriptor 0.
        close_range(0, 2, 0);
        long answer = call(number, arguments);
        if (answer < 0 && answer > -4096)
            *result = answer == -ENOSYS                   ? 'n'
                      : answer == -EPERM                  ? 'p'
                      : answer == -ENOTSUP                ? 'x'
                      : answer == -EAFNOSUPPORT           ? 'f'
                      : answer == -ENXIO && number == 336 ? 'u'
                                                          : 'a';
        static const long none[6];
        call(231, none);
    }
    while (waitpid(child, &status, __WALL) < 0 && errno == EINTR) {
    }
    return status;
}

static char fate(long number, const long *arguments) {
    int status = attempt(number, arguments, 50);
    // Asleep, or on a slow machine not there yet.
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        status = attempt(number, arguments, 800);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
        return 'k';
    // uretprobe and uprobe: kernels since 6.14 let them by every filter, and refuse whoever does not come from a trampoline that
    // they made themselves: by a signal, or by ENXIO.
    if (number == 335 && WIFSIGNALED(status) && WTERMSIG(status) == SIGILL)
        return 'n';
    if (number == 336 && *result == 'u')
        return 'n';
    // rseq, which a kernel may be built without, and fchmodat2, which came with 6.6: allowed and not there looks the same as
    // not allowed.
    if ((number == 334 || number == 452) && *result == 'n')
        return 'a';
    return *result;
}

int main(void) {
    static char fates[1024];
    result = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char what[16] = "";
    if (!fgets(what, sizeof what, stdin)) return 2;
    long word = 0;
    if (what[0] == 'm') word = -1;
    // An address whose lower half is the flag of a new PID namespace, should it be taken for flags.
    if (what[0] == 'p') word = (long)mmap((void *)0x20000000, 1 << 16, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const long arguments[6] = {word, word, word, word, word, word};
    for (int n = 0; n < 1024; n++) {
        fates[n] = 'e';
        for (unsigned i = 0; i < sizeof ends / sizeof *ends; i++)
            if (ends[i] == n)
                goto next;
        fates[n] = fate(n, arguments);
    next:;
    }
    const char *names[] = {"allowed", "EPERM", "ENOTSUP", "EAFNOSUPPORT", "SIGSYS", "not tried"}, kinds[] = "apxfke";
    for (int k = 0; k < 6; k++) {
        printf("%s:", names[k]);
        for (int n = 0, from; n < 1024; n++)
            if (fates[from = n] == kinds[k]) {
                while (n < 1023 && fates[n + 1] == kinds[k])
                    n++;
                printf(from == n ? " %d" : " %d-%d", from, n);
            }
        puts("");
    }
    return 0;
}
