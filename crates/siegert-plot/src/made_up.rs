//! A made-up simulation for tests of pictures: Poisson neurons whose rates vary over neurons and, together, in time.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use siegert::network::{Network, Population};
use siegert::report::EvolutionReport;
use siegert::simulation::{Histogram, PopulationActivity, Raster, RasterSpike, RateTrace, Simulation, Spectrum};
use siegert::testing::BRUNEL;

/// Name, size and mean rate in Hz of a population.
pub(super) type MadeUp<'a> = (&'a str, u64, f64);

const FROM_MS: f64 = 1000.0;
const TO_MS: f64 = 1500.0;
/// Neurons of the raster in all, and of each population at least.
const RASTER_NEURONS: u64 = 200;
const FEWEST_NEURONS: u64 = 5;

/// Numbers from a hash of a counter (splitmix64).
struct Random(u64);

impl Random {
    /// Between 0 and 1.
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Mean 0, variance 1.
    fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.uniform()).ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// The network of such populations: the neurons of Brunel (2000), not connected.
pub(super) fn network(populations: &[MadeUp<'_>]) -> Network {
    let population = |&(name, size, _): &MadeUp<'_>| Population {
        name: name.to_string(),
        size,
        neuron_type: "lif".to_string(),
        neuron: BRUNEL,
        initial_mv: None,
    };
    Network {
        name: "A made-up network".to_string(),
        populations: populations.iter().map(population).collect(),
        ..Network::default()
    }
}

/// What they did in half a second.
pub(super) fn made_up(populations: &[MadeUp<'_>]) -> Simulation {
    let neurons: u64 = populations.iter().map(|population| population.1).sum();
    let simulation = json!({
        "simulation": {
            "duration_ms": 1000.0, "warmup_ms": 500.0, "dt_ms": 0.1, "count_bin_ms": 50.0, "seed": 1, "threads": 2,
            "connectivity": "explicit", "complete": true,
        },
        "populations": [],
        "performance": {
            "neurons": neurons, "synapses": 0, "spikes": 0, "synaptic_events": 0, "build_s": 0.1, "simulate_s": 1.0,
            "realtime_factor": 1.0,
        },
        "warnings": [],
    });
    let mut simulation: Simulation = read(simulation);
    simulation.populations = populations.iter().enumerate().map(|(index, made_up)| activity(index, *made_up)).collect();
    simulation.raster = raster(populations);
    simulation.rate_trace = rate_trace(populations);
    simulation
}

/// A result as a file of it is read.
fn read<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap_or_else(|error| panic!("{error}"))
}

/// How the rates of all go up and down together, about 1.
fn modulation(time_ms: f64) -> f64 {
    1.0 + 0.5 * (time_ms / 9.0).sin() * (time_ms / 130.0).sin()
}

fn raster(populations: &[MadeUp<'_>]) -> Raster {
    let all: u64 = populations.iter().map(|population| population.1).sum::<u64>().max(1);
    let share = |size: u64| (RASTER_NEURONS * size / all).max(FEWEST_NEURONS).min(size);
    let neurons: Vec<u64> = populations.iter().map(|population| share(population.1)).collect();
    let mut random = Random(1);
    let mut spikes = Vec::new();
    for step in 0..((TO_MS - FROM_MS) * 10.0) as u64 {
        let time_ms = FROM_MS + 0.1 * step as f64;
        for (population, (&shown, &(_, _, rate_hz))) in neurons.iter().zip(populations).enumerate() {
            let spiking = (0..shown).filter(|_| random.uniform() < 1e-4 * rate_hz * modulation(time_ms));
            spikes.extend(spiking.map(|neuron| RasterSpike { time_ms, population, neuron }));
        }
    }
    let mut raster = Raster::default();
    (raster.from_ms, raster.to_ms, raster.neurons, raster.spikes) = (FROM_MS, TO_MS, neurons, spikes);
    raster
}

fn rate_trace(populations: &[MadeUp<'_>]) -> RateTrace {
    let mut random = Random(2);
    let mut trace = |&(_, size, rate_hz): &MadeUp<'_>| {
        let noise_hz = if size == 0 { 0.0 } else { (1000.0 * rate_hz / size as f64).sqrt() };
        let rate = |bin: u64| rate_hz * modulation(FROM_MS + bin as f64 + 0.5) + noise_hz * random.normal();
        (0..(TO_MS - FROM_MS) as u64).map(rate).map(|rate| rate.max(0.0)).collect()
    };
    let mut shown = RateTrace::default();
    (shown.from_ms, shown.bin_ms, shown.rate_hz) = (FROM_MS, 1.0, populations.iter().map(&mut trace).collect());
    shown
}

/// A histogram of samples; what lies beyond is counted in the last bins.
fn histogram(low: f64, width: f64, bins: usize, samples: impl Iterator<Item = f64>) -> Histogram {
    let mut counts = vec![0; bins];
    samples.for_each(|sample| counts[(((sample - low) / width).max(0.0) as usize).min(bins - 1)] += 1);
    Histogram { low, width, counts }
}

fn activity(index: usize, (name, size, rate_hz): MadeUp<'_>) -> PopulationActivity {
    let mut random = Random(1000 + index as u64);
    let spiking = size > 0 && rate_hz > 0.0;
    // Half of the variance is that of counts over a second.
    let rates: Vec<f64> =
        (0..size).map(|_| (rate_hz + (2.0 * rate_hz).sqrt() * random.normal()).max(0.0).round()).collect();
    let silent = rates.iter().filter(|rate| **rate == 0.0).count() as f64;
    let round_width = if rate_hz > 20.0 { 2.0 } else { 1.0 };
    let cv = 0.9 - 0.05 * index as f64 % 0.5;
    let cvs = spiking.then(|| histogram(0.0, 0.05, 50, (0..size).map(|_| cv + 0.15 * random.normal())));
    let rate_histogram = histogram(0.0, round_width, 60, rates.iter().copied());
    let spectrum = spiking.then(|| spectrum(rate_hz / size as f64, &mut random));
    let membrane = |potentials: Histogram| {
        json!({
            "neurons": size.min(200), "mean_mv": 12.0, "std_mv": 4.0, "refractory_fraction": 0.002 * rate_hz,
            "histogram": potentials,
        })
    };
    read(json!({
        "name": name,
        "size": size,
        "spikes": (size as f64 * rate_hz) as u64,
        "rate_hz": if size == 0 { 0.0 } else { rate_hz },
        "rate_standard_error_hz": spiking.then_some(0.05 * rate_hz),
        "cv": spiking.then_some(cv),
        "cv_std": spiking.then_some(0.2),
        "cv_neurons": if spiking { size } else { 0 },
        "cv_distribution": cvs,
        "correlation_neurons": 0,
        "rate_distribution": {
            "silent_fraction": if size == 0 { 0.0 } else { silent / size as f64 },
            "quantiles_hz": [0.0, 0.0, 0.0, 0.0, 0.0],
            "histogram": rate_histogram,
        },
        "spectrum": spectrum,
        "membrane": (size > 0).then(|| membrane(histogram(-20.0, 0.5, 80, potentials(&mut random)))),
    }))
}

/// Below threshold, the rarer the nearer to it.
fn potentials(random: &mut Random) -> impl Iterator<Item = f64> + '_ {
    (0..20_000).map(|_| 12.0 + 4.0 * random.normal()).filter(|V| *V < 20.0)
}

