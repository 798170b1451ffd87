// id: A01-probe
// tries: to learn at compile time which files of the host the compiler can open, without an error that would give it away
// stops: [own-root, compile-sandbox]
// expect: [AC]
#include <stdio.h>
#if __has_include("@CANARY_DIR@/secret644")
#define FOUND "canary 644"
#elif __has_include("@CANARY_DIR@/secret640") || __has_include("@CANARY_DIR@/secret600")
#define FOUND "canary of root"
#elif __has_include("/etc/shadow") || __has_include("/etc/hostname") || __has_include("/etc/machine-id")
#define FOUND "settings of the host"
#elif __has_include("/root/.bashrc") || __has_include("/var/log/dpkg.log") || __has_include("/proc/version")
#define FOUND "the host's other directories"
#elif __has_include("/dev/tty") || __has_include("/dev/mem") || __has_include("/dev/kmsg") || __has_include("/sys/kernel/uevent_seqnum")
#define FOUND "devices"
#elif !__has_include("/proc/self/status")
#error "the probe itself does not work"
#endif
int main(void) {
#ifdef FOUND
    puts("BRE" "ACH: " FOUND);
#endif
    puts("42");
    return 0;
}
