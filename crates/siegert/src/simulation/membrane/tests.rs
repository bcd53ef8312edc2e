//! Membranes step by step against accurate solutions of their equations, all potentials relative to `E_L`.

use super::adex::Adex;
use super::eif::Eif;
use super::perfect::Perfect;
use super::qif::Qif;
use super::threshold::Felt;
use super::{Membrane, State};
use crate::network::{CurrentCourse, ReadOptions, parse};
use crate::simulation::channel::MembraneInput;
use crate::simulation::conductance::OpenedOne;
use crate::simulation::plan::Plan;
use crate::simulation::{SimulationOptions, membrane::lif::Lif};

const TAU_M_MS: f64 = 20.0;
const C_M_PF: f64 = 250.0;
const TAU_SYN_MS: f64 = 3.0;

/// By the method of Runge and Kutta in very small steps: V and w at a time, from w = 0, or the time at which V is at a peak.
pub(super) fn runge_kutta(
    slope: impl Fn(f64, f64, f64) -> (f64, f64),
    V: f64,
    until_ms: f64,
    peak: f64,
) -> Result<Vec<f64>, f64> {
    let (mut t, mut V, mut w) = (0.0, V, 0.0);
    while t < until_ms {
        let a = slope(t, V, w);
        let h = (0.02 / a.0.abs()).min(2e-3).min(until_ms - t);
        let b = slope(t + h / 2.0, V + h / 2.0 * a.0, w + h / 2.0 * a.1);
        let c = slope(t + h / 2.0, V + h / 2.0 * b.0, w + h / 2.0 * b.1);
        let d = slope(t + h, V + h * c.0, w + h * c.1);
        let next = V + h / 6.0 * (a.0 + 2.0 * (b.0 + c.0) + d.0);
        w += h / 6.0 * (a.1 + 2.0 * (b.1 + c.1) + d.1);
        if next >= peak {
            return Err(t + h * (peak - V) / (next - V));
        }
        (t, V) = (t + h, next);
    }
    Ok(vec![V, w])
}

/// One neuron with C_m of 250 pF, tau_m of 20 ms and E_L = 0.
fn plan(neuron: &str, dt_ms: f64) -> Plan {
    let text = format!(
        "[neurons.n]\nC_m = \"250 pF\"\ntau_m = \"20 ms\"\nE_L = \"0 mV\"\nV_th = \"15 mV\"\n{neuron}\n\
         [populations]\nA = {{ size = 1, neuron = \"n\" }}\n"
    );
    let network = parse(&text, "test", &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}\n{text}"));
    Plan::new(&network, &SimulationOptions { dt_ms, ..SimulationOptions::default() }).expect("it can be planned")
}

const LIF: &str = "model = \"lif\"\nV_reset = \"5 mV\"\nt_ref = \"2 ms\"";
const PERFECT: &str = "model = \"perfect\"\nV_reset = \"5 mV\"\nt_ref = \"2 ms\"";
const EIF: &str = "model = \"eif\"\nV_reset = \"5 mV\"\nt_ref = \"2 ms\"\nDelta_T = \"2 mV\"\nV_peak = \"40 mV\"";
const ADEX: &str = "model = \"adex\"\nV_reset = \"5 mV\"\nt_ref = \"2 ms\"\nDelta_T = \"2 mV\"\nV_peak = \"40 mV\"\na = \"4 nS\"\nb = \"80 \
                    pA\"\ntau_w = \"50 ms\"";
const QIF: &str = "model = \"qif\"\nV_reset = \"5 mV\"\nt_ref = \"2 ms\"\nDelta_T = \"2 mV\"\nV_peak = \"40 mV\"";
const INFINITE: &str = "model = \"qif\"\nV_reset = \"-inf\"\nt_ref = \"0 ms\"\nDelta_T = \"0.5 mV\"\nV_peak = \"inf\"";

/// A neuron that starts at a potential, with a constant and a decaying current.
struct Run {
    /// Potential of the start, `R I` in mV and the synaptic current at the start in pA.
    V: f64,
    mean_mv: f64,
    current_pa: f64,
}

