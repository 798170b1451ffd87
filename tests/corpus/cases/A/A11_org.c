// id: A11-org
// tries: to leave a program that is 30 GiB of hole
// stops: [file-size-limit, artefact-cap]
// expect: [CE]
__asm__(".data\n.org 0x780000000\n.byte 1\n.text\n");
int main(void) { return 0; }
