//! The reduced equations themselves: what a population feels, how its rate and its mean potential change, and the derivatives of that.
//!
//! Variables are the rate `r` (1/ms) and `x = <V> - V_th` (mV) of each population, then what each filtered signal is after each of its stages (1/ms). The equations stand in the header of this folder.

use std::f64::consts::PI;

use crate::evolution::Course;
use crate::numerics::linear::Matrix;

/// Where a signal begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Origin {
    /// The rate of a population.
    Population(usize),
    /// Poisson sources of a drive.
    Drive { course: usize, rate_per_ms: f64 },
}

/// A rate as it arrives: later by a delay, then through filters one after the other.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Signal {
    pub(super) origin: Origin,
    pub(super) delay_ms: f64,
    /// Time constants of the filters; none through synapses that act at once.
    pub(super) stages_ms: Vec<f64>,
}

/// What a signal does to a population, for each spike per ms.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Term {
    pub(super) signal: usize,
    /// To the mean input, mV ms.
    pub(super) mean: f64,
    /// To the half width of the inputs, mV ms.
    pub(super) half_width: f64,
    /// To the conductance in units of the leak, ms.
    pub(super) conductance: f64,
    /// Its reversal potential above threshold.
    pub(super) reversal_mv: f64,
}

/// A current with its course in time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Direct {
    pub(super) course: usize,
    pub(super) mean_mv: f64,
    pub(super) half_width_mv: f64,
}

/// A population.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) tau_m_ms: f64,
    pub(super) Delta_T_mv: f64,
    pub(super) V_th_mv: f64,
    /// Input and half width without drives, the input counted from threshold.
    pub(super) rest_mv: f64,
    pub(super) half_width_mv: f64,
    /// Strength of gap junctions in units of the leak.
    pub(super) gap: f64,
    pub(super) terms: Vec<Term>,
    pub(super) directs: Vec<Direct>,
}

/// What a population feels at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Felt {
    /// `mu - V_th`.
    pub(super) mean_mv: f64,
    pub(super) half_width_mv: f64,
    /// `G`, in units of the leak.
    pub(super) conductance: f64,
    /// `sum g (E - V_th)`.
    pub(super) pull_mv: f64,
}

impl Member {
    /// At factors of the drives and signals as they are heard.
    pub(super) fn felt(&self, factor: impl Fn(usize) -> f64, heard: impl Fn(usize) -> f64) -> Felt {
        let mut felt = Felt { mean_mv: self.rest_mv, half_width_mv: self.half_width_mv, ..Felt::default() };
        for direct in &self.directs {
            let factor = factor(direct.course);
            felt.mean_mv += direct.mean_mv * factor;
            felt.half_width_mv += direct.half_width_mv * factor.abs();
        }
        for term in &self.terms {
            let heard = heard(term.signal);
            felt.mean_mv += term.mean * heard;
            felt.half_width_mv += term.half_width * heard;
            felt.conductance += term.conductance * heard;
            felt.pull_mv += term.conductance * term.reversal_mv * heard;
        }
        felt
    }

    /// `r'` and `x'`.
    pub(super) fn slope(&self, r: f64, x: f64, felt: &Felt) -> [f64; 2] {
        let Felt { mean_mv, half_width_mv, conductance: G, pull_mv } = *felt;
        let (tau, D) = (self.tau_m_ms, self.Delta_T_mv);
        [
            (half_width_mv / (2.0 * PI * D * tau) + r * x / D - (G + self.gap) * r) / tau,
            (x * x / (2.0 * D) + mean_mv + pull_mv - G * x - 2.0 * D * (PI * tau * r).powi(2)) / tau,
        ]
    }

    /// Their derivatives with `r` and `x`, row by row.
    fn slope_by_state(&self, r: f64, x: f64, felt: &Felt) -> [[f64; 2]; 2] {
        let (tau, D, G) = (self.tau_m_ms, self.Delta_T_mv, felt.conductance);
        [[(x / D - G - self.gap) / tau, r / (D * tau)], [-4.0 * D * PI * PI * tau * r, (x / D - G) / tau]]
    }

    /// Their derivatives with what is heard of a term.
    fn slope_by_heard(&self, r: f64, x: f64, term: &Term) -> [f64; 2] {
        let tau = self.tau_m_ms;
        [
            (term.half_width / (2.0 * PI * self.Delta_T_mv * tau) - term.conductance * r) / tau,
            (term.mean + term.conductance * (term.reversal_mv - x)) / tau,
        ]
    }

    /// `x` at which `r` stands still, and its derivatives with `r` and with what each term hears.
    pub(super) fn balanced_mv(&self, r: f64, felt: &Felt) -> f64 {
        let D = self.Delta_T_mv;
        D * (felt.conductance + self.gap) - felt.half_width_mv / (2.0 * PI * self.tau_m_ms * r)
    }
}

