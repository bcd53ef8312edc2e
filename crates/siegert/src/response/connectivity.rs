//! How strongly a modulation of one population's rate modulates another's, at a complex frequency.
//!
//! ```text
//! W_ab(lambda) = tau_a sum K_ab d_ab(lambda) h_ab(lambda) [<J> chi_mu,a(lambda) + <J^2> chi_var,a(lambda)]
//! ```
//!
//! Each row is a ratio: responses of a neuron have the factor `1/renewal` (`neuron::lif`), which has poles where the density of an uncoupled neuron relaxes. `N = renewal W` has none.
//!
//! Source: Bos, Diesmann and Helias (2016), PLoS Comput Biol 12:e1005132, eq. 4, there without the second term, which counts with [`EffectiveConnectivity::of_means`] as there.

use num_complex::Complex64;

use crate::input::{Source, Stream};
use crate::network::Network;
use crate::neuron::lif::Response;
use crate::numerics::linear::ComplexMatrix;
use crate::stationary::{Input, RateMap, State};
use crate::transfer::{NoResponse, Transfer};

/// The shortest delay, a step of the simulator: shorter ones of a normal law are drawn again.
const SHORTEST_DELAY_MS: f64 = 0.1;

/// A population that fires more rarely takes part in no mode: what it hears it answers once in weeks.
const LEAST_RATE_HZ: f64 = 1e-6;
/// Growth in units of the slowest membrane, to the left of which responses may have poles.
const LEAST_ORDER: f64 = -4.0;

/// Why there is no linear response.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// Of the neurons of a population only rates are computed.
    #[error(
        "population '{population}': the linear response of '{model}' neurons is not computed yet; of lif neurons it is"
    )]
    Model {
        /// The population.
        population: String,
        /// The model of its neurons.
        model: &'static str,
    },
    /// Of what its neurons receive, or how they differ, only rates are computed.
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
pub struct EffectiveConnectivity<'m> {
    transfers: Vec<Transfer>,
    inputs: Vec<Input>,
    streams: Vec<&'m Stream>,
    /// Whether a population fires often enough to take part in modes.
    takes_part: Vec<bool>,
    counts_variance: bool,
}

/// `W` by its rows over the renewal factors.
pub(super) struct Rows {
    /// `renewal_a`.
    pub(super) renewals: Vec<Complex64>,
    /// `N_ab = renewal_a W_ab`.
    pub(super) numerators: ComplexMatrix,
    /// The product of what takes the last poles from both.
    pub(super) direction: Complex64,
}

impl<'m> EffectiveConnectivity<'m> {
    /// In a state of a network's equations.
    ///
    /// # Errors
    ///
    /// Neurons and synapses whose response is not computed, by name.
    pub fn new(network: &Network, map: &'m RateMap, state: &State) -> Result<Self, ResponseError> {
        let lengthenings = state.lengthenings(map);
        let rates_hz = state.rates_hz();
        let inputs = map.inputs(&rates_hz);
        let transfers: Vec<Transfer> = map
            .transfers()
            .iter()
            .zip(lengthenings.iter())
            .map(|(transfer, by)| transfer.clone().lengthened(*by))
            .collect();
        for (a, (transfer, input)) in transfers.iter().zip(&inputs).enumerate() {
            let population = || network.populations[a].name.clone();
            let refused = |what, remedy| ResponseError::Input { population: population(), what, remedy };
            transfer.responding(input).map_err(|why| match why {
                NoResponse::Model => {
                    ResponseError::Model { population: population(), model: network.populations[a].neuron.model.name() }
                }
                NoResponse::Differs => refused("that differ", ""),
                NoResponse::Conductances => refused("with conductances", ""),
                NoResponse::Jumps => refused("in shot noise", ": leave --input shot-noise out"),
            })?;
        }
        let of_network = |stream: &&Stream| matches!(stream.source, Source::Population(_));
        let streams: Vec<&Stream> = map.streams.streams.iter().filter(of_network).collect();
        if let Some(stream) = streams.iter().find(|stream| !stream.sent.is_rate()) {
            let population = network.populations[stream.target].name.clone();
            return Err(ResponseError::Input { population, what: "with plastic synapses", remedy: "" });
        }
        let takes_part = rates_hz.iter().map(|rate_hz| *rate_hz > LEAST_RATE_HZ).collect();
        Ok(EffectiveConnectivity { transfers, inputs, streams, takes_part, counts_variance: true })
    }

