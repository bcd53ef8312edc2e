//! What changes a number of a state: the effect of 1 % more of each parameter as bars, coloured by where spikes come from, and of each connection's weight from source to target.

use plotters::style::RGBColor;
use plotters::style::text_anchor::{HPos, VPos};

use super::Drawing;
use super::canvas::{
    Axis, Frame, LABEL_SIZE, MARGIN, SMALL_SIZE, Scale, Sheet, draw, framed_axes, inside, place, shortened, size, text,
    text_width, write_lines, write_text, write_title,
};
use super::colour::{BLUE, FAINT, INK, RED, lightened, of_population};
use super::shapes::{bar, dashes, rectangle};
use crate::error::PlotError;
use siegert::report::{ExplainReport, ExplainedBy, Report};
use siegert::response::ConnectionParameter;

const WIDTH: u32 = 1060;
const HEADER: u32 = 150;
/// Pixels of a bar with its gap, and of what is below the bars.
const PITCH: u32 = 24;
const BELOW: i32 = 52;
/// Bars; of more it says so.
const MOST_BARS: usize = 20;
/// Populations beyond which there is no square for each pair.
const MOST_POPULATIONS: usize = 24;
const LEAST_HEIGHT: u32 = 380;

/// Draws it.
///
/// # Errors
///
/// The drawing library refuses.
pub fn of_explain(report: &ExplainReport) -> Result<Drawing, PlotError> {
    let shown: Vec<&ExplainedBy> = report.derivatives.iter().take(MOST_BARS).collect();
    let whose = match (&report.population, report.root) {
        (Some(population), _) => format!(" of {population}"),
        (None, Some(root)) => format!(" of mode {root}"),
        (None, None) => String::new(),
    };
    let title =
        format!("{}: what changes {}{whose}, state {} of {}", report.network, report.of, report.state, report.states);
    let height = HEADER + (shown.len() as u32 * PITCH + BELOW as u32).max(LEAST_HEIGHT);
    draw((WIDTH, height), |sheet| {
        let top = write_title(sheet, &title, &report.about().parameter_list().join(", "))?;
        let top = write_lines(sheet, top, &report.sentence(), 3)?;
        let names = populations(report);
        let below = inside(sheet, [top, MARGIN, 0, 0]);
        if names.is_empty() || names.len() > MOST_POPULATIONS {
            return paint_bars(&inside(&below, [6, 0, MARGIN, MARGIN]), report, &shown);
        }
        let panels = below.split_evenly((1, 2));
        paint_bars(&inside(&panels[0], [6, 0, MARGIN, 12]), report, &shown)?;
        paint_pairs(&inside(&panels[1], [6, 0, 12, MARGIN]), report, &names)
    })
}

/// The populations between which there are projections, in order of their names as the report has them.
fn populations(report: &ExplainReport) -> Vec<String> {
    let mut places: Vec<(usize, [&String; 2])> = Vec::new();
    for by in &report.derivatives {
        if let (siegert::response::Place::Projection(k), Some(from)) = (by.place, &by.from) {
            places.push((k, [from, &by.to]));
        }
    }
    places.sort_by_key(|(k, _)| *k);
    let mut names: Vec<String> = Vec::new();
    for name in places.into_iter().flat_map(|(_, pair)| pair) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    // sources and targets alternate in the order of projections
    names.sort_by_key(|name| report.derivatives.iter().filter_map(|by| first_place(by, name)).min());
    names
}

fn first_place(by: &ExplainedBy, name: &str) -> Option<usize> {
    match by.place {
        siegert::response::Place::Projection(k) if by.to == name => Some(k),
        _ => None,
    }
}

/// Bars to the left and right of 0, the largest above.
fn paint_bars(area: &Sheet<'_>, report: &ExplainReport, shown: &[&ExplainedBy]) -> Result<(), PlotError> {
    let name = |by: &ExplainedBy| match &by.from {
        Some(from) => format!("{from} \u{2192} {}: {}", by.to, by.parameter.name()),
        None => format!("drive \u{2192} {}: {}", by.to, by.parameter.name()),
    };
    let names: Vec<String> = shown.iter().map(|by| name(by)).collect();
    let most = size(area).0 / 2;
    let widest = names.iter().map(|name| text_width(area, name, SMALL_SIZE)).max().unwrap_or(0).min(most);
    let largest = shown.first().map_or(0.0, |by| by.per_percent.abs());
    let reach = if largest > 0.0 { 1.05 * largest } else { 1.0 };
    let left = if shown.iter().any(|by| by.per_percent < 0.0) { -reach } else { 0.0 };
    let right = if shown.iter().any(|by| by.per_percent > 0.0) { reach } else { 0.0 };
    let unit = if report.unit.is_empty() { String::new() } else { format!(" ({})", report.unit) };
    let (count, all) = (shown.len(), report.derivatives.len());
    let some = if count < all { format!(", the {count} largest of {all}") } else { String::new() };
    let x = Axis {
        name: format!("change of {} for 1 % more{unit}{some}", report.of),
        from: left,
        to: if right > left { right } else { 1.0 },
        scale: Scale::Linear,
    };
    let count = count.max(1) as f64;
    let y = Axis { name: String::new(), from: 0.0, to: count, scale: Scale::Linear };
    let frame = Frame { most_ticks: [5, 0], left: widest + 12, below: BELOW, ..Frame::default() };
    let mut plane = framed_axes(area, &x, &y, &frame)?;
    for (index, by) in shown.iter().enumerate() {
        let low = count - index as f64 - 0.85;
        let colour = colour_of(by, index);
        let ends = [by.per_percent.min(0.0), by.per_percent.max(0.0)];
        bar(&mut plane, [(ends[0], low), (ends[1], low + 0.7)], colour, (colour, 1))?;
    }
    dashes(&mut plane, vec![(0.0, 0.0), (0.0, count)], FAINT, 1)?;
    for (index, name) in names.iter().enumerate() {
        let (edge, y) = place(area, &plane, (x.from, count - index as f64 - 0.5));
        let name = shortened(area, name, SMALL_SIZE, most);
        write_text(area, &name, (edge - 6, y), &text(SMALL_SIZE, INK, HPos::Right, VPos::Center))?;
    }
    Ok(())
}

