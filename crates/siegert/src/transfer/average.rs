//! The mean over neurons that differ: laws of currents, resting potentials, thresholds and time constants.
//!
//! ```text
//! rate = < f(mu_i, sigma_i; V_th_i, tau_i) >,    s = tau_i/tau_m
//! mu_i      = fixed + s (mu - fixed) + (E_L_i - E_L) + R I_i,     R I_i from currents in pA times s
//! sigma_i^2 = noise + s (sigma^2 - noise)
//! ```
//!
//! where `fixed` is what does not change with the time constant (`E_L`, currents given in mV, means of noise drives) and `noise` the variance of noise drives: what spikes
//! bring is `tau_i sum K J rate`, and a current in pA is felt through `R = tau_i/C_m`. Laws of the same kind that only add up are one law: normal ones by their variances, Lorentzian ones by their widths.
//!
//! The integral over each law goes over its coordinate (`chart`) in panels that are halved until they are good, with an end where the neuron begins to fire without noise: there the
//! rate has a kink if noise is weak. Several laws are integrals in integrals, whose inner ones are asked for less.
//!
//! Range: laws of which the mean rate exists: with Lorentzian currents a refractory time bounds it, or the spike of a QIF neuron of infinite
//! peak and reset. Costs some hundred rates for one law, some ten thousand for two, and ten times that for three.
//! Accuracy: of `ln rate` 1e-9 for one law (against sums over a million neurons, and 1e-8 against the closed form of Montbrio, Pazo and Roxin, tests). Asked for, and not measured: 1e-8 for two laws,
//! 1e-6 for three; 1e-7 and 1e-4 of neurons whose rate needs a solver (EIF, AdEx, QIF in noise), which take a tenth of a second a rate and more. A
//! part in a thousand or so while states are looked for, which are then found again.

use std::f64::consts::LN_2;

use super::chart::Chart;
use super::members::Member;
use super::{Input, Table, Transfer, parameters_of};
use crate::input::Sum;
use crate::network::{CutLaw, Drive, DriveKind, Law, Network, Neuron, NeuronModel};
use crate::neuron::lif::LogRate;
use crate::neuron::{Model, coloured::FilteredNoises};
use crate::numerics::adaptive::{Effort, integrate};

/// The effort with one law, with two, and with more.
const EFFORTS: [Effort; 3] = [
    Effort { relative_error: 1e-10, most_panels: 300 },
    Effort { relative_error: 1e-8, most_panels: 60 },
    Effort { relative_error: 1e-6, most_panels: 20 },
];
/// The effort where a rate is found by a solver, which takes a thousand times as long as a closed form, with one law, and with more.
const FOR_SOLVERS: [Effort; 2] =
    [Effort { relative_error: 1e-7, most_panels: 40 }, Effort { relative_error: 1e-4, most_panels: 6 }];
/// The effort where a part in a thousand is enough: while states are looked for, and for the distribution of rates where an integral over all laws is long.
const LITTLE: Effort = Effort { relative_error: f64::INFINITY, most_panels: 1 };
/// From so many laws on it is, where rates are closed forms, and where they are not.
const MANY_LAWS: [usize; 2] = [3, 2];
/// The effort of a CV.
const FOR_CV: Effort = Effort { relative_error: 1e-4, most_panels: 24 };
/// Neurons below this rate do not spike within a recording.
const SILENT_HZ: f64 = 0.1;
/// Noise that is this times as wide as a law, and more, leaves no kink to see.
const SMOOTH: f64 = 0.7;
/// Distances from the rheobase, over noise and scale of voltages, from which on noise does nothing any more.
const FAR: f64 = 1e6;
/// Standard deviations of noise above the rheobase from which tables of rates are not asked.
const BEYOND_TABLES: f64 = 1000.0;
/// Noise that is this times as wide as the widest law changes the mean rate of neurons that begin to fire as a square root by its square; solvers find nothing sensible there.
const NEGLIGIBLE: f64 = 3e-4;
/// Neurons that stand for all, where a mean needs no more.
const FEW: usize = 5;
const MANY: usize = 64;

/// What of a neuron has a law.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Parameter {
    TimeConstant,
    RestingPotential,
    Threshold,
    /// The deviation of `R I` from its centre; through the neuron's own resistance, or not.
    Current {
        in_pa: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Dimension {
    parameter: Parameter,
    chart: Chart,
    center: f64,
}

/// The laws of a population.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Average {
    center: Neuron,
    dimensions: Vec<Dimension>,
    fixed_mean_mv: f64,
    fixed_variance_mv2: f64,
    /// Whether what spikes bring and currents in pA change with the time constant; else all neurons feel the same.
    scales: bool,
}

