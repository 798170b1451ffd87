// id: A07-warnings
// tries: to flood the compiler's log, which somebody keeps and shows
// stops: [log-cap, read-and-drop]
// expect: [CE]
// reason: the compiler refused it
#ifndef DEPTH
#define DEPTH
#include __FILE__
#error the end
int main(void) { return 0; }
#elif __INCLUDE_LEVEL__ < 14
#warning [2J]0;title ‮ %s%n%x "\x00" </pre><script>1</script>
#include __FILE__
#include __FILE__
#endif
