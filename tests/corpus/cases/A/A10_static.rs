// id: A10-rust
// tries: to leave a program that is larger than what a compiler may write
// stops: [file-size-limit, work-size, artefact-cap, compile-memory]
// expect: [CE]
static HUGE: [u8; 260 << 20] = {
    let mut all = [0; 260 << 20];
    all[0] = 1;
    all
};
fn main() {
    println!("{}", HUGE[std::env::args().count()]);
}
