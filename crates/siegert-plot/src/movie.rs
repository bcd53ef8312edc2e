//! Densities in motion: `p(V)` of every population over the potential, the simulated histogram where there is one, and below them the rates with a cursor at the present time.
//!
//! What stands still is drawn once. What moves is a few paths with as many points in every frame, so that an SVG goes from one to the next by itself (SMIL) and a GIF only redraws
//! what has changed. Where motion is not understood, the SVG shows the first frame.

use std::fmt::Write;

use plotters::style::RGBColor;
use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{
    Axis, FINE, Frame, LABEL_SIZE, MARGIN, Plane, SMALL_SIZE, Scale, Sheet, corners, draw, framed_axes, inside,
    shortened, size, text, write_text, write_title,
};
use super::colour::{FAINT, INK, lightened};
use super::evolution::{MOST_DENSITIES, curves_of, densities_of, paint_rates, time_axis};
use super::response::legend;
use super::shapes::dashes;
use super::space_time::{fine, marks, range_mv, span};
use super::{Drawing, gif};
use crate::error::PlotError;
use siegert::comparison::SimulatedInTime;
use siegert::number::significant;
use siegert::report::{DensityInTime, EvolutionReport, Report};

const WIDTH: u32 = 900;
const HEADER: u32 = 104;
const PANEL_HEIGHT: u32 = 250;
const RATES_HEIGHT: u32 = 240;
/// Height above the rates, for the present time.
const READOUT: i32 = 20;
/// Height above the plane of a panel.
const STRIP: i32 = 22;
/// Frames at most, and points of a curve.
const MOST_FRAMES: usize = 180;
const MOST_POINTS: usize = 100;
/// How long it plays, in seconds: a twentieth of a second a frame, between these.
const A_FRAME_S: f64 = 0.05;
const PLAYS_S: (f64, f64) = (4.0, 12.0);
/// Pixels left of the planes.
const LEFT: i32 = 78;
/// Bins of a simulated histogram at most, after neighbours have been put together.
const MOST_BINS: usize = 40;

/// Densities in motion.
#[derive(Clone, Debug)]
pub struct Movie {
    still: Drawing,
    moving: Vec<Moving>,
    readouts: Vec<String>,
    /// Where they end, in the pixels of the drawing.
    readout_at: (i32, i32),
    plays_s: f64,
}

/// A path in motion.
#[derive(Clone, Debug)]
struct Moving {
    /// How it is drawn, as attributes of a path.
    style: String,
    /// Its points in each frame.
    frames: Vec<String>,
}

/// The movie of densities in time.
///
/// # Errors
///
/// There are no densities, or only one time; the drawing library refuses.
pub fn movie_of_evolution(report: &EvolutionReport) -> Result<Movie, PlotError> {
    let densities = densities_of(report);
    let shown: Vec<_> = densities.into_iter().take(MOST_DENSITIES).collect();
    let times_ms = shown.first().map(|(_, density)| &density.times_ms[..]).unwrap_or_default();
    let has_all = |(_, density): &(&str, &DensityInTime)| density.density_per_mv.len() >= times_ms.len();
    if times_ms.len() < 2 || !shown.iter().all(has_all) {
        return Err(PlotError::NoDensities);
    }
    let frames = frames(times_ms.len());
    let plays_s = (A_FRAME_S * frames.len() as f64).clamp(PLAYS_S.0, PLAYS_S.1);
    let (columns, rows) = if shown.len() > 1 { (2, shown.len().div_ceil(2)) } else { (1, 1) };
    let height = HEADER + rows as u32 * PANEL_HEIGHT + RATES_HEIGHT;
    let mut moving = Vec::new();
    let mut readout_at = (0, 0);
    let still = draw((WIDTH, height), |sheet| {
        let (names, colours) = curves_of(report);
        let hidden = report.populations.len() - shown.len();
        let of = if hidden > 0 { format!(" (the first {} populations)", shown.len()) } else { String::new() };
        let title = format!("{}: the density of the potential in motion{of}", report.network);
        let lasts_ms = times_ms[times_ms.len() - 1] - times_ms[0];
        let mut small = vec![format!("1 s of the movie is {} ms", significant(lasts_ms / plays_s, 2))];
        if shown.iter().any(|(name, _)| simulated_of(report, name).is_some()) {
            small.push("steps and pale curves: simulation".to_string());
        }
        small.extend(report.about().parameter_list());
        let top = write_title(sheet, &title, &small.join(", "))?;
        let top = legend(sheet, top, &names, &colours)?;
        let below = inside(sheet, [top, RATES_HEIGHT as i32, MARGIN, MARGIN]);
        let panels = below.split_evenly((rows, columns));
        for ((name, density), area) in shown.iter().zip(&panels) {
            let place = names.iter().position(|other| other == name).unwrap_or(0);
            let panel = Panel { name, density, colour: colours[place], simulated: simulated_of(report, name) };
            moving.extend(panel.paint(area, &frames, times_ms)?);
        }
        let rates_top = height as i32 - RATES_HEIGHT as i32 + READOUT;
        readout_at = (WIDTH as i32 - MARGIN, rates_top - 6);
        let area = inside(sheet, [rates_top, 6, MARGIN, MARGIN]);
        let x = time_axis(report);
        let plane = paint_rates(&area, report, &x, LEFT)?;
        moving.push(cursor(&plane, &x, frames.iter().map(|&k| times_ms[k])));
        Ok(())
    })?;
    let readouts = frames.iter().map(|&k| format!("t = {} ms", significant(times_ms[k], 5))).collect();
    Ok(Movie { still, moving, readouts, readout_at, plays_s })
}

