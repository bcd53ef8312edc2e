//! The adaptive exponential integrate-and-fire membrane: the exponential one with a current that grows with V and at every spike.
//!
//! ```text
//! C dV/dt = -g_L (V - E_L) + g_L Delta_T exp((V - V_th)/Delta_T) - w + I,    tau_w dw/dt = a (V - E_L) - w
//! V >= V_peak:  a spike;  V <- V_reset for t_ref;  w <- w + b;    w runs on while V is refractory
//! ```
//!
//! In a step w relaxes for half of it with V held, V makes the step of the exponential membrane (`eif`) with w held, and w relaxes for the other half:
//! second order of h, as that membrane. The array `w` is `R w` in mV, with `R = tau_m / C_m`.
//!
//! Source: Brette and Gerstner (2005), J Neurophysiol 94:3637-3642; NEST's `aeif_psc_delta` and `aeif_psc_exp`. With a large the two variables
//! oscillate, which a step must resolve: it is stable for `h < 2 sqrt(tau_m tau_w g_L / a)`.

use super::eif::Eif;
use super::threshold::{Felt, Potentials};
use super::{Conducts, Membrane, State};
use crate::network::{CurrentCourse, NeuronModel};
use crate::simulation::aligned::Aligned;
use crate::simulation::arrays::{Array, ArrayMut};
use crate::simulation::channel::MembraneInput;
use crate::simulation::conductance::OpenedOne;
use crate::simulation::plan::{Plan, PopulationPlan};

/// What takes a block of such neurons from one step to the next.
#[derive(Clone, Debug)]
pub(in crate::simulation) struct Adex {
    spiking: Eif,
    /// What w of 1 mV takes from V in a step, as input.
    gain: f64,
    h_over_tau_m: f64,
    /// e^(-h/(2 tau_w)), and a R times what is missing to 1.
    half_decay: f64,
    toward: f64,
    /// b R.
    jump: f64,
}

/// The state of a block of such neurons.
#[derive(Debug)]
pub(in crate::simulation) struct Adapting {
    potentials: Potentials,
    /// R w in mV.
    w: Aligned<f64>,
}

impl State for Adapting {
    fn potential(&self) -> &[f64] {
        self.potentials.potential()
    }

    fn refractory(&self) -> &[i32] {
        self.potentials.refractory()
    }

    fn arrays(&self) -> Vec<(&'static str, Array<'_>)> {
        let mut arrays = self.potentials.arrays();
        arrays.push(("w", Array::Reals(&self.w)));
        arrays
    }

    fn arrays_mut(&mut self) -> Vec<(&'static str, ArrayMut<'_>)> {
        let mut arrays = self.potentials.arrays_mut();
        arrays.push(("w", ArrayMut::Reals(&mut self.w)));
        arrays
    }

    fn remember(&mut self, other: &Self) {
        self.potentials.remember(&other.potentials);
        self.w.copy_from_slice(&other.w);
    }
}

impl Adex {
    /// Moves a neuron by a step; says whether it spikes.
    #[inline(always)]
    fn step_one(&self, V: &mut f64, left: &mut i32, w: &mut f64, (input, kick): (f64, f64)) -> bool {
        let Self { spiking, gain, half_decay, toward, jump, .. } = self;
        let middle = half_decay * *w + toward * *V;
        let moved = spiking.moved(*V, input - gain * middle, kick);
        let spike = spiking.threshold.apply(V, left, moved);
        let after = half_decay * middle + toward * *V;
        *w = if spike { after + jump } else { after };
        spike
    }
}

impl Adex {
    /// As [`Adex::step_one`], where conductances reach the neuron.
    #[inline(always)]
    fn conduct_one(&self, V: &mut f64, left: &mut i32, w: &mut f64, felt: Felt) -> bool {
        let Self { spiking, half_decay, toward, jump, h_over_tau_m, .. } = self;
        let middle = half_decay * *w + toward * *V;
        let free = spiking.conducted(*V, felt.input() - h_over_tau_m * middle, felt.opened.leak);
        let spike = spiking.threshold.apply(V, left, felt.end(free));
        let after = half_decay * middle + toward * *V;
        *w = if spike { after + jump } else { after };
        spike
    }
}

impl Membrane for Adex {
    type State = Adapting;

    fn new(plan: &Plan, population: &PopulationPlan) -> Self {
        let neuron = &population.neuron;
        let NeuronModel::Adex { Delta_T_mv, V_peak_mv, a_ns, b_pa, tau_w_ms } = neuron.model else {
            unreachable!("the list of membranes goes by the names of models")
        };
        let spiking = Eif::of(plan, population, Delta_T_mv, V_peak_mv);
        // without a capacitance there is no adaptation, as the network's checks have made sure
        let R = neuron.resistance_mv_per_pa().unwrap_or(0.0);
        let half = plan.dt_ms / (2.0 * tau_w_ms);
        Self {
            gain: spiking.current_gain(),
            h_over_tau_m: plan.dt_ms / neuron.tau_m_ms,
            spiking,
            half_decay: (-half).exp(),
            toward: -a_ns * R * (-half).exp_m1(),
            jump: b_pa * R,
        }
    }

