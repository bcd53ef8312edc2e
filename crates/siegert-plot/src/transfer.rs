//! Transfer curves: rate over mean input, one curve for each noise amplitude; over the size of jumps, beside the rate in white noise.

use std::collections::HashMap;

use super::Drawing;
use super::canvas::{Axis, MARGIN, Scale, Sheet, axes, draw, inside, write_title};
use super::colour::{BLUE, FAINT, of_curve};
use super::legend::{self, Entry, Sample};
use super::pieces::pieces_between;
use super::shapes::{circle, dashes, line};
use crate::error::PlotError;
use siegert::number::significant;

/// With more curves than this the points are drawn without lines: they are no curves then.
const MAX_CURVES: usize = 60;
/// What a logarithmic axis shows below the highest rate; rarer spikes than that are of no interest.
const DECADES: f64 = 12.0;
/// Entries of the legend.
const MAX_ENTRIES: usize = 14;
const SIZE: (u32, u32) = (900, 560);

/// The points of a plot as they are computed.
#[derive(Clone, Debug, Default)]
pub struct TransferCurves {
    names: Vec<String>,
    columns: Vec<Vec<f64>>,
}

/// One curve: its name in the legend and its points, from left to right.
#[derive(Clone, Debug, Default)]
struct Curve {
    name: String,
    points: Vec<(f64, f64)>,
    /// The same inputs with white noise in place of jumps; none without jumps.
    in_white_noise: Vec<(f64, f64)>,
}

impl TransferCurves {
    /// Takes over some rows, column by column: the inputs, and then `rate_hz` and other answers; always the same.
    pub fn add<'a>(&mut self, columns: impl IntoIterator<Item = (&'a str, &'a [f64])>) {
        for (index, (name, values)) in columns.into_iter().enumerate() {
            if index == self.columns.len() {
                self.names.push(name.to_string());
                self.columns.push(Vec::new());
            }
            self.columns[index].extend_from_slice(values);
        }
    }

    /// Draws them; `log` asks for a logarithmic axis of rates.
    ///
    /// # Errors
    ///
    /// Only if the drawing library refuses.
    pub fn draw(&self, title: &str, small_print: &str, log: bool) -> Result<Drawing, PlotError> {
        let scale = if log { Scale::Logarithmic } else { Scale::Linear };
        let x_name = self.x_name();
        let curves = self.curves(x_name, scale);
        let points = || curves.iter().flat_map(|curve| curve.points.iter().chain(&curve.in_white_noise));
        let x = Axis {
            name: match x_name {
                "sigma_mv" => "noise amplitude sigma (mV)",
                "jump_mv" => "size of jumps J (mV)",
                _ => "mean input mu (mV)",
            }
            .to_string(),
            scale: Scale::Linear,
            ..span(points().map(|point| point.0), Scale::Linear)
        };
        let y = match scale {
            Scale::Linear => span(points().map(|point| point.1).chain([0.0]), scale),
            Scale::Logarithmic => {
                let highest = points().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max);
                span(points().map(|point| point.1).filter(|log10| *log10 >= highest - DECADES), scale)
            }
        };
        let y = Axis { name: "rate (Hz)".to_string(), scale, ..y };
        draw(SIZE, |sheet| paint(sheet, title, small_print, &x, &y, &curves))
    }

    fn column(&self, name: &str) -> Option<&[f64]> {
        self.names.iter().position(|known| known == name).map(|index| &self.columns[index][..])
    }

    /// The input along the horizontal axis: the mean or the noise, the size of jumps if it has more values than either.
    fn x_name(&self) -> &'static str {
        let values = |name: &str| {
            let mut values: Vec<u64> = self.column(name).unwrap_or_default().iter().map(|x| x.to_bits()).collect();
            values.sort_unstable();
            values.dedup();
            values.len()
        };
        if values("jump_mv") > values("mu_mv").max(values("sigma_mv")) {
            return "jump_mv";
        }
        ["mu_mv", "sigma_mv"].into_iter().find(|name| self.varies(name)).unwrap_or("mu_mv")
    }

    fn varies(&self, name: &str) -> bool {
        self.column(name).is_some_and(|values| values.iter().any(|value| *value != values[0]))
    }

    /// Rows that agree in all inputs but `x_name` make a curve.
    fn curves(&self, x_name: &str, scale: Scale) -> Vec<Curve> {
        let y_name = if scale == Scale::Linear { "rate_hz" } else { "log10_rate_hz" };
        let (Some(x), Some(y)) = (self.column(x_name), self.column(y_name)) else { return Vec::new() };
        let inputs = self.names.iter().position(|name| name == "rate_hz").unwrap_or_default();
        let diffusion = self.column("diffusion_rate_hz");
        let others: Vec<usize> = (0..inputs).filter(|&index| self.names[index] != x_name).collect();
        let shown: Vec<usize> = others
            .iter()
            .copied()
            .filter(|&index| {
                self.varies(&self.names[index]) || matches!(self.names[index].as_str(), "sigma_mv" | "mu_mv")
            })
            .collect();
        let mut places: HashMap<Vec<u64>, usize> = HashMap::new();
        let mut curves: Vec<Curve> = Vec::new();
        for row in 0..x.len() {
            let key = others.iter().map(|&index| self.columns[index][row].to_bits()).collect();
            let place = *places.entry(key).or_insert_with(|| {
                let name = shown.iter().map(|&index| entry(&self.names[index], self.columns[index][row]));
                curves.push(Curve { name: name.collect::<Vec<_>>().join(", "), ..Curve::default() });
                curves.len() - 1
            });
            curves[place].points.push((x[row], y[row]));
            if let Some(diffusion) = diffusion {
                let rate_hz = diffusion[row];
                let y = if scale == Scale::Linear { rate_hz } else { rate_hz.log10() };
                curves[place].in_white_noise.push((x[row], y));
            }
        }
        for curve in &mut curves {
            curve.points.sort_by(|a, b| a.0.total_cmp(&b.0));
            curve.in_white_noise.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
        curves
    }
}

