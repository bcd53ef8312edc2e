//! Spike counts in bins of any width: covariances and correlations of pairs of neurons, Fano factors of neurons and of populations.
//!
//! ```text
//! Cov(n_i, n_j) = int C_pair(f) [sin(pi f T)/(pi f)]^2 df,    Var(n_i) = r T + int [S_auto(f) - r] [sin(pi f T)/(pi f)]^2 df
//! rho = Cov/sqrt(Var Var'),    F = Var/(r T),    F_population = [Var + (N - 1) Cov]/(r T)
//! T -> infinity:  Cov/T -> C_pair(0)
//! ```
//!
//! over all frequencies, of the mean spectra of `fluctuations`. The integral is cut into panels, which are halved until they no longer change it; beyond the highest frequency it is that of the last octave's mean.
//!
//! Source: Cox and Lewis (1966), *The Statistical Analysis of Series of Events*, chapter 4; Tetzlaff et al. (2012), PLoS Comput Biol 8:e1002596.
//! Accuracy: 1e-5 of the variance of counts.

use super::fluctuations::{Fluctuations, Spectra};
use crate::numerics::quadrature::points_6;
use crate::work::{Cancelled, Work};

const S_PER_MS: f64 = 1e-3;
/// Error of a panel, in parts of `r T` over all populations.
const ERROR: f64 = 2e-7;
/// Beyond so many periods of the window its square is a half.
const PERIODS: f64 = 24.0;
/// The frequencies at which panels end that are wide.
const RATIO: f64 = 1.3;
/// The highest frequency, at least.
const HIGHEST_HZ: f64 = 5000.0;
/// The lowest at which a panel ends, but for 0.
const LOWEST_HZ: f64 = 0.5;
/// A panel is halved so many times at most.
const HALVINGS: u32 = 14;

/// Statistics of the spikes counted in bins.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CountStatistics {
    /// Mean Pearson coefficient over pairs of different neurons, `[a][b]`; not a number where there is no pair, or nobody fires.
    pub correlations: Vec<Vec<f64>>,
    /// Variance over mean of the count of one neuron.
    pub neurons_fano_factor: Vec<f64>,
    /// Variance over mean of the count of a population.
    pub populations_fano_factor: Vec<f64>,
}

/// Why there are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CountsError {
    /// The random part of the connections is critical.
    #[error(
        "the random part of the connections is so strong that differences between neurons feed on themselves: with it (--random-part) no linear theory of their correlations holds"
    )]
    Critical,
    /// It was stopped.
    #[error("stopped before all correlations were computed")]
    Cancelled,
}

impl From<Cancelled> for CountsError {
    fn from(_: Cancelled) -> Self {
        CountsError::Cancelled
    }
}

impl CountStatistics {
    /// Of the spikes in bins of a width.
    ///
    /// # Errors
    ///
    /// The random part of the connections is critical; `work` was cancelled.
    pub fn new(fluctuations: &Fluctuations, bin_ms: f64, work: &Work) -> Result<Self, CountsError> {
        let bin_s = bin_ms * S_PER_MS;
        let rates_hz = fluctuations.rates_hz();
        let n = rates_hz.len();
        let integrand = Integrand { fluctuations, bin_s, work, n };
        let ends = ends_hz(bin_s);
        let scale: f64 = rates_hz.iter().sum::<f64>() * bin_s;
        let mut sums = vec![0.0; n * n + n];
        let mut last = Vec::new();
        for pair in ends.windows(2) {
            let whole = integrand.panel(pair[0], pair[1])?;
            last = integrand.refined((pair[0], pair[1]), whole, ERROR * scale, HALVINGS)?;
            add(&mut sums, &last);
        }
        // what remains of 1/f^2 beyond the end, beside the last panel
        let rest = 1.0 / (RATIO - 1.0);
        sums.iter_mut().zip(&last).for_each(|(sum, last)| *sum += rest * last);
        let variances: Vec<f64> = (0..n).map(|a| rates_hz[a] * bin_s + 2.0 * sums[n * n + a]).collect();
        let covariance = |a: usize, b: usize| 2.0 * sums[n * a + b];
        let row =
            |a: usize| (0..n).map(|b| covariance(a, b) / (variances[a] * variances[b]).sqrt()).collect::<Vec<f64>>();
        let counts = |a: usize| rates_hz[a] * bin_s;
        let rest = |a: usize| fluctuations.sizes()[a] - 1.0;
        let together = |a: usize| if rest(a) > 0.0 { rest(a) * covariance(a, a) } else { 0.0 };
        Ok(CountStatistics {
            correlations: (0..n).map(row).collect(),
            neurons_fano_factor: (0..n).map(|a| variances[a] / counts(a)).collect(),
            populations_fano_factor: (0..n).map(|a| (variances[a] + together(a)) / counts(a)).collect(),
        })
    }
}

/// Where panels end: at each half turn of the window as long as these count, and at frequencies in equal ratios, since spectra have structure at any of them.
fn ends_hz(bin_s: f64) -> Vec<f64> {
    let half_turns = (0..=(2.0 * PERIODS) as u32).map(|k| 0.5 * f64::from(k) / bin_s);
    let mut ends: Vec<f64> = half_turns.collect();
    let highest_hz = HIGHEST_HZ.max(4.0 * PERIODS / bin_s);
    let mut end = LOWEST_HZ;
    while end < highest_hz {
        ends.push(end);
        end *= RATIO;
    }
    ends.sort_by(f64::total_cmp);
    // the last two in the ratio that what remains is reckoned with
    ends.extend([end, end * RATIO]);
    ends
}

/// What is integrated over positive frequencies: `n^2` pairs, then the `n` neurons.
struct Integrand<'a> {
    fluctuations: &'a Fluctuations,
    bin_s: f64,
    work: &'a Work,
    n: usize,
}

