//! Membranes: how the state of a block of neurons goes from one step to the next, and the one list of those that there are.
//!
//! A new membrane is a file that implements [`Membrane`] and a line of the list. It integrates on its own: the simulator is the witness of
//! the theory and does not read the theory's description of a neuron. The step of a block is compiled for each membrane, so nothing in it
//! is called through a table.

mod adex;
mod conducting;
mod differing;
mod eif;
mod lif;
mod perfect;
mod qif;
mod relaxation;
#[cfg(test)]
mod tests;
mod threshold;
mod upstroke;

#[cfg(test)]
pub(super) use {
    adex::Adex, conducting::Conducting, differing::Differing, eif::Eif, lif::Lif, perfect::Perfect, qif::Qif,
};

use std::fmt::Debug;

use super::arrays::{Array, ArrayMut};
use super::block::{BlockDynamics, MembraneNeurons};
use super::channel::MembraneInput;
use super::plan::{Plan, PopulationPlan};
use crate::network::CurrentCourse;
pub(super) use relaxation::decay_and_mean;
pub(super) use threshold::Felt;

/// Makes the neurons of a block with their membrane.
pub(super) type BuildNeurons = fn(&Plan, usize) -> Box<dyn BlockDynamics>;

/// How neurons with a membrane are made: those that are alike, and those that differ; without conductances, and with them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Builders {
    alike: BuildNeurons,
    differing: BuildNeurons,
    conducting: BuildNeurons,
    differing_conducting: BuildNeurons,
}

impl Builders {
    fn with<M: Conducts>() -> Self {
        use {conducting::Conducting, differing::Differing};
        Builders {
            alike: |plan, block| MembraneNeurons::<M>::boxed(plan, block),
            differing: |plan, block| MembraneNeurons::<Differing<M>>::boxed(plan, block),
            conducting: |plan, block| MembraneNeurons::<Conducting<M>>::boxed(plan, block),
            differing_conducting: |plan, block| MembraneNeurons::<Differing<Conducting<M>>>::boxed(plan, block),
        }
    }

    /// How those of a population are made.
    pub(super) fn of(&self, population: &PopulationPlan) -> BuildNeurons {
        match (population.differs(), population.conducts()) {
            (false, false) => self.alike,
            (true, false) => self.differing,
            (false, true) => self.conducting,
            (true, true) => self.differing_conducting,
        }
    }
}

