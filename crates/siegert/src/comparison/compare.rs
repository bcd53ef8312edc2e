//! One stationary state beside one simulation.

use std::borrow::Cow;

use crate::neuron::lif::MembranePotential;
use crate::self_consistent::SimulatedInput;
use crate::simulation::Simulation;
use crate::stationary::{Exchange, Input};
use crate::theory::{FixedPoint, InputTheory, PopulationState, Theory};

use super::attribution::{Attribution, Corrections};
use super::causes::Evidence;
use super::changing::changing_drives;
use super::corrected::{corrected_at, has_conductances, with_currents_at};
use super::membrane::expected_membrane;
use super::nearest::{outcome, places};
use super::quantities::{Predicted, mean_input_error_mv, quantities};
use super::{
    Cause, ComparedQuantity, Corrected, Correction, Outcome, PopulationComparison, QuantityComparison, QuantityVerdict,
    StateComparison,
};

impl Theory<'_> {
    /// Sets the state with index `index` of `states` beside a simulation of the same network.
    ///
    /// Populations that can be exchanged are taken in the order in which the state is nearest. A corrected state that cannot be computed is left
    /// out.
    ///
    /// Of a state with a self-consistent input the corrections are the changes that they make in white noise, and the potential is that in white noise.
    ///
    /// Where the theory counts jumps one by one (`--input shot-noise`) they are no cause, and all corrections are beside them.
    ///
    /// Cost: four corrected states; 0.06 ms for two populations, 0.5 ms for eight; where jumps count one by one some 20 rates of each population for each.
    pub fn compare(&self, states: &[FixedPoint], index: usize, simulation: &Simulation) -> StateComparison {
        let (network, map) = (self.network(), self.map());
        let exchange = Exchange::new(map);
        // populations that can be exchanged may stand in another order
        let at = self.rearranged(&states[index], &places(&exchange, &states[index], simulation));
        let state = &at;
        let rates_hz = state.rates_hz();
        let dt_ms = Some(simulation.run.dt_ms);
        let is_consistent = state.self_consistent.is_some();
        let refined = match is_consistent {
            // whatever its input is like, the equations have the state
            true => Cow::Owned(map.with_rates(&rates_hz)),
            false => with_currents_at(map, &rates_hz),
        };
        let refined = &*refined;
        let inputs = map.inputs(&rates_hz);
        let membrane = |(a, input): (usize, &Input)| expected_membrane(&map.transfers[a], input, rates_hz[a]);
        let membranes: Vec<MembranePotential> = inputs.iter().enumerate().map(membrane).collect();
        // what noise that depends on the potential does is in the state
        let is_changed = has_conductances(map) || is_consistent;
        let as_currents = is_changed.then(|| corrected_at(network, refined, &rates_hz, Correction::default()));
        let near = |correction: Correction| {
            let found = corrected_at(network, refined, &rates_hz, correction)?;
            let cv = state.populations.iter().map(|population| population.cv);
            Some(match &as_currents {
                Some(base) => found.changed_from(base.as_ref()?, cv, &membranes),
                None => found,
            })
        };
        let has_jumps = |own: &PopulationState| {
            own.self_consistent.as_ref().is_some_and(|own| own.input != SimulatedInput::Gaussian)
        };
        let are_counted = self.input() == InputTheory::ShotNoise || state.populations.iter().all(has_jumps);
        // sources heard more than once are in a self-consistent input
        let multapses = !is_consistent;
        let jumps = if are_counted { None } else { near(Correction { jumps: true, ..Correction::default() }) };
        let with_jumps = Correction { jumps: jumps.is_some(), ..Correction::default() };
        let corrections = Corrections {
            multapses: near(Correction { multapses, ..with_jumps }),
            all: near(Correction { multapses, dt_ms, ..with_jumps }),
            jumps,
            dt_ms: simulation.run.dt_ms,
        };
        let on_grid = near(Correction { dt_ms, ..Correction::default() });
        let map = if has_conductances(map) { refined } else { map };
        let evidence = Evidence {
            map,
            state,
            outcome: outcome(&exchange, states, index, simulation),
            measured: &simulation.populations,
            jumps_unknown: !are_counted && corrections.jumps.is_none(),
            changing: changing_drives(network, map, state, &simulation.run),
        };
        let theory = InTheory { membranes: &membranes, corrections: &corrections, on_grid: on_grid.as_ref() };
        let populations = populations(&evidence, &theory, simulation.run.duration_ms);
        let causes = largest_of_each_kind(&populations);
        let verdict = verdict(&populations, &causes);
        let verdicts =
            OF_VERDICTS.iter().filter_map(|(what, quantity)| of_quantity(what, *quantity, &populations)).collect();
        let outcome = evidence.outcome;
        StateComparison { state: index + 1, outcome, populations, causes, verdict, verdicts, fixed_point: at }
    }
}

/// A state with its corrections.
struct InTheory<'a> {
    membranes: &'a [MembranePotential],
    corrections: &'a Corrections,
    on_grid: Option<&'a Corrected>,
}

