//! The exact reduction of quadratic neurons against reference numbers, and by a second route: another equation, another program, the network itself.

#![allow(non_snake_case)] // symbols of the field keep their capitals

#[path = "support/simulating.rs"]
mod simulating;
mod support;

use siegert::Work;
use siegert::evolution::{EvolutionOptions, Start};
use siegert::network::Network;
use siegert::reduced::{self, LowDimensional, Reduction, Search, cusp, montbrio_states, saddle_node_at, saddle_nodes};
use siegert::simulation::SimulationOptions;
use siegert::testing::{open, read};

use support::{number, table};

/// The bound of the worst error of fixed points, eigenvalues and saddle-nodes, relative.
const FIXED_POINTS: f64 = 1e-12;
/// The same of transients.
const TRANSIENTS: f64 = 1e-6;

fn close(found: f64, expected: f64, scale: f64, tolerance: f64) -> bool {
    (found - expected).abs() <= tolerance * scale.abs().max(expected.abs())
}

/// A network file of one population in units of the paper with `tau_m` of 20 ms, with further lines.
fn montbrio(eta: f64, J: f64, Delta: f64, lines: &str) -> Network {
    read(&text(
        eta,
        Delta,
        &format!("{lines}\n[[projections]]\nfrom = \"A\"\nto = \"A\"\nin_degree = 1000\nweight = \"{J} mV / 1000\"\n"),
    ))
}

fn text(eta: f64, Delta: f64, lines: &str) -> String {
    format!(
        "[neurons.qif]\nmodel = \"qif\"\ntau_m = \"20 ms\"\nC_m = \"200 pF\"\nE_L = \"0 mV\"\nV_th = \"0 mV\"\nDelta_T = \"0.5 mV\"\nV_peak = \"inf\"\nV_reset = \"-inf\"\nt_ref = \"0 ms\"\n\
         [populations.A]\nsize = 1000\nneuron = \"qif\"\n\
         [[drives]]\nto = \"A\"\nkind = \"current\"\nvalue = {{ distribution = \"lorentzian\", center = \"{eta} mV\", half_width = \"{Delta} mV\" }}\n{lines}"
    )
}

