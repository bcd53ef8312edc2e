//! A quantity over two parameters: one image, contour lines with their values, and where the number of states changes.

use plotters::style::RGBColor;

use super::Drawing;
use super::canvas::{
    self, Axis, FINE, Layers, MARGIN, Plane, Scale, Sheet, bare_axes, inside, place_exactly, write_title,
};
use super::colour::{INK, MISSING};
use super::contours::{self, GridLine};
use super::legend::{self, Entry, Sample};
use super::levels::{Bar, Level, levels};
use super::scale::Span;
use super::shapes::{Raster, haloed_text, image, line, strokes};
use super::state_kind::StateKind;
use super::sweep::{SweepAxis, SweepPicture, WhichState};
use crate::error::PlotError;

const SIZE: (u32, u32) = (940, 640);
/// Width of what stands beside the plane.
const BESIDE: i32 = 220;
/// Height of the colour bar, and of the lines above it.
const BAR_HEIGHT: i32 = 300;
const HEAD_HEIGHT: i32 = 56;
/// Columns or rows of an image of cells that are not equally wide.
const RESAMPLED: usize = 1500;
/// Values that span more decades than this have a logarithmic scale.
const DECADES: f64 = 2.0;
/// Shortest line, in pixels, that carries its value; and how far texts stay from each other and from the rim.
const SHORTEST_LABELLED: f64 = 90.0;
const APART: f64 = 42.0;
/// Distance of the dots over states that are not stable, in pixels.
const STIPPLE: f64 = 12.0;
/// Where the number of states changes, values that differ by more than this part of the scale are a cliff, not a slope.
const CLIFF: f64 = 0.1;

/// The grid in places of the axes: `x` is the parameter that varies fastest.
struct Grid<'a> {
    table: &'a SweepPicture,
    x: Along,
    y: Along,
}

/// A parameter in the plane.
struct Along {
    axis: Axis,
    /// Middles of the cells.
    middles: Vec<f64>,
    /// Borders of the cells, one more.
    borders: Vec<f64>,
}

/// Draws the plane; `slow` and `fast` are the parameters by how they vary from row to row.
pub(super) fn draw(table: &SweepPicture, slow: &SweepAxis, fast: &SweepAxis) -> Result<Drawing, PlotError> {
    let grid = Grid { table, x: Along::new(slow), y: Along::new(fast) };
    let (values, name) = grid.shown();
    let span = Span::of(&name, values.iter().copied(), DECADES);
    let span = if span.axis.from < span.axis.to { span } else { span.with_room(0.0, 0.0) };
    let levels = levels(&span);
    canvas::draw_in_layers(SIZE, |sheet| {
        let top = write_title(sheet, &table.title, &table.small_print)?;
        let area = inside(sheet, [top, MARGIN, MARGIN, BESIDE + 2 * MARGIN]);
        let mut plane = bare_axes(&area, &grid.x.axis, &grid.y.axis)?;
        let mut layers = Layers { below: grid.image(&plane, &values, &span)?, above: String::new() };
        let mut taken = Vec::new();
        grid.paint_borders(sheet, &mut plane, &mut layers, &mut taken)?;
        for level in &levels {
            grid.paint_level(sheet, &mut plane, (&values, &span), level, (&mut layers, &mut taken))?;
        }
        let left = SIZE.0 as i32 - MARGIN - BESIDE;
        let which = match table.which {
            WhichState::Lowest => "lowest stable state",
            WhichState::Highest => "highest stable state",
        };
        layers.below.push_str(&grid.stipple(sheet, &plane));
        let head = [Entry::new(Sample::None, name.as_str()), Entry::new(Sample::None, which)];
        legend::write(sheet, &head, (left, top), BESIDE)?;
        let bar = Bar { left, top: top + HEAD_HEIGHT, height: BAR_HEIGHT };
        layers.below.push_str(&bar.paint(sheet, &span)?);
        legend::write(sheet, &grid.entries(&values), (left, top + HEAD_HEIGHT + BAR_HEIGHT + 24), BESIDE)?;
        Ok(layers)
    })
}

