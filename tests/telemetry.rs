//! Traces arrive where the environment says, with a span for each submission and for what is in it. Built with the feature `otel`.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Takes requests until one has come that holds all of these, for at most half a minute.
fn await_spans(listener: &TcpListener, wanted: &[&str]) -> Vec<u8> {
    let mut all = Vec::new();
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    listener.set_nonblocking(true).expect("a mode");
    while std::time::Instant::now() < deadline {
        let Ok((mut stream, _)) = listener.accept() else {
            std::thread::yield_now();
            continue;
        };
        stream.set_nonblocking(false).expect("a mode");
        stream.set_read_timeout(Some(Duration::from_millis(500))).expect("a limit");
        let mut chunk = [0; 64 << 10];
        while let Ok(length) = stream.read(&mut chunk) {
            all.extend_from_slice(&chunk[..length]);
            if length == 0 {
                break;
            }
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").expect("an answer");
        let has = |text: &str| all.windows(text.len()).any(|window| window == text.as_bytes());
        if wanted.iter().all(|text| has(text)) {
            break;
        }
    }
    all
}

#[test]
fn a_submission_is_a_trace_with_its_compilation_and_tests() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let dir = tempfile::tempdir().expect("a directory");
    let batch = dir.path().join("batch.jsonl");
    let message = serde_json::json!({"version": 1, "submission_id": "00000000-0000-4000-8000-000000000001", "language": "python3",
        "files": [{"name": "a.py", "text": "print(8)"}], "tests": [{"id": "the-only-test", "expected": "8"}]});
    std::fs::write(&batch, message.to_string()).expect("a batch");
    let mut child = Command::new(env!("CARGO_BIN_EXE_assay"))
        .args(["grade", "--json"])
        .arg(&batch)
        .env("ASSAY_STORE", dir.path().join("store.sqlite"))
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{}", listener.local_addr().expect("an address")))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("the binary starts");
    let wanted = ["/v1/traces", "submission", "compile", "the-only-test", "00000000-0000-4000-8000-000000000001"];
    let seen = await_spans(&listener, &wanted);
    assert!(child.wait().expect("a status").success());
    for text in wanted {
        assert!(seen.windows(text.len()).any(|window| window == text.as_bytes()), "{text} is not in the traces");
    }
}
