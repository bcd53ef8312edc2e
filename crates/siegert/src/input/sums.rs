//! Sums over streams: what a transfer function wants to know of the input, linear in what the sources send.
//!
//! ```text
//! X_a = c_a + sum_b p_ab r_b                                       (phi_b(r_b) in place of r_b where a synapse sends another function of it: `sent`)
//! mean                     mu_a      = E_L + R I + tau_a sum_b K_ab <J_ab> r_b   (+ drives)
//! variance                 sigma_a^2 =             tau_a sum_b K_ab <J_ab^2> r_b (+ drives)
//! filtered variance        the part of sigma^2 through synapses with a time constant
//! variance at tau_syn      the part of sigma^2 through synapses with this one, and this rise time
//! rate of a kind of jumps   R_a      = sum_b K_ab r_b over the inputs whose jumps are of this kind, per ms
//! filter                   F_a = sum S tau_syn/tau_a over the contributions S to sigma^2
//! ```
//!
//! in the convention `tau_m dV/dt = -(V - mu) + sigma sqrt(tau_m) xi`. Currents count with the jump that their charge makes.
//! `F/sigma^2` is the noise-weighted mean of `tau_syn/tau_m`, in which instantaneous inputs count with 0 and a current with a rise by rise and decay together
//! (an approximation where several kinds meet).
//!
//! A transfer names the sums that it wants ([`Sum`]); [`Sums`] makes these from the streams. Leaving populations out, merging those that are
//! alike and weakening what comes from the network are done to every form alike, whatever its name.
//!
//! Source: Brunel (2000), J Comput Neurosci 8:183, eqs. 4 and 5; Fourcaud and Brunel (2002), Neural Comput 14:2057, eq. 3.4.

use std::borrow::Cow;

use crate::numerics::linear::Matrix;

use super::{Action, BlockedSynapse, JumpKind, Kinetics, Sent, SentAt, Source, Steady, Stream, Streams};

pub(super) const S_PER_MS: f64 = 1e-3;

/// The name of a sum over streams.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Sum {
    /// `mu` in mV.
    Mean,
    /// `sigma^2` in mV^2.
    Variance,
    /// The part of `sigma^2` that comes through synapses with a time constant.
    FilteredVariance,
    /// The part of `sigma^2` that comes through synapses with these time constants.
    VarianceAt {
        /// Decay time.
        tau_syn_ms: f64,
        /// Rise time, 0 where there is none.
        tau_rise_ms: f64,
    },
    /// `F = sum S tau_syn/tau_m` in mV^2: over `sigma^2` it is the noise-weighted `tau_syn/tau_m`.
    Filter,
    /// `G = tau_m sum K r <q>`: the mean conductance over the leak. What acts on a conductance is in none of the sums above.
    Conductance,
    /// `tau_m sum K r <q> E` in mV, `E` the reversal potentials.
    ConductanceDrive,
    /// `tau_m sum K r <q^2> E^n` over a part of the conductances, in mV^n: noise that depends on the potential is
    /// `tau_m sum K r <q^2> (E - V)^2`.
    ConductanceNoise {
        /// Over which.
        part: NoisePart,
        /// `n`, from 0 to 2.
        power: u8,
    },
    /// `tau_m sum K phi <q>` over the NMDA conductances of one kind: what they would add to `G` without their block. They are in none of the sums above.
    Blocked(BlockedSynapse),
    /// `tau_m sum K phi <q^2>` over these.
    BlockedNoise(BlockedSynapse),
    /// The rate in 1/ms at which jumps of this kind come, those through synapses with a time constant included.
    JumpRate(JumpKind),
}

/// Conductances whose noise is added up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NoisePart {
    /// All of them.
    All,
    /// Those with a time constant.
    Filtered,
    /// Those with a time constant, each times `tau_syn/tau_m`.
    Weighted,
    /// Those with this time constant.
    At {
        /// Decay time.
        tau_syn_ms: f64,
    },
}

