// id: A15-interp
// tries: to leave a program that asks for a loader that is not there, so that it cannot be started
// stops: [exec-failure-is-the-program's]
// expect: [RTE, CE]
__asm__(".section .interp,\"a\",@progbits\n.asciz \"/no/such/loader\"\n.text\n");
int main(void) { return 0; }
