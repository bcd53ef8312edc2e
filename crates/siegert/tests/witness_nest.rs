//! The simulator against NEST on eight networks: what it does is what NEST does, within the sampling error of both.
//!
//! Seeds draw other networks on both sides, so only statistics can agree. Networks, NEST's statistics and its spectra are those of
//! `tests/reference/nest_*.csv`. A rate may differ by three standard errors or 1 %, a CV by three standard errors or 0.02. All else may
//! differ by four standard errors: the file makes about 200 comparisons, of which chance takes one in a hundred files beyond that.
//! What was compared is printed, so that a failure can be read.

#[path = "support/agreement.rs"]
mod agreement;
mod support;

use std::convert::Infallible;

use agreement::{Comparison, PowerSpectrum, correlation_error, mean, relative_error_of_variance};
use siegert::Work;
use siegert::input::{Streams, Sums};
use siegert::network::{Network, ReadOptions, parse};
use siegert::simulation::{PopulationActivity, SimulationOptions, Simulator};
use support::{Row, number, table};

/// Neurons of which NEST's correlation and Fano factor of single neurons were taken, and neurons whose potential it recorded.
const SAMPLE: f64 = 200.0;
const RECORDED: f64 = 50.0;
const BIN_S: f64 = 0.05;
const TAU_M_S: f64 = 0.02;
/// Bands of frequency in Hz. Below 3 Hz the mean is removed from each segment; the last band holds the harmonics of 1/delay.
const BANDS_HZ: [(f64, f64); 5] = [(3.0, 10.0), (10.0, 30.0), (30.0, 100.0), (100.0, 300.0), (300.0, 1000.0)];

/// What one population did under one seed, in one of the simulators.
#[derive(Clone, Debug)]
struct Activity {
    population: String,
    size: f64,
    rate_hz: f64,
    cv: f64,
    cv_std: f64,
    correlation: f64,
    correlation_all_pairs: f64,
    fano_factor: f64,
    single_neuron_fano_factor: f64,
    membrane_mean_mv: f64,
    membrane_std_mv: f64,
    spectrum: PowerSpectrum,
}

impl Activity {
    fn of_nest(row: &Row, spectra: &[Row], duration_s: f64) -> Self {
        let of = |name: &str| number(row, name);
        let same = |other: &&Row| ["network", "seed", "population"].iter().all(|key| other[*key] == row[*key]);
        let spectrum = spectra.iter().find(same).expect("every row has its spectrum");
        Self {
            population: row["population"].clone(),
            size: of("size"),
            rate_hz: of("rate_hz"),
            cv: of("cv"),
            cv_std: of("cv_std"),
            correlation: of("correlation"),
            correlation_all_pairs: of("correlation_all_pairs"),
            fano_factor: of("fano_factor"),
            single_neuron_fano_factor: of("single_neuron_fano_factor"),
            membrane_mean_mv: of("membrane_mean_mv"),
            membrane_std_mv: of("membrane_std_mv"),
            spectrum: spectrum_of(spectrum, duration_s),
        }
    }

    /// NaN where the simulator gives nothing: no comparison passes with it.
    fn of_ours(activity: &PopulationActivity, duration_s: f64) -> Self {
        let given = |value: Option<f64>| value.unwrap_or(f64::NAN);
        let membrane = activity.membrane.as_ref();
        let spectrum = activity.spectrum.as_ref();
        Self {
            population: activity.name.clone(),
            size: activity.size as f64,
            rate_hz: activity.rate_hz,
            cv: given(activity.cv),
            cv_std: given(activity.cv_std),
            correlation: given(activity.correlation),
            correlation_all_pairs: given(activity.correlation_all_pairs),
            fano_factor: given(activity.fano_factor),
            single_neuron_fano_factor: given(activity.single_neuron_fano_factor),
            membrane_mean_mv: given(membrane.map(|membrane| membrane.mean_mv)),
            membrane_std_mv: given(membrane.map(|membrane| membrane.std_mv)),
            spectrum: PowerSpectrum {
                frequency_hz: spectrum.map(|spectrum| spectrum.frequency_hz.clone()).unwrap_or_default(),
                power_hz: spectrum.map(|spectrum| spectrum.power_hz.clone()).unwrap_or_default(),
                duration_s,
            },
        }
    }
}

