//! How the activity of populations of finite size fluctuates around a stationary state: power and cross spectra, and those of single neurons and of pairs.
//!
//! ```text
//! A_a(t) = (spikes of population a)/N_a,    C = P diag(T_a/N_a + X_a (1 - 1/N_a)) P^+,    P = (1 - W)^-1        spectra of the A_a
//! T = S, or (1 - G)^-1 S,    G_ab = sum K [<|h|^2> - (K/N_b) |<h>|^2],    h = tau_a [J chi_mu,a + J^2 chi_var,a] h_syn   of one synapse
//! S_auto,a = (1 - 1/N_a) M_a (T_a - X_a) + C_aa,    M_a = |1 + W_aa/(N_a - 1)|^-2 where no neuron hears itself, else 1
//! C_pair,aa = (N_a C_aa - S_auto,a)/(N_a - 1),      C_pair,ab = C_ab                     averages over pairs of neurons
//! ```
//!
//! `S_a` is the spectrum of a neuron that hears noise as the theory of the state has it, white noise from all its sources: of a renewal process. `W` is the effective connectivity. [`Fluctuations::with_random_part`] adds what the random part of the connections makes of
//! the spectra where `S` is that of neurons which do not hear each other: differences between them feed on themselves, without end where `G` has the eigenvalue 1. With the `S` of a state that counts the noise of the sources twice, so that it is not the default.
//! `G` counts the synapses one by one as currents: conductances at their distance from the reversal potential, plastic synapses with the mean of what they send.
//! `X_a = sum |W_x|^2 r/K` is the spectrum of what all neurons of a population hear of `K` shared Poisson trains. Spectra are two-sided, in Hz.
//!
//! Source: Lindner, Doiron and Longtin (2005), Phys Rev E 72:061919; Trousdale et al. (2012), PLoS Comput Biol 8:e1002408; Bos, Diesmann and Helias (2016), PLoS Comput Biol 12:e1005132, eq. 9
//! ([`Fluctuations::as_published`]: `S_a = r_a`, `chi_var = 0`); `G` and `M` were derived here. Linear: an oscillation that grows is kept small by what this leaves out.
//! Accuracy: the mean connections alone 1e-9; with the random part, of spectra of a population and of its neurons, and of 500 pairs beside one neuron, 3e-3 (against the 500 equations of one draw of the connections, solved together). Of networks that are simulated see `docs/theory.md`.

use num_complex::Complex64;

use super::connectivity::{EffectiveConnectivity, ResponseError, delayed};
use crate::input::{Source, Stream};
use crate::network::Network;
use crate::neuron::lif::Response;
use crate::numerics::linear::{ComplexMatrix, Matrix};
use crate::stationary::{RateMap, State};

const S_PER_MS: f64 = 1e-3;
/// No modulation.
const SLOWEST_PER_MS: Complex64 = Complex64::ZERO;

/// The spectra of a network around a state, at any frequency.
#[derive(Clone, Debug)]
pub struct Fluctuations {
    connectivity: EffectiveConnectivity,
    rates_hz: Vec<f64>,
    sizes: Vec<f64>,
    /// What each population hears of the others, as currents that are not plastic.
    streams: Vec<(usize, Stream)>,
    hears_itself: Vec<bool>,
    published: bool,
    random_part: bool,
    /// Spectra of the neurons that are known, over frequency.
    known: Option<Vec<KnownSpectrum>>,
}

/// The spectrum of one neuron's spikes, as it is known at some frequencies, ascending; beyond the last it is the rate.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KnownSpectrum {
    /// Rate of the neuron.
    pub rate_hz: f64,
    /// Frequencies.
    pub frequency_hz: Vec<f64>,
    /// Power at these.
    pub power_hz: Vec<f64>,
}

impl KnownSpectrum {
    /// By linear interpolation.
    fn at(&self, frequency_hz: f64) -> f64 {
        let above = self.frequency_hz.partition_point(|known| *known < frequency_hz);
        let place = |k: usize| self.frequency_hz.get(k).zip(self.power_hz.get(k)).map(|(f, power)| (*f, *power));
        match (above.checked_sub(1).and_then(place), place(above)) {
            (Some((f0, p0)), Some((f1, p1))) => p0 + (p1 - p0) * (frequency_hz - f0) / (f1 - f0),
            (None, Some((_, first))) => first,
            _ => self.rate_hz,
        }
    }
}

