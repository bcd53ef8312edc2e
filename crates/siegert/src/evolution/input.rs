//! What the populations hear in time: rates of populations and drives, later by their delays, filtered by their synapses, added up to a mean and a variance.
//!
//! ```text
//! u(t) = int r(t - d) dL(d),    tau_rise a' = u - a,    tau_syn s' = a - s    (s = u through delta synapses)
//! mu_a(t) = E_L + sum tau_a K <J> s(t) + R I(t),    sigma_a^2(t) = sum tau_a K <J^2> s(t) + drives,    F_a(t) = sum (tau_rise + tau_syn)/tau_a tau_a K <J^2> s(t)
//! ```
//!
//! What plastic synapses and the gates of NMDA send follows the rate by its own equations (`sent`), and is filtered then. Where a population has conductances, its sums of them are added up alike and become its
//! mean, leak and noise as in a stationary state (`Transfer::input`). Synapses that act at once may send jumps in place of mean and noise.
//!
//! That the variance follows the filtered rate is an approximation: what a filter makes of noise that changes in time is not white noise that changes. The shift of threshold and reset that
//! filtered noise amounts to in a stationary state is taken at each moment, and so is right where rates change more slowly than synapses do.

use std::f64::consts::TAU;

use super::past::Past;
use super::sent::Sending;
use crate::input::{JumpKind, Kinetics, Sent, Source, Stream, Sum};
use crate::network::{Drive, DriveKind, Interpolation, Law, Modulation};
use crate::neuron::NoiseShape;
use crate::neuron::jumps::MOST_LAWS;
use crate::neuron::lif::{MS_PER_S, SynapticFilter};
use crate::numerics::quadrature::{integrate_6, points_16};
use crate::transfer::Transfer;

/// Kinds of jumps that a population may hear.
pub(super) const MOST_KINDS: usize = MOST_LAWS;

/// Steps of a course that are looked at one by one.
const MOST_STEPS: usize = 500;

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
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Course {
    start_ms: f64,
    stop_ms: f64,
    modulation: Option<Modulation>,
    said: Option<crate::network::Course>,
    /// Whether a negative factor counts as 0, as of spikes.
    never_negative: bool,
}

impl Course {
    pub(crate) fn of(drive: &Drive) -> Self {
        Course {
            start_ms: drive.start_ms.unwrap_or(f64::NEG_INFINITY),
            stop_ms: drive.stop_ms.unwrap_or(f64::INFINITY),
            modulation: drive.modulation,
            said: drive.course.clone(),
            never_negative: matches!(drive.kind, DriveKind::Poisson { .. }),
        }
    }

    /// At a time up to which it has been what it is; before time 0 without modulation.
    pub(crate) fn at(&self, time_ms: f64) -> f64 {
        if !(time_ms > self.start_ms && time_ms <= self.stop_ms) {
            return 0.0;
        }
        self.said.as_ref().map_or(1.0, |course| course.at(time_ms)) * self.modulated(time_ms)
    }

    fn modulated(&self, time_ms: f64) -> f64 {
        match self.modulation {
            Some(Modulation { amplitude, frequency_hz }) if time_ms > 0.0 => {
                let factor = 1.0 + amplitude * (TAU * frequency_hz * time_ms / MS_PER_S).cos();
                if self.never_negative { factor.max(0.0) } else { factor }
            }
            _ => 1.0,
        }
    }

    /// When it starts, stops or takes a step; of a course with very many steps none, as they are those of a curve.
    fn steps_ms(&self, until_ms: f64) -> Vec<f64> {
        let mut times_ms = vec![self.start_ms, self.stop_ms];
        if let Some(course) = self.said.as_ref().filter(|course| course.interpolation == Interpolation::Step) {
            let within: Vec<f64> = course.times_ms.iter().copied().filter(|at| *at >= 0.0 && *at < until_ms).collect();
            times_ms.extend(Some(within).filter(|within| within.len() <= MOST_STEPS).unwrap_or_default());
        }
        times_ms
    }

