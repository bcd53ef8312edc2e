//! A simulation as text, rows and JSON.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::quantity::Quantity;
use super::table::{Column, Table};
use super::text::{filled, in_blocks, title};
use super::{About, Report};
use crate::Provenance;
use crate::network::{Network, Parameter};
use crate::number::{count, decimals, rate, significant};
use crate::simulation::{PopulationActivity, Simulation};

/// A simulation with the network that it is of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SimulationReport {
    /// The network's name.
    pub network: String,
    /// Its parameters in force.
    #[serde(with = "crate::provenance::parameters_as_object")]
    pub parameters: Vec<Parameter>,
    /// What it did.
    #[serde(flatten)]
    pub simulation: Simulation,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// Bins of counts are of this length where dt divides it.
const COUNT_BIN_MS: f64 = 50.0;

const HEADER: [&str; 8] =
    ["size", "rate (Hz)", "CV", "correlation", "Fano factor", "V (mV)", "mean input (mV)", "std input (mV)"];

impl SimulationReport {
    /// Of a network.
    pub fn new(network: &Network, simulation: Simulation) -> Self {
        SimulationReport {
            network: network.name.clone(),
            parameters: network.parameters.clone(),
            provenance: Provenance { seed: Some(simulation.run.seed), ..Provenance::new("simulate", network) },
            simulation,
        }
    }

    /// All of it for people.
    pub fn text(&self) -> String {
        let mut text = title(self.about());
        let _ = write!(text, "\n{}\n\n", headline(&self.simulation));
        text.push_str(&table(&self.simulation.populations));
        let _ = write!(text, "\n{}", run_lines(&self.simulation));
        text
    }
}

impl Report for SimulationReport {
    fn about(&self) -> About<'_> {
        About { network: &self.network, parameters: &self.parameters, provenance: &self.provenance }
    }

    fn table(&self) -> Table {
        let rows = &self.simulation.populations;
        let measured = Quantity::all().filter(Quantity::is_simulated);
        let columns = [
            Column::texts("population", rows.iter().map(|p| p.name.as_str())),
            Column::integers("size", rows.iter().map(|p| p.size)),
        ];
        let quantities =
            measured.map(|quantity| Column::quantity(&quantity, rows.iter().map(|p| quantity.simulated(p))));
        Table { columns: columns.into_iter().chain(quantities).collect() }
    }
}

fn headline(simulation: &Simulation) -> String {
    let run = &simulation.run;
    let stopped = if run.complete { "" } else { "; stopped before its end" };
    format!("Simulated for {} after a warm-up of {}{stopped}", time(run.duration_ms), time(run.warmup_ms))
}

/// Statistics of every population, in as many blocks as they need.
fn table(populations: &[PopulationActivity]) -> String {
    let names: Vec<&str> = populations.iter().map(|population| population.name.as_str()).collect();
    let rows: Vec<[String; 8]> = populations.iter().map(row).collect();
    let columns =
        HEADER.iter().enumerate().map(|(i, name)| (name.to_string(), rows.iter().map(|row| row[i].clone()).collect()));
    in_blocks("population", &names, &columns.collect::<Vec<_>>())
}

fn row(population: &PopulationActivity) -> [String; 8] {
    let (membrane, input) = (population.membrane.as_ref(), population.input.as_ref());
    let of_rate = rate(population.rate_hz, (population.rate_hz > 0.0).then(|| population.rate_hz.log10()));
    [
        count(population.size),
        with_error(of_rate, population.rate_standard_error_hz, if population.rate_hz < 1.0 { 4 } else { 3 }),
        format!("{}{}", decimals(population.cv, 3), if has_cv_of_few(population) { FEW } else { "" }),
        with_error(decimals(population.correlation, 4), population.correlation_standard_error, 4),
        decimals(population.fano_factor, 2),
        with_error(decimals(membrane.map(|v| v.mean_mv), 2), membrane.map(|v| v.std_mv), 2),
        decimals(input.map(|input| input.mean_mv), 3),
        decimals(input.map(|input| input.std_mv), 3),
    ]
}

/// "37.950 ± 0.081", or the value alone where no error is known.
fn with_error(value: String, error: Option<f64>, digits: usize) -> String {
    match error {
        Some(error) if value != "-" => format!("{value} ± {}", decimals(Some(error), digits)),
        _ => value,
    }
}

