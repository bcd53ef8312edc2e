//! Ctrl-C, and other polite requests to end.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

#[cfg(unix)]
use signal_hook::consts::SIGHUP;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::failure::Failure;
use crate::library::Work;

/// Work that is stopped by Ctrl-C and by a polite request to end; the second one ends the command at once.
///
/// The end of the terminal (SIGHUP) is such a request, unless `nohup` has had it ignored.
pub(crate) fn stop_on_signals() -> Result<Work, Failure> {
    let cancelled = Arc::new(AtomicBool::new(false));
    let failed = |error| Failure::Work(format!("signals cannot be received: {error}"));
    for signal in ends() {
        // the first of the two ends the command if the second has been here before
        flag::register_conditional_shutdown(signal, 1, Arc::clone(&cancelled)).map_err(failed)?;
        flag::register(signal, Arc::clone(&cancelled)).map_err(failed)?;
    }
    Ok(Work::stopped_by(cancelled))
}

fn ends() -> Vec<i32> {
    #[cfg(unix)]
    if !is_ignored(SIGHUP) {
        return vec![SIGINT, SIGTERM, SIGHUP];
    }
    vec![SIGINT, SIGTERM]
}

/// Whether whoever started this command has had the signal ignored; where the system does not say, it is taken for no.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    is_in_mask(&status, signal)
}

/// The signals that are ignored are the bits of a hexadecimal number, the first signal the lowest.
#[cfg(unix)]
fn is_in_mask(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u128::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask >> (signal - 1) & 1 == 1
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn ignored_signals_are_read_from_the_status_of_the_process() {
        let status =
            "Name:\tsiegert\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\nSigCgt:\t0000000000000002\n";
        assert!(is_in_mask(status, 1) && is_in_mask(status, 13));
        assert!(!is_in_mask(status, 2) && !is_in_mask("", 1) && !is_in_mask("SigIgn:\tx\n", 1));
    }
}
