//! What the network does around a state with its delays, synapses and neurons as they are, the name that the state has for it, and what it means for how far to trust it.
//!
//! ```text
//! quiescent      mean rate of all neurons below 0.1 Hz
//! synchronous    a mode grows that oscillates: slow up to 100 Hz, fast beyond;    asynchronous    none grows
//! irregular      mean CV of the neurons that fire at least 0.5;                   regular         below
//! ```
//!
//! A state that the network leaves without oscillating has no name. The limits are conventions; the states are those of Brunel (2000), J Comput Neurosci 8:183, section 5.
//!
//! Accuracy: that of the modes (`response`) and of the CVs.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::states::verdict_on;
use super::{FixedPoint, Solution, State, Theory};
use crate::response::{CharacteristicRoot, CharacteristicRoots, EffectiveConnectivity, Fluctuations};
use crate::trust::{Asynchrony, warnings_about};
use crate::work::{Cancelled, Work};

/// Of more populations than this the modes are not computed unasked: their determinants take seconds.
const MOST_POPULATIONS: usize = 40;
/// Spectra are looked at for a peak from 1 Hz up.
const LOOKED_AT_PER_DECADE: i32 = 20;
const DECADES: i32 = 3;

/// What the network does around a state with its delays, synapses and neurons as they are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FullDynamics {
    /// Whether no mode grows; nothing where not all could be found.
    pub stable: Option<bool>,
    /// Growth of the rightmost mode, negative for decay; nothing where all decay faster than `known_above_per_s`.
    pub growth_per_s: Option<f64>,
    /// Its frequency; 0 where it does not oscillate.
    pub frequency_hz: Option<f64>,
    /// All modes that grow by more, or decay by less, are known.
    pub known_above_per_s: f64,
}

/// What a state is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StateName {
    /// Hardly a neuron fires.
    Quiescent,
    /// Neurons fire independently of each other, at irregular intervals.
    AsynchronousIrregular,
    /// Neurons fire independently of each other, like clocks.
    AsynchronousRegular,
    /// Neurons fire like clocks, and together.
    SynchronousRegular,
    /// The population oscillates slowly, and neurons fire at irregular intervals.
    SynchronousIrregularSlow,
    /// The population oscillates fast, and neurons fire at irregular intervals, most of them not in each cycle.
    SynchronousIrregularFast,
}

impl fmt::Display for StateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StateName::Quiescent => "quiescent",
            StateName::AsynchronousIrregular => "asynchronous irregular",
            StateName::AsynchronousRegular => "asynchronous regular",
            StateName::SynchronousRegular => "synchronous regular",
            StateName::SynchronousIrregularSlow => "synchronous irregular, slow",
            StateName::SynchronousIrregularFast => "synchronous irregular, fast",
        })
    }
}

impl FullDynamics {
    /// Of the modes that were found.
    pub fn of(roots: &CharacteristicRoots) -> Self {
        let first = roots.roots.first();
        FullDynamics {
            stable: roots.stable(),
            growth_per_s: first.map(|root| root.growth_per_s),
            frequency_hz: first.map(|root| root.frequency_hz),
            known_above_per_s: roots.line_per_s,
        }
    }
}

/// What all neurons of a network do in the mean, as far as the name of a state depends on it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Activity {
    /// Mean rate of all neurons.
    pub mean_rate_hz: f64,
    /// Mean CV of those that fire at 0.1 Hz or more; nothing where none do.
    pub cv: Option<f64>,
}

impl Activity {
    /// Of populations by size, rate in Hz and CV.
    pub fn of(populations: impl Iterator<Item = (f64, f64, Option<f64>)>) -> Self {
        let (mut neurons, mut spikes_hz, mut firing, mut cvs) = (0.0, 0.0, 0.0, 0.0);
        for (size, rate_hz, cv) in populations {
            neurons += size;
            spikes_hz += size * rate_hz;
            if let Some(cv) = cv.filter(|_| rate_hz >= StateName::QUIESCENT_HZ) {
                firing += size;
                cvs += size * cv;
            }
        }
        Activity { mean_rate_hz: spikes_hz / neurons, cv: (firing > 0.0).then(|| cvs / firing) }
    }
}

impl StateName {
    /// Below this mean rate of all neurons a network is quiescent.
    pub const QUIESCENT_HZ: f64 = 0.1;
    /// Neurons whose intervals vary less are regular.
    pub const LEAST_IRREGULAR_CV: f64 = 0.5;
    /// Oscillations up to this frequency are slow.
    pub const FASTEST_SLOW_HZ: f64 = 100.0;

    /// From what the network does around a state, and what its neurons do; none for a state that the network leaves without oscillating, and where that is not known.
    pub fn of(dynamics: &FullDynamics, activity: &Activity) -> Option<Self> {
        let oscillates_at_hz = match (dynamics.stable?, dynamics.frequency_hz) {
            (true, _) => None,
            (false, Some(frequency_hz)) if frequency_hz > 0.0 => Some(frequency_hz),
            (false, _) => return None,
        };
        let is_irregular = activity.cv.is_none_or(|cv| cv >= Self::LEAST_IRREGULAR_CV);
        Some(match oscillates_at_hz {
            None if activity.mean_rate_hz < Self::QUIESCENT_HZ => StateName::Quiescent,
            None if is_irregular => StateName::AsynchronousIrregular,
            None => StateName::AsynchronousRegular,
            Some(_) if !is_irregular => StateName::SynchronousRegular,
            Some(frequency_hz) if frequency_hz > Self::FASTEST_SLOW_HZ => StateName::SynchronousIrregularFast,
            Some(_) => StateName::SynchronousIrregularSlow,
        })
    }
}