    /// The same without what modulations do to the variance of the noise, as it is published.
    #[must_use]
    pub fn of_means(self) -> Self {
        EffectiveConnectivity { counts_variance: false, ..self }
    }

    /// The number of populations.
    pub fn len(&self) -> usize {
        self.transfers.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.transfers.is_empty()
    }

    /// The responses of the neurons at a complex frequency in 1/ms, one a population.
    pub fn responses(&self, lambda_per_ms: Complex64) -> Vec<Response> {
        let mut responses: Vec<Response> = Vec::with_capacity(self.len());
        for a in 0..self.len() {
            // populations that are alike are asked once
            let alike = (0..a).find(|b| self.inputs[*b] == self.inputs[a] && self.transfers[*b] == self.transfers[a]);
            let own = || self.transfers[a].response(&self.inputs[a], lambda_per_ms).unwrap_or_default();
            responses.push(alike.map_or_else(own, |b| responses[b]));
        }
        responses
    }

    /// `W` at a complex frequency in 1/ms, row by row: `[a][b]` is from population `b` to `a`.
    pub fn matrix(&self, lambda_per_ms: Complex64) -> Vec<Vec<Complex64>> {
        let matrix = self.coupling(lambda_per_ms);
        (0..self.len()).map(|a| (0..self.len()).map(|b| matrix[(a, b)]).collect()).collect()
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
            response.hz_per_mv *= response.renewal;
            response.hz_per_mv2 *= response.renewal;
        }
        let taking_part = (0..self.len()).filter(|a| self.takes_part[*a]);
        let direction = |a: usize| self.transfers[a].direction_at_threshold(&self.inputs[a], lambda_per_ms);
        let direction = taking_part.map(direction).product();
        Rows { renewals, numerators: self.summed(lambda_per_ms, &responses), direction }
    }

    fn summed(&self, lambda_per_ms: Complex64, responses: &[Response]) -> ComplexMatrix {
        let mut matrix = ComplexMatrix::zeros(self.len());
        for stream in &self.streams {
            let Source::Population(b) = stream.source else { continue };
            let response = &responses[stream.target];
            let delay =
                stream.delay_ms.map_or(Complex64::ONE, |law| law.laplace_above(SHORTEST_DELAY_MS, lambda_per_ms));
            let by_mean = stream.jump_sum_per_hz(1) * response.hz_per_mv;
            let by_variance = match self.counts_variance {
                true => stream.jump_sum_per_hz(2) * response.hz_per_mv2,
                false => Complex64::ZERO,
            };
            matrix[(stream.target, b)] += delay * stream.kinetics.laplace(lambda_per_ms) * (by_mean + by_variance);
        }
        matrix
    }

    /// How far to the left `W` is known: right of the poles that membranes, synapses and delays make, in 1/ms.
    pub(super) fn least_growth_per_ms(&self) -> f64 {
        let slowest = |stream: &&Stream| {
            let of_delay = match stream.delay_ms {
                Some(crate::network::Law::Exponential { mean }) => mean,
                _ => 0.0,
            };
            stream.kinetics.time_ms().max(of_delay)
        };
        let slowest_ms = self.streams.iter().map(slowest).fold(0.0, f64::max);
        let slowest_membrane_ms = self.transfers.iter().map(Transfer::time_constant_ms).fold(0.0, f64::max);
        (-0.9 / slowest_ms).max(LEAST_ORDER / slowest_membrane_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{ReadOptions, open};
    use crate::theory::{Theory, TheoryOptions};

    /// At rest it is the derivative of the self-consistency equations.
    #[test]
    fn slow_modulations_go_round_as_the_rate_map_says() {
        for model in ["brunel2000", "potjans_diesmann2014"] {
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
