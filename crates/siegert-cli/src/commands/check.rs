//! `siegert check`: reads and checks a file, and prints what follows from it.

use std::fmt::Write;

use serde::Serialize;
use siegert::input::ProjectionOverview;
use siegert::network::ConnectionRule;

use crate::arguments::CheckArguments;
use crate::commands::read;
use crate::commands::solution::title;
use crate::failure::Failure;
use crate::library::{
    self, Network, Overview, SimulationError, SimulationEstimate, SimulationOptions, Theory, TheoryOptions,
};
use crate::number::{count, decimals, significant};
use crate::output::clash::Files;
use crate::output::json::Parameters;
use crate::output::messages::print_warnings;
use crate::output::table::{Column, Table};
use crate::output::text::{Align, aligned};
use crate::output::{FileFormat, Report, deliver};

/// `siegert check FILE`.
pub(crate) fn run(arguments: &CheckArguments) -> Result<(), Failure> {
    FileFormat::of_output(&arguments.output)?;
    Files::of_network(&arguments.file).output("--output", arguments.output.output.as_deref()).check()?;
    let network = read::network(&arguments.file, &arguments.network)?;
    let overview = library::overview(&network)?;
    let simulation = simulation_needs(&network);
    deliver(&arguments.output, &CheckReport { network: &network, overview: &overview, simulation: &simulation })?;
    if !arguments.output.quiet {
        print_warnings(&network.warnings);
    }
    Ok(())
}

/// What a simulation with the usual options would need.
#[derive(Serialize)]
struct Needs {
    #[serde(flatten)]
    estimate: SimulationEstimate,
    /// Where the rate comes from that the time assumes: "theory" (its state), or "assumed".
    rate_from: &'static str,
}

/// What a simulation would need, or why there can be none; `Ok(None)` where that is not known.
fn simulation_needs(network: &Network) -> Result<Option<Needs>, SimulationError> {
    let rates_hz = expected_rates_hz(network);
    match library::estimate(network, &SimulationOptions::default(), rates_hz.as_deref().unwrap_or_default()) {
        Ok(estimate) => Ok(Some(Needs { estimate, rate_from: if rates_hz.is_some() { "theory" } else { "assumed" } })),
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

struct CheckReport<'a> {
    network: &'a Network,
    overview: &'a Overview,
    simulation: &'a Result<Option<Needs>, SimulationError>,
}

impl Report for CheckReport<'_> {
    fn text(&self) -> String {
        let mut text = title(self.network);
        let (neurons, synapses) = (count(self.overview.neurons), count(self.overview.synapses.round() as u64));
        let _ = write!(text, "{neurons} neurons, {synapses} synapses\n\n");
        text.push_str(&self.populations());
        if !self.overview.projections.is_empty() {
            text.push('\n');
            text.push_str(&self.projections());
        }
        match self.simulation {
            Ok(Some(needs)) => text.push_str(&format!("\n{}", simulation_lines(needs))),
            Ok(None) => {}
            Err(error) => text.push_str(&format!("\nCannot be simulated: {error}\n")),
        }
        text
    }

    fn json(&self) -> impl Serialize {
        #[derive(Serialize)]
        struct Check<'a> {
            #[serde(flatten)]
            overview: &'a Overview,
            parameters: Parameters<'a>,
            /// Null where the network cannot be simulated.
            simulation: Option<&'a Needs>,
            warnings: &'a [String],
        }
        Check {
            overview: self.overview,
            parameters: Parameters(&self.network.parameters),
            simulation: self.simulation.as_ref().ok().and_then(Option::as_ref),
            warnings: &self.network.warnings,
        }
    }

    fn table(&self) -> Table {
        let rows = &self.overview.projections;
        let numbers =
            |name, value: fn(&ProjectionOverview) -> Option<f64>| Column::numbers(name, rows.iter().map(value));
        Table {
            columns: vec![
                Column::texts("from", rows.iter().map(|row| row.from.as_str())),
                Column::texts("to", rows.iter().map(|row| row.to.as_str())),
                Column::texts("rule", rows.iter().map(|row| rule_name(&row.rule))),
                Column::texts("synapse", rows.iter().map(|row| row.synapse.as_str())),
                numbers("in_degree", |row| Some(row.in_degree)),
                numbers("in_degree_std", |row| Some(row.in_degree_std)),
                numbers("synapses", |row| Some(row.synapses)),
                numbers("weight", |row| Some(row.weight)),
                numbers("weight_std", |row| Some(row.weight_std)),
                Column::texts("weight_unit", rows.iter().map(|row| row.weight_unit)),
                numbers("jump_mv", |row| row.jump_mv),
                numbers("psp_mv", |row| row.psp_mv),
                numbers("delay_ms", |row| row.delay_ms),
                numbers("delay_std_ms", |row| row.delay_std_ms),
            ],
        }
    }
}