impl NoisePart {
    /// The weight of a conductance of this course.
    fn weight(self, stream: &Stream) -> Option<f64> {
        match (self, stream.kinetics) {
            (NoisePart::All, _) => Some(1.0),
            (_, Kinetics::Delta) => None,
            (NoisePart::Filtered, _) => Some(1.0),
            (NoisePart::Weighted, kinetics) => Some(kinetics.time_ms() / stream.tau_m_ms),
            (NoisePart::At { tau_syn_ms }, Kinetics::Exponential { tau_ms, .. }) => {
                (tau_ms == tau_syn_ms).then_some(1.0)
            }
        }
    }
}

impl Sum {
    /// Whether it is a sum of squares, to which a source adds with its noise, not its mean.
    pub(crate) fn is_noise(self) -> bool {
        match self {
            Sum::Mean | Sum::Conductance | Sum::ConductanceDrive | Sum::Blocked(_) | Sum::JumpRate(_) => false,
            Sum::Variance
            | Sum::FilteredVariance
            | Sum::VarianceAt { .. }
            | Sum::Filter
            | Sum::BlockedNoise(_)
            | Sum::ConductanceNoise { .. } => true,
        }
    }

    /// The noise of a part of the conductances.
    pub(crate) const fn noise(part: NoisePart, power: u8) -> Self {
        Sum::ConductanceNoise { part, power }
    }

    /// The rates of the kinds of jumps of these streams, each once.
    pub fn rate_of_each_kind_of_jumps(streams: &Streams) -> Vec<Sum> {
        let mut kinds: Vec<Sum> = Vec::new();
        for sum in streams.streams.iter().map(|stream| Sum::JumpRate(stream.jump_kind())) {
            if !kinds.contains(&sum) {
                kinds.push(sum);
            }
        }
        kinds
    }

    /// The variances for each synaptic time constant of these streams, rising.
    pub fn variance_at_each_time_constant(streams: &Streams) -> Vec<Sum> {
        let exponential = |stream: &Stream| match (stream.action, stream.kinetics) {
            (Action::Potential { .. }, Kinetics::Exponential { tau_rise_ms, tau_ms }) => Some((tau_ms, tau_rise_ms)),
            _ => None,
        };
        let mut times: Vec<(f64, f64)> = streams.streams.iter().filter_map(exponential).collect();
        times.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        times.dedup();
        times.into_iter().map(|(tau_syn_ms, tau_rise_ms)| Sum::VarianceAt { tau_syn_ms, tau_rise_ms }).collect()
    }

    /// What input without spikes adds.
    fn of_steady(self, steady: &Steady) -> f64 {
        match self {
            Sum::Mean => steady.mean_mv,
            Sum::Variance => steady.variance_mv2,
            Sum::FilteredVariance | Sum::VarianceAt { .. } | Sum::Filter | Sum::JumpRate(_) => 0.0,
            Sum::Conductance | Sum::ConductanceDrive | Sum::ConductanceNoise { .. } => 0.0,
            Sum::Blocked(_) | Sum::BlockedNoise(_) => 0.0,
        }
    }