/// Which of so many times are shown, evenly and from the first to the last.
fn frames(times: usize) -> Vec<usize> {
    let count = times.min(MOST_FRAMES);
    (0..count).map(|k| (k * (times - 1) + (count - 1) / 2) / (count - 1).max(1)).collect()
}

fn simulated_of<'a>(report: &'a EvolutionReport, name: &str) -> Option<&'a SimulatedInTime> {
    let population = report.populations.iter().find(|population| population.name == name)?;
    population.simulated.as_ref().filter(|of| of.potentials_mv.len() > 1 && !of.density_per_mv.is_empty())
}

/// The density of one population.
struct Panel<'a> {
    name: &'a str,
    density: &'a DensityInTime,
    colour: RGBColor,
    simulated: Option<&'a SimulatedInTime>,
}

impl Panel<'_> {
    /// Draws what stands still and returns what moves.
    fn paint(&self, area: &Sheet<'_>, frames: &[usize], times_ms: &[f64]) -> Result<Vec<Moving>, PlotError> {
        let [from, to] = range_mv(self.density);
        let x = Axis { name: "V (mV)".to_string(), from, to, scale: Scale::Linear };
        let highest = 1.08 * span(self.density).axis.to;
        let y = Axis { name: "p(V) (1/mV)".to_string(), from: 0.0, to: highest, scale: Scale::Linear };
        let plot_area = inside(area, [STRIP, 0, 0, 10]);
        let frame = Frame { most_ticks: [9, 6], left: LEFT, ..Frame::default() };
        let mut plane = framed_axes(&plot_area, &x, &y, &frame)?;
        for (_, V_mv) in marks(self.density).into_iter().filter(|mark| mark.1 > from && mark.1 < to) {
            dashes(&mut plane, vec![(V_mv, 0.0), (V_mv, highest)], FAINT, 1)?;
        }
        self.write_strip(&plot_area, &plane)?;
        let clamped = |p: f64| if p.is_finite() { p.clamp(0.0, highest) } else { 0.0 };
        let curve = |k: &usize| thinned(&self.density.potentials_mv, &self.density.density_per_mv[*k]);
        let points = |k: &usize| -> Vec<(f64, f64)> {
            let inner = curve(k).into_iter().map(|(V, p)| (V, clamped(p)));
            std::iter::once((from, 0.0)).chain(inner).chain([(to, 0.0)]).collect()
        };
        let RGBColor(red, green, blue) = self.colour;
        let RGBColor(r, g, b) = lightened(self.colour, 0.78);
        let style = format!(
            "fill=\"#{r:02x}{g:02x}{b:02x}\" stroke=\"#{red:02x}{green:02x}{blue:02x}\" stroke-width=\"{}\" stroke-linejoin=\"round\"",
            2 * FINE
        );
        let mut moving = vec![Moving { style, frames: frames.iter().map(|k| path(&plane, points(k))).collect() }];
        if let Some(simulated) = self.simulated {
            let at = |k: &usize| nearest(&simulated.times_ms, times_ms[*k]);
            let within = |(V, p): (f64, f64)| (V.clamp(from, to), clamped(p));
            let steps = |k: &usize| path(&plane, steps(simulated, at(k)).into_iter().map(within).collect());
            let RGBColor(red, green, blue) = INK;
            let style = format!(
                "fill=\"none\" stroke=\"#{red:02x}{green:02x}{blue:02x}\" stroke-width=\"{}\" stroke-linejoin=\"round\"",
                FINE + FINE / 2
            );
            moving.push(Moving { style, frames: frames.iter().map(steps).collect() });
        }
        Ok(moving)
    }

    /// Writes the name, and what the dashed lines are, above the plane.
    fn write_strip(&self, area: &Sheet<'_>, plane: &Plane<'_, '_>) -> Result<(), PlotError> {
        let [low, high] = corners(area, plane);
        let y = high.1 as i32 - 5;
        let room = size(area).0 / 2;
        let name = shortened(area, self.name, LABEL_SIZE, room);
        write_text(area, &name, (low.0 as i32, y), &text(LABEL_SIZE, self.colour, HPos::Left, VPos::Bottom))?;
        let [from, to] = range_mv(self.density);
        let mut shown: Vec<(&str, f64)> = marks(self.density).into_iter().filter(|m| m.1 > from && m.1 <= to).collect();
        shown.sort_by(|a, b| a.1.total_cmp(&b.1));
        let names: Vec<&str> = shown.iter().map(|mark| mark.0).collect();
        let said = if names.is_empty() { String::new() } else { format!("dashed: {}", names.join(", ")) };
        write_text(area, &said, (high.0 as i32, y), &text(SMALL_SIZE, FAINT, HPos::Right, VPos::Bottom))
    }
}

