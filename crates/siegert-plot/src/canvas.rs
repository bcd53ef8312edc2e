//! What all plots share: the sheet with its title, axes with names and units, measures of text.

use std::sync::Once;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontStyle, register_font};

use super::Drawing;
use super::colour::{FAINT, GRID, INK, LIGHT_GRID};
use super::ticks::{Along, Ticks};
use crate::error::PlotError;
use siegert::network::{printable, printable_lines};

/// DejaVu Sans, free to ship; its licence is beside it.
pub(super) const FONT_BYTES: &[u8] = include_bytes!("../assets/DejaVuSans.ttf");
/// The family that an SVG asks for; a reader without it falls back to another of its kind.
const FAMILY: &str = "DejaVu Sans, sans-serif";

pub(super) const TITLE_SIZE: f64 = 19.0;
pub(super) const LABEL_SIZE: f64 = 14.0;
pub(super) const SMALL_SIZE: f64 = 12.0;
/// The drawing library knows whole numbers only: it draws on a sheet finer by this factor, which the SVG shrinks again.
pub(super) const FINE: i32 = 10;
/// Length of a tick.
const TICK: i32 = 6;
/// Space around everything.
pub(super) const MARGIN: i32 = 18;
/// Lines of small print under the title.
const MAX_SMALL_LINES: usize = 3;

pub(super) type Sheet<'a> = DrawingArea<SVGBackend<'a>, Shift>;
pub(super) type Plane<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Along, Along>>;

/// An axis: its name with its unit, and what it spans.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    pub(super) name: String,
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) scale: Scale,
}

impl Axis {
    /// A linear axis of rates from zero; from a little below if there is a mark near zero, which would be cut in half.
    pub(super) fn of_rates(name: String, to: f64, mut marks: impl Iterator<Item = f64>) -> Self {
        let from = if marks.any(|rate| rate < 0.03 * to) { -0.05 * to } else { 0.0 };
        Axis { name, from, to, scale: Scale::Linear }
    }
}

/// The least and the largest of the finite values; nothing where there are none.
pub(super) fn ends(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let finite = values.filter(|value| value.is_finite());
    let (from, to) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), value| (a.min(value), b.max(value)));
    (from <= to).then_some((from, to))
}

/// What the numbers along an axis are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    Linear,
    /// Decadic logarithms, labelled as powers of ten.
    Logarithmic,
}

/// SVG that the drawing library cannot write: what lies directly on the white sheet, and what lies above everything.
#[derive(Clone, Debug, Default)]
pub(super) struct Layers {
    pub(super) below: String,
    pub(super) above: String,
}

