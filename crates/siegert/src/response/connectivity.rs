//! How strongly a modulation of one population's rate modulates another's, at a complex frequency.
//!
//! ```text
//! W_ab(lambda) = tau_a sum K_ab d_ab(lambda) h_ab(lambda) [<J> chi_mu,a(lambda) + <J^2> chi_var,a(lambda)]
//! ```
//!
//! A conductance acts on force and noise that depend on the potential (`transfer::effects`), with `h` its own time course. Plastic synapses and NMDA send, in place of the rate, what use, resources and gates make of its modulation
//! ([`Sent::responses`](crate::input::Sent::responses)), one factor for what adds to means, one for what adds to noise.
//!
//! Each row is a ratio: responses of a neuron have the factor `1/renewal` (`neuron::lif`), which has poles where the density of an uncoupled neuron relaxes. `N = renewal W` has none.
//!
//! Source: Bos, Diesmann and Helias (2016), PLoS Comput Biol 12:e1005132, eq. 4, there without the second term, which counts with [`EffectiveConnectivity::of_means`] as there.

use num_complex::Complex64;

use crate::input::{Kinetics, Sent, Source, Stream};
use crate::network::{Law, Network};
use crate::neuron::Modulated;
use crate::neuron::lif::Response;
use crate::numerics::contour::Steps;
use crate::numerics::linear::ComplexMatrix;
use crate::stationary::{RateMap, State};
use crate::transfer::{Effects, NoResponse, Receiver};

/// The shortest delay, a step of the simulator: shorter ones of a normal law are drawn again.
const SHORTEST_DELAY_MS: f64 = 0.1;

/// Neurons are known as far to the left as this over their membrane time constant.
const ORDERS_TO_THE_LEFT: f64 = 4.0;

/// A population that fires more rarely takes part in no mode: what it hears it answers once in weeks.
const LEAST_RATE_HZ: f64 = 1e-6;

/// Why there is no linear response.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// Of what its neurons receive only rates are computed.
    #[error("population '{population}': the linear response of neurons {what} is not computed yet{remedy}")]
    Input {
        /// The population.
        population: String,
        /// What they have.
        what: &'static str,
        /// What would do.
        remedy: &'static str,
    },
}

/// The effective connectivity of a network in a state.
#[derive(Clone, Debug)]
pub struct EffectiveConnectivity {
    neurons: Vec<Modulated>,
    /// The first population whose neurons respond as those of each do.
    alike: Vec<usize>,
    projections: Vec<Coupling>,
    /// How spikes arrive, each way once: networks have many projections, and few laws of delays.
    arrivals: Vec<Arrival>,
    /// Trains from outside that all neurons of a population hear.
    shared: Vec<SharedTrains>,
    /// Whether a population fires often enough to take part in modes.
    takes_part: Vec<bool>,
    /// Mean intervals between the spikes of a neuron, over the populations that take part.
    intervals_ms: f64,
    counts_variance: bool,
}

/// A projection.
#[derive(Clone, Copy, Debug)]
struct Coupling {
    target: usize,
    source: usize,
    /// `tau K <J>` and `tau K <J^2>`, or what a conductance does in their place.
    effects: Effects,
    /// Which of the ways in which spikes arrive.
    arrival: usize,
}

/// Poisson trains that all neurons of a population hear.
#[derive(Clone, Copy, Debug)]
struct SharedTrains {
    target: usize,
    rate_hz: f64,
    in_degree: f64,
    effects: Effects,
    arrival: Arrival,
}

/// When spikes arrive, what becomes of them in synapses, and how long they act.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Arrival {
    delay_ms: Option<Law>,
    kinetics: Kinetics,
    sent: Sent,
    /// Of a source, where it counts.
    rate_hz: f64,
}

impl Arrival {
    /// Of the spikes of a stream, by the rate of one of its sources.
    pub(super) fn of(stream: &Stream, rate_hz: f64) -> Self {
        let Stream { delay_ms, kinetics, sent, .. } = *stream;
        Arrival { delay_ms, kinetics, sent, rate_hz: if sent.is_rate() { 0.0 } else { rate_hz } }
    }

    /// `d(lambda) h(lambda)` times what is sent, by mean and by noise.
    pub(super) fn transforms(&self, lambda_per_ms: Complex64) -> [Complex64; 2] {
        let arrives = delayed(self.delay_ms, lambda_per_ms) * self.kinetics.laplace(lambda_per_ms);
        self.sent.responses(self.rate_hz, lambda_per_ms).map(|sent| arrives * sent)
    }