    /// What a stream adds for each Hz that a source sends, from its own part in mean and variance; `None` where it has no part in the sum.
    pub(crate) fn of_stream_per_hz(self, stream: &Stream, [mean, variance]: [f64; 2]) -> Option<f64> {
        if let Sum::JumpRate(kind) = self {
            let events = stream.events_per_hz() / stream.tau_m_ms;
            return (stream.jump_kind() == kind && events != 0.0).then_some(events);
        }
        if let (Some(own), Action::Conductance { parts: [part, square, ..], .. }) = (stream.blocked(), stream.action) {
            let events = stream.events_per_hz();
            return match self {
                Sum::Blocked(of) => (of == own).then_some(events * part),
                Sum::BlockedNoise(of) => (of == own).then_some(events * square),
                _ => None,
            };
        }
        if let Action::Conductance { reversal_mv, parts: [part, square, ..], .. } = stream.action {
            let events = stream.events_per_hz();
            return match self {
                Sum::Conductance => Some(events * part),
                Sum::ConductanceDrive => Some(events * part * reversal_mv),
                Sum::ConductanceNoise { part, power } => {
                    part.weight(stream).map(|weight| weight * events * square * reversal_mv.powi(i32::from(power)))
                }
                _ => None,
            };
        }
        match (self, stream.kinetics) {
            (Sum::Conductance | Sum::ConductanceDrive | Sum::ConductanceNoise { .. }, _) => None,
            (Sum::Blocked(_) | Sum::BlockedNoise(_) | Sum::JumpRate(_), _) => None,
            (Sum::Mean, _) => Some(mean),
            (Sum::Variance, _) => Some(variance),
            (_, Kinetics::Delta) => None,
            (Sum::FilteredVariance, Kinetics::Exponential { .. }) => Some(variance),
            (Sum::VarianceAt { tau_syn_ms, tau_rise_ms: rise_ms }, Kinetics::Exponential { tau_rise_ms, tau_ms }) => {
                (tau_ms == tau_syn_ms && tau_rise_ms == rise_ms).then_some(variance)
            }
            (Sum::Filter, Kinetics::Exponential { .. }) => Some(variance * stream.kinetics.time_ms() / stream.tau_m_ms),
        }
    }
}

/// Sums over the streams of a network, each under its name.
///
/// Mean and variance are always among them.
#[derive(Clone, Debug, PartialEq)]
pub struct Sums {
    mean: Linear,
    variance: Linear,
    others: Vec<(Sum, Linear)>,
}

/// A quantity of every population that is linear in the rates.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    /// Without any rate.
    pub constant: Vec<f64>,
    /// Per Hz of each population.
    pub per_hz: Matrix,
    /// What comes through synapses that do not send the rate itself: not linear in the rates.
    pub through: Vec<Through>,
}

/// A part of a sum that is not linear in the rate of a source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Through {
    /// Index of the population reached.
    pub target: usize,
    /// Index of the source population.
    pub source: usize,
    /// Per s of what is sent.
    pub per_sent: f64,
    /// What the source sends.
    pub sent: Sent,
    /// Whether what counts is its noise, not its mean.
    pub is_noise: bool,
}

impl Through {
    fn at(&self, rate_hz: f64) -> SentAt {
        if self.is_noise { self.sent.noise(rate_hz) } else { self.sent.mean(rate_hz) }
    }
}

impl Linear {
    pub(super) fn zeros(n: usize) -> Self {
        Linear { constant: vec![0.0; n], per_hz: Matrix::zeros(n, n), through: Vec::new() }
    }

    /// Whether it is linear in the rates.
    pub(crate) fn is_linear(&self) -> bool {
        self.through.is_empty()
    }

    /// Whether anything from population `b` reaches `a`.
    pub(crate) fn has(&self, a: usize, b: usize) -> bool {
        self.per_hz[(a, b)] != 0.0 || self.through.iter().any(|it| (it.target, it.source) == (a, b))
    }

