// Ends the conversation before the first word, and waits.
#include <unistd.h>

int main(void) {
    close(1);
    for (;;) pause();
}