/// A name, and how neurons of that name are made.
type Entry = (&'static str, fn() -> Builders);

/// The list: the name in the network file, and how neurons of that name are made.
const MEMBRANES: [Entry; 5] = [
    ("lif", Builders::with::<lif::Lif>),
    ("eif", Builders::with::<eif::Eif>),
    ("qif", Builders::with::<qif::Qif>),
    ("adex", Builders::with::<adex::Adex>),
    ("perfect", Builders::with::<perfect::Perfect>),
];

/// How the neurons of that name are made; `None` where they are not simulated.
pub(super) fn named(name: &str) -> Option<Builders> {
    MEMBRANES.iter().find(|(known, _)| *known == name).map(|(_, builders)| builders())
}

/// "lif, ... and perfect are": the end of a sentence about another model.
pub(super) fn simulated_models() -> String {
    let [others @ .., (last, _)] = &MEMBRANES;
    let others: Vec<&str> = others.iter().map(|(name, _)| *name).collect();
    format!("{} and {last} are", others.join(", "))
}

/// A model of the membrane, with all that a step of its neurons needs. Potentials are relative to `E_L`.
pub(super) trait Membrane: Debug + Send + Sync + 'static {
    /// The state of a block's neurons.
    type State: State;

    /// For the neurons of a population and the step of the plan.
    fn new(plan: &Plan, population: &PopulationPlan) -> Self
    where
        Self: Sized;

    /// The same for the neurons of a block, which may differ.
    fn of_block(plan: &Plan, population: &PopulationPlan, _block: usize) -> Self
    where
        Self: Sized,
    {
        Self::new(plan, population)
    }

    /// Where the potentials of the start are, in mV: evenly from the first number to the second.
    fn start_mv(&self) -> (f64, f64);

    /// The same of one neuron of the block.
    fn start_of(&self, _neuron: usize) -> (f64, f64) {
        self.start_mv()
    }

    /// The state in which neurons start that have these potentials.
    fn state(&self, potential: &[f64]) -> Self::State;

    /// What `R I` of 1 mV is in the unit in which the membrane takes its input: in mV that it adds to V in a step, or another that the membrane says.
    fn current_gain(&self) -> f64;

    /// Standard deviation that white noise of std 1 mV gives V in a step.
    fn noise_gain(&self) -> f64;

    /// Whether conductances reach the neurons: it takes its input as [`conducting`] says.
    const CONDUCTS: bool = false;

    /// `1/g_L` in 1/nS of a neuron with this capacitance.
    fn resistance(&self, _C_m_pf: f64) -> f64 {
        0.0
    }

    /// The same of each neuron, where they differ.
    fn resistances(&self, _C_m_pf: f64) -> Option<Vec<f64>> {
        None
    }

    /// What open conductances leave of the noise, which is all that is in the kicks as yet.
    #[inline(always)]
    fn damp_noise(&self, _input: &mut MembraneInput) {}

    /// The same of one neuron: by what the noise is multiplied if so much is open.
    #[inline(always)]
    fn noise_left(&self, _leak: f64) -> f64 {
        1.0
    }

    /// What neurons that differ make of kicks by noise that were drawn with that gain.
    #[inline(always)]
    fn scale_noise(&self, _kicks: &mut [f32]) {}

    /// The same of a synaptic current that is 1 pA at the beginning of a step and decays with `tau_syn` in it.
    fn synaptic_gain(&self, tau_syn_ms: f64, C_m_pf: f64) -> f64;

    /// The same of each neuron, where they differ.
    fn synaptic_gains(&self, _tau_syn_ms: f64, _C_m_pf: f64) -> Option<Vec<f64>> {
        None
    }

    /// As [`Membrane::rising_gain`], of each neuron, where they differ.
    fn rising_gains(&self, _course: &CurrentCourse, _C_m_pf: f64) -> Option<Vec<f64>> {
        None
    }
    /// The same of a current that is 0 then, rises by 1 pA/ms and goes on to rise and decay with its time constants.
    fn rising_gain(&self, course: &CurrentCourse, C_m_pf: f64) -> f64;

    /// Moves all neurons by a step; marks who fires, and says whether anyone does.
    fn step(&self, state: &mut Self::State, input: &MembraneInput, fires: &mut [u8]) -> bool;

    /// Moves one neuron by a step in which it feels this; says whether it fires.
    fn step_of(&self, state: &mut Self::State, neuron: usize, felt: Felt) -> bool;

    /// What a neuron feels of the input that is common to all, and of its own currents.
    #[inline(always)]
    fn common_of(&self, _neuron: usize, input: &MembraneInput) -> f64 {
        input.common
    }

    /// The part of a step, from 0 to 1, after which a neuron of a block spiked that spiked in it: from the state before and what it felt.
    fn crossing(&self, before: &Self::State, neuron: usize, felt: Felt) -> f64;
}

/// The state of a block's neurons: named arrays with a number for each neuron.
pub(super) trait State: Debug + Send + Sync {
    /// Potentials relative to `E_L`, in mV.
    fn potential(&self) -> &[f64];

    /// Steps that each neuron still stays at reset.
    fn refractory(&self) -> &[i32];

    /// All arrays by name, from which the run goes on.
    fn arrays(&self) -> Vec<(&'static str, Array<'_>)>;

    /// The same arrays in the same order, to be filled.
    fn arrays_mut(&mut self) -> Vec<(&'static str, ArrayMut<'_>)>;

    /// Takes over from a state of the same neurons what the next step depends on, but for who is refractory.
    fn remember(&mut self, other: &Self);
}

/// A membrane that can be reached by conductances: how it moves while the leak of a step is another, in each step and for each neuron.
///
/// The input is `int I dt / C_m` over the step in mV, that through conductances at `V = E_L` included; beside it conductances add to the leak, as
/// [`Opened`](super::conductance::Opened) says.
pub(super) trait Conducts: Membrane {
    /// h and tau_m in ms.
    fn times_ms(&self) -> (f64, f64);

    /// What a step leaves of the noise of standard deviation `sqrt(h/tau_m)`, if so much is open besides.
    fn noise_left(&self, leak: f64) -> f64;

    /// As [`Membrane::step`].
    fn conduct(&self, state: &mut Self::State, input: &MembraneInput, fires: &mut [u8]) -> bool;

    /// As [`Membrane::step_of`].
    fn conduct_of(&self, state: &mut Self::State, neuron: usize, felt: Felt) -> bool;

    /// As [`Membrane::crossing`].
    fn conducted_crossing(&self, before: &Self::State, neuron: usize, felt: Felt) -> f64;
}