    /// Its derivatives for population `a` with the rates of all, the network fully coupled.
    pub(crate) fn slopes(&self, a: usize, rates_hz: &[f64]) -> Cow<'_, [f64]> {
        let row = self.per_hz.row(a);
        if self.is_linear() {
            return Cow::Borrowed(row);
        }
        let mut row = row.to_vec();
        for it in self.through.iter().filter(|it| it.target == a) {
            row[it.source] += it.per_sent * it.at(rates_hz[it.source]).slope;
        }
        Cow::Owned(row)
    }

    /// The value for population `a`, the network's share of it times `coupling` (1 for the network as it is).
    pub fn at(&self, a: usize, rates_hz: &[f64], coupling: f64) -> f64 {
        let mut recurrent: f64 = self.per_hz.row(a).iter().zip(rates_hz).map(|(per_hz, rate)| per_hz * rate).sum();
        for it in self.through.iter().filter(|it| it.target == a) {
            recurrent += it.per_sent * it.at(rates_hz[it.source]).value;
        }
        self.constant[a] + coupling * recurrent
    }

    /// The populations `kept` alone, by index; the others count as silent.
    pub fn restricted_to(&self, kept: &[usize]) -> Self {
        let mut restricted = Linear::zeros(kept.len());
        for (i, &a) in kept.iter().enumerate() {
            restricted.constant[i] = self.constant[a];
            for (j, &b) in kept.iter().enumerate() {
                restricted.per_hz[(i, j)] = self.per_hz[(a, b)];
            }
        }
        let place = |of: usize| kept.iter().position(|&a| a == of);
        restricted.through.extend(
            self.through
                .iter()
                .filter_map(|it| Some(Through { target: place(it.target)?, source: place(it.source)?, ..*it })),
        );
        restricted
    }

    /// The rows of the first member of each class, the columns of its members added up; `class_of` has one entry a population.
    pub(crate) fn merged(&self, class_of: &[usize], classes: usize) -> Self {
        let mut merged = Linear::zeros(classes);
        for (a, &class) in class_of.iter().enumerate().rev() {
            merged.constant[class] = self.constant[a];
            let row = merged.per_hz.row_mut(class);
            row.fill(0.0);
            self.per_hz.row(a).iter().zip(class_of).for_each(|(per_hz, &source)| row[source] += per_hz);
        }
        let is_first = |a: usize| class_of.iter().position(|&class| class == class_of[a]) == Some(a);
        let of_first = self.through.iter().filter(|it| is_first(it.target));
        merged.through =
            of_first.map(|it| Through { target: class_of[it.target], source: class_of[it.source], ..*it }).collect();
        merged
    }

    /// Whether two populations receive the same at all rates.
    pub(crate) fn alike(&self, a: usize, b: usize) -> bool {
        let through =
            |a: usize| self.through.iter().filter(move |it| it.target == a).map(|it| Through { target: 0, ..*it });
        self.constant[a] == self.constant[b] && self.per_hz.row(a) == self.per_hz.row(b) && through(a).eq(through(b))
    }

    /// `self + factor * other`.
    fn plus(&self, factor: f64, other: &Linear) -> Self {
        let mut sum = self.clone();
        for a in 0..self.constant.len() {
            sum.constant[a] += factor * other.constant[a];
            sum.per_hz.row_mut(a).iter_mut().zip(other.per_hz.row(a)).for_each(|(x, y)| *x += factor * y);
        }
        sum.through.extend(other.through.iter().map(|it| Through { per_sent: factor * it.per_sent, ..*it }));
        sum
    }

    fn add(&mut self, stream: &Stream, is_noise: bool, per_sent: f64) {
        let (target, sent) = (stream.target, stream.sent);
        match stream.source {
            Source::Population(b) if sent.is_rate() => self.per_hz[(target, b)] += per_sent,
            Source::Population(source) => self.through.push(Through { target, source, per_sent, sent, is_noise }),
            Source::Outside { rate_hz } => {
                let it = Through { target, source: 0, per_sent, sent, is_noise };
                self.constant[target] += per_sent * it.at(rate_hz).value;
            }
        }
    }
}

impl Sums {
    /// Adds up the streams: mean, variance and the others that are wanted, where any stream has a part in them.
    pub fn new(streams: &Streams, wanted: &[Sum]) -> Self {
        let parts: Vec<[f64; 2]> = streams.streams.iter().map(|it| [1, 2].map(|n| it.jump_sum_per_hz(n))).collect();
        let form = |sum: Sum| {
            let mut form = Linear::zeros(streams.steady.len());
            for (constant, steady) in form.constant.iter_mut().zip(&streams.steady) {
                *constant = sum.of_steady(steady);
            }
            for (stream, parts) in streams.streams.iter().zip(&parts) {
                if let Some(per_hz) = sum.of_stream_per_hz(stream, *parts) {
                    form.add(stream, sum.is_noise(), per_hz);
                }
            }
            form
        };
        let mut sums = Sums { mean: form(Sum::Mean), variance: form(Sum::Variance), others: Vec::new() };
        for &sum in wanted {
            let has_parts = || streams.streams.iter().any(|it| sum.of_stream_per_hz(it, [0.0, 0.0]).is_some());
            if sums.get(sum).is_none() && has_parts() {
                sums.others.push((sum, form(sum)));
            }
        }
        sums
    }