/// Blue from E, red from I, grey from outside.
fn colour_of(by: &ExplainedBy, index: usize) -> RGBColor {
    by.from.as_ref().map_or(FAINT, |from| of_population(from, index))
}

/// A square for each pair, the effect of 1 % more weight: what raises the number is blue, what lowers it red.
fn paint_pairs(area: &Sheet<'_>, report: &ExplainReport, names: &[String]) -> Result<(), PlotError> {
    let effects = report.by_pair(ConnectionParameter::Weight);
    let largest = effects.values().map(|effect| effect.abs()).fold(0.0, f64::max);
    let heading = format!("weights from source (column) to target (row), 1 % more: change of {}", report.of);
    let (width, height) = size(area);
    let heading = shortened(area, &heading, LABEL_SIZE, width);
    write_text(area, &heading, (0, 0), &text(LABEL_SIZE, INK, HPos::Left, VPos::Top))?;
    let widest = names.iter().map(|name| text_width(area, name, SMALL_SIZE)).max().unwrap_or(0).min(width / 4);
    let (left, top) = (widest + 8, 44);
    let side = ((width - left) / names.len() as i32).min((height - top - 24) / names.len() as i32).max(2);
    for (b, from) in names.iter().enumerate() {
        let middle = left + side * b as i32 + side / 2;
        let name = shortened(area, from, SMALL_SIZE, side.max(12));
        write_text(area, &name, (middle, top - 4), &text(SMALL_SIZE, INK, HPos::Center, VPos::Bottom))?;
    }
    for (a, to) in names.iter().enumerate() {
        let upper = top + side * a as i32;
        let name = shortened(area, to, SMALL_SIZE, widest);
        write_text(area, &name, (left - 6, upper + side / 2), &text(SMALL_SIZE, INK, HPos::Right, VPos::Center))?;
        for (b, from) in names.iter().enumerate() {
            let effect = effects.get(&(from.clone(), to.clone())).copied().unwrap_or(0.0);
            let part = if largest > 0.0 { effect.abs() / largest } else { 0.0 };
            let colour = lightened(if effect >= 0.0 { BLUE } else { RED }, 1.0 - 0.95 * part);
            let corner = (left + side * b as i32, upper);
            rectangle(area, corner, (corner.0 + side - 2, corner.1 + side - 2), colour)?;
        }
    }
    let unit = if report.unit.is_empty() { String::new() } else { format!(" {}", report.unit) };
    let scale = format!("blue raises, red lowers; darkest {}{unit}", siegert::number::significant(largest, 3));
    let below = top + side * names.len() as i32 + 6;
    write_text(area, &scale, (left, below), &text(SMALL_SIZE, FAINT, HPos::Left, VPos::Top))
}

#[cfg(test)]
mod tests {
    use siegert::Work;
    use siegert::network::{ReadOptions, open};
    use siegert::report::ExplainQuestion;
    use siegert::theory::{Theory, TheoryOptions};

    use super::*;

    #[test]
    fn every_parameter_has_its_bar_and_every_pair_its_square() {
        let network = open("brunel2000", &ReadOptions::default()).unwrap();
        let theory = Theory::new(&network, &TheoryOptions::default()).unwrap();
        let states = theory.states().unwrap().states;
        let question = ExplainQuestion { of: "E.rate".into(), ..Default::default() };
        let mut report = ExplainReport::new(&theory, &states, &question, &Work::default()).unwrap();
        assert_eq!(populations(&report), ["E", "I"]);
        let svg = of_explain(&report).unwrap().svg().to_string();
        for words in ["change of rate_hz for 1 % more (Hz)", "I \u{2192} E: weight", "blue raises"] {
            assert!(svg.contains(words), "{words}");
        }
        report.derivatives.clear();
        of_explain(&report).unwrap();
    }
}