fn states(network: &Network) -> reduced::ReducedStates {
    reduced::states(network, &Work::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn evolved(network: &Network, options: EvolutionOptions) -> reduced::ReducedEvolution {
    reduced::evolve(network, &options, &Work::default()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn fixed_points_and_eigenvalues_are_those_of_the_polynomial() {
    let mut worst: f64 = 0.0;
    let rows = table("mpr_fixed_points");
    for row in &rows {
        let [eta, J, Delta, R, v] = ["eta", "J", "Delta", "R", "v"].map(|column| number(row, column));
        let closed = montbrio_states(eta, J, Delta);
        assert_eq!(closed.len() as f64, number(row, "states"), "eta = {eta}, J = {J}");
        let network = montbrio(eta, J, Delta, "");
        let found = states(&network);
        assert_eq!((found.states.len(), found.search), (closed.len(), Search::ClosedForm));
        let place = (0..closed.len()).find(|k| close(closed[*k].R, R, 0.0, 1e-6)).expect("it is one of them");
        let (closed, state) = (closed[place], &found.states[place]);
        let mut error = |found: f64, expected: f64, scale: f64| {
            worst = worst.max((found - expected).abs() / scale.abs().max(expected.abs()));
        };
        error(closed.R, R, 0.0);
        error(closed.v, v, 0.0);
        error(state.rates_hz[0], R / 0.02, 0.0);
        error(state.mean_V_mv[0], v, 0.0);
        let size = number(row, "re_1").hypot(number(row, "im_1")).max(number(row, "re_2").hypot(number(row, "im_2")));
        for (k, (re, im)) in [("re_1", "im_1"), ("re_2", "im_2")].iter().enumerate() {
            error(closed.eigenvalues[k].re, number(row, re), size);
            error(closed.eigenvalues[k].im, number(row, im), size);
            error(state.eigenvalues_per_s[k].re, number(row, re) / 0.02, size / 0.02);
            error(state.eigenvalues_per_s[k].im, number(row, im) / 0.02, size / 0.02);
        }
        let grows = number(row, "re_1").max(number(row, "re_2")) > 0.0;
        assert_eq!(state.stable, !grows, "eta = {eta}, J = {J}, R = {R}");
    }
    println!("{} fixed points, worst {worst:.1e}", rows.len());
    assert!(worst <= FIXED_POINTS, "{worst:.1e}");
}

#[test]
fn saddle_nodes_and_cusps_are_in_closed_form() {
    for row in table("mpr_saddle_nodes") {
        let [Delta, R, J, eta] = ["Delta", "R", "J", "eta"].map(|column| number(&row, column));
        let found = if row["kind"] == "cusp" { cusp(Delta) } else { saddle_node_at(R, Delta) };
        for (found, expected) in [(found.R, R), (found.J, J), (found.eta, eta)] {
            assert!(close(found, expected, 0.0, FIXED_POINTS), "{found} for {expected}");
        }
        if row["kind"] == "cusp" {
            assert!(saddle_nodes(0.999 * J, Delta).is_empty() && saddle_nodes(1.001 * J, Delta).len() == 2);
        } else {
            let found = saddle_nodes(J, Delta);
            assert!(found.iter().any(|it| close(it.R, R, 0.0, 1e-9) && close(it.eta, eta, 0.0, 1e-9)), "{found:?}");
        }
    }
    assert!(montbrio_states(-5.0, 15.0, 0.0).is_empty() && montbrio_states(f64::NAN, 15.0, 1.0).is_empty());
}

#[test]
fn a_transient_through_synapses_is_that_of_another_program() {
    // J tau s, s through 0.4 ms: w tau_s/C_m = J/1000
    let lines = "[synapses.exp]\nkind = \"exponential_current\"\ntau = \"0.4 ms\"\n\
                 [[projections]]\nfrom = \"A\"\nto = \"A\"\nin_degree = 1000\nsynapse = \"exp\"\nweight = \"15 mV * 200 pF / (1000 * 0.4 ms)\"\n\
                 [[drives]]\nto = \"A\"\nkind = \"current\"\nvalue = \"3 mV\"\nstart = \"40 ms\"\nstop = \"160 ms\"\n";
    let network = read(&text(-5.0, 1.0, lines));
    const PER_BIN: usize = 100;
    let options =
        EvolutionOptions { duration_ms: 320.0, dt_ms: 2.0 / PER_BIN as f64, accuracy: 1e-8, ..Default::default() };
    let found = evolved(&network, options);
    let (mut worst, mut beside) = (0.0f64, 0.0f64);
    for row in table("mpr_transient") {
        let bin = number(&row, "bin") as usize;
        let rates = &found.rates_hz[0][bin * PER_BIN..=(bin + 1) * PER_BIN];
        // Simpson's rule
        let weight = |k: usize| if k == 0 || k == PER_BIN { 1.0 } else { 2.0 + 2.0 * (k % 2) as f64 };
        let mean = rates.iter().enumerate().map(|(k, hz)| weight(k) * hz).sum::<f64>() / (3 * PER_BIN) as f64 * 0.02;
        worst = worst.max((mean / number(&row, "R") - 1.0).abs());
        beside = beside.max((mean / number(&row, "R_scipy") - 1.0).abs());
    }
    // where the rate is largest the other program itself is off by 1e-6
    println!("{} steps; worst {worst:.2e}, beside scipy {beside:.2e}", found.steps);
    assert!(worst <= TRANSIENTS, "{worst:.2e}");
    assert!(beside <= 5e-9, "{beside:.2e}");
}

/// `tau W' = i + g W - (Delta + i eta) W^2` for `W = 1/(pi tau r + i v)`, from 0: a closed form without coupling, `W = i tanh(k t/tau)/k`, `k^2 = Delta i - eta`.
#[test]
fn from_reset_uncoupled_neurons_rise_as_their_own_solution_says() {
    use siegert::Complex64;
    let (eta, Delta) = (2.0, 0.5);
    let network = read(&text(eta, Delta, ""));
    for accuracy in [1e-3, 1e-5, 1e-7] {
        let options =
            EvolutionOptions { duration_ms: 60.0, dt_ms: 0.5, accuracy, start: Start::Reset, ..Default::default() };
        let found = evolved(&network, options);
        assert_eq!((found.rates_hz[0][0], found.mean_V_mv[0][0]), (0.0, None));
        let k = Complex64::new(-eta, Delta).sqrt();
        let mut worst = 0.0f64;
        for (index, time_ms) in found.times_ms.iter().enumerate().skip(1) {
            let W = Complex64::i() * (k * time_ms / 20.0).tanh() / k;
            let w = W.inv();
            let (rate_hz, v) = (w.re / (std::f64::consts::PI * 0.02), w.im);
            worst = worst.max((found.rates_hz[0][index] / rate_hz - 1.0).abs());
            worst = worst.max((found.mean_V_mv[0][index].unwrap() - v).abs() / w.norm());
        }
        println!("accuracy {accuracy}: {} steps, worst {worst:.1e}", found.steps);
        assert!(worst < accuracy, "{worst:.1e} for {accuracy}");
    }
}

#[test]
fn a_small_disturbance_with_delays_grows_as_the_characteristic_equation_says() {
    // inhibition later by 10 ms: a small disturbance grows and turns as the rightmost root says
    let network = montbrio(4.0, -12.0, 0.3, "").clone();
    let mut later = network.clone();
    later.projections[0].delay_ms = Some(siegert::network::Law::Constant { value: 10.0 });
    let (at_once, later_states) = (states(&network), states(&later));
    assert!((at_once.states[0].rates_hz[0] / later_states.states[0].rates_hz[0] - 1.0).abs() < 1e-14);
    let first = later_states.states[0].eigenvalues_per_s[0];
    println!("{:?}", later_states.states[0].eigenvalues_per_s);
    assert!(at_once.states[0].stable && !later_states.states[0].stable && first.re > 0.0 && first.im > 0.0);
    // the equation itself: det(lambda - A - B e^(-lambda d)) for r' and v'
    let (R, v) = (later_states.states[0].rates_hz[0] * 0.02, later_states.states[0].mean_V_mv[0]);
    let p = std::f64::consts::PI;
    for lambda in &later_states.states[0].eigenvalues_per_s {
        let s = lambda * 0.02;
        let diagonal = s - 2.0 * v;
        let by_rate = -2.0 * p * p * R - 12.0 * (-lambda * 0.01).exp();
        let off = diagonal * diagonal - 2.0 * R * by_rate;
        assert!(off.norm() < 1e-8 * (1.0 + s.norm_sqr()), "{lambda}: {off}");
    }
    // a small step grows so
    let lines = "[[drives]]\nto = \"A\"\nkind = \"current\"\nvalue = \"1e-9 mV\"\nstart = \"1 ms\"\nstop = \"2 ms\"\n";
    let mut pushed = montbrio(4.0, -12.0, 0.3, lines);
    pushed.projections[0].delay_ms = Some(siegert::network::Law::Constant { value: 10.0 });
    let options = EvolutionOptions { duration_ms: 900.0, dt_ms: 0.25, accuracy: 1e-8, ..Default::default() };
    let found = evolved(&pushed, options);
    let rest = later_states.states[0].rates_hz[0];
    let off = |time_ms: f64| found.rates_hz[0][(time_ms / 0.25).round() as usize] - rest;
    // zeros of the deviation, and its growth over periods
    let period_ms = 2000.0 * p / first.im;
    let peak = |from_ms: f64| {
        (0..(period_ms / 0.25) as usize).map(|k| off(from_ms + 0.25 * k as f64)).fold(f64::MIN, f64::max)
    };
    let from_ms = 150.0;
    let cycles = (200.0 / period_ms).floor();
    let grown = (peak(from_ms + cycles * period_ms) / peak(from_ms)).ln() / (cycles * period_ms / 1000.0);
    println!("grows by {grown} per s for {}", first.re);
    assert!((grown / first.re - 1.0).abs() < 1e-3, "{grown} for {}", first.re);
}

#[test]
fn an_exponential_law_of_delays_is_a_filter() {
    let step = "[[drives]]\nto = \"A\"\nkind = \"current\"\nvalue = \"1 mV\"\nstart = \"5 ms\"\n";
    let options = EvolutionOptions { duration_ms: 120.0, dt_ms: 1.0, accuracy: 1e-7, ..Default::default() };
    let mut exact = montbrio(1.0, -5.0, 1.0, step);
    exact.projections[0].delay_ms = Some(siegert::network::Law::Exponential { mean: 4.0 });
    let filtered = evolved(&exact, options.clone());
    // the same filter as a synapse of 4 ms
    let lines = format!(
        "[synapses.exp]\nkind = \"exponential_current\"\ntau = \"4 ms\"\n[[projections]]\nfrom = \"A\"\nto = \"A\"\nin_degree = 1000\nsynapse = \"exp\"\nweight = \"-5 mV * 200 pF / (1000 * 4 ms)\"\n{step}"
    );
    let synapse = evolved(&read(&text(1.0, 1.0, &lines)), options);
    let worst =
        filtered.rates_hz[0].iter().zip(&synapse.rates_hz[0]).map(|(a, b)| (a / b - 1.0).abs()).fold(0.0, f64::max);
    assert!(worst < 1e-9, "{worst:.1e}");
}

#[test]
fn conductances_are_linear_terms() {
    // at a conductance that drives alone open, the neuron is another quadratic one: mu and V_th move
    let lines = "[synapses.g]\nkind = \"exponential_conductance\"\ntau = \"2 ms\"\nE_rev = \"10 mV\"\n\
                 [[drives]]\nto = \"A\"\nkind = \"poisson\"\nrate = \"1000 Hz\"\nin_degree = 100\nweight = \"0.02 nS\"\nsynapse = \"g\"\n";
    let open = states(&read(&text(1.0, 0.4, lines)));
    // g/g_L = 100 * 1/ms * 0.02 nS * 2 ms / 10 nS
    let g = 100.0 * 0.02 * 2.0 / 10.0;
    // x^2 + 1 + g (10 - x): completing the square, y = x - g/2
    let eta = 1.0 + 10.0 * g - 0.25 * g * g;
    let expected = montbrio_states(eta, 0.0, 0.4)[0];
    assert!((open.states[0].rates_hz[0] * 0.02 / expected.R - 1.0).abs() < 1e-13);
    assert!((open.states[0].mean_V_mv[0] - (expected.v + 0.5 * g)).abs() < 1e-13);
    assert!(open.warnings.len() == 1 && open.warnings[0].sentence.contains("is left out"), "{:?}", open.warnings);
    // conductances between neurons: what a small change of the rate does is what the Jacobian says
    let lines = "[synapses.g]\nkind = \"exponential_conductance\"\ntau = \"2 ms\"\nE_rev = \"-20 mV\"\n\
                 [[projections]]\nfrom = \"A\"\nto = \"A\"\nin_degree = 1000\nweight = \"0.05 nS\"\nsynapse = \"g\"\n";
    let network = read(&text(4.0, 0.5, lines));
    let (found, reduction) = (states(&network), Reduction::of(&network).unwrap());
    let state = &found.states[0];
    let y = [state.rates_hz[0] / 1000.0, state.mean_V_mv[0], state.rates_hz[0] / 1000.0];
    assert!(LowDimensional::slopes(&reduction, &y).iter().all(|slope| slope.abs() < 1e-14));
    let shifted = |j: usize, by: f64| {
        let mut there = y;
        there[j] += by;
        LowDimensional::slopes(&reduction, &there)
    };
    for j in 0..3 {
        let h = 1e-5 * y[j].abs();
        for i in 0..3 {
            let slope = (shifted(j, h)[i] - shifted(j, -h)[i]) / (2.0 * h);
            let found = LowDimensional::jacobian(&reduction, &y)[i][j];
            assert!((slope - found).abs() < 1e-6 * found.abs().max(1e-3), "{i} {j}: {slope} {found}");
        }
    }
}

#[test]
fn gap_junctions_and_lorentzian_weights_change_the_fixed_point_as_their_equations_say() {
    // completing the square: y = v - g/2 where the gap junctions act as a leak on r alone
    let (eta, Delta, g, J) = (2.0, 0.5, 0.8, 3.0);
    let reduction =
        Reduction::dimensionless(eta, Delta, 1.0).with_coupling([0, 0], J, 0.0, 0.0, 0.0).with_gap_junctions(g);
    let state = &reduction.states(&Work::default()).unwrap().states[0];
    let (R, v) = (state.rates_hz[0] / 1000.0, state.mean_V_mv[0]);
    let p = std::f64::consts::PI;
    assert!((Delta / p + 2.0 * R * v - g * R).abs() < 1e-14);
    assert!((v * v + eta + J * R - (p * R).powi(2)).abs() < 1e-13);
    // weights that differ widen the law of the inputs
    let wide = Reduction::dimensionless(eta, Delta, 1.0).with_coupling([0, 0], J, 1.5, 0.0, 0.0);
    let state = &wide.states(&Work::default()).unwrap().states[0];
    let (R, v) = (state.rates_hz[0] / 1000.0, state.mean_V_mv[0]);
    assert!(((Delta + 1.5 * R) / p + 2.0 * R * v).abs() < 1e-14);
    assert!((v * v + eta + J * R - (p * R).powi(2)).abs() < 1e-13);
    assert!((state.half_width_mv[0] - Delta - 1.5 * R).abs() < 1e-14);
}

#[test]
fn two_equal_populations_have_the_states_of_one_and_those_that_break_their_symmetry() {
    // each hears half of the coupling of one
    let lines = "[populations.B]\nsize = 1000\nneuron = \"qif\"\n\
                 [[drives]]\nto = \"B\"\nkind = \"current\"\nvalue = { distribution = \"lorentzian\", center = \"-5 mV\", half_width = \"1 mV\" }\n\
                 [[projections]]\nfrom = [\"A\", \"B\"]\nto = [\"A\", \"B\"]\nin_degree = 500\nweight = \"15 mV / 1000\"\n";
    let found = states(&read(&text(-5.0, 1.0, lines)));
    assert!(matches!(found.search, Search::Searched { starts } if starts > 100));
    let one = montbrio_states(-5.0, 15.0, 1.0);
    assert_eq!(found.states.len(), 3, "{found:?}");
    for (state, expected) in found.states.iter().zip(&one) {
        assert!(state.rates_hz.iter().all(|hz| (hz * 0.02 / expected.R - 1.0).abs() < 1e-12));
    }
    // each hears itself alone: every pair of the three states
    let lines = lines.replace(
        "from = [\"A\", \"B\"]\nto = [\"A\", \"B\"]\nin_degree = 500",
        "from = \"A\"\nto = \"A\"\nin_degree = 1000",
    ) + "[[projections]]\nfrom = \"B\"\nto = \"B\"\nin_degree = 1000\nweight = \"15 mV / 1000\"\n";
    assert_eq!(states(&read(&text(-5.0, 1.0, &lines))).states.len(), 9);
}

#[test]
fn an_evolution_ends_in_a_fixed_point_and_starts_in_the_one_that_is_asked_for() {
    let network = open("montbrio2015", None, &[]);
    let rest = states(&network);
    assert_eq!(rest.states.iter().map(|state| state.stable).collect::<Vec<_>>(), [true, false, true]);
    let options = EvolutionOptions { duration_ms: 300.0, accuracy: 1e-6, ..Default::default() };
    for (start, state) in [(Start::State, 0), (Start::Numbered(1), 0), (Start::Numbered(3), 2), (Start::Numbered(2), 1)]
    {
        let found = evolved(&network, EvolutionOptions { start, ..options.clone() });
        let expected = rest.states[state].rates_hz[0];
        let until = if state == 1 { 20 } else { 300 };
        assert!(found.rates_hz[0][..=until].iter().all(|hz| (hz / expected - 1.0).abs() < 1e-6), "{start:?}");
        assert!((found.mean_V_mv[0][until].unwrap() - rest.states[state].mean_V_mv[0]).abs() < 1e-5);
    }
    let reset = evolved(&network, EvolutionOptions { start: Start::Reset, duration_ms: 1000.0, ..options.clone() });
    assert!((reset.rates_hz[0].last().unwrap() / rest.states[0].rates_hz[0] - 1.0).abs() < 1e-6);
    let none = EvolutionOptions { start: Start::Numbered(4), ..options };
    let refused = reduced::evolve(&network, &none, &Work::default()).unwrap_err().to_string();
    assert!(refused.contains("there is no state 4: the network has 3"), "{refused}");
}

#[test]
fn what_is_not_exact_is_refused_by_name_with_a_remedy() {
    let refused = |text: &str| reduced::states(&read(text), &Work::default()).unwrap_err().to_string();
    let base = text(-5.0, 1.0, "");
    let with = |from: &str, to: &str| refused(&base.replace(from, to));
    for (error, what, remedy) in [
        (with("V_peak = \"inf\"", "V_peak = \"30 mV\""), "a finite V_peak", "say V_peak = \"inf\""),
        (with("t_ref = \"0 ms\"", "t_ref = \"2 ms\""), "a refractory time", "set t_ref = 0"),
        (
            with("lorentzian\", center = \"-5 mV\", half_width", "normal\", mean = \"-5 mV\", std"),
            "not lorentzian",
            "say distribution",
        ),
        (
            refused(&format!("{base}[[drives]]\nto = \"A\"\nkind = \"noise\"\nmean = \"1 mV\"\nstd = \"2 mV\"\n")),
            "white noise",
            "set its std to 0",
        ),
        (
            with(
                "half_width = \"1 mV\" }",
                "half_width = \"1 mV\" }\nmodulation = { amplitude = 2, frequency = \"5 Hz\" }",
            ),
            "turns its sign",
            "at most 1",
        ),
        (
            with("half_width = \"1 mV\" }", "half_width = \"1 mV\" }\nstart = \"5 ms\""),
            "are all alike before time 0",
            "lorentzian",
        ),
        (
            with(
                "V_th = \"0 mV\"",
                "V_th = { distribution = \"lorentzian\", center = \"0 mV\", half_width = \"1 mV\" }",
            ),
            "different V_th",
            "let currents differ",
        ),
    ] {
        assert!(error.contains("population 'A'") && error.contains(what) && error.contains(remedy), "{error}");
    }
    let lif = reduced::states(&open("brunel2000", None, &[]), &Work::default()).unwrap_err().to_string();
    assert!(lif.contains("neurons that are not quadratic") && lif.contains("model = \"qif\""), "{lif}");
    let network = open("montbrio2015", None, &[]);
    let endless = EvolutionOptions { duration_ms: 1e12, ..Default::default() };
    assert!(matches!(
        reduced::evolve(&network, &endless, &Work::default()),
        Err(reduced::ReducedError::TooLong { .. })
    ));
    let stopped = Work::default();
    stopped.cancel();
    assert!(reduced::evolve(&network, &EvolutionOptions::default(), &stopped).is_err());
}

/// Rates per tau of 20,000 neurons and of the sum over them, `R = <tau/T_j>`, which lacks the tail that no finite sample of a Lorentzian law has.
///
/// What each neuron drew is read off the network itself: without synapses and with 20 mV more its intervals are `pi tau/sqrt(eta_j + 20)`. Spikes are at the ends of steps, half a step late in the mean.
#[test]
fn a_network_of_20000_neurons_fires_as_the_sum_over_its_neurons() {
    const N: usize = 20_000;
    const ABOVE_MV: f64 = 20.0;
    const TAU_MS: f64 = 20.0;
    let (eta, J, Delta) = (1.0, -5.0, 1.0);
    let of = |center: f64, lines: &str| read(&text(center, Delta, lines).replace("size = 1000", "size = 20000"));
    let spikes = |network: &Network, dt_ms: f64, warmup: u64, steps: u64| {
        let options = SimulationOptions { duration_ms: 1000.0, dt_ms, seed: 3, ..SimulationOptions::default() };
        let mut simulator = simulating::built(network, &options);
        simulating::advance(&mut simulator, warmup);
        simulating::advance(&mut simulator, steps)
    };
    let mut seen = vec![(0u64, 0u64, 0u32); N];
    let fine_ms = 0.02;
    for (step, neuron) in spikes(&of(eta + ABOVE_MV, ""), fine_ms, 0, 3000) {
        let (first, last, count) = &mut seen[neuron as usize];
        if *count == 0 {
            *first = step;
        }
        (*last, *count) = (step, *count + 1);
    }
    let p = std::f64::consts::PI;
    let drawn = |&(first, last, count): &(u64, u64, u32)| {
        // those that do not fire then, below -15 mV, never do
        if count < 2 {
            return f64::NEG_INFINITY;
        }
        let interval_ms = (last - first) as f64 * fine_ms / f64::from(count - 1) - 0.5 * fine_ms;
        (p * TAU_MS / interval_ms).powi(2) - ABOVE_MV
    };
    let drawn: Vec<f64> = seen.iter().map(drawn).collect();
    let mut sorted = drawn.clone();
    sorted.sort_by(f64::total_cmp);
    // the quartiles of a sample of a Lorentzian law have a standard error of pi Delta sqrt(3)/(2 sqrt(N)), 0.02; steps are 0.06 here
    for (quarter, expected) in [(1, eta - Delta), (2, eta), (3, eta + Delta)] {
        let found = sorted[quarter * N / 4];
        assert!((found - expected).abs() < 0.08, "{found} for {expected}");
    }
    let sum_at = |R: f64, late_ms: f64| {
        let rate = |eta: f64| match eta + J * R {
            above if above > 0.0 => TAU_MS / (p * TAU_MS / above.sqrt() + late_ms),
            _ => 0.0,
        };
        drawn.iter().map(|eta| rate(*eta)).sum::<f64>() / N as f64
    };
    let dt_ms = 0.1;
    let of_sum = (0..200).fold(0.3, |R, _| sum_at(R, 0.5 * dt_ms));
    let lines = format!(
        "[[projections]]\nfrom = \"A\"\nto = \"A\"\nin_degree = 500\nweight = \"{J} mV / 500\"\ndelay = \"0.1 ms\"\n"
    );
    let steps = 2000;
    let count = spikes(&of(eta, &lines), dt_ms, 1000, steps).len();
    let of_network = count as f64 / (N as f64 * steps as f64 * dt_ms / TAU_MS);
    let of_theory = montbrio_states(eta, J, Delta)[0].R;
    println!("R of infinitely many {of_theory}, of the sum {of_sum}, of the network {of_network}");
    assert!((of_network / of_sum - 1.0).abs() < 3e-3, "{of_network} for {of_sum}");
    // over samples the sum has a standard deviation of sqrt(Delta ln N/(pi^3 N)): 2 % here
    assert!((of_sum / of_theory - 1.0).abs() < 0.04, "{of_sum} for {of_theory}");
}
