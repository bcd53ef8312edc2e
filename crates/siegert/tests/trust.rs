//! How far to trust a state: measures of published networks, and the distribution of rates against Monte Carlo.

use siegert::network::Network;
use siegert::neuron::lif::{Lif, LifParameters, SynapticFilter};
use siegert::stationary::RateMap;
use siegert::testing::{TestNetwork, open, solution, state};
use siegert::theory::{PopulationState, Theory, TheoryOptions};
use siegert::trust::{Measure, Trust, Validity, validity};

fn network(name: &str, case: Option<&str>) -> Network {
    open(name, case, &[])
}

fn close(found: f64, expected: f64, tolerance: f64) -> bool {
    (found - expected).abs() <= tolerance * expected.abs()
}

#[test]
fn brunels_asynchronous_state_has_the_measures_that_follow_from_its_numbers() {
    let state = state(&network("brunel2000", Some("AI")));
    let PopulationState { rate_hz, std_input_mv, cv, validity, .. } = &state.populations[0];
    // 1000 excitatory and 250 inhibitory inputs, 1000 drives of 20 Hz, 0.1 and -0.5 mV, in 20 ms
    let (excitatory, inhibitory, drive) = (20.0 * rate_hz, 5.0 * rate_hz, 400.0);
    let sum = |n: i32| (excitatory + drive) * 0.1f64.powi(n) + inhibitory * (-0.5f64).powi(n);
    assert!(close(validity.events_per_tau_m, excitatory + inhibitory + drive, 1e-13));
    assert_eq!((validity.largest_psp_mv, validity.psp_over_threshold_distance), (0.5, 0.05));
    let third = sum(3) / std_input_mv.powi(3);
    assert!(close(validity.skewness.unwrap(), 8f64.sqrt() / 3.0 * third, 1e-12));
    assert!(close(validity.excess_kurtosis.unwrap(), sum(4) / std_input_mv.powi(4), 1e-12));
    assert!(close(validity.third_over_second.unwrap(), third / 3.0, 1e-12));
    let coefficients = validity.kramers_moyal;
    assert!(close(coefficients.d2_mv2_per_ms, sum(2) / 40.0, 1e-12));
    assert!(close(coefficients.d3_mv3_per_ms, sum(3) / 120.0, 1e-12));
    assert!(close(coefficients.d4_mv4_per_ms, sum(4) / 480.0, 1e-12));
    // D3/(D2 sigma) by its name
    let ratio = coefficients.d3_mv3_per_ms / (coefficients.d2_mv2_per_ms * std_input_mv);
    assert!(close(validity.third_over_second.unwrap(), ratio, 1e-12));
    let shared = 0.1 * (excitatory * 0.01 + inhibitory * 0.25) / sum(2);
    assert!(close(validity.input_correlation.unwrap(), shared, 1e-12));
    let share = (excitatory * 0.01 + inhibitory * 0.25) / sum(2);
    let deviation = share * (cv.unwrap() * cv.unwrap() - 1.0);
    assert!(close(validity.low_frequency_noise_deviation.unwrap(), deviation, 1e-12));
    assert!(close(validity.rate_times_t_ref, rate_hz * 0.002, 1e-12));
}

#[test]
fn the_output_correlation_is_the_shared_input_through_the_slope_of_the_rate() {
    let state = state(&network("brunel2000", Some("AI")));
    let PopulationState { rate_hz, mean_input_mv: mu, std_input_mv: sigma, cv, validity, .. } = &state.populations[0];
    let lif = LifParameters { tau_m_ms: 20.0, t_ref_ms: 2.0, V_th_mv: 20.0, V_reset_mv: 10.0 };
    let rate = |mu: f64| Lif::new(lif).unwrap().rate_hz(mu, *sigma).unwrap();
    let slope = (rate(mu + 1e-4) - rate(mu - 1e-4)) / 2e-4;
    let cv = cv.unwrap();
    let expected = validity.input_correlation.unwrap() * sigma * sigma * 0.02 * slope * slope / (rate_hz * cv * cv);
    assert!(close(validity.output_correlation.unwrap(), expected, 1e-6), "{validity:?}");
}