/// The spectra at one frequency.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Spectra {
    /// `C_ab` of the populations' activities, in Hz: `[a][b]`.
    pub populations_hz: Vec<Vec<Complex64>>,
    /// The mean spectrum of a neuron's spikes, one a population.
    pub neurons_hz: Vec<f64>,
    /// The mean cross spectrum of two different neurons, `[a][b]`; not a number where a population has one neuron only.
    pub pairs_hz: Vec<Vec<Complex64>>,
}

impl Fluctuations {
    /// Around a state of a network's equations.
    ///
    /// # Errors
    ///
    /// Those of [`EffectiveConnectivity::new`].
    pub fn new(network: &Network, map: &RateMap, state: &State) -> Result<Self, ResponseError> {
        let connectivity = EffectiveConnectivity::new(network, map, state)?;
        let size = |b: usize| network.populations[b].size as f64;
        let rates_hz = state.rates_hz();
        let mut streams = Vec::new();
        let mut hears_itself = vec![true; network.populations.len()];
        // one by one conductances are currents, and plastic synapses what they are at these rates
        for stream in &map.linearised_at(&rates_hz).streams.streams {
            let Source::Population(source) = stream.source else { continue };
            if source == stream.target && stream.candidates < size(source) {
                hears_itself[source] = false;
            }
            streams.push((source, stream.clone()));
        }
        Ok(Fluctuations {
            connectivity,
            rates_hz,
            sizes: network.populations.iter().map(|population| population.size as f64).collect(),
            streams,
            hears_itself,
            published: false,
            random_part: false,
            known: None,
        })
    }

    /// With spectra of single neurons that are known otherwise, one a population, such as those in the noise that the neurons of the network make (`self_consistent`), and their rates.
    #[must_use]
    pub fn with_spectra(self, known: Vec<KnownSpectrum>) -> Self {
        let rates_hz = known.iter().map(|own| own.rate_hz).collect();
        Fluctuations { rates_hz, known: Some(known), ..self }
    }

    /// With what the random part of the connections adds where spectra are those of neurons that do not hear each other.
    #[must_use]
    pub fn with_random_part(self) -> Self {
        Fluctuations { random_part: true, ..self }
    }

    /// As Bos et al. (2016) have it: populations of Poisson neurons, whose noise is not modulated.
    #[must_use]
    pub fn as_published(self) -> Self {
        Fluctuations { connectivity: self.connectivity.of_means(), published: true, ..self }
    }

    /// The same with populations so many times as large, whose neurons hear as many sources as before.
    #[must_use]
    pub fn of_sizes(self, factor: f64) -> Self {
        let sizes: Vec<f64> = self.sizes.iter().map(|size| factor * size).collect();
        let mut streams = self.streams;
        // of a source that is heard once at most the part K/N
        streams.iter_mut().for_each(|(_, own)| own.sampling_factor = 1.0 - (1.0 - own.sampling_factor) / factor);
        Fluctuations { sizes, streams, ..self }
    }

    /// Number of neurons of each population.
    pub fn sizes(&self) -> &[f64] {
        &self.sizes
    }

    /// Rates of the populations.
    pub fn rates_hz(&self) -> &[f64] {
        &self.rates_hz
    }

    /// The effective connectivity.
    pub fn connectivity(&self) -> &EffectiveConnectivity {
        &self.connectivity
    }

    /// The power spectrum of a population's activity at a frequency as `P` and `C` make it: the row of `P` of the population and its column of `C`; `None` where a mode neither grows nor decays.
    pub(super) fn ways(&self, population: usize, frequency_hz: f64) -> Option<[Vec<Complex64>; 2]> {
        let Solved { propagator, around, .. } = self.solved(frequency_hz)?;
        let all = || 0..self.sizes.len();
        Some([all().map(|b| propagator[(population, b)]).collect(), all().map(|b| around[(b, population)]).collect()])
    }

