//! A phase diagram: states by name over two parameters, with the borders between them as curves.

use plotters::style::RGBColor;

use super::Drawing;
use super::canvas::{self, Axis, Layers, MARGIN, Plane, Scale, Sheet, bare_axes, inside, place_exactly, write_title};
use super::colour::{BLUE, INK, MISSING, RED, lightened};
use super::legend::{self, Entry, Sample};
use super::shapes::{Raster, haloed_text, image, line};
use crate::error::PlotError;
use siegert::report::Report;
use siegert::sweep::{OverAxis, PhaseDiagram, PhaseOf};
use siegert::theory::StateName;

const SIZE: (u32, u32) = (940, 640);
/// Width of the legend.
const BESIDE: i32 = 260;
/// The least part of the plane in which a name is written.
const NAMED: f64 = 0.02;

/// Draws it: the second parameter upwards.
///
/// # Errors
///
/// The drawing library refuses.
pub fn of_phases(diagram: &PhaseDiagram) -> Result<Drawing, PlotError> {
    let [slow, fast] = &diagram.over[..] else {
        return Err(PlotError::WrongParameters { parameters: diagram.over.len() });
    };
    let (x, y) = (along(slow), along(fast));
    canvas::draw_in_layers(SIZE, |sheet| {
        let parameters = diagram.about().parameter_list().join(", ");
        let top = write_title(sheet, &format!("{}: states", diagram.network), &parameters)?;
        let area = inside(sheet, [top, MARGIN, MARGIN, BESIDE + 2 * MARGIN]);
        let mut plane = bare_axes(&area, &x, &y)?;
        let below = regions(diagram, &plane, (&x, &y), fast.axis.range.len())?;
        for border in &diagram.borders {
            let points = border.points.iter().map(|at| (place(slow, at[0]), place(fast, at[1]))).collect();
            line(&mut plane, points, INK, 2)?;
        }
        let above = names(diagram, sheet, &plane, (&x, &y));
        let left = SIZE.0 as i32 - MARGIN - BESIDE;
        legend::write(sheet, &entries(diagram), (left, top), BESIDE)?;
        Ok(Layers { below, above })
    })
}

fn place(over: &OverAxis, value: f64) -> f64 {
    if over.axis.range.is_logarithmic() { value.log10() } else { value }
}

fn along(over: &OverAxis) -> Axis {
    let range = &over.axis.range;
    let [from, to] = [0, range.len() - 1].map(|k| place(over, range.value(k)));
    let name = match over.axis.unit.as_str() {
        "" => over.axis.name.clone(),
        unit => format!("{} ({unit})", over.axis.name),
    };
    let scale = if range.is_logarithmic() { Scale::Logarithmic } else { Scale::Linear };
    Axis { name, from: from.min(to), to: from.max(to), scale }
}

/// Synchronous states are red, asynchronous ones blue; irregular ones lighter.
fn colour(name: Option<StateName>) -> RGBColor {
    match name {
        None => MISSING,
        Some(StateName::Quiescent) => RGBColor(238, 238, 238),
        Some(StateName::AsynchronousIrregular) => lightened(BLUE, 0.72),
        Some(StateName::AsynchronousRegular) => lightened(BLUE, 0.45),
        Some(StateName::SynchronousIrregularSlow) => lightened(RGBColor(235, 140, 40), 0.62),
        Some(StateName::SynchronousIrregularFast) => lightened(RED, 0.68),
        Some(_) => lightened(RED, 0.35),
    }
}

/// The regions as an image, a pixel a point of the grid, whose rim is half outside.
fn regions(
    diagram: &PhaseDiagram,
    plane: &Plane<'_, '_>,
    (x, y): (&Axis, &Axis),
    rows: usize,
) -> Result<String, PlotError> {
    let columns = diagram.names.len() / rows;
    let is_down = |over: &OverAxis| over.axis.range.value(0) > over.axis.range.value(over.axis.range.len() - 1);
    let turned = |k: usize, count: usize, over: &OverAxis| if is_down(over) { count - 1 - k } else { k };
    // four pixels a point, so that the half points at the rim can be left out
    let (wide, high) = (2 * (columns - 1), 2 * (rows - 1));
    let pixels = (0..high).rev().flat_map(|row| (0..wide).map(move |column| (column, row))).map(|(column, row)| {
        let nearest = |pixel: usize| pixel.div_ceil(2);
        let column = turned(nearest(column), columns, &diagram.over[0]);
        let row = turned(nearest(row), rows, &diagram.over[1]);
        colour(diagram.names[column * rows + row])
    });
    let raster = Raster { columns: wide, rows: high, pixels: pixels.collect() };
    let corner = |x, y| plane.backend_coord(&(x, y));
    image(&raster, corner(x.from, y.to), corner(x.to, y.from))
}