/// A curve with few points: means of neighbours.
fn thinned(x: &[f64], y: &[f64]) -> Vec<(f64, f64)> {
    let together = x.len().div_ceil(MOST_POINTS).max(1);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    x.chunks(together).zip(y.chunks(together)).map(|(x, y)| (mean(x), mean(y))).collect()
}

/// The outline of a histogram, its neighbouring bins put together so that few remain.
fn steps(simulated: &SimulatedInTime, k: usize) -> Vec<(f64, f64)> {
    let V_mv = &simulated.potentials_mv;
    let width_mv = V_mv[1] - V_mv[0];
    let together = V_mv.len().div_ceil(MOST_BINS).max(1);
    let row = simulated.density_per_mv.get(k).map(Vec::as_slice).unwrap_or_default();
    let mut outline = vec![(V_mv[0] - 0.5 * width_mv, 0.0)];
    for (V, p) in V_mv.chunks(together).zip(row.chunks(together)) {
        let height = p.iter().sum::<f64>() / p.len() as f64;
        let (left, right) = (V[0] - 0.5 * width_mv, V[V.len() - 1] + 0.5 * width_mv);
        outline.extend([(left, height), (right, height)]);
    }
    let last = outline[outline.len() - 1].0;
    outline.push((last, 0.0));
    outline
}

fn nearest(times_ms: &[f64], at_ms: f64) -> usize {
    let next = times_ms.partition_point(|time_ms| *time_ms < at_ms).min(times_ms.len().saturating_sub(1));
    let before = next.saturating_sub(1);
    let far = |k: usize| times_ms.get(k).map_or(f64::INFINITY, |time_ms| (time_ms - at_ms).abs());
    if far(before) <= far(next) { before } else { next }
}

/// The line at the present time.
fn cursor(plane: &Plane<'_, '_>, x: &Axis, times_ms: impl Iterator<Item = f64>) -> Moving {
    let y = plane.y_range();
    let RGBColor(red, green, blue) = INK;
    let style =
        format!("fill=\"none\" stroke=\"#{red:02x}{green:02x}{blue:02x}\" stroke-width=\"{}\"", FINE + FINE / 2);
    let line = |at_ms: f64| {
        let at_ms = at_ms.clamp(x.from, x.to);
        path(plane, vec![(at_ms, y.start), (at_ms, y.end)])
    };
    Moving { style, frames: times_ms.map(line).collect() }
}

/// Points as a path, from the first absolute and from one to the next: that is short.
fn path(plane: &Plane<'_, '_>, points: Vec<(f64, f64)>) -> String {
    let mut path = String::new();
    let mut pen = (0, 0);
    for (k, point) in points.into_iter().enumerate() {
        let (x, y) = plane.backend_coord(&point);
        let _ = match k {
            0 => write!(path, "M{x} {y}"),
            _ => write!(path, "l{} {}", x - pen.0, y - pen.1),
        };
        pen = (x, y);
    }
    path
}

impl Movie {
    /// As SVG that moves by itself, over and over.
    pub fn svg(&self) -> String {
        let mut moving = String::new();
        let (plays_s, count) = (self.plays_s, self.readouts.len());
        for path in &self.moving {
            let first = path.frames.first().map_or("", String::as_str);
            let _ = writeln!(
                moving,
                "<path {} d=\"{first}\"><animate attributeName=\"d\" dur=\"{plays_s}s\" repeatCount=\"indefinite\" values=\"{}\"/></path>",
                path.style,
                path.frames.join(";")
            );
        }
        for (k, readout) in self.readouts.iter().enumerate() {
            let [from, to] = [k, k + 1].map(|k| significant(k as f64 / count as f64, 6));
            let (values, times) = match k {
                0 => ("visible;hidden", format!("0;{to}")),
                _ => ("hidden;visible;hidden", format!("0;{from};{to}")),
            };
            // the last one stays to the end
            let (values, times) = match k + 1 == count && k > 0 {
                true => ("hidden;visible", format!("0;{from}")),
                false => (values, times),
            };
            let _ = writeln!(
                moving,
                "{}<animate attributeName=\"visibility\" calcMode=\"discrete\" dur=\"{plays_s}s\" repeatCount=\"indefinite\" \
                 values=\"{values}\" keyTimes=\"{times}\"/></text>",
                self.readout_tag(readout, if k == 0 { "visible" } else { "hidden" }),
            );
        }
        with_layer(self.still.svg(), &moving)
    }