/// Ends of panels from those of the law alone, for the last law of all, where the other parameters of a neuron are drawn.
type Ends<'a> = &'a dyn Fn(&Dimension, &Drawn, Vec<f64>) -> Vec<f64>;

/// One neuron: how it differs from the one at the centre.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drawn {
    V_th_mv: f64,
    tau_m_ms: f64,
    E_L_mv: f64,
    added_mv: f64,
    added_through_R_mv: f64,
}

impl Average {
    /// The laws of a population with what drives it; `None` if its neurons do not differ.
    pub(super) fn of_population(network: &Network, population: usize) -> Option<Self> {
        let neuron = network.populations[population].neuron;
        let mut average = Average::of_neuron(&neuron);
        let mut currents = Vec::new();
        let own = network.drives.iter().filter(|drive| drive.target == population);
        for drive in own.filter_map(Drive::lasting) {
            match drive.kind {
                DriveKind::Current { value_mv, given_in_pa } => {
                    if !given_in_pa {
                        average.fixed_mean_mv += value_mv.center();
                    }
                    currents.extend(value_mv.differing().map(|law| (law, given_in_pa)));
                }
                DriveKind::Noise { mean_mv, std_mv } => {
                    average.fixed_mean_mv += mean_mv;
                    average.fixed_variance_mv2 += std_mv * std_mv;
                }
                DriveKind::Poisson { .. } => {}
            }
        }
        average.add_currents(&currents);
        (!average.dimensions.is_empty()).then_some(average)
    }

    /// The laws of a type of neurons.
    pub(super) fn of_type(neuron: &Neuron) -> Option<Self> {
        let mut average = Average { scales: false, ..Average::of_neuron(neuron) };
        average.add_currents(&[]);
        (!average.dimensions.is_empty()).then_some(average)
    }

    fn of_neuron(neuron: &Neuron) -> Self {
        let mut dimensions = Vec::new();
        let mut add = |parameter, law: Option<CutLaw>, center| {
            let dimension = |law| Dimension { parameter, chart: Chart::new(law), center };
            dimensions.extend(law.map(dimension));
        };
        add(Parameter::TimeConstant, neuron.tau_m_law(), neuron.tau_m_ms);
        // for the others a resting potential is a current, or nothing
        let adapts = matches!(neuron.model, NeuronModel::Adex { .. });
        add(Parameter::RestingPotential, neuron.E_L_law().filter(|_| adapts), neuron.E_L_mv);
        add(Parameter::Threshold, neuron.V_th_law(), neuron.V_th_mv);
        Average { center: *neuron, dimensions, fixed_mean_mv: neuron.E_L_mv, fixed_variance_mv2: 0.0, scales: true }
    }

    /// Adds laws of currents, and those of resting potentials that are currents.
    fn add_currents(&mut self, currents: &[(Law, bool)]) {
        let is_rest = matches!(self.center.model, NeuronModel::Lif | NeuronModel::Eif { .. } | NeuronModel::Qif { .. });
        let rest = self.center.E_L_law().filter(|_| is_rest).map(|cut| (cut.law, false));
        let differs = self.center.differences.tau_m_ms.is_some();
        let mut all: Vec<(Law, bool)> = Vec::new();
        // without laws of time constants it makes no difference how a current is given
        for (law, in_pa) in currents.iter().map(|(law, in_pa)| (*law, *in_pa && differs)).chain(rest) {
            let own = all.iter_mut().filter(|(_, other)| *other == in_pa);
            match own.filter_map(|(other, _)| Some((sum_of(other, &law)?, other))).next() {
                Some((sum, other)) => *other = sum,
                None => all.push((law, in_pa)),
            }
        }
        for (law, in_pa) in all {
            let (parameter, chart) = (Parameter::Current { in_pa }, Chart::new(CutLaw::whole(law)));
            self.dimensions.push(Dimension { parameter, chart, center: law.center() });
        }
    }

    /// The same population with mean inputs that differ by a normal law beside: what connections that differ bring.
    pub(crate) fn with_input_spread(&self, std_mv: f64) -> Self {
        let mut spread = self.clone();
        if std_mv == 0.0 {
            return spread;
        }
        let in_pa = self.center.differences.tau_m_ms.is_some();
        let law = Law::Normal { mean: 0.0, std: std_mv };
        let parameter = Parameter::Current { in_pa };
        let same = |it: &&mut Dimension| it.parameter == parameter;
        let sum = spread.dimensions.iter_mut().filter(same).find_map(|it| Some((it.chart.with(&law)?, it)));
        match sum {
            Some((chart, dimension)) => dimension.chart = chart,
            None => spread.dimensions.push(Dimension { parameter, chart: Chart::new(CutLaw::whole(law)), center: 0.0 }),
        }
        spread
    }

