//! Bands of frequencies over which spectra are averaged, on the grid of a transform.

/// Width of a band over its frequency.
const RELATIVE_WIDTH: f64 = 0.04;
/// Fewest frequencies of a band.
const FEWEST: usize = 3;

/// The grid of times and frequencies on which neurons are simulated.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    /// Time step.
    pub(super) step_ms: f64,
    /// Steps of a record.
    pub(super) steps: usize,
    /// The first frequency of each band by its number, and one past the last.
    edges: Vec<usize>,
}

impl Grid {
    /// Records of `steps` steps, a power of two.
    pub(super) fn new(step_ms: f64, steps: usize) -> Self {
        let mut edges = vec![1];
        let mut first = 1;
        while first <= steps / 2 {
            first += FEWEST.max((RELATIVE_WIDTH * first as f64) as usize);
            edges.push(first.min(steps / 2 + 1));
        }
        Grid { step_ms, steps, edges }
    }

    /// The length of a record.
    pub(super) fn record_ms(&self) -> f64 {
        self.steps as f64 * self.step_ms
    }

    /// Number of bands.
    pub(super) fn bands(&self) -> usize {
        self.edges.len() - 1
    }

    /// The middles of the bands, in 1/ms.
    pub(super) fn middles_per_ms(&self) -> Vec<f64> {
        self.middles().map(|middle| middle / self.record_ms()).collect()
    }

    fn middles(&self) -> impl Iterator<Item = f64> + '_ {
        self.edges.windows(2).map(|pair| 0.5 * (pair[0] + pair[1] - 1) as f64)
    }

    /// Adds the mean over each band of what each frequency has, the frequency 0 left out.
    pub(super) fn add_means(&self, each: impl Fn(usize) -> f64, means: &mut [f64]) {
        for (mean, pair) in means.iter_mut().zip(self.edges.windows(2)) {
            let sum: f64 = (pair[0]..pair[1]).map(&each).sum();
            *mean += sum / (pair[1] - pair[0]) as f64;
        }
    }

    /// Values at the middles of the bands, at all frequencies: straight lines between, and as at the first and the last middle beyond.
    pub(super) fn at_frequencies(&self, of_bands: &[f64]) -> Vec<f64> {
        let middles: Vec<f64> = self.middles().collect();
        let mut band = 0;
        let at = |k: usize| {
            let k = k as f64;
            while band + 1 < middles.len() && middles[band + 1] <= k {
                band += 1;
            }
            match (of_bands.get(band), of_bands.get(band + 1)) {
                (Some(low), Some(high)) => {
                    let part = ((k - middles[band]) / (middles[band + 1] - middles[band])).max(0.0);
                    low + part * (high - low)
                }
                (last, _) => last.copied().unwrap_or_default(),
            }
        };
        (0..=self.steps / 2).map(at).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_cover_every_frequency_once_and_a_line_stays_a_line() {
        let grid = Grid::new(0.1, 4096);
        let mut ones = vec![0.0; grid.bands()];
        grid.add_means(|_| 1.0, &mut ones);
        assert!(ones.iter().all(|mean| (mean - 1.0).abs() < 1e-12));
        assert_eq!((grid.edges[0], *grid.edges.last().unwrap()), (1, 2049));
        let mut line = vec![0.0; grid.bands()];
        grid.add_means(|k| k as f64, &mut line);
        let found = grid.at_frequencies(&line);
        assert_eq!(found.len(), 2049);
        assert!((2..2000).all(|k| (found[k] - k as f64).abs() < 1e-9), "{:?}", &found[..5]);
    }
}
