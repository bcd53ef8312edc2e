//! Ctrl-C, and other polite requests to end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::failure::Failure;

/// Set by Ctrl-C and by a polite request to end; the second one ends the command at once.
pub(crate) fn stop_on_signals() -> Result<Arc<AtomicBool>, Failure> {
    let cancelled = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&cancelled);
    ctrlc::set_handler(move || {
        if set.swap(true, Ordering::Relaxed) {
            std::process::exit(1);
        }
    })
    .map_err(|error| Failure::Work(format!("signals cannot be received: {error}")))?;
    Ok(cancelled)
}
