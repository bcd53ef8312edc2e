//! stub
use super::result::*;
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct SpikeStatistics {
    sizes: Vec<u64>,
    counts: Vec<u64>,
    window: Window,
}
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct Window {
    pub(super) dt_ms: f64,
    pub(super) warmup_steps: u64,
    pub(super) measured_steps: u64,
}
impl SpikeStatistics {
    pub(super) fn new(sizes: &[u64], window: Window, _seed: u64) -> Self {
        Self { sizes: sizes.to_vec(), counts: vec![0; sizes.len()], window }
    }
    pub(super) fn observe(&mut self, step: u64, neurons: &[u32]) {
        if step > self.window.warmup_steps {
            for &n in neurons {
                let mut first = 0;
                for (i, s) in self.sizes.iter().enumerate() {
                    if u64::from(n) < first + s {
                        self.counts[i] += 1;
                        break;
                    }
                    first += s;
                }
            }
        }
    }
    pub(super) fn activity(&self) -> Vec<f64> {
        self.counts
            .iter()
            .zip(&self.sizes)
            .map(|(c, s)| *c as f64 / *s as f64 / (self.window.measured_steps as f64 * self.window.dt_ms) * 1000.0)
            .collect()
    }
    pub(super) fn raster(&self) -> Raster {
        Raster::default()
    }
    pub(super) fn rate_trace(&self) -> RateTrace {
        RateTrace::default()
    }
}
