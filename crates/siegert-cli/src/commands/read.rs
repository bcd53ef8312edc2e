//! The network that a command is about: a file, a bundled network, or standard input.

use std::io::{self, Read};

use crate::arguments::NetworkOptions;
use crate::failure::Failure;
use crate::library::{self, Network, ReadOptions};

/// The most that is read from standard input, as from a file.
const MAX_BYTES: u64 = 16 << 20;
const STANDARD_INPUT: &str = "<standard input>";

/// Reads the network that `file` names; `-` is standard input.
pub(super) fn network(file: &str, options: &NetworkOptions) -> Result<Network, Failure> {
    Source::new(file)?.network(&options.read_options())
}

/// Where a network is read from, as often as parameters change; standard input is read once.
#[derive(Debug)]
pub(super) enum Source<'a> {
    File(&'a str),
    Text(String),
}

impl<'a> Source<'a> {
    pub(super) fn new(file: &'a str) -> Result<Self, Failure> {
        Ok(if file == "-" { Source::Text(standard_input()?) } else { Source::File(file) })
    }

    pub(super) fn network(&self, options: &ReadOptions) -> Result<Network, Failure> {
        Ok(match self {
            Source::File(file) => library::open(file, options)?,
            Source::Text(text) => library::parse(text, STANDARD_INPUT, options)?,
        })
    }
}

/// The text of the network that `file` names, and what messages call it.
pub(super) fn text(file: &str) -> Result<(String, String), Failure> {
    if file == "-" {
        return Ok((standard_input()?, STANDARD_INPUT.to_string()));
    }
    Ok(library::read_text(file)?)
}

fn standard_input() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let read = io::stdin().lock().take(MAX_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| Failure::Work(format!("standard input cannot be read: {error}")))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Failure::Input(format!("standard input is longer than {} MiB", MAX_BYTES >> 20)));
    }
    Ok(library::text_of_bytes(bytes, STANDARD_INPUT)?)
}
