//! What the populations hear in time: rates of populations and drives, later by their delays, filtered by their synapses, added up to a mean and a variance.
//!
//! ```text
//! u(t) = int r(t - d) dL(d),    tau_rise a' = u - a,    tau_syn s' = a - s    (s = u through delta synapses)
//! mu_a(t) = E_L + sum tau_a K <J> s(t) + R I(t),    sigma_a^2(t) = sum tau_a K <J^2> s(t) + drives,    F_a(t) = sum (tau_rise + tau_syn)/tau_a tau_a K <J^2> s(t)
//! ```
//!
//! That the variance follows the filtered rate is an approximation: what a filter makes of noise that changes in time is not white noise that changes. The shift of threshold and reset that
//! filtered noise amounts to in a stationary state is taken at each moment, and so is right where rates change more slowly than synapses do.

use std::f64::consts::TAU;

use super::past::Past;
use crate::input::{Kinetics, Source, Stream};
use crate::network::{Drive, DriveKind, Law, Modulation};
use crate::neuron::lif::{MS_PER_S, SynapticFilter};
use crate::numerics::quadrature::{integrate_6, points_16};

/// A delay of a law, and the part of synapses that have one like it.
type Delay = (f64, f64);

/// The delays that stand for a law: Gauss and Legendre's rule over the quantiles, with panels that halve towards both ends; negative ones are drawn again.
fn delays(law: Option<Law>) -> Vec<Delay> {
    let Some(law) = law else { return vec![(0.0, 1.0)] };
    let Some(differing) = law.differing() else { return vec![(law.center().max(0.0), 1.0)] };
    let from = differing.cumulative(0.0);
    let ends = [0.0, 0.002, 0.05, 0.95, 0.998, 1.0];
    let panels = ends.windows(2).map(|ends| [0, 1].map(|k| from + (1.0 - from) * ends[k]));
    let points = panels.flat_map(|[low, high]| points_16(low, high));
    points.map(|(p, weight)| (differing.quantile(p).max(0.0), weight / (1.0 - from))).collect()
}

/// The time course of a drive, as a factor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Course {
    start_ms: f64,
    stop_ms: f64,
    modulation: Option<Modulation>,
    /// Whether a negative factor counts as 0, as of spikes.
    never_negative: bool,
}

impl Course {
    pub(crate) fn of(drive: &Drive) -> Self {
        Course {
            start_ms: drive.start_ms.unwrap_or(f64::NEG_INFINITY),
            stop_ms: drive.stop_ms.unwrap_or(f64::INFINITY),
            modulation: drive.modulation,
            never_negative: matches!(drive.kind, DriveKind::Poisson { .. }),
        }
    }

    /// At a time up to which it has been what it is; before time 0 without modulation.
    pub(crate) fn at(&self, time_ms: f64) -> f64 {
        if !(time_ms > self.start_ms && time_ms <= self.stop_ms) {
            return 0.0;
        }
        match self.modulation {
            Some(Modulation { amplitude, frequency_hz }) if time_ms > 0.0 => {
                let factor = 1.0 + amplitude * (TAU * frequency_hz * time_ms / MS_PER_S).cos();
                if self.never_negative { factor.max(0.0) } else { factor }
            }
            _ => 1.0,
        }
    }

    /// When it changes abruptly.
    pub(crate) fn jumps_ms(&self) -> impl Iterator<Item = f64> {
        [self.start_ms, self.stop_ms].into_iter().filter(|at| at.is_finite())
    }

    /// The period of its modulation.
    pub(crate) fn period_ms(&self) -> Option<f64> {
        let modulation = self.modulation.filter(|it| it.amplitude != 0.0 && it.frequency_hz != 0.0)?;
        Some((MS_PER_S / modulation.frequency_hz).abs())
    }

