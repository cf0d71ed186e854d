//! `--verbose`: the steps of the work on standard error, with how long each took. Events carry numbers
//! and words of this program alone (tests/architecture.rs), so nothing of a vault is in them.

use std::io;

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Listens from now on, to this program's own events alone.
pub(super) fn listen() {
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(false)
        .with_target(false)
        .with_timer(tracing_subscriber::fmt::time::uptime());
    let ours = Targets::new().with_target("vaultmark", Level::DEBUG);
    // Only where something listens already, which is then as good.
    let _ = tracing_subscriber::registry().with(lines).with(ours).try_init();
}
