//! Reports that were saved as JSON, read back as what they were: whatever a command wrote, with one call.
//!
//! ```
//! use siegert::network::{ReadOptions, open};
//! use siegert::theory::{Theory, TheoryOptions};
//! use siegert::{Saved, report::json};
//!
//! let network = open("brunel2000", &ReadOptions::default())?;
//! let solution = Theory::new(&network, &TheoryOptions::default())?.solution()?;
//! let mut written = Vec::new();
//! json::write(&mut written, &solution)?;
//! let Saved::Solution(read) = Saved::read(&written)? else { panic!("it is a solution") };
//! assert_eq!(*read, solution);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::io::{self, Read, Write};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::provenance::{FORMAT, Provenance};
use crate::report::transfer::TransferReport;
use crate::report::{
    BalanceReport, CheckReport, CompareReport, CorrelationsReport, EvolutionReport, ExplainReport, InTimeReport,
    MainReport, ModelsComparedReport, ModelsReport, ReducedReport, ResponseReport, SimulationReport, SpectrumReport,
    TargetReport, json,
};
use crate::sweep::{PhaseDiagram, SweepReport};
use crate::theory::Solution;

/// A report of any kind.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Saved {
    /// Of `siegert solve`.
    Solution(Box<Solution>),
    /// Of `siegert solve --equation reduced`.
    Reduced(Box<ReducedReport>),
    /// Of `siegert solve --target`.
    Target(Box<TargetReport>),
    /// Of `siegert balance`.
    Balance(Box<BalanceReport>),
    /// Of `siegert check`.
    Check(Box<CheckReport>),
    /// Of `siegert simulate`.
    Simulation(Box<SimulationReport>),
    /// Of `siegert compare`.
    Compare(Box<CompareReport>),
    /// Of `siegert compare-models`.
    ModelsCompared(Box<ModelsComparedReport>),
    /// Of `siegert` alone.
    Main(Box<MainReport>),
    /// Of `siegert models`.
    Models(Box<ModelsReport>),
    /// Of `siegert transfer`.
    Transfer(Box<TransferReport>),
    /// Of `siegert response`.
    Response(Box<ResponseReport>),
    /// Of `siegert spectrum`.
    Spectrum(Box<SpectrumReport>),
    /// Of `siegert correlations`.
    Correlations(Box<CorrelationsReport>),
    /// Of `siegert evolve`.
    Evolution(Box<EvolutionReport>),
    /// Of `siegert compare --evolve`.
    InTime(Box<InTimeReport>),
    /// Of `siegert sweep --phases`.
    Phases(Box<PhaseDiagram>),
    /// Of `siegert explain`.
    Explain(Box<ExplainReport>),
    /// Of `siegert sweep`.
    Sweep(Box<SweepReport>),
}

/// Why a text is no report that can be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SavedError {
    /// It is no JSON, or not of the form of its kind.
    #[error("{0}")]
    Form(serde_json::Error),
    /// It does not say what it is.
    #[error("it does not say what it is: there is no \"provenance\", which every report of siegert has")]
    Unknown,
    /// A kind that this version does not know.
    #[error("it is a report of \"{0}\", which this version of siegert does not know")]
    Kind(String),
    /// A form that this version does not know.
    #[error(
        "siegert {siegert} made it in form {format}, and this version reads up to form {FORMAT}: take a later version"
    )]
    Later {
        /// The version that made it.
        siegert: String,
        /// The version of its form.
        format: u32,
    },
}

/// What is looked at first.
#[derive(Deserialize)]
struct Kind {
    provenance: Option<Provenance>,
}

impl Saved {
    /// The kind of a report, all of which is read and nothing kept: "solve", or "sweep", whose rows can be many.
    ///
    /// # Errors
    ///
    /// What is no report.
    pub fn kind(source: impl Read) -> Result<String, SavedError> {
        let Kind { provenance } = serde_json::from_reader(source).map_err(SavedError::Form)?;
        provenance.map(|provenance| provenance.report).ok_or(SavedError::Unknown)
    }

