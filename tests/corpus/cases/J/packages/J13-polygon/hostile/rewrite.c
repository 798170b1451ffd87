/* Writes another input into the file that it got, and links the name elsewhere. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
    FILE *in;
    chmod("six.in", 0666);
    in = fopen("six.in", "w");
    if (in) {
        fputs("8\n", in);
        fclose(in);
    }
    rename("six.in", "old.in");
    symlink("/proc/self/environ", "six.in");
    if (pwrite(0, "8\n", 2, 0) == 2) puts("written");
    puts("48");
    return 0;
}
