//! A GIF from a drawing that stands still and layers that move over it.
//!
//! The colours are those of the drawing and their mixtures with white, of which there are few: one palette serves all frames, and a frame holds only the rectangle in which it
//! differs from the one before, and of that only the pixels that do.

use std::collections::HashMap;

use gif::{DisposalMethod, Encoder, Frame, Repeat};
use resvg::tiny_skia::Pixmap;

use super::png;
use crate::error::PlotError;

/// Colours of a palette, and the number that stands for what is there already.
const COLOURS: usize = 255;
const SAME: u8 = 255;
/// Frames whose colours are counted.
const LOOKED_AT: usize = 12;

type Rgb = [u8; 3];

/// Renders each layer over the drawing; a frame lasts so many seconds.
pub(super) fn of_layers(svg: &str, layers: &[String], frame_s: f64) -> Result<Vec<u8>, PlotError> {
    let still = png::rendered(svg, None)?;
    let head_end = svg.find('>').map_or(0, |at| at + 1);
    let render = |layer: &String| png::rendered(&format!("{}{layer}</svg>", &svg[..head_end]), Some(still.clone()));
    let every = layers.len().div_ceil(LOOKED_AT).max(1);
    let seen = layers.iter().step_by(every).map(render).collect::<Result<Vec<_>, _>>()?;
    let mut palette = Palette::of(&seen);
    let (width, height) = (size(still.width())?, size(still.height())?);
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, height, &palette.bytes()).map_err(failure)?;
    encoder.set_repeat(Repeat::Infinite).map_err(failure)?;
    let delay = (100.0 * frame_s).round().clamp(2.0, 6000.0) as u16;
    let mut before: Vec<u8> = Vec::new();
    for layer in layers {
        let now = palette.indices(&render(layer)?);
        let [left, top, right, bottom] = changed(&before, &now, usize::from(width), usize::from(height));
        let pixel = |place: usize| if before.get(place) == Some(&now[place]) { SAME } else { now[place] };
        let row = |y: usize| (y * usize::from(width) + left..y * usize::from(width) + right).map(pixel);
        let frame = Frame {
            delay,
            dispose: DisposalMethod::Keep,
            left: left as u16,
            top: top as u16,
            width: (right - left) as u16,
            height: (bottom - top) as u16,
            transparent: (!before.is_empty()).then_some(SAME),
            buffer: (top..bottom).flat_map(row).collect(),
            ..Frame::default()
        };
        encoder.write_frame(&frame).map_err(failure)?;
        before = now;
    }
    drop(encoder);
    Ok(bytes)
}

/// The smallest rectangle outside of which nothing has changed: left, top, right, bottom, the last two beyond it. All if there was nothing before, one pixel if nothing has.
fn changed(before: &[u8], now: &[u8], width: usize, height: usize) -> [usize; 4] {
    if before.len() != now.len() {
        return [0, 0, width, height];
    }
    let [mut left, mut top, mut right, mut bottom] = [width, height, 0, 0];
    for y in 0..height {
        let row = y * width..(y + 1) * width;
        let differs = |x: &usize| before[row.start + x] != now[row.start + x];
        let (Some(first), Some(last)) = ((0..width).find(differs), (0..width).rfind(differs)) else { continue };
        (left, right) = (left.min(first), right.max(last + 1));
        (top, bottom) = (top.min(y), y + 1);
    }
    if left < right { [left, top, right, bottom] } else { [0, 0, 1, 1] }
}

/// The most frequent colours, and the nearest of them to any.
struct Palette {
    colours: Vec<Rgb>,
    known: HashMap<Rgb, u8>,
}

impl Palette {
    fn of(pictures: &[Pixmap]) -> Self {
        let mut counts: HashMap<Rgb, u64> = HashMap::new();
        for pixel in pictures.iter().flat_map(colours) {
            *counts.entry(pixel).or_default() += 1;
        }
        let mut counted: Vec<(Rgb, u64)> = counts.into_iter().collect();
        counted.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        let mut colours: Vec<Rgb> = counted.into_iter().take(COLOURS).map(|(colour, _)| colour).collect();
        if colours.is_empty() {
            colours.push([255; 3]);
        }
        // one more stands for what is there already
        colours.resize(COLOURS + 1, [0; 3]);
        Palette { colours, known: HashMap::new() }
    }

    fn bytes(&self) -> Vec<u8> {
        self.colours.concat()
    }

    fn indices(&mut self, picture: &Pixmap) -> Vec<u8> {
        let Palette { colours: all, known } = self;
        let far = |a: &Rgb, b: &Rgb| a.iter().zip(b).map(|(a, b)| i32::from(a.abs_diff(*b)).pow(2)).sum::<i32>();
        let nearest = |colour: &Rgb| (0..COLOURS).min_by_key(|&k| far(&all[k], colour)).unwrap_or(0) as u8;
        colours(picture).map(|colour| *known.entry(colour).or_insert_with_key(nearest)).collect()
    }
}

/// The colours of opaque pixels.
fn colours(picture: &Pixmap) -> impl Iterator<Item = Rgb> {
    picture.pixels().iter().map(|pixel| [pixel.red(), pixel.green(), pixel.blue()])
}

fn size(pixels: u32) -> Result<u16, PlotError> {
    u16::try_from(pixels).map_err(|_| PlotError::TooLarge)
}

fn failure(error: impl std::fmt::Display) -> PlotError {
    PlotError::Encoding(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_holds_what_differs_from_the_one_before() {
        let before = [0; 12];
        let mut now = before;
        (now[5], now[10]) = (1, 2);
        assert_eq!(changed(&before, &now, 4, 3), [1, 1, 3, 3]);
        assert_eq!(changed(&[], &now, 4, 3), [0, 0, 4, 3]);
        assert_eq!(changed(&now, &now, 4, 3), [0, 0, 1, 1]);
    }
}