/// Where a neuron is after a time, and when it spiked for the first time.
struct Ran {
    arrays: Vec<f64>,
    spike_ms: Option<f64>,
}

impl Run {
    /// In steps of the membrane, up to a time or to the first spike.
    fn stepped<M: Membrane>(&self, neuron: &str, dt_ms: f64, until_ms: f64) -> Ran {
        let plan = plan(neuron, dt_ms);
        let membrane = M::new(&plan, &plan.populations[0]);
        let (mut state, mut before) = (membrane.state(&[self.V]), membrane.state(&[self.V]));
        let mut input = MembraneInput::new(1, 0);
        input.common = self.mean_mv * membrane.current_gain();
        let (gain, decay) = (membrane.synaptic_gain(TAU_SYN_MS, C_M_PF), (-dt_ms / TAU_SYN_MS).exp());
        let (mut current, mut spike_ms) = (self.current_pa, None);
        for step in 0..(until_ms / dt_ms).round() as u64 {
            input.from_currents[0] = gain * current;
            current *= decay;
            before.remember(&state);
            if membrane.step(&mut state, &input, &mut [0]) {
                let opened = OpenedOne::NONE;
                let felt = Felt { common: input.common, current: input.from_currents[0], kick: 0.0, opened };
                spike_ms = Some((step as f64 + membrane.crossing(&before, 0, felt)) * dt_ms);
                break;
            }
        }
        let reals = |array| match array {
            crate::simulation::arrays::Array::Reals(values) => Some(values[0]),
            crate::simulation::arrays::Array::Counts(_) => None,
        };
        Ran { arrays: state.arrays().into_iter().filter_map(|(_, array)| reals(array)).collect(), spike_ms }
    }

    /// An accurate solution: V and w, up to a time or until V is at a peak.
    fn solved(&self, flow: impl Fn(f64, f64, f64) -> (f64, f64), until_ms: f64, peak: f64) -> Ran {
        let R = TAU_M_MS / C_M_PF;
        let slope = |t: f64, V: f64, w: f64| {
            flow(self.mean_mv + R * self.current_pa * (-t / TAU_SYN_MS).exp(), V.min(2.0 * peak), w)
        };
        match runge_kutta(slope, self.V, until_ms, peak) {
            Ok(arrays) => Ran { arrays, spike_ms: None },
            Err(spike_ms) => Ran { arrays: vec![], spike_ms: Some(spike_ms) },
        }
    }
}

fn eif_flow(mu: f64, V: f64, w: f64) -> (f64, f64) {
    ((mu - V - w + 2.0 * ((V - 15.0) / 2.0).exp()) / TAU_M_MS, 0.0)
}

fn adex_flow(mu: f64, V: f64, w: f64) -> (f64, f64) {
    (eif_flow(mu, V, w).0, (4.0 * TAU_M_MS / C_M_PF * V - w) / 50.0)
}

fn qif_flow(mu: f64, V: f64, _: f64) -> (f64, f64) {
    (((V - 15.0).powi(2) / 4.0 + mu - 15.0) / TAU_M_MS, 0.0)
}

/// Halving the step leaves a quarter of the error of each variable; a spike is off by a small part of the square of the step in tau_m.
fn assert_second_order<M: Membrane>(neuron: &str, flow: impl Fn(f64, f64, f64) -> (f64, f64)) {
    const STEPS_MS: [f64; 3] = [0.4, 0.2, 0.1];
    for (run, until_ms) in [
        (Run { V: 2.0, mean_mv: 13.0, current_pa: 150.0 }, 12.8),
        (Run { V: -30.0, mean_mv: 10.0, current_pa: -100.0 }, 9.6),
        (Run { V: 14.0, mean_mv: 20.0, current_pa: 200.0 }, 40.0),
    ] {
        let expected = run.solved(&flow, until_ms, 40.0);
        let found = STEPS_MS.map(|dt_ms| run.stepped::<M>(neuron, dt_ms, until_ms));
        if let Some(expected_ms) = expected.spike_ms {
            for (found, dt_ms) in found.iter().zip(STEPS_MS) {
                let error = found.spike_ms.expect("it spikes") - expected_ms;
                assert!(error.abs() < 0.03 * dt_ms * dt_ms, "dt = {dt_ms}: the spike is {error} ms late");
            }
            continue;
        }
        for (variable, expected) in expected.arrays.iter().enumerate().take(found[0].arrays.len()) {
            let errors = [0, 1, 2].map(|step| found[step].arrays[variable] - expected);
            let ratios = [errors[0] / errors[1], errors[1] / errors[2]];
            let exact = errors.iter().all(|error| error.abs() < 1e-8);
            assert!(exact || ratios.iter().all(|ratio| (3.7..4.3).contains(ratio)), "V = {}: {errors:?}", run.V);
            assert!(errors[2].abs() < 1e-3, "V = {}: {errors:?}", run.V);
        }
    }
}