    /// The slowest time constant, to the left of whose pole the transform is not known.
    fn slowest_ms(&self) -> f64 {
        let of_delay = match self.delay_ms {
            Some(Law::Exponential { mean }) => mean,
            _ => 0.0,
        };
        self.kinetics.time_ms().max(of_delay).max(self.sent.slowest_ms(self.rate_hz))
    }
}

/// `W` by its rows over the renewal factors.
pub(super) struct Rows {
    /// `renewal_a`.
    pub(super) renewals: Vec<Complex64>,
    /// `N_ab = renewal_a W_ab`.
    pub(super) numerators: ComplexMatrix,
}

impl EffectiveConnectivity {
    /// In a state of a network's equations.
    ///
    /// # Errors
    ///
    /// Neurons and synapses whose response is not computed, by name.
    pub fn new(network: &Network, map: &RateMap, state: &State) -> Result<Self, ResponseError> {
        let lengthenings = state.lengthenings(map);
        let rates_hz = state.rates_hz();
        // the mean potential at which NMDA is linear follows the rates as they are in the state
        let held = map.held(&lengthenings);
        let (inputs, transfers) = (held.inputs(&rates_hz), held.transfers());
        let mut neurons: Vec<Modulated> = Vec::with_capacity(inputs.len());
        for (a, transfer) in transfers.iter().enumerate() {
            let population = || network.populations[a].name.clone();
            let refused = |what, remedy| ResponseError::Input { population: population(), what, remedy };
            let neuron = transfer.responding(&inputs[a]).map_err(|why| match why {
                NoResponse::Differs => refused("that differ and fire like clocks", ""),
                NoResponse::Jumps => refused("in shot noise", ": leave --input shot-noise out"),
            })?;
            neurons.push(neuron);
        }
        let alike = neurons.iter().enumerate();
        let alike = alike.map(|(a, own)| neurons[..a].iter().position(|other| other == own).unwrap_or(a)).collect();
        let receivers: Vec<Receiver<'_>> =
            (0..neurons.len()).map(|a| Receiver::new(&transfers[a], &inputs[a], &neurons[a])).collect();
        let (mut projections, mut arrivals, mut shared) = (Vec::new(), Vec::new(), Vec::new());
        for stream in &map.streams.streams {
            let effects = || receivers[stream.target].effects(stream);
            let own = Arrival::of(stream, stream.source_hz(&rates_hz));
            let source = match stream.source {
                Source::Population(source) => source,
                Source::Outside { rate_hz } => {
                    if stream.shared_fraction > 0.0 {
                        let (target, in_degree) = (stream.target, stream.in_degree.mean);
                        shared.push(SharedTrains { target, rate_hz, in_degree, effects: effects(), arrival: own });
                    }
                    continue;
                }
            };
            let arrival = arrivals.iter().position(|arrival| *arrival == own).unwrap_or_else(|| {
                arrivals.push(own);
                arrivals.len() - 1
            });
            projections.push(Coupling { target: stream.target, source, effects: effects(), arrival });
        }
        let firing = rates_hz.iter().filter(|rate_hz| **rate_hz > LEAST_RATE_HZ);
        let intervals_ms = firing.map(|rate_hz| 1000.0 / rate_hz).sum();
        let takes_part = rates_hz.iter().map(|rate_hz| *rate_hz > LEAST_RATE_HZ).collect();
        Ok(EffectiveConnectivity {
            neurons,
            alike,
            projections,
            arrivals,
            shared,
            takes_part,
            intervals_ms,
            counts_variance: true,
        })
    }

    /// The same without what modulations do to the variance of the noise, as it is published.
    #[must_use]
    pub fn of_means(self) -> Self {
        EffectiveConnectivity { counts_variance: false, ..self }
    }

    /// The same by the general solver.
    #[cfg(test)]
    pub(super) fn by_the_general_solver(self) -> Self {
        EffectiveConnectivity { neurons: self.neurons.iter().map(Modulated::by_the_general_solver).collect(), ..self }
    }

    /// The number of populations.
    pub fn len(&self) -> usize {
        self.neurons.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.neurons.is_empty()
    }

    /// The responses of the neurons at a complex frequency in 1/ms, one a population.
    pub fn responses(&self, lambda_per_ms: Complex64) -> Vec<Response> {
        self.of_each(|neuron| neuron.response(lambda_per_ms))
    }