    /// Whether the mean rate is infinite: the rate grows with the current for ever, and large currents are too common.
    pub(super) fn is_infinite(&self) -> bool {
        let Neuron { model, V_reset_mv, t_ref_ms, .. } = self.center;
        let grows_by_root =
            matches!(model, NeuronModel::Qif { V_peak_mv, .. } if V_peak_mv.is_infinite()) && V_reset_mv.is_infinite();
        let heavy = |it: &Dimension| {
            matches!(it.parameter, Parameter::Current { .. } | Parameter::RestingPotential)
                && it.chart.has_heavy_tails()
        };
        t_ref_ms == 0.0 && !grows_by_root && self.dimensions.iter().any(heavy)
    }

    fn effort(&self, neuron: &Model, std_mv: f64) -> Effort {
        let laws = self.dimensions.len().max(1) - 1;
        match self.is_solved(neuron, std_mv) {
            true => FOR_SOLVERS[laws.min(FOR_SOLVERS.len() - 1)],
            false => EFFORTS[laws.min(EFFORTS.len() - 1)],
        }
    }

    /// Whether rates are found by a solver.
    fn is_solved(&self, neuron: &Model, std_mv: f64) -> bool {
        let is_known_without_noise = std_mv == 0.0 && matches!(self.center.model, NeuronModel::Qif { .. });
        !(neuron.has_closed_form() || is_known_without_noise)
    }

    pub(super) fn centered(&self) -> Drawn {
        let Neuron { V_th_mv, tau_m_ms, E_L_mv, .. } = self.center;
        Drawn { V_th_mv, tau_m_ms, E_L_mv, added_mv: 0.0, added_through_R_mv: 0.0 }
    }

    /// The neuron, and what it feels of the input that the population receives.
    fn neuron(&self, own: &Model, drawn: &Drawn) -> Model {
        let Neuron { V_th_mv, tau_m_ms, E_L_mv, .. } = self.center;
        if (drawn.V_th_mv, drawn.tau_m_ms, drawn.E_L_mv) == (V_th_mv, tau_m_ms, E_L_mv) {
            return *own;
        }
        let neuron = Neuron { V_th_mv: drawn.V_th_mv, tau_m_ms: drawn.tau_m_ms, E_L_mv: drawn.E_L_mv, ..self.center };
        // laws are cut where there is no neuron any more
        Model::named(neuron.model.name(), &parameters_of(&neuron)).and_then(Result::ok).unwrap_or(*own)
    }

    fn scale(&self, drawn: &Drawn) -> f64 {
        if self.scales { drawn.tau_m_ms / self.center.tau_m_ms } else { 1.0 }
    }

    fn input(&self, drawn: &Drawn, input: &Input) -> Input {
        let mean_mv = |s: f64| {
            let of_spikes =
                if s == 1.0 { input.mean_mv } else { self.fixed_mean_mv + s * (input.mean_mv - self.fixed_mean_mv) };
            of_spikes + (drawn.E_L_mv - self.center.E_L_mv) + drawn.added_mv + s * drawn.added_through_R_mv
        };
        let s = self.scale(drawn);
        if s == 1.0 {
            return Input { mean_mv: mean_mv(1.0), ..*input };
        }
        let variance = input.std_mv * input.std_mv;
        let own = (self.fixed_variance_mv2 + s * (variance - self.fixed_variance_mv2)).max(0.0);
        let per = if own > 0.0 { variance / own } else { 0.0 };
        let mut filtered = FilteredNoises::default();
        input.filtered.as_slice().iter().for_each(|noise| {
            let mut noise = *noise;
            noise.variance_mv2 *= s;
            filtered.add(noise);
        });
        Input {
            mean_mv: mean_mv(s),
            std_mv: own.sqrt(),
            tau_syn_over_tau_m: input.tau_syn_over_tau_m * per,
            filtered_fraction: (input.filtered_fraction * per * s).min(1.0),
            filtered,
            shunt: input.shunt,
            // neurons that differ have no theory of single jumps
            jumps: input.jumps,
        }
    }

    /// How far the mean input of a neuron lies above where it fires without noise.
    fn above_rheobase_mv(&self, own: &Model, drawn: &Drawn, input: &Input) -> f64 {
        self.input(drawn, input).mean_mv - self.neuron(own, drawn).rheobase_mv()
    }