impl Along {
    fn new(axis: &SweepAxis) -> Self {
        let place = |value: &f64| if axis.logarithmic { value.log10() } else { *value };
        let middles: Vec<f64> = axis.values.iter().map(place).collect();
        let between = middles.windows(2).map(|pair| 0.5 * (pair[0] + pair[1]));
        let (first, last) = match middles[..] {
            [] => (0.0, 1.0),
            [only] => (only - 0.05 * only.abs().max(1e-300), only + 0.05 * only.abs().max(1e-300)),
            [first, second, ..] => {
                let (last, before) = (middles[middles.len() - 1], middles[middles.len() - 2]);
                (first - 0.5 * (second - first), last + 0.5 * (last - before))
            }
        };
        let (first, last) = if first < last { (first, last) } else { (-0.5, 0.5) };
        let borders: Vec<f64> = [first].into_iter().chain(between).chain([last]).collect();
        let scale = if axis.logarithmic { Scale::Logarithmic } else { Scale::Linear };
        Along { axis: Axis { name: axis.name.clone(), from: first, to: last, scale }, middles, borders }
    }

    /// The cell of each column of an image: a column a cell if all are equally wide.
    fn cells(&self) -> Vec<usize> {
        let count = self.middles.len();
        let width = (self.axis.to - self.axis.from) / count as f64;
        if self.borders.windows(2).all(|pair| ((pair[1] - pair[0]) / width - 1.0).abs() < 1e-3) {
            return (0..count).collect();
        }
        let place = |k: usize| self.axis.from + (self.axis.to - self.axis.from) * (k as f64 + 0.5) / RESAMPLED as f64;
        (0..RESAMPLED).map(|k| self.borders[1..count].partition_point(|border| *border <= place(k))).collect()
    }

    /// Nodes for contours: the middles, and the rim.
    fn nodes(&self) -> Vec<f64> {
        [self.axis.from].into_iter().chain(self.middles.iter().copied()).chain([self.axis.to]).collect()
    }
}