    /// The spectra at a frequency; `None` where the random part of the connections counts and is critical, or a mode neither grows nor decays.
    pub fn at(&self, frequency_hz: f64) -> Option<Spectra> {
        let n = self.sizes.len();
        let Solved { coupling, private_hz, shared_hz, around, .. } = self.solved(frequency_hz)?;
        let neuron = |a: usize| {
            let rest = self.sizes[a] - 1.0;
            let excluded = if self.hears_itself[a] || self.published || rest <= 0.0 {
                1.0
            } else {
                (1.0 + coupling[(a, a)] / rest).norm_sqr().recip()
            };
            rest / self.sizes[a] * excluded * (private_hz[a] - shared_hz[a]) + around[(a, a)].re
        };
        let neurons_hz: Vec<f64> = (0..n).map(neuron).collect();
        let pair = |a: usize, b: usize| match a == b {
            true => (self.sizes[a] * around[(a, a)] - neurons_hz[a]) / (self.sizes[a] - 1.0),
            false => around[(a, b)],
        };
        let square =
            |of: &dyn Fn(usize, usize) -> Complex64| (0..n).map(|a| (0..n).map(|b| of(a, b)).collect()).collect();
        let pairs_hz = square(&pair);
        Some(Spectra { populations_hz: square(&|a, b| around[(a, b)]), neurons_hz, pairs_hz })
    }

    /// `C`, and what makes it.
    fn solved(&self, frequency_hz: f64) -> Option<Solved> {
        let lambda_per_ms = at_frequency(frequency_hz);
        let responses = self.connectivity.responses(lambda_per_ms);
        let coupling = self.connectivity.summed(lambda_per_ms, &responses);
        let own_hz = self.own_hz(frequency_hz);
        let shared_hz = self.connectivity.shared_hz(lambda_per_ms, &responses);
        let private_hz = match self.random_part {
            true => amplified(&self.random_part(lambda_per_ms, &responses), &own_hz)?,
            false => own_hz,
        };
        let noise = self.sizes.iter().zip(&private_hz).zip(&shared_hz);
        let diagonal: Vec<f64> =
            noise.map(|((size, private), shared)| private / size + shared * (1.0 - 1.0 / size)).collect();
        let propagator = coupling.propagator()?;
        let around = propagator.around(&diagonal);
        Some(Solved { coupling, private_hz, shared_hz, propagator, around })
    }

    /// `S_a`.
    fn own_hz(&self, frequency_hz: f64) -> Vec<f64> {
        match (&self.known, self.published) {
            (_, true) => self.rates_hz.clone(),
            (Some(known), _) => known.iter().map(|own| own.at(frequency_hz)).collect(),
            (None, false) => self.connectivity.powers_hz(frequency_hz),
        }
    }

    /// `W diag(S_a/N_a) W^+` at frequency 0: the cross spectra that shared sources make of pairs, were these independent; feedback cancels most of it where inhibition answers.
    pub fn pairs_without_feedback_hz(&self) -> Vec<Vec<f64>> {
        let own_hz = self.own_hz(0.0);
        let diagonal: Vec<f64> = own_hz.iter().zip(&self.sizes).map(|(own, size)| own / size).collect();
        let heard = self.connectivity.coupling(SLOWEST_PER_MS).around(&diagonal);
        let n = self.sizes.len();
        (0..n).map(|a| (0..n).map(|b| heard[(a, b)].re).collect()).collect()
    }

    /// The spectral radius of the random part of the connections: the square root of the largest eigenvalue of `G` at frequency 0. At 1 differences between neurons feed on themselves.
    pub fn random_radius(&self) -> f64 {
        let random = self.random_part(SLOWEST_PER_MS, &self.connectivity.responses(SLOWEST_PER_MS));
        let moduli = random.eigenvalues().unwrap_or_default().into_iter().map(|(re, im)| re.hypot(im));
        moduli.fold(0.0, f64::max).sqrt()
    }

    /// The largest part of a population that a neuron of another hears.
    pub fn densest(&self) -> f64 {
        let parts = self.streams.iter().map(|(source, own)| own.in_degree.mean / self.sizes[*source]);
        parts.fold(0.0, f64::max)
    }

