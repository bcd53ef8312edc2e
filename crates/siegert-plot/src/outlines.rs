//! Texts of an SVG as outlines, so that a renderer needs neither fonts nor the shaping of scripts.
//!
//! Only what our own pictures write is understood: one line a text, a size, an anchor, a shift `dy` in `em` or `ex` and the
//! embedded font, upright and of one weight. Letters stand one after the other with the font's own kerning; scripts that join
//! their letters or run from right to left are not shaped, which an SVG leaves to its reader.

use std::fmt::Write;

use ab_glyph::{Font, FontRef, OutlineCurve, Point};
use roxmltree::{Document, Node};

use super::canvas::FONT_BYTES;
use crate::error::PlotError;

/// What of a text is said by its outlines, and not handed on to them.
const SAID: [&str; 7] = ["x", "y", "dy", "text-anchor", "font-family", "font-size", "font-weight"];

/// The SVG with every text as a path.
pub(super) fn of_texts(svg: &str) -> Result<String, PlotError> {
    let font = font()?;
    let document = Document::parse(svg).map_err(|error| PlotError::Drawing(error.to_string()))?;
    let mut outlined = String::with_capacity(2 * svg.len());
    let mut done = 0;
    for node in document.descendants().filter(|node| node.has_tag_name("text")) {
        outlined.push_str(&svg[done..node.range().start]);
        done = node.range().end;
        let path = Line::of(&font, &node).path(&font);
        if path.is_empty() {
            continue;
        }
        let _ = write!(outlined, "<path d=\"{path}\"");
        for attribute in node.attributes().filter(|attribute| !SAID.contains(&attribute.name())) {
            // as it was written, with what must be escaped
            let _ = write!(outlined, " {}=\"{}\"", attribute.name(), &svg[attribute.range_value()]);
        }
        outlined.push_str("/>");
    }
    outlined.push_str(&svg[done..]);
    Ok(outlined)
}

fn font() -> Result<FontRef<'static>, PlotError> {
    FontRef::try_from_slice(FONT_BYTES).map_err(|error| PlotError::Drawing(error.to_string()))
}

/// A text on its base line.
#[derive(Clone, Debug)]
struct Line {
    content: String,
    /// Where the first letter begins.
    left: f32,
    base: f32,
    /// Units of the drawing for one of the font's.
    scale: f32,
}

impl Line {
    fn of(font: &FontRef<'_>, node: &Node<'_, '_>) -> Self {
        let number = |name: &str| node.attribute(name).and_then(|text| text.parse().ok()).unwrap_or(0.0f32);
        let size = number("font-size");
        // white space counts as in any SVG: pieces of it are one space, and none at the ends
        let words = node.text().unwrap_or_default().split([' ', '\n', '\r', '\t']).filter(|word| !word.is_empty());
        let content = words.collect::<Vec<_>>().join(" ");
        let dy = node.attribute("dy").unwrap_or_default();
        // an ex is half an em for a renderer that does not ask the font
        let em = |text: &str, ending: &str| text.strip_suffix(ending).and_then(|value| value.parse::<f32>().ok());
        let shift = em(dy, "em").or_else(|| em(dy, "ex").map(|value| 0.5 * value)).unwrap_or(0.0);
        let mut line = Line {
            content,
            left: number("x"),
            base: number("y") + shift * size,
            scale: size / font.units_per_em().unwrap_or(1.0),
        };
        line.left -= line.width(font)
            * match node.attribute("text-anchor") {
                Some("middle") => 0.5,
                Some("end") => 1.0,
                _ => 0.0,
            };
        line
    }

    /// Letters with the places at which they begin, in units of the font; the last place is the end of all.
    fn letters(&self, font: &FontRef<'_>) -> (Vec<(ab_glyph::GlyphId, f32)>, f32) {
        let mut letters: Vec<(ab_glyph::GlyphId, f32)> = Vec::new();
        let mut place = 0.0;
        for glyph in self.content.chars().map(|letter| font.glyph_id(letter)) {
            place += letters.last().map_or(0.0, |(before, _)| font.kern_unscaled(*before, glyph));
            letters.push((glyph, place));
            place += font.h_advance_unscaled(glyph);
        }
        (letters, place)
    }

    fn width(&self, font: &FontRef<'_>) -> f32 {
        self.scale * self.letters(font).1
    }

    /// The outlines of all letters as data of a path.
    fn path(&self, font: &FontRef<'_>) -> String {
        let mut path = String::new();
        for (glyph, place) in self.letters(font).0 {
            let Some(outline) = font.outline(glyph) else { continue };
            let mut last: Option<Point> = None;
            for curve in &outline.curves {
                let at = |point: &Point| {
                    format!("{:.2} {:.2}", self.left + self.scale * (place + point.x), self.base - self.scale * point.y)
                };
                let (from, to, piece) = match curve {
                    OutlineCurve::Line(from, to) => (from, to, format!("L{}", at(to))),
                    OutlineCurve::Quad(from, pull, to) => (from, to, format!("Q{} {}", at(pull), at(to))),
                    OutlineCurve::Cubic(from, pull, pull_back, to) => {
                        (from, to, format!("C{} {} {}", at(pull), at(pull_back), at(to)))
                    }
                };
                if last != Some(*from) {
                    let close = if last.is_some() { "Z" } else { "" };
                    let _ = write!(path, "{close}M{}", at(from));
                }
                path.push_str(&piece);
                last = Some(*to);
            }
            if last.is_some() {
                path.push('Z');
            }
        }
        path
    }
}

