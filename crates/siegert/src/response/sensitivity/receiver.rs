//! One population in a state, and what becomes of it when something that it receives changes a little, all else as it is.

use num_complex::Complex64;

use super::super::connectivity::Arrival;
use super::variable::{Change, Variable};
use crate::input::{Source, Steady, Stream, Streams, Sums};
use crate::neuron::lif::SynapticFilter;
use crate::numerics::stencil::slopes;
use crate::stationary::{RateMap, times_of};
use crate::transfer::{Input, Transfer};

/// A step moves mean and standard deviation of the input by this part of the latter, less far from threshold.
const STEP: f64 = 0.02;
/// A step of what does not move the input: delays.
const STEP_OF_DELAYS: f64 = 1e-3;
/// By this a first look is taken at how far a change moves the input.
const GLANCE: f64 = 1e-4;
/// Without noise the input is measured by this part of the scale of voltages.
const PART_OF_SCALE: f64 = 0.1;

/// What of the population is looked at besides its rate.
#[derive(Clone, Copy, Debug)]
pub(super) enum Seen<'a> {
    /// Nothing.
    Nothing,
    /// `mu`.
    Mean,
    /// `sigma`.
    Std,
    /// The CV of its intervals.
    Cv,
    /// Its row of `M(lambda) u`: see `mode`.
    Row { lambda_per_ms: Complex64, right: &'a [Complex64] },
}

/// A population in a state.
pub(super) struct Receiver<'a> {
    pub(super) target: usize,
    transfer: Transfer,
    /// With their indices among all.
    streams: Vec<(usize, &'a Stream)>,
    steady: Steady,
    rates_hz: &'a [f64],
    is_refined: bool,
    seen: Seen<'a>,
    /// Its input as it is, and how much longer times are there, which takes long where they are.
    here: (Input, f64),
}

impl<'a> Receiver<'a> {
    pub(super) fn new(map: &'a RateMap, target: usize, rates_hz: &'a [f64], seen: Seen<'a>) -> Self {
        let streams = map.streams.streams.iter().enumerate().filter(|(_, stream)| stream.target == target).collect();
        let transfer = map.transfers()[target].clone().lengthened(0.0);
        let steady = map.streams.steady.get(target).copied().unwrap_or_default();
        let is_refined = map.is_refined();
        let here = (Input::default(), 0.0);
        let mut own = Receiver { target, transfer, streams, steady, rates_hz, is_refined, seen, here };
        let (transfer, input) = own.input(None);
        own.transfer = own.transfer.decided_at(&input);
        own.here = (input, if is_refined { transfer.lengthening(&input) } else { 0.0 });
        own
    }

    /// The stream by which it hears a source, if it is one alone that sends the rate itself: then a change of the rate is one of the in-degree, but for modulations, of which a larger in-degree passes on more.
    pub(super) fn only_stream(&self, source: usize) -> Option<usize> {
        if matches!(self.seen, Seen::Row { .. }) {
            return None;
        }
        let mut from = self.streams.iter().filter(|(_, stream)| stream.source == Source::Population(source));
        let (index, stream) = from.next()?;
        (from.next().is_none() && stream.sent.is_rate()).then_some(*index)
    }

    /// Whether what sources outside send by a stream is their rate.
    pub(super) fn sends_rate(&self, stream: usize) -> bool {
        self.streams.iter().any(|(index, it)| *index == stream && it.sent.is_rate())
    }

    /// Whether it has a parameter, and what changes with it is known: neurons that differ scale what comes without spikes, each in its way.
    pub(super) fn can_change(&self, variable: &Variable) -> bool {
        variable.target == self.target && (variable.stream.is_some() || !self.transfer.is_average())
    }