/// Flat at `level_hz` with a hump at 60 Hz and the scatter of few segments.
fn spectrum(level_hz: f64, random: &mut Random) -> Spectrum {
    let bands = |band: i32| 1.05f64.powi(band);
    let frequency_hz: Vec<f64> = (0..20).map(f64::from).chain((62..174).map(bands)).collect();
    let power = |frequency: &f64| {
        let hump = 30.0 * (-(frequency / 60.0 - 1.0).powi(2) / 0.02).exp();
        level_hz * (1.0 + hump) * (1.0 + 0.15 * random.normal()).max(0.05)
    };
    let power_hz: Vec<f64> = frequency_hz.iter().map(power).collect();
    read(json!({ "power_hz": power_hz, "frequency_hz": frequency_hz, "segments": 3, "segment_ms": 1000.0 }))
}

/// What of an evolution there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    Rates,
    Densities,
    Simulated,
}

/// An evolution of populations with such names, whose density goes to and fro between reset and threshold; silent ones stay at rest.
pub(super) fn evolution(names: &[&str], silent: bool, kept: Kept) -> EvolutionReport {
    let times: Vec<f64> = (0..=100).map(f64::from).collect();
    let potentials: Vec<f64> = (0..120).map(|k| -4.0 + 0.2 * (f64::from(k) + 0.5)).collect();
    let bins: Vec<f64> = (0..40).map(|k| -4.0 + 0.6 * (f64::from(k) + 0.5)).collect();
    let phase = |a: usize, t: f64| if silent { 0.0 } else { (-t / 60.0).exp() * (t / 5.0 + a as f64).sin() };
    let density = |a: usize, t: f64, V: &[f64]| -> Vec<f64> {
        let middle = 12.0 + 4.0 * phase(a, t);
        let p = |V: &f64| (-0.5 * ((V - middle) / 2.5).powi(2)).exp() / 6.27 * (20.0 - V).clamp(0.0, 1.0);
        V.iter().map(p).collect()
    };
    let rate = |a: usize, t: f64| if silent { 0.0 } else { 20.0 * (1.0 + phase(a, t)) };
    let populations = names.iter().enumerate().map(|(a, name)| {
        let mut population = json!({ "name": name, "rate_hz": times.iter().map(|t| rate(a, *t)).collect::<Vec<_>>() });
        let of = |V: &[f64]| times.iter().map(|t| density(a, *t, V)).collect::<Vec<_>>();
        let none = vec![0.0; times.len()];
        if kept != Kept::Rates {
            population["density"] = json!({
                "times_ms": times, "potentials_mv": potentials, "density_per_mv": of(&potentials),
                "refractory_fraction": none, "below_fraction": none, "above_fraction": none, "V_th_mv": 20.0,
                "V_reset_mv": 10.0,
            });
        }
        if kept == Kept::Simulated {
            population["simulated"] = json!({
                "neurons": 1000, "bin_ms": 2.0, "rate_hz": (0..50).map(|k| rate(a, 2.0 * f64::from(k) + 1.0)).collect::<Vec<_>>(),
                "times_ms": times, "potentials_mv": bins, "density_per_mv": of(&bins),
            });
        }
        population
    });
    read(json!({
        "network": "A made-up network", "parameters": { "g": 5, "a_parameter_with_a_long_name": "12.5 mV" },
        "equation": "density", "start": "state", "accuracy": 1e-3, "times_ms": times,
        "populations": populations.collect::<Vec<_>>(), "conservation_error": 1e-15, "steps": 1000, "warnings": [],
        "provenance": siegert::Provenance::default(),
    }))
}
