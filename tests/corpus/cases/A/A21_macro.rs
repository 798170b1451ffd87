// id: A21-rust
// tries: to crash the compiler by a macro that calls itself for ever
// stops: [compiler-crash-is-the-program's, compile-memory]
// expect: [CE]
#![recursion_limit = "4294967295"]
macro_rules! deeper {
    ($x:expr) => {
        deeper!(($x + 1))
    };
}
fn main() {
    println!("{}", deeper!(0));
}
