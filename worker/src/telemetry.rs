//! What is said of the work while it is done: the log on standard error, and traces if the program was built with the feature
//! `otel`. Counts are the business of [`crate::metrics`].

use std::io::IsTerminal as _;

use clap::ValueEnum;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

/// How the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Human,
    Json,
}

/// Kept as long as anything is to be told; sends what is left when it goes.
#[derive(Debug)]
pub struct Telemetry {
    #[cfg(feature = "otel")]
    traces: Option<opentelemetry_sdk::trace::SdkTracerProvider>,
}

/// Begins to log. `ASSAY_LOG` chooses what is logged, as `level` does without it.
pub fn init(format: LogFormat, level: &str) -> Telemetry {
    // Both libraries say at length what we say in a line of our own.
    let filter = || {
        EnvFilter::try_from_env("ASSAY_LOG").unwrap_or_else(|_| EnvFilter::new(format!("{level},sqlx=error,lapin=off")))
    };
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false);
    let log = match format {
        LogFormat::Json => log.json().flatten_event(true).boxed(),
        LogFormat::Human => {
            let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            log.with_ansi(colour).boxed()
        }
    };
    let registry = tracing_subscriber::registry().with(log.with_filter(filter()));
    #[cfg(feature = "otel")]
    {
        let traces = otel::provider();
        registry.with(traces.as_ref().map(otel::layer)).init();
        Telemetry { traces }
    }
    #[cfg(not(feature = "otel"))]
    {
        registry.init();
        Telemetry {}
    }
}

#[cfg(feature = "otel")]
impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(traces) = &self.traces
            && let Err(error) = traces.shutdown()
        {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

/// Traces by OTLP over HTTP, as the environment of the OpenTelemetry specification says.
#[cfg(feature = "otel")]
mod otel {
    use opentelemetry::trace::TracerProvider as _;
    use opentelemetry_sdk::Resource;
    use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
    use tracing::Subscriber;
    use tracing_opentelemetry::OpenTelemetryLayer;
    use tracing_subscriber::filter::{Filtered, Targets};
    use tracing_subscriber::layer::Layer as _;
    use tracing_subscriber::registry::LookupSpan;

    const PLACES: [&str; 2] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

    /// Nothing without a place to send them to.
    pub(super) fn provider() -> Option<SdkTracerProvider> {
        PLACES.iter().find(|name| std::env::var_os(name).is_some())?;
        match opentelemetry_otlp::SpanExporter::builder().with_http().build() {
            Ok(exporter) => {
                let resource = Resource::builder().with_service_name("assay").build();
                Some(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
            }
            Err(error) => {
                // There is no log yet.
                drop(std::io::Write::write_fmt(
                    &mut std::io::stderr(),
                    format_args!("assay: traces cannot be sent: {error}\n"),
                ));
                None
            }
        }
    }

    pub(super) fn layer<S: Subscriber + for<'span> LookupSpan<'span>>(
        provider: &SdkTracerProvider,
    ) -> Filtered<OpenTelemetryLayer<S, SdkTracer>, Targets, S> {
        // Only our own spans: those of the exporter's HTTP client would be traced for ever.
        let own = Targets::new().with_target("assay", tracing::Level::INFO);
        tracing_opentelemetry::layer().with_tracer(provider.tracer("assay")).with_filter(own)
    }
}
