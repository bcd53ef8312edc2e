//! A raster: a row for each neuron, a stroke for each spike, populations stacked with their names at the left.

use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{
    self, Axis, FINE, Frame, LABEL_SIZE, Layers, Plane, Scale, Sheet, framed_axes, shortened, text, text_width,
    write_in_the_middle, write_text,
};
use super::colour::INK;
use super::shapes::{rectangle, stroke, strokes};
use super::simulation::Subject;
use super::spread::{every, spread};
use crate::error::PlotError;
use siegert::simulation::RasterSpike;

/// Longest name of a population, in pixels.
const MAX_NAME: i32 = 220;
/// From the plane to the names: the bar of a population's rows and a line from it to its name.
const BRACKET: i32 = 26;
/// Space between populations, in pixels, where they are few.
const GAP: f64 = 6.0;
/// The part of the height that these spaces take at most.
const MOST_GAPS: f64 = 0.15;
/// Space above the first row and below the last one.
const EDGE: f64 = 4.0;
/// Length of the stroke of a spike in pixels: between these, a part of the typical distance of spikes.
const STROKE: (f64, f64) = (1.2, 3.0);
const STROKE_PART: f64 = 0.28;

/// The rows of a population, in pixels below the upper end of all.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Band {
    top: f64,
    /// Height of a row; all have the same.
    row: f64,
    rows: u64,
}

impl Band {
    fn bottom(&self) -> f64 {
        self.top + self.row * self.rows as f64
    }

    fn middle(&self) -> f64 {
        0.5 * (self.top + self.bottom())
    }
}

/// One band a population, the first on top; those without neurons have no height.
fn bands(neurons: &[u64], height: f64) -> Vec<Band> {
    let rows: u64 = neurons.iter().fold(0, |sum, rows| sum.saturating_add(*rows));
    let gaps = neurons.iter().filter(|rows| **rows > 0).count().saturating_sub(1);
    let gap = if gaps == 0 { 0.0 } else { GAP.min(MOST_GAPS * height / gaps as f64) };
    let row = if rows == 0 { 0.0 } else { (height - gap * gaps as f64) / rows as f64 };
    let mut top = 0.0;
    let band = |&rows: &u64| {
        let band = Band { top, row, rows };
        top = if rows == 0 { top } else { band.bottom() + gap };
        band
    };
    neurons.iter().map(band).collect()
}

/// Pixels that the names need left of the plane.
pub(super) fn names_width(sheet: &Sheet<'_>, subject: &Subject<'_>) -> i32 {
    let width = |name: &str| text_width(sheet, &shortened(sheet, name, LABEL_SIZE, MAX_NAME), LABEL_SIZE);
    let widest = subject.simulation.populations.iter().map(|population| width(&population.name)).max();
    widest.unwrap_or(0) + BRACKET
}

/// Draws the raster over the stretch of time of the subject; the strokes are the layer above.
pub(super) fn paint(area: &Sheet<'_>, subject: &Subject<'_>, frame: &Frame) -> Result<Layers, PlotError> {
    let raster = &subject.simulation.raster;
    let y = Axis { name: String::new(), from: 0.0, to: 1.0, scale: Scale::Linear };
    let x = subject.time_axis();
    let x = if frame.x_labels { x } else { Axis { name: String::new(), ..x } };
    let plane = framed_axes(area, &x, &y, &Frame { most_ticks: [frame.most_ticks[0], 0], ..*frame })?;
    let [low, high] = canvas::corners(area, &plane);
    let bands = bands(&raster.neurons, (low.1 - high.1 - 2.0 * EDGE).max(1.0));
    write_names(area, (low.0 as i32, high.1 + EDGE), &bands, subject)?;
    let shown = rows(&raster.spikes, &bands, (x.from, x.to));
    if shown.iter().all(Vec::is_empty) {
        write_in_the_middle(area, &plane, "no spikes")?;
    }
    let length = stroke_length((high.0 - low.0) * (low.1 - high.1), shown.iter().map(Vec::len).sum());
    let above = shown.iter().zip(&bands).zip(&subject.colours);
    let above = above.filter(|((spikes, _), _)| !spikes.is_empty()).map(|((spikes, band), colour)| {
        let height = (0.85 * band.row).clamp(length, 2.5 * length);
        let size = [length, height].map(|pixels| (pixels * f64::from(FINE)).round() as i32);
        strokes(&places(spikes, band, &plane, size[0]), (size[0], size[1]), *colour)
    });
    Ok(Layers { above: above.collect(), ..Layers::default() })
}

/// Neuron and time of the spikes of each population that lie in the stretch, row by row.
fn rows(spikes: &[RasterSpike], bands: &[Band], stretch: (f64, f64)) -> Vec<Vec<(u64, f64)>> {
    let mut rows = vec![Vec::new(); bands.len()];
    for spike in spikes.iter().filter(|spike| spike.time_ms >= stretch.0 && spike.time_ms <= stretch.1) {
        if bands.get(spike.population).is_some_and(|band| spike.neuron < band.rows) {
            rows[spike.population].push((spike.neuron, spike.time_ms));
        }
    }
    rows.iter_mut().for_each(|row| row.sort_by(|p, q| p.0.cmp(&q.0).then(p.1.total_cmp(&q.1))));
    rows
}

