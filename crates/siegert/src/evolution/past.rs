//! What a population has sent so far: its rate, and the spikes that it has summed up to.
//!
//! A mean over a time is a difference of the sum, so that no spike is lost or counted twice whatever the steps were.

/// Entries after which what nobody asks for any more is left out.
const KEPT: usize = 4096;

/// The spikes of one neuron in the mean, over time.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Past {
    times_ms: Vec<f64>,
    /// Spikes until then, counted from some time.
    spikes: Vec<f64>,
    /// Rate per ms then.
    rates: Vec<f64>,
    /// Rate per ms before the first time.
    before: f64,
}

impl Past {
    /// From time 0 on, at a rate per ms before.
    pub(super) fn new(before: f64, rate: f64) -> Self {
        Past { times_ms: vec![0.0], spikes: vec![0.0], rates: vec![rate], before }
    }

    /// Another rate per ms at the beginning.
    pub(super) fn restart(&mut self, rate: f64) {
        if let Some(first) = self.rates.first_mut() {
            *first = rate;
        }
    }

    /// A step has passed: its end, its spikes and the rate per ms at the end.
    pub(super) fn push(&mut self, time_ms: f64, spikes: f64, rate: f64) {
        let so_far = self.spikes.last().copied().unwrap_or(0.0);
        self.times_ms.push(time_ms);
        self.spikes.push(so_far + spikes);
        self.rates.push(rate);
    }

    /// Takes the last step back.
    pub(super) fn pop(&mut self) {
        self.times_ms.pop();
        self.spikes.pop();
        self.rates.pop();
    }

    /// Steps that it remembers.
    pub(super) fn steps(&self) -> usize {
        self.times_ms.len()
    }

    /// Leaves out what is older than a time, now and then.
    pub(super) fn forget(&mut self, before_ms: f64) {
        if self.times_ms.len() < KEPT {
            return;
        }
        let old = self.times_ms.partition_point(|time_ms| *time_ms < before_ms).saturating_sub(2);
        if old < KEPT / 2 {
            return;
        }
        self.before = self.rates[old];
        self.times_ms.drain(..old);
        self.rates.drain(..old);
        self.spikes.drain(..old);
        // counted from there, so that sums remain small
        let base = self.spikes[0];
        self.spikes.iter_mut().for_each(|spikes| *spikes -= base);
    }

    /// The rate per ms now.
    pub(super) fn rate_now(&self) -> f64 {
        self.rates.last().copied().unwrap_or(self.before)
    }

    /// The spikes of a step of some length that is a number of steps of that length back, the last one 1.
    pub(super) fn spikes_of_step(&self, back: usize, step_ms: f64) -> f64 {
        let n = self.spikes.len();
        if back < n { self.spikes[n - back] - self.spikes[n - back - 1] } else { self.before * step_ms }
    }

    /// Spikes until a time; beyond the last step as if the rate stayed.
    pub(super) fn spikes_until(&self, time_ms: f64) -> f64 {
        self.spikes_before(self.next_after(time_ms), time_ms)
    }

    /// The first entry that is not before a time.
    fn next_after(&self, time_ms: f64) -> usize {
        self.times_ms.partition_point(|at| *at < time_ms)
    }

    fn spikes_before(&self, next: usize, time_ms: f64) -> f64 {
        let n = self.times_ms.len();
        if next == 0 {
            return self.spikes[0] - self.before * (self.times_ms[0] - time_ms);
        }
        if next == n {
            return self.spikes[n - 1] + self.rates[n - 1] * (time_ms - self.times_ms[n - 1]);
        }
        let part = self.part(next, time_ms);
        self.spikes[next - 1] + part * (self.spikes[next] - self.spikes[next - 1])
    }

    /// The mean over delays of the spikes between two times that are earlier by them; `delays` in ms, each with its part.
    pub(super) fn mean_between(&self, delays: &[(f64, f64)], from_ms: f64, to_ms: f64) -> f64 {
        let mut nexts = [from_ms, to_ms].map(|at| self.next_after(delays.first().map_or(at, |delay| at - delay.0)));
        let mut sum = 0.0;
        for (delay_ms, part) in delays {
            // one delay is not far from the next: from where the last was found
            let [from, to] = [0, 1].map(|k| {
                let at = [from_ms, to_ms][k] - delay_ms;
                let next = &mut nexts[k];
                while *next > 0 && self.times_ms[*next - 1] >= at {
                    *next -= 1;
                }
                while *next < self.times_ms.len() && self.times_ms[*next] < at {
                    *next += 1;
                }
                self.spikes_before(*next, at)
            });
            sum += part * (to - from);
        }
        sum
    }

    /// The rate per ms at a time.
    pub(super) fn rate(&self, time_ms: f64) -> f64 {
        let next = self.times_ms.partition_point(|at| *at < time_ms);
        if next == 0 {
            return self.before;
        }
        if next == self.times_ms.len() {
            return self.rate_now();
        }
        self.rates[next - 1] + self.part(next, time_ms) * (self.rates[next] - self.rates[next - 1])
    }

    fn part(&self, next: usize, time_ms: f64) -> f64 {
        let (from, to) = (self.times_ms[next - 1], self.times_ms[next]);
        if to > from { (time_ms - from) / (to - from) } else { 1.0 }
    }
}
