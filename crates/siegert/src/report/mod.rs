//! What commands print, Python returns and pages show: quantities by name, results that are written and read back, and the forms in which
//! they are written: text for people, JSON, and tables as CSV or Parquet.

mod balance;
mod check;
pub mod comparison;
mod correlations;
mod critical;
pub mod csv;
mod density_in_time;
mod evolution;
mod explain;
mod in_time;
pub mod json;
mod main_job;
mod models;
mod models_compared;
#[cfg(feature = "parquet")]
pub mod parquet;
pub mod quantity;
mod reduced;
mod response;
mod simulation;
mod solution;
mod spectrum;
pub mod table;
mod table_rows;
mod target;
pub mod text;
mod to_file;
pub mod transfer;
pub mod trust;

pub use crate::provenance::{FORMAT, Provenance};
pub use balance::{ApproachError, BalancePoint, BalanceReport, Over, OverValues, Scaling, approach};
pub use check::{CheckReport, RateFrom, SimulationNeeds};
pub use comparison::{CompareReport, ComparedState};
pub use correlations::{CorrelationsReport, PairCorrelation, PopulationCounts, SizeScaling};
pub use critical::{CriticalError, CriticalQuestion, CriticalReport, CriticalValue, SearchEnded};
pub use density_in_time::DensityInTime;
pub use evolution::{EvolutionReport, PopulationEvolution, RateEquationError};
pub use explain::{ConnectionPart, ExplainError, ExplainQuestion, ExplainReport, ExplainedBy};
pub use in_time::{InTimeReport, RatesInTime};
pub use main_job::MainReport;
pub use models::{BundledModel, ModelsReport};
pub use models_compared::{
    MatchedNeuron, Matching, ModelFacts, ModelInNetwork, ModelPopulation, ModelState, ModelsComparedError,
    ModelsComparedReport, WorkingPoint, compare_models,
};
pub use quantity::{Quantity, StateNumbers};
pub use reduced::{Eigenvalue, ReducedFixedPoint, ReducedPopulation, ReducedReport, ReducedSearch};
pub use response::{
    DensityMode, EigenvalueCurve, NetworkMode, NoState, PopulationResponse, ResponseReport, ResponseReportError,
    RootSearch,
};
pub use simulation::{SimulationReport, time};
pub use solution::ShownInText;
pub use spectrum::{CrossSpectrum, FluctuationsReportError, PopulationSpectra, SpectrumFormula, SpectrumReport};
pub use table::{Column, Table, Values};
pub use target::{
    MetTarget, TargetQuestion, TargetQuestionError, TargetReport, TargetSearch, ValueOf, Varied, WantedValue,
};
pub use to_file::{FileFormat, METADATA, ParquetFile, no_parquet, write_metadata, write_report, write_table};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::network::Parameter;

/// A result that a command prints, and that is written and read back.
pub trait Report: Serialize + DeserializeOwned {
    /// What it is about, and where it comes from.
    fn about(&self) -> About<'_>;

    /// Rows and columns: what is written as CSV and Parquet.
    fn table(&self) -> Table;
}

/// What a report is about.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The network's name.
    pub network: &'a str,
    /// Its parameters in force.
    pub parameters: &'a [Parameter],
    /// Where the report comes from.
    pub provenance: &'a Provenance,
}

impl About<'_> {
    /// The parameters for people: "g = 5", "J = 0.1 mV".
    pub fn parameter_list(&self) -> Vec<String> {
        self.parameters.iter().map(Parameter::shown).collect()
    }
}
