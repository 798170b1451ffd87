// id: A03-rust
// tries: to put a device that never ends into a constant
// stops: [compile-memory, compile-cpu]
// expect: [CE]
// reason: compiling took
const ALL: &[u8] = include_bytes!("/dev/zero");
fn main() {
    println!("{}", ALL.len());
}