    /// Integrals over all laws of what `f` says of a neuron; `level` and `drawn` are how far this has come.
    fn integral<const N: usize>(
        &self,
        (level, drawn): (usize, Drawn),
        effort: Effort,
        ends: Ends<'_>,
        f: &mut dyn FnMut(&Drawn) -> [f64; N],
    ) -> [f64; N] {
        let Some(dimension) = self.dimensions.get(level) else { return f(&drawn) };
        let is_last = level + 1 == self.dimensions.len();
        let first = if effort.most_panels > LITTLE.most_panels { Chart::ends } else { Chart::few_ends };
        let first = first(&dimension.chart);
        let panels = if is_last { ends(dimension, &drawn, first) } else { first };
        integrate(&panels, effort, |at| {
            let density = dimension.chart.density(at);
            let inner = self.integral((level + 1, dimension.drawn(drawn, at)), effort, ends, f);
            inner.map(|value| if value == 0.0 { 0.0 } else { density * value })
        })
    }

    /// The ends of panels with one where a function of the neuron passes 0.
    fn ends_with(
        &self,
        dimension: &Dimension,
        drawn: &Drawn,
        mut ends: Vec<f64>,
        of: impl Fn(&Drawn) -> f64,
    ) -> Vec<f64> {
        let sign = |at: f64| of(&dimension.drawn(*drawn, at)) > 0.0;
        let (mut low, mut high) = dimension.chart.range();
        let (below, above) = (sign(low), sign(high));
        if below == above {
            return ends;
        }
        while let middle = 0.5 * (low + high)
            && low < middle
            && middle < high
        {
            if sign(middle) == below { low = middle } else { high = middle }
        }
        let place = ends.partition_point(|end| *end < high);
        ends.insert(place, high);
        ends
    }

    /// The highest logarithm of the rate at the corners of all laws.
    fn highest(&self, (level, drawn): (usize, Drawn), of: &dyn Fn(&Drawn) -> f64) -> f64 {
        let Some(dimension) = self.dimensions.get(level) else { return of(&drawn) };
        let (from, to) = dimension.chart.range();
        let at = |at: f64| self.highest((level + 1, dimension.drawn(drawn, at)), of);
        at(from).max(at(to))
    }

    fn widest_mv(&self) -> f64 {
        self.dimensions.iter().map(|dimension| dimension.width_mv(self)).fold(0.0, f64::max)
    }

    /// The transfer function of one neuron, at its input. Noise that is nothing beside the laws is left out; far from where it begins to fire noise does nothing, and solvers nothing sensible.
    fn of_neuron_at(&self, transfer: &Transfer, drawn: &Drawn, input: &Input) -> (Transfer, Input) {
        let own = transfer.of_one(self.neuron(&transfer.neuron, drawn));
        let mut here = self.input(drawn, input);
        let scale_mv = here.std_mv + own.voltage_scale_mv().abs();
        let is_nothing = here.std_mv < NEGLIGIBLE * self.widest_mv() && self.is_solved(&transfer.neuron, here.std_mv);
        if is_nothing || (here.mean_mv - own.rheobase_mv()).abs() > FAR * scale_mv {
            here = Input::white(here.mean_mv, 0.0);
        }
        (own, here)
    }

    /// The same for rates by a table, which ends where noise does next to nothing: far up, where a Lorentzian law has many neurons.
    fn of_neuron_by(
        &self,
        table: Option<&Table>,
        transfer: &Transfer,
        drawn: &Drawn,
        input: &Input,
    ) -> (Transfer, Input) {
        let (own, here) = self.of_neuron_at(transfer, drawn, input);
        let is_beyond = table.is_some() && here.mean_mv - own.rheobase_mv() > BEYOND_TABLES * here.std_mv;
        let here = if is_beyond { Input::white(here.mean_mv, 0.0) } else { here };
        (own, here)
    }

    fn ln_rate(&self, transfer: &Transfer, drawn: &Drawn, input: &Input) -> f64 {
        self.ln_rate_by(None, transfer, drawn, input)
    }

    fn ln_rate_by(&self, table: Option<&Table>, transfer: &Transfer, drawn: &Drawn, input: &Input) -> f64 {
        let (own, here) = self.of_neuron_by(table, transfer, drawn, input);
        let ln_rate = own.log_rate_by(table, &here).ln_rate_hz;
        // an expansion has no rate where it would be negative
        if ln_rate.is_nan() && !transfer.is_monotonic() { f64::NEG_INFINITY } else { ln_rate }
    }