#[test]
fn brunels_asynchronous_state_is_nearly_sound_and_its_presynaptic_neurons_decide() {
    let state = state(&network("brunel2000", Some("AI")));
    assert_eq!(state.verdict.trust, Trust::Caution);
    assert_eq!(state.verdict.measure, Some(Measure::PresynapticIrregularity));
    assert!(state.verdict.severity < 1.1 && state.verdict.sentence.contains("too high"), "{:?}", state.verdict);
    let deviation = state.populations[0].validity.shot_noise_deviation.unwrap();
    assert!((-0.02..0.0).contains(&deviation), "inhibition of 0.5 mV takes off a percent or two: {deviation}");
}

#[test]
fn strong_coupling_is_doubtful_for_its_large_psps_and_the_jumps_change_the_rate() {
    let state = state(&network("ostojic2014", Some("strong")));
    assert_eq!((state.verdict.trust, state.verdict.measure), (Trust::Doubtful, Some(Measure::PspSize)));
    let Validity { psp_over_threshold_distance, skewness, shot_noise_deviation, low_frequency_noise_deviation, .. } =
        state.populations[0].validity;
    assert!(close(psp_over_threshold_distance, 0.4, 1e-12));
    assert!(skewness.unwrap() < -0.05 && shot_noise_deviation.unwrap() < -0.1);
    assert!(low_frequency_noise_deviation.unwrap() > 0.5, "a CV above 1 makes slow noise");
    let weak = self::state(&network("ostojic2014", Some("weak")));
    assert!(weak.verdict.severity < state.verdict.severity);
}

#[test]
fn the_microcircuit_has_broad_rates_and_small_fast_psps() {
    let state = state(&network("potjans_diesmann2014", None));
    for PopulationState { name, validity, rate_hz, .. } in &state.populations {
        // mean -0.6 mV with 10 %: 0.6 (1 + 2/10)
        assert!(close(validity.largest_psp_mv, 0.72, 1e-9), "{name}: {}", validity.largest_psp_mv);
        assert!(close(validity.tau_syn_over_tau_m, 0.05, 1e-12) && validity.filtered_fraction > 1.0 - 1e-12);
        let spread = validity.rate_distribution;
        assert!(spread.self_consistent && spread.delta_dln_rate_dmu > 0.5, "{name}: {spread:?}");
        assert!(close(spread.mean_hz, *rate_hz, 0.15), "{name}: {spread:?}");
        assert!(validity.shot_noise_deviation.unwrap() < -0.05, "{name}: inhibition has the larger PSPs");
    }
    assert_eq!(state.verdict.trust, Trust::Doubtful);
}

/// Excitation and inhibition with heterogeneous wiring; `rules` for the four projections.
fn heterogeneous(rule: &str, excitatory: &str, inhibitory: &str) -> Network {
    TestNetwork::two_populations([4000, 1000])
        .projection("E", "E, I", &format!("{rule}\nweight = {excitatory}"))
        .projection("I", "E, I", &format!("{rule}\nweight = {inhibitory}"))
        .noise("E, I", 22.0, 3.0)
        .read()
}

const BERNOULLI: &str = "probability = 0.1";
const EXCITATORY: &str = "\"0.2 mV\"";
const INHIBITORY: &str = "{ mean = \"-1 mV\", std = \"0.3 mV\" }";

/// Deviates that are the same in every run (splitmix64).
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.uniform()).ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// Neurons that hear the neurons of two populations, each with its own sources and weights.
struct Wired {
    rates: [Vec<f64>; 2],
    random: Random,
}

impl Wired {
    /// One neuron's mean and variance of the input.
    fn input(&mut self) -> (f64, f64) {
        let (mut mean, mut variance) = (22.0, 9.0);
        for (rates, (weight, std)) in self.rates.iter().zip([(0.2, 0.0), (-1.0, 0.3)]) {
            for rate in rates {
                if self.random.uniform() < 0.1 {
                    let jump = weight + std * self.random.normal();
                    mean += 0.02 * jump * rate;
                    variance += 0.02 * jump * jump * rate;
                }
            }
        }
        (mean, variance)
    }
}