/// The columns of a row of `nest_spectra.csv` that are frequencies, in ascending order.
fn spectrum_of(row: &Row, duration_s: f64) -> PowerSpectrum {
    let frequencies = row.keys().filter_map(|column| column.parse::<f64>().ok().map(|f| (f, number(row, column))));
    let mut points: Vec<(f64, f64)> = frequencies.collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (frequency_hz, power_hz) = points.into_iter().unzip();
    PowerSpectrum { frequency_hz, power_hz, duration_s }
}

/// A network of `nest_networks.csv` with what NEST found.
struct Reference {
    row: Row,
    /// One list a seed, in the order of the populations.
    seeds: Vec<Vec<Activity>>,
}

impl Reference {
    fn named(name: &str) -> Self {
        let row =
            table("nest_networks").into_iter().find(|row| row["network"] == name).expect("a network of the table");
        let duration_s = number(&row, "duration_ms") / 1000.0;
        let spectra = table("nest_spectra");
        let mut seeds: Vec<(String, Vec<Activity>)> = Vec::new();
        for found in table("nest_statistics").iter().filter(|found| found["network"] == name) {
            let activity = Activity::of_nest(found, &spectra, duration_s);
            match seeds.last_mut() {
                Some((seed, activities)) if *seed == found["seed"] => activities.push(activity),
                _ => seeds.push((found["seed"].clone(), vec![activity])),
            }
        }
        Self { row, seeds: seeds.into_iter().map(|(_, activities)| activities).collect() }
    }

    fn duration_s(&self) -> f64 {
        number(&self.row, "duration_ms") / 1000.0
    }