/// What marks a CV of few of the neurons, and how many populations with such are named.
const FEW: &str = "*";
const MOST_NAMED: usize = 6;

/// Whether the CV is of less than half of the neurons: those that fire most.
fn has_cv_of_few(population: &PopulationActivity) -> bool {
    population.cv.is_some() && 2 * population.cv_neurons < population.size
}

/// What must be known to read the statistics: of how few neurons CVs are, and bins that are not of 50 ms.
fn notes(simulation: &Simulation) -> String {
    let mut notes = String::new();
    let few: Vec<&PopulationActivity> = simulation.populations.iter().filter(|of| has_cv_of_few(of)).collect();
    if !few.is_empty() {
        let named = few.iter().take(MOST_NAMED);
        let named = named.map(|of| format!("{} of {} in {}", count(of.cv_neurons), count(of.size), of.name));
        let named = named.collect::<Vec<_>>().join(", ");
        let more = few.len().saturating_sub(MOST_NAMED);
        let more = if more > 0 { format!(", and few in {more} more populations") } else { String::new() };
        let note = format!("{FEW} CV of the neurons with at least 10 spikes, which are few: {named}{more}");
        notes.push_str(&filled(&note, "  ", "  "));
    }
    if simulation.run.count_bin_ms != COUNT_BIN_MS {
        let bin = significant(simulation.run.count_bin_ms, 6);
        let note =
            format!("correlations and Fano factors are of counts in bins of {bin} ms, since dt does not divide 50 ms");
        notes.push_str(&filled(&note, "  ", "  "));
    }
    notes
}

/// How it was run, and what it cost.
pub(super) fn run_lines(simulation: &Simulation) -> String {
    let (run, cost) = (&simulation.run, &simulation.performance);
    let threads = if run.threads == 1 { "thread" } else { "threads" };
    let connectivity = match run.connectivity.as_str() {
        "none" => "no connections".to_string(),
        how => format!("{} synapses ({how})", count(cost.synapses)),
    };
    let events_per_s = cost.synaptic_events as f64 / cost.simulate_s;
    let events = if events_per_s.is_finite() { format!("{events_per_s:.1e}") } else { "-".to_string() };
    let memory = cost.peak_memory_mb.map_or(String::new(), |mb| format!(", {mb:.0} MB of memory at most"));
    let times = if run.spike_times.are_on_grid() { "" } else { ", spike times interpolated" };
    let how = format!(
        "seed {}, dt = {} ms{times}, {} {threads}, {connectivity}",
        run.seed,
        significant(run.dt_ms, 6),
        run.threads
    );
    let what = format!(
        "built in {:.2} s, simulated in {:.2} s ({} times the time simulated), {events} synaptic events per second{memory}",
        cost.build_s,
        cost.simulate_s,
        decimals(Some(cost.realtime_factor), 2),
    );
    format!("{}{}{}", notes(simulation), filled(&how, "  ", "  "), filled(&what, "  ", "  "))
}

/// A time for people: "250 ms", "10 s".
pub fn time(time_ms: f64) -> String {
    if time_ms < 1000.0 {
        format!("{} ms", significant(time_ms, 6))
    } else {
        format!("{} s", significant(time_ms / 1000.0, 6))
    }
}

#[cfg(test)]
pub(crate) mod made_up {
    //! Results without a simulator.

    use serde_json::{from_value, json};

    use super::*;

    pub(crate) fn population(name: &str, size: u64, rate_hz: f64) -> PopulationActivity {
        let spiking = rate_hz > 0.0;
        let population = json!({
            "name": name, "size": size, "spikes": (rate_hz * size as f64) as u64, "rate_hz": rate_hz,
            "rate_standard_error_hz": spiking.then_some(0.25),
            "cv": spiking.then_some(0.5), "cv_std": 0.2, "cv_neurons": if spiking { size } else { 0 },
            "correlation": spiking.then_some(0.0012), "correlation_standard_error": 0.0016, "correlation_neurons": 200,
            "fano_factor": 1.5, "single_neuron_fano_factor": 0.4,
            "rate_distribution": {
                "std_hz": 1.0, "silent_fraction": 0.0, "quantiles_hz": [1.0, 2.0, 3.0, 4.0, 5.0],
                "histogram": { "low": 0.0, "width": 0.0, "counts": [] },
            },
            "input": { "neurons": 10, "mean_mv": 20.0, "std_mv": 8.0, "mean_std_over_neurons_mv": 0.1 },
        });
        from_value(population).unwrap()
    }

