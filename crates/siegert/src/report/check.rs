//! What follows from a network's file before anything is solved, as text, rows and JSON.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::table::{Column, Table};
use super::text::{Align, aligned, filled, in_blocks, title};
use super::{About, Report};
use crate::input::{PopulationOverview, ProjectionOverview, overview};
use crate::network::{Network, NetworkError, Parameter, quadratic_onsets};
use crate::number::{count, decimals, significant};
use crate::simulation::{SimulationError, SimulationEstimate, SimulationOptions, estimate};
use crate::stationary::TheoryOptions;
use crate::theory::Theory;
use crate::{Provenance, Warning};

/// What follows from a network's description.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CheckReport {
    /// The network's name.
    pub network: String,
    /// Neurons in all.
    pub neurons: u64,
    /// Synapses in all, as expected (drives not counted).
    pub synapses: f64,
    /// One entry a population.
    pub populations: Vec<PopulationOverview>,
    /// One entry a pair of source and target.
    pub projections: Vec<ProjectionOverview>,
    /// Its parameters in force.
    #[serde(with = "crate::provenance::parameters_as_object")]
    pub parameters: Vec<Parameter>,
    /// What a simulation would need; nothing where the network cannot be simulated.
    pub simulation: Option<SimulationNeeds>,
    /// Why it cannot be simulated.
    pub simulation_error: Option<String>,
    /// What is unusual about the network.
    pub warnings: Vec<Warning>,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// What a simulation with the usual options would need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SimulationNeeds {
    /// Memory and time.
    #[serde(flatten)]
    pub estimate: SimulationEstimate,
    /// Where the rate comes from that the time assumes.
    pub rate_from: RateFrom,
}

/// Where the rate comes from with which the time of a simulation is estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateFrom {
    /// The state of the theory.
    Theory,
    /// There is none.
    Assumed,
}

impl CheckReport {
    /// Of a network.
    ///
    /// # Errors
    ///
    /// Mistakes of a network made in code.
    pub fn new(network: &Network) -> Result<Self, NetworkError> {
        let overview = overview(network)?;
        let (simulation, error) = match simulation_needs(network) {
            Ok(needs) => (needs, None),
            Err(error) => (None, Some(error.to_string())),
        };
        Ok(CheckReport {
            network: overview.network,
            neurons: overview.neurons,
            synapses: overview.synapses,
            populations: overview.populations,
            projections: overview.projections,
            parameters: network.parameters.clone(),
            simulation,
            simulation_error: error,
            warnings: network.warnings.iter().cloned().chain(quadratic_onsets(network)).collect(),
            provenance: Provenance::new("check", network),
        })
    }

    /// All of it for people.
    pub fn text(&self) -> String {
        let mut text = title(self.about());
        let _ = write!(text, "{} neurons, {} synapses\n\n", count(self.neurons), count(self.synapses.round() as u64));
        text.push_str(&self.populations_text());
        for population in self.populations.iter().filter(|population| !population.differs.is_empty()) {
            let line = format!("Neurons of {} differ in {}.", population.name, population.differs.join(", "));
            text.push_str(&filled(&line, "", "  "));
        }
        if !self.projections.is_empty() {
            text.push('\n');
            text.push_str(&self.projections_text());
        }
        match (&self.simulation, &self.simulation_error) {
            (Some(needs), _) => text.push_str(&format!("\n{}", simulation_lines(needs))),
            (None, Some(error)) => {
                text.push_str(&format!("\n{}", filled(&format!("Cannot be simulated: {error}"), "", "  ")));
            }
            (None, None) => {}
        }
        text
    }

    fn populations_text(&self) -> String {
        let header = [
            ("population", Align::Left),
            ("size", Align::Right),
            ("neuron", Align::Left),
            ("model", Align::Left),
            ("in-degree", Align::Right),
            ("shared input", Align::Right),
        ];
        let rows = self.populations.iter().map(|population| {
            let shared = population.shared_input_fraction.map(|fraction| 100.0 * fraction);
            vec![
                population.name.clone(),
                count(population.size),
                population.neuron.clone(),
                population.model.to_string(),
                significant(population.in_degree, 6),
                if shared.is_some() { format!("{} %", decimals(shared, 1)) } else { "-".to_string() },
            ]
        });
        aligned(&header, rows)
    }

