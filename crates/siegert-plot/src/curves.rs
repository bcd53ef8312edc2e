//! Quantities over one parameter: stable branches solid, saddles dashed, others dotted, joined where they meet in a fold.

use plotters::style::RGBColor;

use super::Drawing;
use super::branches::{Branches, Fold, link};
use super::canvas::{self, Axis, MARGIN, Plane, Scale, Sheet, axes, inside, write_title};
use super::colour::{FAINT, INK, of_populations};
use super::legend::{self, Entry, Sample};
use super::scale::Span;
use super::shapes::{dashes, dots, line, state_mark};
use super::state_kind::{STATE_KINDS, StateKind};
use super::sweep::{Quantity, Series, SweepAxis, SweepPicture};
use super::ticks::power_of_ten;
use crate::error::PlotError;

const WIDTH: u32 = 920;
const PANEL_HEIGHT: u32 = 420;
const HEADER_HEIGHT: u32 = 90;
/// Panels; further quantities are left out and counted.
const MAX_PANELS: usize = 8;
/// Curves of a panel; further populations are left out and counted.
const MAX_CURVES: usize = 10;
/// Values that span more decades than this are drawn on a logarithmic axis.
const DECADES: f64 = 3.0;
/// Series that differ by less, relative to their largest value, are one curve.
const SAME: f64 = 1e-9;
/// Points of the parabola between a pair of states and its fold.
const TIP_POINTS: usize = 12;

/// A curve: what it is called and the values of all states.
struct Curve<'a> {
    name: String,
    values: &'a [f64],
    colour: RGBColor,
}

/// Draws all quantities over the parameter.
pub(super) fn draw(table: &SweepPicture, axis: &SweepAxis) -> Result<Drawing, PlotError> {
    let quantities: Vec<&Quantity> = table.quantities.iter().filter(|quantity| !quantity.series.is_empty()).collect();
    let panels = quantities.len().clamp(1, MAX_PANELS);
    let place = |value: &f64| if axis.logarithmic { value.log10() } else { *value };
    let x: Vec<f64> = axis.values.iter().map(place).collect();
    let linked = quantities.first().map_or(Branches::default(), |quantity| {
        link(&x, &table.states, &quantity.series.iter().map(|series| &series.values[..]).collect::<Vec<_>>())
    });
    let scale = if axis.logarithmic { Scale::Logarithmic } else { Scale::Linear };
    let x_axis = Span::of(&axis.name, x.iter().copied(), f64::INFINITY).with_room(0.0, 0.0).axis;
    let (from, to) = if x.len() > 1 { (x[0], x[x.len() - 1]) } else { (x_axis.from, x_axis.to) };
    let x_axis = Axis { name: axis.name.clone(), from, to, scale };
    let title = if quantities.len() > panels {
        format!("{} (the first {panels} of {} quantities)", table.title, quantities.len())
    } else {
        table.title.clone()
    };
    canvas::draw((WIDTH, HEADER_HEIGHT + panels as u32 * PANEL_HEIGHT), |sheet| {
        let top = write_title(sheet, &title, &table.small_print)?;
        let areas = inside(sheet, [top, 0, 0, 0]).split_evenly((panels, 1));
        for (quantity, area) in quantities.iter().zip(&areas) {
            Panel { table, quantity, branches: &linked, x: &x }.paint(area, &x_axis)?;
        }
        Ok(())
    })
}

struct Panel<'a> {
    table: &'a SweepPicture,
    quantity: &'a Quantity,
    branches: &'a Branches,
    x: &'a [f64],
}

