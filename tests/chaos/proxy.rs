//! A TCP proxy that cuts connections: all of them at once, or one when certain bytes pass from client to server.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// When a connection is cut: once, by the first that matches.
#[derive(Clone, Debug)]
pub(crate) struct Cut {
    pattern: Vec<u8>,
    place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// The server does not see the bytes.
    Before,
    /// It sees a half of what they are in.
    Within,
    /// It sees them, and the client does not see the answer.
    After,
}

impl Cut {
    pub(crate) fn before(pattern: &[u8]) -> Self {
        Self { pattern: pattern.to_vec(), place: Place::Before }
    }

    pub(crate) fn within(pattern: &[u8]) -> Self {
        Self { pattern: pattern.to_vec(), place: Place::Within }
    }

    pub(crate) fn after(pattern: &[u8]) -> Self {
        Self { pattern: pattern.to_vec(), place: Place::After }
    }
}

#[derive(Debug, Default)]
struct Shared {
    armed: Mutex<Option<Cut>>,
    struck: AtomicUsize,
    current: Mutex<CancellationToken>,
}

/// A proxy on a port of its own.
#[derive(Debug)]
pub(crate) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

impl Proxy {
    pub(crate) async fn start(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared::default());
        let accepting = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let shared = Arc::clone(&accepting);
                tokio::spawn(async move {
                    // A server that is down is a connection that ends at once.
                    if let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await {
                        forward(client, server, &shared).await;
                    }
                });
            }
        });
        Self { port, shared }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn cut_all(&self) {
        let mut current = self.shared.current.lock().unwrap();
        current.cancel();
        *current = CancellationToken::new();
    }

    pub(crate) fn arm(&self, cut: Cut) {
        *self.shared.armed.lock().unwrap() = Some(cut);
    }

    /// How many of the armed cuts have cut something.
    pub(crate) fn struck(&self) -> usize {
        self.shared.struck.load(Ordering::Relaxed)
    }

    pub(crate) fn disarm(&self) {
        *self.shared.armed.lock().unwrap() = None;
    }
}

impl Shared {
    /// The cut that these bytes set off, if any.
    fn strikes(&self, bytes: &[u8]) -> Option<Cut> {
        let mut armed = self.armed.lock().unwrap();
        let hit =
            armed.as_ref().is_some_and(|cut| bytes.windows(cut.pattern.len()).any(|window| window == cut.pattern));
        if !hit {
            return None;
        }
        self.struck.fetch_add(1, Ordering::Relaxed);
        armed.take()
    }
}

/// Copies both ways until one side ends or the connection is cut; both sockets close then.
async fn forward(mut client: TcpStream, mut server: TcpStream, shared: &Shared) {
    let cut = shared.current.lock().unwrap().clone();
    let (mut up, mut down) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    loop {
        tokio::select! {
            read = client.read(&mut up) => {
                let Ok(length) = read else { return };
                let bytes = &up[..length];
                match shared.strikes(bytes).map(|cut| cut.place) {
                    Some(Place::Before) => return,
                    Some(Place::Within) => {
                        drop(server.write_all(&bytes[..length / 2]).await);
                        return;
                    }
                    Some(Place::After) => {
                        if server.write_all(bytes).await.is_ok() {
                            // The answer shows that the server has done it; the client does not get it.
                            drop(server.read(&mut down).await);
                        }
                        return;
                    }
                    None if length == 0 || server.write_all(bytes).await.is_err() => return,
                    None => {}
                }
            }
            read = server.read(&mut down) => {
                let Ok(length) = read else { return };
                if length == 0 || client.write_all(&down[..length]).await.is_err() {
                    return;
                }
            }
            () = cut.cancelled() => return,
        }
    }
}