/// An entry of the linearised equations: how the slope of a variable follows another, later by a delay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) row: usize,
    pub(super) column: usize,
    pub(super) value: f64,
    pub(super) delay_ms: f64,
}

/// The reduced equations of a network ([`Reduction::of`]), or of one population in the units of Montbrio, Pazo and Roxin ([`Reduction::dimensionless`]).
#[derive(Clone, Debug, PartialEq)]
pub struct Reduction {
    pub(super) members: Vec<Member>,
    pub(super) signals: Vec<Signal>,
    pub(super) courses: Vec<Course>,
    /// Where the stages of each signal begin among the variables.
    pub(super) places: Vec<usize>,
}

impl Reduction {
    /// The equations of populations that hear signals.
    pub(super) fn new(members: Vec<Member>, signals: Vec<Signal>, courses: Vec<Course>) -> Self {
        let mut next = 2 * members.len();
        let place = |signal: &Signal| {
            let place = next;
            next += signal.stages_ms.len();
            place
        };
        let places = signals.iter().map(place).collect();
        Reduction { members, signals, courses, places }
    }

    /// One population in units of its own: `tau r' = Delta/(pi tau) + 2 r v`, `tau v' = v^2 + eta + J tau r - (pi tau r)^2`, which couples to itself at once.
    ///
    /// It is that of `V_th = 0 mV`, `Delta_T = 0.5 mV` and `tau` ms; what couples besides is added by [`Reduction::with_coupling`].
    pub fn dimensionless(eta: f64, Delta: f64, tau: f64) -> Self {
        let member = Member {
            name: "A".to_string(),
            size: 0,
            tau_m_ms: tau,
            Delta_T_mv: 0.5,
            V_th_mv: 0.0,
            rest_mv: eta,
            half_width_mv: Delta,
            gap: 0.0,
            terms: Vec::new(),
            directs: Vec::new(),
        };
        Reduction::new(vec![member], Vec::new(), Vec::new())
    }

    /// The same with a coupling of a population to another, or to itself: `J tau_m s`, `tau_s s' = -s + r(t - delay)`; with `tau_s = 0` at once.
    ///
    /// The weights of the neurons' sums differ by a Lorentzian law around `J` of a half width, which is exact, too. `J < 0` with a long `tau_s` is an adaptation to the mean activity.
    #[must_use]
    pub fn with_coupling(
        mut self,
        [to, from]: [usize; 2],
        J_mv: f64,
        half_width_mv: f64,
        tau_s_ms: f64,
        delay_ms: f64,
    ) -> Self {
        if to.max(from) < self.members.len() {
            let stages_ms = if tau_s_ms > 0.0 { vec![tau_s_ms] } else { Vec::new() };
            self.signals.push(Signal { origin: Origin::Population(from), delay_ms: delay_ms.max(0.0), stages_ms });
            let member = &mut self.members[to];
            let (mean, half_width) = (J_mv * member.tau_m_ms, half_width_mv.max(0.0) * member.tau_m_ms);
            member.terms.push(Term { signal: self.signals.len() - 1, mean, half_width, ..Term::default() });
        }
        Reduction::new(self.members, self.signals, self.courses)
    }

    /// The same with gap junctions of a strength, in units of the leak, between all neurons of each population.
    #[must_use]
    pub fn with_gap_junctions(mut self, strength: f64) -> Self {
        self.members.iter_mut().for_each(|member| member.gap = strength);
        self
    }

    /// How many variables there are.
    pub fn variables(&self) -> usize {
        2 * self.members.len() + self.signals.iter().map(|signal| signal.stages_ms.len()).sum::<usize>()
    }