/// "sigma = 5 mV".
fn entry(name: &str, value: f64) -> String {
    let (stem, unit) = name.rsplit_once('_').unwrap_or((name, ""));
    format!("{stem} = {} {}", significant(value, 4), unit.replace("mv", "mV"))
}

/// From the least to the greatest finite value, with some room; never empty.
fn span(values: impl Iterator<Item = f64>, scale: Scale) -> Axis {
    let finite = values.filter(|value| value.is_finite());
    let (least, greatest) =
        finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), value| (a.min(value), b.max(value)));
    let (least, greatest) = if least > greatest { (0.0, 1.0) } else { (least, greatest) };
    let width = greatest - least;
    let (from, to) = if width <= 1e-9 * greatest.abs().max(1e-300) {
        let room = if greatest == 0.0 { 1.0 } else { 0.1 * greatest.abs() };
        (least - room, greatest + room)
    } else if least == 0.0 {
        (0.0, greatest + 0.04 * width)
    } else {
        (least - 0.02 * width, greatest + 0.04 * width)
    };
    Axis { name: String::new(), from, to, scale }
}

fn paint(
    sheet: &Sheet<'_>,
    title: &str,
    small_print: &str,
    x: &Axis,
    y: &Axis,
    curves: &[Curve],
) -> Result<(), PlotError> {
    let top = write_title(sheet, title, small_print)?;
    let entries = if curves.len() <= MAX_CURVES { legend_entries(curves.len()) } else { Vec::new() };
    let entry = |&index: &usize| Entry::new(Sample::Line(of_curve(index, curves.len())), curves[index].name.as_str());
    let mut entries: Vec<Entry> = entries.iter().map(entry).collect();
    if curves.iter().any(|curve| !curve.in_white_noise.is_empty()) && !entries.is_empty() {
        let colour = if curves.len() == 1 { of_curve(0, 1) } else { FAINT };
        entries.push(Entry::new(Sample::Line(colour), "jumps of this size"));
        entries.push(Entry::new(Sample::Dashes(colour), "white noise (diffusion)"));
    }
    let width = legend::width(sheet, &entries, SIZE.0 as i32 / 2);
    let beside = if entries.is_empty() { MARGIN } else { width + 2 * MARGIN };
    let area = inside(sheet, [top, MARGIN, MARGIN, beside]);
    let mut plane = axes(&area, x, y)?;
    for (index, curve) in curves.iter().enumerate() {
        let colour = of_curve(index, curves.len());
        let visible: Vec<(f64, f64)> = curve.points.iter().copied().filter(|point| point.1.is_finite()).collect();
        if curves.len() > MAX_CURVES || visible.len() == 1 {
            visible
                .iter()
                .filter(|point| point.1 >= y.from)
                .try_for_each(|&at| circle(&mut plane, at, 2, BLUE, None))?;
            continue;
        }
        for piece in pieces_between(&curve.in_white_noise, y.from, y.to) {
            dashes(&mut plane, piece, colour, 2)?;
        }
        for piece in pieces_between(&curve.points, y.from, y.to) {
            line(&mut plane, piece, colour, 2)?;
        }
    }
    legend::write(sheet, &entries, (SIZE.0 as i32 - width - MARGIN, top), width)
}

