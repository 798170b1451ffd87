// id: A13-rust
// tries: to learn the judge's environment, and to link what lies elsewhere, from attributes of the source
// stops: [clean-environment, own-root, compile-sandbox]
// expect: [AC]
const SECRETS: [Option<&str>; 5] = [
    option_env!("ASSAY_TEST_SECRET"),
    option_env!("ASSAY_DATABASE_URL"),
    option_env!("ASSAY_AMQP_URL"),
    option_env!("AWS_SECRET_ACCESS_KEY"),
    option_env!("SSH_AUTH_SOCK"),
];
fn main() {
    for secret in SECRETS.iter().flatten() {
        println!("{}{}: {}", "BRE", "ACH", secret);
    }
    println!("42");
}