    fn projections_text(&self) -> String {
        let names: Vec<String> = self.projections.iter().map(|row| format!("{} -> {}", row.from, row.to)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        // receptors of one type have one name
        let alike =
            |a: &ProjectionOverview, b: &ProjectionOverview| a.synapse == b.synapse && a.tau_syn_ms != b.tau_syn_ms;
        let has_receptors = |row: &ProjectionOverview| self.projections.iter().any(|other| alike(row, other));
        let synapse = |row: &ProjectionOverview| match row.tau_syn_ms.filter(|_| has_receptors(row)) {
            Some(tau_ms) => format!("{}, {} ms", row.synapse, significant(tau_ms, 3)),
            None => row.synapse.clone(),
        };
        type Cell<'c> = &'c dyn Fn(&ProjectionOverview) -> String;
        let columns: [(&str, Cell<'_>); 6] = [
            ("in-degree", &|row| spread(row.in_degree, row.in_degree_std)),
            ("synapses", &|row| count(row.synapses.round() as u64)),
            ("weight", &|row| format!("{} {}", spread(row.weight, row.weight_std), row.weight_unit)),
            ("PSP (mV)", &|row| row.psp_mv.map_or("-".to_string(), |peak| significant(peak, 4))),
            ("synapse", &synapse),
            ("delay (ms)", &|row| {
                row.delay_ms.map_or("-".to_string(), |mean| spread(mean, row.delay_std_ms.unwrap_or(0.0)))
            }),
        ];
        let columns = columns.map(|(name, cell)| (name.to_string(), self.projections.iter().map(cell).collect()));
        in_blocks("projection", &names, &columns)
    }
}

impl Report for CheckReport {
    fn about(&self) -> About<'_> {
        About { network: &self.network, parameters: &self.parameters, provenance: &self.provenance }
    }

    fn table(&self) -> Table {
        let rows = &self.projections;
        let numbers =
            |name, value: fn(&ProjectionOverview) -> Option<f64>| Column::numbers(name, rows.iter().map(value));
        Table {
            columns: vec![
                Column::texts("from", rows.iter().map(|row| row.from.as_str())),
                Column::texts("to", rows.iter().map(|row| row.to.as_str())),
                Column::texts("rule", rows.iter().map(|row| rule_key(&row.rule))),
                Column::texts("synapse", rows.iter().map(|row| row.synapse.as_str())),
                numbers("tau_syn_ms", |row| row.tau_syn_ms),
                numbers("in_degree", |row| Some(row.in_degree)),
                numbers("in_degree_std", |row| Some(row.in_degree_std)),
                numbers("synapses", |row| Some(row.synapses)),
                numbers("weight", |row| Some(row.weight)),
                numbers("weight_std", |row| Some(row.weight_std)),
                Column::texts("weight_unit", rows.iter().map(|row| row.weight_unit.as_ref())),
                numbers("jump_mv", |row| row.jump_mv),
                numbers("psp_mv", |row| row.psp_mv),
                numbers("delay_ms", |row| row.delay_ms),
                numbers("delay_std_ms", |row| row.delay_std_ms),
            ],
        }
    }
}

/// What a simulation would need, or why there can be none; `Ok(None)` where that is not known.
fn simulation_needs(network: &Network) -> Result<Option<SimulationNeeds>, SimulationError> {
    let rates_hz = expected_rates_hz(network);
    match estimate(network, &SimulationOptions::default(), rates_hz.as_deref().unwrap_or_default()) {
        Ok(estimate) => {
            let rate_from = if rates_hz.is_some() { RateFrom::Theory } else { RateFrom::Assumed };
            Ok(Some(SimulationNeeds { estimate, rate_from }))
        }
        Err(SimulationError::Cancelled) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The rates of the theory: those of the least active state that the network can stay in, where a simulation from rest arrives; of the least
/// active one where there is none.
fn expected_rates_hz(network: &Network) -> Option<Vec<f64>> {
    let theory = Theory::new(network, &TheoryOptions::default()).ok()?;
    let states = theory.states().ok()?.states;
    let state = states.iter().find(|state| state.stability(theory.map()).may_stay()).or(states.first())?;
    Some(state.rates_hz())
}

/// What a simulation would need.
fn simulation_lines(SimulationNeeds { estimate, rate_from }: &SimulationNeeds) -> String {
    let redrawn = match estimate.redrawn_mb {
        Some(mb) => format!("{} MB with connections redrawn", significant(mb, 3)),
        None => "connections cannot be redrawn".to_string(),
    };
    let available = match estimate.available_mb {
        Some(mb) => format!("; {} MB are available", significant(mb, 3)),
        None => String::new(),
    };
    let text = format!(
        "Simulation: {} MB of memory ({} connectivity), {} s for a second at {} Hz ({}). {} MB with every synapse stored, \
         {redrawn}{available}.",
        significant(estimate.memory_mb, 3),
        estimate.connectivity,
        significant(estimate.seconds_per_biological_second, 2),
        significant(estimate.assumed_rate_hz, 3),
        if *rate_from == RateFrom::Theory { "the mean rate of the theory" } else { "assumed" },
        significant(estimate.explicit_mb, 3),
    );
    filled(&text, "", "  ")
}

/// The rule's key in the network file.
fn rule_key(rule: &str) -> &str {
    match rule {
        "fixed_in_degree" => "in_degree",
        "pairwise_probability" => "probability",
        "fixed_total" => "total",
        other => other,
    }
}

/// "1000", or "0.1 ± 0.01" where a value varies.
fn spread(mean: f64, std: f64) -> String {
    let mean = significant(mean, 5);
    if std == 0.0 { mean } else { format!("{mean} ± {}", significant(std, 3)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_simulation_needs_is_said_in_short_lines() {
        let estimate = serde_json::json!({
            "memory_mb": 131.2, "explicit_mb": 131.2, "redrawn_mb": 3.04, "available_mb": 7900.0,
            "connectivity": "explicit", "seconds_per_biological_second": 1.54, "assumed_rate_hz": 37.84,
        });
        let estimate: SimulationEstimate = serde_json::from_value(estimate).unwrap();
        let mut needs = SimulationNeeds { estimate, rate_from: RateFrom::Theory };
        let expected = "Simulation: 131 MB of memory (explicit connectivity), 1.5 s for a second at 37.8\n  Hz (the mean rate of the \
                        theory). 131 MB with every synapse stored, 3.04 MB\n  with connections redrawn; 7900 MB are available.\n";
        assert_eq!(simulation_lines(&needs), expected);
        needs.estimate.redrawn_mb = None;
        needs.estimate.available_mb = None;
        needs.rate_from = RateFrom::Assumed;
        let text = simulation_lines(&needs);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("at 37.8 Hz (assumed)."), "{text}");
        assert!(text.ends_with("connections cannot be redrawn."), "{text}");
    }
}