    /// How long steps may be, so that a course that is a curve is followed: from one of its times to the next.
    fn longest_step_ms(&self) -> f64 {
        let Some(course) = &self.said else { return f64::INFINITY };
        match course.times_ms.len() > MOST_STEPS || course.interpolation == Interpolation::Linear {
            true => course.times_ms.windows(2).map(|at| at[1] - at[0]).fold(f64::INFINITY, f64::min),
            false => f64::INFINITY,
        }
    }

    /// When it is largest and smallest, from time 0 on.
    fn extremes_ms(&self, until_ms: f64) -> Vec<f64> {
        let Some(course) = &self.said else { return Vec::new() };
        let all = || course.times_ms.iter().zip(&course.factors).filter(|(at, _)| **at >= 0.0 && **at < until_ms);
        let largest = all().max_by(|a, b| a.1.total_cmp(b.1));
        largest.into_iter().chain(all().min_by(|a, b| a.1.total_cmp(b.1))).map(|(at, _)| *at).collect()
    }

    /// When it, or its slope, changes abruptly.
    pub(crate) fn jumps_ms(&self) -> impl Iterator<Item = f64> {
        let said = self.said.iter().flat_map(|course| course.times_ms.iter().copied());
        [self.start_ms, self.stop_ms].into_iter().chain(said).filter(|at| at.is_finite())
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
        match &self.said {
            None => self.modulated_over(from, to) / whole,
            Some(course) => {
                let one = |[from, to, first, last]: [f64; 4]| match (self.modulation, first == last) {
                    (_, true) => first * self.modulated_over(from, to),
                    (None, false) => 0.5 * (first + last) * (to - from),
                    (Some(_), false) => {
                        let at = |time_ms: f64| first + (last - first) * (time_ms - from) / (to - from);
                        integrate_6(from, to, |time_ms| at(time_ms) * self.modulated(time_ms))
                    }
                };
                course.pieces(from, to).map(one).sum::<f64>() / whole
            }
        }
    }

