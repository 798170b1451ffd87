// id: A02-rust
// tries: to take a file of the host into the program as a constant
// stops: [own-root, compile-sandbox]
// expect: [CE]
// reason: the compiler refused it
const TAKEN: &str = include_str!("@CANARY_DIR@/secret644");
fn main() {
    println!("{}{}: {}\n42", "BRE", "ACH", TAKEN);
}
