// id: A10-fill
// tries: to let the assembler write 64 GiB
// stops: [file-size-limit, work-size, artefact-cap]
// expect: [CE]
__asm__(".data\n.rept 32\n.fill 0x7fffffff, 1, 0x55\n.endr\n.text\n");
int main(void) { return 0; }