impl Integrand<'_> {
    fn refined(
        &self,
        (low, high): (f64, f64),
        whole: Vec<f64>,
        most: f64,
        halvings: u32,
    ) -> Result<Vec<f64>, CountsError> {
        let middle = 0.5 * (low + high);
        let halves = [self.panel(low, middle)?, self.panel(middle, high)?];
        let mut sum = halves[0].clone();
        add(&mut sum, &halves[1]);
        let error = sum.iter().zip(&whole).map(|(new, old)| (new - old).abs()).fold(0.0, f64::max);
        if error <= most || halvings == 0 {
            return Ok(sum);
        }
        let [left, right] = halves;
        let mut sum = self.refined((low, middle), left, 0.5 * most, halvings - 1)?;
        add(&mut sum, &self.refined((middle, high), right, 0.5 * most, halvings - 1)?);
        Ok(sum)
    }

    fn panel(&self, low: f64, high: f64) -> Result<Vec<f64>, CountsError> {
        let mut sum = vec![0.0; self.n * self.n + self.n];
        for (frequency_hz, weight) in points_6(low, high) {
            self.work.check()?;
            let Spectra { pairs_hz, neurons_hz, .. } =
                self.fluctuations.at(frequency_hz).ok_or(CountsError::Critical)?;
            let weight = weight * self.window(frequency_hz);
            let pairs = pairs_hz.iter().flatten().map(|pair| if pair.re.is_finite() { pair.re } else { 0.0 });
            let neurons = neurons_hz.iter().zip(self.fluctuations.rates_hz()).map(|(own, rate)| own - rate);
            sum.iter_mut().zip(pairs.chain(neurons)).for_each(|(sum, value)| *sum += weight * value);
        }
        Ok(sum)
    }

    /// The square of the window's transform; far out its mean.
    fn window(&self, frequency_hz: f64) -> f64 {
        let turns = std::f64::consts::PI * frequency_hz;
        let sine = if frequency_hz * self.bin_s > PERIODS { 0.5 } else { (turns * self.bin_s).sin().powi(2) };
        sine / (turns * turns)
    }
}

fn add(sum: &mut [f64], other: &[f64]) {
    sum.iter_mut().zip(other).for_each(|(sum, other)| *sum += other);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measured::Worst;
    use crate::network::Network;
    use crate::testing::{TestNetwork, open};
    use crate::theory::{Theory, TheoryOptions};

    const ACCURACY: f64 = 1e-5;

    fn fluctuations(network: &Network) -> Fluctuations {
        let theory = Theory::new(network, &TheoryOptions::default()).unwrap();
        Fluctuations::new(network, theory.map(), &theory.solve().unwrap()).unwrap()
    }

    #[test]
    fn counts_in_short_bins_are_those_of_poisson_neurons_and_in_long_ones_of_renewal_processes() {
        let own = fluctuations(&TestNetwork::one_population(1000).noise("A", 18.0, 5.0).read());
        let short = CountStatistics::new(&own, 1e-3, &Work::default()).unwrap();
        // an interval lasts at least the refractory time, so that of two spikes in such a bin there is none
        let expected = 1.0 - own.rates_hz()[0] * 1e-6;
        assert!((short.neurons_fano_factor[0] - expected).abs() < 1e-6, "{short:?} {expected}");
        let long = CountStatistics::new(&own, 1e7, &Work::default()).unwrap();
        let expected = own.at(0.0).unwrap().neurons_hz[0] / own.rates_hz()[0];
        assert!((long.neurons_fano_factor[0] / expected - 1.0).abs() < 1e-3, "{long:?} {expected}");
        assert!(long.correlations[0][0].abs() < 1e-12, "{long:?}");
    }

    /// The same integrals by many narrow panels.
    #[test]
    fn panels_that_are_halved_find_what_narrow_ones_do() {
        let mut worst = Worst::default();
        let own = fluctuations(&open("brunel2000", Some("AI"), &[]));
        let (step_hz, steps) = (0.5, 40_000);
        let bins_ms = [5.0, 50.0];
        let mut sums = [0.0; 2];
        for k in 0..steps {
            let frequency_hz = (f64::from(k) + 0.5) * step_hz;
            let turns = std::f64::consts::PI * frequency_hz;
            let pair_hz = own.at(frequency_hz).unwrap().pairs_hz[0][1].re;
            for (sum, bin_ms) in sums.iter_mut().zip(bins_ms) {
                *sum += 2.0 * step_hz * ((turns * 1e-3 * bin_ms).sin() / turns).powi(2) * pair_hz;
            }
        }
        for (sum, bin_ms) in sums.into_iter().zip(bins_ms) {
            let found = CountStatistics::new(&own, bin_ms, &Work::default()).unwrap();
            let [of_e, of_i] = [0, 1].map(|a| found.neurons_fano_factor[a] * own.rates_hz()[a] * 1e-3 * bin_ms);
            let variance = (of_e * of_i).sqrt();
            worst.add((found.correlations[0][1] * variance - sum).abs() / variance, (bin_ms, sum, variance));
        }
        worst.must_be_at_most(ACCURACY);
    }

    #[test]
    fn what_is_stopped_says_so() {
        let own = fluctuations(&TestNetwork::one_population(1000).noise("A", 18.0, 5.0).read());
        let work = Work::default();
        work.cancel();
        assert_eq!(CountStatistics::new(&own, 50.0, &work), Err(CountsError::Cancelled));
        let critical = fluctuations(&open("ostojic2014", Some("strong"), &[])).with_random_part();
        assert_eq!(CountStatistics::new(&critical, 50.0, &Work::default()), Err(CountsError::Critical));
    }
}