    /// The logarithm of the mean rate, with derivatives in the input of the population.
    pub(super) fn log_rate(&self, transfer: &Transfer, input: &Input) -> LogRate {
        self.log_rate_with(self.effort(&transfer.neuron, input.std_mv), None, transfer, input)
    }

    /// The same with little effort, to find states by: by a table of the rates of the neuron at the centre, if there is one, while neurons with other constants are computed.
    pub(super) fn rough_log_rate(&self, table: Option<&Table>, transfer: &Transfer, input: &Input) -> LogRate {
        self.log_rate_with(LITTLE, table, transfer, input)
    }

    fn log_rate_with(&self, effort: Effort, table: Option<&Table>, transfer: &Transfer, input: &Input) -> LogRate {
        let start = (0, self.centered());
        let reference = self.highest(start, &|drawn| self.ln_rate_by(table, transfer, drawn, input));
        if reference == f64::NEG_INFINITY {
            return LogRate { ln_rate_hz: f64::NEG_INFINITY, ..LogRate::default() };
        }
        let above = |drawn: &Drawn| self.above_rheobase_mv(&transfer.neuron, drawn, input);
        let ends = |dimension: &Dimension, drawn: &Drawn, ends: Vec<f64>| {
            let has_kink = input.std_mv < SMOOTH * dimension.width_mv(self);
            if has_kink { self.ends_with(dimension, drawn, ends, above) } else { ends }
        };
        let sums = self.integral::<8>(start, effort, &ends, &mut |drawn| {
            let (own, here) = self.of_neuron_by(table, transfer, drawn, input);
            let rate = own.log_rate_by(table, &here);
            let part = (rate.ln_rate_hz - reference).exp();
            if part == 0.0 || (part.is_nan() && !transfer.is_monotonic()) {
                return [0.0; 8];
            }
            let (gradient, s) = (own.gradient(&here, &rate), self.scale(drawn));
            // without noise a little of it changes the rate at the onset by more than any number
            let per_variance = if here.std_mv > 0.0 { gradient.per(Sum::Variance) } else { 0.0 };
            let slopes = [
                1.0,
                s * gradient.per(Sum::Mean),
                s * per_variance,
                gradient.per(Sum::Filter),
                rate.d_tau_m,
                rate.d_t_ref,
                rate.d_V_th,
                rate.d_V_reset,
            ];
            slopes.map(|slope| if slope == 0.0 { 0.0 } else { part * slope })
        });
        let [mean, d_mu, d_variance, d_filter, d_tau_m, d_t_ref, d_V_th, d_V_reset] = sums;
        if mean == 0.0 {
            return LogRate { ln_rate_hz: f64::NEG_INFINITY, ..LogRate::default() };
        }
        // so that `Transfer::gradient` finds the slope in the sum of the filter again
        let ratio = input.tau_syn_over_tau_m;
        let shift = transfer.shift(input);
        let d_shift = if shift == 0.0 { 0.0 } else { d_filter * input.std_mv * input.std_mv * 2.0 * ratio / shift };
        LogRate {
            ln_rate_hz: reference + mean.ln(),
            d_mu: d_mu / mean,
            d_variance: (d_variance + d_filter * ratio) / mean,
            d_shift: d_shift / mean,
            d_tau_m: d_tau_m / mean,
            d_t_ref: d_t_ref / mean,
            d_V_th: d_V_th / mean,
            d_V_reset: d_V_reset / mean,
        }
    }

    /// Whether large currents are so common that the mean square of the rates is infinite.
    fn is_infinite_in_square(&self) -> bool {
        self.center.t_ref_ms == 0.0 && self.dimensions.iter().any(|it| it.chart.has_heavy_tails())
    }

    /// Mean and mean square of the rates in Hz; the latter not a number if it is infinite.
    pub(crate) fn moments_hz(&self, transfer: &Transfer, input: &Input) -> [f64; 2] {
        let above = |drawn: &Drawn| self.above_rheobase_mv(&transfer.neuron, drawn, input);
        let ends = |dimension: &Dimension, drawn: &Drawn, ends: Vec<f64>| {
            let has_kink = input.std_mv < SMOOTH * dimension.width_mv(self);
            if has_kink { self.ends_with(dimension, drawn, ends, above) } else { ends }
        };
        let is_solved = self.is_solved(&transfer.neuron, input.std_mv);
        let effort = match (self.dimensions.len() >= MANY_LAWS[usize::from(is_solved)], is_solved) {
            (true, _) => LITTLE,
            (false, true) => FOR_SOLVERS[1],
            (false, false) => EFFORTS[1],
        };
        let [square, mean] = self.integral((0, self.centered()), effort, &ends, &mut |drawn| {
            let rate_hz = self.ln_rate(transfer, drawn, input).exp();
            [rate_hz * rate_hz, rate_hz]
        });
        [mean, if self.is_infinite_in_square() { f64::NAN } else { square }]
    }