    /// The names of the populations.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|member| member.name.as_str())
    }

    /// Whether populations hear each other later than at once.
    pub fn has_delays(&self) -> bool {
        self.delays_ms().any(|delay_ms| delay_ms > 0.0)
    }

    /// The delays between populations.
    pub(super) fn delays_ms(&self) -> impl Iterator<Item = f64> {
        let of_populations = self.signals.iter().filter(|signal| matches!(signal.origin, Origin::Population(_)));
        of_populations.map(|signal| signal.delay_ms)
    }

    /// Slopes of all variables at a time, at which rates arrive that were sent before; by `sent`, of a population at an earlier time.
    pub(super) fn slopes(&self, time_ms: f64, y: &[f64], sent: impl Fn(usize, f64) -> f64, slopes: &mut [f64]) {
        let arriving = |signal: &Signal| match signal.origin {
            Origin::Population(b) if signal.delay_ms == 0.0 => y[2 * b],
            Origin::Population(b) => sent(b, time_ms - signal.delay_ms),
            Origin::Drive { course, rate_per_ms } => rate_per_ms * self.courses[course].at(time_ms - signal.delay_ms),
        };
        let heard = |k: usize| match self.signals[k].stages_ms.len() {
            0 => arriving(&self.signals[k]),
            stages => y[self.places[k] + stages - 1],
        };
        for (a, member) in self.members.iter().enumerate() {
            let felt = member.felt(|course| self.courses[course].at(time_ms), heard);
            slopes[2 * a..2 * a + 2].copy_from_slice(&member.slope(y[2 * a], y[2 * a + 1], &felt));
        }
        for (signal, &place) in self.signals.iter().zip(&self.places) {
            let mut before = if signal.stages_ms.is_empty() { 0.0 } else { arriving(signal) };
            for (k, tau_ms) in signal.stages_ms.iter().enumerate() {
                slopes[place + k] = (before - y[place + k]) / tau_ms;
                before = y[place + k];
            }
        }
    }

    /// What a population feels where nothing changes: at rates per ms, and factors of drives as they have been for long.
    pub(super) fn felt_at_rest(&self, a: usize, rates: &[f64], factors: &[f64]) -> Felt {
        self.members[a].felt(|course| factors[course], |k| self.settled(k, rates, factors))
    }

    /// A signal where nothing changes.
    pub(super) fn settled(&self, signal: usize, rates: &[f64], factors: &[f64]) -> f64 {
        match self.signals[signal].origin {
            Origin::Population(b) => rates[b],
            Origin::Drive { course, rate_per_ms } => rate_per_ms * factors[course],
        }
    }

    /// All variables where nothing changes, at rates per ms.
    pub(super) fn at_rest(&self, rates: &[f64], factors: &[f64]) -> Vec<f64> {
        let of_member = |(a, member): (usize, &Member)| {
            let felt = self.felt_at_rest(a, rates, factors);
            [rates[a], member.balanced_mv(rates[a], &felt)]
        };
        let mut y: Vec<f64> = self.members.iter().enumerate().flat_map(of_member).collect();
        for (k, signal) in self.signals.iter().enumerate() {
            y.extend(std::iter::repeat_n(self.settled(k, rates, factors), signal.stages_ms.len()));
        }
        y
    }

    /// The entries of the linearised equations around variables, where what is heard is theirs.
    pub(super) fn linearised(&self, y: &[f64], factors: &[f64]) -> Vec<Entry> {
        let rates: Vec<f64> = (0..self.members.len()).map(|b| y[2 * b]).collect();
        let heard = |k: usize| match self.signals[k].stages_ms.len() {
            0 => self.settled(k, &rates, factors),
            stages => y[self.places[k] + stages - 1],
        };
        let mut entries = Vec::new();
        let mut add = |row: usize, column: usize, value: f64, delay_ms: f64| {
            entries.push(Entry { row, column, value, delay_ms });
        };
        for (a, member) in self.members.iter().enumerate() {
            let (r, x) = (y[2 * a], y[2 * a + 1]);
            let felt = member.felt(|course| factors[course], heard);
            for (i, row) in member.slope_by_state(r, x, &felt).iter().enumerate() {
                row.iter().enumerate().for_each(|(j, value)| add(2 * a + i, 2 * a + j, *value, 0.0));
            }
            for term in &member.terms {
                let signal = &self.signals[term.signal];
                let (column, delay_ms) = match (signal.stages_ms.len(), signal.origin) {
                    (0, Origin::Population(b)) => (2 * b, signal.delay_ms),
                    (0, Origin::Drive { .. }) => continue,
                    (stages, _) => (self.places[term.signal] + stages - 1, 0.0),
                };
                let by_heard = member.slope_by_heard(r, x, term);
                by_heard.iter().enumerate().for_each(|(i, value)| add(2 * a + i, column, *value, delay_ms));
            }
        }
        for (signal, &place) in self.signals.iter().zip(&self.places) {
            for (k, tau_ms) in signal.stages_ms.iter().enumerate() {
                add(place + k, place + k, -1.0 / tau_ms, 0.0);
                match (k, signal.origin) {
                    (0, Origin::Population(b)) => add(place, 2 * b, 1.0 / tau_ms, signal.delay_ms),
                    (0, Origin::Drive { .. }) => {}
                    _ => add(place + k, place + k - 1, 1.0 / tau_ms, 0.0),
                }
            }
        }
        entries
    }

    /// The derivatives of the slopes, delays left out.
    pub(super) fn jacobian(&self, y: &[f64], factors: &[f64]) -> Matrix {
        let n = self.variables();
        let mut matrix = Matrix::zeros(n, n);
        for entry in self.linearised(y, factors) {
            matrix[(entry.row, entry.column)] += entry.value;
        }
        matrix
    }
}