    pub(crate) fn simulation(populations: Vec<PopulationActivity>) -> Simulation {
        let simulation = json!({
            "simulation": {
                "duration_ms": 1000.0, "warmup_ms": 500.0, "dt_ms": 0.1, "count_bin_ms": 50.0, "seed": 1, "threads": 2,
                "connectivity": "explicit", "complete": true,
            },
            "populations": [],
            "performance": {
                "neurons": 12_500, "synapses": 15_625_000, "spikes": 474_371, "synaptic_events": 600_000_000,
                "build_s": 0.8, "simulate_s": 3.0, "realtime_factor": 2.0, "peak_memory_mb": 140.4,
            },
            "warnings": [],
        });
        let mut simulation: Simulation = from_value(simulation).unwrap();
        simulation.populations = populations;
        simulation
    }
}

#[cfg(test)]
mod tests {
    use super::made_up::{population, simulation};
    use super::*;
    use crate::network::{ReadOptions, open};

    #[test]
    fn a_population_is_a_line_and_what_is_not_known_a_dash() {
        let simulation = simulation(vec![population("E", 10_000, 37.9), population("I", 0, 0.0)]);
        let network = open("brunel2000", &ReadOptions::default()).unwrap();
        let text = SimulationReport::new(&network, simulation).text();
        let line = |start: &str| {
            let lines = text.lines().filter(|line| line.trim_start().starts_with(start));
            lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(line("E "), "E 10,000 37.900 ± 0.250 0.500 0.0012 ± 0.0016 1.50 E - 20.000 8.000");
        assert_eq!(line("I "), "I 0 0 - - 1.50 I - 20.000 8.000");
        assert_eq!(line("Simulated"), "Simulated for 1 s after a warm-up of 500 ms");
        assert_eq!(line("seed"), "seed 1, dt = 0.1 ms, 2 threads, 15,625,000 synapses (explicit)");
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("(2.00 times the time simulated), 2.0e8 synaptic events"), "{text}");
    }

    #[test]
    fn what_must_be_known_of_cvs_and_bins_is_said() {
        let few = |name: &str, neurons| {
            let mut few = population(name, 10_000, 0.1);
            few.cv_neurons = neurons;
            few
        };
        let mut simulation = simulation(vec![few("E", 12), few("I", 9_000), few("X", 4_999)]);
        simulation.run.count_bin_ms = 49.7;
        let lines = run_lines(&simulation).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(lines.contains("few: 12 of 10,000 in E, 4,999 of 10,000 in X "), "{lines}");
        assert!(lines.contains("bins of 49.7 ms, since dt does not divide 50 ms "), "{lines}");
        assert_eq!(
            (row(&simulation.populations[0])[2].as_str(), row(&simulation.populations[1])[2].as_str()),
            ("0.500*", "0.500")
        );
        simulation.populations.drain(..1);
        simulation.populations.drain(1..);
        simulation.run.count_bin_ms = 50.0;
        assert!(run_lines(&simulation).starts_with("  seed 1"), "{}", run_lines(&simulation));
    }

    #[test]
    fn json_has_the_keys_of_the_contract() {
        let simulation = simulation(vec![population("E", 10_000, 37.9)]);
        let network = open("brunel2000", &ReadOptions::default()).unwrap();
        let json = serde_json::to_value(SimulationReport::new(&network, simulation)).unwrap();
        let has = |value: &serde_json::Value, keys: &[&str]| {
            keys.iter().for_each(|key| assert!(value.get(key).is_some(), "{key}: {value}"));
        };
        has(&json, &["network", "parameters", "simulation", "populations", "performance", "warnings"]);
        has(&json["simulation"], &["duration_ms", "dt_ms", "seed", "threads"]);
        let keys = ["name", "size", "rate_hz", "cv", "correlation", "fano_factor", "single_neuron_fano_factor"];
        has(&json["populations"][0], &keys);
        let keys = ["neurons", "synapses", "spikes", "synaptic_events", "build_s", "simulate_s", "realtime_factor"];
        has(&json["performance"], &keys);
        has(&json["performance"], &["peak_memory_mb"]);
    }

    #[test]
    fn times_are_in_the_unit_that_people_would_take() {
        assert_eq!([0.5, 250.0, 1000.0, 10_500.0].map(time), ["0.5 ms", "250 ms", "1 s", "10.5 s"]);
    }
}
