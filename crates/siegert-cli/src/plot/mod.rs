//! Plots: drawn once as SVG with an embedded font's measures; a PNG is made from the same SVG.

pub(crate) mod balance;
mod bar_names;
mod bars;
mod beside;
mod branches;
mod canvas;
mod colour;
mod comparison;
mod contours;
mod crossing;
mod curves;
mod distributions;
mod groups;
mod heat;
mod legend;
mod levels;
#[cfg(test)]
mod made_up;
mod marks;
mod nullclines;
mod operating_points;
mod overview;
#[cfg(test)]
mod pictures;
mod pieces;
mod png;
mod raster;
mod rate_traces;
mod scale;
mod shapes;
mod simulation;
mod spectra;
mod spread;
mod state_kind;
mod studies;
pub(crate) mod sweep;
pub(crate) mod sweep_csv;
mod ticks;
pub(crate) mod transfer;

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;

use clap::ValueEnum;
use siegert::theory::FixedPoint;

use crate::commands::parameter_list;
use crate::failure::Failure;
use crate::library::{Network, Solution, Theory};
use crate::number::rate;
use crate::output::file::AtomicFile;

pub(crate) use beside::Beside;
use groups::Groups;
pub(crate) use simulation::{ComparisonPlot, SimulationPlot, of_comparison, of_simulation, side_by_side};
pub(crate) use studies::{scaling, time_steps};

/// A finished drawing, as SVG.
#[derive(Clone, Debug)]
pub(crate) struct Drawing {
    svg: String,
}

impl Drawing {
    /// As SVG.
    pub(crate) fn svg(&self) -> &str {
        &self.svg
    }
}

/// The form of a picture, by its file's ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PictureFormat {
    Svg,
    Png,
}

impl PictureFormat {
    /// The form of the file that `--plot` names.
    pub(crate) fn of(path: impl AsRef<Path>) -> Result<Self, Failure> {
        let path = path.as_ref();
        match path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase).as_deref() {
            Some("svg") => Ok(PictureFormat::Svg),
            Some("png") => Ok(PictureFormat::Png),
            _ => Err(Failure::Input(format!("--plot {}: the ending must be .svg or .png", path.display()))),
        }
    }
}

/// Writes a drawing to a file, whole or not at all.
pub(crate) fn write(path: &Path, format: PictureFormat, drawing: &Drawing) -> Result<(), Failure> {
    let mut file = AtomicFile::create(path)?;
    match format {
        PictureFormat::Svg => file.checked(|file| file.write_all(drawing.svg.as_bytes()))?,
        PictureFormat::Png => {
            let bytes = png::of_svg(&drawing.svg)?;
            file.checked(|file| file.write_all(&bytes))?;
        }
    }
    file.commit()
}

/// Pictures of stationary states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
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
pub(crate) fn of_solution(theory: &Theory, solution: &Solution, kind: Kind) -> Result<Drawing, Failure> {
    let (network, map) = (theory.network(), theory.map());
    let parameters = parameter_list(network).join(", ");
    let (title, states) = (&network.name, &solution.fixed_points);
    let groups = Groups::of_alike(network, map);
    match (kind, groups.members.len()) {
        (Kind::Auto | Kind::Crossing, 1) => {
            crossing::draw(title, &parameters, &groups.names[0], states, |rate| groups.output_rates_hz(&[rate])[0])
        }
        (Kind::Auto, 2) => plane(title, &parameters, network, &groups, states),
        (Kind::Auto | Kind::Bars, _) => bars::draw(title, &parameters, states),
        (Kind::Crossing, found) => Err(groups::wrong_number(found, 1, "crossing")),
        (Kind::Nullclines, _) => {
            // Two populations that hear the same have a plane of rates all the same.
            let groups = if map.len() == 2 { Groups::of_single(network, map) } else { groups };
            match groups.members.len() {
                2 => plane(title, &parameters, network, &groups, states),
                found => Err(groups::wrong_number(found, 2, "nullclines")),
            }
        }
    }
}

/// The plane of the rates of two groups.
fn plane(
    title: &str,
    small_print: &str,
    network: &Network,
    groups: &Groups,
    states: &[FixedPoint],
) -> Result<Drawing, Failure> {
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
    let flow = nullclines::Flow {
        tau_m_ms: first.map(|a| network.populations[a].neuron.tau_m_ms),
        colours: [colours[0], colours[1]],
        names,
        states: states.iter().flat_map(state).collect(),
        output_rates_hz: &|rates| {
            let output = groups.output_rates_hz(&rates);
            [output[0], output[1]]
        },
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
                "name": name, "rate_hz": rate_hz, "log10_rate_hz": log10_rate_hz, "mean_input_mv": 15.0,
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
