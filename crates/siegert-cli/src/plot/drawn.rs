//! From what a command has found to its picture, and from the picture to its file.

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;

use siegert::comparison::study::{ScalingStudy, TimeStepStudy};
use siegert::report::{
    About, BalanceReport, CompareReport, CorrelationsReport, EvolutionReport, ExplainReport, InTimeReport,
    ModelsComparedReport, Report, ResponseReport, SpectrumReport, Table, Values,
};
use siegert_plot as pictures;
use siegert_plot::TransferCurves;
pub(crate) use siegert_plot::{Beside, Drawing};

use super::kinds::{ComparisonPlot, Kind, SimulationPlot, WhichState};
use crate::failure::Failure;
use crate::library::{Network, Simulation, Solution, Theory};
use siegert::files::AtomicFile;

/// The form of a picture, by its file's ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PictureFormat {
    Svg,
    Png,
}

impl PictureFormat {
    /// The form of the file that `--plot` names.
    pub(crate) fn of(path: impl AsRef<Path>) -> Result<Self, Failure> {
        let path = path.as_ref();
        match path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase).as_deref() {
            Some("svg") => Ok(PictureFormat::Svg),
            Some("png") => Ok(PictureFormat::Png),
            _ => Err(Failure::Input(format!("--plot {}: the ending must be .svg or .png", path.display()))),
        }
    }
}

/// The form of a movie, by its file's ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MovieFormat {
    Svg,
    Gif,
}

impl MovieFormat {
    /// The form of the file that `--movie` names.
    pub(crate) fn of(path: &Path) -> Result<Self, Failure> {
        match path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase).as_deref() {
            Some("svg") => Ok(MovieFormat::Svg),
            Some("gif") => Ok(MovieFormat::Gif),
            _ => Err(Failure::Input(format!("--movie {}: the ending must be .svg or .gif", path.display()))),
        }
    }
}

/// Writes densities in motion, whole or not at all.
pub(crate) fn write_movie(path: &Path, format: MovieFormat, report: &EvolutionReport) -> Result<(), Failure> {
    let movie = pictures::movie_of_evolution(report)?;
    let bytes = match format {
        MovieFormat::Svg => movie.svg().into_bytes(),
        MovieFormat::Gif => movie.gif()?,
    };
    let mut file = AtomicFile::create(path)?;
    file.checked(|file| file.write_all(&bytes))?;
    Ok(file.commit()?)
}

/// Refuses pages with pictures where none can be drawn; here they can.
pub(crate) fn refuse_page() -> Result<(), Failure> {
    Ok(())
}

/// Writes a drawing to a file, whole or not at all.
pub(crate) fn write(path: &Path, format: PictureFormat, drawing: &Drawing) -> Result<(), Failure> {
    let mut file = AtomicFile::create(path)?;
    match format {
        PictureFormat::Svg => file.checked(|file| file.write_all(drawing.svg().as_bytes()))?,
        PictureFormat::Png => {
            let bytes = drawing.png()?;
            file.checked(|file| file.write_all(&bytes))?;
        }
    }
    Ok(file.commit()?)
}

