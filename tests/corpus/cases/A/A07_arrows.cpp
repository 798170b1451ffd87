// id: A07-arrows
// tries: to make one short mistake that the compiler explains at great length
// stops: [log-cap, read-and-drop]
// expect: [CE]
template <class T>
struct Arrow {
    Arrow<Arrow<T> *> operator->();
};
Arrow<int> start;
int end = start->nowhere;
int main() {}
