// id: I04-worker
// tries: to get a descriptor of the binary that started it, which is the worker's own, by scripts and libraries that are run as it
// stops: [proc-hidepid, program-user, pid-namespace, close-descriptors]
// expect: [AC]
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **args) {
    if (count > 1 && !strcmp(args[1], "again")) return 7;
    const char *paths[] = {"/proc/1/exe", "/proc/1/root", "/proc/1/cwd", "/proc/1/fd/0", "/proc/1/fd/3", "/proc/1/map_files", "/proc/1/task/1/exe", "/proc/@WORKER_PID@/exe",
                           "/proc/@WORKER_PID@/root"};
    for (unsigned i = 0; i < sizeof paths / sizeof *paths; i++) {
        char target[256] = "";
        int fd = open(paths[i], O_PATH);
        if (fd >= 0 || readlink(paths[i], target, sizeof target - 1) > 0) fprintf(stderr, "BREACH: %s is %s\n", paths[i], target);
        fd = open(paths[i], O_RDONLY);
        if (fd >= 0) fprintf(stderr, "BREACH: %s opens\n", paths[i]);
    }
    // A script whose interpreter is whoever runs it: that must be this program, and no other.
    int script = open("/work/script", O_WRONLY | O_CREAT, 0700);
    dprintf(script, "#!/proc/self/exe again\n");
    close(script);
    for (int i = 0; i < 2; i++) {
        pid_t child = fork();
        if (child == 0) {
            execl(i ? "/proc/self/exe" : "/work/script", "x", "again", NULL);
            _exit(1);
        }
        int status;
        waitpid(child, &status, 0);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 7) fprintf(stderr, "BREACH: another program ran, %x\n", status);
    }
    // What is in memory of this process is this program and the kernel's own.
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[512];
    while (maps && fgets(line, sizeof line, maps)) {
        char *path = strchr(line, '/');
        if (path && strncmp(path, "/work/", 6)) fprintf(stderr, "BREACH: mapped %s", path);
    }
    // Its own file may not be written while it runs, and no one else's may be written at all.
    int self = open("/proc/self/exe", O_RDWR);
    if (self >= 0) fprintf(stderr, "BREACH: wrote itself\n");
    puts("42");
}