    /// Its mean over a time.
    fn mean(&self, from_ms: f64, to_ms: f64) -> f64 {
        let (from, to) = (from_ms.max(self.start_ms), to_ms.min(self.stop_ms));
        if to <= from {
            return 0.0;
        }
        let whole = to_ms - from_ms;
        match self.modulation {
            Some(Modulation { amplitude, frequency_hz }) if to > 0.0 => {
                let omega = TAU * frequency_hz / MS_PER_S;
                let start = from.max(0.0);
                let modulated = match self.never_negative && amplitude.abs() > 1.0 {
                    true => integrate_6(start, to, |time_ms| (1.0 + amplitude * (omega * time_ms).cos()).max(0.0)),
                    false if omega == 0.0 => (1.0 + amplitude) * (to - start),
                    false => to - start + amplitude * ((omega * to).sin() - (omega * start).sin()) / omega,
                };
                (start - from + modulated) / whole
            }
            _ => (to - from) / whole,
        }
    }
}

/// Where a signal begins.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Origin {
    /// The rate of a population.
    Population(usize),
    /// Poisson sources of a drive, with their rate in Hz.
    Drive { index: usize, rate_hz: f64 },
}

/// A rate in Hz as it arrives, through synapses of one kind.
#[derive(Clone, Debug)]
struct Signal {
    origin: Origin,
    law: Option<Law>,
    delays: Vec<Delay>,
    kinetics: Kinetics,
    /// After rise and decay, at the beginning of a step.
    state: [f64; 2],
    /// The same at its end, and its mean over the step.
    next: [f64; 2],
    mean_hz: f64,
}

/// What follows `tau x' = u - x` over a step at a constant `u`: its end and its mean.
fn filtered(tau_ms: f64, from: f64, u: f64, h_ms: f64) -> (f64, f64) {
    if tau_ms == 0.0 {
        return (u, u);
    }
    let ratio = h_ms / tau_ms;
    let lost = -(-ratio).exp_m1();
    (from + (u - from) * lost, u + (from - u) * lost / ratio)
}

impl Signal {
    fn mean_arriving_hz(&self, all: &Heard, past: &[Past], from_ms: f64, to_ms: f64) -> f64 {
        let over = |(delay_ms, part): &Delay| {
            let (from, to) = (from_ms - delay_ms, to_ms - delay_ms);
            part * match self.origin {
                Origin::Population(b) => {
                    (past[b].spikes_until(to) - past[b].spikes_until(from)) / (to_ms - from_ms) * MS_PER_S
                }
                Origin::Drive { index, rate_hz } => rate_hz * all.courses[index].mean(from, to),
            }
        };
        self.delays.iter().map(over).sum()
    }

    fn arriving_hz(&self, all: &Heard, past: &[Past], at_ms: f64) -> f64 {
        let at = |(delay_ms, part): &Delay| {
            part * match self.origin {
                Origin::Population(b) => past[b].rate(at_ms - delay_ms) * MS_PER_S,
                Origin::Drive { index, rate_hz } => rate_hz * all.courses[index].at(at_ms - delay_ms),
            }
        };
        self.delays.iter().map(at).sum()
    }
}

/// What a signal adds to a population, per Hz.
#[derive(Clone, Copy, Debug)]
struct Term {
    signal: usize,
    mean_mv: f64,
    variance_mv2: f64,
    /// To `F`.
    filter_mv2: f64,
}

/// What a drive without spikes adds.
#[derive(Clone, Copy, Debug)]
struct Direct {
    drive: usize,
    mean_mv: f64,
    std_mv: f64,
}

/// Mean and variance of an input, as a neuron at its thresholds feels it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Felt {
    pub(super) mean_mv: f64,
    pub(super) variance_mv2: f64,
}

/// A population as it listens.
#[derive(Clone, Debug, Default)]
struct Listener {
    rest_mv: f64,
    terms: Vec<Term>,
    directs: Vec<Direct>,
    /// Whether threshold and reset are shifted by filtered noise.
    shifted: bool,
}

/// All that the populations hear.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard {
    courses: Vec<Course>,
    signals: Vec<Signal>,
    listeners: Vec<Listener>,
}

