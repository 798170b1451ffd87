// id: A09
// tries: to fill the memory by ten lines, each sixteen times as long as the one before
// stops: [compile-memory, group-oom]
// expect: [CE]
// reason: compiling took
#define A "a","b","c","d","e","f","g","h","i","j","k","l","m","n","o","p"
#define B A,A,A,A,A,A,A,A,A,A,A,A,A,A,A,A
#define C B,B,B,B,B,B,B,B,B,B,B,B,B,B,B,B
#define D C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C
#define E D,D,D,D,D,D,D,D,D,D,D,D,D,D,D,D
#define F E,E,E,E,E,E,E,E,E,E,E,E,E,E,E,E
#define G F,F,F,F,F,F,F,F,F,F,F,F,F,F,F,F
#define H G,G,G,G,G,G,G,G,G,G,G,G,G,G,G,G
#define I H,H,H,H,H,H,H,H,H,H,H,H,H,H,H,H
#define J I,I,I,I,I,I,I,I,I,I,I,I,I,I,I,I
const char *all[] = {J};
int main(void) { return 0; }
