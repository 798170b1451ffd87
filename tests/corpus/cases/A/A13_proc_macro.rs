// id: A13-rust-macro
// tries: to be a macro of its own, so that it runs in the compiler
// stops: [one-compiler-call, compile-sandbox]
// expect: [CE]
#![crate_type = "bin"]
extern crate proc_macro;
use proc_macro::TokenStream;
#[proc_macro]
pub fn said(_: TokenStream) -> TokenStream {
    let text = std::fs::read_to_string("@CANARY_DIR@/secret644").unwrap_or_default();
    format!("{text:?}").parse().unwrap()
}
fn main() {
    println!("{}{}: {}\n42", "BRE", "ACH", said!());
}
