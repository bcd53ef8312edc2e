//! What all plots share: the sheet with its title, axes with names and units, measures of text.

use std::sync::Once;

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::element::DashedPathElement;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontStyle, register_font};

use super::Drawing;
use super::colour::{FAINT, GRID, INK};
use crate::failure::Failure;
use crate::number::significant;

/// DejaVu Sans, free to ship; its licence is beside it.
pub(super) const FONT_BYTES: &[u8] = include_bytes!("../../assets/DejaVuSans.ttf");
/// The family that an SVG asks for; a reader without it falls back to another of its kind.
const FAMILY: &str = "DejaVu Sans, sans-serif";

pub(super) const TITLE_SIZE: f64 = 19.0;
pub(super) const LABEL_SIZE: f64 = 14.0;
pub(super) const SMALL_SIZE: f64 = 12.0;
/// The drawing library knows whole numbers only: it draws on a sheet finer by this factor, which the SVG shrinks again.
const FINE: i32 = 10;
/// Length of a dash and of the space behind it.
const DASH: u32 = 7;
/// Length of a tick.
const TICK: i32 = 6;
/// Space around everything.
pub(super) const MARGIN: i32 = 18;
/// Lines of small print under the title.
const MAX_SMALL_LINES: usize = 3;

pub(super) type Sheet<'a> = DrawingArea<SVGBackend<'a>, Shift>;
pub(super) type Plane<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// An axis: its name with its unit, and what it spans.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    pub(super) name: String,
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) scale: Scale,
}

/// What the numbers along an axis are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    Linear,
    /// Decadic logarithms, labelled as powers of ten.
    Logarithmic,
}