    /// `G`.
    fn random_part(&self, lambda_per_ms: Complex64, responses: &[Response]) -> Matrix {
        let n = self.sizes.len();
        let mut random = Matrix::zeros(n, n);
        for (source, own) in &self.streams {
            let Response { hz_per_mv, hz_per_mv2, .. } = responses[own.target];
            let delayed = delayed(own.delay_ms, lambda_per_ms).norm_sqr();
            let tau_m_s = own.tau_m_ms * S_PER_MS;
            let filtered = own.kinetics.laplace(lambda_per_ms).norm_sqr() * tau_m_s * tau_m_s;
            random[(own.target, *source)] += filtered * own.variance_over_draws([hz_per_mv, hz_per_mv2], delayed);
        }
        random
    }
}

/// What there is at a frequency.
struct Solved {
    /// `W`.
    coupling: ComplexMatrix,
    /// `T`.
    private_hz: Vec<f64>,
    /// `X`.
    shared_hz: Vec<f64>,
    /// `P`.
    propagator: ComplexMatrix,
    /// `C`.
    around: ComplexMatrix,
}

/// `i omega` in 1/ms.
pub(super) fn at_frequency(frequency_hz: f64) -> Complex64 {
    Complex64::new(0.0, std::f64::consts::TAU * S_PER_MS * frequency_hz)
}

