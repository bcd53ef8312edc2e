//! Pictures of what the library finds, drawn from its result types: states, simulations, comparisons, sweeps, transfer curves.
//!
//! A picture is drawn once, as SVG with the measures of an embedded font; a PNG is made from the same SVG. Nothing here knows a
//! terminal, a command or a file: what comes back is a [`Drawing`].

#![forbid(unsafe_code)]
#![allow(non_snake_case)] // symbols of the field keep their capitals: E_L, V_th, K
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used))]

mod balance;
mod bar_names;
mod bars;
mod beside;
mod branches;
mod canvas;
mod colour;
mod comparison;
mod contours;
mod correlations;
mod crossing;
mod curves;
mod distributions;
mod error;
mod evolution;
mod explain;
mod gif;
mod groups;
mod heat;
mod in_time;
mod legend;
mod levels;
#[cfg(test)]
mod made_up;
mod marks;
mod models_compared;
mod movie;
mod nordlie;
mod nullclines;
mod operating_points;
mod outlines;
mod overview;
mod page;
mod phases;
#[cfg(test)]
mod pictures;
mod pieces;
mod png;
mod raster;
mod rate_traces;
mod refined;
mod response;
mod scale;
mod shapes;
mod simulation;
mod space_time;
mod spectra;
mod spectrum;
mod spread;
mod state_kind;
mod studies;
mod sweep;
mod sweep_columns;
mod sweep_rows;
mod ticks;
mod transfer;

use siegert::network::Network;
use siegert::number::rate;
use siegert::theory::{FixedPoint, Solution, Theory};

use groups::Groups;
use refined::Output;

pub use balance::of_balance;
pub use beside::Beside;
pub use correlations::of_correlations;
pub use error::PlotError;
pub use evolution::of_evolution;
pub use explain::of_explain;
pub use in_time::of_in_time;
pub use models_compared::of_models_compared;
pub use movie::{Movie, movie_of_evolution};
pub use page::of_report;
pub use phases::of_phases;
pub use response::of_response;
pub use simulation::{ComparisonPlot, SimulationPlot, of_comparison, of_simulation, side_by_side};
pub use spectrum::of_spectrum;
pub use state_kind::StateKind;
pub use studies::{of_scaling, of_time_steps};
pub use sweep::{GridStates, Quantity, Series, SweepAxis, SweepPicture, WhichState, of_sweep};
pub use sweep_rows::{Entry, RowsError, SweepRows, SweepTable};
pub use transfer::TransferCurves;

/// A finished drawing, as SVG.
#[derive(Clone, Debug)]
pub struct Drawing {
    svg: String,
}

impl Drawing {
    /// As SVG.
    pub fn svg(&self) -> &str {
        &self.svg
    }

    /// As PNG, with two pixels for one unit of the SVG.
    ///
    /// # Errors
    ///
    /// If the picture is too large, or the renderer refuses it.
    pub fn png(&self) -> Result<Vec<u8>, PlotError> {
        png::of_svg(&self.svg)
    }
}

/// Pictures of stationary states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SolutionPlot {
    /// Crossing for one population, nullclines for two, bars for more; those that hear the same count as one
    #[default]
    Auto,
    /// The rate that comes out over the rate that goes in, for one population
    Crossing,
    /// The plane of two rates: nullclines, states and flow
    Nullclines,
    /// Rates as bars
    Bars,
}

/// Stationary states as a picture of the given kind.
///
/// # Errors
///
/// If the kind is for networks of another number of populations.
pub fn of_solution(theory: &Theory, solution: &Solution, kind: SolutionPlot) -> Result<Drawing, PlotError> {
    let (network, map) = (theory.network(), theory.map());
    let parameters = network.parameter_list().join(", ");
    let (title, states) = (&network.name, &solution.fixed_points);
    let groups = Groups::of_alike(network, map);
    match (kind, groups.members.len()) {
        (SolutionPlot::Auto | SolutionPlot::Crossing, 1) => {
            let name = &groups.names[0];
            let rates: Vec<f64> = crossing::rates_hz(states).collect();
            let output = Output::of_one(&groups, &crossing::axis(name, states), &rates);
            crossing::draw(title, &parameters, name, states, |rate| output.rate_hz(0, &[rate]))
        }
        (SolutionPlot::Auto, 2) => plane(title, &parameters, network, &groups, states),
        (SolutionPlot::Auto | SolutionPlot::Bars, _) => bars::draw(title, &parameters, states),
        (SolutionPlot::Crossing, found) => Err(wrong_number(kind, 1, found)),
        (SolutionPlot::Nullclines, _) => {
            // Two populations that hear the same have a plane of rates all the same.
            let groups = if map.len() == 2 { Groups::of_single(network, map) } else { groups };
            match groups.members.len() {
                2 => plane(title, &parameters, network, &groups, states),
                found => Err(wrong_number(kind, 2, found)),
            }
        }
    }
}