impl Heard {
    /// By populations with these resting potentials, of which those that are shifted are said.
    pub(super) fn new(populations: &[(f64, bool)], drives: &[Drive], streams: &[Stream]) -> Self {
        let listener = |&(rest_mv, shifted): &(f64, bool)| Listener { rest_mv, shifted, ..Listener::default() };
        let mut heard = Heard {
            courses: drives.iter().map(Course::of).collect(),
            signals: Vec::new(),
            listeners: populations.iter().map(listener).collect(),
        };
        let mut poisson =
            drives.iter().enumerate().filter(|(_, drive)| matches!(drive.kind, DriveKind::Poisson { .. }));
        for stream in streams {
            let origin = match stream.source {
                Source::Population(b) => Origin::Population(b),
                Source::Outside { rate_hz } => {
                    let Some((index, _)) = poisson.next() else { continue };
                    Origin::Drive { index, rate_hz }
                }
            };
            heard.add(stream, origin);
        }
        for (index, drive) in drives.iter().enumerate() {
            let (mean_mv, std_mv) = match &drive.kind {
                DriveKind::Current { value_mv, .. } => (value_mv.center(), 0.0),
                DriveKind::Noise { mean_mv, std_mv } => (*mean_mv, *std_mv),
                DriveKind::Poisson { .. } => continue,
            };
            heard.listeners[drive.target].directs.push(Direct { drive: index, mean_mv, std_mv });
        }
        heard
    }

    fn add(&mut self, stream: &Stream, origin: Origin) {
        let is_same = |it: &Signal| it.origin == origin && it.law == stream.delay_ms && it.kinetics == stream.kinetics;
        let signal = self.signals.iter().position(is_same).unwrap_or_else(|| {
            self.signals.push(Signal {
                origin,
                law: stream.delay_ms,
                delays: delays(stream.delay_ms),
                kinetics: stream.kinetics,
                state: [0.0; 2],
                next: [0.0; 2],
                mean_hz: 0.0,
            });
            self.signals.len() - 1
        });
        let variance_mv2 = stream.jump_sum_per_hz(2);
        let term = Term {
            signal,
            mean_mv: stream.jump_sum_per_hz(1),
            variance_mv2,
            filter_mv2: variance_mv2 * stream.kinetics.time_ms() / stream.tau_m_ms,
        };
        self.listeners[stream.target].terms.push(term);
    }

    /// As it has been for long before a time, at what the populations have sent.
    pub(super) fn settle(&mut self, past: &[Past], at_ms: f64) {
        let settled: Vec<f64> = self.signals.iter().map(|signal| signal.arriving_hz(self, past, at_ms)).collect();
        for (signal, hz) in self.signals.iter_mut().zip(settled) {
            (signal.state, signal.next, signal.mean_hz) = ([hz; 2], [hz; 2], hz);
        }
    }

    /// What arrives in a step; nothing has passed before [`Heard::pass`].
    pub(super) fn listen(&mut self, past: &[Past], from_ms: f64, to_ms: f64) {
        let h_ms = to_ms - from_ms;
        for k in 0..self.signals.len() {
            let arriving = self.signals[k].mean_arriving_hz(self, past, from_ms, to_ms);
            let signal = &mut self.signals[k];
            match signal.kinetics {
                Kinetics::Delta => signal.mean_hz = arriving,
                Kinetics::Exponential { tau_rise_ms, tau_ms } => {
                    let (risen, mean) = filtered(tau_rise_ms, signal.state[0], arriving, h_ms);
                    let (end, mean) = filtered(tau_ms, signal.state[1], mean, h_ms);
                    (signal.next, signal.mean_hz) = ([risen, end], mean);
                }
            }
        }
    }

    /// The step has passed.
    pub(super) fn pass(&mut self) {
        self.signals.iter_mut().for_each(|signal| signal.state = signal.next);
    }

    /// Mean and variance over the step that is listened to.
    pub(super) fn over(&self, population: usize, from_ms: f64, to_ms: f64) -> Felt {
        self.felt(population, |signal| signal.mean_hz, |course| course.mean(from_ms, to_ms))
    }

    /// Mean and variance at its end.
    pub(super) fn at(&self, population: usize, past: &[Past], at_ms: f64) -> Felt {
        let value = |signal: &Signal| match signal.kinetics {
            Kinetics::Delta => signal.arriving_hz(self, past, at_ms),
            Kinetics::Exponential { .. } => signal.next[1],
        };
        self.felt(population, value, |course| course.at(at_ms))
    }