/// Draws on a white sheet.
pub(super) fn draw(
    size: (u32, u32),
    paint: impl FnOnce(&Sheet<'_>) -> Result<(), PlotError>,
) -> Result<Drawing, PlotError> {
    draw_in_layers(size, |sheet| paint(sheet).map(|()| Layers::default()))
}

/// As [`draw`], with layers below and above what `paint` draws.
pub(super) fn draw_in_layers(
    size: (u32, u32),
    paint: impl FnOnce(&Sheet<'_>) -> Result<Layers, PlotError>,
) -> Result<Drawing, PlotError> {
    static FONT: Once = Once::new();
    FONT.call_once(|| drop(register_font(FAMILY, FontStyle::Normal, FONT_BYTES)));
    let mut svg = String::new();
    let layers;
    {
        let fine = (size.0 * FINE as u32, size.1 * FINE as u32);
        let sheet = SVGBackend::with_string(&mut svg, fine).into_drawing_area();
        sheet.fill(&WHITE).map_err(failure)?;
        layers = paint(&sheet)?;
        sheet.present().map_err(failure)?;
    }
    let fine = format!("width=\"{}\" height=\"{}\"", size.0 * FINE as u32, size.1 * FINE as u32);
    let mut svg = svg.replacen(&fine, &format!("width=\"{}\" height=\"{}\"", size.0, size.1), 1);
    // The sheet itself is the first element.
    let sheet_end = svg.find("<rect").and_then(|at| svg[at..].find("/>").map(|end| at + end + 2)).unwrap_or(svg.len());
    svg.insert_str(sheet_end, &layers.below);
    let end = svg.rfind("</svg>").unwrap_or(svg.len());
    svg.insert_str(end, &layers.above);
    // XML forbids control characters, and names may have them.
    let svg = printable_lines(&svg).into_owned();
    Ok(Drawing { svg })
}

/// Writes the title with small print under it; returns the height that they take.
pub(super) fn write_title(sheet: &Sheet<'_>, title: &str, small_print: &str) -> Result<i32, PlotError> {
    let width = self::size(sheet).0 - 2 * MARGIN;
    let title = shortened(sheet, &printable(title), TITLE_SIZE, width);
    write_text(sheet, &title, (MARGIN, MARGIN), &text(TITLE_SIZE, INK, HPos::Left, VPos::Top))?;
    let mut y = MARGIN + TITLE_SIZE as i32 + 8;
    for line in wrapped(sheet, small_print, &Wrap { after: ", ", size: SMALL_SIZE, most: MAX_SMALL_LINES }, width) {
        write_text(sheet, &line, (MARGIN, y), &text(SMALL_SIZE, FAINT, HPos::Left, VPos::Top))?;
        y += SMALL_SIZE as i32 + 5;
    }
    Ok(y + 8)
}

/// Writes a text in lines of whole words, at most so many; returns the height below them.
pub(super) fn write_lines(sheet: &Sheet<'_>, top: i32, content: &str, most: usize) -> Result<i32, PlotError> {
    let mut y = top;
    for line in wrapped(sheet, content, &Wrap { after: " ", size: LABEL_SIZE, most }, size(sheet).0 - 2 * MARGIN) {
        write_text(sheet, &line, (MARGIN, y), &text(LABEL_SIZE, INK, HPos::Left, VPos::Top))?;
        y += LABEL_SIZE as i32 + 5;
    }
    Ok(y + 5)
}

/// How a text is broken into lines: after what, at which size of letters, into how many at most.
struct Wrap {
    after: &'static str,
    size: f64,
    most: usize,
}

/// Lines that fit; the last one says if there was more.
fn wrapped(sheet: &Sheet<'_>, text: &str, wrap: &Wrap, width: i32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in text.split_inclusive(wrap.after).filter(|part| !part.is_empty()) {
        let full = lines.len() == wrap.most;
        match lines.last_mut() {
            Some(line) if text_width(sheet, &format!("{line}{part}"), wrap.size) <= width => line.push_str(part),
            Some(line) if full => {
                *line = shortened(sheet, &format!("{line}{part} ..."), wrap.size, width);
                break;
            }
            _ => lines.push(part.to_string()),
        }
    }
    lines
}

/// The text, with its end left out if it is wider than `width`.
pub(super) fn shortened(sheet: &Sheet<'_>, text: &str, size: f64, width: i32) -> String {
    if text_width(sheet, text, size) <= width {
        return text.to_string();
    }
    let mut characters: Vec<char> = text.chars().collect();
    while characters.pop().is_some() {
        let shorter: String = characters.iter().chain(['…'].iter()).collect();
        if text_width(sheet, &shorter, size) <= width {
            return shorter;
        }
    }
    String::new()
}

/// Width of a text in pixels.
pub(super) fn text_width(sheet: &Sheet<'_>, content: &str, size: f64) -> i32 {
    let style = text(size, INK, HPos::Left, VPos::Top);
    // Without a measure: six tenths of the size a letter, the width of a wide one.
    let guess = 0.6 * size * content.len() as f64;
    sheet.estimate_text_size(content, &style).map_or(guess as i32, |(width, _)| width as i32 / FINE + 1)
}

/// Width and height of an area.
pub(super) fn size(area: &Sheet<'_>) -> (i32, i32) {
    let (width, height) = area.dim_in_pixel();
    (width as i32 / FINE, height as i32 / FINE)
}

/// The area without margins.
pub(super) fn inside<'a>(area: &Sheet<'a>, [top, bottom, left, right]: [i32; 4]) -> Sheet<'a> {
    area.margin(top * FINE, bottom * FINE, left * FINE, right * FINE)
}

/// A style of text with its anchor.
pub(super) fn text(size: f64, colour: RGBColor, horizontal: HPos, vertical: VPos) -> TextStyle<'static> {
    let style = TextStyle::from((FAMILY, size * f64::from(FINE)).into_font()).pos(Pos::new(horizontal, vertical));
    TextStyle { color: colour.to_backend_color(), ..style }
}

/// Writes a text at a pixel of the sheet.
pub(super) fn write_text(
    sheet: &Sheet<'_>,
    content: &str,
    at: (i32, i32),
    style: &TextStyle<'_>,
) -> Result<(), PlotError> {
    sheet.draw(&Text::new(printable(content).into_owned(), (at.0 * FINE, at.1 * FINE), style.clone())).map_err(failure)
}

/// What is around a plane.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// Labelled ticks of x and y, at most.
    pub(super) most_ticks: [usize; 2],
    /// Pixels left of the plane, at least.
    pub(super) left: i32,
    /// Pixels below it.
    pub(super) below: i32,
    /// Whether the ticks of x have labels; a plane without shares those of the plane below it.
    pub(super) x_labels: bool,
    pub(super) grid: Grid,
}

/// Whether there are lines at the ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grid {
    Lines,
    None,
}

impl Default for Frame {
    fn default() -> Self {
        Frame { most_ticks: [9, 9], left: 0, below: 52, x_labels: true, grid: Grid::Lines }
    }
}

/// Draws axes with grid lines into an area of the sheet and returns the plane between them.
pub(super) fn axes<'a, 'b>(area: &'a Sheet<'b>, x: &Axis, y: &Axis) -> Result<Plane<'a, 'b>, PlotError> {
    framed_axes(area, x, y, &Frame::default())
}

/// As [`axes`], without grid lines: the plane will be covered by an image.
pub(super) fn bare_axes<'a, 'b>(area: &'a Sheet<'b>, x: &Axis, y: &Axis) -> Result<Plane<'a, 'b>, PlotError> {
    framed_axes(area, x, y, &Frame { grid: Grid::None, ..Frame::default() })
}

