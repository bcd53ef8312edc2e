//! The reduced equations in time.
//!
//! Integrated by the method of order 8 of Dormand and Prince with its dense output (a library's), anew from wherever a drive starts or stops. Delays by the method of steps: no step is longer than the shortest delay, so that what is
//! heard has been sent in steps that are done (`history`).
//!
//! From reset, where all potentials are minus infinity together, `W = 1/(pi tau r + i x/(2 Delta_T))` grows from 0 as `i t/tau`, by which the first moment is taken.

use std::f64::consts::PI;

use differential_equations::interpolate::Interpolation;
use differential_equations::methods::ExplicitRungeKutta;
use differential_equations::ode::{ODE, OrdinaryNumericalMethod};
use differential_equations::status::Status;

use super::ReducedError;
use super::equations::{Origin, Reduction};
use super::history::{History, points};
use crate::evolution::{EvolutionError, EvolutionOptions, Start};
use crate::network::Network;
use crate::neuron::lif::MS_PER_S;
use crate::{Warning, Work};

/// The tolerance of the solver over the accuracy asked for, at most; the least; and the spikes within `tau_m` that count as none beside it.
const TOLERANCE: f64 = 1e-3;
const LEAST_TOLERANCE: f64 = 1e-13;
const NOTHING: f64 = 1e-4;
/// Steps at most, a minute, and numbers that are kept.
const MOST_STEPS: f64 = 1e7;
const MOST_OUTPUTS: f64 = 1e8;
/// The longest step over the shortest period of a modulation.
const OF_PERIOD: f64 = 0.25;
/// The first moment after reset, in parts of the shortest `tau_m`.
const FIRST: f64 = 1e-5;
/// Steps between looks at whether to stop.
const STEPS_A_LOOK: u64 = 256;

/// Rates and mean potentials in time.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ReducedEvolution {
    /// Times from 0 on.
    pub times_ms: Vec<f64>,
    /// Rates of each population then.
    pub rates_hz: Vec<Vec<f64>>,
    /// Mean potentials (principal values); none where all neurons are at a reset of minus infinity.
    pub mean_V_mv: Vec<Vec<Option<f64>>>,
    /// Steps that were taken.
    pub steps: u64,
    /// What is left out.
    pub warnings: Vec<Warning>,
}

/// The reduced equations of a network in time.
///
/// # Errors
///
/// What is not exact; no state to start from; options that make no sense; a stop.
pub fn evolve(network: &Network, options: &EvolutionOptions, work: &Work) -> Result<ReducedEvolution, ReducedError> {
    let reduction = Reduction::of(network)?;
    let mut found = reduction.evolve(options, work)?;
    let means: Vec<f64> = found.rates_hz.iter().map(|rates| rates.iter().sum::<f64>() / rates.len() as f64).collect();
    let factors = reduction.factors_before();
    let rates: Vec<f64> = means.iter().map(|hz| hz / MS_PER_S).collect();
    let half_widths: Vec<f64> =
        (0..rates.len()).map(|a| reduction.felt_at_rest(a, &rates, &factors).half_width_mv).collect();
    found.warnings = Reduction::left_out(network, &means, &half_widths);
    Ok(found)
}

/// The equations within a stretch in which no drive starts or stops.
struct Stretch<'a> {
    reduction: &'a Reduction,
    history: &'a History,
    /// From when on; what acts right after it.
    from_ms: f64,
}

impl ODE<f64, Vec<f64>> for Stretch<'_> {
    fn diff(&self, time_ms: f64, y: &Vec<f64>, slopes: &mut Vec<f64>) {
        let time_ms = time_ms.max(self.from_ms);
        self.reduction.slopes(time_ms, y, |b, earlier_ms| self.history.rate(b, earlier_ms), slopes);
    }
}

/// The tolerance of a step with which what is between steps has an accuracy: dense output is of order 7, and its error falls as the power 0.6 of the tolerance (measured).
fn tolerance(accuracy: f64) -> f64 {
    let between = 1e-7 * (accuracy / 2e-4).powf(1.6);
    between.min(accuracy * TOLERANCE).max(LEAST_TOLERANCE)
}