#[test]
fn the_exponential_membrane_is_of_second_order() {
    assert_second_order::<Eif>(EIF, eif_flow);
}

#[test]
fn the_adaptive_membrane_is_of_second_order() {
    assert_second_order::<Adex>(ADEX, adex_flow);
}

#[test]
fn the_quadratic_membrane_is_of_second_order() {
    assert_second_order::<Qif>(QIF, qif_flow);
}

/// What a current that rises adds in a step is, of any membrane, the integral of its course; nearly equal times are as good as others.
#[test]
fn a_rising_current_adds_what_a_difference_of_exponential_ones_does() {
    let gains = |dt_ms: f64, rise: f64, decay: f64| {
        let course = CurrentCourse { tau_rise_ms: rise, tau_decay_ms: decay };
        fn of<M: Membrane>(neuron: &str, dt_ms: f64, course: &CurrentCourse) -> [f64; 2] {
            let plan = plan(neuron, dt_ms);
            let membrane = M::new(&plan, &plan.populations[0]);
            let [slow, fast] = [course.tau_decay_ms, course.tau_rise_ms].map(|tau| membrane.synaptic_gain(tau, C_M_PF));
            let apart = 1.0 / course.tau_rise_ms - 1.0 / course.tau_decay_ms;
            [membrane.rising_gain(course, C_M_PF), (slow - fast) / apart]
        }
        [
            of::<Lif>(LIF, dt_ms, &course),
            of::<Perfect>(PERFECT, dt_ms, &course),
            of::<Eif>(EIF, dt_ms, &course),
            of::<Adex>(ADEX, dt_ms, &course),
            of::<Qif>(QIF, dt_ms, &course),
        ]
    };
    for (dt_ms, rise, decay) in [(0.1, 0.5, 5.0), (1.0, 2.0, 20.0), (0.1, 1.0, 1.1), (2.0, 0.1, 3.0)] {
        for [found, expected] in gains(dt_ms, rise, decay) {
            assert!((found / expected - 1.0).abs() < 1e-10, "{dt_ms} {rise} {decay}: {found} {expected}");
        }
    }
    let near = |decay: f64| gains(0.1, 3.0, decay).map(|[found, _]| found);
    for (equal, nearly) in near(3.0).into_iter().zip(near(3.0 + 1e-9)) {
        assert!((equal / nearly - 1.0).abs() < 1e-10, "{equal} {nearly}");
    }
}

#[test]
fn far_below_its_threshold_the_exponential_membrane_is_the_leaky_one() {
    for run in
        [Run { V: -60.0, mean_mv: -40.0, current_pa: 300.0 }, Run { V: -900.0, mean_mv: -50.0, current_pa: -9.0 }]
    {
        let [eif, lif] = [run.stepped::<Eif>(EIF, 0.3, 30.0), run.stepped::<Lif>(LIF, 0.3, 30.0)];
        assert!((eif.arrays[0] - lif.arrays[0]).abs() < 1e-9, "{} {}", eif.arrays[0], lif.arrays[0]);
    }
}

