// id: A02-d
// tries: to import a file of the host as text
// stops: [own-root, compile-sandbox, toolchain-flags]
// expect: [CE]
// reason: the compiler refused it
import std.stdio;
enum taken = import("@CANARY_DIR@/secret644");
enum above = import("../../../../../../../..@CANARY_DIR@/secret644");
void main() {
    writeln("BRE" ~ "ACH: ", taken, above);
    writeln("42");
}