    /// `mu` in mV.
    pub fn mean(&self) -> &Linear {
        &self.mean
    }

    /// `sigma^2` in mV^2.
    pub fn variance(&self) -> &Linear {
        &self.variance
    }

    /// A sum by its name; `None` for one in which no stream has a part, or that nobody wanted.
    pub fn get(&self, sum: Sum) -> Option<&Linear> {
        match sum {
            Sum::Mean => Some(&self.mean),
            Sum::Variance => Some(&self.variance),
            _ => self.others.iter().find(|(name, _)| *name == sum).map(|(_, form)| form),
        }
    }

    /// A sum by its name, to change.
    #[cfg(test)]
    pub(crate) fn get_mut(&mut self, sum: Sum) -> Option<&mut Linear> {
        match sum {
            Sum::Mean => Some(&mut self.mean),
            Sum::Variance => Some(&mut self.variance),
            _ => self.others.iter_mut().find(|(name, _)| *name == sum).map(|(_, form)| form),
        }
    }

    /// All of them, mean and variance first.
    pub fn forms(&self) -> impl Iterator<Item = &Linear> {
        [&self.mean, &self.variance].into_iter().chain(self.others.iter().map(|(_, form)| form))
    }

    /// The names of those besides mean and variance.
    pub fn names(&self) -> impl Iterator<Item = Sum> {
        self.others.iter().map(|(sum, _)| *sum)
    }

    /// The same done to every form.
    pub fn map(&self, mut change: impl FnMut(&Linear) -> Linear) -> Self {
        Sums {
            mean: change(&self.mean),
            variance: change(&self.variance),
            others: self.others.iter().map(|(sum, form)| (*sum, change(form))).collect(),
        }
    }

    /// The same where sources within the network add no noise.
    #[must_use]
    pub(crate) fn with_noise_from_outside_alone(&self) -> Self {
        let quiet = |sum: Sum, form: &Linear| match sum.is_noise() {
            true => Linear { constant: form.constant.clone(), ..Linear::zeros(form.constant.len()) },
            false => form.clone(),
        };
        Sums {
            mean: quiet(Sum::Mean, &self.mean),
            variance: quiet(Sum::Variance, &self.variance),
            others: self.others.iter().map(|(sum, form)| (*sum, quiet(*sum, form))).collect(),
        }
    }

    /// `self + factor * other`, form by form; what `other` does not have counts as zero.
    pub(crate) fn plus(&self, factor: f64, other: &Sums) -> Self {
        let added = |sum: Sum, form: &Linear| other.get(sum).map_or_else(|| form.clone(), |it| form.plus(factor, it));
        Sums {
            mean: added(Sum::Mean, &self.mean),
            variance: added(Sum::Variance, &self.variance),
            others: self.others.iter().map(|(sum, form)| (*sum, added(*sum, form))).collect(),
        }
    }

    /// The populations `kept` alone, by index; the others count as silent.
    pub fn restricted_to(&self, kept: &[usize]) -> Self {
        self.map(|form| form.restricted_to(kept))
    }

    /// As [`Linear::merged`].
    pub(crate) fn merged(&self, class_of: &[usize], classes: usize) -> Self {
        self.map(|form| form.merged(class_of, classes))
    }

