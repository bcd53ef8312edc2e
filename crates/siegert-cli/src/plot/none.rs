//! A build without pictures: every way to one ends with the same sentence.

use std::path::Path;

use siegert::comparison::StateComparison;
use siegert::comparison::study::{ScalingStudy, TimeStepStudy};
use siegert::report::{
    About, BalanceReport, CompareReport, CorrelationsReport, EvolutionReport, ExplainReport, InTimeReport,
    ModelsComparedReport, ResponseReport, SpectrumReport, Table,
};
use siegert::stationary::RateMap;
use siegert::theory::FixedPoint;

use super::kinds::{ComparisonPlot, Kind, SimulationPlot};
use crate::failure::Failure;
use crate::library::{Network, Simulation, Solution, Theory};

/// The form of a picture: there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PictureFormat {}

/// A finished drawing: there is none.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Drawing {}

impl PictureFormat {
    /// Refuses the file that `--plot` names.
    pub(crate) fn of(path: impl AsRef<Path>) -> Result<Self, Failure> {
        Err(no_pictures(&format!("--plot {}", path.as_ref().display())))
    }
}

/// The form of a movie: there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MovieFormat {}

impl MovieFormat {
    /// Refuses the file that `--movie` names.
    pub(crate) fn of(path: &Path) -> Result<Self, Failure> {
        Err(no_pictures(&format!("--movie {}", path.display())))
    }
}

/// Writes no movie.
pub(crate) fn write_movie(_: &Path, format: MovieFormat, _: &EvolutionReport) -> Result<(), Failure> {
    match format {}
}

/// The sentence, after what was asked for.
pub(super) fn no_pictures(asked: &str) -> Failure {
    Failure::Input(format!(
        "{asked}: this siegert was built without pictures; build it with --features pictures, which is the default"
    ))
}

/// Refuses pages, which have pictures.
pub(crate) fn refuse_page() -> Result<(), Failure> {
    Err(no_pictures("--report"))
}

/// Refuses `siegert plot`.
pub(crate) fn refuse_rows() -> Result<(), Failure> {
    Err(no_pictures("siegert plot"))
}

/// Writes no drawing.
pub(crate) fn write(_: &Path, format: PictureFormat, _: &Drawing) -> Result<(), Failure> {
    match format {}
}

/// Writes no page.
pub(crate) fn write_page(_: &Path, _: &CompareReport, _: (&Network, &Theory<'_>), _: f64) -> Result<(), Failure> {
    refuse_page()
}

/// What would be drawn beside a simulation.
#[derive(Clone, Copy, Debug)]
#[expect(dead_code, reason = "a build without pictures looks at none of it")]
pub(crate) struct Beside<'a> {
    pub(crate) states: &'a [FixedPoint],
    pub(crate) map: &'a RateMap,
    pub(crate) comparison: Option<&'a StateComparison>,
}

pub(crate) fn of_solution(_: &Theory, _: &Solution, _: Kind) -> Result<Drawing, Failure> {
    Err(no_pictures("--plot"))
}

pub(crate) fn of_simulation(_: &Network, _: &Simulation, _: SimulationPlot) -> Result<Drawing, Failure> {
    Err(no_pictures("--plot"))
}

pub(crate) fn of_comparison(
    _: &Network,
    _: &Beside<'_>,
    _: &Simulation,
    _: ComparisonPlot,
) -> Result<Drawing, Failure> {
    Err(no_pictures("--plot"))
}

pub(crate) fn side_by_side(_: &Network, _: &Beside<'_>, _: &Simulation) -> Result<Drawing, Failure> {
    Err(no_pictures("--plot"))
}

pub(crate) fn scaling(_: About<'_>, _: &ScalingStudy) -> Result<Drawing, Failure> {
    Err(no_pictures("--plot"))
}

pub(crate) fn time_steps(_: &CompareReport, _: &TimeStepStudy) -> Result<Drawing, Failure> {
    Err(no_pictures("--plot"))
}

pub(crate) fn of_balance(_: &BalanceReport) -> Result<Drawing, Failure> {
    Err(no_pictures("--plot"))
}

pub(crate) fn of_response(_: &ResponseReport) -> Result<Drawing, Failure> {
    Err(no_pictures("--plot"))
}

pub(crate) fn of_spectrum(_: &SpectrumReport) -> Result<Drawing, Failure> {
    Err(no_pictures("--plot"))
}

pub(crate) fn of_correlations(_: &CorrelationsReport) -> Result<Drawing, Failure> {
    Err(no_pictures("--plot"))
}

pub(crate) fn of_evolution(_: &EvolutionReport) -> Result<Drawing, Failure> {
    Err(no_pictures("--plot"))
}

pub(crate) fn of_in_time(_: &InTimeReport) -> Result<Drawing, Failure> {
    Err(no_pictures("--plot"))
}

pub(crate) fn of_phases(_: &siegert::sweep::PhaseDiagram) -> Result<Drawing, Failure> {
    Err(no_pictures("--plot"))
}

pub(crate) fn of_explain(_: &ExplainReport) -> Result<Drawing, Failure> {
    Err(no_pictures("--plot"))
}

pub(crate) fn of_models_compared(_: &ModelsComparedReport) -> Result<Drawing, Failure> {
    Err(no_pictures("--plot"))
}

/// Transfer curves.
pub(crate) mod transfer {
    use super::*;

    /// The points that would be drawn: none are kept.
    #[derive(Debug, Default)]
    pub(crate) struct Curves {}

    impl Curves {
        pub(crate) fn add(&mut self, _: &Table) {}

        pub(crate) fn draw(&self, _: &str, _: &str, _: bool) -> Result<Drawing, Failure> {
            Err(no_pictures("--plot"))
        }
    }
}
