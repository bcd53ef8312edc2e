//! Membranes that conductances reach: any membrane, with a leak that is another in each step.
//!
//! ```text
//! C_m dV/dt = ... + sum g_s(t) (E_s - V) + I,    l = sum int g_s dt/C_m over the step,    Q = sum int g_s E_s dt/C_m + int I dt/C_m
//! delta conductances at the end of the step, A = sum w_s/g_L:    V <- e^(-A) V + (1 - e^(-A))/A sum w_s/g_L E_s
//! ```
//!
//! with V and `E_s` relative to `E_L`. In a step all conductances and currents are held at their means over it, and V is solved exactly for these (exponential Euler):
//! second order of h, and exact where they are constant. All pulses of a step act at its end together, as if they were open at the same time: the
//! result depends on no order, lies between V and the reversal potentials, and is `V + (1 - e^(-w/g_L)) (E_rev - V)` for one. Jumps of V come after them.
//!
//! White noise is damped by what is open: its standard deviation over a step is `sigma sqrt(h/tau_m)` times what the membrane leaves of it (`noise_left`).

use super::threshold::Felt;
use super::{Conducts, Membrane};
use crate::network::CurrentCourse;
use crate::numerics::decays::three;
use crate::simulation::channel::MembraneInput;
use crate::simulation::plan::{Plan, PopulationPlan};

/// A membrane with conductances; see the head of this file.
#[derive(Clone, Debug)]
pub(in crate::simulation) struct Conducting<M>(M);

impl<M: Conducts> Membrane for Conducting<M> {
    type State = M::State;

    const CONDUCTS: bool = true;

    fn new(plan: &Plan, population: &PopulationPlan) -> Self {
        Self(M::new(plan, population))
    }

    fn start_mv(&self) -> (f64, f64) {
        self.0.start_mv()
    }

    fn state(&self, potential: &[f64]) -> M::State {
        self.0.state(potential)
    }

    /// h/tau_m: what the current adds without a leak.
    fn current_gain(&self) -> f64 {
        let (h_ms, tau_m_ms) = self.0.times_ms();
        h_ms / tau_m_ms
    }

    /// sqrt(h/tau_m).
    fn noise_gain(&self) -> f64 {
        self.current_gain().sqrt()
    }

    /// `int i ds / C_m`.
    fn synaptic_gain(&self, tau_syn_ms: f64, C_m_pf: f64) -> f64 {
        -(-self.0.times_ms().0 / tau_syn_ms).exp_m1() * tau_syn_ms / C_m_pf
    }

    fn rising_gain(&self, course: &CurrentCourse, C_m_pf: f64) -> f64 {
        three(0.0, 1.0 / course.tau_decay_ms, 1.0 / course.tau_rise_ms, self.0.times_ms().0) / C_m_pf
    }

    fn resistance(&self, C_m_pf: f64) -> f64 {
        self.0.times_ms().1 / C_m_pf
    }

    #[inline(always)]
    fn noise_left(&self, leak: f64) -> f64 {
        Conducts::noise_left(&self.0, leak)
    }

    #[inline(always)]
    fn damp_noise(&self, input: &mut MembraneInput) {
        for (kick, leak) in input.kicks.iter_mut().zip(input.opened.leak.iter()) {
            *kick = (f64::from(*kick) * Conducts::noise_left(&self.0, *leak)) as f32;
        }
    }

    #[inline(always)]
    fn step(&self, state: &mut M::State, input: &MembraneInput, fires: &mut [u8]) -> bool {
        self.0.conduct(state, input, fires)
    }

    #[inline(always)]
    fn step_of(&self, state: &mut M::State, neuron: usize, felt: Felt) -> bool {
        self.0.conduct_of(state, neuron, felt)
    }