    /// Reads a report.
    ///
    /// # Errors
    ///
    /// What is no report, or one of a later version.
    pub fn read(text: &[u8]) -> Result<Saved, SavedError> {
        fn boxed<T: DeserializeOwned>(text: &[u8]) -> Result<Box<T>, SavedError> {
            serde_json::from_slice(text).map(Box::new).map_err(SavedError::Form)
        }
        let Kind { provenance } = serde_json::from_slice(text).map_err(SavedError::Form)?;
        let Some(Provenance { report, format, siegert, .. }) = provenance else { return Err(SavedError::Unknown) };
        if format > FORMAT {
            return Err(SavedError::Later { siegert, format });
        }
        Ok(match report.as_str() {
            "solve" => Saved::Solution(boxed(text)?),
            "reduced" => Saved::Reduced(boxed(text)?),
            "target" => Saved::Target(boxed(text)?),
            "balance" => Saved::Balance(boxed(text)?),
            "check" => Saved::Check(boxed(text)?),
            "simulate" => Saved::Simulation(boxed(text)?),
            "compare" => Saved::Compare(boxed(text)?),
            "compare-models" => Saved::ModelsCompared(boxed(text)?),
            "main" => Saved::Main(boxed(text)?),
            "models" => Saved::Models(boxed(text)?),
            "transfer" => Saved::Transfer(boxed(text)?),
            "response" => Saved::Response(boxed(text)?),
            "spectrum" => Saved::Spectrum(boxed(text)?),
            "correlations" => Saved::Correlations(boxed(text)?),
            "evolve" => Saved::Evolution(boxed(text)?),
            "compare-evolve" => Saved::InTime(boxed(text)?),
            "phases" => Saved::Phases(boxed(text)?),
            "explain" => Saved::Explain(boxed(text)?),
            "sweep" => Saved::Sweep(boxed(text)?),
            _ => return Err(SavedError::Kind(report)),
        })
    }

    /// Writes it as the command does that made it.
    ///
    /// # Errors
    ///
    /// Those of writing.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        match self {
            Saved::Solution(report) => json::write(out, report),
            Saved::Reduced(report) => json::write(out, report),
            Saved::Target(report) => json::write(out, report),
            Saved::Balance(report) => json::write(out, report),
            Saved::Check(report) => json::write(out, report),
            Saved::Simulation(report) => json::write(out, report),
            Saved::Compare(report) => json::write(out, report),
            Saved::ModelsCompared(report) => json::write(out, report),
            Saved::Main(report) => json::write(out, report),
            Saved::Models(report) => json::write(out, report),
            Saved::Transfer(report) => report.write_json(out),
            Saved::Response(report) => json::write(out, report),
            Saved::Phases(report) => json::write(out, report),
            Saved::Spectrum(report) => json::write(out, report),
            Saved::Correlations(report) => json::write(out, report),
            Saved::Explain(report) => json::write(out, report),
            Saved::Evolution(report) => json::write(out, report),
            Saved::InTime(report) => json::write(out, report),
            Saved::Sweep(report) => report.write_json(out),
        }
    }

    /// Where it comes from.
    pub fn provenance(&self) -> &Provenance {
        match self {
            Saved::Solution(report) => &report.provenance,
            Saved::Reduced(report) => &report.provenance,
            Saved::Target(report) => &report.provenance,
            Saved::Balance(report) => &report.provenance,
            Saved::Check(report) => &report.provenance,
            Saved::Simulation(report) => &report.provenance,
            Saved::Compare(report) => &report.provenance,
            Saved::ModelsCompared(report) => &report.provenance,
            Saved::Main(report) => &report.theory.provenance,
            Saved::Models(report) => &report.provenance,
            Saved::Transfer(report) => &report.provenance,
            Saved::Response(report) => &report.provenance,
            Saved::Phases(report) => &report.provenance,
            Saved::Spectrum(report) => &report.provenance,
            Saved::Correlations(report) => &report.provenance,
            Saved::Explain(report) => &report.provenance,
            Saved::Evolution(report) => &report.provenance,
            Saved::InTime(report) => &report.provenance,
            Saved::Sweep(report) => &report.header.provenance,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_report_is_refused_with_the_reason() {
        let provenance = |report: &str, format: u32| {
            let provenance = Provenance { format, ..Provenance::program(report) };
            format!("{{\"provenance\": {}}}", serde_json::to_string(&provenance).unwrap())
        };
        for (text, message) in [
            ("[1, 2]".to_string(), "invalid type"),
            ("{\"fixed_points\": []}".to_string(), "no \"provenance\""),
            (provenance("dance", 1), "\"dance\""),
            (provenance("solve", 99), "form 99"),
            (provenance("solve", 1), "missing field"),
        ] {
            let error = Saved::read(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(message), "{text}: {error}");
        }
    }
}
