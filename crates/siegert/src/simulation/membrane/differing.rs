//! Neurons that differ within a population: any membrane, with constants of its own for each neuron.
//!
//! ```text
//! V_th, tau_m: constants of each neuron;   E_L of a neuron, from the population's E_L: a current R I = E_L' - E_L, adaptation included
//! ```
//!
//! Potentials stay relative to the population's `E_L`. For the leaky membranes another `E_L` is such a current exactly; with adaptation it is
//! `(1 + a R)` of it, since `w` relaxes to `a (V - E_L)`; without a leak it is nothing. Every neuron draws its parameters once, from the seed: a stream of random
//! numbers for each parameter and block, so that nothing depends on the number of threads, and a checkpoint needs none of them.

use super::Membrane;
use super::threshold::Felt;
use crate::network::{CurrentCourse, CutLaw, NeuronModel};
use crate::simulation::channel::MembraneInput;
use crate::simulation::conductance::OpenedOne;
use crate::simulation::plan::{Block, Plan, PopulationPlan};
use crate::simulation::streams::{Purpose, stream};

/// The membranes of a block, one for each neuron.
#[derive(Debug)]
pub(in crate::simulation) struct Differing<M> {
    each: Vec<M>,
    current_gain: Vec<f64>,
    noise_gain: Vec<f64>,
    /// `R I` in mV that stands for another resting potential.
    from_rest: Vec<f64>,
    /// The same of each current that differs between neurons; times its factor in a step.
    currents: Vec<Vec<f64>>,
}

/// A parameter that is drawn: its number among the random streams.
#[derive(Clone, Copy)]
#[repr(u32)]
enum Parameter {
    Threshold,
    TimeConstant,
    RestingPotential,
}

/// One number of a law for each neuron of a block.
fn drawn(plan: &Plan, law: &CutLaw, purpose: Purpose, id: u32, block: usize) -> Vec<f64> {
    let words = stream(plan.seed, purpose, id, block, 0);
    let number = |neuron: u32| {
        let [high, low] = [2 * neuron, 2 * neuron + 1].map(|index| u64::from(words.word(index)));
        let bits = (high << 32 | low) >> 11;
        law.quantile((bits as f64 + 0.5) * 2f64.powi(-53))
    };
    (0..plan.blocks[block].size).map(number).collect()
}

impl<M: Membrane> Membrane for Differing<M> {
    type State = M::State;

    const CONDUCTS: bool = M::CONDUCTS;

    /// Of the neuron at the centre of all laws.
    fn new(plan: &Plan, population: &PopulationPlan) -> Self {
        let each = vec![M::new(plan, population)];
        let gains = |of: fn(&M) -> f64| each.iter().map(of).collect();
        Self {
            current_gain: gains(M::current_gain),
            noise_gain: gains(M::noise_gain),
            from_rest: vec![0.0],
            currents: Vec::new(),
            each,
        }
    }

    fn of_block(plan: &Plan, population: &PopulationPlan, block: usize) -> Self {
        let Block { size, .. } = plan.blocks[block];
        let center = population.neuron;
        let of = |law: Option<CutLaw>, parameter: Parameter, value: f64| match law {
            Some(law) => drawn(plan, &law, Purpose::NeuronParameters, parameter as u32, block),
            None => vec![value; size as usize],
        };
        let V_th = of(center.V_th_law(), Parameter::Threshold, center.V_th_mv);
        let tau_m = of(center.tau_m_law(), Parameter::TimeConstant, center.tau_m_ms);
        let E_L = of(center.E_L_law(), Parameter::RestingPotential, center.E_L_mv);
        let mut own = population.clone();
        let mut membrane = |(V_th_mv, tau_m_ms): (&f64, &f64)| {
            (own.neuron.V_th_mv, own.neuron.tau_m_ms) = (*V_th_mv, *tau_m_ms);
            M::new(plan, &own)
        };
        let each: Vec<M> = V_th.iter().zip(&tau_m).map(&mut membrane).collect();
        let per_rest = |tau_m_ms: f64| match center.model {
            NeuronModel::Perfect => 0.0,
            NeuronModel::Adex { a_ns, .. } => 1.0 + a_ns * center.C_m_pf.map_or(0.0, |C_m_pf| tau_m_ms / C_m_pf),
            NeuronModel::Lif | NeuronModel::Eif { .. } | NeuronModel::Qif { .. } => 1.0,
        };
        let from_rest = E_L.iter().zip(&tau_m).map(|(E_L, tau_m)| per_rest(*tau_m) * (E_L - center.E_L_mv)).collect();
        let currents = population.differing_currents.iter().map(|current| {
            let values = match current.law.differing() {
                Some(law) => drawn(plan, &CutLaw::whole(law), Purpose::NeuronCurrents, current.drive, block),
                None => vec![current.law.center(); size as usize],
            };
            // R is the neuron's own
            let by_R =
                |(value, tau_m): (f64, &f64)| if current.given_in_pa { value * tau_m / center.tau_m_ms } else { value };
            values.into_iter().zip(&tau_m).map(by_R).collect()
        });
        Self {
            current_gain: each.iter().map(M::current_gain).collect(),
            noise_gain: each.iter().map(M::noise_gain).collect(),
            from_rest,
            currents: currents.collect(),
            each,
        }
    }

