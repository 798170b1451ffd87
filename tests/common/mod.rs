//! What several of these tests need: the private servers that `scripts/test` starts.
#![allow(dead_code, clippy::allow_attributes, reason = "each test takes what it needs")]

pub(crate) mod bench;

use std::time::{Duration, Instant};

/// The address of a server, or `None` with a printed reason. Where `ASSAY_REQUIRE_SERVICES` is set that is a failure.
pub(crate) fn service(variable: &str) -> Option<String> {
    let address = std::env::var(variable).ok();
    if address.is_none() {
        assert!(std::env::var_os("ASSAY_REQUIRE_SERVICES").is_none(), "{variable} is not set");
        #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
        {
            eprintln!("skipped: {variable} is not set; scripts/test starts the servers");
        }
    }
    address
}

/// A new, empty database on the server, with the schema.
pub(crate) async fn database(server: &str) -> String {
    let name = format!("test_{}", uuid::Uuid::new_v4().simple());
    let pool = sqlx::PgPool::connect(server).await.expect("the server answers");
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&pool).await.expect("a database");
    pool.close().await;
    let url = format!("{}/{name}", server.rsplit_once('/').expect("a database in the address").0);
    assay::store::PostgresStore::migrate(&url).await.expect("migrations");
    url
}

/// A new virtual host on the broker, so that a test has the queues for itself.
pub(crate) fn virtual_host(server: &str) -> String {
    let name = format!("test-{}", uuid::Uuid::new_v4().simple());
    let services = std::env::var("ASSAY_TEST_SERVICES").expect("the directory of the servers");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/services");
    for arguments in [&["add_vhost", &name][..], &["set_permissions", "-p", &name, "guest", ".*", ".*", ".*"]] {
        let status = std::process::Command::new(script)
            .args(["rabbitmqctl", &services])
            .args(arguments)
            .stdout(std::process::Stdio::null())
            .status()
            .expect("the script starts");
        assert!(status.success(), "{arguments:?}");
    }
    format!("{}/{name}", server.rsplit_once('/').expect("a virtual host in the address").0)
}

/// Waits until something holds, for at most half a minute.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds().await {
        assert!(Instant::now() < deadline, "not within 30 s: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