/// Writes a comparison as a page, whole or not at all.
pub(crate) fn write_page(
    path: &Path,
    report: &CompareReport,
    (network, theory): (&Network, &Theory<'_>),
    open_delay_ms: f64,
) -> Result<(), Failure> {
    let page = pictures::of_report(report, network, theory, open_delay_ms)?;
    let mut file = AtomicFile::create(path)?;
    file.checked(|file| file.write_all(page.as_bytes()))?;
    Ok(file.commit()?)
}

/// Stationary states.
pub(crate) fn of_solution(theory: &Theory, solution: &Solution, kind: Kind) -> Result<Drawing, Failure> {
    let kind = match kind {
        Kind::Auto => pictures::SolutionPlot::Auto,
        Kind::Crossing => pictures::SolutionPlot::Crossing,
        Kind::Nullclines => pictures::SolutionPlot::Nullclines,
        Kind::Bars => pictures::SolutionPlot::Bars,
    };
    Ok(pictures::of_solution(theory, solution, kind)?)
}

/// A simulation.
pub(crate) fn of_simulation(
    network: &Network,
    simulation: &Simulation,
    kind: SimulationPlot,
) -> Result<Drawing, Failure> {
    let kind = match kind {
        SimulationPlot::Overview => pictures::SimulationPlot::Overview,
        SimulationPlot::Raster => pictures::SimulationPlot::Raster,
        SimulationPlot::Rate => pictures::SimulationPlot::Rate,
        SimulationPlot::Distributions => pictures::SimulationPlot::Distributions,
        SimulationPlot::Spectrum => pictures::SimulationPlot::Spectrum,
    };
    Ok(pictures::of_simulation(network, simulation, kind)?)
}

/// A simulation beside the theory; the story where a study is meant that is not there.
pub(crate) fn of_comparison(
    network: &Network,
    theory: &Beside<'_>,
    simulation: &Simulation,
    kind: ComparisonPlot,
) -> Result<Drawing, Failure> {
    let kind = match kind {
        ComparisonPlot::Potential => pictures::ComparisonPlot::Potential,
        ComparisonPlot::Transfer => pictures::ComparisonPlot::Transfer,
        ComparisonPlot::Bars => pictures::ComparisonPlot::Bars,
        ComparisonPlot::Spectrum => pictures::ComparisonPlot::Spectrum,
        ComparisonPlot::Auto | ComparisonPlot::Story | ComparisonPlot::Scaling | ComparisonPlot::TimeStep => {
            pictures::ComparisonPlot::Story
        }
    };
    Ok(pictures::of_comparison(network, theory, simulation, kind)?)
}

/// The whole story of a network.
pub(crate) fn side_by_side(
    network: &Network,
    theory: &Beside<'_>,
    simulation: &Simulation,
) -> Result<Drawing, Failure> {
    Ok(pictures::side_by_side(network, theory, simulation)?)
}

/// Deviations and correlations over the in-degree.
pub(crate) fn scaling(about: About<'_>, study: &ScalingStudy) -> Result<Drawing, Failure> {
    Ok(pictures::of_scaling(about, study)?)
}

/// Rates over the time step.
pub(crate) fn time_steps(report: &CompareReport, study: &TimeStepStudy) -> Result<Drawing, Failure> {
    Ok(pictures::of_time_steps(report.about(), &report.first_run(), study)?)
}

/// States over a parameter beside the balanced limit.
pub(crate) fn of_balance(report: &BalanceReport) -> Result<Drawing, Failure> {
    Ok(pictures::of_balance(report)?)
}

/// The response of neurons and network.
pub(crate) fn of_response(report: &ResponseReport) -> Result<Drawing, Failure> {
    Ok(pictures::of_response(report)?)
}

/// Spectra of populations and neurons.
pub(crate) fn of_spectrum(report: &SpectrumReport) -> Result<Drawing, Failure> {
    Ok(pictures::of_spectrum(report)?)
}

/// Correlations of pairs, over the size of the network.
pub(crate) fn of_correlations(report: &CorrelationsReport) -> Result<Drawing, Failure> {
    Ok(pictures::of_correlations(report)?)
}

/// Rates in time.
pub(crate) fn of_evolution(report: &EvolutionReport) -> Result<Drawing, Failure> {
    Ok(pictures::of_evolution(report)?)
}

/// Rates in time of theory and simulations.
pub(crate) fn of_in_time(report: &InTimeReport) -> Result<Drawing, Failure> {
    Ok(pictures::of_in_time(report)?)
}

/// A phase diagram.
pub(crate) fn of_phases(diagram: &siegert::sweep::PhaseDiagram) -> Result<Drawing, Failure> {
    Ok(pictures::of_phases(diagram)?)
}

/// What makes a number what it is.
pub(crate) fn of_explain(report: &ExplainReport) -> Result<Drawing, Failure> {
    Ok(pictures::of_explain(report)?)
}

/// Neuron models side by side.
pub(crate) fn of_models_compared(report: &ModelsComparedReport) -> Result<Drawing, Failure> {
    Ok(pictures::of_models_compared(report)?)
}

/// Transfer curves.
pub(crate) mod transfer {
    use super::*;

    /// The points as they are computed.
    #[derive(Debug, Default)]
    pub(crate) struct Curves(TransferCurves);

    impl Curves {
        /// Takes over some rows.
        pub(crate) fn add(&mut self, block: &Table) {
            self.0.add(block.columns.iter().map(|column| match &column.values {
                Values::Numbers(values) => (column.name.as_ref(), &values[..]),
                _ => (column.name.as_ref(), &[][..]),
            }));
        }

        /// Draws them; `log` asks for a logarithmic axis of rates.
        pub(crate) fn draw(&self, title: &str, small_print: &str, log: bool) -> Result<Drawing, Failure> {
            Ok(self.0.draw(title, small_print, log)?)
        }
    }
}

impl From<WhichState> for pictures::WhichState {
    fn from(which: WhichState) -> Self {
        match which {
            WhichState::Lowest => pictures::WhichState::Lowest,
            WhichState::Highest => pictures::WhichState::Highest,
        }
    }
}