    /// The mean CV of the neurons that spike within a recording; of all if none does.
    pub(super) fn cv(&self, transfer: &Transfer, input: &Input) -> Option<f64> {
        let cv_of = |drawn: &Drawn| {
            let (own, here) = self.of_neuron_at(transfer, drawn, input);
            own.cv(&here)
        };
        if transfer.is_full(input) {
            // which costs milliseconds a neuron
            let few =
                self.neurons(FEW).into_iter().filter(|drawn| self.ln_rate(transfer, drawn, input).exp() > SILENT_HZ);
            let all: Vec<f64> = few.filter_map(|drawn| cv_of(&drawn)).collect();
            return (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64);
        }
        let least = SILENT_HZ.ln().min(self.log_rate(transfer, input).ln_rate_hz - LN_2);
        let spikes = |drawn: &Drawn| self.ln_rate(transfer, drawn, input) - least;
        let ends =
            |dimension: &Dimension, drawn: &Drawn, ends: Vec<f64>| self.ends_with(dimension, drawn, ends, spikes);
        let [part, sum] = self.integral((0, self.centered()), FOR_CV, &ends, &mut |drawn| match spikes(drawn) > 0.0 {
            true => cv_of(drawn).filter(|cv| cv.is_finite()).map_or([0.0; 2], |cv| [1.0, cv]),
            false => [0.0; 2],
        });
        (part > 0.0).then(|| sum / part)
    }

    /// Neurons that stand for all, as many as asked for: each law evenly, and all of them together (the points of Kronecker, with the roots of the golden mean's kin).
    fn neurons(&self, count: usize) -> Vec<Drawn> {
        // of x^(d+1) = x + 1: 1.618..., 1.3247..., 1.2207..., 1.1673...
        let mut root = 2.0f64;
        for _ in 0..60 {
            root = (1.0 + root).powf(1.0 / (self.dimensions.len() as f64 + 1.0));
        }
        let one = |k: usize| {
            let place = |level: usize| match level {
                0 => (k as f64 + 0.5) / count as f64,
                _ => (0.5 + k as f64 * root.powi(-(level as i32))).fract(),
            };
            let dimensions = self.dimensions.iter().enumerate();
            dimensions.fold(self.centered(), |drawn, (level, it)| it.with(drawn, it.chart.quantile(place(level))))
        };
        (0..count).map(one).collect()
    }

    /// Rates in Hz of neurons that stand for all, in rising order.
    pub(crate) fn rates_hz(&self, transfer: &Transfer, input: &Input, count: usize) -> Vec<f64> {
        let rate = |drawn: &Drawn| self.ln_rate(transfer, drawn, input).exp();
        let mut rates: Vec<f64> = self.neurons(count).iter().map(rate).collect();
        rates.sort_by(f64::total_cmp);
        rates
    }

    /// Neurons that send the spikes of the population: each of them as many, in the order of their rates.
    fn spiking(&self, transfer: &Transfer, input: &Input, count: usize) -> Vec<(Transfer, Input)> {
        let mut all: Vec<(f64, Drawn)> =
            self.neurons(8 * MANY).into_iter().map(|drawn| (self.ln_rate(transfer, &drawn, input), drawn)).collect();
        all.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let Some(highest) = all.last().map(|(ln_rate, _)| *ln_rate).filter(|highest| highest.is_finite()) else {
            return Vec::new();
        };
        let part = |ln_rate: f64| (ln_rate - highest).exp();
        let total: f64 = all.iter().map(|(ln_rate, _)| part(*ln_rate)).sum();
        let (mut found, mut sum) = (Vec::new(), 0.0);
        for (ln_rate, drawn) in &all {
            sum += part(*ln_rate) / total;
            while found.len() < count && sum > (found.len() as f64 + 0.5) / count as f64 {
                found.push(self.of_neuron_at(transfer, drawn, input));
            }
        }
        found
    }

    /// The logarithm by which times from release to spike are longer in filtered noise: the mean over some neurons, by their spikes.
    pub(super) fn lengthening(&self, transfer: &Transfer, input: &Input) -> f64 {
        let few = self.spiking(transfer, input, FEW);
        let sum: f64 = few.iter().map(|(own, here)| own.lengthening(here)).sum();
        if few.is_empty() { 0.0 } else { sum / few.len() as f64 }
    }