#[test]
fn a_quadratic_neuron_between_infinities_takes_the_time_of_its_tangent_at_any_step() {
    // from minus to plus infinity: pi tau_m sqrt(2 Delta_T/eta); from rest within it as long as the tangent takes
    for (eta, dt_ms) in [(4.0, 0.1), (4.0, 1.7), (100.0, 1.0), (1e-3, 7.0), (1e4, 3.0)] {
        let run = |V| Run { V, mean_mv: 15.0 + eta, current_pa: 0.0 }.stepped::<Qif>(INFINITE, dt_ms, 1e5).spike_ms;
        let whole = std::f64::consts::PI * TAU_M_MS / f64::sqrt(eta);
        let found = run(f64::NEG_INFINITY).expect("it spikes");
        assert!((found / whole - 1.0).abs() < 1e-6, "eta = {eta}, dt = {dt_ms}: {found} ms, expected {whole} ms");
        let half = run(15.0).expect("it spikes");
        assert!((half / whole - 0.5).abs() < 1e-6, "eta = {eta}, dt = {dt_ms}: {half} ms, half of {whole} ms");
    }
}

#[test]
fn below_rheobase_a_quadratic_neuron_comes_to_rest_or_spikes_by_what_it_started_from() {
    // fixed points at V_th -+ sqrt(-2 Delta_T eta): 13 and 17 mV
    let run = |V| Run { V, mean_mv: 11.0, current_pa: 0.0 }.stepped::<Qif>(INFINITE, 0.5, 400.0);
    for V in [f64::NEG_INFINITY, -1e9, 0.0, 16.99] {
        let ran = run(V);
        assert!(ran.spike_ms.is_none() && (ran.arrays[0] - 13.0).abs() < 1e-9, "from {V}: {:?}", ran.arrays);
    }
    // x = 2 coth(2 (t0 - t)/tau_m): from x it takes tau_m atanh(2/x)/2
    let found = run(18.0).spike_ms.expect("it spikes");
    let expected = TAU_M_MS * f64::atanh(2.0 / 3.0) / 2.0;
    assert!((found / expected - 1.0).abs() < 1e-6, "{found} ms, expected {expected} ms");
}

#[test]
fn no_potential_and_no_input_is_too_large() {
    for V in [-1e30, -1e9, -100.0, 39.9] {
        for mean_mv in [-1e30, -1e6, 0.0, 1e6, 1e30] {
            let run = Run { V, mean_mv, current_pa: 0.0 };
            for dt_ms in [0.1, 10.0] {
                let potentials = [
                    run.stepped::<Eif>(EIF, dt_ms, 10.0 * dt_ms),
                    run.stepped::<Adex>(ADEX, dt_ms, 10.0 * dt_ms),
                    run.stepped::<Qif>(QIF, dt_ms, 10.0 * dt_ms),
                ]
                .map(|ran| ran.arrays[0]);
                assert!(potentials.iter().all(|V| *V < 40.0), "V = {V}, mu = {mean_mv}: {potentials:?}");
            }
        }
    }
}

#[test]
fn adaptation_jumps_at_a_spike_and_runs_on_while_the_potential_is_held() {
    let plan = plan(ADEX, 0.1);
    let adex = Adex::new(&plan, &plan.populations[0]);
    let mut state = adex.state(&[39.0]);
    let input = MembraneInput::new(1, 0);
    assert!(adex.step(&mut state, &input, &mut [0]));
    let w = |state: &<Adex as Membrane>::State| match state.arrays()[2] {
        ("w", crate::simulation::arrays::Array::Reals(values)) => values[0] * C_M_PF / TAU_M_MS,
        _ => unreachable!("w is the third"),
    };
    // 80 pA, and a few pA by V in half a step
    let first = w(&state);
    assert!((80.0..81.0).contains(&first), "{first} pA");
    for _ in 0..20 {
        assert!(!adex.step(&mut state, &input, &mut [0]));
        assert_eq!(state.potential(), [5.0]);
    }
    // to a V_reset = 20 pA, in 2 ms of 50
    let expected = 20.0 + (first - 20.0) * f64::exp(-2.0 / 50.0);
    assert!((w(&state) - expected).abs() < 1e-9, "{} pA, expected {expected} pA", w(&state));
    assert_eq!(state.refractory(), [0]);
}