#[test]
fn the_distribution_is_that_of_neurons_wired_at_random() {
    let state = state(&heterogeneous(BERNOULLI, EXCITATORY, INHIBITORY));
    let lif = Lif::new(LifParameters { tau_m_ms: 20.0, t_ref_ms: 2.0, V_th_mv: 20.0, V_reset_mv: 10.0 }).unwrap();
    let rate = |(mean, variance): (f64, f64)| lif.rate_hz(mean, variance.sqrt()).unwrap();
    let spread = state.populations[0].validity.rate_distribution;
    assert!(spread.self_consistent && spread.delta_mv > 1.0, "{spread:?}");
    // 5000 sources with rates by the theory's law, then the rates that 4000 neurons wired to them have
    let mut random = Random(7);
    let (mu, sigma) = {
        let n1 = spread.mean_hz;
        (22.0 + 0.02 * n1 * (400.0 * 0.2 - 100.0), (9.0 + 0.02 * n1 * (400.0 * 0.04 + 100.0 * 1.09)).sqrt())
    };
    let draw = |random: &mut Random| lif.rate_hz(mu + spread.delta_mv * random.normal(), sigma).unwrap();
    let rates = [4000, 1000].map(|n| (0..n).map(|_| draw(&mut random)).collect::<Vec<f64>>());
    let mut wired = Wired { rates, random };
    let n = 4000;
    let inputs: Vec<(f64, f64)> = (0..n).map(|_| wired.input()).collect();
    let moments = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / n as f64;
        (mean, (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n as f64).sqrt())
    };
    let (mean_mv, std_mv) = moments(&inputs.iter().map(|input| input.0).collect::<Vec<f64>>());
    // the sources are one sample: the mean of mu follows theirs within 0.02 K J std(r)/sqrt(N)
    assert!((mean_mv - mu).abs() < 4.0 * 0.02 * 100.0 * spread.std_hz / 1000f64.sqrt(), "{mean_mv} {mu}");
    assert!(close(spread.delta_mv, std_mv, 4.0 / (2.0 * n as f64).sqrt()), "{std_mv}, predicted {}", spread.delta_mv);
    let shifted: Vec<f64> = inputs.iter().map(|(mean, variance)| rate((mean - mean_mv + mu, *variance))).collect();
    let (mean_hz, std_hz) = moments(&shifted);
    // sampling error, and 2 % for the variance that differs, too
    assert!(
        (mean_hz - spread.mean_hz).abs() < 4.0 * std_hz / (n as f64).sqrt() + 0.02 * mean_hz,
        "{mean_hz} {spread:?}"
    );
    assert!(close(spread.std_hz, std_hz, 0.08), "{std_hz}, predicted {spread:?}");
    let below = shifted.iter().filter(|rate| **rate < spread.quantiles_hz.q25).count() as f64 / n as f64;
    assert!((below - 0.25).abs() < 4.0 * (0.1875 / n as f64).sqrt() + 0.02, "{below} below the lower quartile");
}

#[test]
fn a_distribution_is_self_consistent_by_a_finer_and_wider_sum() {
    let state = state(&heterogeneous(BERNOULLI, EXCITATORY, INHIBITORY));
    let lif = Lif::new(LifParameters { tau_m_ms: 20.0, t_ref_ms: 2.0, V_th_mv: 20.0, V_reset_mv: 10.0 }).unwrap();
    let spread = state.populations[1].validity.rate_distribution;
    let n1 = spread.mean_hz;
    let (mu, sigma) = (22.0 + 0.02 * n1 * (400.0 * 0.2 - 100.0), (9.0 + 0.02 * n1 * (16.0 + 109.0)).sqrt());
    let (mut mean, mut square, mut weight) = (0.0, 0.0, 0.0);
    for i in -720..=720 {
        let z = f64::from(i) / 36.0;
        let w = (-0.5 * z * z).exp();
        let rate = lif.rate_hz(mu + spread.delta_mv * z, sigma).unwrap();
        (mean, square, weight) = (mean + w * rate, square + w * rate * rate, weight + w);
    }
    let (mean, square) = (mean / weight, square / weight);
    assert!(close(mean, n1, 1e-9), "{mean} {n1}");
    assert!(close((square - mean * mean).sqrt(), spread.std_hz, 1e-8), "{spread:?}");
    // Bernoulli, p = 0.1: K (<J^2> - p <J>^2) n2
    let variance = 4e-4 * square * (400.0 * 0.9 * 0.04 + 100.0 * (1.09 - 0.1));
    assert!(close(variance.sqrt(), spread.delta_mv, 1e-9), "{} {spread:?}", variance.sqrt());
}