/// As [`axes`], with room for the names of bars below and nothing written there.
pub(super) fn bar_axes<'a, 'b>(
    area: &'a Sheet<'b>,
    x: &Axis,
    y: &Axis,
    below: i32,
) -> Result<Plane<'a, 'b>, PlotError> {
    framed_axes(area, x, y, &Frame { most_ticks: [0, 6], below, ..Frame::default() })
}

/// As [`axes`], with this around the plane.
pub(super) fn framed_axes<'a, 'b>(
    area: &'a Sheet<'b>,
    x: &Axis,
    y: &Axis,
    frame: &Frame,
) -> Result<Plane<'a, 'b>, PlotError> {
    let widest = |ticks: &Ticks| ticks.labels.iter().map(|label| text_width(area, label, LABEL_SIZE)).max();
    let y_ticks = match frame.most_ticks[1] {
        0 => Ticks::default(),
        most => Ticks::of(y, most.min((size(area).1 - frame.below) as usize / 22)),
    };
    let left = (40 + widest(&y_ticks).unwrap_or(0).max(24)).max(frame.left);
    let room = size(area).0 - left;
    let mut x_ticks = (2..=frame.most_ticks[0]).rev().map(|most| Ticks::of(x, most));
    let fits = |ticks: &Ticks| ticks.labels.len() as i32 * (widest(ticks).unwrap_or(0) + 16) <= room;
    let x_ticks = x_ticks.clone().find(fits).or(x_ticks.next_back()).unwrap_or_default();
    // The last label hangs over the axis by half its width; outside of the area is a margin.
    let overhang = (widest(&x_ticks).unwrap_or(0) / 2 - MARGIN + 2).max(0);
    let mut plane = ChartBuilder::on(area)
        .x_label_area_size(frame.below * FINE)
        .y_label_area_size(left * FINE)
        .margin_right(overhang * FINE)
        .build_cartesian_2d(Along::new(x, &x_ticks), Along::new(y, &y_ticks))
        .map_err(failure)?;
    let mut mesh = plane.configure_mesh();
    if frame.grid == Grid::None {
        mesh.disable_mesh();
    }
    mesh.x_desc(shortened(area, &x.name, LABEL_SIZE + 1.0, room))
        .y_desc(shortened(area, &y.name, LABEL_SIZE + 1.0, size(area).1 - frame.below))
        .x_labels(x_ticks.at.len())
        .y_labels(y_ticks.at.len())
        .x_label_formatter(&|value| if frame.x_labels { x_ticks.label(*value) } else { String::new() })
        .y_label_formatter(&|value| y_ticks.label(*value))
        .label_style(text(LABEL_SIZE, INK, HPos::Left, VPos::Top))
        .axis_desc_style(text(LABEL_SIZE + 1.0, INK, HPos::Left, VPos::Top))
        .axis_style(INK.stroke_width(FINE as u32))
        .bold_line_style(GRID.stroke_width(FINE as u32))
        .light_line_style(LIGHT_GRID.stroke_width(FINE as u32))
        .set_all_tick_mark_size(TICK * FINE)
        .draw()
        .map_err(failure)?;
    Ok(plane)
}

/// Writes a word into the middle of a plane that has nothing else to show.
pub(super) fn write_in_the_middle(area: &Sheet<'_>, plane: &Plane<'_, '_>, word: &str) -> Result<(), PlotError> {
    let [low, high] = corners(area, plane);
    let middle = ((0.5 * (low.0 + high.0)) as i32, (0.5 * (low.1 + high.1)) as i32);
    let word = shortened(area, word, LABEL_SIZE, (high.0 - low.0) as i32);
    write_text(area, &word, middle, &text(LABEL_SIZE, FAINT, HPos::Center, VPos::Center))
}

/// Where on `area` a point of the plane is.
pub(super) fn place(area: &Sheet<'_>, plane: &Plane<'_, '_>, at: (f64, f64)) -> (i32, i32) {
    let (origin, point) = (area.get_base_pixel(), plane.backend_coord(&at));
    ((point.0 - origin.0) / FINE, (point.1 - origin.1) / FINE)
}

/// As [`place`], unrounded.
pub(super) fn place_exactly(area: &Sheet<'_>, plane: &Plane<'_, '_>, at: (f64, f64)) -> (f64, f64) {
    let (origin, point) = (area.get_base_pixel(), plane.backend_coord(&at));
    (f64::from(point.0 - origin.0) / f64::from(FINE), f64::from(point.1 - origin.1) / f64::from(FINE))
}

/// The lower left and the upper right corner of a plane on `area`.
pub(super) fn corners(area: &Sheet<'_>, plane: &Plane<'_, '_>) -> [(f64, f64); 2] {
    let (x, y) = (plane.x_range(), plane.y_range());
    [place_exactly(area, plane, (x.start, y.start)), place_exactly(area, plane, (x.end, y.end))]
}

/// An error of the drawing library.
pub(super) fn failure(error: impl std::fmt::Display) -> PlotError {
    PlotError::Drawing(error.to_string())
}
