#include <dirent.h>
#include <stdio.h>
#include <string.h>

int main(void) {
    const char *places[] = {"/dev/shm", "/tmp", "/work", "/var/tmp", "/run", "/run/lock", "/dev/mqueue", "/dev", "/"};
    int odd = 0;
    for (int i = 0; i < 9; i++) {
        DIR *d = opendir(places[i]);
        for (struct dirent *e; d && (e = readdir(d));)
            if (strstr(e->d_name, "assay-g11")) {
                odd = 1;
                fprintf(stderr, "BREACH: %s of another job in %s\n", e->d_name, places[i]);
            }
        if (d)
            closedir(d);
    }
    if (!odd)
        puts("42");
    return 0;
}
