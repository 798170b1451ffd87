/* floor PROGRAM UNIFIED [LEGACY...]: what the promises of a run cost by themselves. For each byte of standard input it runs the program
   once, with namespaces of its own of all seven kinds, a control group of its own below each of these directories (that of version 2
   first, "-" for none), its ids mapped, and a process 1 that starts it and waits. Then it removes the groups and writes a byte. There
   is no root file system and no mount, no limit, no filter, no capability dropped, nothing read or counted. */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 4 };

/* The directories, whether the first is of version 2, and the run's group or file of tasks in each. */
static int dirs[MOST], count, has_unified, groups[MOST];

static void process_1(int released, int release) {
  int status;
  char byte;
  close(release);
  if (read(released, &byte, 1) != 1 || unshare(CLONE_NEWCGROUP)) _exit(1);
  pid_t pid = vfork();
  if (pid == 0) {
    for (int i = has_unified; i < count; i++)
      if (write(groups[i], "0", 1) != 1) _exit(1);
    execl("/program", "program", (char *)NULL);
    _exit(1);
  }
  _exit(pid < 0 || waitpid(pid, &status, 0) != pid || status != 0);
}

static void map_ids(int proc, pid_t pid, const char *file) {
  static const char map[] = "1 100000 1\n1000 100001 1\n";
  char path[32];
  snprintf(path, sizeof path, "%d/%s", pid, file);
  int fd = openat(proc, path, O_WRONLY);
  if (fd < 0 || write(fd, map, strlen(map)) < 0 || close(fd)) err(1, "%s", path);
}

/* A root with the program and nothing else, so that no run copies the machine's mounts. */
static void enter_root(const char *program) {
  if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) err(1, "mounts");
  int from = open(program, O_RDONLY);
  if (from < 0) err(1, "%s", program);
  if (mount("tmpfs", "/tmp", "tmpfs", 0, NULL) || chdir("/tmp")) err(1, "/tmp");
  int to = open("program", O_WRONLY | O_CREAT, 0755);
  while (to >= 0 && sendfile(to, from, NULL, 1 << 30) > 0)
    ;
  if (to < 0 || close(to) || close(from)) err(1, "program");
  if (syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) || chdir("/")) err(1, "root");
}

int main(int argc, char **argv) {
  char group[32], byte;
  if (argc < 3 || argc > 2 + MOST) errx(2, "PROGRAM UNIFIED [LEGACY...]");
  has_unified = strcmp(argv[2], "-") != 0;
  for (int i = has_unified ? 2 : 3; i < argc; i++)
    if ((dirs[count++] = open(argv[i], O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0) err(1, "%s", argv[i]);
  int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
  enter_root(argv[1]);
  snprintf(group, sizeof group, "floor-%d", getpid());
  while (read(STDIN_FILENO, &byte, 1) == 1) {
    int release[2], status;
    if (pipe2(release, O_CLOEXEC)) err(1, "pipe");
    for (int i = 0; i < count; i++) {
      int of_version_2 = has_unified && i == 0;
      char tasks[48];
      snprintf(tasks, sizeof tasks, "%s/tasks", group);
      if (mkdirat(dirs[i], group, 0755)) err(1, "%s", group);
      groups[i] = openat(dirs[i], of_version_2 ? group : tasks, (of_version_2 ? O_RDONLY : O_WRONLY) | O_CLOEXEC);
      if (groups[i] < 0) err(1, "%s", tasks);
    }
    struct clone_args run = {
        .flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
                 (has_unified ? CLONE_INTO_CGROUP : 0),
        .exit_signal = SIGCHLD,
        .cgroup = has_unified ? groups[0] : 0,
    };
    pid_t pid = syscall(SYS_clone3, &run, sizeof run);
    if (pid == 0) process_1(release[0], release[1]);
    if (pid < 0) err(1, "clone3");
    map_ids(proc, pid, "uid_map");
    map_ids(proc, pid, "gid_map");
    if (write(release[1], "", 1) != 1 || waitpid(pid, &status, 0) != pid || status != 0) errx(1, "the run failed");
    if (close(release[0]) || close(release[1])) err(1, "close");
    for (int i = 0; i < count; i++) {
      close(groups[i]);
      /* A group stays busy for a moment after its last process was waited for. */
      while (unlinkat(dirs[i], group, AT_REMOVEDIR)) {
        if (errno != EBUSY) err(1, "%s", group);
        usleep(100);
      }
    }
    if (write(STDOUT_FILENO, "", 1) != 1) return 1;
  }
}
