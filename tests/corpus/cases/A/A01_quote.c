// id: A01-quote
// tries: to have the compiler quote files of the judge and of the host in its messages, each where it can be opened
// stops: [own-root, compile-sandbox, clean-environment]
// expect: [AC]
#if __has_include("@CANARY_DIR@/secret644")
#include "@CANARY_DIR@/secret644"
#endif
#if __has_include("@CANARY_DIR@/secret640")
#include "@CANARY_DIR@/secret640"
#endif
#if __has_include("@CANARY_DIR@/secret600")
#include "@CANARY_DIR@/secret600"
#endif
#if __has_include("../../1.ans")
#include "../../1.ans"
#endif
#if __has_include("/etc/shadow")
#include "/etc/shadow"
#endif
#if __has_include("/proc/1/environ")
#include "/proc/1/environ"
#endif
#if __has_include("/proc/1/cmdline")
#include "/proc/1/cmdline"
#endif
#include <stdio.h>
int main(void) { puts("42"); return 0; }
