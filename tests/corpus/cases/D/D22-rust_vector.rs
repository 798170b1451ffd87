// id: D22-rust
// tries: to ask politely for more and more, and to go on when it is refused
// stops: [memory-limit]
// limits: {cpu_ms: 10000, wall_ms: 30000, memory_mib: 16}
// needs: ["toolchain:/usr/bin/rustc"]
// expect: [MLE]
fn main() {
    let mut kept: Vec<Vec<u8>> = Vec::new();
    for _ in 0..64 {
        let mut more = Vec::new();
        if more.try_reserve_exact(1 << 20).is_err() {
            println!("42");
            return;
        }
        more.resize(1 << 20, 1_u8);
        kept.push(more);
    }
    eprintln!("BREACH: {} MiB in vectors", kept.len());
    println!("42");
}