impl Panel<'_> {
    fn paint(&self, area: &Sheet<'_>, x_axis: &Axis) -> Result<(), PlotError> {
        let (curves, more) = curves(&self.quantity.series);
        let values = curves.iter().flat_map(|curve| curve.values.iter().copied());
        let span = Span::of(&self.quantity.name, values, DECADES).with_room(0.02, 0.05);
        let entries = self.entries(&curves, more, &span);
        let width = legend::width(area, &entries, WIDTH as i32 / 3);
        let plot_area = inside(area, [8, MARGIN, MARGIN, width + 2 * MARGIN]);
        let mut plane = axes(&plot_area, x_axis, &span.axis)?;
        for curve in &curves {
            for (kind, points) in self.lines(curve.values, &span) {
                match kind {
                    StateKind::Stable => line(&mut plane, points, curve.colour, 2)?,
                    StateKind::Saddle | StateKind::Unstable => dashes(&mut plane, points, curve.colour, 2)?,
                    StateKind::Neither => dots(&mut plane, points, curve.colour, 2)?,
                }
            }
            self.mark_alone(&mut plane, curve, &span)?;
        }
        legend::write(area, &entries, (WIDTH as i32 - MARGIN - width, 8), width)
    }

    fn entries(&self, curves: &[Curve<'_>], more: usize, span: &Span) -> Vec<Entry> {
        let of = |curve: &Curve<'_>| Entry::new(Sample::Line(curve.colour), curve.name.as_str());
        let mut entries: Vec<Entry> = curves.iter().filter(|curve| !curve.name.is_empty()).map(of).collect();
        if more > 0 {
            entries.push(Entry::new(Sample::Blank, format!("and {more} more populations")));
        }
        let kinds = &self.table.states.kinds;
        if kinds.iter().any(|kind| *kind != StateKind::Stable) {
            let found = STATE_KINDS.iter().filter(|kind| kinds.contains(kind));
            // a single point has no lines
            let sample = |kind: StateKind| if self.x.len() > 1 { kind.stroke(INK) } else { kind.mark(INK) };
            entries.extend(found.map(|kind| Entry::new(sample(*kind), kind.words())));
        }
        if span.clipped {
            entries.push(Entry::new(Sample::None, format!("lower edge: {} or less", power_of_ten(span.axis.from))));
        }
        if kinds.is_empty() {
            entries.push(Entry::new(Sample::None, "no state"));
        }
        entries
    }

    /// The point of the grid of every state.
    fn points(&self) -> Vec<usize> {
        let counts = self.table.states.counts();
        counts.iter().enumerate().flat_map(|(point, count)| std::iter::repeat_n(point, *count)).collect()
    }

    /// All pieces of a curve, each as long as its style lasts.
    fn lines(&self, values: &[f64], span: &Span) -> Vec<(StateKind, Vec<(f64, f64)>)> {
        let (points, kinds) = (self.points(), &self.table.states.kinds);
        let at = |state: usize| (self.x[points[state]], span.beyond(values[state]));
        let mut lines = Vec::new();
        for start in (0..values.len()).filter(|&state| self.branches.previous[state].is_none()) {
            let mut state = start;
            let mut piece: Vec<(f64, f64)> = self.tip(start, -1.0, values, span).into_iter().rev().collect();
            piece.push(at(state));
            while let Some(next) = self.branches.next[state] {
                if kinds[next] != kinds[state] {
                    let (p, q) = (at(state), at(next));
                    let middle = (0.5 * (p.0 + q.0), 0.5 * (p.1 + q.1));
                    piece.push(middle);
                    lines.push((kinds[state], std::mem::replace(&mut piece, vec![middle])));
                }
                piece.push(at(next));
                state = next;
            }
            piece.extend(self.tip(state, 1.0, values, span));
            lines.push((kinds[state], piece));
        }
        let pieces = |piece| finite_pieces(piece).map(|piece| above_edge(&piece, span.axis.from));
        lines.into_iter().flat_map(|(kind, piece)| pieces(piece).map(move |piece| (kind, piece))).collect()
    }

    /// From a state, without it, to the fold that it ends in on the side `side`, if it does.
    fn tip(&self, state: usize, side: f64, values: &[f64], span: &Span) -> Vec<(f64, f64)> {
        let of = |fold: &&Fold| fold.states.contains(&state) && fold.reach * side > 0.0;
        let Some(fold) = self.branches.folds.iter().find(of) else { return Vec::new() };
        let other = if fold.states[0] == state { fold.states[1] } else { fold.states[0] };
        let (own, others) = (values[state], values[other]);
        let middle = 0.5 * (own + others);
        let drift = self.drift(fold, state, other, values);
        let (lowest, highest) = (own.min(others), own.max(others));
        let point = |k: usize| {
            // Even steps along the parabola, not along the parameter.
            let rest = 1.0 - k as f64 / TIP_POINTS as f64;
            let way = fold.reach * (1.0 - rest * rest);
            let value = middle + (drift * way).clamp(lowest - middle, highest - middle) + rest * (own - middle);
            (self.x[fold.point] + way, span.beyond(value))
        };
        (1..=TIP_POINTS).map(point).collect()
    }

    /// How the middle of a pair moves with the parameter, from the point before.
    fn drift(&self, fold: &Fold, p: usize, q: usize, values: &[f64]) -> f64 {
        let (back, before) = if fold.reach > 0.0 {
            (&self.branches.previous, fold.point.checked_sub(1))
        } else {
            (&self.branches.next, Some(fold.point + 1))
        };
        match (back[p], back[q], before) {
            (Some(before_p), Some(before_q), Some(before)) => {
                let change = 0.5 * (values[p] + values[q] - values[before_p] - values[before_q]);
                change / (self.x[fold.point] - self.x[before])
            }
            _ => 0.0,
        }
    }

    /// States that hang together with no other are marked as points.
    fn mark_alone(&self, plane: &mut Plane<'_, '_>, curve: &Curve<'_>, span: &Span) -> Result<(), PlotError> {
        for (state, point) in self.points().into_iter().enumerate() {
            let linked = self.branches.next[state].is_some() || self.branches.previous[state].is_some();
            let value = span.place(curve.values[state]);
            if linked || !value.is_finite() || self.branches.folds.iter().any(|fold| fold.states.contains(&state)) {
                continue;
            }
            state_mark(plane, (self.x[point], value), self.table.states.kinds[state], (curve.colour, 4))?;
        }
        Ok(())
    }
}