    /// The mean, by spikes, of what jumps make of the rate of a neuron.
    pub(super) fn rate_ratio(
        &self,
        transfer: &Transfer,
        input: &Input,
        of: impl Fn(&Transfer, &Input) -> (Option<f64>, f64),
    ) -> (Option<f64>, f64) {
        let neurons = self.spiking(transfer, input, MANY);
        let all: Vec<(Option<f64>, f64)> = neurons.iter().map(|(own, here)| of(own, here)).collect();
        let count = all.len() as f64;
        let ratios: Option<Vec<f64>> = all.iter().map(|(ratio, _)| *ratio).collect();
        let ratio = ratios.filter(|ratios| !ratios.is_empty()).map(|ratios| ratios.iter().sum::<f64>() / count);
        (ratio, all.iter().map(|(_, parameter)| *parameter).fold(f64::NAN, f64::max))
    }

    /// How many laws there are.
    pub(super) fn laws(&self) -> usize {
        self.dimensions.len()
    }

    /// The ends of panels, perhaps few, in the coordinate of a law, and the density there.
    pub(super) fn chart(&self, level: usize, is_few: bool) -> (Vec<f64>, impl Fn(f64) -> f64 + '_) {
        let chart = &self.dimensions[level].chart;
        let ends = if is_few { chart.few_ends() } else { chart.ends() };
        (ends, |at| chart.density(at))
    }

    /// The neuron at a coordinate of a law.
    pub(super) fn drawn_at(&self, level: usize, drawn: Drawn, at: f64) -> Drawn {
        self.dimensions[level].drawn(drawn, at)
    }

    /// The logarithm of its rate.
    pub(super) fn log_rate_of(&self, transfer: &Transfer, drawn: &Drawn, input: &Input) -> f64 {
        self.ln_rate(transfer, drawn, input)
    }

    /// It as one that stands for a part of all.
    pub(super) fn member(&self, own: &Model, part: f64, drawn: &Drawn) -> Member {
        let scale = self.scale(drawn);
        let added_mv = (drawn.E_L_mv - self.center.E_L_mv) + drawn.added_mv + scale * drawn.added_through_R_mv;
        Member { part, neuron: self.neuron(own, drawn), scale, added_mv }
    }

    /// Neurons that stand for all, each with its transfer function at its input.
    pub(super) fn some(&self, transfer: &Transfer, input: &Input) -> Vec<(Transfer, Input)> {
        self.neurons(MANY).iter().map(|drawn| self.of_neuron_at(transfer, drawn, input)).collect()
    }
}

impl Dimension {
    /// The neuron with this value of the parameter.
    fn with(&self, drawn: Drawn, value: f64) -> Drawn {
        match self.parameter {
            Parameter::TimeConstant => Drawn { tau_m_ms: value, ..drawn },
            Parameter::RestingPotential => Drawn { E_L_mv: value, ..drawn },
            Parameter::Threshold => Drawn { V_th_mv: value, ..drawn },
            Parameter::Current { in_pa: false } => Drawn { added_mv: drawn.added_mv + value - self.center, ..drawn },
            Parameter::Current { in_pa: true } => {
                Drawn { added_through_R_mv: drawn.added_through_R_mv + value - self.center, ..drawn }
            }
        }
    }

    /// The neuron at a coordinate of the law.
    fn drawn(&self, drawn: Drawn, at: f64) -> Drawn {
        self.with(drawn, self.chart.value(at))
    }

    /// How far apart the law puts neurons on the axis of voltages, roughly.
    fn width_mv(&self, average: &Average) -> f64 {
        match self.parameter {
            // in its own unit, over which the mean input moves
            Parameter::TimeConstant => {
                let center = &average.center;
                self.chart.width() / center.tau_m_ms * (center.V_th_mv - center.E_L_mv).abs()
            }
            _ => self.chart.width(),
        }
    }
}

/// The law of the sum of two numbers, where it is one of the laws.
fn sum_of(a: &Law, b: &Law) -> Option<Law> {
    match (*a, *b) {
        (Law::Normal { mean: m, std: s }, Law::Normal { mean, std }) => {
            Some(Law::Normal { mean: m + mean, std: s.hypot(std) })
        }
        (Law::Lorentzian { center: c, half_width: w }, Law::Lorentzian { center, half_width }) => {
            Some(Law::Lorentzian { center: c + center, half_width: w + half_width })
        }
        _ => None,
    }
}

