//! Comparisons of what was saved: nothing is simulated again, and nothing solved where a report has the states.

use std::path::{Path, PathBuf};

use siegert::comparison::study::{Prediction, StateChoice, StateRun};
use siegert::network::Parameter;
use siegert::report::CompareReport;
use siegert::{Provenance, Saved};

use crate::arguments::CompareArguments;
use crate::commands::{read, saved};
use crate::failure::Failure;
use crate::library::{Network, Simulation, Solution, Theory};

/// What there is to compare, each with the file that it is from.
#[derive(Default)]
struct Found {
    solution: Option<(PathBuf, Box<Solution>)>,
    simulation: Option<(PathBuf, Simulation)>,
    /// What tells whether files are of one network.
    origins: Vec<(PathBuf, Provenance, Vec<Parameter>)>,
}

/// The comparison of saved reports, with its network and its theory; `None` where a network is to be simulated.
pub(super) fn compared(
    arguments: &CompareArguments,
) -> Result<Option<(CompareReport, Network, Theory<'static>)>, Failure> {
    let is_report = saved::is_saved(&arguments.file);
    if !is_report && arguments.saved.is_empty() {
        return Ok(None);
    }
    refuse_what_has_no_effect(is_report)?;
    let first = is_report.then(|| PathBuf::from(&arguments.file));
    let mut found = Found::default();
    for path in first.iter().chain(&arguments.saved) {
        match saved::report(path)? {
            Saved::Compare(report) if first.iter().chain(&arguments.saved).count() == 1 && is_report => {
                let network = saved::network(path, &report.provenance)?;
                let theory = saved::theory(&network, &report.provenance)?;
                return Ok(Some((*report, network, theory)));
            }
            report => found.add(path, report)?,
        }
    }
    let named = if is_report { None } else { Some(read::network(&arguments.file, &arguments.network)?) };
    found.compare(arguments, named).map(Some)
}

/// Options that say how to simulate, and those that say what of a network file.
const OF_RUNS: [&str; 11] = [
    "--dt-study", "--scaling", "--spikes", "--resume", "--restart", "--duration", "--warmup", "--dt", "--delay", "--seed",
    "--connectivity",
];
const OF_FILES: [&str; 2] = ["--set", "--case"];

/// Refuses options that would have no effect.
fn refuse_what_has_no_effect(is_report: bool) -> Result<(), Failure> {
    let typed: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let is_said = |option: &&&str| {
        typed.iter().any(|word| word == **option || word.strip_prefix(**option).is_some_and(|rest| rest.starts_with('=')))
    };
    if let Some(option) = OF_RUNS.iter().find(is_said) {
        return Err(Failure::Input(format!(
            "{option} is for simulations, and a saved report is compared without one; name the network file alone"
        )));
    }
    match OF_FILES.iter().find(is_said).filter(|_| is_report) {
        Some(option) => Err(Failure::Input(format!(
            "{option} changes a network file, and a saved report keeps what it was made with; name the network file, too, to see \
             that both are the same"
        ))),
        None => Ok(()),
    }
}

impl Found {
    fn add(&mut self, path: &Path, report: Saved) -> Result<(), Failure> {
        let twice = |what: &str| Failure::Input(format!("{}: there are {what} already", path.display()));
        let path = path.to_path_buf();
        let (provenance, parameters, solution, simulation) = match report {
            Saved::Solution(of) => (of.provenance.clone(), of.parameters.clone(), Some(of), None),
            Saved::Simulation(of) => (of.provenance, of.parameters, None, Some(of.simulation)),
            Saved::Main(of) => {
                let (provenance, parameters) = (of.theory.provenance.clone(), of.theory.parameters.clone());
                (provenance, parameters, Some(Box::new(of.theory)), Some(of.simulation))
            }
            other => {
                let (path, kind) = (path.display(), &other.provenance().report);
                return Err(Failure::Input(format!(
                    "{path} is a report of \"{kind}\"; what is compared are those of solve and simulate"
                )));
            }
        };
        if let Some(solution) = solution
            && self.solution.replace((path.clone(), solution)).is_some()
        {
            return Err(twice("states"));
        }
        if let Some(simulation) = simulation
            && self.simulation.replace((path.clone(), simulation)).is_some()
        {
            return Err(twice("simulated populations"));
        }
        self.origins.push((path, provenance, parameters));
        Ok(())
    }

    /// Sets the nearest state beside the simulation, or the one that is named.
    fn compare(
        self,
        arguments: &CompareArguments,
        named: Option<Network>,
    ) -> Result<(CompareReport, Network, Theory<'static>), Failure> {
        let Some((path, simulation)) = self.simulation else {
            let advice = "a report of simulate is needed beside the states (siegert simulate FILE --output x.json)";
            return Err(Failure::Input(format!("nothing was simulated: {advice}")));
        };
        let own = self.origins.iter().find(|(from, ..)| *from == path).map(|(_, provenance, _)| provenance);
        let network = match (named, own) {
            (Some(network), _) => network,
            (None, Some(provenance)) => saved::network(&path, provenance)?,
            (None, None) => return Err(Failure::Input(format!("{} has no network", path.display()))),
        };
        let expected = Provenance::new("compare", &network).network_sha256;
        for (path, provenance, parameters) in &self.origins {
            if provenance.network_sha256 != expected || *parameters != network.parameters {
                let what = if provenance.network_sha256 == expected { "other parameters" } else { "another network" };
                return Err(Failure::Input(format!("{} is of {what} than the rest", path.display())));
            }
        }
        let theory = match &self.solution {
            Some((_, solution)) => saved::theory(&network, &solution.provenance)?,
            None => Theory::new(&network, &arguments.theory.options())?.seeded(arguments.output.seed()).into_owned(),
        };
        let solution = match self.solution {
            Some((_, solution)) => *solution,
            None => theory.solution()?,
        };
        if solution.fixed_points.is_empty() {
            return Err(Failure::Work("no stationary state was found to compare with the simulation".to_string()));
        }
        let prediction = Prediction { theory: theory.clone(), solution };
        let index = match arguments.state {
            None => theory.nearest_state(prediction.states(), &simulation).unwrap_or(0),
            Some(_) => match prediction.choices(arguments.state)?[..] {
                [StateChoice::Near(index) | StateChoice::At(index)] => index,
                _ => 0,
            },
        };
        let mut comparison = theory.compare(prediction.states(), index, &simulation);
        theory.compare_fluctuations(&mut comparison, &simulation);
        let runs = vec![StateRun { comparison, simulation }];
        let report = CompareReport::new(&network, &prediction, runs, None, None);
        report
            .map(|report| (report, network, theory))
            .ok_or_else(|| Failure::Work("there is nothing to compare".to_string()))
    }
}
