//! From the values of a quantity to a scale that shows them: linear, or logarithmic where they span decades.

use super::canvas::{Axis, Scale};

/// A scale, and whether values lie below what it shows.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub(super) axis: Axis,
    pub(super) clipped: bool,
}

/// Rates below this are silence, in Hz.
const SILENT: f64 = 1e-3;
/// Decades below the highest value that a logarithmic scale shows at most.
const DECADES: f64 = 6.0;

impl Span {
    /// The scale of all finite values; logarithmic if they are not negative and span more than `decades`.
    pub(super) fn of(name: &str, values: impl Iterator<Item = f64> + Clone, decades: f64) -> Self {
        let finite = values.filter(|value| value.is_finite());
        let (least, most) = ends(finite.clone());
        let floor = (most * 10f64.powf(-DECADES)).max(if name.contains("(Hz)") { SILENT } else { 0.0 });
        let (shown, _) = ends(finite.filter(|value| *value >= floor));
        let axis = |from, to, scale| Axis { name: name.to_string(), from, to, scale };
        if least >= 0.0 && most > 0.0 && shown > 0.0 && most / shown > 10f64.powf(decades) {
            let clipped = least < shown;
            let from = if clipped { shown.log10().floor() } else { shown.log10() };
            return Span { axis: axis(from, most.log10(), Scale::Logarithmic), clipped };
        }
        let (from, to) = if least > most { (0.0, 1.0) } else { (least, most) };
        Span { axis: axis(from, to, Scale::Linear), clipped: false }
    }

    /// The same with some room: never empty, and from zero if that is near; none below an edge at which values are clipped.
    pub(super) fn with_room(mut self, below: f64, above: f64) -> Self {
        let below = if self.clipped { 0.0 } else { below };
        let Axis { from, to, scale, .. } = self.axis;
        let width = to - from;
        let (from, to) = if width <= 1e-9 * from.abs().max(to.abs()) {
            let room = if scale == Scale::Logarithmic { 0.5 } else { 0.1 * to.abs() };
            let room = if room > 0.0 { room } else { 1.0 };
            (from - room, to + room)
        } else if scale == Scale::Linear && from >= 0.0 && from < 0.3 * to {
            (-below * to, to + above * width)
        } else {
            (from - below * width, to + above * width)
        };
        (self.axis.from, self.axis.to) = (from, to);
        self
    }

    /// Where a value is along the axis; below its beginning there is nothing.
    pub(super) fn place(&self, value: f64) -> f64 {
        let beyond = self.beyond(value);
        if self.axis.scale == Scale::Linear || beyond.is_nan() { beyond } else { beyond.max(self.axis.from) }
    }

    /// Where a value would be if the axis went on; zero is put where the smallest number is.
    pub(super) fn beyond(&self, value: f64) -> f64 {
        match self.axis.scale {
            Scale::Linear => value,
            Scale::Logarithmic if value.is_nan() => f64::NAN,
            Scale::Logarithmic => value.max(f64::MIN_POSITIVE).log10(),
        }
    }
}

fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), value| (a.min(value), b.max(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, values: &[f64]) -> Span {
        Span::of(name, values.iter().copied(), 2.0)
    }

    #[test]
    fn observable_rates_decide_and_silence_is_clipped() {
        let span = of("rate (Hz)", &[1e-200, 0.01, 5.0, 100.0]);
        assert_eq!((span.axis.scale, span.axis.from, span.clipped), (Scale::Logarithmic, -2.0, true));
        assert_eq!(span.place(1e-200), -2.0);
        assert_eq!(of("rate (Hz)", &[1e-200, 5.0, 100.0]).axis.scale, Scale::Linear);
        assert_eq!(of("mean input (mV)", &[-5.0, 1e-3, 100.0]).axis.scale, Scale::Linear);
    }

    #[test]
    fn no_values_equal_values_and_missing_ones_have_a_scale() {
        for values in [&[][..], &[f64::NAN], &[3.0, 3.0], &[0.0], &[-2.0, f64::INFINITY]] {
            let axis = of("x", values).with_room(0.05, 0.05).axis;
            assert!(axis.from < axis.to && axis.from.is_finite() && axis.to.is_finite(), "{values:?} {axis:?}");
        }
    }
}
