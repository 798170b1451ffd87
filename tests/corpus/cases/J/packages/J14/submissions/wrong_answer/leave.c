/* Ends at once, and leaves a process that keeps both pipes open and says nothing. */
#include <unistd.h>

int main(void) {
    if (fork() == 0) {
        setsid();
        sleep(1000);
    }
    return 0;
}