/// `(1 - G)^-1 S` of a matrix without negative entries; `None` where its spectral radius is not below 1: then, and only then, `(1 - G) x = 1` has no positive solution.
fn amplified(random: &Matrix, own_hz: &[f64]) -> Option<Vec<f64>> {
    let n = own_hz.len();
    let mut rest = Matrix::zeros(n, n);
    for a in 0..n {
        for b in 0..n {
            rest[(a, b)] = f64::from(u8::from(a == b)) - random[(a, b)];
        }
    }
    let is_stable = rest.solve(&vec![1.0; n]).into_iter().all(|x| x > 0.0);
    is_stable.then(|| rest.solve(own_hz))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measured::{Worst, number, table};
    use crate::testing::{TestNetwork, read};
    use crate::theory::{Theory, TheoryOptions};

    const ACCURACY_OF_THE_MEAN: f64 = 1e-9;
    const ACCURACY_OF_A_DRAW: f64 = 3e-3;

    pub(in crate::response) fn fluctuations(network: &Network) -> Fluctuations {
        let theory = Theory::new(network, &TheoryOptions::default()).unwrap();
        Fluctuations::new(network, theory.map(), &theory.solve().unwrap()).unwrap()
    }

    fn reference_network() -> Network {
        read(
            "[neurons.n]\nmodel = \"lif\"\ntau_m = \"20 ms\"\nt_ref = \"2 ms\"\nE_L = \"0 mV\"\nV_th = \"20 mV\"\nV_reset = \"10 mV\"\n\
             [synapses.d]\nkind = \"delta\"\n[populations.I]\nsize = 500\nneuron = \"n\"\n\
             [[projections]]\nfrom = \"I\"\nto = \"I\"\nin_degree = 100\nmultapses = false\nautapses = false\nweight = \"-0.2 mV\"\nsynapse = \"d\"\ndelay = \"1.5 ms\"\n\
             [[drives]]\nto = \"I\"\nkind = \"noise\"\nmean = \"22 mV\"\nstd = \"5 mV\"\n",
        )
    }

    #[test]
    fn spectra_of_a_random_network_are_those_of_all_its_neurons_solved_together() {
        let own = fluctuations(&reference_network()).with_random_part();
        let (mut mean, mut draw) = (Worst::default(), Worst::default());
        for row in table("finite_size") {
            let frequency_hz = number(&row, "frequency_hz");
            let found = own.at(frequency_hz).unwrap();
            let renewal = own.connectivity().powers_hz(frequency_hz)[0];
            mean.add((renewal / number(&row, "renewal_hz") - 1.0).abs(), &row);
            let lambda_per_ms = Complex64::new(0.0, std::f64::consts::TAU * 1e-3 * frequency_hz);
            let regular = renewal / (1.0 - own.connectivity().matrix(lambda_per_ms)[0][0]).norm_sqr();
            mean.add((regular / number(&row, "regular_hz") - 1.0).abs(), &row);
            draw.add((500.0 * found.populations_hz[0][0].re / number(&row, "matrix_hz") - 1.0).abs(), &row);
            let neuron = number(&row, "neuron_hz");
            draw.add((found.neurons_hz[0] / neuron - 1.0).abs(), &row);
            // pairs beside what independent neurons would have of each other
            draw.add((found.pairs_hz[0][0].re - number(&row, "pair_hz")).abs() * 500.0 / neuron, &row);
        }
        mean.must_be_at_most(ACCURACY_OF_THE_MEAN);
        draw.must_be_at_most(ACCURACY_OF_A_DRAW);
    }

    /// Neurons that hear nothing but what all of them hear, and noise of their own.
    #[test]
    fn a_shared_drive_is_what_uncoupled_neurons_have_in_common() {
        let network = TestNetwork::one_population(100)
            .noise("A", 15.0, 4.0)
            .drive("A", "kind = \"poisson\"\nrate = \"400 Hz\"\nin_degree = 5\nweight = \"0.1 mV\"\nshared = true");
        let own = fluctuations(&network.read());
        let found = own.at(7.0).unwrap();
        let neuron = own.connectivity().powers_hz(7.0)[0];
        assert!((found.neurons_hz[0] / neuron - 1.0).abs() < 1e-12, "{found:?}");
        let lambda_per_ms = Complex64::new(0.0, std::f64::consts::TAU * 7e-3);
        let response = own.connectivity().responses(lambda_per_ms)[0];
        // 2,000 spikes a second, each of which is heard as a jump of 0.1 mV
        let gain = 0.02 * (0.1 * response.hz_per_mv + 0.01 * response.hz_per_mv2);
        let expected = 2000.0 * gain.norm_sqr();
        assert!((found.pairs_hz[0][0].re / expected - 1.0).abs() < 1e-9, "{found:?} {expected}");
    }

    #[test]
    fn a_critical_random_part_has_no_linear_theory() {
        let weak = fluctuations(&crate::testing::open("ostojic2014", Some("weak"), &[])).with_random_part();
        assert!(weak.at(5.0).is_some() && weak.random_radius() < 1.0);
        let strong = fluctuations(&crate::testing::open("ostojic2014", Some("strong"), &[]));
        assert!(strong.at(0.0).is_some() && strong.random_radius() > 1.0);
        let strong = strong.with_random_part();
        assert_eq!((strong.at(0.0), strong.at(2000.0).is_some()), (None, true));
    }

    #[test]
    fn what_shared_sources_make_of_pairs_follows_the_spectra_of_the_sources() {
        let own = fluctuations(&reference_network());
        let white = own.pairs_without_feedback_hz()[0][0];
        let twice = 2.0 * own.connectivity().powers_hz(0.0)[0];
        let known = KnownSpectrum { rate_hz: own.rates_hz()[0], frequency_hz: vec![0.0], power_hz: vec![twice] };
        let found = own.clone().with_spectra(vec![known]).pairs_without_feedback_hz()[0][0];
        assert!((found / white - 2.0).abs() < 1e-12, "{found} {white}");
        let published = own.clone().as_published();
        let of_poisson = published.pairs_without_feedback_hz()[0][0];
        let expected =
            published.rates_hz()[0] / 500.0 * published.connectivity().matrix(SLOWEST_PER_MS)[0][0].norm_sqr();
        assert!((of_poisson / expected - 1.0).abs() < 1e-12, "{of_poisson} {expected}");
    }

    #[test]
    fn correlations_of_pairs_fall_with_the_number_of_neurons() {
        let own = fluctuations(&reference_network());
        let [small, large] = [1.0, 16.0].map(|factor| own.clone().of_sizes(factor).at(0.0).unwrap().pairs_hz[0][0].re);
        // not exactly: fewer pairs of neurons share inputs
        assert!((small / large / 16.0 - 1.0).abs() < 0.02, "{small} {large}");
    }
}
