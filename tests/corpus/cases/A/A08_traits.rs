// id: A08-rust
// tries: to let the compiler evaluate a loop without end
// stops: [compile-cpu]
// expect: [CE]
#![allow(long_running_const_eval)]
const fn spin() -> u64 {
    let mut x = 1u64;
    while x != 0 {
        x = x.wrapping_mul(6364136223846793005) | 1;
    }
    x
}
const RESULT: u64 = spin();
fn main() {
    println!("{RESULT}");
}
