// id: B07-run
// tries: to make one of its files a link to another, so that what the judge writes replaces the answer or the input
// stops: [pipe-output, never-write-into-a-used-directory]
// expect: [WA]
#include <stdio.h>
#include <unistd.h>

int main(void) {
    const char *written[] = {"res.txt", "output.txt", "result.txt", "stdout.txt", "stderr.txt", "meta", "judge", "score.txt", "main"};
    const char *read[] = {"output.txt", "answer.txt", "input.txt", "1.ans", "1.in", "/dev/stdin", "/proc/self/fd/0", "/dev/null"};
    for (unsigned i = 0; i < sizeof written / sizeof *written; i++)
        for (unsigned j = 0; j < sizeof read / sizeof *read; j++) symlink(read[j], written[i]);
    // The same for its streams: they become each other.
    dup2(1, 2);
    dup2(2, 0);
    puts("41");
}