/// Draws on a white sheet.
pub(super) fn draw(
    size: (u32, u32),
    paint: impl FnOnce(&Sheet<'_>) -> Result<(), Failure>,
) -> Result<Drawing, Failure> {
    static FONT: Once = Once::new();
    FONT.call_once(|| drop(register_font(FAMILY, FontStyle::Normal, FONT_BYTES)));
    let mut svg = String::new();
    {
        let fine = (size.0 * FINE as u32, size.1 * FINE as u32);
        let sheet = SVGBackend::with_string(&mut svg, fine).into_drawing_area();
        sheet.fill(&WHITE).map_err(failure)?;
        paint(&sheet)?;
        sheet.present().map_err(failure)?;
    }
    let fine = format!("width=\"{}\" height=\"{}\"", size.0 * FINE as u32, size.1 * FINE as u32);
    Ok(Drawing { svg: svg.replacen(&fine, &format!("width=\"{}\" height=\"{}\"", size.0, size.1), 1) })
}

/// Writes the title with small print under it; returns the height that they take.
pub(super) fn write_title(sheet: &Sheet<'_>, title: &str, small_print: &str) -> Result<i32, Failure> {
    let width = self::size(sheet).0 - 2 * MARGIN;
    let title = shortened(sheet, title, TITLE_SIZE, width);
    write_text(sheet, &title, (MARGIN, MARGIN), &text(TITLE_SIZE, INK, HPos::Left, VPos::Top))?;
    let mut y = MARGIN + TITLE_SIZE as i32 + 8;
    for line in wrapped(sheet, small_print, width) {
        write_text(sheet, &line, (MARGIN, y), &text(SMALL_SIZE, FAINT, HPos::Left, VPos::Top))?;
        y += SMALL_SIZE as i32 + 5;
    }
    Ok(y + 8)
}

/// Lines of small print that fit, broken after commas; the last one says if there was more.
fn wrapped(sheet: &Sheet<'_>, text: &str, width: i32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in text.split_inclusive(", ").filter(|part| !part.is_empty()) {
        let full = lines.len() == MAX_SMALL_LINES;
        match lines.last_mut() {
            Some(line) if text_width(sheet, &format!("{line}{part}"), SMALL_SIZE) <= width => line.push_str(part),
            Some(line) if full => {
                *line = shortened(sheet, &format!("{line}{part} ..."), SMALL_SIZE, width);
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
) -> Result<(), Failure> {
    sheet.draw(&Text::new(content.to_string(), (at.0 * FINE, at.1 * FINE), style.clone())).map_err(failure)
}

/// Draws axes with grid lines into an area of the sheet and returns the plane between them.
pub(super) fn axes<'a, 'b>(area: &'a Sheet<'b>, x: &Axis, y: &Axis) -> Result<Plane<'a, 'b>, Failure> {
    let mut plane = plane(area, x, y, 52)?;
    let (x_scale, y_scale) = (x.scale, y.scale);
    plane
        .configure_mesh()
        .x_desc(x.name.as_str())
        .y_desc(y.name.as_str())
        .x_labels(9)
        .y_labels(9)
        .x_label_formatter(&move |value| tick(*value, x_scale))
        .y_label_formatter(&move |value| tick(*value, y_scale))
        .label_style(text(LABEL_SIZE, INK, HPos::Left, VPos::Top))
        .axis_desc_style(text(LABEL_SIZE + 1.0, INK, HPos::Left, VPos::Top))
        .axis_style(INK.stroke_width(FINE as u32))
        .bold_line_style(GRID.stroke_width(FINE as u32))
        .set_all_tick_mark_size(TICK * FINE)
        .light_line_style(TRANSPARENT)
        .draw()
        .map_err(failure)?;
    Ok(plane)
}

/// As [`axes`], with room for the names of bars below and nothing written there.
pub(super) fn bar_axes<'a, 'b>(area: &'a Sheet<'b>, x: &Axis, y: &Axis, below: i32) -> Result<Plane<'a, 'b>, Failure> {
    let mut plane = plane(area, x, y, below)?;
    let y_scale = y.scale;
    plane
        .configure_mesh()
        .disable_x_mesh()
        .x_labels(0)
        .y_desc(y.name.as_str())
        .y_labels(6)
        .y_label_formatter(&move |value| tick(*value, y_scale))
        .label_style(text(LABEL_SIZE, INK, HPos::Left, VPos::Top))
        .axis_desc_style(text(LABEL_SIZE + 1.0, INK, HPos::Left, VPos::Top))
        .axis_style(INK.stroke_width(FINE as u32))
        .bold_line_style(GRID.stroke_width(FINE as u32))
        .set_all_tick_mark_size(TICK * FINE)
        .light_line_style(TRANSPARENT)
        .draw()
        .map_err(failure)?;
    Ok(plane)
}

fn plane<'a, 'b>(area: &'a Sheet<'b>, x: &Axis, y: &Axis, below: i32) -> Result<Plane<'a, 'b>, Failure> {
    let labels =
        [y.from, y.to].map(|value| text_width(area, &tick(significant_tick(value, y.scale), y.scale), LABEL_SIZE));
    ChartBuilder::on(area)
        .x_label_area_size(below * FINE)
        .y_label_area_size((40 + labels[0].max(labels[1]).max(24)) * FINE)
        .build_cartesian_2d(x.from..x.to, y.from..y.to)
        .map_err(failure)
}

/// An end of an axis, as round as its ticks are.
fn significant_tick(value: f64, scale: Scale) -> f64 {
    let digits = if scale == Scale::Linear { 2 } else { 3 };
    significant(value, digits).parse().unwrap_or(value)
}

/// The label of a tick: a number, or a power of ten.
fn tick(value: f64, scale: Scale) -> String {
    match scale {
        // Ticks are round numbers up to rounding: 0.30000000000000004.
        Scale::Linear => significant(value, 6),
        Scale::Logarithmic => format!("10{}", superscript(&significant(value, 4))),
    }
}

fn superscript(number: &str) -> String {
    let raised = |c: char| match c {
        '-' => '⁻',
        '.' => '·',
        digit => ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'][digit.to_digit(10).unwrap_or(0) as usize],
    };
    number.chars().map(raised).collect()
}

/// A polyline in the units of the axes.
pub(super) fn line(
    plane: &mut Plane<'_, '_>,
    points: Vec<(f64, f64)>,
    colour: RGBColor,
    width: u32,
) -> Result<(), Failure> {
    let path = PathElement::new(points, colour.stroke_width(width * FINE as u32));
    plane.draw_series(std::iter::once(path)).map_err(failure).map(drop)
}

/// A dashed polyline in the units of the axes.
pub(super) fn dashed_line(
    plane: &mut Plane<'_, '_>,
    points: Vec<(f64, f64)>,
    colour: RGBColor,
    width: u32,
) -> Result<(), Failure> {
    let style = colour.stroke_width(width * FINE as u32);
    let dashes = DashedPathElement::new(points, DASH * FINE as u32, DASH * FINE as u32, style);
    plane.draw_series(std::iter::once(dashes)).map_err(failure).map(drop)
}

/// A filled circle in the units of the axes, with a rim of another colour if one is said.
pub(super) fn circle(
    plane: &mut Plane<'_, '_>,
    at: (f64, f64),
    radius: i32,
    fill: RGBColor,
    rim: Option<RGBColor>,
) -> Result<(), Failure> {
    let radius = radius * FINE;
    plane.draw_series([Circle::new(at, radius, fill.filled())]).map_err(failure)?;
    if let Some(rim) = rim {
        plane.draw_series([Circle::new(at, radius, rim.stroke_width(2 * FINE as u32))]).map_err(failure)?;
    }
    Ok(())
}

/// A stroke of the legend, from `left` to `right` at the height `y` of the sheet.
pub(super) fn legend_stroke(sheet: &Sheet<'_>, left: i32, right: i32, y: i32, colour: RGBColor) -> Result<(), Failure> {
    let ends = vec![(left * FINE, y * FINE), (right * FINE, y * FINE)];
    sheet.draw(&PathElement::new(ends, colour.stroke_width(3 * FINE as u32))).map_err(failure)
}

/// Where on `area` a point of the plane is.
pub(super) fn place(area: &Sheet<'_>, plane: &Plane<'_, '_>, at: (f64, f64)) -> (i32, i32) {
    let (origin, point) = (area.get_base_pixel(), plane.backend_coord(&at));
    ((point.0 - origin.0) / FINE, (point.1 - origin.1) / FINE)
}

/// An error of the drawing library.
pub(super) fn failure(error: impl std::fmt::Display) -> Failure {
    Failure::Work(format!("the plot cannot be drawn: {error}"))
}