    /// The spectra of spikes of the neurons, one a population, in Hz: of renewal processes in the noise of the state.
    pub(super) fn powers_hz(&self, frequency_hz: f64) -> Vec<f64> {
        self.of_each(|neuron| neuron.power_spectrum_hz(frequency_hz))
    }

    /// What is asked of the neurons of each population, of those that are alike once.
    fn of_each<T: Copy>(&self, of: impl Fn(&Modulated) -> T) -> Vec<T> {
        let mut all: Vec<T> = Vec::with_capacity(self.len());
        for (a, neuron) in self.neurons.iter().enumerate() {
            all.push(if self.alike[a] < a { all[self.alike[a]] } else { of(neuron) });
        }
        all
    }

    /// `W` at a complex frequency in 1/ms, row by row: `[a][b]` is from population `b` to `a`.
    pub fn matrix(&self, lambda_per_ms: Complex64) -> Vec<Vec<Complex64>> {
        let matrix = self.coupling(lambda_per_ms);
        (0..self.len()).map(|a| (0..self.len()).map(|b| matrix[(a, b)]).collect()).collect()
    }

    /// How modulations of the rates modulate mean inputs, in mV per Hz: `A_ab = tau_a sum K_ab <J_ab> d_ab h_ab`.
    pub(crate) fn mean_inputs(&self, lambda_per_ms: Complex64) -> ComplexMatrix {
        let arrivals = self.arrivals_at(lambda_per_ms);
        let mut matrix = ComplexMatrix::zeros(self.len());
        for Coupling { target, source, effects, arrival } in &self.projections {
            let [by_mean, _] = arrivals[*arrival];
            matrix[(*target, *source)] += by_mean * effects.mean[0];
        }
        matrix
    }

    /// The same as a matrix.
    pub(super) fn coupling(&self, lambda_per_ms: Complex64) -> ComplexMatrix {
        self.summed(lambda_per_ms, &self.responses(lambda_per_ms))
    }

    /// The eigenvalues of `W` at a complex frequency; none where they cannot be computed.
    pub fn eigenvalues(&self, lambda_per_ms: Complex64) -> Vec<Complex64> {
        self.coupling(lambda_per_ms).eigenvalues().unwrap_or_default()
    }

    /// The same without the poles that single neurons make.
    pub(super) fn rows(&self, lambda_per_ms: Complex64) -> Rows {
        let mut responses = self.responses(lambda_per_ms);
        for (response, takes_part) in responses.iter_mut().zip(&self.takes_part) {
            if !takes_part {
                *response = Response { renewal: Complex64::ONE, ..Response::default() };
            }
        }
        let renewals = responses.iter().map(|response| response.renewal).collect();
        for response in &mut responses {
            *response = response.times(response.renewal);
        }
        Rows { renewals, numerators: self.summed(lambda_per_ms, &responses) }
    }

    /// A number of modulus 1 that takes the last poles from the determinant of [`Rows`].
    pub(super) fn direction(&self, lambda_per_ms: Complex64) -> Complex64 {
        let directions = self.of_each(|neuron| neuron.direction_at_threshold(lambda_per_ms));
        directions.iter().zip(&self.takes_part).filter(|(_, takes_part)| **takes_part).map(|(own, _)| own).product()
    }

    /// `W`, of responses that are known.
    pub(super) fn summed(&self, lambda_per_ms: Complex64, responses: &[Response]) -> ComplexMatrix {
        let arrivals = self.arrivals_at(lambda_per_ms);
        let mut matrix = ComplexMatrix::zeros(self.len());
        for Coupling { target, source, effects, arrival } in &self.projections {
            matrix[(*target, *source)] += self.answered(&responses[*target], effects, arrivals[*arrival]);
        }
        matrix
    }

    /// Whether each population fires often enough to take part in modes.
    pub(super) fn takes_part(&self) -> &[bool] {
        &self.takes_part
    }

