fn main() {
    println!("cargo:rustc-cfg=evil");
    std::fs::write("/work/ran", "").unwrap();
}