/// The boxes of all texts, turned as they are, in the units of the drawing: left, top, right, bottom.
#[cfg(test)]
pub(super) fn boxes(svg: &str) -> Vec<[f64; 4]> {
    let font = font().unwrap();
    let document = Document::parse(svg).unwrap();
    let of = |node: Node<'_, '_>| {
        let line = Line::of(&font, &node);
        let (right, top) = (line.left + line.width(&font), line.base - line.scale * font.ascent_unscaled());
        let bottom = line.base - line.scale * font.descent_unscaled();
        let turn: Vec<f64> = node
            .attribute("transform")
            .map(|turn| turn.trim_start_matches("rotate(").trim_end_matches(')'))
            .map(|turn| {
                turn.split([',', ' ']).filter(|part| !part.is_empty()).map(|part| part.parse().unwrap()).collect()
            })
            .unwrap_or_else(|| vec![0.0, 0.0, 0.0]);
        let (sin, cos) = turn[0].to_radians().sin_cos();
        let corners = [(line.left, top), (line.left, bottom), (right, top), (right, bottom)].map(|(x, y)| {
            let (dx, dy) = (f64::from(x) - turn[1], f64::from(y) - turn[2]);
            (turn[1] + cos * dx - sin * dy, turn[2] + sin * dx + cos * dy)
        });
        let least = |of: &dyn Fn(&(f64, f64)) -> f64| corners.iter().map(of).fold(f64::INFINITY, f64::min);
        [least(&|at| at.0), least(&|at| at.1), -least(&|at| -at.0), -least(&|at| -at.1)]
    };
    // a text without letters, such as the label of a tick that has none, takes no room
    let has_letters = |node: &Node<'_, '_>| node.text().is_some_and(|text| !text.trim().is_empty());
    document.descendants().filter(|node| node.has_tag_name("text") && has_letters(node)).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(attributes: &str, content: &str) -> String {
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\"><text font-size=\"100\" {attributes}>{content}</text></svg>")
    }

    #[test]
    fn anchors_say_which_end_of_a_text_stands_where() {
        let of = |anchor: &str| boxes(&text(&format!("x=\"1000\" y=\"50\" text-anchor=\"{anchor}\""), "rate"))[0];
        let (start, middle, end) = (of("start"), of("middle"), of("end"));
        let width = start[2] - start[0];
        assert!(width > 150.0 && width < 250.0, "{width}");
        assert_eq!((start[0], end[2]), (1000.0, 1000.0));
        assert!((middle[0] - (1000.0 - 0.5 * width)).abs() < 1e-3, "{middle:?}");
    }

    #[test]
    fn a_shift_moves_the_base_line_and_a_turn_the_whole() {
        let [_, plain, ..] = boxes(&text("x=\"0\" y=\"0\"", "x"))[0];
        let [_, top, ..] = boxes(&text("x=\"0\" y=\"0\" dy=\"0.76em\"", "x"))[0];
        let [_, centre, ..] = boxes(&text("x=\"0\" y=\"0\" dy=\"0.5ex\"", "x"))[0];
        assert!((top - plain - 76.0).abs() < 1e-3 && (centre - plain - 25.0).abs() < 1e-3);
        let upright = boxes(&text("x=\"0\" y=\"0\" transform=\"rotate(270, 0, 0)\"", "rate"))[0];
        assert!(upright[3].abs() < 1e-3 && upright[1] < -150.0, "it is read from below to above: {upright:?}");
    }

    #[test]
    fn every_letter_has_an_outline_and_what_is_no_text_stays() {
        let svg = text("x=\"0\" y=\"0\" fill=\"#232328\" stroke=\"&quot;\"", " a\n &lt;µ σ² √ ");
        let outlined = of_texts(&svg).unwrap();
        assert!(!outlined.contains("<text") && outlined.ends_with("/></svg>"), "{outlined}");
        assert!(outlined.contains("fill=\"#232328\" stroke=\"&quot;\"") && !outlined.contains("font"), "{outlined}");
        let contours = outlined.matches('Z').count();
        assert_eq!(contours, 2 + 1 + 1 + 2 + 1 + 1, "a has a hole, and sigma: {outlined}");
        let missing = of_texts(&text("x=\"0\" y=\"0\"", "漢")).unwrap();
        assert!(missing.contains("<path d=\"M"), "a letter that the font has not is a box: {missing}");
    }
}
