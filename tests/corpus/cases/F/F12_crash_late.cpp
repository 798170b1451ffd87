// id: F12-late
// tries: to be accepted for an answer before a crash in the clean-up after main
// stops: [wait-status]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [RTE]
// reason: "signal 11"
#include <csignal>
#include <iostream>

struct Last {
    ~Last() {
        std::cout.flush();
        std::raise(SIGSEGV);
    }
} last;

int main() { std::cout << 42 << std::endl; }
