// id: B13-run
// tries: to bring names and bytes into a report that a terminal, a shell, a format string or a parser takes for something else
// stops: [bytes-escaped-in-reports]
// expect: [WA]
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
    char longest[256];
    memset(longest, 'n', 255);
    longest[255] = 0;
    const char *names[] = {"\n", "\r\x1b[2J\x1b[31m", "\xff\xfe\x80", "-rf", "--", "$(touch x)", "`id`", "%s%n%999999d", "\"}],\"verdict\":\"AC\"", "<!--",
                           "\xe2\x80\xae" "cod.exe", "\xed\xa0\x80", "\x01\x02\x7f", "\\x00\\u0000", "' OR 1=1 --", "\x1b]0;title\x07", "\x9b" "2J", "\xc2\x9b" "2J", longest};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        close(open(names[i], O_CREAT | O_WRONLY, 0600));
        char dir[300];
        snprintf(dir, sizeof dir, "%.200s.d", names[i]);
        mkdir(dir, 0700);
        fwrite(names[i], 1, strlen(names[i]) + 1, stdout);
        fwrite(names[i], 1, strlen(names[i]) + 1, stderr);
        // The kernel's and the loader's own messages, too.
        fprintf(stderr, "%s: %s\n", names[i], strerror(ENOENT));
    }
}
