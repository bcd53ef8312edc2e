//! On how many threads a run goes on: on all that it has or on one, whichever was faster when last looked at.
//!
//! Threads wait for each other after every interval. Where an interval is short, or another process takes one of the cores, they wait longer
//! than they work, up to a time slice of the system (milliseconds) for microseconds of work. What is faster depends on the machine and on
//! the moment, so it is measured: now and then a short stretch is worked through the other way. The spikes do not depend on it.

use std::time::Duration;

/// How a stretch of the run is worked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Crew {
    /// By one thread, for all the others, too.
    One,
    /// By all threads.
    All,
}

/// How long a stretch is, and one that only tries the other way.
const STRETCH: Duration = Duration::from_millis(30);
const TRIAL: Duration = Duration::from_millis(2);
/// Trials may take this part of the time, if the other way stood still.
const TRIALS: f64 = 1.0 / 30.0;
/// One thread is taken where it needs less than this part of the time: the work of an interval varies, and a trial is one or two of them.
const CLEARLY: f64 = 0.85;
/// What a new measurement counts beside the earlier ones.
const NEW: f64 = 0.5;

/// What is known of both ways.
#[derive(Clone, Debug, Default)]
pub(super) struct Pace {
    /// Time for a unit of work, by one and by all.
    one: Option<f64>,
    all: Option<f64>,
    /// What the last trial took, and the time since then, in s.
    trial_s: f64,
    since_s: f64,
}

impl Pace {
    /// How the next stretch is worked through, and for how long.
    pub(super) fn next(&self, threads: usize) -> (Crew, Duration) {
        if threads < 2 {
            return (Crew::One, Duration::MAX);
        }
        let Some(all) = self.all else { return (Crew::All, TRIAL) };
        let Some(one) = self.one else { return (Crew::One, TRIAL) };
        let (better, other) = match faster(one, all) {
            Crew::One => (Crew::One, Crew::All),
            Crew::All => (Crew::All, Crew::One),
        };
        if self.trial_s < TRIALS * self.since_s { (other, TRIAL) } else { (better, STRETCH) }
    }

    /// Takes what a stretch took, for so many units of work.
    pub(super) fn took(&mut self, crew: Crew, elapsed: Duration, work: f64) {
        let elapsed_s = elapsed.as_secs_f64();
        let better = match (self.one, self.all) {
            (Some(one), Some(all)) => Some(faster(one, all)),
            _ => None,
        };
        if better == Some(crew) {
            self.since_s += elapsed_s;
        } else {
            (self.trial_s, self.since_s) = (elapsed_s, 0.0);
        }
        let slowness = elapsed_s / work.max(1.0);
        let known = match crew {
            Crew::One => &mut self.one,
            Crew::All => &mut self.all,
        };
        *known = Some(known.map_or(slowness, |before| before + NEW * (slowness - before)));
    }
}

/// The way to go on, from the times for a unit of work.
fn faster(one: f64, all: f64) -> Crew {
    if one < CLEARLY * all { Crew::One } else { Crew::All }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs for 10 s where a unit of work takes these times; the time by each crew, in s.
    fn run(pace: &mut Pace, one_s: f64, all_s: f64) -> (f64, f64) {
        let (mut by_one, mut by_all) = (0.0, 0.0);
        while by_one + by_all < 10.0 {
            let (crew, time) = pace.next(2);
            // an interval of work at least, however long it takes
            let unit_s = if crew == Crew::One { one_s } else { all_s };
            let elapsed_s = time.as_secs_f64().max(unit_s);
            pace.took(crew, Duration::from_secs_f64(elapsed_s), elapsed_s / unit_s);
            *if crew == Crew::One { &mut by_one } else { &mut by_all } += elapsed_s;
        }
        (by_one, by_all)
    }

    #[test]
    fn the_faster_way_takes_nearly_all_the_time() {
        let (by_one, by_all) = run(&mut Pace::default(), 1e-5, 2.5e-4);
        assert!(by_all < 0.05 * by_one, "{by_one} s by one thread, {by_all} s by all");
        let (by_one, by_all) = run(&mut Pace::default(), 1e-3, 5.4e-4);
        assert!(by_one < 0.05 * by_all, "{by_one} s by one thread, {by_all} s by all");
        // where threads stand still for 40 ms at every trial
        let (by_one, by_all) = run(&mut Pace::default(), 1e-5, 0.04);
        assert!(by_all < 0.05 * by_one, "{by_one} s by one thread, {by_all} s by all");
    }

    #[test]
    fn what_was_faster_is_left_when_it_no_longer_is() {
        let mut pace = Pace::default();
        run(&mut pace, 1e-3, 5.4e-4);
        let (by_one, by_all) = run(&mut pace, 1e-3, 2.5e-2);
        assert!(by_all < 0.06 * by_one, "{by_one} s by one thread, {by_all} s by all");
        // the last trial took 25 ms, so the next one comes after 0.75 s
        let (by_one, by_all) = run(&mut pace, 1e-3, 5.4e-4);
        assert!(by_one < 0.12 * by_all, "{by_one} s by one thread, {by_all} s by all");
    }

    #[test]
    fn one_thread_is_never_interrupted() {
        assert_eq!(Pace::default().next(1), (Crew::One, Duration::MAX));
    }
}