    /// Whether what population `a` receives is a number at all rates up to these.
    pub(crate) fn is_finite(&self, a: usize, top_hz: &[f64]) -> bool {
        let largest = |form: &Linear| {
            let terms = form.per_hz.row(a).iter().zip(top_hz).map(|(per_hz, top)| per_hz.abs() * top);
            let through =
                form.through.iter().filter(|it| it.target == a).map(|it| it.per_sent.abs() * top_hz[it.source]);
            form.constant[a].abs() + terms.sum::<f64>() + through.sum::<f64>()
        };
        self.forms().all(|form| largest(form).is_finite())
    }

    /// Whether all of them are linear in the rates.
    pub(crate) fn are_linear(&self) -> bool {
        self.forms().all(Linear::is_linear)
    }

    /// As [`Linear::alike`].
    pub(crate) fn alike(&self, a: usize, b: usize) -> bool {
        self.forms().all(|form| form.alike(a, b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestNetwork;

    #[test]
    fn the_variances_at_each_time_constant_make_those_of_all_filtered_input() {
        let network = TestNetwork::of(&[("A", 100), ("B", 100)])
            .neuron("tau_m", "10 ms")
            .neuron("C_m", "250 pF")
            .exponential_synapse("fast", 0.5)
            .exponential_synapse("slow", 5.0)
            .projection("A", "B", "in_degree = 40\nsynapse = \"slow\"\nweight = \"80 pA\"")
            .projection("B", "B", "in_degree = 40\nsynapse = \"fast\"\nweight = \"-90 pA\"")
            .fixed_in_degree("B", "B", 10, 0.3)
            .drive("B", "kind = \"poisson\"\nrate = \"8 Hz\"\nin_degree = 100\nsynapse = \"fast\"\nweight = \"80 pA\"")
            .read();
        let streams = Streams::new(&network).unwrap();
        let each = Sum::variance_at_each_time_constant(&streams);
        assert_eq!(each, [0.5, 5.0].map(|tau_syn_ms| Sum::VarianceAt { tau_syn_ms, tau_rise_ms: 0.0 }));
        let wanted = [each.clone(), vec![Sum::FilteredVariance, Sum::Filter, Sum::Mean]].concat();
        let sums = Sums::new(&streams, &wanted);
        assert_eq!(sums.forms().count(), 6, "mean and variance, and what was wanted besides");
        let (rates_hz, tau_m_ms) = ([7.0, 11.0], 10.0);
        let at = |sum: Sum| sums.get(sum).unwrap().at(1, &rates_hz, 1.0);
        let [fast, slow] = [at(each[0]), at(each[1])];
        // a jump of w tau_syn/C_m, in mV; tau_m K J^2 r in s and Hz
        let of = |in_degree: f64, weight_pa: f64, tau_ms: f64, rate_hz: f64| {
            1e-3 * tau_m_ms * in_degree * (weight_pa * tau_ms / 250.0).powi(2) * rate_hz
        };
        let close = |found: f64, expected: f64| (found / expected - 1.0).abs() < 1e-13;
        assert!(close(fast, of(40.0, -90.0, 0.5, 11.0) + of(100.0, 80.0, 0.5, 8.0)), "{fast}");
        assert!(close(slow, of(40.0, 80.0, 5.0, 7.0)), "{slow}");
        assert!(close(at(Sum::FilteredVariance), fast + slow));
        assert!(close(at(Sum::Filter), fast * 0.5 / tau_m_ms + slow * 5.0 / tau_m_ms));
        assert!(close(at(Sum::Variance), fast + slow + 1e-3 * tau_m_ms * 10.0 * 0.09 * 11.0));
        assert_eq!(sums.get(Sum::VarianceAt { tau_syn_ms: 1.0, tau_rise_ms: 0.0 }), None);
        // leaving A out takes the slow part away, whatever the form is called
        let alone = sums.restricted_to(&[1]);
        assert_eq!(alone.get(each[1]).unwrap().at(0, &[11.0], 1.0), 0.0);
        assert_eq!(alone.get(each[0]).unwrap().at(0, &[11.0], 1.0), fast);
    }
}