    fn crossing(&self, before: &M::State, neuron: usize, felt: Felt) -> f64 {
        self.0.conducted_crossing(before, neuron, felt)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::runge_kutta;
    use super::super::{Adex, Eif, Lif, Perfect, Qif, State};
    use super::*;
    use crate::network::{ReadOptions, parse};
    use crate::simulation::SimulationOptions;
    use crate::simulation::arrays::Array;
    use crate::simulation::conductance::{BlockedConductance, ExponentialConductance, Opened, OpenedOne};

    const TAU_M_MS: f64 = 20.0;
    const C_M_PF: f64 = 250.0;
    const TAU_SYN_MS: f64 = 3.0;
    /// Time constant, reversal potential, and conductance at the start in nS.
    const OPEN: [(f64, f64, f64); 2] = [(2.0, 60.0, 4.0), (6.0, -15.0, 15.0)];

    const SPIKE: &str = "Delta_T = \"2 mV\"\nV_peak = \"40 mV\"";

    fn plan(model: &str, dt_ms: f64) -> Plan {
        let text = format!(
            "[neurons.n]\nmodel = \"{model}\nC_m = \"250 pF\"\ntau_m = \"20 ms\"\nE_L = \"0 mV\"\nV_th = \"15 mV\"\nV_reset = \"5 mV\"\nt_ref = \"2 ms\"\n\
             [populations]\nA = {{ size = 1, neuron = \"n\" }}\n"
        );
        let network = parse(&text, "test", &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}\n{text}"));
        Plan::new(&network, &SimulationOptions { dt_ms, ..SimulationOptions::default() }).expect("it can be planned")
    }

    /// A neuron that starts at a potential with a constant and a decaying current, while the conductances decay.
    #[derive(Clone, Copy)]
    struct Run {
        V: f64,
        mean_mv: f64,
        current_pa: f64,
    }

    impl Run {
        /// V, and w, after a time in steps; or when it spiked.
        fn stepped<M: Conducts>(self, model: &str, dt_ms: f64, until_ms: f64) -> Result<Vec<f64>, f64> {
            let plan = plan(model, dt_ms);
            let membrane = Conducting::<M>::new(&plan, &plan.populations[0]);
            let (mut state, mut before) = (membrane.state(&[self.V]), membrane.state(&[self.V]));
            let mut input = MembraneInput::new(1, 0).opened(Opened::new(1, false));
            input.common = self.mean_mv * membrane.current_gain();
            let mut current = self.current_pa;
            let mut open = OPEN.map(|(tau_ms, E_rev, g)| {
                let mut one = ExponentialConductance::new((dt_ms, tau_ms), C_M_PF, E_rev, 1);
                one.conductance[0] = g;
                one
            });
            for step in 0..(until_ms / dt_ms).round() as u64 {
                input.opened.close();
                input.from_currents[0] = membrane.synaptic_gain(TAU_SYN_MS, C_M_PF) * current;
                current *= (-dt_ms / TAU_SYN_MS).exp();
                open.iter_mut().for_each(|one| one.receive(&[0.0], &mut input.opened, &mut input.from_currents));
                before.remember(&state);
                if membrane.step(&mut state, &input, &mut [0]) {
                    let opened = OpenedOne { leak: input.opened.leak[0], ..OpenedOne::NONE };
                    let felt = Felt { common: input.common, current: input.from_currents[0], kick: 0.0, opened };
                    return Err((step as f64 + membrane.crossing(&before, 0, felt)) * dt_ms);
                }
            }
            let real = |array| if let Array::Reals(values) = array { Some(values[0]) } else { None };
            Ok(state.arrays().into_iter().filter_map(|(_, array)| real(array)).collect())
        }

        /// An accurate solution.
        fn solved(self, flow: fn(f64, f64) -> f64, a_R: f64, until_ms: f64, peak: f64) -> Result<Vec<f64>, f64> {
            let slope = |t: f64, V: f64, w: f64| {
                let V = V.min(2.0 * peak);
                let decaying = self.current_pa * (-t / TAU_SYN_MS).exp();
                let through: f64 = OPEN.iter().map(|(tau, E_rev, g)| g * (-t / tau).exp() * (E_rev - V)).sum();
                (flow(V, self.mean_mv - w) / TAU_M_MS + (decaying + through) / C_M_PF, (a_R * V - w) / 50.0)
            };
            runge_kutta(slope, self.V, until_ms, peak)
        }
    }

    /// Halving the step leaves a quarter of the error of each variable; a spike is off by a part of the square of the step in tau_m.
    fn assert_second_order<M: Conducts>(model: &str, flow: fn(f64, f64) -> f64, a_R: f64, peak: f64) {
        const STEPS_MS: [f64; 3] = [0.4, 0.2, 0.1];
        for (run, until_ms) in [
            (Run { V: 2.0, mean_mv: 9.0, current_pa: 50.0 }, 12.8),
            (Run { V: -30.0, mean_mv: 10.0, current_pa: -100.0 }, 9.6),
            (Run { V: 14.0, mean_mv: 40.0, current_pa: 200.0 }, 40.0),
        ] {
            let expected = run.solved(flow, a_R, until_ms, peak);
            let found = STEPS_MS.map(|dt_ms| run.stepped::<M>(model, dt_ms, until_ms));
            match expected {
                Err(expected_ms) => {
                    for (found, dt_ms) in found.iter().zip(STEPS_MS) {
                        let error = found.clone().expect_err("it spikes") - expected_ms;
                        assert!(error.abs() < 0.1 * dt_ms * dt_ms, "{model}, dt = {dt_ms}: {error} ms late");
                    }
                }
                Ok(expected) => {
                    let found = found.map(|found| found.expect("it does not spike"));
                    for (variable, expected) in expected.iter().enumerate().take(found[0].len()) {
                        let errors = [0, 1, 2].map(|step| found[step][variable] - expected);
                        let ratios = [errors[0] / errors[1], errors[1] / errors[2]];
                        let is_second = ratios.iter().all(|ratio| (3.7..4.3).contains(ratio));
                        assert!(is_second, "{model}, from {}: {errors:?}", run.V);
                        assert!(errors[2].abs() < 1e-3, "{model}, from {}: {errors:?}", run.V);
                    }
                }
            }
        }
    }

    #[test]
    fn all_membranes_with_conductances_are_of_second_order() {
        let exponential = |V: f64, mu: f64| mu - V + 2.0 * ((V - 15.0) / 2.0).exp();
        assert_second_order::<Lif>("lif\"", |V, mu| mu - V, 0.0, 15.0);
        assert_second_order::<Perfect>("perfect\"", |_, mu| mu, 0.0, 15.0);
        assert_second_order::<Eif>(&format!("eif\"\n{SPIKE}"), exponential, 0.0, 40.0);
        let adex = format!("adex\"\n{SPIKE}\na = \"4 nS\"\nb = \"80 pA\"\ntau_w = \"50 ms\"");
        assert_second_order::<Adex>(&adex, exponential, 4.0 * TAU_M_MS / C_M_PF, 40.0);
        let quadratic = |V: f64, mu: f64| (V - 15.0).powi(2) / 4.0 + mu - 15.0;
        assert_second_order::<Qif>(&format!("qif\"\n{SPIKE}"), quadratic, 0.0, 40.0);
    }

    #[test]
    fn a_conductance_that_magnesium_blocks_is_of_second_order() {
        // 30 nS of NMDA that decay in 40 ms, at E_L = -70 mV: 1 mM, 0.062 /mV, 3.57 mM
        const G_NS: f64 = 30.0;
        let c = 1.0 / 3.57 * f64::exp(0.062 * 70.0);
        let stepped = |dt_ms: f64| {
            let plan = plan("lif\"", dt_ms);
            let lif = Conducting::<Lif>::new(&plan, &plan.populations[0]);
            let mut state = lif.state(&[2.0]);
            let mut input = MembraneInput::new(1, 0).opened(Opened::new(1, false));
            input.common = 5.0 * lif.current_gain();
            let open = ExponentialConductance::new((dt_ms, 40.0), C_M_PF, 70.0, 1);
            let mut blocked = BlockedConductance::new(open, c, 0.062);
            blocked.open.conductance[0] = G_NS;
            for _ in 0..(9.6 / dt_ms).round() as u64 {
                input.opened.close();
                input.from_currents.fill(0.0);
                blocked.receive(&[0.0], &mut input.opened, &mut input.from_currents, state.potential());
                assert!(!lif.step(&mut state, &input, &mut [0]));
            }
            state.potential()[0]
        };
        let slope = |t: f64, V: f64| {
            let through = G_NS * f64::exp(-t / 40.0) * (70.0 - V) / (1.0 + c * f64::exp(-0.062 * V));
            (5.0 - V) / TAU_M_MS + through / C_M_PF
        };
        let (mut V, h) = (2.0, 1e-3);
        for step in 0..9600 {
            let t = f64::from(step) * h;
            let a = slope(t, V);
            let b = slope(t + h / 2.0, V + h / 2.0 * a);
            let c = slope(t + h / 2.0, V + h / 2.0 * b);
            V += h / 6.0 * (a + 2.0 * (b + c) + slope(t + h, V + h * c));
        }
        let errors = [0.4, 0.2, 0.1].map(|dt_ms| stepped(dt_ms) - V);
        let ratios = [errors[0] / errors[1], errors[1] / errors[2]];
        assert!(ratios.iter().all(|ratio| (3.6..4.4).contains(ratio)) && errors[2].abs() < 1e-4, "{V} mV: {errors:?}");
    }

    /// One neuron with a leak that stays: its equation without conductances, with another time constant and another mean.
    #[test]
    fn a_conductance_that_stays_is_another_leak_exactly() {
        let plan = plan("lif\"", 0.5);
        let lif = Conducting::<Lif>::new(&plan, &plan.populations[0]);
        let mut state = lif.state(&[-3.0]);
        let mut input = MembraneInput::new(1, 0).opened(Opened::new(1, true));
        // three times the leak, towards 8 mV, and a pulse of half of it at the end
        (input.opened.leak[0], input.from_currents[0]) = (3.0 * 0.5 / TAU_M_MS, 3.0 * 0.5 / TAU_M_MS * 8.0);
        (input.opened.pulse[0], input.opened.toward[0]) = (0.5, 0.5 * 60.0);
        assert!(lif.step(&mut state, &input, &mut [0]));
        let relaxed = 6.0 + (-3.0 - 6.0) * f64::exp(-0.5 / 5.0);
        // the pulse passes the threshold
        assert!(60.0 + (relaxed - 60.0) * f64::exp(-0.5) > 15.0 && state.potential() == [5.0]);
        state = lif.state(&[-3.0]);
        input.opened.toward[0] = 0.5 * -9.0;
        assert!(!lif.step(&mut state, &input, &mut [0]));
        let expected = -9.0 + (relaxed + 9.0) * f64::exp(-0.5);
        assert!((state.potential()[0] - expected).abs() < 1e-9, "{} {expected}", state.potential()[0]);
    }

    #[test]
    fn noise_leaves_the_variance_of_a_faster_membrane() {
        let plan = plan("lif\"", 0.5);
        let lif = Conducting::<Lif>::new(&plan, &plan.populations[0]);
        let mut input = MembraneInput::new(1, 0).opened(Opened::new(1, false));
        (input.kicks[0], input.opened.leak[0]) = (lif.noise_gain() as f32, 3.0 * 0.5 / TAU_M_MS);
        lif.damp_noise(&mut input);
        // of a process with a quarter of the time constant: stationary variance 1/8 with sigma = 1 on tau_m
        let expected = ((1.0 - f64::exp(-2.0 * 0.5 / 5.0)) / 8.0).sqrt();
        assert!((f64::from(input.kicks[0]) / expected - 1.0).abs() < 1e-6, "{} {expected}", input.kicks[0]);
    }
}
