//! One population in a state, and what becomes of it when something that it receives changes a little, all else as it is.

use num_complex::Complex64;

use super::super::connectivity::Arrival;
use super::peak::PowerAt;
use super::variable::{Change, Variable};
use crate::input::{Source, Steady, Stream, Streams, Sums};
use crate::neuron::Modulated;
use crate::neuron::lif::{Response, SynapticFilter};
use crate::numerics::stencil::slopes;
use crate::stationary::{RateMap, times_of};
use crate::transfer::{self, Effects, Input, Transfer};

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
    /// Its part of a power spectrum, or of how that changes along frequency: see `peak`.
    Power { places: &'a [PowerAt] },
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
        if matches!(self.seen, Seen::Row { .. } | Seen::Power { .. }) {
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
            Seen::Row { lambda_per_ms, right } => {
                let Ok(neuron) = transfer.responding(&input) else { return [Complex64::from(f64::NAN); 2] };
                let response = neuron.response(lambda_per_ms);
                let heard = self.heard((&transfer, &input, &neuron), change, lambda_per_ms, &response);
                let from_populations = heard.into_iter().filter_map(|(_, source, gain)| Some(gain * right[source?]));
                response.renewal * (right[self.target] - from_populations.sum::<Complex64>())
            }
            Seen::Power { places } => self.power(&transfer, &input, change, places),
        };
        [transfer.log_rate(&input).ln_rate_hz.into(), seen]
    }

    /// What it answers to modulations of what each stream brings, with the index of the stream and its source, if that is a population.
    fn heard(
        &self,
        (transfer, input, neuron): (&Transfer, &Input, &Modulated),
        change: Option<&Change>,
        lambda_per_ms: Complex64,
        response: &Response,
    ) -> Vec<(usize, Option<usize>, Complex64)> {
        let receiver = transfer::Receiver::new(transfer, input, neuron);
        let answered = |(index, stream): &(usize, &Stream)| {
            let stream = changed(*index, stream, change);
            let source = match stream.source {
                Source::Population(b) => Some(b),
                Source::Outside { .. } => None,
            };
            let rate_hz = match (change, source) {
                (Some(Change::Rate(b, rate_hz)), Some(source)) if *b == source => *rate_hz,
                _ => stream.source_hz(self.rates_hz),
            };
            let [by_mean, by_noise] = Arrival::of(stream, rate_hz).transforms(lambda_per_ms);
            let Effects { mean, noise } = receiver.effects(stream);
            (*index, source, by_mean * response.to(&mean) + by_noise * response.to(&noise))
        };
        self.streams.iter().map(answered).collect()
    }

    /// Its part of the sum of all populations, whose changes are those of the spectrum.
    fn power(&self, transfer: &Transfer, input: &Input, change: Option<&Change>, places: &[PowerAt]) -> Complex64 {
        let Ok(neuron) = transfer.responding(input) else { return Complex64::from(f64::NAN) };
        let mut sum = 0.0;
        for place in places {
            let lambda_per_ms = place.lambda_per_ms();
            let response = neuron.response(lambda_per_ms);
            let (mut row, mut shared_hz) = (Complex64::ZERO, 0.0);
            for (index, source, gain) in self.heard((transfer, input, &neuron), change, lambda_per_ms, &response) {
                match source {
                    Some(b) => row += gain * place.around[b],
                    None => shared_hz += self.shared_hz(index, change, gain),
                }
            }
            let own_hz = neuron.power_spectrum_hz(place.frequency_hz);
            let gain = place.gains[self.target];
            let size = place.sizes[self.target];
            let noise_hz = own_hz / size + shared_hz * (1.0 - 1.0 / size);
            sum += place.weight * (2.0 * (gain * row).re + gain.norm_sqr() * noise_hz);
        }
        sum.into()
    }

    /// The spectrum of what a stream of shared trains does to all neurons alike.
    fn shared_hz(&self, index: usize, change: Option<&Change>, gain: Complex64) -> f64 {
        let found = self.streams.iter().find(|(own, _)| *own == index);
        let stream = found.map(|(_, stream)| changed(index, stream, change));
        let shared = stream.filter(|stream| stream.shared_fraction > 0.0);
        shared.map_or(0.0, |stream| gain.norm_sqr() * stream.source_hz(self.rates_hz) / stream.in_degree.mean)
    }
}

/// A stream as it is after a change.
fn changed<'s>(index: usize, stream: &'s Stream, change: Option<&'s Change>) -> &'s Stream {
    match change {
        Some(Change::Stream(of, other)) if *of == index => other,
        _ => stream,
    }
}
