// id: G02-lists
// tries: to learn interfaces, sockets and routes of the host from the kernel's lists
// stops: [net-namespace]
// expect: [AC]

#include <stdio.h>
#include <string.h>

static int odd;

// Counts the lines after the first; a list that is not there has none.
static void no_entries(const char *name) {
    char path[64], line[512];
    snprintf(path, sizeof path, "/proc/self/net/%s", name);
    FILE *f = fopen(path, "r");
    if (!f)
        return;
    // A local socket without a name is an end of a pair, which the sandbox has, too, when the program begins.
    int local = !strcmp(name, "unix");
    for (int n = 0; fgets(line, sizeof line, f); n++)
        if (n > 0 && (!local || strpbrk(line, "@/"))) {
            odd = 1;
            fprintf(stderr, "BREACH: %s has %s", name, line);
            break;
        }
    fclose(f);
}

int main(void) {
    const char *lists[] = {"tcp", "tcp6", "udp", "udp6", "udplite", "raw", "raw6", "icmp", "packet", "unix", "arp", "route"};
    for (unsigned i = 0; i < sizeof lists / sizeof *lists; i++)
        no_entries(lists[i]);
    char line[512], name[64];
    FILE *f = fopen("/proc/self/net/dev", "r");
    for (int n = 0; f && fgets(line, sizeof line, f); n++) {
        unsigned long in = 0, out = 0;
        // Two lines of titles; then a name, eight numbers of what came in and eight of what went out.
        if (n < 2 || sscanf(line, " %63[^:]: %lu %*u %*u %*u %*u %*u %*u %*u %lu", name, &in, &out) < 1)
            continue;
        int tunnel = !strncmp(name, "tunl", 4) || !strncmp(name, "sit", 3) || !strncmp(name, "gre", 3) ||
                     !strncmp(name, "ip6", 3) || !strncmp(name, "ip_vti", 6) || !strncmp(name, "erspan", 6);
        // Modules for tunnels put one into every namespace.
        if ((strcmp(name, "lo") && !tunnel) || in || out) {
            odd = 1;
            fprintf(stderr, "BREACH: interface %s, %lu bytes in, %lu out\n", name, in, out);
        }
    }
    // Addresses are only on interfaces that are up.
    if ((f = fopen("/proc/self/net/if_inet6", "r")) && fgets(line, sizeof line, f)) {
        odd = 1;
        fprintf(stderr, "BREACH: an address: %s", line);
    }
    if ((f = fopen("/proc/self/net/fib_trie", "r")) && fgets(line, sizeof line, f)) {
        odd = 1;
        fprintf(stderr, "BREACH: a route: %s", line);
    }
    if (!odd)
        puts("42");
    return 0;
}
