fn main() { println!("ÿ"); }
