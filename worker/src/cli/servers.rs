//! Where the servers are: addresses from options, the environment or files, so that passwords need be neither on a command line
//! nor in a log.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Args;

use super::Failure;
use super::session::default_store;
use crate::queue::AmqpQueue;
use crate::queue::amqp::Address;
use crate::store::{Store, StoreError};

/// How long a command waits for a server that does not answer yet.
const START_PATIENCE: Duration = Duration::from_mins(1);

/// The same for a command that only asks.
const QUERY_PATIENCE: Duration = Duration::from_secs(5);

/// The message broker.
#[derive(Clone, Debug, Args)]
#[expect(clippy::struct_field_names, reason = "they are the names of the options")]
pub(crate) struct Broker {
    /// RabbitMQ, as amqp://user:password@host:5672/%2f, or amqps:// for TLS
    #[arg(long, env = "ASSAY_AMQP_URL", hide_env_values = true, value_name = "URL")]
    amqp_url: Option<String>,
    /// A file that holds the address of RabbitMQ
    #[arg(long, env = "ASSAY_AMQP_URL_FILE", value_name = "FILE", conflicts_with = "amqp_url")]
    amqp_url_file: Option<PathBuf>,
    /// Certificates of one's own authority (PEM) for amqps://
    #[arg(long, env = "ASSAY_AMQP_CA", value_name = "FILE")]
    amqp_ca: Option<PathBuf>,
}

/// The database server.
#[derive(Clone, Debug, Args)]
pub(crate) struct Database {
    /// PostgreSQL, as postgres://user:password@host/database; ?sslmode=verify-full&sslrootcert=FILE for TLS
    #[arg(long, env = "ASSAY_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<String>,
    /// A file that holds the address of PostgreSQL
    #[arg(long, env = "ASSAY_DATABASE_URL_FILE", value_name = "FILE", conflicts_with = "database_url")]
    database_url_file: Option<PathBuf>,
}

/// A store of either kind.
#[derive(Clone, Debug, Args)]
pub(crate) struct AnyStore {
    #[command(flatten)]
    database: Database,
    /// A store in a file, as assay grade keeps one, instead of a server; without a server's address ASSAY_STORE or the
    /// file that assay grade uses by itself
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
}

fn address(url: Option<&str>, file: Option<&Path>, option: &str) -> Result<String, Failure> {
    let text = match (url, file) {
        (Some(url), _) => url.to_owned(),
        (None, Some(file)) => std::fs::read_to_string(file)
            .with_context(|| format!("--{option}-file: cannot read {}", file.display()))
            .map_err(Failure::usage)?,
        (None, None) => {
            let variable = option.to_uppercase().replace('-', "_");
            return Err(Failure::usage(anyhow::anyhow!(
                "--{option} is needed, or ASSAY_{variable} or ASSAY_{variable}_FILE in the environment"
            )));
        }
    };
    Ok(text.trim().to_owned())
}

impl Broker {
    /// The queue. Connects when it is first used.
    pub(super) fn queue(&self, name: &str) -> Result<AmqpQueue, Failure> {
        let url = address(self.amqp_url.as_deref(), self.amqp_url_file.as_deref(), "amqp-url")?;
        let ca = match &self.amqp_ca {
            Some(file) => Some(
                std::fs::read_to_string(file)
                    .with_context(|| format!("--amqp-ca: cannot read {}", file.display()))
                    .map_err(Failure::usage)?,
            ),
            None => None,
        };
        let address =
            Address::parse(&url, ca).map_err(|problem| Failure::usage(anyhow::anyhow!("--amqp-url {problem}")))?;
        Ok(AmqpQueue::new(address, name))
    }
}

impl Database {
    pub(super) fn url(&self) -> Result<String, Failure> {
        address(self.database_url.as_deref(), self.database_url_file.as_deref(), "database-url")
    }

    fn is_named(&self) -> bool {
        self.database_url.is_some() || self.database_url_file.is_some()
    }

    /// The store. A server that is starting is waited for.
    pub(super) async fn store(&self) -> Result<Store, Failure> {
        self.store_within(START_PATIENCE).await
    }

    async fn store_within(&self, patience: Duration) -> Result<Store, Failure> {
        let url = self.url()?;
        let begun = Instant::now();
        let mut told = false;
        loop {
            match Store::connect(&url).await {
                Ok(store) => return Ok(store),
                Err(error) if error.is_transient() && begun.elapsed() < patience => {
                    if !std::mem::replace(&mut told, true) {
                        tracing::warn!(%error, seconds = patience.as_secs(), "waiting for the database");
                    }
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
                Err(error @ StoreError::Open { .. }) => return Err(Failure::usage(error)),
                Err(error) => return Err(anyhow::Error::from(error).into()),
            }
        }
    }
}

impl AnyStore {
    pub(super) async fn open(&self) -> Result<Store, Failure> {
        let local = match &self.store {
            None if !self.database.is_named() => {
                let usual = std::env::var_os("ASSAY_STORE").map_or_else(default_store, |path| Ok(path.into()))?;
                Some(usual).filter(|path| path.exists())
            }
            named => named.clone(),
        };
        match &local {
            Some(path) if !path.exists() => {
                Err(Failure::usage(anyhow::anyhow!("--store {}: there is no such file", path.display())))
            }
            Some(path) => Store::open_file(path).await.map_err(Failure::usage),
            None => self.database.store_within(QUERY_PATIENCE).await,
        }
    }
}

/// Waits for a broker that is starting.
pub(super) async fn await_broker(queue: &AmqpQueue) -> Result<(), Failure> {
    let begun = Instant::now();
    let mut told = false;
    loop {
        match queue.check().await {
            Ok(()) => return Ok(()),
            Err(error) if begun.elapsed() < START_PATIENCE => {
                if !std::mem::replace(&mut told, true) {
                    tracing::warn!(%error, seconds = START_PATIENCE.as_secs(), "waiting for the broker");
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Err(error) => return Err(anyhow::Error::from(error).into()),
        }
    }
}