    fn start_mv(&self) -> (f64, f64) {
        self.spiking.start_mv()
    }

    /// Without adaptation.
    fn state(&self, potential: &[f64]) -> Adapting {
        Adapting { potentials: Potentials::new(potential), w: Aligned::zeros(potential.len()) }
    }

    fn current_gain(&self) -> f64 {
        self.gain
    }

    fn noise_gain(&self) -> f64 {
        self.spiking.noise_gain()
    }

    fn synaptic_gain(&self, tau_syn_ms: f64, C_m_pf: f64) -> f64 {
        self.spiking.synaptic_gain(tau_syn_ms, C_m_pf)
    }

    fn rising_gain(&self, course: &CurrentCourse, C_m_pf: f64) -> f64 {
        self.spiking.rising_gain(course, C_m_pf)
    }

    #[inline(always)]
    fn step(&self, state: &mut Adapting, input: &MembraneInput, fires: &mut [u8]) -> bool {
        let (common, mut any) = (input.common, 0);
        let Adapting { potentials, w } = state;
        let neurons = potentials.potential.iter_mut().zip(potentials.refractory.iter_mut()).zip(w.iter_mut());
        for (((V_and_left, w), fires), (kick, current)) in
            neurons.zip(fires).zip(input.kicks.iter().zip(input.from_currents.iter()))
        {
            let (V, left) = V_and_left;
            *fires = u8::from(self.step_one(V, left, w, (common + current, f64::from(*kick))));
            any |= *fires;
        }
        any != 0
    }

    #[inline(always)]
    fn step_of(&self, state: &mut Adapting, neuron: usize, felt: Felt) -> bool {
        let Adapting { potentials, w } = state;
        let (V, left) = (&mut potentials.potential[neuron], &mut potentials.refractory[neuron]);
        self.step_one(V, left, &mut w[neuron], (felt.common + felt.current, felt.kick))
    }

    fn crossing(&self, before: &Adapting, neuron: usize, felt: Felt) -> f64 {
        let V = before.potentials.potential[neuron];
        let middle = self.half_decay * before.w[neuron] + self.toward * V;
        self.spiking.crossing_of(V, felt.common + felt.current - self.gain * middle, felt.kick)
    }
}

impl Conducts for Adex {
    fn times_ms(&self) -> (f64, f64) {
        self.spiking.times_ms()
    }

    #[inline(always)]
    fn noise_left(&self, leak: f64) -> f64 {
        Conducts::noise_left(&self.spiking, leak)
    }

    #[inline(always)]
    fn conduct(&self, state: &mut Adapting, input: &MembraneInput, fires: &mut [u8]) -> bool {
        let (common, opened, mut any) = (input.common, &input.opened, 0);
        let Adapting { potentials, w } = state;
        let neurons =
            potentials.potential.iter_mut().zip(potentials.refractory.iter_mut()).zip(w.iter_mut()).zip(fires);
        let felt = input.kicks.iter().zip(input.from_currents.iter()).zip(opened.leak.iter());
        let neurons = neurons.zip(felt);
        if opened.has_pulses {
            let pulses = opened.pulse.iter().zip(opened.toward.iter());
            for (((((V, left), w), fires), ((kick, current), leak)), (pulse, toward)) in neurons.zip(pulses) {
                let opened = OpenedOne { leak: *leak, pulse: *pulse, toward: *toward };
                let felt = Felt { common, current: *current, kick: f64::from(*kick), opened };
                *fires = u8::from(self.conduct_one(V, left, w, felt));
                any |= *fires;
            }
        } else {
            for ((((V, left), w), fires), ((kick, current), leak)) in neurons {
                let opened = OpenedOne { leak: *leak, ..OpenedOne::NONE };
                let felt = Felt { common, current: *current, kick: f64::from(*kick), opened };
                *fires = u8::from(self.conduct_one(V, left, w, felt));
                any |= *fires;
            }
        }
        any != 0
    }

    #[inline(always)]
    fn conduct_of(&self, state: &mut Adapting, neuron: usize, felt: Felt) -> bool {
        let Adapting { potentials, w } = state;
        let (V, left) = (&mut potentials.potential[neuron], &mut potentials.refractory[neuron]);
        self.conduct_one(V, left, &mut w[neuron], felt)
    }

    fn conducted_crossing(&self, before: &Adapting, neuron: usize, felt: Felt) -> f64 {
        let V = before.potentials.potential[neuron];
        let middle = self.half_decay * before.w[neuron] + self.toward * V;
        self.spiking.conducted_crossing_of(V, felt.input() - self.h_over_tau_m * middle, felt)
    }
}