impl Reduction {
    /// The equations in time.
    ///
    /// # Errors
    ///
    /// No state to start from; options that make no sense; a stop.
    pub fn evolve(&self, options: &EvolutionOptions, work: &Work) -> Result<ReducedEvolution, ReducedError> {
        let EvolutionOptions { duration_ms, dt_ms, accuracy, start, .. } = *options;
        crate::evolution::check(options)?;
        if start == Start::File || options.kicks_mv.iter().any(|kick_mv| *kick_mv != 0.0) {
            return Err(ReducedError::Start);
        }
        let n = self.members.len();
        let shortest_delay_ms = self.delays_ms().filter(|delay_ms| *delay_ms > 0.0).fold(f64::INFINITY, f64::min);
        let longest_ms = shortest_delay_ms.min(self.shortest_period_ms() * OF_PERIOD);
        let shortest_ms = longest_ms.min(self.shortest_time_ms());
        let (steps, outputs) = (duration_ms / shortest_ms, duration_ms / dt_ms);
        if steps.is_nan() || steps > MOST_STEPS || outputs * n as f64 > MOST_OUTPUTS {
            return Err(ReducedError::TooLong { steps: steps.max(outputs), shortest_ms });
        }
        let (first_ms, mut y) = self.first(start, dt_ms, work)?;
        let before: Vec<f64> = (0..n).map(|b| if start == Start::Reset { 0.0 } else { y[2 * b] }).collect();
        let memory_ms = self.delays_ms().fold(0.0, f64::max);
        let mut history = History::new(before, memory_ms);
        let mut found = ReducedEvolution {
            times_ms: vec![0.0],
            rates_hz: vec![Vec::new(); n],
            mean_V_mv: vec![Vec::new(); n],
            steps: 0,
            warnings: Vec::new(),
        };
        for (a, member) in self.members.iter().enumerate() {
            let is_reset = start == Start::Reset;
            found.rates_hz[a].push(if is_reset { 0.0 } else { y[2 * a] * MS_PER_S });
            found.mean_V_mv[a].push((!is_reset).then_some(member.V_th_mv + y[2 * a + 1]));
        }
        let count = ((duration_ms / dt_ms) * (1.0 + 1e-12)).floor().max(1.0) as u64;
        let out_ms = |k: u64| (dt_ms * k as f64).min(duration_ms);
        let end_ms = out_ms(count);
        work.set_progress(0, count);
        let mut next_out = 1;
        let mut now_ms = first_ms;
        let tolerance = tolerance(accuracy);
        let mut ends_ms = self.jumps_ms(first_ms, end_ms);
        ends_ms.push(end_ms);
        for to_ms in ends_ms {
            let from_ms = (now_ms + 1e-9 * (to_ms - now_ms)).max(now_ms.next_up());
            let mut solver = ExplicitRungeKutta::dop853()
                .rtol(tolerance)
                .atol(self.scales().iter().map(|scale| scale * tolerance).collect::<Vec<f64>>())
                .max_steps(usize::MAX);
            let stretch = Stretch { reduction: self, history: &history, from_ms };
            let stuck = |time_ms: f64| ReducedError::Stuck { time_ms, why: "numbers grow beyond all bounds" };
            solver.init(&stretch, now_ms, to_ms, &y).map_err(|_| stuck(now_ms))?;
            while solver.t() < to_ms {
                let (at_ms, left_ms) = (solver.t(), to_ms - solver.t());
                if left_ms <= 4.0 * f64::EPSILON * to_ms {
                    break;
                }
                let h_ms = solver.h().min(longest_ms);
                // the last step ends where the stretch does; two last ones are equal
                let h_ms = if h_ms >= left_ms * (1.0 - 1e-12) { left_ms } else { h_ms.min(0.75 * left_ms) };
                solver.set_h(h_ms);
                let stretch = Stretch { reduction: self, history: &history, from_ms };
                solver.step(&stretch).map_err(|_| stuck(at_ms))?;
                found.steps += 1;
                if found.steps.is_multiple_of(STEPS_A_LOOK) {
                    work.check()?;
                }
                if !solver.h().is_finite() || found.steps as f64 > MOST_STEPS {
                    return Err(stuck(at_ms));
                }
                if matches!(solver.status(), Status::RejectedStep) {
                    continue;
                }
                let (before_ms, now_ms) = (solver.t_prev(), solver.t());
                let mut within = |time_ms: f64| {
                    let inside = time_ms.clamp(before_ms, now_ms);
                    solver.interpolate(inside).map_err(|_| stuck(inside))
                };
                while next_out <= count && out_ms(next_out) <= now_ms + 8.0 * f64::EPSILON * now_ms {
                    let at = within(out_ms(next_out))?;
                    found.times_ms.push(out_ms(next_out));
                    for (a, member) in self.members.iter().enumerate() {
                        found.rates_hz[a].push(at[2 * a] * MS_PER_S);
                        found.mean_V_mv[a].push(Some(member.V_th_mv + at[2 * a + 1]));
                    }
                    next_out += 1;
                    work.advance(1);
                }
                if memory_ms > 0.0 {
                    let mut rates = Vec::with_capacity(points().len() * n);
                    rates.extend((0..n).map(|b| solver.y_prev()[2 * b]));
                    for part in &points()[1..points().len() - 1] {
                        let at_ms = (before_ms + part * (now_ms - before_ms)).clamp(before_ms, now_ms);
                        let at = solver.interpolate(at_ms).map_err(|_| stuck(at_ms))?;
                        rates.extend((0..n).map(|b| at[2 * b]));
                    }
                    rates.extend((0..n).map(|b| solver.y()[2 * b]));
                    history.push(before_ms, now_ms, rates);
                }
            }
            y.clone_from(solver.y());
            now_ms = to_ms;
        }
        match y.iter().all(|y| y.is_finite()) {
            true => Ok(found),
            false => Err(ReducedError::Stuck { time_ms: end_ms, why: "numbers grow beyond all bounds" }),
        }
    }

