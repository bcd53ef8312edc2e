//! The runs of a comparison: one near each state that is asked about, by whoever simulates.

use std::fmt::Display;

use crate::comparison::StateComparison;
use crate::network::Network;
use crate::simulation::{Simulation, SimulationOptions};
use crate::stationary::{SolveError, TheoryOptions};
use crate::theory::{FixedPoint, Solution, Theory};

/// What there is of it, and why there is no more if it was stopped.
pub type UntilStopped<T> = (T, Option<String>);

/// Who simulates for a comparison: a program that shows how far it is, keeps the spikes, and can be stopped.
pub trait Simulates {
    /// Why a network cannot be simulated.
    type Error: Display;

    /// Simulates a network; the message is there if the run was stopped before its end.
    ///
    /// # Errors
    ///
    /// The network cannot be simulated, or the run was stopped before it began.
    fn simulate(
        &mut self,
        network: &Network,
        options: &SimulationOptions,
    ) -> Result<UntilStopped<Simulation>, Self::Error>;

    /// What is going to be simulated next, for one who waits.
    fn remark(&mut self, _what: &str) {}

    /// Whether the whole comparison is to be stopped.
    fn is_stopped(&self) -> bool {
        false
    }
}

/// Why a comparison has no run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RunError<E> {
    /// The network cannot be solved.
    #[error(transparent)]
    Solve(#[from] SolveError),
    /// There is no state.
    #[error("no stationary state was found to compare with a simulation")]
    NoState,
    /// No such state.
    #[error("state {number}: the network has {states} stationary state{}; siegert solve lists them", if *.states == 1 { "" } else { "s" })]
    NoSuchState {
        /// The number asked for, from 1.
        number: usize,
        /// How many there are.
        states: usize,
    },
    /// An in-degree that the network cannot have.
    #[error("the network cannot be scaled so far")]
    TooFar,
    /// It was stopped before anything was measured.
    #[error("{0}")]
    Stopped(String),
    /// What the simulator says.
    #[error("{0}")]
    Simulation(E),
}

/// A state beside the simulation that was started near it, or anywhere.
#[derive(Clone, Debug, PartialEq)]
pub struct StateRun {
    /// The state beside the simulation.
    pub comparison: StateComparison,
    /// The simulation.
    pub simulation: Simulation,
}

/// The network in theory.
#[derive(Debug)]
pub struct Prediction {
    /// The theory of the network.
    pub theory: Theory<'static>,
    /// All that it says of its states.
    pub solution: Solution,
}

/// Which state a run is to be compared with, and whether it starts there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateChoice {
    /// The state with this index; its rates are held first.
    Near(usize),
    /// The state with this index; the start is the simulator's own.
    At(usize),
    /// Whichever is nearest in the end.
    Nearest,
}

impl Prediction {
    /// Solves a network.
    ///
    /// # Errors
    ///
    /// No state.
    pub fn new<E>(network: &Network, options: &TheoryOptions) -> Result<Self, RunError<E>> {
        Prediction::of(Theory::new(network, options)?)
    }

    /// What a theory says of its network.
    ///
    /// # Errors
    ///
    /// No state; the work was stopped.
    pub fn of<E>(theory: Theory<'_>) -> Result<Self, RunError<E>> {
        let solution = theory.solution()?;
        if solution.fixed_points.is_empty() {
            return Err(RunError::NoState);
        }
        Ok(Prediction { theory: theory.into_owned(), solution })
    }

    /// The states.
    pub fn states(&self) -> &[FixedPoint] {
        &self.solution.fixed_points
    }

    /// Whether the states that runs start near are all stable under the rate dynamics.
    pub fn all_stable(&self, choices: &[StateChoice]) -> bool {
        choices.iter().all(|choice| match choice {
            StateChoice::Near(index) | StateChoice::At(index) => self.states()[*index].stable,
            StateChoice::Nearest => false,
        })
    }

    /// One run for each state that the network may stay at (stable, or oscillating under the rate dynamics), or for the one
    /// that is named (from 1).
    ///
    /// # Errors
    ///
    /// There is no state of that number.
    pub fn choices<E>(&self, named: Option<usize>) -> Result<Vec<StateChoice>, RunError<E>> {
        let states = self.states();
        if let Some(number) = named {
            return match number.checked_sub(1) {
                Some(index) if index < states.len() => Ok(vec![StateChoice::Near(index)]),
                _ => Err(RunError::NoSuchState { number, states: states.len() }),
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

/// Simulates, and compares with the state that is aimed at; the message is there if the run was stopped.
fn run<S: Simulates>(
    by: &mut S,
    (network, options): (&Network, &SimulationOptions),
    prediction: &Prediction,
    choice: StateChoice,
) -> Result<UntilStopped<StateRun>, S::Error> {
    let states = prediction.states();
    let held_rates_hz = match choice {
        StateChoice::Near(index) => Some(states[index].rates_hz()),
        StateChoice::At(_) | StateChoice::Nearest => None,
    };
    let options = SimulationOptions { held_rates_hz, ..options.clone() };
    let (simulation, stopped) = by.simulate(network, &options)?;
    let index = match choice {
        StateChoice::Near(index) | StateChoice::At(index) => index,
        StateChoice::Nearest => prediction.theory.nearest_state(states, &simulation).unwrap_or(0),
    };
    let mut comparison = prediction.theory.compare(states, index, &simulation);
    prediction.theory.compare_fluctuations(&mut comparison, &simulation);
    Ok((StateRun { comparison, simulation }, stopped))
}

/// A comparison with one state. Being stopped is no failure: what was measured until then is there, if anything was.
pub(super) fn run_until_stopped<S: Simulates>(
    by: &mut S,
    simulated: (&Network, &SimulationOptions),
    prediction: &Prediction,
    choice: StateChoice,
) -> Result<UntilStopped<Option<StateRun>>, S::Error> {
    match run(by, simulated, prediction, choice) {
        Ok((run, None)) => Ok((Some(run), None)),
        Ok((run, stopped)) => Ok(((run.simulation.run.duration_ms > 0.0).then_some(run), stopped)),
        Err(_) if by.is_stopped() => Ok((None, Some("stopped while the network was being built".to_string()))),
        Err(error) => Err(error),
    }
}

/// One run after the other, up to the first that is stopped or fails; at least one.
///
/// # Errors
///
/// The first run failed, or was stopped before anything was measured.
pub fn state_runs<S: Simulates>(
    by: &mut S,
    simulated: (&Network, &SimulationOptions),
    prediction: &Prediction,
    choices: &[StateChoice],
) -> Result<UntilStopped<Vec<StateRun>>, RunError<S::Error>> {
    let mut runs = Vec::new();
    for (done, choice) in choices.iter().enumerate() {
        if let (true, StateChoice::Near(index)) = (choices.len() > 1, choice) {
            by.remark(&format!("simulating near state {} ({} of {} runs)", index + 1, done + 1, choices.len()));
        }
        let (run, stopped) = match run_until_stopped(by, simulated, prediction, *choice) {
            Err(error) if !runs.is_empty() => (None, Some(error.to_string())),
            outcome => outcome.map_err(RunError::Simulation)?,
        };
        runs.extend(run);
        match stopped {
            Some(message) if runs.is_empty() => return Err(RunError::Stopped(message)),
            Some(message) => return Ok((runs, Some(message))),
            None => {}
        }
    }
    Ok((runs, None))
}