    /// The populations that it hears, each once.
    pub(super) fn sources(&self) -> Vec<usize> {
        let source = |(_, stream): &(usize, &Stream)| match stream.source {
            Source::Population(b) => Some(b),
            Source::Outside { .. } => None,
        };
        let mut all: Vec<usize> = self.streams.iter().filter_map(source).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The derivatives of the logarithm of its rate, and of what is looked at, along relative changes: `change` says what is changed at a factor. `None` where nothing is there to be changed.
    pub(super) fn slopes(&self, change: impl Fn(f64) -> Option<Change>) -> Option<[Complex64; 2]> {
        let step = self.step(&change)?;
        let at = |by: f64| change(1.0 + by).map_or([Complex64::from(f64::NAN); 2], |change| self.at(Some(&change)));
        let [of_rate, of_seen] = slopes(step, at);
        // the logarithm of silence
        Some([if of_rate.is_finite() { of_rate } else { Complex64::ZERO }, of_seen])
    }

    /// The value of what is looked at.
    pub(super) fn value(&self) -> Complex64 {
        self.at(None)[1]
    }

    /// The step along a change that moves the input a little.
    fn step(&self, change: impl Fn(f64) -> Option<Change>) -> Option<f64> {
        let (_, here) = self.input(None);
        let (_, there) = self.input(Some(&change(1.0 + GLANCE)?));
        let scale_mv = match here.std_mv > 0.0 {
            true => here.std_mv,
            false => PART_OF_SCALE * self.transfer.voltage_scale_mv(),
        };
        let moved = (there.mean_mv - here.mean_mv).abs() + (there.std_mv - here.std_mv).abs();
        let size = moved / (GLANCE * scale_mv);
        if size == 0.0 && there == here {
            return Some(STEP_OF_DELAYS);
        }
        let far = (self.transfer.rheobase_mv() - here.mean_mv).abs() / scale_mv;
        // a mean that reaches the noise's scale at a factor near 0 changes by no more than half of it
        Some(STEP / (1.0 + size * (1.0 + if far.is_finite() { far } else { 0.0 })))
    }

    /// Transfer and input with something changed.
    fn input(&self, change: Option<&Change>) -> (Transfer, Input) {
        let mut rates_hz = self.rates_hz.to_vec();
        if let Some(Change::Rate(b, rate_hz)) = change {
            rates_hz[*b] = *rate_hz;
        }
        let steady = if let Some(Change::Steady(steady)) = change { *steady } else { self.steady };
        // where sources of the network count otherwise than those outside, all stay what they are; else one population is enough
        let keeps_sources = self.transfer.filter() == SynapticFilter::BrunelWang;
        let (target, count) = if keeps_sources { (self.target, rates_hz.len()) } else { (0, 1) };
        let alone = |(index, stream): &(usize, &Stream)| {
            let mut own = changed(*index, stream, change).clone();
            if !keeps_sources {
                own.source = Source::Outside { rate_hz: own.source_hz(&rates_hz) };
                own.target = 0;
            }
            own
        };
        let streams = self.streams.iter().map(alone).collect();
        let streams = Streams { streams, steady: vec![steady; count], warnings: Vec::new() };
        let own = || self.transfer.clone();
        let transfer = match own().has_conductances() {
            true => own().with_conductances(&streams, target).unwrap_or_else(|_| own()),
            false => own(),
        };
        let mut sums = Sums::new(&streams, &transfer.wanted(&streams));
        if keeps_sources {
            sums = sums.with_noise_from_outside_alone();
        }
        let value = |sum| sums.get(sum).map_or(0.0, |form| form.at(target, &rates_hz, 1.0));
        let input = transfer.input(&times_of(&sums), value);
        (transfer, input)
    }

    /// The logarithm of its rate in Hz, and what is looked at, with something changed.
    fn at(&self, change: Option<&Change>) -> [Complex64; 2] {
        let (transfer, input) = self.input(change);
        let ln_longer = match self.is_refined && input != self.here.0 {
            true => transfer.lengthening(&input),
            false => self.here.1,
        };
        let transfer = transfer.lengthened(ln_longer);
        let seen = match self.seen {
            Seen::Nothing => Complex64::ZERO,
            Seen::Mean => input.mean_mv.into(),
            Seen::Std => input.std_mv.into(),
            Seen::Cv => transfer.cv(&input).unwrap_or(f64::NAN).into(),
            Seen::Row { lambda_per_ms, right } => self.row(&transfer, &input, change, lambda_per_ms, right),
        };
        [transfer.log_rate(&input).ln_rate_hz.into(), seen]
    }

    fn row(
        &self,
        transfer: &Transfer,
        input: &Input,
        change: Option<&Change>,
        lambda_per_ms: Complex64,
        right: &[Complex64],
    ) -> Complex64 {
        let Ok(neuron) = transfer.responding(input) else { return Complex64::from(f64::NAN) };
        let response = neuron.response(lambda_per_ms);
        let heard = self.streams.iter().map(|(index, stream)| {
            let Source::Population(b) = stream.source else { return Complex64::ZERO };
            let stream = changed(*index, stream, change);
            let [mean, variance] = [1, 2].map(|n| stream.jump_sum_per_hz(n));
            // what is sent is the rate: `mode` refuses all else
            let [arrives, _] = Arrival::of(stream, 0.0).transforms(lambda_per_ms);
            arrives * (mean * response.hz_per_mv + variance * response.hz_per_mv2) * right[b]
        });
        response.renewal * (right[self.target] - heard.sum::<Complex64>())
    }
}

/// A stream as it is after a change.
fn changed<'s>(index: usize, stream: &'s Stream, change: Option<&'s Change>) -> &'s Stream {
    match change {
        Some(Change::Stream(of, other)) if *of == index => other,
        _ => stream,
    }
}
