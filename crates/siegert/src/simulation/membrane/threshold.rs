//! What neurons with a threshold have in common: reset and refractory time.
//!
//! ```text
//! not refractory:  V moves as its membrane says
//! refractory:      V stays at V_reset; one step less to go; delta input due now is lost
//! V >= V_th:       a spike; V <- V_reset; refractory for t_ref / h steps
//! ```

use super::State;
use super::relaxation::pulsed;
use crate::simulation::aligned::Aligned;
use crate::simulation::arrays::{Array, ArrayMut};
use crate::simulation::channel::MembraneInput;
use crate::simulation::conductance::OpenedOne;
use crate::simulation::plan::PopulationPlan;

impl Felt {
    /// Where a neuron is at the end of a step that all but its end has brought to V.
    #[inline(always)]
    pub(super) fn end(&self, V: f64) -> f64 {
        pulsed(V, self.opened.pulse, self.opened.toward) + self.kick
    }

    /// All input of currents.
    #[inline(always)]
    pub(super) fn input(&self) -> f64 {
        self.common + self.current
    }
}

/// Threshold and what follows a spike; voltages relative to `E_L`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Threshold {
    /// `V_peak` of neurons whose spikes begin by themselves.
    pub(super) V_th: f64,
    pub(super) V_reset: f64,
    refractory_steps: i32,
}

/// The state of a block of neurons that have a potential and a refractory time.
#[derive(Debug)]
pub(in crate::simulation) struct Potentials {
    pub(super) potential: Aligned<f64>,
    pub(super) refractory: Aligned<i32>,
}

/// What a neuron felt in a step, in the units in which its membrane takes it.
#[derive(Clone, Copy, Debug)]
pub(in crate::simulation) struct Felt {
    pub(in crate::simulation) common: f64,
    pub(in crate::simulation) current: f64,
    /// White noise and jumps.
    pub(in crate::simulation) kick: f64,
    /// What conductances do.
    pub(in crate::simulation) opened: OpenedOne,
}

impl Potentials {
    /// Neurons that are not refractory.
    pub(super) fn new(potential: &[f64]) -> Self {
        Self { refractory: Aligned::zeros(potential.len()), potential: Aligned::copied(potential) }
    }
}

impl State for Potentials {
    fn potential(&self) -> &[f64] {
        &self.potential
    }

    fn refractory(&self) -> &[i32] {
        &self.refractory
    }

    fn arrays(&self) -> Vec<(&'static str, Array<'_>)> {
        vec![("V", Array::Reals(&self.potential)), ("refractory", Array::Counts(&self.refractory))]
    }

    fn arrays_mut(&mut self) -> Vec<(&'static str, ArrayMut<'_>)> {
        vec![("V", ArrayMut::Reals(&mut self.potential)), ("refractory", ArrayMut::Counts(&mut self.refractory))]
    }

    fn remember(&mut self, other: &Self) {
        self.potential.copy_from_slice(&other.potential);
    }
}

impl Threshold {
    pub(super) fn new(population: &PopulationPlan) -> Self {
        Self::at(population.neuron.V_th_mv, population)
    }

    /// With spikes at this potential.
    pub(super) fn at(V_spike_mv: f64, population: &PopulationPlan) -> Self {
        let neuron = &population.neuron;
        Self {
            V_th: V_spike_mv - neuron.E_L_mv,
            V_reset: neuron.V_reset_mv - neuron.E_L_mv,
            refractory_steps: population.refractory_steps,
        }
    }

    /// Moves every V, from V and what its neuron feels (all alike, by currents, by kicks) to what `free` gives for a neuron that is not
    /// refractory; marks who fires, and says whether anyone does.
    #[inline(always)]
    pub(super) fn step(
        &self,
        state: &mut Potentials,
        input: &MembraneInput,
        fires: &mut [u8],
        free: impl Fn(f64, f64, f64, f64) -> f64,
    ) -> bool {
        let common = input.common;
        let mut any = 0;
        // Without a branch, so that the vector units take it.
        let state = state.potential.iter_mut().zip(state.refractory.iter_mut());
        for (((V, left), fires), (kick, current)) in
            state.zip(fires).zip(input.kicks.iter().zip(input.from_currents.iter()))
        {
            let moved = free(*V, common, *current, f64::from(*kick));
            *fires = u8::from(self.apply(V, left, moved));
            any |= *fires;
        }
        any != 0
    }

    /// The same where conductances reach the neurons: `free` takes V, all input of currents, and the leak of conductances; what comes at the end of
    /// the step is added here.
    #[inline(always)]
    pub(super) fn conduct(
        &self,
        state: &mut Potentials,
        input: &MembraneInput,
        fires: &mut [u8],
        free: impl Fn(f64, f64, f64) -> f64,
    ) -> bool {
        let (common, opened) = (input.common, &input.opened);
        let mut any = 0;
        let felt = input.kicks.iter().zip(input.from_currents.iter()).zip(opened.leak.iter());
        let states = state.potential.iter_mut().zip(state.refractory.iter_mut()).zip(fires).zip(felt);
        // without a branch in either, so that the vector units take them
        if opened.has_pulses {
            let pulses = opened.pulse.iter().zip(opened.toward.iter());
            for ((((V, left), fires), ((kick, current), leak)), (pulse, toward)) in states.zip(pulses) {
                let moved = pulsed(free(*V, common + *current, *leak), *pulse, *toward) + f64::from(*kick);
                *fires = u8::from(self.apply(V, left, moved));
                any |= *fires;
            }
        } else {
            for (((V, left), fires), ((kick, current), leak)) in states {
                let moved = free(*V, common + *current, *leak) + f64::from(*kick);
                *fires = u8::from(self.apply(V, left, moved));
                any |= *fires;
            }
        }
        any != 0
    }

    /// Moves one neuron from V to what `free` gives; says whether it spikes.
    #[inline(always)]
    pub(super) fn step_of(&self, state: &mut Potentials, neuron: usize, free: impl Fn(f64) -> f64) -> bool {
        let (V, left) = (&mut state.potential[neuron], &mut state.refractory[neuron]);
        let moved = free(*V);
        self.apply(V, left, moved)
    }

    /// Gives a neuron the potential to which it moved if it is free, with what follows; returns whether it spikes.
    #[inline(always)]
    pub(super) fn apply(&self, V: &mut f64, left: &mut i32, moved: f64) -> bool {
        let Threshold { V_th, V_reset, refractory_steps } = *self;
        let is_free = *left == 0;
        let moved = if is_free { moved } else { V_reset };
        let spike = moved >= V_th;
        *left = if spike { refractory_steps } else { *left - i32::from(!is_free) };
        *V = if spike { V_reset } else { moved };
        spike
    }

    /// The part of a step after which a line from one potential to another, at or above the threshold, meets the threshold; all of it where the other is
    /// infinite, which no line leads to.
    pub(super) fn on_the_line(&self, from: f64, to: f64) -> f64 {
        if to.is_finite() { ((self.V_th - from) / (to - from)).clamp(0.0, 1.0) } else { 1.0 }
    }
}