impl Grid<'_> {
    fn point(&self, column: usize, row: usize) -> usize {
        column * self.y.middles.len() + row
    }

    /// The values of the first quantity in the state shown, by point, and what they are.
    fn shown(&self) -> (Vec<f64>, String) {
        let quantity = self.table.quantities.iter().find(|quantity| !quantity.series.is_empty());
        let points = self.x.middles.len() * self.y.middles.len();
        let Some((quantity, series)) = quantity.and_then(|quantity| Some((quantity, quantity.series.first()?))) else {
            return (vec![f64::NAN; points], String::new());
        };
        let value = |point| {
            let state = self.table.states.shown(point, self.table.which)?;
            Some(series.values[state]).filter(|value| value.is_finite())
        };
        let name = match series.population.as_str() {
            "" => quantity.name.clone(),
            population => match quantity.name.split_once(" (") {
                Some((stem, unit)) => format!("{stem} of {population} ({unit}"),
                None => format!("{} of {population}", quantity.name),
            },
        };
        ((0..points).map(|point| value(point).unwrap_or(f64::NAN)).collect(), name)
    }

    fn image(&self, plane: &Plane<'_, '_>, values: &[f64], span: &Span) -> Result<String, PlotError> {
        let (columns, rows) = (self.x.cells(), self.y.cells());
        let colour = |value: f64| if value.is_nan() { MISSING } else { super::levels::colour(span, span.place(value)) };
        let pixels: Vec<RGBColor> = rows
            .iter()
            .rev()
            .flat_map(|&row| columns.iter().map(move |&column| (column, row)))
            .map(|(column, row)| colour(values[self.point(column, row)]))
            .collect();
        let raster = Raster { columns: columns.len(), rows: rows.len(), pixels };
        let corner = |x, y| plane.backend_coord(&(x, y));
        let (x, y) = (&self.x.axis, &self.y.axis);
        image(&raster, corner(x.from, y.to), corner(x.to, y.from))
    }

    /// Whether the state shown is not stable.
    fn is_undecided(&self, point: usize) -> bool {
        let states = &self.table.states;
        states.shown(point, self.table.which).is_some_and(|state| states.kinds[state] != StateKind::Stable)
    }

    /// Dots over the cells whose state is not stable.
    fn stipple(&self, sheet: &Sheet<'_>, plane: &Plane<'_, '_>) -> String {
        if !(0..self.x.middles.len() * self.y.middles.len()).any(|point| self.is_undecided(point)) {
            return String::new();
        }
        let [low, high] = canvas::corners(sheet, plane);
        let cell = |along: &Along, part: f64| {
            let place = along.axis.from + part * (along.axis.to - along.axis.from);
            along.borders[1..along.middles.len()].partition_point(|border| *border <= place)
        };
        let (columns, rows) = ((high.0 - low.0) / STIPPLE, (low.1 - high.1) / STIPPLE);
        let places = (0..rows as usize).flat_map(|row| (0..columns as usize).map(move |column| (column, row)));
        let part = |index: usize, shift: f64, count: f64| (index as f64 + 0.25 + shift) / count;
        let dots = places.filter_map(|(column, row)| {
            let shift = if row % 2 == 0 { 0.0 } else { 0.5 };
            let (x, y) = (part(column, shift, columns), part(row, 0.25, rows));
            let at = (low.0 + x * (high.0 - low.0), low.1 + y * (high.1 - low.1));
            let fine = |pixels: f64| (pixels * f64::from(FINE)).round() as i32;
            self.is_undecided(self.point(cell(&self.x, x), cell(&self.y, y))).then_some((fine(at.0), fine(at.1)))
        });
        let (white, ink) = (3 * FINE, 2 * FINE);
        let dots: Vec<(i32, i32)> = dots.collect();
        let halo: Vec<(i32, i32)> = dots.iter().map(|at| (at.0 - (white - ink) / 2, at.1)).collect();
        strokes(&halo, (white, white), plotters::style::WHITE) + &strokes(&dots, (ink, ink), INK)
    }

    /// Something of every point on the nodes for contours, the rim as its neighbours are.
    fn on_nodes(&self, of_point: impl Fn(usize) -> f64) -> Vec<f64> {
        let (columns, rows) = (self.x.middles.len(), self.y.middles.len());
        let inner = |index: usize, count: usize| index.saturating_sub(1).min(count - 1);
        (0..rows + 2)
            .flat_map(|row| (0..columns + 2).map(move |column| (column, row)))
            .map(|(column, row)| of_point(self.point(inner(column, columns), inner(row, rows))))
            .collect()
    }

    /// Values on the nodes with those on the rim continued from within, half a cell further.
    fn continued(&self, mut nodes: Vec<f64>) -> Vec<f64> {
        let (columns, rows) = (self.x.middles.len() + 2, self.y.middles.len() + 2);
        let mut continue_at = |rim: usize, edge: usize, inner: usize| {
            let beyond = 1.5 * nodes[edge] - 0.5 * nodes[inner];
            nodes[rim] = if beyond.is_nan() { nodes[edge] } else { beyond };
        };
        if columns > 3 {
            for row in (0..rows).map(|row| row * columns) {
                continue_at(row, row + 1, row + 2);
                continue_at(row + columns - 1, row + columns - 2, row + columns - 3);
            }
        }
        if rows > 3 {
            for column in 0..columns {
                let at = |row: usize| row * columns + column;
                continue_at(at(0), at(1), at(2));
                continue_at(at(rows - 1), at(rows - 2), at(rows - 3));
            }
        }
        nodes
    }

    /// From the nodes to places of the axes.
    fn placed(&self, line: &GridLine) -> Vec<(f64, f64)> {
        let (x, y) = (self.x.nodes(), self.y.nodes());
        line.iter().map(|at| (contours::at(&x, at.0), contours::at(&y, at.1))).collect()
    }

    /// Where the number of states changes, and the number within.
    fn paint_borders(
        &self,
        sheet: &Sheet<'_>,
        plane: &mut Plane<'_, '_>,
        layers: &mut Layers,
        taken: &mut Vec<(f64, f64)>,
    ) -> Result<(), PlotError> {
        let counts = self.table.states.counts();
        let different = self.different_counts();
        for pair in different.windows(2) {
            let ranked = self.on_nodes(|point| if counts[point] >= pair[1] { 1.0 } else { 0.0 });
            for border in contours::lines(&ranked, self.x.middles.len() + 2, 0.5)? {
                let border = self.placed(&border);
                line(plane, border.clone(), plotters::style::WHITE, 5)?;
                line(plane, border, INK, 3)?;
            }
        }
        if different.len() < 2 {
            return Ok(());
        }
        for count in different {
            let Some((column, row, room)) = self.middle_of(|point| counts[point] == count) else { continue };
            let (x, y) = (self.x.middles[column], self.y.middles[row]);
            let at = place_exactly(sheet, plane, (x, y));
            let corners = canvas::corners(sheet, plane);
            let cell = ((corners[1].0 - corners[0].0) / self.x.middles.len() as f64)
                .min((corners[0].1 - corners[1].1) / self.y.middles.len() as f64);
            if room as f64 * cell > 14.0 {
                layers.above.push_str(&haloed_text(&of_states(count), at, 0.0, true));
                taken.push(at);
            }
        }
        Ok(())
    }

    fn different_counts(&self) -> Vec<usize> {
        let mut counts = self.table.states.counts();
        counts.sort_unstable();
        counts.dedup();
        counts
    }

    /// The cell of a region that is farthest from its border, and how far that is in cells (by moves of a chess king).
    fn middle_of(&self, inside: impl Fn(usize) -> bool) -> Option<(usize, usize, usize)> {
        let (columns, rows) = (self.x.middles.len(), self.y.middles.len());
        let mut depth = vec![0usize; (columns + 2) * (rows + 2)];
        let at = |column: usize, row: usize| row * (columns + 2) + column;
        let cells = || (1..=rows).flat_map(move |row| (1..=columns).map(move |column| (column, row)));
        for (column, row) in cells().filter(|&(column, row)| inside(self.point(column - 1, row - 1))) {
            let before = [at(column - 1, row), at(column - 1, row - 1), at(column, row - 1), at(column + 1, row - 1)];
            depth[at(column, row)] = 1 + before.map(|index| depth[index]).into_iter().min().unwrap_or(0);
        }
        for (column, row) in cells().collect::<Vec<_>>().into_iter().rev() {
            let after = [at(column + 1, row), at(column + 1, row + 1), at(column, row + 1), at(column - 1, row + 1)];
            let beyond = 1 + after.map(|index| depth[index]).into_iter().min().unwrap_or(0);
            let own = &mut depth[at(column, row)];
            *own = (*own).min(beyond);
        }
        let deepest = cells().max_by_key(|&(column, row)| depth[at(column, row)])?;
        let found = depth[at(deepest.0, deepest.1)];
        (found > 0).then_some((deepest.0 - 1, deepest.1 - 1, found))
    }

    /// A contour with its value on its longest pieces.
    fn paint_level(
        &self,
        sheet: &Sheet<'_>,
        plane: &mut Plane<'_, '_>,
        (values, span): (&[f64], &Span),
        level: &Level,
        (layers, taken): (&mut Layers, &mut Vec<(f64, f64)>),
    ) -> Result<(), PlotError> {
        let nodes = self.continued(self.on_nodes(|point| span.place(values[point])));
        let counts = self.table.states.counts();
        let kinds = self.on_nodes(|point| counts[point] as f64);
        let columns = self.x.middles.len() + 2;
        let cliff = CLIFF * (span.axis.to - span.axis.from);
        // A vertex lies between two nodes; on a cliff the contours of all levels would lie on top of each other.
        let slope = |at: &(f64, f64)| {
            let [p, q] = [(at.0.floor(), at.1.floor()), (at.0.ceil(), at.1.ceil())]
                .map(|(x, y)| y as usize * columns + x as usize);
            kinds[p] == kinds[q] || (nodes[p] - nodes[q]).abs() < cliff
        };
        for contour in contours::lines(&nodes, columns, level.place)? {
            for piece in contours::pieces(&contour, |index| slope(&contour[index])) {
                let piece = self.placed(&piece);
                let pixels: Vec<(f64, f64)> = piece.iter().map(|at| place_exactly(sheet, plane, *at)).collect();
                line(plane, piece, level.ink, 1)?;
                if let Some((at, degrees)) = room_for_label(&pixels, canvas::corners(sheet, plane), taken) {
                    layers.above.push_str(&haloed_text(&level.label, at, degrees, false));
                    taken.push(at);
                }
            }
        }
        Ok(())
    }

    fn entries(&self, values: &[f64]) -> Vec<Entry> {
        let mut entries = Vec::new();
        let counts = self.different_counts();
        if counts.len() > 1 {
            entries.push(Entry::new(Sample::Line(INK), "number of states changes"));
            let list: Vec<String> = counts.iter().map(ToString::to_string).collect();
            entries.push(Entry::new(Sample::Blank, format!("between {}", list.join(", "))));
        } else if let [count] = counts[..] {
            entries.push(Entry::new(Sample::None, format!("{} everywhere", of_states(count))));
        }
        if values.iter().any(|value| value.is_nan()) {
            entries.push(Entry::new(Sample::Patch(MISSING), "no stable state"));
        }
        if (0..values.len()).any(|point| self.is_undecided(point)) {
            entries.push(Entry::new(Sample::Stipple(INK), "none is stable; shown:"));
            entries.push(Entry::new(Sample::Blank, "oscillating (neither)"));
        }
        entries
    }
}