/// The pieces of a line between points that are not finite.
fn finite_pieces(line: Vec<(f64, f64)>) -> impl Iterator<Item = Vec<(f64, f64)>> {
    let pieces: Vec<Vec<(f64, f64)>> = line.split(|point| !point.1.is_finite()).map(<[_]>::to_vec).collect();
    pieces.into_iter().filter(|piece| piece.len() > 1)
}

/// The line with what would be below the lower edge moved onto it, and corners where it arrives there.
fn above_edge(line: &[(f64, f64)], edge: f64) -> Vec<(f64, f64)> {
    let mut above: Vec<(f64, f64)> = Vec::with_capacity(line.len());
    for (index, &(x, y)) in line.iter().enumerate() {
        if let Some(&(before_x, before_y)) = index.checked_sub(1).and_then(|before| line.get(before))
            && (before_y < edge) != (y < edge)
        {
            above.push((before_x + (x - before_x) * (edge - before_y) / (y - before_y), edge));
        }
        above.push((x, y.max(edge)));
    }
    above
}

/// Series that agree make one curve; the first of them, and the number of populations left out.
fn curves(series: &[Series]) -> (Vec<Curve<'_>>, usize) {
    let same = |p: &[f64], q: &[f64]| {
        let largest = p.iter().filter(|value| value.is_finite()).fold(0.0f64, |most, value| most.max(value.abs()));
        p.iter().zip(q).all(|(p, q)| p == q || (p - q).abs() <= SAME * largest || (p.is_nan() && q.is_nan()))
    };
    let mut curves: Vec<Curve<'_>> = Vec::new();
    let mut more = 0;
    for one in series {
        if let Some(curve) = curves.iter_mut().find(|curve| same(curve.values, &one.values)) {
            curve.name = format!("{}, {}", curve.name, one.population);
        } else if curves.len() < MAX_CURVES {
            curves.push(Curve { name: one.population.clone(), values: &one.values, colour: FAINT });
        } else {
            more += 1;
        }
    }
    let names: Vec<String> = curves.iter().map(|curve| curve.name.clone()).collect();
    let colours = of_populations(&names);
    curves.iter_mut().zip(colours).for_each(|(curve, colour)| curve.colour = colour);
    (curves, more)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_falls_below_the_edge_runs_along_it() {
        let line = [(0.0, 2.0), (1.0, -2.0), (2.0, -9.0), (3.0, 1.0)];
        let expected = [(0.0, 2.0), (0.5, 0.0), (1.0, 0.0), (2.0, 0.0), (2.9, 0.0), (3.0, 1.0)];
        assert_eq!(above_edge(&line, 0.0), expected);
    }

    #[test]
    fn populations_with_the_same_values_make_one_curve_and_many_are_counted() {
        let series = |k: usize| Series { population: format!("P{k}"), values: vec![(k / 2) as f64, f64::NAN] };
        let series: Vec<Series> = (0..40).map(series).collect();
        let (curves, more) = curves(&series);
        assert_eq!((curves.len(), curves[0].name.as_str(), more), (MAX_CURVES, "P0, P1", 40 - 2 * MAX_CURVES));
    }
}