impl Chart {
    /// The chart of the sum with another law, if that is one of the laws.
    fn with(&self, law: &Law) -> Option<Chart> {
        sum_of(self.whole()?, law).map(|law| Chart::new(CutLaw::whole(law)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Builder, External};
    use crate::neuron::lif::SynapticFilter;
    use crate::testing::BRUNEL;

    const LAW: Law = Law::Normal { mean: 20.0, std: 1.5 };

    fn transfer(neuron: Neuron, drives: impl Fn(Builder) -> Builder) -> Transfer {
        let network = drives(Network::builder("test").neuron("n", neuron).population("A", 100, "n")).build().unwrap();
        Transfer::new(&network, 0, SynapticFilter::ThresholdShift).unwrap()
    }

    fn qif(V_peak_mv: f64, V_reset_mv: f64, t_ref_ms: f64) -> Neuron {
        let model = NeuronModel::Qif { Delta_T_mv: 0.5, V_peak_mv };
        Neuron { model, tau_m_ms: 10.0, V_th_mv: 0.0, V_reset_mv, t_ref_ms, ..BRUNEL }
    }

    /// The logarithm of the mean rate over a rule that is as fine as it need be: `n` neurons in equal parts of the law's coordinate.
    fn brute_force(transfer: &Transfer, input: &Input, n: usize) -> f64 {
        let average = transfer.average().unwrap();
        let [dimension] = &average.dimensions[..] else { panic!("one law") };
        let (from, to) = dimension.chart.range();
        let step = (to - from) / n as f64;
        let part = |k: usize| {
            let at = from + step * (k as f64 + 0.5);
            let drawn = dimension.drawn(average.centered(), at);
            let (own, here) = average.of_neuron_at(transfer, &drawn, input);
            step * dimension.chart.density(at) * own.log_rate(&here).rate_hz()
        };
        (0..n).map(part).sum::<f64>().ln()
    }

    #[test]
    fn qif_neurons_with_lorentzian_currents_have_the_rate_of_montbrio_pazo_and_roxin() {
        // Montbrio, Pazo, Roxin (2015), Phys Rev X 5:021028: pi tau r = Re sqrt(eta + i Delta) without coupling
        for (center, half_width) in [(-5.0, 1.0), (-0.2, 0.3), (3.0, 0.01), (0.0, 2.0), (40.0, 5.0), (-100.0, 0.1)] {
            let law = Law::Lorentzian { center, half_width };
            let transfer =
                transfer(qif(f64::INFINITY, f64::NEG_INFINITY, 0.0), |it| it.drive(&["A"], External::current_mv(law)));
            let found = transfer.log_rate(&Input::white(center, 0.0)).rate_hz();
            let expected =
                1000.0 * num_complex::Complex64::new(center, half_width).sqrt().re / (std::f64::consts::PI * 10.0);
            assert!((found / expected - 1.0).abs() < 1e-8, "{center} {half_width}: {found} {expected}");
        }
    }

    #[test]
    fn the_mean_is_that_of_a_million_neurons() {
        let lif = |law: Law| transfer(BRUNEL, |it| it.drive(&["A"], External::current_mv(law)));
        let threshold = |neuron: Neuron| transfer(neuron.with_V_th_mv(LAW), |it| it);
        let tau_m = transfer(BRUNEL.with_tau_m_ms(Law::Lognormal { mean: 20.0, std: 5.0 }), |it| it);
        let cases = [
            (lif(LAW), 15.0, 3.0),
            (lif(LAW), 5.0, 3.0),
            (lif(LAW), 20.0, 0.05),
            (lif(Law::Uniform { low: -3.0, high: 3.0 }), 19.0, 1.0),
            (lif(Law::Exponential { mean: 2.0 }), 12.0, 2.0),
            (lif(Law::Lorentzian { center: 0.0, half_width: 1.0 }), 15.0, 2.0),
            (threshold(BRUNEL), 14.0, 4.0),
            (threshold(BRUNEL.with_V_th_mv(Law::Normal { mean: 20.0, std: 6.0 })), 14.0, 4.0),
            (tau_m, 17.0, 4.0),
        ];
        for (transfer, mean_mv, std_mv) in cases {
            let input = Input::white(mean_mv, std_mv);
            let (found, expected) = (transfer.log_rate(&input).ln_rate_hz, brute_force(&transfer, &input, 1_000_000));
            assert!((found - expected).abs() < 1e-9, "{:?} {mean_mv} {std_mv}: {found} {expected}", transfer.average());
        }
    }
}
