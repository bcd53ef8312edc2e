//! The grid that the values of the varied parameters span.

use super::{MAX_POINTS, SweepError};
use crate::axis::Axis;

/// All combinations of the values of the axes; the last axis varies fastest.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grid {
    axes: Vec<Axis>,
    len: u64,
}

impl Grid {
    pub(super) fn new(axes: Vec<Axis>) -> Result<Self, SweepError> {
        if axes.is_empty() {
            return Err(SweepError::NoAxis);
        }
        for (index, axis) in axes.iter().enumerate() {
            if axes[..index].iter().any(|before| before.name == axis.name) {
                return Err(SweepError::RepeatedAxis { name: axis.name.clone() });
            }
        }
        let counts = || axes.iter().map(|axis| axis.range.len() as u64);
        let len = counts().try_fold(1u64, u64::checked_mul).filter(|len| *len <= MAX_POINTS);
        match len {
            Some(len) => Ok(Grid { axes, len }),
            None => {
                let points = counts().map(|count| count.to_string()).collect::<Vec<_>>().join(" x ");
                Err(SweepError::TooManyPoints { points })
            }
        }
    }

    pub(super) fn axes(&self) -> &[Axis] {
        &self.axes
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// The values at a point, one an axis.
    pub(super) fn point(&self, mut index: u64) -> Vec<f64> {
        let mut point = vec![0.0; self.axes.len()];
        for (value, axis) in point.iter_mut().zip(&self.axes).rev() {
            let count = axis.range.len() as u64;
            *value = axis.range.value((index % count) as usize);
            index /= count;
        }
        point
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::axis::{Range, Spacing};

    fn axis(name: &str, unit: &str, count: usize) -> Axis {
        let range = Range::new(1.0, count as f64, count, Spacing::Linear).unwrap();
        Axis { name: name.to_string(), unit: unit.to_string(), range }
    }

    #[test]
    fn the_last_axis_varies_fastest() {
        let grid = Grid::new(vec![axis("a", "", 2), axis("b", "", 3)]).unwrap();
        let points: Vec<Vec<f64>> = (0..grid.len()).map(|index| grid.point(index)).collect();
        assert_eq!(points, [[1.0, 1.0], [1.0, 2.0], [1.0, 3.0], [2.0, 1.0], [2.0, 2.0], [2.0, 3.0]]);
    }

    #[test]
    fn grids_that_make_no_sense_are_refused() {
        assert_eq!(Grid::new(vec![]), Err(SweepError::NoAxis));
        let twice = Grid::new(vec![axis("a", "", 2), axis("b", "", 2), axis("a", "", 3)]);
        assert_eq!(twice, Err(SweepError::RepeatedAxis { name: "a".to_string() }));
        let large = Grid::new(vec![axis("a", "", 10_000_000), axis("b", "", 10_000_000)]).unwrap_err();
        assert!(large.to_string().contains("10000000 x 10000000"), "{large}");
    }
}