    /// As GIF that plays over and over.
    ///
    /// # Errors
    ///
    /// The renderer refuses.
    pub fn gif(&self) -> Result<Vec<u8>, PlotError> {
        let frame = |k: usize| {
            let mut moving = String::new();
            for path in &self.moving {
                let _ = writeln!(moving, "<path {} d=\"{}\"/>", path.style, path.frames[k]);
            }
            moving + &self.readout_tag(&self.readouts[k], "visible") + "</text>"
        };
        let frames: Vec<String> = (0..self.readouts.len()).map(frame).collect();
        gif::of_layers(self.still.svg(), &frames, self.plays_s / frames.len() as f64)
    }

    /// The present time, without the end of its tag.
    fn readout_tag(&self, readout: &str, visibility: &str) -> String {
        let [x, y] = [self.readout_at.0, self.readout_at.1].map(|pixel| fine(f64::from(pixel)));
        let RGBColor(red, green, blue) = INK;
        format!(
            "<text x=\"{x}\" y=\"{y}\" text-anchor=\"end\" font-family=\"DejaVu Sans, sans-serif\" font-size=\"{}\" \
             fill=\"#{red:02x}{green:02x}{blue:02x}\" visibility=\"{visibility}\">{readout}",
            (LABEL_SIZE + 1.0) * f64::from(FINE)
        )
    }
}

/// The drawing with more on top.
fn with_layer(svg: &str, layer: &str) -> String {
    let end = svg.rfind("</svg>").unwrap_or(svg.len());
    format!("{}{layer}{}", &svg[..end], &svg[end..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::{Kept, evolution};
    use crate::pictures::check;

    #[test]
    fn frames_are_even_and_go_from_the_first_time_to_the_last() {
        assert_eq!(frames(3), [0, 1, 2]);
        let many = frames(401);
        assert_eq!((many.len(), many[0], many[MOST_FRAMES - 1]), (MOST_FRAMES, 0, 400));
        assert!(many.windows(2).all(|pair| (2..=3).contains(&(pair[1] - pair[0]))));
    }

    #[test]
    fn a_movie_has_as_many_points_in_every_frame_and_begins_with_a_whole_picture() {
        for (name, names) in
            [("one", &["E"][..]), ("two", &["E", "I"]), ("eight", &["E", "I", "S", "N", "E2", "I2", "A", "B"])]
        {
            let movie = movie_of_evolution(&evolution(names, false, Kept::Simulated)).unwrap();
            assert_eq!(movie.moving.len(), 2 * names.len().min(MOST_DENSITIES) + 1);
            for path in &movie.moving {
                assert_eq!(path.frames.len(), 101);
                let points = |frame: &String| frame.matches(['l', 'M']).count();
                assert!(path.frames.iter().all(|frame| points(frame) == points(&path.frames[0])), "{name}");
            }
            let svg = movie.svg();
            assert!(svg.len() < 2_000_000 && svg.matches("<animate").count() >= movie.moving.len(), "{}", svg.len());
            // texts that are not seen lie on those that are
            let first =
                svg.lines().filter(|line| !line.contains("visibility=\"hidden\"")).collect::<Vec<_>>().join("\n");
            check(&format!("movie_{name}"), &Drawing { svg: first });
            let gif = movie.gif().unwrap();
            assert!(gif.starts_with(b"GIF89a") && gif.len() < 4_000_000, "{}", gif.len());
            if let Ok(directory) = std::env::var("SIEGERT_PICTURES") {
                std::fs::write(format!("{directory}/movie_{name}.gif"), &gif).unwrap();
                std::fs::write(format!("{directory}/movie_{name}_moving.svg"), &svg).unwrap();
            }
        }
    }

    #[test]
    fn rates_alone_do_not_move() {
        let refused = movie_of_evolution(&evolution(&["E"], false, Kept::Rates)).unwrap_err();
        assert_eq!(refused, PlotError::NoDensities);
        assert!(refused.is_bad_input());
        movie_of_evolution(&evolution(&["E"], true, Kept::Densities)).unwrap().gif().unwrap();
    }

    #[test]
    fn the_histogram_of_a_frame_is_that_of_the_nearest_time() {
        assert_eq!([-1.0, 0.4, 0.6, 1.5, 9.0].map(|at| nearest(&[0.0, 1.0, 2.0], at)), [0, 0, 1, 1, 2]);
        assert_eq!(nearest(&[], 1.0), 0);
    }
}