fn wrong_number(kind: SolutionPlot, wanted: usize, found: usize) -> PlotError {
    PlotError::WrongNumber { kind, wanted, found }
}

/// The plane of the rates of two groups.
fn plane(
    title: &str,
    small_print: &str,
    network: &Network,
    groups: &Groups,
    states: &[FixedPoint],
) -> Result<Drawing, PlotError> {
    let first = [groups.members[0][0], groups.members[1][0]];
    let names = [groups.names[0].clone(), groups.names[1].clone()];
    let marked = |state: &FixedPoint, [e, i]: [usize; 2]| {
        let [e, i] = [e, i].map(|a| &state.populations[a]);
        nullclines::State {
            stability: state.stability(),
            rates_hz: [e.rate_hz, i.rate_hz],
            label: format!("{}, {} Hz", rate(e.rate_hz, e.log10_rate_hz), rate(i.rate_hz, i.log10_rate_hz)),
        }
    };
    // two groups that can be exchanged have every state twice, unless their rates are equal
    let state = |state: &FixedPoint| {
        let exchanged = (state.multiplicity > 1).then(|| marked(state, [first[1], first[0]]));
        std::iter::once(marked(state, first)).chain(exchanged).collect::<Vec<_>>()
    };
    let colours = colour::of_populations(&names);
    let states: Vec<nullclines::State> = states.iter().flat_map(state).collect();
    let output = Output::of_two(groups, &nullclines::ranges(&states, &names), &states);
    let flow = nullclines::Flow {
        tau_m_ms: first.map(|a| network.populations[a].neuron.tau_m_ms),
        colours: [colours[0], colours[1]],
        names,
        states,
        output_rate_hz: &|which, rates| output.rate_hz(which, &rates),
    };
    nullclines::draw(title, small_print, &flow)
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;

    /// A made-up state, stable or a saddle, in which every population has the same rate.
    pub(super) fn state(names: &[&str], rate_hz: f64, stable: bool) -> FixedPoint {
        let population = |name: &&str| {
            let log10_rate_hz = (rate_hz > 0.0).then(|| rate_hz.log10());
            json!({
                "name": name, "size": 100, "rate_hz": rate_hz, "log10_rate_hz": log10_rate_hz, "mean_input_mv": 15.0,
                "std_input_mv": 5.0, "validity": {},
            })
        };
        let sign = if stable { 1 } else { -1 };
        let state = json!({
            "stable": stable, "saddle": !stable, "index": sign, "multiplicity": 1, "residual": 0.0,
            "rate_eigenvalues_per_s": [{ "growth_per_s": -50 * sign, "frequency_hz": 0.0 }],
            "method": "newton", "iterations": 1, "verdict": {},
            "populations": names.iter().map(population).collect::<Vec<_>>(),
        });
        from_value(state).unwrap()
    }

    #[test]
    fn every_state_has_its_panel_or_its_mark() {
        let names = ["E", "I"];
        let states = [state(&names, 1e-12, true), state(&names, 6.6, false), state(&names, 250.0, true)];
        let bars = bars::draw("three states", "g = 3", &states).unwrap().svg;
        let one = [state(&["E"], 2.0, true), state(&["E"], 40.0, false), state(&["E"], 80.0, true)];
        let crossing =
            crossing::draw("three states", "", "E", &one, |rate| 80.0 / (1.0 + (-(rate - 40.0) / 9.0).exp()));
        let crossing = crossing.unwrap().svg;
        for index in 1..=3 {
            assert!(bars.contains(&format!("State {index} of 3")), "{index}");
        }
        assert_eq!((crossing.matches(": stable").count(), crossing.matches(": saddle (unstable)").count()), (2, 1));
    }

    #[test]
    fn silent_and_absent_states_can_be_drawn() {
        bars::draw("silent", "", &[state(&["E", "I"], 0.0, true)]).unwrap();
        bars::draw("none", "", &[]).unwrap();
        crossing::draw("silent", "", "E", &[state(&["E"], 0.0, true)], |_| 0.0).unwrap();
        crossing::draw("none", "", "E", &[], |_| f64::NAN).unwrap();
    }

    #[test]
    fn a_name_of_any_length_and_any_letters_is_drawn() {
        let long = "<&\"'>µ".repeat(100);
        let drawing = bars::draw(&long, &long, &[state(&[&long, "I"], 5.0, true)]).unwrap();
        png::of_svg(&drawing.svg).unwrap();
    }
}