/// Pixels of a stroke: the more spikes on the area, the fewer.
fn stroke_length(area: f64, spikes: usize) -> f64 {
    (STROKE_PART * (area / spikes.max(1) as f64).sqrt()).clamp(STROKE.0, STROKE.1)
}

/// The left ends of the strokes of this length, in fine pixels.
fn places(spikes: &[(u64, f64)], band: &Band, plane: &Plane<'_, '_>, length: i32) -> Vec<(i32, i32)> {
    let (times, heights) = (plane.x_range(), plane.y_range());
    let (first, bottom) = plane.backend_coord(&(times.start, heights.start));
    let (last, top) = plane.backend_coord(&(times.end, heights.end));
    let place = |&(neuron, time_ms): &(u64, f64)| {
        let depth = f64::from(FINE) * (EDGE + band.top + (neuron as f64 + 0.5) * band.row);
        let x = plane.backend_coord(&(time_ms, heights.start)).0 - length / 2;
        (x.min(last - length).max(first), (top + depth.round() as i32).min(bottom))
    };
    spikes.iter().map(place).collect()
}

/// Writes the names left of the plane, each beside a bar along its rows; `origin` is the upper left end of the rows.
fn write_names(area: &Sheet<'_>, origin: (i32, f64), bands: &[Band], subject: &Subject<'_>) -> Result<(), PlotError> {
    let filled: Vec<usize> = (0..bands.len().min(subject.colours.len())).filter(|&a| bands[a].rows > 0).collect();
    let pixel = |depth: f64| (origin.1 + depth).round() as i32;
    for &a in &filled {
        let (top, bottom) = (pixel(bands[a].top), pixel(bands[a].bottom()));
        rectangle(area, (origin.0 - 9, top), (origin.0 - 4, bottom.max(top + 1)), subject.colours[a])?;
    }
    let (line, height) = (LABEL_SIZE + 2.0, filled.last().map_or(0.0, |&a| bands[a].bottom()));
    let named: Vec<usize> = filled.iter().copied().step_by(every(filled.len(), line, height + line)).collect();
    let middles: Vec<f64> = named.iter().map(|&a| bands[a].middle()).collect();
    for ((&a, middle), depth) in named.iter().zip(&middles).zip(spread(&middles, line, (0.0, height))) {
        let ends = [(origin.0 - 9, pixel(*middle)), (origin.0 - 19, pixel(depth))];
        stroke(area, &ends, subject.colours[a], 1)?;
        let name = shortened(area, &subject.simulation.populations[a].name, LABEL_SIZE, MAX_NAME);
        let style = text(LABEL_SIZE, INK, HPos::Right, VPos::Center);
        write_text(area, &name, (origin.0 - BRACKET + 3, pixel(depth)), &style)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_fill_the_height_from_the_top_with_rows_of_one_height() {
        let bands = bands(&[160, 0, 40], 406.0);
        assert_eq!(bands[0], Band { top: 0.0, row: 2.0, rows: 160 });
        assert_eq!((bands[1].bottom(), bands[1].rows), (bands[1].top, 0));
        assert_eq!((bands[2].top, bands[2].bottom()), (326.0, 406.0));
    }

    #[test]
    fn many_populations_leave_most_of_the_height_to_their_rows() {
        let bands = bands(&[5; 254], 300.0);
        let filled: f64 = bands.iter().map(|band| band.bottom() - band.top).sum();
        assert!((filled - 255.0).abs() < 1e-9 && (bands[253].bottom() - 300.0).abs() < 1e-9, "{filled}");
        assert!(super::bands(&[], 300.0).is_empty());
        assert_eq!(super::bands(&[0, 0], 300.0)[1].bottom(), 0.0);
    }

    #[test]
    fn strokes_shrink_where_spikes_are_many_and_stay_visible() {
        let lengths = [0, 350, 4000, 30_000, usize::MAX].map(|spikes| stroke_length(300_000.0, spikes));
        assert!((lengths[2] - 2.42).abs() < 0.01, "{lengths:?}");
        assert_eq!((lengths[0], lengths[1], lengths[3], lengths[4]), (3.0, 3.0, 1.2, 1.2));
    }

    #[test]
    fn spikes_are_ordered_by_row_and_those_that_have_no_place_are_left_out() {
        let spike = |population, neuron, time_ms| RasterSpike { time_ms, population, neuron };
        let spikes = [
            spike(0, 1, 10.0),
            spike(0, 0, 20.0),
            spike(1, 0, 20.0),
            spike(0, 1, 5.0),
            spike(0, 2, 10.0),
            spike(2, 0, 10.0),
            spike(0, 0, 21.0),
            spike(0, 0, f64::NAN),
        ];
        let rows = rows(&spikes, &bands(&[2, 1], 100.0), (0.0, 20.0));
        assert_eq!(rows, [vec![(0, 20.0), (1, 5.0), (1, 10.0)], vec![(0, 20.0)]]);
    }
}