fn of_states(count: usize) -> String {
    format!("{count} state{}", if count == 1 { "" } else { "s" })
}

/// A place on the line, as near to its middle as may be, away from other texts and from the rim, and the direction of the
/// line there in degrees.
fn room_for_label(line: &[(f64, f64)], corners: [(f64, f64); 2], taken: &[(f64, f64)]) -> Option<((f64, f64), f64)> {
    let mut along = vec![0.0];
    for pair in line.windows(2) {
        along.push(along[along.len() - 1] + (pair[1].0 - pair[0].0).hypot(pair[1].1 - pair[0].1));
    }
    let length = *along.last()?;
    if length < SHORTEST_LABELLED {
        return None;
    }
    let at = |way: f64| {
        let index = along.partition_point(|known| *known < way).clamp(1, line.len() - 1);
        let part = (way - along[index - 1]) / (along[index] - along[index - 1]).max(1e-12);
        let (p, q) = (line[index - 1], line[index]);
        (p.0 + part * (q.0 - p.0), p.1 + part * (q.1 - p.1))
    };
    let inside = |p: (f64, f64)| {
        p.0 > corners[0].0 + 24.0 && p.0 < corners[1].0 - 24.0 && p.1 < corners[0].1 - 14.0 && p.1 > corners[1].1 + 14.0
    };
    let free = |p: (f64, f64)| inside(p) && taken.iter().all(|other| (other.0 - p.0).hypot(other.1 - p.1) > APART);
    let fractions = [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8];
    let way = fractions.into_iter().map(|part| part * length).find(|way| free(at(*way)))?;
    let (p, q) = (at(way - 14.0), at(way + 14.0));
    let degrees = (q.1 - p.1).atan2(q.0 - p.0).to_degrees();
    let upright = if degrees > 90.0 {
        degrees - 180.0
    } else if degrees < -90.0 {
        degrees + 180.0
    } else {
        degrees
    };
    Some((at(way), upright))
}