#[test]
fn equal_neurons_have_one_rate_exactly() {
    for network in [network("brunel2000", Some("AI")), heterogeneous("in_degree = 400", EXCITATORY, "\"-1 mV\"")] {
        for PopulationState { rate_hz, validity, .. } in &state(&network).populations {
            let spread = validity.rate_distribution;
            assert_eq!((spread.delta_mv, spread.std_hz, spread.delta_dln_rate_dmu), (0.0, 0.0, 0.0));
            assert!(close(spread.mean_hz, *rate_hz, 1e-12) && spread.quantiles_hz.q05 == spread.quantiles_hz.q95);
        }
    }
}

#[test]
fn every_state_of_a_bistable_network_is_measured_the_silent_and_the_unstable_one_too() {
    let found = solution(&network("brunel2000", Some("bistable")));
    assert_eq!(found.fixed_points.len(), 3);
    for state in &found.fixed_points {
        for PopulationState { rate_hz, validity, .. } in &state.populations {
            assert!(validity.rate_distribution.self_consistent && validity.events_per_tau_m > 0.0);
            assert!(close(validity.rate_distribution.mean_hz, *rate_hz, 1e-9), "{rate_hz} {validity:?}");
        }
    }
    let saturated = &found.fixed_points[2].verdict;
    assert!(saturated.severity > 1.0, "{saturated:?}");
}

#[test]
fn a_network_without_spikes_from_anywhere_has_nothing_to_measure_and_no_warning() {
    let neurons = TestNetwork::one_population(10);
    for network in [neurons.clone().noise("A", 15.0, 5.0), neurons.current("A", 15.0)] {
        let network = network.read();
        let state = state(&network);
        let PopulationState { validity, rate_hz, .. } = &state.populations[0];
        assert_eq!((validity.events_per_tau_m, validity.largest_psp_mv), (0.0, 0.0));
        assert_eq!(validity.shot_noise_corrected_rate_hz, Some(*rate_hz));
        assert_eq!((validity.warnings.len(), state.verdict.trust), (0, Trust::Good), "{validity:?}");
    }
}

#[test]
fn two_hundred_and_fifty_four_populations_are_measured() {
    let names = |kind: &str, n: usize| (0..n).map(|i| format!("{kind}{i}")).collect::<Vec<_>>();
    let (excitatory, inhibitory) = (names("E", 203), names("I", 51));
    let all = [excitatory.clone(), inhibitory.clone()].concat();
    let populations: Vec<(&str, u64)> = all.iter().map(|name| (name.as_str(), 100)).collect();
    let mut network = TestNetwork::of(&populations);
    for (sources, weight) in [(&excitatory, "0.1 mV"), (&inhibitory, "-0.6 mV")] {
        let lines = format!("probability = 0.05\nweight = \"{weight}\"");
        for from in sources {
            network = network.projection(from, &all.join(","), &lines);
        }
    }
    for (i, name) in all.iter().enumerate() {
        network = network.noise(name, 20.0 + 0.02 * i as f64, 3.0);
    }
    let network = network.read();
    let state = state(&network);
    for PopulationState { name, validity, .. } in &state.populations {
        let spread = validity.rate_distribution;
        assert!(spread.self_consistent && spread.delta_mv > 0.5, "{name}: {spread:?}");
    }
    assert!(state.verdict.population.is_some());
}