/// The name of each state in the middle of its largest connected region.
fn names(diagram: &PhaseDiagram, sheet: &Sheet<'_>, plane: &Plane<'_, '_>, (x, y): (&Axis, &Axis)) -> String {
    let rows = diagram.over[1].axis.range.len();
    let columns = diagram.names.len() / rows;
    let mut seen = vec![false; diagram.names.len()];
    let mut largest: Vec<(StateName, Vec<usize>)> = Vec::new();
    for start in 0..diagram.names.len() {
        let Some(name) = diagram.names[start].filter(|_| !seen[start]) else { continue };
        let mut region = vec![start];
        seen[start] = true;
        let mut next = 0;
        while let Some(&at) = region.get(next) {
            next += 1;
            let (column, row) = (at / rows, at % rows);
            let near = [
                (column > 0).then(|| at - rows),
                (column + 1 < columns).then(|| at + rows),
                (row > 0).then(|| at - 1),
                (row + 1 < rows).then(|| at + 1),
            ];
            for other in near.into_iter().flatten() {
                if !seen[other] && diagram.names[other] == Some(name) {
                    seen[other] = true;
                    region.push(other);
                }
            }
        }
        match largest.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) if known.len() < region.len() => *known = region,
            Some(_) => {}
            None => largest.push((name, region)),
        }
    }
    let mut text = String::new();
    for (name, region) in largest.iter().filter(|(_, region)| region.len() as f64 > NAMED * diagram.names.len() as f64)
    {
        let mean =
            |of: &dyn Fn(usize) -> usize| region.iter().map(|at| of(*at) as f64).sum::<f64>() / region.len() as f64;
        let (column, row) = (mean(&|at| at / rows), mean(&|at| at % rows));
        // a region that is bent may have its mean outside
        let distance = |at: &usize| ((at / rows) as f64 - column).hypot((at % rows) as f64 - row);
        let Some(&at) = region.iter().min_by(|p, q| distance(p).total_cmp(&distance(q))) else { continue };
        let value = |over: &OverAxis, k: usize| place(over, over.axis.range.value(k));
        let at = (value(&diagram.over[0], at / rows), value(&diagram.over[1], at % rows));
        let at = (at.0.clamp(x.from, x.to), at.1.clamp(y.from, y.to));
        text.push_str(&haloed_text(short(*name), place_exactly(sheet, plane, at), 0.0, true));
    }
    text
}

/// The abbreviations of Brunel (2000).
fn short(name: StateName) -> &'static str {
    match name {
        StateName::Quiescent => "Q",
        StateName::AsynchronousIrregular => "AI",
        StateName::AsynchronousRegular => "AR",
        StateName::SynchronousRegular => "SR",
        StateName::SynchronousIrregularSlow => "SI slow",
        StateName::SynchronousIrregularFast => "SI fast",
        _ => "",
    }
}

fn entries(diagram: &PhaseDiagram) -> Vec<Entry> {
    let mut names: Vec<Option<StateName>> = diagram.names.clone();
    names.sort();
    names.dedup();
    let which = match diagram.which {
        PhaseOf::Lowest => "lowest stable state",
        PhaseOf::Highest => "highest stable state",
    };
    let head = Entry::new(Sample::None, which);
    let of = |name: &Option<StateName>| {
        let text = name.map_or_else(|| "no name".to_string(), |name| format!("{}: {name}", short(name)));
        Entry::new(Sample::Filled(colour(*name)), text)
    };
    std::iter::once(head).chain(names.iter().map(of)).collect()
}
