// id: A05-tty
// tries: to let the compiler wait for somebody at a terminal
// stops: [no-controlling-terminal, own-devices]
// expect: [CE]
// reason: the compiler refused it
#include "/dev/tty"
int main(void) { return 0; }
