//! Plots: drawn once as SVG with an embedded font's measures; a PNG is made from the same SVG.

pub(crate) mod balance;
mod bars;
mod canvas;
mod colour;
mod crossing;
mod pieces;
mod png;
pub(crate) mod transfer;

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;

use crate::commands::parameter_list;
use crate::failure::Failure;
use crate::library::{Network, Options, RateMap, Solution};
use crate::output::file::AtomicFile;

/// A finished drawing, as SVG.
#[derive(Clone, Debug)]
pub(crate) struct Drawing {
    svg: String,
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

/// Stationary states: where the curves cross for one population, bars for several.
pub(crate) fn of_solution(network: &Network, solution: &Solution, options: &Options) -> Result<Drawing, Failure> {
    let parameters = parameter_list(network).join(", ");
    match &network.populations[..] {
        [population] => {
            let map = RateMap::new(network, options.filter)?;
            let output = |rate_hz: f64| map.output_rates_hz(&[rate_hz]).first().copied().unwrap_or(f64::NAN);
            crossing::draw(&network.name, &parameters, &population.name, &solution.fixed_points, output)
        }
        _ => bars::draw(&network.name, &parameters, &solution.fixed_points),
    }
}

#[cfg(test)]
mod tests {
    use siegert::stationary::{FixedPoint, Method, PopulationState, Validity};

    use super::*;

    /// A made-up state in which every population has the same rate.
    fn state(names: &[&str], rate_hz: f64, stable: bool) -> FixedPoint {
        let population = |name: &&str| PopulationState {
            name: (*name).to_string(),
            rate_hz,
            log10_rate_hz: (rate_hz > 0.0).then(|| rate_hz.log10()),
            mean_input_mv: 15.0,
            std_input_mv: 5.0,
            cv: None,
            validity: Validity::default(),
        };
        FixedPoint {
            stable,
            rate_eigenvalues_per_s: Vec::new(),
            index: if stable { 1 } else { -1 },
            residual: 0.0,
            method: Method::Newton,
            iterations: 1,
            verdict: siegert::trust::Verdict::default(),
            populations: names.iter().map(population).collect(),
        }
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
        assert_eq!(crossing.matches(", stable").count() + crossing.matches(", unstable").count(), 3);
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