fn populations(evidence: &Evidence, theory: &InTheory, duration_ms: f64) -> Vec<PopulationComparison> {
    let each = evidence.state.populations.iter().zip(evidence.measured).enumerate();
    let mut populations: Vec<PopulationComparison> = each
        .map(|(a, (state, measured))| {
            let transfer = &evidence.map.transfers[a];
            let per_hz = evidence.map.sums.mean().per_hz.row(a);
            let theory = Predicted {
                index: a,
                state,
                membrane: theory.membranes[a],
                on_grid: theory.on_grid,
                corrected: theory.corrections.all.as_ref(),
                threshold_distance_mv: transfer.voltage_scale_mv(),
                tau_m_ms: transfer.time_constant_ms(),
                mean_input_error_mv: mean_input_error_mv(per_hz, evidence.measured, duration_ms),
            };
            let quantities = quantities(&theory, measured, duration_ms);
            PopulationComparison { name: state.name.clone(), quantities, causes: Vec::new(), predicted_spectrum: None }
        })
        .collect();
    let rate_deviates: Vec<bool> =
        populations.iter().map(|of| of.row(ComparedQuantity::Rate).is_some_and(|row| row.deviates)).collect();
    for (a, population) in populations.iter_mut().enumerate() {
        let attribution = Attribution {
            index: a,
            state: evidence.state,
            corrections: theory.corrections,
            measured: evidence.measured(a),
            threshold_distance_mv: evidence.map.transfers[a].voltage_scale_mv(),
            left: matches!(evidence.outcome, Outcome::Left { .. }),
            other_rates: (0..rate_deviates.len()).any(|b| rate_deviates[b] && evidence.hears(a, b)),
        };
        attribution.name(population);
    }
    populations
}

/// Over all populations, each kind where it weighs most, in the order of the sum of its weights.
fn largest_of_each_kind(populations: &[PopulationComparison]) -> Vec<Cause> {
    let mut causes: Vec<(f64, Cause)> = Vec::new();
    for cause in populations.iter().flat_map(|population| &population.causes) {
        match causes.iter_mut().find(|(_, other)| other.kind == cause.kind) {
            Some((sum, other)) => {
                *sum += cause.weight;
                if other.weight < cause.weight {
                    *other = cause.clone();
                }
            }
            None => causes.push((cause.weight, cause.clone())),
        }
    }
    causes.sort_by(|p, q| q.0.total_cmp(&p.0));
    causes.into_iter().map(|(weight, cause)| Cause { weight, ..cause }).collect()
}

/// What has a verdict of its own.
const OF_VERDICTS: [(&str, ComparedQuantity); 2] = [("Rates", ComparedQuantity::Rate), ("CVs", ComparedQuantity::Cv)];

/// How one quantity stands; `None` where it was measured nowhere.
fn of_quantity(
    what: &str,
    quantity: ComparedQuantity,
    populations: &[PopulationComparison],
) -> Option<QuantityVerdict> {
    let rows: Vec<(&PopulationComparison, &QuantityComparison)> =
        populations.iter().filter_map(|population| Some((population, population.row(quantity)?))).collect();
    let measured = || rows.iter().filter(|(_, row)| row.simulation.is_some());
    measured().next()?;
    let deviating: Vec<_> = rows.iter().filter(|(_, row)| row.deviates).collect();
    let size = |row: &QuantityComparison| row.deviation_percent.unwrap_or(f64::INFINITY).abs();
    let worst = deviating.iter().copied().reduce(|p, q| if size(q.1) > size(p.1) { q } else { p });
    let cause = worst.and_then(|(_, row)| row.causes.first().copied());
    let sentence = match (deviations(what, quantity, populations), cause) {
        (None, _) => format!("{what} agree within 3 standard errors or 1 %."),
        (Some(text), Some(cause)) => format!("{text}; first cause: {}.", cause.words()),
        (Some(text), None) => format!("{text}; no assumption that is measured accounts for it."),
    };
    Some(QuantityVerdict {
        quantity,
        agrees: deviating.is_empty(),
        deviating_populations: deviating.len(),
        worst_population: worst.map(|(population, _)| population.name.clone()),
        worst_deviation_percent: worst.and_then(|(_, row)| row.deviation_percent),
        cause,
        sentence,
    })
}

fn verdict(populations: &[PopulationComparison], causes: &[Cause]) -> String {
    let parts = OF_VERDICTS.map(|(what, quantity)| deviations(what, quantity, populations));
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let measured = |of: &PopulationComparison| of.row(ComparedQuantity::Cv).is_some_and(|row| row.simulation.is_some());
    let reason = match causes.first() {
        Some(cause) if populations.len() > 1 => format!("first cause: {}, in {}", cause.kind.words(), cause.population),
        Some(cause) => format!("first cause: {}", cause.kind.words()),
        None => "no assumption that is measured accounts for it".to_string(),
    };
    if !parts.is_empty() {
        return format!("{}; {reason}.", parts.join("; "));
    }
    let both = populations.iter().any(measured);
    let (what, rest) = if both { ("Rates and CVs", "") } else { ("Rates", "; there are too few spikes for CVs") };
    let others = if causes.is_empty() { String::new() } else { format!("; other numbers deviate, {reason}") };
    format!("{what} agree within 3 standard errors or 1 %{rest}{others}.")
}

/// "Rates deviate in 3 of 8 populations, most in L5E: +12.3 %"; `None` if none does.
fn deviations(what: &str, quantity: ComparedQuantity, populations: &[PopulationComparison]) -> Option<String> {
    let rows = populations.iter().filter_map(|population| {
        let row = population.row(quantity)?;
        row.deviates.then_some((&population.name, row.deviation_percent))
    });
    let rows: Vec<(&String, Option<f64>)> = rows.collect();
    let size = |percent: Option<f64>| percent.unwrap_or(f64::INFINITY).abs();
    let (name, worst) = rows.iter().copied().reduce(|p, q| if size(q.1) > size(p.1) { q } else { p })?;
    let percent = worst.map_or("0 in the simulation".to_string(), |percent| format!("{percent:+.1} %"));
    Some(match (rows.len(), populations.len()) {
        (_, 1) => format!("{what} deviate: {percent}"),
        (some, all) if some == all => format!("{what} deviate in all populations, most in {name}: {percent}"),
        (some, all) => format!("{what} deviate in {some} of {all} populations, most in {name}: {percent}"),
    })
}