    /// The network as a file says it.
    fn network(&self) -> Network {
        let of = |name: &str| self.row[name].as_str();
        let (membrane, synapse, unit) = match of("tau_syn_ms") {
            "" => ("tau_m = \"20 ms\"".to_owned(), "synapse = \"delta\"", "mV"),
            _ => ("C_m = \"250 pF\"\ng_L = \"12.5 nS\"".to_owned(), "synapse = \"exp\"", "pA"),
        };
        let kinetics = match of("tau_syn_ms") {
            "" => String::new(),
            tau => format!("[synapses.exp]\nkind = \"exponential_current\"\ntau = \"{tau} ms\"\n"),
        };
        let projection = |from: &str| {
            let (in_degree, weight) = (of(&format!("in_degree_{from}")), of(&format!("weight_{from}")));
            format!(
                "[[projections]]\nfrom = \"{from}\"\nto = [\"E\", \"I\"]\nin_degree = {in_degree}\nweight = \"{weight} {unit}\"\n\
                 delay = \"{} ms\"\n{synapse}\n",
                of("delay_ms")
            )
        };
        let text = format!(
            "[neurons.lif]\nmodel = \"lif\"\nE_L = \"0 mV\"\n{membrane}\nV_th = \"20 mV\"\nV_reset = \"10 mV\"\nt_ref = \"2 ms\"\n\
             {kinetics}[populations]\nE = {{ size = {}, neuron = \"lif\" }}\nI = {{ size = {}, neuron = \"lif\" }}\n{}{}\
             [[drives]]\nto = [\"E\", \"I\"]\nkind = \"poisson\"\nrate = \"{} Hz\"\nweight = \"{} {unit}\"\n{synapse}\n",
            of("size_E"),
            of("size_I"),
            projection("E"),
            projection("I"),
            of("external_rate_hz"),
            of("external_weight"),
        );
        parse(&text, of("network"), &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    fn simulated(&self, seed: u64) -> Vec<Activity> {
        let of = |name: &str| number(&self.row, name);
        let options = SimulationOptions {
            duration_ms: of("duration_ms"),
            warmup_ms: of("warmup_ms"),
            dt_ms: of("dt_ms"),
            seed,
            // The tests of this file run beside each other.
            threads: Some(1),
            ..SimulationOptions::default()
        };
        let running = Work::default();
        let mut simulator = Simulator::build(&self.network(), &options, &running).expect("the network fits");
        simulator.advance(u64::MAX, &running, |_, _| Ok::<(), Infallible>(())).expect("nothing can fail");
        let result = simulator.result();
        assert!(result.run.complete, "{:?}", result.run);
        result.populations.iter().map(|population| Activity::of_ours(population, self.duration_s())).collect()
    }
}

/// A statistic under comparison: how to read it, and what theory expects as the standard error of one seed.
struct Statistic {
    name: String,
    value: Box<dyn Fn(&Activity) -> f64>,
    error_of_one: f64,
    /// How many standard errors or, if that is more, how much of a difference may be.
    standard_errors: f64,
    margin: f64,
}

impl Statistic {
    fn new(name: &str, error_of_one: f64, value: impl Fn(&Activity) -> f64 + 'static) -> Self {
        Self { name: name.to_owned(), value: Box::new(value), error_of_one, standard_errors: 4.0, margin: 0.0 }
    }

    fn or_within(mut self, standard_errors: f64, margin: f64) -> Self {
        (self.standard_errors, self.margin) = (standard_errors, margin);
        self
    }
}

/// All statistics of a population, with the errors that follow from what NEST found.
fn statistics(nest: &[Activity], duration_s: f64) -> Vec<Statistic> {
    let average = |value: fn(&Activity) -> f64| mean(&nest.iter().map(value).collect::<Vec<_>>());
    let size = nest[0].size;
    let rate_hz = average(|one| one.rate_hz);
    let fano_factor = average(|one| one.fano_factor);
    let correlation = average(|one| one.correlation_all_pairs);
    let (std_mv, bins) = (average(|one| one.membrane_std_mv), duration_s / BIN_S);
    let of_variance = relative_error_of_variance(bins);
    // Potentials forget within tau_m or sooner: this many independent ones are behind a mean.
    let potentials = RECORDED * duration_s / (2.0 * TAU_M_S);
    let mut all = vec![
        // The count in the whole window varies as those in 50 ms bins do.
        Statistic::new("rate, Hz", (fano_factor * rate_hz / (size * duration_s)).sqrt(), |one| one.rate_hz)
            .or_within(3.0, 0.01 * rate_hz),
        Statistic::new("cv", average(|one| one.cv_std) / size.sqrt(), |one| one.cv).or_within(3.0, 0.02),
        Statistic::new("correlation", correlation_error(correlation, SAMPLE, bins), |one| one.correlation),
        Statistic::new("correlation, all pairs", correlation_error(correlation, size, bins), |one| {
            one.correlation_all_pairs
        }),
        Statistic::new("Fano factor", fano_factor * of_variance, |one| one.fano_factor),
        Statistic::new(
            "Fano factor, one neuron",
            average(|one| one.single_neuron_fano_factor) * of_variance / SAMPLE.sqrt(),
            |one| one.single_neuron_fano_factor,
        ),
        Statistic::new("V mean, mV", std_mv / potentials.sqrt(), |one| one.membrane_mean_mv),
        Statistic::new("V std, mV", std_mv / (2.0 * potentials).sqrt(), |one| one.membrane_std_mv),
    ];
    all.extend(BANDS_HZ.map(|band| band_power(&nest[0], band)));
    all
}

/// Power of a band. An oscillation's amplitude wanders and takes that of its harmonics with it, whose power follows its square or higher
/// powers: no band is better known than the whole, and none above the strongest better than with twice that error. NEST's own seeds
/// differ by 40 % in the harmonics of the slow oscillation.
fn band_power(nest: &Activity, (low_hz, high_hz): (f64, f64)) -> Statistic {
    let spectrum = &nest.spectrum;
    let of_whole = spectrum.relative_band_error(BANDS_HZ[0].0, BANDS_HZ[BANDS_HZ.len() - 1].1);
    let power_in = |band: &(f64, f64)| (band.1 - band.0) * spectrum.band_power_hz(band.0, band.1);
    let strongest = BANDS_HZ.into_iter().max_by(|a, b| power_in(a).total_cmp(&power_in(b))).expect("there are bands");
    let at_least = if low_hz >= strongest.1 { 2.0 * of_whole } else { of_whole };
    let error = spectrum.relative_band_error(low_hz, high_hz).max(at_least);
    let name = format!("power, {low_hz} to {high_hz} Hz");
    Statistic::new(&name, error * spectrum.band_power_hz(low_hz, high_hz), move |one| {
        one.spectrum.band_power_hz(low_hz, high_hz)
    })
}

/// Compares seeds of both sides, prints everything, and returns what differs by more than it may.
fn differences(network: &str, ours: &[Vec<Activity>], nest: &[Vec<Activity>]) -> Vec<String> {
    let mut found = Vec::new();
    println!("{network}: {} seeds of siegert, {} of NEST", ours.len(), nest.len());
    for index in 0..nest[0].len() {
        let of = |side: &[Vec<Activity>]| side.iter().map(|seed| seed[index].clone()).collect::<Vec<_>>();
        let (ours, nest) = (of(ours), of(nest));
        for statistic in statistics(&nest, nest[0].spectrum.duration_s) {
            let values = |side: &[Activity]| side.iter().map(&statistic.value).collect::<Vec<_>>();
            let comparison = Comparison::new(&values(&ours), &values(&nest), statistic.error_of_one);
            let line = format!(
                "{} {:<24} siegert {:>11.5} NEST {:>11.5} error {:>9.5} z {:>5.1}  {:?} {:?}",
                nest[0].population,
                statistic.name,
                comparison.ours,
                comparison.theirs,
                comparison.standard_error,
                comparison.z(),
                values(&ours),
                values(&nest)
            );
            println!("{line}");
            if !comparison.is_within(statistic.standard_errors, statistic.margin) {
                found.push(format!("{network} {line}"));
            }
        }
    }
    found
}

/// Simulates the network with so many seeds and compares.
fn assert_that_both_do_the_same(network: &str, seeds: u64) {
    let reference = Reference::named(network);
    let ours: Vec<Vec<Activity>> = (1..=seeds).map(|seed| reference.simulated(seed)).collect();
    let found = differences(network, &ours, &reference.seeds);
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn a_network_dominated_by_inhibition_does_what_it_does_in_nest() {
    assert_that_both_do_the_same("brunelK400_g8_eta1.5", 3);
}

#[test]
fn the_slow_oscillation_of_brunels_network_is_that_of_nest() {
    assert_that_both_do_the_same("brunel_g4.5_eta0.9_SIslow", 3);
}

#[test]
fn the_asynchronous_irregular_state_of_brunels_network_is_that_of_nest() {
    assert_that_both_do_the_same("brunel_g5_eta2_AI", 2);
}

#[test]
fn a_network_with_exponential_currents_does_what_it_does_in_nest() {
    assert_that_both_do_the_same("expK400_taus2_g5_eta2", 3);
}

#[test]
fn a_balanced_network_with_100_inputs_does_what_it_does_in_nest() {
    assert_that_both_do_the_same("kscale_K100", 3);
}

#[test]
fn a_balanced_network_with_400_inputs_does_what_it_does_in_nest() {
    assert_that_both_do_the_same("kscale_K400", 3);
}

#[test]
fn a_balanced_network_with_1600_inputs_does_what_it_does_in_nest() {
    // Its CV varies by 0.034 from network to network, in 28 seeds of siegert and in 20 of NEST: two would not tell how much.
    assert_that_both_do_the_same("kscale_K1600", 6);
}

#[test]
fn a_network_with_few_strong_synapses_does_what_it_does_in_nest() {
    assert_that_both_do_the_same("shot_K100_J0.5_g5_eta1", 3);
}

/// The names of all networks.
fn networks() -> Vec<String> {
    table("nest_networks").into_iter().map(|row| row["network"].clone()).collect()
}

/// The mean input of a neuron at NEST's rates, from the columns of the table, is that of the network as it was read.
#[test]
fn the_networks_that_are_simulated_are_those_of_the_table() {
    for name in networks() {
        let reference = Reference::named(&name);
        let network = reference.network();
        let of = |column: &str| number(&reference.row, column);
        let sizes: Vec<f64> = network.populations.iter().map(|population| population.size as f64).collect();
        assert_eq!(sizes, [of("size_E"), of("size_I")], "{name}");
        let rates_hz: Vec<f64> = reference.seeds[0].iter().map(|one| one.rate_hz).collect();
        let mv = if reference.row["tau_syn_ms"].is_empty() { 1.0 } else { of("tau_syn_ms") / 250.0 };
        let jumps_per_s = of("in_degree_E") * of("weight_E") * rates_hz[0]
            + of("in_degree_I") * of("weight_I") * rates_hz[1]
            + of("external_rate_hz") * of("external_weight");
        let expected_mv = TAU_M_S * mv * jumps_per_s;
        let streams = Streams::new(&network).expect("the theory knows these networks");
        let mean_mv = Sums::new(&streams, &[]).mean().at(1, &rates_hz, 1.0);
        assert!((mean_mv - expected_mv).abs() < 1e-9, "{name}: {mean_mv} mV, expected {expected_mv} mV");
    }
}

/// Where NEST has three seeds, so that the scatter between seeds is known without the one left out.
#[test]
fn nest_agrees_with_itself() {
    for name in networks() {
        let seeds = Reference::named(&name).seeds;
        if seeds.len() < 3 {
            continue;
        }
        for left_out in 0..seeds.len() {
            let mut others = seeds.clone();
            let one = vec![others.remove(left_out)];
            let found = differences(&name, &one, &others);
            assert!(found.is_empty(), "\n{}", found.join("\n"));
        }
    }
}

/// What the comparison is worth: changes as small as these in what NEST did are noticed.
#[test]
fn small_changes_are_noticed() {
    type Change = (&'static str, &'static str, fn(&mut Activity));
    let changes: [Change; 7] = [
        ("expK400_taus2_g5_eta2", "rate", |one| one.rate_hz *= 1.016),
        ("kscale_K100", "cv", |one| one.cv += 0.021),
        ("brunelK400_g8_eta1.5", "correlation, all pairs", |one| one.correlation_all_pairs *= 2.0),
        ("brunelK400_g8_eta1.5", "Fano factor", |one| one.fano_factor *= 1.6),
        ("shot_K100_J0.5_g5_eta1", "Fano factor, one neuron", |one| one.single_neuron_fano_factor *= 1.06),
        ("expK400_taus2_g5_eta2", "V std", |one| one.membrane_std_mv *= 1.04),
        ("expK400_taus2_g5_eta2", "power, 300 to 1000 Hz", |one| {
            one.spectrum.power_hz.iter_mut().for_each(|power| *power *= 1.35);
        }),
    ];
    for (name, statistic, change) in changes {
        let seeds = Reference::named(name).seeds;
        let mut changed = seeds.clone();
        changed.iter_mut().flatten().for_each(change);
        let found = differences(name, &changed, &seeds);
        assert!(found.iter().any(|line| line.contains(statistic)), "{name} {statistic}: {found:?}");
    }
}