impl CheckReport<'_> {
    fn populations(&self) -> String {
        let header = [
            ("population", Align::Left),
            ("size", Align::Right),
            ("neuron", Align::Left),
            ("model", Align::Left),
            ("in-degree", Align::Right),
            ("shared input", Align::Right),
        ];
        let rows = self.network.populations.iter().zip(&self.overview.populations).map(|(population, overview)| {
            let shared = overview.shared_input_fraction.map(|fraction| 100.0 * fraction);
            vec![
                population.name.clone(),
                count(population.size),
                population.neuron_type.clone(),
                overview.model.to_string(),
                significant(overview.in_degree, 6),
                if shared.is_some() { format!("{} %", decimals(shared, 1)) } else { "-".to_string() },
            ]
        });
        aligned(&header, rows)
    }

    fn projections(&self) -> String {
        let header = [
            ("from", Align::Left),
            ("to", Align::Left),
            ("in-degree", Align::Right),
            ("synapses", Align::Right),
            ("weight", Align::Right),
            ("PSP (mV)", Align::Right),
            ("synapse", Align::Left),
            ("delay (ms)", Align::Right),
        ];
        let rows = self.overview.projections.iter().map(|row| {
            vec![
                row.from.clone(),
                row.to.clone(),
                spread(row.in_degree, row.in_degree_std),
                count(row.synapses.round() as u64),
                format!("{} {}", spread(row.weight, row.weight_std), row.weight_unit),
                row.psp_mv.map_or("-".to_string(), |peak| significant(peak, 4)),
                row.synapse.clone(),
                row.delay_ms.map_or("-".to_string(), |mean| spread(mean, row.delay_std_ms.unwrap_or(0.0))),
            ]
        });
        aligned(&header, rows)
    }
}

/// What a simulation would need, in two lines.
fn simulation_lines(Needs { estimate, rate_from }: &Needs) -> String {
    let redrawn = match estimate.redrawn_mb {
        Some(mb) => format!("{} MB with connections redrawn", significant(mb, 3)),
        None => "connections cannot be redrawn".to_string(),
    };
    let available = match estimate.available_mb {
        Some(mb) => format!("; {} MB are available", significant(mb, 3)),
        None => String::new(),
    };
    format!(
        "Simulation: {} MB of memory ({} connectivity), {} s for a second at {} Hz ({}).\n{} MB with every synapse stored, \
         {redrawn}{available}.\n",
        significant(estimate.memory_mb, 3),
        estimate.connectivity,
        significant(estimate.seconds_per_biological_second, 2),
        significant(estimate.assumed_rate_hz, 3),
        if *rate_from == "theory" { "the mean rate of the theory" } else { "assumed" },
        significant(estimate.explicit_mb, 3),
    )
}

/// "1000", or "0.1 ± 0.01" where a value varies.
fn spread(mean: f64, std: f64) -> String {
    let mean = significant(mean, 5);
    if std == 0.0 { mean } else { format!("{mean} ± {}", significant(std, 3)) }
}

/// The rule's key in the network file.
fn rule_name(rule: &ConnectionRule) -> &'static str {
    match rule {
        ConnectionRule::FixedInDegree { .. } => "in_degree",
        ConnectionRule::PairwiseProbability { .. } => "probability",
        ConnectionRule::FixedTotal { .. } => "total",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_simulation_needs_is_said_in_two_lines() {
        let estimate = serde_json::json!({
            "memory_mb": 131.2, "explicit_mb": 131.2, "redrawn_mb": 3.04, "available_mb": 7900.0,
            "connectivity": "explicit", "seconds_per_biological_second": 1.54, "assumed_rate_hz": 37.84,
        });
        let estimate: SimulationEstimate = serde_json::from_value(estimate).unwrap();
        let mut needs = Needs { estimate, rate_from: "theory" };
        let expected = "Simulation: 131 MB of memory (explicit connectivity), 1.5 s for a second at 37.8 Hz (the mean rate of the theory).\n\
                        131 MB with every synapse stored, 3.04 MB with connections redrawn; 7900 MB are available.\n";
        assert_eq!(simulation_lines(&needs), expected);
        needs.estimate.redrawn_mb = None;
        needs.estimate.available_mb = None;
        needs.rate_from = "assumed";
        let text = simulation_lines(&needs);
        assert!(text.contains("at 37.8 Hz (assumed).\n"), "{text}");
        assert!(text.ends_with("connections cannot be redrawn.\n"), "{text}");
    }
}
