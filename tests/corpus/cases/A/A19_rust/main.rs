fn main() {
    if cfg!(evil) {
        println!("{}{}: a configuration was read", "BRE", "ACH");
    }
    println!("42");
}