#[test]
fn rates_that_are_no_state_have_measures_too_and_no_self_consistent_distribution_where_there_is_none() {
    let network = heterogeneous(BERNOULLI, EXCITATORY, INHIBITORY);
    let map = RateMap::new(&network, SynapticFilter::default()).unwrap();
    for rates in [[0.0, 0.0], [1e-310, 5.0], [1e5, 1e5], [1e300, 0.0], [f64::NAN, 1.0], [f64::INFINITY, 1.0]] {
        let measures = validity(&network, &map, &rates, &[Some(1.0), None]);
        let senseless = !rates[0].is_finite();
        let found = measures.iter().all(|measure| measure.rate_distribution.self_consistent);
        assert!(!(senseless && found), "{rates:?}: {measures:?}");
    }
}

#[test]
fn the_taylor_form_of_the_filter_has_a_distribution_near_that_of_the_shift() {
    let network = network("potjans_diesmann2014", None);
    let of = |filter| {
        Theory::new(&network, &TheoryOptions::from(filter))
            .and_then(|theory| Ok(theory.fixed_point(&theory.solve()?)))
            .unwrap()
    };
    let (shift, taylor) = (of(SynapticFilter::ThresholdShift), of(SynapticFilter::TaylorExpansion));
    for (p, q) in shift.populations.iter().zip(&taylor.populations) {
        let (p, q) = (p.validity.rate_distribution, q.validity.rate_distribution);
        assert!(p.self_consistent && q.self_consistent && close(p.delta_mv, q.delta_mv, 0.2), "{p:?} {q:?}");
    }
}

/// Numbers in [0, 1) that are the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (((self.0 >> 33) as f64 / (1u64 << 31) as f64) * n as f64) as usize
    }
}

#[test]
fn multapses_and_shared_input_are_the_moments_of_connections_drawn_at_random() {
    use siegert::input::{CoincidenceWindow, Streams, Sums, multapse_variance, shared_variance_mv2};
    const SOURCES: usize = 20;
    const DRAWS: usize = 40_000;
    let network = TestNetwork::of(&[("A", 20), ("B", 2)])
        .neuron("tau_m", "10 ms")
        .projection("A", "B", "in_degree = 8\nweight = \"1 mV\"\ndelay = \"1 ms\"")
        .projection("A", "B", "probability = 0.3\nweight = \"-0.5 mV\"\ndelay = \"1 ms\"")
        .projection("A", "B", "total = 10\nweight = \"0.7 mV\"\ndelay = \"1 ms\"")
        .read();
    let streams = Streams::new(&network).unwrap();
    let rates = [1.0, 0.0];
    let variance = Sums::new(&streams, &[]).variance().at(1, &rates, 1.0)
        + multapse_variance(&network, &streams, CoincidenceWindow::MembraneMemory).at(1, &rates, 1.0);
    let shared = shared_variance_mv2(&network, &streams, &rates)[1];
    // sum_j X_j^2 and sum_j X_j X'_j of two neurons, X_j what source j brings
    let mut chance = Chance(7);
    let mut sums = [[0.0; 2]; 2];
    for _ in 0..DRAWS {
        let mut heard = [[0.0; SOURCES]; 2];
        for neuron in &mut heard {
            (0..8).for_each(|_| neuron[chance.below(SOURCES)] += 1.0);
            neuron.iter_mut().for_each(|x| *x -= if chance.below(1000) < 300 { 0.5 } else { 0.0 });
        }
        (0..10).for_each(|_| heard[chance.below(2)][chance.below(SOURCES)] += 0.7);
        let product = |p: &[f64], q: &[f64]| p.iter().zip(q).map(|(p, q)| p * q).sum::<f64>();
        for (sum, found) in sums.iter_mut().zip([product(&heard[0], &heard[0]), product(&heard[0], &heard[1])]) {
            sum[0] += found;
            sum[1] += found * found;
        }
    }
    // of a total that two targets share, draws for one are draws lost for the other: 1 - 1/10 of K^2/N
    let lost = 0.01 * 0.7f64.powi(2) * 2.5 / SOURCES as f64;
    for (what, [sum, square], expected) in [("noise", sums[0], variance), ("shared noise", sums[1], shared - lost)] {
        let mean = sum / DRAWS as f64;
        let error = (square / DRAWS as f64 - mean * mean).sqrt() / (DRAWS as f64).sqrt();
        let found = expected / 0.01;
        assert!((mean - found).abs() < 4.0 * error, "{what}: drawn {mean} +- {error}, expected {found}");
    }
}
