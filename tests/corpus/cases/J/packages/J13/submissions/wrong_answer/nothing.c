/* Leaves its output open in a process that stays, so that the validator waits for the end. */
#include <unistd.h>

int main(void) {
    if (fork() == 0) {
        setsid();
        sleep(1000);
    }
    return 0;
}
