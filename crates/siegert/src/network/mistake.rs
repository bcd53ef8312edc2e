//! What is wrong with a network made in code: every mistake with its place in the network and advice, in one error.

use std::fmt;

use super::advice::did_you_mean;
use super::error::MAX_DIAGNOSTICS;
use super::printable::printable;
use super::problem::Problem;
use super::spelling::shortened;

/// A network made in code that makes no sense, and why.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NetworkError {
    /// The mistakes, in the order of the network's fields; at most [`MAX_DIAGNOSTICS`].
    pub mistakes: Vec<Mistake>,
    /// Number of further mistakes that are not described.
    pub omitted: usize,
}

/// One mistake: what a [`Diagnostic`](super::Diagnostic) is for a file, without a place in a text.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Mistake {
    /// Where it is.
    pub place: Place,
    /// The value that is wrong, by its name in the network file, such as "tau_m"; empty if it is the place as a whole.
    pub key: &'static str,
    /// What is wrong.
    pub problem: Problem,
}

/// A place in a network; numbers of entries are from 0 here, and from 1 in messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The network as a whole.
    Network,
    /// A type of neuron, while a network is being built.
    NeuronType {
        /// Its name.
        name: String,
    },
    /// A type of synapse, while a network is being built.
    SynapseType {
        /// Its name.
        name: String,
    },
    /// A population.
    Population {
        /// Which one.
        index: usize,
        /// Its name.
        name: String,
    },
    /// A projection.
    Projection {
        /// Which one; while a network is being built, the number of the call that has made it.
        index: usize,
        /// Name of its source.
        source: String,
        /// Name of its target.
        target: String,
    },
    /// A drive.
    Drive {
        /// Which one; while a network is being built, the number of the call that has made it.
        index: usize,
        /// Name of the population driven.
        target: String,
    },
    /// A named parameter.
    Parameter {
        /// Its name.
        name: String,
    },
    /// A case.
    Case {
        /// Its name.
        name: String,
    },
    /// An expected value.
    Expectation {
        /// Which one.
        index: usize,
    },
}

impl NetworkError {
    /// The error of a single mistake.
    pub(crate) fn of(place: Place, key: &'static str, problem: Problem) -> Self {
        Self { mistakes: vec![Mistake { place, key, problem }], omitted: 0 }
    }

    /// Adds a mistake, or counts it if enough have been described.
    pub(super) fn add(&mut self, mistake: Mistake) {
        if self.mistakes.len() < MAX_DIAGNOSTICS {
            self.mistakes.push(mistake);
        } else {
            self.omitted += 1;
        }
    }

    /// Itself, if there is any mistake.
    pub(super) fn into_result(self) -> Result<(), Self> {
        if self.mistakes.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl Mistake {
    /// What is wrong, as the sentence that the reader of network files has for it.
    pub fn message(&self) -> String {
        self.problem.to_string()
    }

    /// What to do about it; a value is named as in a network file.
    pub fn help(&self) -> Option<String> {
        match &self.problem {
            // the reader would speak of its file
            Problem::UnknownName { suggestion, known, .. } | Problem::UnknownCase { suggestion, known, .. } => {
                let known = if known.is_empty() { "none".to_string() } else { known.clone() };
                Some(did_you_mean(suggestion, format!("known: {known}")))
            }
            problem => problem.help(),
        }
    }
}

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.mistakes.iter().enumerate() {
            write!(f, "{}{mistake}", if index > 0 { "\n" } else { "" })?;
        }
        if self.omitted > 0 {
            write!(f, "\n... and {} more", self.omitted)?;
        }
        Ok(())
    }
}

impl std::error::Error for NetworkError {}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self { place, key, .. }, message) = (self, self.message());
        // most messages begin with the name of what they are about; the others lean on a place in the text, which there is none of
        let key = if key.is_empty() || message.starts_with(key) { String::new() } else { format!(", {key}") };
        write!(f, "{place}{key}: {message}")?;
        match self.help() {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |name: &str| printable(&shortened(name)).into_owned();
        match self {
            Self::Network => f.write_str("the network"),
            Self::NeuronType { name } => write!(f, "neuron type {}", shown(name)),
            Self::SynapseType { name } => write!(f, "synapse {}", shown(name)),
            Self::Population { index, name } if name.is_empty() => write!(f, "population {}", index + 1),
            Self::Population { name, .. } => write!(f, "population {}", shown(name)),
            Self::Projection { index, source, target } => {
                write!(f, "projection {} ({} -> {})", index + 1, shown(source), shown(target))
            }
            Self::Drive { index, target } => write!(f, "drive {} (of {})", index + 1, shown(target)),
            Self::Parameter { name } => write!(f, "parameter {}", shown(name)),
            Self::Case { name } => write!(f, "case {}", shown(name)),
            Self::Expectation { index } => write!(f, "expectation {}", index + 1),
        }
    }
}
