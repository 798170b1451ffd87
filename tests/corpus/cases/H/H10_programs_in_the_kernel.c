// id: H10
// tries: to give the kernel programs, counters, page faults to handle and keys to keep
// stops: [filter-kill]
// expect: [RTE]
// reason: bpf (
// message:
//   stop: never
//   tests:
//     - {id: bpf_map, stdin: "0\n", expected: "42\n"}
//     - {id: bpf_program, stdin: "1\n", expected: "42\n"}
//     - {id: perf_event_open, stdin: "2\n", expected: "42\n"}
//     - {id: userfaultfd, stdin: "3\n", expected: "42\n"}
//     - {id: userfaultfd_user, stdin: "4\n", expected: "42\n"}
//     - {id: keyctl, stdin: "5\n", expected: "42\n"}

#define _GNU_SOURCE
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    int which = -1;
    long r = 0;
    scanf("%d", &which);
    union bpf_attr map = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1};
    struct bpf_insn end[] = {{.code = 0xb7}, {.code = 0x95}};
    union bpf_attr program = {.prog_type = BPF_PROG_TYPE_SOCKET_FILTER, .insn_cnt = 2, .insns = (long)end, .license = (long)"GPL"};
    struct perf_event_attr event = {.type = PERF_TYPE_SOFTWARE, .size = sizeof event, .exclude_kernel = 1};
    switch (which) {
        case 0: r = syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof map); break;
        case 1: r = syscall(SYS_bpf, BPF_PROG_LOAD, &program, sizeof program); break;
        case 2: r = syscall(SYS_perf_event_open, &event, 0, -1, -1, 0L); break;
        case 3: r = syscall(SYS_userfaultfd, 0); break;
        case 4: r = syscall(SYS_userfaultfd, 1); break;
        case 5: r = syscall(SYS_keyctl, 0, -3L, 1L); break;
    }
    fprintf(stderr, "BREACH: call %d returned %ld: %m\n", which, r);
    puts("42");
    return 0;
}