    /// The slowest time over which anything changes along a complex frequency: of membranes, synapses and delays.
    pub(super) fn slowest_ms(&self) -> f64 {
        let delay_ms = |arrival: &Arrival| arrival.delay_ms.map_or(0.0, |law| law.mean());
        let of_arrivals = self.arrivals.iter().map(|arrival| arrival.slowest_ms().max(delay_ms(arrival)));
        // a membrane is told by how far to the left its neuron is known
        let membrane_ms = |neuron: &Modulated| ORDERS_TO_THE_LEFT / -neuron.least_growth_per_ms();
        let of_neurons = self.neurons.iter().map(membrane_ms).filter(|time_ms| time_ms.is_finite() && *time_ms > 0.0);
        of_arrivals.chain(of_neurons).fold(0.0, f64::max)
    }

    /// Changes of the frequency within which the determinant of the network turns by a small part of a circle: each population turns it by its delays at most, and at low frequencies by the intervals of its spikes.
    pub(super) fn steps_per_ms(&self) -> Steps {
        let delay_ms = |arrival: &Arrival| arrival.delay_ms.map_or(0.0, |law| law.mean());
        let longest_ms = self.arrivals.iter().map(delay_ms).fold(0.0, f64::max);
        let populations = self.takes_part.iter().filter(|takes_part| **takes_part).count().max(1);
        Steps { least: 0.25 / self.intervals_ms, most: 1.0 / (longest_ms * populations as f64) }
    }

    /// What a rate does through synapses: by mean and by noise of what is sent.
    fn answered(&self, response: &Response, effects: &Effects, [by_mean, by_noise]: [Complex64; 2]) -> Complex64 {
        let of_mean = by_mean * response.to(&effects.mean);
        if self.counts_variance { of_mean + by_noise * response.to(&effects.noise) } else { of_mean }
    }

    fn arrivals_at(&self, lambda_per_ms: Complex64) -> Vec<[Complex64; 2]> {
        self.arrivals.iter().map(|arrival| arrival.transforms(lambda_per_ms)).collect()
    }

    /// The spectra of what the neurons of each population hear in common from outside, in Hz.
    pub(super) fn shared_hz(&self, lambda_per_ms: Complex64, responses: &[Response]) -> Vec<f64> {
        let mut shared_hz = vec![0.0; self.len()];
        for SharedTrains { target, rate_hz, in_degree, effects, arrival } in &self.shared {
            let gain = self.answered(&responses[*target], effects, arrival.transforms(lambda_per_ms));
            shared_hz[*target] += gain.norm_sqr() * rate_hz / in_degree;
        }
        shared_hz
    }

    /// How far to the left `W` is known: right of the poles that membranes, synapses and delays make, in 1/ms.
    pub(super) fn least_growth_per_ms(&self) -> f64 {
        let slowest_ms = self.arrivals.iter().map(Arrival::slowest_ms).fold(0.0, f64::max);
        let of_neurons = self.neurons.iter().map(Modulated::least_growth_per_ms).fold(f64::NEG_INFINITY, f64::max);
        (-0.9 / slowest_ms).max(of_neurons)
    }
}

/// `d(lambda)`.
pub(super) fn delayed(delay_ms: Option<Law>, lambda_per_ms: Complex64) -> Complex64 {
    delay_ms.map_or(Complex64::ONE, |law| law.laplace_above(SHORTEST_DELAY_MS, lambda_per_ms))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{ReadOptions, open};
    use crate::theory::{Theory, TheoryOptions};

    /// At rest it is the derivative of the self-consistency equations.
    #[test]
    fn slow_modulations_go_round_as_the_rate_map_says() {
        for model in [
            "brunel2000",
            "potjans_diesmann2014",
            "vogels_abbott2005_coba",
            "sanzeni2022",
            "kuhn2004",
            "mongillo2008",
            "brunel_wang2001",
        ] {
            let network = open(model, &ReadOptions::default()).unwrap();
            let theory = Theory::new(&network, &TheoryOptions::default()).unwrap();
            let state = theory.solve().unwrap();
            let connectivity = EffectiveConnectivity::new(&network, theory.map(), &state).unwrap();
            let found = connectivity.matrix(Complex64::new(0.0, 1e-8));
            let rates_hz = state.rates_hz();
            let held = theory.map().held(&state.lengthenings(theory.map()));
            let expected = held.evaluate(&rates_hz).per_hz;
            for a in 0..rates_hz.len() {
                for b in 0..rates_hz.len() {
                    let expected = rates_hz[a] * expected[(a, b)];
                    let found = found[a][b].re;
                    let error = (found - expected).abs();
                    assert!(error < 1e-5 * expected.abs().max(1e-3), "{model} {a} {b}: {found} {expected}");
                }
            }
        }
    }
}
