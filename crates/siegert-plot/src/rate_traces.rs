//! The rates of populations over the last stretch of a simulation.

use super::canvas::{Axis, Frame, Scale, Sheet, framed_axes, write_in_the_middle};
use super::shapes::line;
use super::simulation::Subject;
use crate::error::PlotError;

/// Points of a curve; more than there are pixels would only cost space.
const MAX_POINTS: usize = 1000;

/// Draws the rates.
pub(super) fn paint(area: &Sheet<'_>, subject: &Subject<'_>, frame: &Frame) -> Result<(), PlotError> {
    let trace = &subject.simulation.rate_trace;
    let x = subject.time_axis();
    let bins = trace.rate_hz.iter().map(Vec::len).max().unwrap_or(0);
    let merged = bins.div_ceil(MAX_POINTS).max(1);
    let width_ms = trace.bin_ms * merged as f64;
    let point = |(index, rate): (usize, f64)| (trace.from_ms + (index as f64 + 0.5) * width_ms, rate);
    let drawable = |at: &(f64, f64)| at.0 >= x.from && at.0 <= x.to && at.1.is_finite();
    let curve = |rates: &Vec<f64>| means(rates, merged).into_iter().enumerate().map(point).filter(drawable).collect();
    let curves: Vec<Vec<(f64, f64)>> = trace.rate_hz.iter().take(subject.with_curves().count()).map(curve).collect();
    let highest = curves.iter().flatten().map(|at| at.1).fold(0.0, f64::max);
    let y = Axis {
        name: "rate (Hz)".to_string(),
        from: 0.0,
        to: if highest > 0.0 { 1.05 * highest } else { 1.0 },
        scale: Scale::Linear,
    };
    let mut plane = framed_axes(area, &x, &y, frame)?;
    if curves.iter().all(Vec::is_empty) {
        return write_in_the_middle(area, &plane, "no rates");
    }
    if highest == 0.0 {
        write_in_the_middle(area, &plane, "no spikes")?;
    }
    for (curve, colour) in curves.into_iter().zip(&subject.colours) {
        line(&mut plane, curve, *colour, 1)?;
    }
    Ok(())
}

/// Means of so many neighbours each; the last one may be of fewer.
fn means(rates_hz: &[f64], merged: usize) -> Vec<f64> {
    rates_hz.chunks(merged).map(|chunk| chunk.iter().sum::<f64>() / chunk.len() as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merged_bins_are_means_and_the_last_one_may_be_of_fewer() {
        assert_eq!(means(&[1.0, 3.0, 5.0, 7.0, 9.0], 2), [2.0, 6.0, 9.0]);
        assert_eq!(means(&[1.0, 3.0], 1), [1.0, 3.0]);
    }
}
