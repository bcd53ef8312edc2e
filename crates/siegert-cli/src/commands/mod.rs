//! One file a command: it reads what it needs, asks the library, and hands the answer to `output` and `plot`.

pub(crate) mod balance;
pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod export;
pub(crate) mod help;
pub(crate) mod main_job;
pub(crate) mod models;
pub(crate) mod new;
pub(crate) mod plot;
mod read;
pub(crate) mod simulate;
mod solution;
pub(crate) mod solve;
pub(crate) mod sweep;
mod target;
pub(crate) mod transfer;
mod trust;