impl Theory<'_> {
    /// Adds to a description of states what the network does around each with its delays, synapses and neurons as they are, the names that they have for it, and what it means for how far to trust them.
    ///
    /// Where that is not computed, or `work` is cancelled, `full_dynamics_note` says so.
    #[must_use]
    pub fn with_full_dynamics(&self, mut solution: Solution, states: &[State], work: &Work) -> Solution {
        if !self.describes_modes() {
            let populations = self.network().populations.len();
            solution.full_dynamics_note = Some(format!(
                "What delays and the neurons' response make of these states was not computed for {populations} populations: siegert response does it."
            ));
            return solution;
        }
        for (point, state) in solution.fixed_points.iter_mut().zip(states) {
            let why = match self.fluctuations(state) {
                Ok(fluctuations) => match add(point, &fluctuations, work) {
                    Ok(()) => continue,
                    Err(Cancelled) => "it was stopped before that".to_string(),
                },
                Err(why) => why.to_string(),
            };
            solution.full_dynamics_note =
                Some(format!("What delays and the neurons' response make of these states is not known: {why}."));
            break;
        }
        solution
    }

    /// Whether modes are computed unasked: of so few populations that it takes no long time.
    pub(crate) fn describes_modes(&self) -> bool {
        self.network().populations.len() <= MOST_POPULATIONS
    }

    /// What the neurons do in a state.
    pub(crate) fn activity(&self, state: &State) -> Activity {
        let rates_hz = state.rates_hz();
        let cvs = crate::stationary::cv(self.map(), &self.map().inputs(&rates_hz));
        let sizes = self.network().populations.iter().map(|population| population.size as f64);
        Activity::of(sizes.zip(rates_hz).zip(cvs).map(|((size, rate_hz), cv)| (size, rate_hz, cv)))
    }

    /// The effective connectivity in a state.
    ///
    /// # Errors
    ///
    /// Neurons and synapses whose response is not computed, by name.
    pub fn effective_connectivity(
        &self,
        state: &State,
    ) -> Result<EffectiveConnectivity, crate::response::ResponseError> {
        EffectiveConnectivity::new(self.network(), self.map(), state)
    }

    /// How the activity fluctuates around a state.
    ///
    /// # Errors
    ///
    /// Neurons and synapses whose response is not computed, by name.
    pub fn fluctuations(&self, state: &State) -> Result<Fluctuations, crate::response::ResponseError> {
        Fluctuations::new(self.network(), self.map(), state)
    }
}

fn add(point: &mut FixedPoint, fluctuations: &Fluctuations, work: &Work) -> Result<(), Cancelled> {
    let roots = CharacteristicRoots::of(fluctuations.connectivity(), work)?;
    let dynamics = FullDynamics::of(&roots);
    let populations = point.populations.iter().map(|p| (p.size as f64, p.rate_hz, p.cv));
    point.state_name = StateName::of(&dynamics, &Activity::of(populations));
    point.full_dynamics = Some(dynamics);
    let peaks = match roots.stable() {
        Some(true) => peaks(fluctuations, &roots.roots, work)?,
        _ => vec![None; point.populations.len()],
    };
    let first = roots.roots.first();
    for (a, (population, peak)) in point.populations.iter_mut().zip(peaks).enumerate() {
        let grows = first.filter(|root| root.growth_per_s >= 0.0 && root.participation[a] > 0.0);
        let asynchrony = Asynchrony {
            growth_per_s: grows.map(|root| root.growth_per_s),
            frequency_hz: grows.map(|root| root.frequency_hz),
            part: grows.map(|root| root.participation[a]),
            peak: peak.map(|(_, peak)| peak),
            peak_hz: peak.map(|(frequency_hz, _)| frequency_hz),
        };
        population.validity.asynchrony = Some(asynchrony);
        population.validity.warnings = warnings_about(&population.name, &population.validity, population.rate_hz);
    }
    point.verdict = verdict_on(&point.populations);
    Ok(())
}

/// Where the spectrum of each population is highest beside that of as many independent neurons, and how much higher.
fn peaks(
    fluctuations: &Fluctuations,
    roots: &[CharacteristicRoot],
    work: &Work,
) -> Result<Vec<Option<(f64, f64)>>, Cancelled> {
    let sizes = fluctuations.sizes();
    let mut peaks = vec![None; sizes.len()];
    let place = |k: i32| 10f64.powf(f64::from(k) / f64::from(LOOKED_AT_PER_DECADE));
    let looked_at = (0..=DECADES * LOOKED_AT_PER_DECADE).map(place);
    for frequency_hz in looked_at.chain(roots.iter().map(|root| root.frequency_hz)) {
        work.check()?;
        let Some(spectra) = fluctuations.at(frequency_hz) else { continue };
        for (a, peak) in peaks.iter_mut().enumerate() {
            let own_hz = spectra.neurons_hz[a];
            let found = sizes[a] * spectra.populations_hz[a][a].re / own_hz;
            let is_higher = peak.is_none_or(|(_, highest)| found > highest);
            if own_hz > 0.0 && found.is_finite() && is_higher {
                *peak = Some((frequency_hz, found));
            }
        }
    }
    Ok(peaks)
}