    /// What counts as one of each variable, beside which the smallest are nothing.
    fn scales(&self) -> Vec<f64> {
        let rate = |b: usize| NOTHING / self.members[b].tau_m_ms;
        let mut scales: Vec<f64> =
            self.members.iter().enumerate().flat_map(|(a, member)| [rate(a), member.Delta_T_mv]).collect();
        for signal in &self.signals {
            let scale = match signal.origin {
                Origin::Population(b) => rate(b),
                Origin::Drive { rate_per_ms, .. } => NOTHING * rate_per_ms.abs().max(f64::MIN_POSITIVE),
            };
            scales.extend(std::iter::repeat_n(scale, signal.stages_ms.len()));
        }
        scales
    }

    /// The shortest time constant.
    fn shortest_time_ms(&self) -> f64 {
        let stages = self.signals.iter().flat_map(|signal| signal.stages_ms.iter().copied());
        self.members.iter().map(|member| member.tau_m_ms).chain(stages).fold(f64::INFINITY, f64::min)
    }

    /// The shortest period of a modulation.
    fn shortest_period_ms(&self) -> f64 {
        self.courses.iter().filter_map(|course| course.period_ms()).fold(f64::INFINITY, f64::min)
    }

    /// When something is abrupt after one time and before another: drives as they start, stop and arrive.
    fn jumps_ms(&self, after_ms: f64, before_ms: f64) -> Vec<f64> {
        let mut times: Vec<f64> = self.courses.iter().flat_map(|course| course.jumps_ms()).collect();
        for signal in &self.signals {
            if let Origin::Drive { course, .. } = signal.origin {
                times.extend(self.courses[course].jumps_ms().chain([0.0]).map(|at_ms| at_ms + signal.delay_ms));
            }
        }
        times.retain(|at_ms| *at_ms > after_ms && *at_ms < before_ms);
        times.sort_by(f64::total_cmp);
        times.dedup_by(|later, at| *later - *at < 1e-12 * before_ms);
        times
    }

    /// The first moment and all variables then.
    fn first(&self, start: Start, dt_ms: f64, work: &Work) -> Result<(f64, Vec<f64>), ReducedError> {
        let factors = self.factors_before();
        let asked = match start {
            Start::Reset => return Ok(self.after_reset(dt_ms, &factors)),
            Start::State | Start::File => None,
            Start::Numbered(number) => Some(number),
        };
        let (found, _) = self.rates_at_rest(&factors, work)?;
        let rates = match asked {
            Some(asked) => {
                let no_state = EvolutionError::NoState { asked, found: found.len() };
                asked.checked_sub(1).and_then(|index| found.get(index)).ok_or(no_state)?
            }
            None => {
                let mut first = &found[0];
                for rates in &found {
                    let y = self.at_rest(rates, &factors);
                    let eigenvalues = super::linearised::eigenvalues_per_ms(self, &y, &factors)?;
                    if eigenvalues.first().is_some_and(|first| first.re < 0.0) {
                        first = rates;
                        break;
                    }
                }
                first
            }
        };
        Ok((0.0, self.at_rest(rates, &factors)))
    }

    /// A moment after all neurons were at minus infinity, in which populations have sent nothing.
    fn after_reset(&self, dt_ms: f64, factors: &[f64]) -> (f64, Vec<f64>) {
        let shortest_ms = self.members.iter().map(|member| member.tau_m_ms).fold(f64::INFINITY, f64::min);
        let first_ms = (FIRST * shortest_ms).min(0.5 * dt_ms);
        let silent = vec![0.0; self.members.len()];
        let mut y = self.at_rest(&silent, factors);
        for (a, member) in self.members.iter().enumerate() {
            let felt = self.felt_at_rest(a, &silent, factors);
            let (tau, D) = (member.tau_m_ms, member.Delta_T_mv);
            y[2 * a] = felt.half_width_mv * first_ms / (6.0 * PI * D * tau * tau);
            y[2 * a + 1] = D * (felt.conductance - 2.0 * tau / first_ms);
        }
        (first_ms, y)
    }
}