    fn felt(&self, population: usize, hz: impl Fn(&Signal) -> f64, factor: impl Fn(&Course) -> f64) -> Felt {
        let Listener { rest_mv, terms, directs, shifted } = &self.listeners[population];
        let (mut mean_mv, mut variance_mv2, mut filter_mv2) = (*rest_mv, 0.0, 0.0);
        for term in terms {
            let hz = hz(&self.signals[term.signal]);
            mean_mv += term.mean_mv * hz;
            variance_mv2 += term.variance_mv2 * hz;
            filter_mv2 += term.filter_mv2 * hz;
        }
        for direct in directs {
            let factor = factor(&self.courses[direct.drive]);
            mean_mv += direct.mean_mv * factor;
            variance_mv2 += (direct.std_mv * factor).powi(2);
        }
        // threshold and reset that are higher by this are a mean that is lower by it
        if *shifted && filter_mv2 > 0.0 && variance_mv2 > 0.0 {
            mean_mv -= variance_mv2.sqrt() * SynapticFilter::shift(filter_mv2 / variance_mv2);
        }
        Felt { mean_mv, variance_mv2 }
    }

    /// Whether anything comes through synapses with a time constant.
    pub(super) fn is_filtered(&self) -> bool {
        self.signals.iter().any(|signal| signal.kinetics != Kinetics::Delta)
    }

    /// The shortest delay of what the populations send each other; infinite where they send nothing.
    pub(super) fn shortest_delay_ms(&self) -> f64 {
        self.of_populations().flat_map(|signal| &signal.delays).map(|delay| delay.0).fold(f64::INFINITY, f64::min)
    }

    /// The longest.
    pub(super) fn longest_delay_ms(&self) -> f64 {
        self.of_populations().flat_map(|signal| &signal.delays).map(|delay| delay.0).fold(0.0, f64::max)
    }

    fn of_populations(&self) -> impl Iterator<Item = &Signal> {
        self.signals.iter().filter(|signal| matches!(signal.origin, Origin::Population(_)))
    }

    /// The shortest time in which what is heard changes by itself: synaptic times, and periods of modulation over a circle.
    pub(super) fn shortest_time_ms(&self) -> f64 {
        let of_signal = |signal: &Signal| match signal.kinetics {
            Kinetics::Delta => f64::INFINITY,
            Kinetics::Exponential { tau_ms, .. } => tau_ms,
        };
        let of_course = |course: &Course| match course.modulation {
            Some(modulation) if modulation.amplitude != 0.0 => MS_PER_S / (TAU * modulation.frequency_hz),
            _ => f64::INFINITY,
        };
        let times = self.signals.iter().map(of_signal).chain(self.courses.iter().map(of_course));
        times.fold(f64::INFINITY, f64::min)
    }

    /// When something changes abruptly, after time 0 and rising: drives that start or stop, as they arrive and as their effect returns through the network.
    pub(super) fn abrupt_ms(&self, until_ms: f64) -> Vec<f64> {
        let one = |signal: &Signal| (signal.delays.len() == 1).then(|| signal.delays[0].0);
        let mut times: Vec<f64> = Vec::new();
        for (index, course) in self.courses.iter().enumerate() {
            let of_drive = |signal: &&Signal| matches!(signal.origin, Origin::Drive { index: of, .. } if of == index);
            let arriving = self.signals.iter().filter(of_drive).filter_map(one).chain([0.0]);
            times.extend(arriving.flat_map(|delay_ms| [course.start_ms, course.stop_ms].map(|at| at + delay_ms)));
        }
        times.push(0.0);
        let returning: Vec<f64> = self.of_populations().filter_map(one).collect();
        let echoes: Vec<f64> = times.iter().flat_map(|at| returning.iter().map(move |delay| at + delay)).collect();
        times.extend(echoes);
        times.retain(|at| *at > 0.0 && *at < until_ms);
        times.sort_by(f64::total_cmp);
        times.dedup_by(|later, at| *later - *at < 1e-9);
        times
    }
}