/// Which curves the legend names: all, or some evenly chosen with the first and the last.
fn legend_entries(count: usize) -> Vec<usize> {
    if count <= MAX_ENTRIES {
        return (0..count).collect();
    }
    (0..MAX_ENTRIES).map(|entry| entry * (count - 1) / (MAX_ENTRIES - 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(mu: &[f64], sigma: &[f64]) -> TransferCurves {
        let rate = vec![1.0; mu.len()];
        let mut curves = TransferCurves::default();
        let outputs = ["rate_hz", "log10_rate_hz", "cv"].map(|name| (name, &rate[..]));
        curves.add([("mu_mv", mu), ("sigma_mv", sigma)].into_iter().chain(outputs));
        curves
    }

    #[test]
    fn every_sigma_makes_a_curve_that_runs_from_left_to_right() {
        let curves = table(&[2.0, 2.0, 1.0, 1.0], &[5.0, 6.0, 5.0, 6.0]).curves("mu_mv", Scale::Linear);
        let names: Vec<&str> = curves.iter().map(|curve| curve.name.as_str()).collect();
        assert_eq!(names, ["sigma = 5 mV", "sigma = 6 mV"]);
        assert_eq!(curves[0].points, [(1.0, 1.0), (2.0, 1.0)]);
    }

    #[test]
    fn sizes_of_jumps_run_along_the_axis_where_they_are_most_beside_white_noise() {
        let mut curves = TransferCurves::default();
        let columns: [(&str, &[f64]); 7] = [
            ("mu_mv", &[10.0, 10.0, 10.0, 12.0, 12.0, 12.0]),
            ("sigma_mv", &[5.0; 6]),
            ("jump_mv", &[0.5, 0.0, 1.0, 0.0, 0.5, 1.0]),
            ("rate_hz", &[4.0, 3.0, 5.0, 6.0, 7.0, 8.0]),
            ("log10_rate_hz", &[0.0; 6]),
            ("cv", &[1.0; 6]),
            ("diffusion_rate_hz", &[3.0, 3.0, 3.0, 6.0, 6.0, 6.0]),
        ];
        curves.add(columns);
        assert_eq!(curves.x_name(), "jump_mv");
        let found = curves.curves("jump_mv", Scale::Linear);
        let names: Vec<&str> = found.iter().map(|curve| curve.name.as_str()).collect();
        assert_eq!(names, ["mu = 10 mV, sigma = 5 mV", "mu = 12 mV, sigma = 5 mV"]);
        assert_eq!(found[0].points, [(0.0, 3.0), (0.5, 4.0), (1.0, 5.0)]);
        assert_eq!(found[0].in_white_noise, [(0.0, 3.0), (0.5, 3.0), (1.0, 3.0)]);
        let svg = curves.draw("title", "", false).unwrap().svg;
        assert!(svg.contains("size of jumps J (mV)") && svg.contains("white noise (diffusion)"));
        // of more means than sizes the means run along the axis
        let mut curves = TransferCurves::default();
        curves.add([("mu_mv", &[1.0, 2.0, 3.0][..]), ("sigma_mv", &[5.0; 3]), ("jump_mv", &[0.0, 1.0, 0.0])]);
        assert_eq!(curves.x_name(), "mu_mv");
    }

    #[test]
    fn a_legend_of_many_curves_names_the_first_and_the_last() {
        let entries = legend_entries(100);
        assert_eq!((entries.len(), entries[0], entries[MAX_ENTRIES - 1]), (MAX_ENTRIES, 0, 99));
    }

    #[test]
    fn one_point_or_none_that_is_finite_can_be_drawn() {
        for log in [false, true] {
            table(&[2.0], &[5.0]).draw("title", "", log).unwrap();
        }
        let span = span([f64::NEG_INFINITY, f64::NAN].into_iter(), Scale::Linear);
        assert!(span.from < span.to);
    }
}