    /// The integral of what the modulation multiplies by.
    fn modulated_over(&self, from: f64, to: f64) -> f64 {
        match self.modulation {
            Some(Modulation { amplitude, frequency_hz }) if to > 0.0 => {
                let omega = TAU * frequency_hz / MS_PER_S;
                let start = from.max(0.0);
                let modulated = match self.never_negative && amplitude.abs() > 1.0 {
                    true => integrate_6(start, to, |time_ms| (1.0 + amplitude * (omega * time_ms).cos()).max(0.0)),
                    false if omega == 0.0 => (1.0 + amplitude) * (to - start),
                    false => to - start + amplitude * ((omega * to).sin() - (omega * start).sin()) / omega,
                };
                start - from + modulated
            }
            _ => to - from,
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
    /// The same in steps of one length, where there are such.
    lags: Vec<(usize, f64)>,
    kinetics: Kinetics,
    /// What of it is sent.
    sending: Sending,
    /// What adds to means.
    mean: Filtered,
    /// What adds to variances, where it is something else.
    noise: Filtered,
}

/// Something that is sent, after rise and decay.
#[derive(Clone, Copy, Debug, Default)]
struct Filtered {
    /// At the beginning of a step.
    state: [f64; 2],
    /// The same at its end, and its mean over the step.
    next: [f64; 2],
    mean_hz: f64,
}

impl Filtered {
    fn settle(&mut self, hz: f64) {
        *self = Filtered { state: [hz; 2], next: [hz; 2], mean_hz: hz };
    }

    fn listen(&mut self, kinetics: Kinetics, sent_hz: f64, h_ms: f64) {
        match kinetics {
            Kinetics::Delta => self.mean_hz = sent_hz,
            Kinetics::Exponential { tau_rise_ms, tau_ms } => {
                let (risen, mean) = filtered(tau_rise_ms, self.state[0], sent_hz, h_ms);
                let (end, mean) = filtered(tau_ms, self.state[1], mean, h_ms);
                (self.next, self.mean_hz) = ([risen, end], mean);
            }
        }
    }
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
        if let (Origin::Population(b), false) = (self.origin, self.lags.is_empty()) {
            let h_ms = to_ms - from_ms;
            let spikes = self.lags.iter().map(|(lag, part)| part * past[b].spikes_of_step(*lag, h_ms)).sum::<f64>();
            return spikes / h_ms * MS_PER_S;
        }
        match self.origin {
            Origin::Population(b) => past[b].mean_between(&self.delays, from_ms, to_ms) / (to_ms - from_ms) * MS_PER_S,
            Origin::Drive { index, rate_hz } => {
                let over =
                    |(delay_ms, part): &Delay| part * all.courses[index].mean(from_ms - delay_ms, to_ms - delay_ms);
                rate_hz * self.delays.iter().map(over).sum::<f64>()
            }
        }
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
#[derive(Clone, Debug)]
struct Term {
    signal: usize,
    mean_mv: f64,
    variance_mv2: f64,
    /// To `F`.
    filter_mv2: f64,
    /// To the sums of conductances.
    to_sums: Vec<f64>,
    /// To the rate of jumps of a kind, per ms.
    jumps: Option<(usize, f64)>,
}

/// What a drive without spikes adds.
#[derive(Clone, Copy, Debug)]
struct Direct {
    drive: usize,
    mean_mv: f64,
    std_mv: f64,
    /// Whether it acts through the resistance of the membrane.
    in_pa: bool,
}

/// An input as a neuron at its thresholds feels it: `F = f(V) + mean - G V`, and noise that may depend on the potential.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Felt {
    pub(super) mean_mv: f64,
    /// Of the noise, where it depends on the potential at `noise_at_mv`.
    pub(super) variance_mv2: f64,
    /// `G`, over the leak.
    pub(super) conductance: f64,
    /// Slope and curvature of the variance at a distance from a potential.
    pub(super) bent: Option<Bent>,
    /// Rates of the kinds of jumps.
    pub(super) jumps_per_ms: [f64; MOST_KINDS],
    /// What of mean and variance does not change with the time constant of the membrane, and what thresholds are shifted by.
    pub(super) fixed_mean_mv: f64,
    pub(super) fixed_variance_mv2: f64,
    pub(super) filter_mv2: f64,
}

/// How noise depends on the potential.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bent {
    pub(super) at_mv: f64,
    pub(super) slope_mv: f64,
    pub(super) curvature: f64,
}

impl Felt {
    /// White noise alone.
    pub(super) const fn white(mean_mv: f64, variance_mv2: f64) -> Felt {
        Felt {
            mean_mv,
            variance_mv2,
            conductance: 0.0,
            bent: None,
            jumps_per_ms: [0.0; MOST_KINDS],
            fixed_mean_mv: 0.0,
            fixed_variance_mv2: 0.0,
            filter_mv2: 0.0,
        }
    }

    /// Like no other.
    pub(super) const NONE: Felt = Felt {
        mean_mv: f64::NAN,
        variance_mv2: f64::NAN,
        conductance: f64::NAN,
        bent: None,
        jumps_per_ms: [f64::NAN; MOST_KINDS],
        fixed_mean_mv: f64::NAN,
        fixed_variance_mv2: f64::NAN,
        filter_mv2: f64::NAN,
    };

    /// Whether a density cannot tell it from another, to a part of `sigma`.
    pub(super) fn is_like(&self, other: &Felt, part: f64) -> bool {
        let std_mv = self.variance_mv2.abs().sqrt();
        let bent = match (self.bent, other.bent) {
            (None, None) => true,
            (Some(a), Some(b)) => {
                (a.at_mv - b.at_mv).abs() <= part * std_mv
                    && (a.slope_mv - b.slope_mv).abs() <= part * std_mv
                    && (a.curvature - b.curvature).abs() <= part
            }
            _ => false,
        };
        bent && (self.mean_mv - other.mean_mv).abs() <= part * std_mv
            && (self.variance_mv2 - other.variance_mv2).abs() <= part * std_mv * std_mv
            && (self.conductance - other.conductance).abs() <= part
    }

