// id: A13-d
// tries: to call the C library while the compiler evaluates a function
// stops: [own-root, compile-sandbox]
// needs: ["toolchain:/usr/bin/gdc"]
// expect: [CE]
import core.stdc.stdio;
import core.sys.posix.unistd;
int reach() {
    auto file = fopen("@CANARY_DIR@/secret644", "r");
    return file is null ? fork() : 42;
}
enum taken = reach();
void main() {
    printf("BRE" ~ "ACH: code ran in the compiler\n42\n");
}
