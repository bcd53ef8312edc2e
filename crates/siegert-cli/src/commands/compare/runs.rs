//! The runs of a comparison: one near each state that is asked about.

use std::path::Path;

use crate::commands::simulate;
use crate::failure::Failure;
use crate::library::{
    FixedPoint, Network, Simulation, SimulationOptions, Solution, StateComparison, Theory, TheoryOptions, Work,
};
use crate::output::messages::print_remark;

/// A state beside the simulation that was started near it, or anywhere.
#[derive(Debug)]
pub(crate) struct StateRun {
    pub(crate) comparison: StateComparison,
    pub(crate) simulation: Simulation,
}

/// Everything that simulating needs, whatever the network.
#[derive(Clone, Copy, Debug)]
pub(super) struct Session<'a> {
    pub(super) theory: &'a TheoryOptions,
    pub(super) simulation: &'a SimulationOptions,
    pub(super) spikes: Option<&'a Path>,
    pub(super) quiet: bool,
    pub(super) work: &'a Work,
}

/// The network in theory.
#[derive(Debug)]
pub(super) struct Prediction {
    pub(super) theory: Theory<'static>,
    pub(super) solution: Solution,
}

/// Which state a run is to be compared with, and whether it starts there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StateChoice {
    /// The state with this index; its rates are held first.
    Near(usize),
    /// The state with this index; the start is the simulator's own.
    At(usize),
    /// Whichever is nearest in the end.
    Nearest,
}

impl Prediction {
    pub(super) fn new(network: &Network, options: &TheoryOptions) -> Result<Self, Failure> {
        let theory = Theory::new(network, options)?;
        let solution = theory.solution()?;
        if solution.fixed_points.is_empty() {
            return Err(Failure::Work("no stationary state was found to compare with a simulation".to_string()));
        }
        Ok(Prediction { theory: theory.into_owned(), solution })
    }

    pub(super) fn states(&self) -> &[FixedPoint] {
        &self.solution.fixed_points
    }

    /// Whether the states that runs start near are all stable under the rate dynamics.
    pub(super) fn all_stable(&self, choices: &[StateChoice]) -> bool {
        choices.iter().all(|choice| match choice {
            StateChoice::Near(index) | StateChoice::At(index) => self.states()[*index].stable,
            StateChoice::Nearest => false,
        })
    }

    /// One run for each state that the network may stay at (stable, or oscillating under the rate dynamics), or for the one
    /// that is named (from 1).
    pub(super) fn choices(&self, named: Option<usize>) -> Result<Vec<StateChoice>, Failure> {
        let states = self.states();
        if let Some(number) = named {
            let (count, noun) = (states.len(), if states.len() == 1 { "state" } else { "states" });
            return match number {
                _ if number <= count => Ok(vec![StateChoice::Near(number - 1)]),
                _ => Err(Failure::Input(format!(
                    "--state {number}: the network has {count} stationary {noun}; siegert solve lists them"
                ))),
            };
        }
        let possible: Vec<usize> = (0..states.len()).filter(|&index| states[index].stability().may_stay()).collect();
        Ok(match possible[..] {
            [] => vec![StateChoice::Nearest],
            [only] => vec![StateChoice::At(only)],
            _ => possible.into_iter().map(StateChoice::Near).collect(),
        })
    }
}

impl Session<'_> {
    /// Simulates, and compares with the state that is aimed at; the message is there if the run was stopped.
    pub(super) fn run(
        &self,
        network: &Network,
        prediction: &Prediction,
        choice: StateChoice,
    ) -> Result<(StateRun, Option<String>), Failure> {
        let states = prediction.states();
        let held_rates_hz = match choice {
            StateChoice::Near(index) => Some(states[index].rates_hz()),
            StateChoice::At(_) | StateChoice::Nearest => None,
        };
        let options = SimulationOptions { held_rates_hz, ..self.simulation.clone() };
        let outcome = simulate::simulated(network, &options, self.spikes, (self.quiet, self.work))?;
        let simulation = outcome.simulation;
        let index = match choice {
            StateChoice::Near(index) | StateChoice::At(index) => index,
            StateChoice::Nearest => prediction.theory.nearest_state(states, &simulation).unwrap_or(0),
        };
        let comparison = prediction.theory.compare(states, index, &simulation);
        Ok((StateRun { comparison, simulation }, outcome.stopped))
    }

    /// As [`Session::run`], but being stopped is no failure: what was measured until then is there, if anything was.
    pub(super) fn run_until_stopped(
        &self,
        network: &Network,
        prediction: &Prediction,
        choice: StateChoice,
    ) -> Result<(Option<StateRun>, Option<String>), Failure> {
        match self.run(network, prediction, choice) {
            Ok((run, None)) => Ok((Some(run), None)),
            Ok((run, stopped)) => Ok(((run.simulation.run.duration_ms > 0.0).then_some(run), stopped)),
            Err(_) if self.work.is_cancelled() => {
                Ok((None, Some("stopped while the network was being built".to_string())))
            }
            Err(failure) => Err(failure),
        }
    }

    /// One run after the other, up to the first that is stopped or fails; at least one.
    pub(super) fn runs(
        &self,
        network: &Network,
        prediction: &Prediction,
        choices: &[StateChoice],
    ) -> Result<(Vec<StateRun>, Option<String>), Failure> {
        let mut runs = Vec::new();
        for (done, choice) in choices.iter().enumerate() {
            if let (false, true, StateChoice::Near(index)) = (self.quiet, choices.len() > 1, choice) {
                print_remark(&format!("simulating near state {} ({} of {} runs)", index + 1, done + 1, choices.len()));
            }
            let (run, stopped) = match self.run_until_stopped(network, prediction, *choice) {
                Err(failure) if !runs.is_empty() => (None, Some(failure.to_string())),
                outcome => outcome?,
            };
            runs.extend(run);
            match stopped {
                Some(message) if runs.is_empty() => return Err(Failure::Work(message)),
                Some(message) => return Ok((runs, Some(message))),
                None => {}
            }
        }
        Ok((runs, None))
    }
}