    /// The same with a mean that is lower.
    pub(super) fn lower_by(self, by_mv: f64) -> Felt {
        Felt { mean_mv: self.mean_mv - by_mv, ..self }
    }

    /// Mean and standard deviation for a membrane with the conductance as its own.
    pub(super) fn of_membrane(&self) -> (f64, f64) {
        let leak = 1.0 + self.conductance;
        (self.mean_mv / leak, (self.variance_mv2.max(0.0) / leak).sqrt())
    }
}

/// A population as it listens.
#[derive(Clone, Debug, Default)]
struct Listener {
    rest_mv: f64,
    terms: Vec<Term>,
    directs: Vec<Direct>,
    /// Whether threshold and reset are shifted by filtered noise.
    shifted: bool,
    conducting: Option<Conducting>,
    /// The kinds of jumps that it hears one by one.
    kinds: Vec<JumpKind>,
}

/// What makes sums of conductances a mean, a leak and noise.
#[derive(Clone, Debug)]
struct Conducting {
    transfer: Transfer,
    sums: Vec<Sum>,
    /// The leak of the neuron itself: 0 of one without.
    own_leak: f64,
}

/// A population that is to listen.
#[derive(Clone, Debug)]
pub(super) struct Listening {
    pub(super) rest_mv: f64,
    /// Whether threshold and reset are shifted by filtered noise.
    pub(super) is_shifted: bool,
    /// Its transfer, if synapses act on its conductances, and the sums that this wants.
    pub(super) conducting: Option<(Transfer, Vec<Sum>)>,
    /// Whether synapses that act at once send it jumps one by one.
    pub(super) hears_jumps: bool,
}

impl Conducting {
    /// What the sums make of the input, as the transfer of a stationary state has it.
    fn felt(&self, mean_mv: f64, variance_mv2: f64, sums: &[f64], jumps_per_ms: [f64; MOST_KINDS]) -> Felt {
        let sum = |wanted: Sum| match wanted {
            Sum::Mean => mean_mv,
            Sum::Variance => variance_mv2,
            _ => self.sums.iter().zip(sums).find(|(name, _)| **name == wanted).map_or(0.0, |(_, sum)| *sum),
        };
        let input = self.transfer.input(&self.sums, sum);
        let (conductance, leak) = (input.shunt.conductance, 1.0 + input.shunt.conductance);
        let shift_mv = input.std_mv * self.transfer.shift(&input);
        let mut felt = Felt {
            // what is relaxed to a mean that is lower by the shift of the thresholds
            mean_mv: leak * input.mean_mv - (self.own_leak + conductance) * shift_mv,
            variance_mv2: leak * input.std_mv * input.std_mv,
            conductance,
            jumps_per_ms,
            ..Felt::default()
        };
        if self.transfer.is_full(&input) {
            let NoiseShape { at_mean_mv2, slope_mv, curvature } = input.shunt.noise_of_solver().felt();
            felt.variance_mv2 = leak * at_mean_mv2;
            let at_mv = input.shunt.noise_at_mv().unwrap_or(input.mean_mv);
            let bent = Bent { at_mv, slope_mv: leak * slope_mv, curvature: leak * curvature };
            felt.bent = Some(bent).filter(|_| slope_mv != 0.0 || curvature != 0.0);
        }
        felt
    }
}

/// All that the populations hear.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard {
    courses: Vec<Course>,
    signals: Vec<Signal>,
    listeners: Vec<Listener>,
}

