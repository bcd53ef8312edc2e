//! `siegert plot`: draws what was written to a file, without computing it again: a report as JSON, or the rows of a sweep.

use crate::arguments::PlotArguments;
use crate::failure::Failure;

/// Refuses.
#[cfg(not(feature = "pictures"))]
pub(crate) fn run(_: &PlotArguments) -> Result<(), Failure> {
    crate::plot::refuse_rows()
}

/// Draws the file.
#[cfg(feature = "pictures")]
pub(crate) fn run(arguments: &PlotArguments) -> Result<(), Failure> {
    use crate::commands::saved;
    use crate::output::clash::Files;
    use crate::plot::{self, PictureFormat};

    let format = PictureFormat::of(&arguments.picture)?;
    Files::default().input("FILE", Some(&arguments.file)).output("PICTURE", Some(&arguments.picture)).check(true)?;
    let report = match saved::is_saved(&arguments.file.to_string_lossy()) {
        true => saved::report_or_rows(&arguments.file)?,
        false => None,
    };
    let drawing = match report {
        Some(report) => drawn::report(&report, arguments)?,
        None => drawn::rows(arguments)?,
    };
    plot::write(&arguments.picture, format, &drawing)
}

#[cfg(feature = "pictures")]
mod drawn {
    use clap::ValueEnum;
    use siegert::Saved;
    use siegert::report::CompareReport;
    use siegert_plot::{SweepPicture, TransferCurves, of_sweep};

    use crate::arguments::PlotArguments;
    use crate::commands::{compare, saved};
    use crate::failure::Failure;
    use crate::plot::{self, Beside, ComparisonPlot, Drawing};
    use crate::rows::{self, Wanted};
    use siegert::files::open_to_read;

    /// The picture of a report.
    pub(super) fn report(report: &Saved, arguments: &PlotArguments) -> Result<Drawing, Failure> {
        let provenance = report.provenance();
        let network = || saved::network(&arguments.file, provenance);
        let no_kinds = || match &arguments.plot_kind {
            Some(kind) => Err(Failure::Input(format!("--plot-kind {kind}: a report of \"{}\" has one picture", provenance.report))),
            None => Ok(()),
        };
        match report {
            Saved::Solution(solution) => {
                let theory = saved::theory(&network()?, provenance)?;
                plot::of_solution(&theory, solution, kind(arguments)?)
            }
            Saved::Simulation(report) => plot::of_simulation(&network()?, &report.simulation, kind(arguments)?),
            Saved::Main(report) => {
                no_kinds()?;
                let network = network()?;
                let theory = saved::theory(&network, provenance)?;
                let states = &report.theory.fixed_points[..];
                let beside = Beside { states, map: theory.map(), comparison: report.comparison.as_ref() };
                plot::side_by_side(&network, &beside, &report.simulation)
            }
            Saved::Compare(report) => comparison(report, arguments),
            Saved::Balance(report) => no_kinds().and_then(|()| plot::of_balance(report)),
            Saved::Explain(report) => no_kinds().and_then(|()| plot::of_explain(report)),
            Saved::Response(report) => no_kinds().and_then(|()| plot::of_response(report)),
            Saved::Phases(report) => no_kinds().and_then(|()| plot::of_phases(report)),
            Saved::Spectrum(report) => no_kinds().and_then(|()| plot::of_spectrum(report)),
            Saved::Correlations(report) => no_kinds().and_then(|()| plot::of_correlations(report)),
            Saved::Evolution(report) => no_kinds().and_then(|()| plot::of_evolution(report)),
            Saved::InTime(report) => no_kinds().and_then(|()| plot::of_in_time(report)),
            Saved::ModelsCompared(report) => no_kinds().and_then(|()| plot::of_models_compared(report)),
            Saved::Transfer(report) => {
                no_kinds()?;
                let mut curves = TransferCurves::default();
                curves.add(report.points.columns.iter().map(|column| (column.name.as_ref(), column.values.numbers())));
                let title = arguments.title.clone().unwrap_or_else(|| arguments.file.display().to_string());
                Ok(curves.draw(&title, "", false)?)
            }
            _ => Err(Failure::Input(format!(
                "{}: there is no picture of a report of \"{}\"",
                arguments.file.display(),
                provenance.report
            ))),
        }
    }

    fn comparison(report: &CompareReport, arguments: &PlotArguments) -> Result<Drawing, Failure> {
        let (kind, path) = (kind(arguments)?, arguments.file.display());
        let missing = match kind {
            ComparisonPlot::Scaling if report.scaling.is_none() => "growing in-degree (siegert compare --scaling)",
            ComparisonPlot::TimeStep if report.dt_study.is_none() => "time steps (siegert compare --dt-study)",
            _ => {
                let network = saved::network(&arguments.file, &report.provenance)?;
                let theory = saved::theory(&network, &report.provenance)?;
                return compare::drawing(report, &network, &theory, kind);
            }
        };
        Err(Failure::Input(format!("{path} has no study of {missing}")))
    }

    /// What `--plot-kind` names among the pictures of one report.
    fn kind<K: ValueEnum + Default>(arguments: &PlotArguments) -> Result<K, Failure> {
        let Some(name) = &arguments.plot_kind else { return Ok(K::default()) };
        K::from_str(name, false).map_err(|_| {
            let all = K::value_variants().iter().filter_map(K::to_possible_value);
            let names = all.map(|value| value.get_name().to_string()).collect::<Vec<_>>().join(", ");
            Failure::Input(format!("--plot-kind {name}: of {} there are {names}", arguments.file.display()))
        })
    }

    /// The picture of the rows of a sweep.
    pub(super) fn rows(arguments: &PlotArguments) -> Result<Drawing, Failure> {
        if let Some(kind) = &arguments.plot_kind {
            return Err(Failure::Input(format!("--plot-kind {kind}: the rows of a sweep have one picture")));
        }
        let name = arguments.file.display().to_string();
        let form = rows::form(&arguments.file)?;
        let wanted = Wanted { quantities: &arguments.quantity, populations: &arguments.population };
        let table = rows::read(open_to_read(&arguments.file)?, &name, form, wanted)?;
        Ok(of_sweep(&SweepPicture {
            title: arguments.title.clone().unwrap_or(name),
            small_print: String::new(),
            axes: table.axes,
            states: table.states,
            quantities: table.quantities,
            which: arguments.state.into(),
        })?)
    }
}
