// id: J10-cpp
// tries: to compute every answer at compile time, into a table of 1 GiB
// stops: [compile-memory, compile-cpu, file-size-limit, artefact-cap]
// expect: [CE]
#include <cstdio>
struct Table {
    unsigned char at[1u << 30];
    constexpr Table() : at() {
        for (unsigned i = 0; i < sizeof at; ++i) at[i] = i * i + 1;
    }
};
constexpr Table table;
int main() {
    unsigned x;
    if (std::scanf("%u", &x) == 1) std::printf("%d\n", table.at[x]);
}