impl Heard {
    /// By populations that listen.
    pub(super) fn new(populations: &[Listening], drives: &[Drive], streams: &[Stream]) -> Self {
        let listener = |it: &Listening| Listener {
            rest_mv: it.rest_mv,
            shifted: it.is_shifted,
            conducting: it.conducting.clone().map(|(transfer, sums)| {
                let own_leak = transfer.model().own_leak();
                Conducting { transfer, sums, own_leak }
            }),
            ..Listener::default()
        };
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
            heard.add(stream, origin, populations[stream.target].hears_jumps);
        }
        for (index, drive) in drives.iter().enumerate() {
            let (mean_mv, std_mv, in_pa) = match &drive.kind {
                DriveKind::Current { value_mv, given_in_pa } => (value_mv.center(), 0.0, *given_in_pa),
                DriveKind::Noise { mean_mv, std_mv } => (*mean_mv, *std_mv, false),
                DriveKind::Poisson { .. } => continue,
            };
            heard.listeners[drive.target].directs.push(Direct { drive: index, mean_mv, std_mv, in_pa });
        }
        heard
    }

    fn add(&mut self, stream: &Stream, origin: Origin, hears_jumps: bool) {
        let is_same = |it: &Signal| {
            it.origin == origin
                && it.law == stream.delay_ms
                && it.kinetics == stream.kinetics
                && it.sending.sent() == stream.sent
        };
        let signal = self.signals.iter().position(is_same).unwrap_or_else(|| {
            self.signals.push(Signal {
                origin,
                law: stream.delay_ms,
                delays: delays(stream.delay_ms),
                lags: Vec::new(),
                kinetics: stream.kinetics,
                sending: Sending::new(stream.sent),
                mean: Filtered::default(),
                noise: Filtered::default(),
            });
            self.signals.len() - 1
        });
        let listener = &mut self.listeners[stream.target];
        let silent =
            Term { signal, mean_mv: 0.0, variance_mv2: 0.0, filter_mv2: 0.0, to_sums: Vec::new(), jumps: None };
        if hears_jumps && stream.kinetics == Kinetics::Delta {
            let kind = stream.jump_kind();
            let place = listener.kinds.iter().position(|other| *other == kind).unwrap_or_else(|| {
                listener.kinds.push(kind);
                listener.kinds.len() - 1
            });
            let per_hz = stream.events_per_hz() / stream.tau_m_ms;
            listener.terms.push(Term { jumps: Some((place, per_hz)), ..silent });
            return;
        }
        let parts = [1, 2].map(|n| stream.jump_sum_per_hz(n));
        let [mean_mv, variance_mv2] = parts;
        let of = |sum: &Sum| sum.of_stream_per_hz(stream, parts).unwrap_or(0.0);
        let to_sums = listener.conducting.iter().flat_map(|it| it.sums.iter().map(of)).collect();
        let filter_mv2 = variance_mv2 * stream.kinetics.time_ms() / stream.tau_m_ms;
        listener.terms.push(Term { mean_mv, variance_mv2, filter_mv2, to_sums, ..silent });
    }

    /// The kinds of jumps that a population hears one by one.
    pub(super) fn kinds(&self, population: usize) -> &[JumpKind] {
        &self.listeners[population].kinds
    }

    /// As it has been for long before a time, at what the populations have sent.
    pub(super) fn settle(&mut self, past: &[Past], at_ms: f64) {
        let settled: Vec<f64> = self.signals.iter().map(|signal| signal.arriving_hz(self, past, at_ms)).collect();
        for (signal, hz) in self.signals.iter_mut().zip(settled) {
            let [mean_hz, noise_hz] = signal.sending.settle(hz);
            signal.mean.settle(mean_hz);
            signal.noise.settle(noise_hz);
        }
    }

    /// What arrives in a step; nothing has passed before [`Heard::pass`].
    pub(super) fn listen(&mut self, past: &[Past], from_ms: f64, to_ms: f64) {
        let h_ms = to_ms - from_ms;
        for k in 0..self.signals.len() {
            let arriving = self.signals[k].mean_arriving_hz(self, past, from_ms, to_ms);
            let signal = &mut self.signals[k];
            let [mean_hz, noise_hz] = signal.sending.listen(arriving, h_ms);
            if signal.sending.is_filtered_already() {
                signal.mean.listen(Kinetics::Delta, mean_hz, h_ms);
                signal.noise.listen(Kinetics::Delta, noise_hz, h_ms);
                continue;
            }
            signal.mean.listen(signal.kinetics, mean_hz, h_ms);
            match signal.sending.sent() {
                Sent::Rate => signal.noise = signal.mean,
                _ => signal.noise.listen(signal.kinetics, noise_hz, h_ms),
            }
        }
    }

    /// The step has passed.
    pub(super) fn pass(&mut self) {
        for signal in &mut self.signals {
            signal.sending.pass();
            signal.mean.state = signal.mean.next;
            signal.noise.state = signal.noise.next;
        }
    }

    /// Mean and variance over the step that is listened to.
    pub(super) fn over(&self, population: usize, from_ms: f64, to_ms: f64) -> Felt {
        let value = |signal: &Signal| [signal.mean.mean_hz, signal.noise.mean_hz];
        self.felt(population, value, |course| course.mean(from_ms, to_ms))
    }

    /// Mean and variance at its end.
    pub(super) fn at(&self, population: usize, past: &[Past], at_ms: f64) -> Felt {
        let value = |signal: &Signal| match signal.kinetics {
            _ if signal.sending.is_filtered_already() => signal.sending.at(0.0),
            Kinetics::Delta => signal.sending.at(signal.arriving_hz(self, past, at_ms)),
            Kinetics::Exponential { .. } => [signal.mean.next[1], signal.noise.next[1]],
        };
        self.felt(population, value, |course| course.at(at_ms))
    }

    fn felt(&self, population: usize, hz: impl Fn(&Signal) -> [f64; 2], factor: impl Fn(&Course) -> f64) -> Felt {
        let Listener { rest_mv, terms, directs, shifted, conducting, .. } = &self.listeners[population];
        let (mut mean_mv, mut variance_mv2, mut filter_mv2) = (*rest_mv, 0.0, 0.0);
        let mut jumps_per_ms = [0.0; MOST_KINDS];
        let (mut fixed_mean_mv, mut fixed_variance_mv2) = (*rest_mv, 0.0);
        for term in terms {
            let [mean_hz, noise_hz] = hz(&self.signals[term.signal]);
            mean_mv += term.mean_mv * mean_hz;
            variance_mv2 += term.variance_mv2 * noise_hz;
            filter_mv2 += term.filter_mv2 * noise_hz;
            if let Some((kind, per_hz)) = term.jumps
                && let Some(rate) = jumps_per_ms.get_mut(kind)
            {
                *rate += per_hz * mean_hz;
            }
        }
        for direct in directs {
            let factor = factor(&self.courses[direct.drive]);
            mean_mv += direct.mean_mv * factor;
            variance_mv2 += (direct.std_mv * factor).powi(2);
            if !direct.in_pa {
                fixed_mean_mv += direct.mean_mv * factor;
                fixed_variance_mv2 += (direct.std_mv * factor).powi(2);
            }
        }
        if let Some(conducting) = conducting {
            let mut sums = vec![0.0; conducting.sums.len()];
            for term in terms {
                let [mean_hz, noise_hz] = hz(&self.signals[term.signal]);
                for ((sum, name), per_hz) in sums.iter_mut().zip(&conducting.sums).zip(&term.to_sums) {
                    *sum += per_hz * if name.is_noise() { noise_hz } else { mean_hz };
                }
            }
            return conducting.felt(mean_mv, variance_mv2, &sums, jumps_per_ms);
        }
        // threshold and reset that are higher by this are a mean that is lower by it
        if *shifted && filter_mv2 > 0.0 && variance_mv2 > 0.0 {
            mean_mv -= variance_mv2.sqrt() * SynapticFilter::shift(filter_mv2 / variance_mv2);
        } else {
            filter_mv2 = 0.0;
        }
        Felt { mean_mv, variance_mv2, jumps_per_ms, fixed_mean_mv, fixed_variance_mv2, filter_mv2, ..Felt::default() }
    }

    /// Whether anything comes through synapses with a time constant.
    pub(super) fn is_filtered(&self) -> bool {
        self.signals.iter().any(|signal| signal.kinetics != Kinetics::Delta)
    }

    /// Whether any conductance is blocked by the potential.
    pub(super) fn has_blocks(&self) -> bool {
        let blocked = |it: &Conducting| it.sums.iter().any(|sum| matches!(sum, Sum::Blocked(_)));
        self.listeners.iter().filter_map(|listener| listener.conducting.as_ref()).any(blocked)
    }

    /// Steps are of one length from here on: delays between two numbers of steps are shared out to both, and one step is the least.
    pub(super) fn on_a_grid(&mut self, step_ms: f64) {
        for signal in &mut self.signals {
            let mut parts = std::collections::BTreeMap::new();
            for (delay_ms, part) in &signal.delays {
                let steps = (delay_ms / step_ms).max(1.0);
                let (whole, rest) = (steps.floor(), steps - steps.floor());
                *parts.entry(whole as usize).or_insert(0.0) += part * (1.0 - rest);
                *parts.entry(whole as usize + 1).or_insert(0.0) += part * rest;
            }
            signal.lags = parts.into_iter().filter(|(_, part)| *part > 1e-12).collect();
        }
    }

    /// The shortest mean delay of what the populations send each other; infinite where they send nothing or nothing is delayed.
    pub(super) fn shortest_mean_delay_ms(&self) -> f64 {
        let mean = |signal: &Signal| signal.delays.iter().map(|(delay_ms, part)| delay_ms * part).sum::<f64>();
        self.of_populations().map(mean).filter(|mean_ms| *mean_ms > 0.0).fold(f64::INFINITY, f64::min)
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

    /// The shortest time in which what is heard changes without anything abrupt: periods of modulation over a circle. What synapses and plasticity make of an abrupt change is followed by steps that are short after it.
    pub(super) fn shortest_time_ms(&self) -> f64 {
        let of_course = |course: &Course| match course.modulation {
            Some(modulation) if modulation.amplitude != 0.0 => MS_PER_S / (TAU * modulation.frequency_hz),
            _ => f64::INFINITY,
        };
        self.courses.iter().map(of_course).fold(f64::INFINITY, f64::min)
    }

    /// The longest steps that follow the courses of drives.
    pub(super) fn longest_step_ms(&self) -> f64 {
        self.courses.iter().map(Course::longest_step_ms).fold(f64::INFINITY, f64::min)
    }

    /// When the courses of drives are largest and smallest.
    pub(super) fn extremes_ms(&self, until_ms: f64) -> Vec<f64> {
        self.courses.iter().flat_map(|course| course.extremes_ms(until_ms)).collect()
    }

    /// When something changes abruptly, after time 0 and rising: drives that start, stop or take a step and what else is said, as they arrive and as their effect returns through the network.
    pub(super) fn abrupt_ms(&self, until_ms: f64, also_ms: &[f64]) -> Vec<f64> {
        let one = |signal: &Signal| (signal.delays.len() == 1).then(|| signal.delays[0].0);
        let mut times: Vec<f64> = Vec::new();
        for (index, course) in self.courses.iter().enumerate() {
            let of_drive = |signal: &&Signal| matches!(signal.origin, Origin::Drive { index: of, .. } if of == index);
            let arriving = self.signals.iter().filter(of_drive).filter_map(one).chain([0.0]);
            let steps = course.steps_ms(until_ms);
            times.extend(arriving.flat_map(|delay_ms| steps.iter().map(move |at| at + delay_ms)));
        }
        times.push(0.0);
        times.extend(also_ms);
        let returning: Vec<f64> = self.of_populations().filter_map(one).collect();
        let echoes: Vec<f64> = times.iter().flat_map(|at| returning.iter().map(move |delay| at + delay)).collect();
        times.extend(echoes);
        times.retain(|at| *at > 0.0 && *at < until_ms);
        times.sort_by(f64::total_cmp);
        times.dedup_by(|later, at| *later - *at < 1e-9);
        times
    }
}
