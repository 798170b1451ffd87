// id: A21-library
// tries: to be a library, so that there is nothing to run
// stops: [artefact-must-exist]
// expect: [CE, RTE]
#![crate_type = "lib"]
pub fn main() {
    println!("42");
}