    fn start_mv(&self) -> (f64, f64) {
        self.start_of(0)
    }

    fn start_of(&self, neuron: usize) -> (f64, f64) {
        self.each[neuron].start_mv()
    }

    fn state(&self, potential: &[f64]) -> M::State {
        self.each[0].state(potential)
    }

    /// Input comes as `R I` in mV; each neuron has a gain of its own.
    fn current_gain(&self) -> f64 {
        1.0
    }

    fn noise_gain(&self) -> f64 {
        1.0
    }

    fn scale_noise(&self, kicks: &mut [f32]) {
        for (kick, gain) in kicks.iter_mut().zip(&self.noise_gain) {
            *kick = (f64::from(*kick) * gain) as f32;
        }
    }

    fn synaptic_gain(&self, tau_syn_ms: f64, C_m_pf: f64) -> f64 {
        self.each[0].synaptic_gain(tau_syn_ms, C_m_pf)
    }

    fn synaptic_gains(&self, tau_syn_ms: f64, C_m_pf: f64) -> Option<Vec<f64>> {
        Some(self.each.iter().map(|membrane| membrane.synaptic_gain(tau_syn_ms, C_m_pf)).collect())
    }

    fn resistance(&self, C_m_pf: f64) -> f64 {
        self.each[0].resistance(C_m_pf)
    }

    fn resistances(&self, C_m_pf: f64) -> Option<Vec<f64>> {
        Some(self.each.iter().map(|membrane| membrane.resistance(C_m_pf)).collect())
    }

    #[inline(always)]
    fn damp_noise(&self, input: &mut MembraneInput) {
        let leaks = input.kicks.iter_mut().zip(input.opened.leak.iter());
        for ((kick, leak), membrane) in leaks.zip(&self.each) {
            *kick = (f64::from(*kick) * membrane.noise_left(*leak)) as f32;
        }
    }

    fn rising_gain(&self, course: &CurrentCourse, C_m_pf: f64) -> f64 {
        self.each[0].rising_gain(course, C_m_pf)
    }

    fn rising_gains(&self, course: &CurrentCourse, C_m_pf: f64) -> Option<Vec<f64>> {
        Some(self.each.iter().map(|membrane| membrane.rising_gain(course, C_m_pf)).collect())
    }

    #[inline(always)]
    fn step(&self, state: &mut M::State, input: &MembraneInput, fires: &mut [u8]) -> bool {
        let mut any = 0;
        for (neuron, (membrane, fires)) in self.each.iter().zip(fires).enumerate() {
            let (common, current) = (self.common_of(neuron, input), input.from_currents[neuron]);
            let opened = if M::CONDUCTS { input.opened.of(neuron) } else { OpenedOne::NONE };
            let felt = Felt { common, current, kick: f64::from(input.kicks[neuron]), opened };
            *fires = u8::from(membrane.step_of(state, neuron, felt));
            any |= *fires;
        }
        any != 0
    }

    #[inline(always)]
    fn step_of(&self, state: &mut M::State, neuron: usize, felt: Felt) -> bool {
        self.each[neuron].step_of(state, neuron, felt)
    }

    #[inline(always)]
    fn common_of(&self, neuron: usize, input: &MembraneInput) -> f64 {
        let own = self.currents.iter().zip(&input.factors).map(|(values, factor)| values[neuron] * factor);
        self.current_gain[neuron] * own.fold(input.common + self.from_rest[neuron], |sum, value| sum + value)
    }

    fn crossing(&self, before: &M::State, neuron: usize, felt: Felt) -> f64 {
        self.each[neuron].crossing(before, neuron, felt)
    }
}
