//! The small HTTP server of a worker: metrics for Prometheus, and whether the worker lives and takes work. Changes nothing.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::net::TcpListener;

use crate::executor::service::Service;
use crate::queue::AmqpQueue;

/// A loop that has not gone round for so long hangs, unless its places are taken by long submissions.
const HANGS: Duration = Duration::from_mins(1);

#[derive(Clone)]
struct Shared {
    service: Arc<Service>,
    queue: AmqpQueue,
}

/// Takes the address.
///
/// # Errors
/// It is taken, or not ours.
pub async fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Serves until the process ends.
pub async fn serve(listener: TcpListener, service: Arc<Service>, queue: AmqpQueue) {
    let router = Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .with_state(Shared { service, queue });
    if let Err(error) = axum::serve(listener, router).await {
        tracing::error!(%error, "the HTTP server has ended");
    }
}

async fn metrics(State(shared): State<Shared>) -> impl IntoResponse {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], shared.service.metrics.text())
}

/// Whether the process does anything at all: to be restarted if not.
async fn healthz(State(shared): State<Shared>) -> (StatusCode, &'static str) {
    let busy = shared.service.metrics.busy.get() > 0;
    match shared.service.since_last_turn() {
        Some(since) if since > HANGS && !busy && shared.service.is_ready() => {
            (StatusCode::SERVICE_UNAVAILABLE, "the loop hangs\n")
        }
        _ => (StatusCode::OK, "ok\n"),
    }
}

/// Whether the worker takes submissions now.
async fn readyz(State(shared): State<Shared>) -> (StatusCode, &'static str) {
    if !shared.service.is_ready() {
        return (StatusCode::SERVICE_UNAVAILABLE, "unfit, stopping, or without its database; the log tells more\n");
    }
    if !shared.queue.is_connected().await {
        return (StatusCode::SERVICE_UNAVAILABLE, "without its broker\n");
    }
    (StatusCode::OK, "ok\n")
}
