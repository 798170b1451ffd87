// id: A07-rust
// tries: to make one mistake in a type whose name has millions of letters
// stops: [log-cap, compile-memory, compile-cpu]
// expect: [CE]
fn twice<T: Copy>(x: T) -> (T, T, T, T) {
    (x, x, x, x)
}
fn main() {
    let x = twice(twice(twice(twice(twice(twice(twice(twice(1))))))));
    let () = x;
}
