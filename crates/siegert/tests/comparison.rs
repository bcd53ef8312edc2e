//! Theory beside simulations: numbers agree where the theory's assumptions hold, and the right cause is named where they fail.

use std::convert::Infallible;

use siegert::Work;
use siegert::comparison::{
    CauseKind, ComparedQuantity, Correction, Outcome, QuantityComparison, StateComparison, corrected,
};
use siegert::network::Network;
use siegert::neuron::lif::SynapticFilter;
use siegert::simulation::{Simulation, SimulationOptions, Simulator};
use siegert::stationary::{RateMap, Stability};
use siegert::testing::{TestNetwork, case, open, read, solution, theory};
use siegert::theory::{InputTheory, Theory, TheoryOptions};

fn simulated(network: &Network, options: &SimulationOptions) -> Simulation {
    let running = Work::default();
    let mut simulator = Simulator::build(network, options, &running).unwrap();
    simulator.advance(u64::MAX, &running, |_, _| Ok::<(), Infallible>(())).unwrap();
    simulator.result()
}

/// The state with this index beside a simulation, started near it if that is asked for.
fn compared(network: &Network, index: usize, near: bool, duration_ms: f64) -> StateComparison {
    let theory = theory(network);
    let states = theory.solution().unwrap().fixed_points;
    let rates = || states[index].populations.iter().map(|population| population.rate_hz).collect();
    let run = SimulationOptions { duration_ms, held_rates_hz: near.then(rates), ..SimulationOptions::default() };
    theory.compare(&states, index, &simulated(network, &run))
}

fn row(comparison: &StateComparison, population: usize, quantity: ComparedQuantity) -> &QuantityComparison {
    comparison.populations[population].row(quantity).unwrap_or_else(|| panic!("no {quantity:?} in {comparison:?}"))
}

fn first_cause(comparison: &StateComparison) -> CauseKind {
    comparison.causes.first().unwrap_or_else(|| panic!("no cause: {comparison:?}")).kind
}

#[test]
fn of_independent_neurons_in_white_noise_only_the_grid_is_to_blame() {
    let network = TestNetwork::one_population(2000).noise("A", 15.0, 5.0).read();
    let comparison = compared(&network, 0, false, 4000.0);
    assert_eq!(comparison.outcome, Outcome::Stayed);
    let rate = row(&comparison, 0, ComparedQuantity::Rate);
    // theory/limits.md, 11.4: 8.819 Hz at dt = 0.1 ms, Siegert's formula 7.3 % above
    assert!(rate.deviates && (rate.deviation_percent.unwrap() - 7.3).abs() < 2.0, "{rate:?}");
    assert_eq!(rate.causes, [CauseKind::TimeGrid]);
    assert!(rate.corrected_deviation_percent.unwrap().abs() < 1.5, "{rate:?}");
    assert!((comparison.causes[0].share_percent.unwrap() - rate.deviation_percent.unwrap()).abs() < 1.5);
    for quantity in [
        ComparedQuantity::MeanInput,
        ComparedQuantity::StdInput,
        ComparedQuantity::MembraneMean,
        ComparedQuantity::MembraneStd,
    ] {
        let row = row(&comparison, 0, quantity);
        assert!(!row.deviates, "{row:?}");
    }
    assert!(comparison.verdict.starts_with("Rates deviate: +"), "{}", comparison.verdict);
    assert!(comparison.verdict.ends_with("first cause: time grid."), "{}", comparison.verdict);
}

/// Neurons of Brunel (2000) that hear Poisson processes only and fire at 38 Hz, with all voltages moved by `shift_mv`.
fn in_poisson_noise(shift_mv: f64) -> StateComparison {
    let network = TestNetwork::one_population(2000)
        .neuron("E_L", &format!("{shift_mv} mV"))
        .neuron("V_th", &format!("{} mV", 20.0 + shift_mv))
        .neuron("V_reset", &format!("{} mV", 10.0 + shift_mv))
        .poisson("A", 57.9, 1000, 0.1)
        .poisson("A", 9.47, 1000, -0.5)
        .read();
    compared(&network, 0, false, 2000.0)
}

#[test]
fn jumps_that_the_theory_counts_one_by_one_are_no_cause() {
    let network = TestNetwork::one_population(2000).poisson("A", 25.0, 100, 1.0).poisson("A", 3.0, 100, -2.0).read();
    let run = SimulationOptions { duration_ms: 2000.0, ..SimulationOptions::default() };
    let simulation = simulated(&network, &run);
    let [diffusion, jumps] = [InputTheory::Diffusion, InputTheory::ShotNoise].map(|input| {
        let theory = Theory::new(&network, &TheoryOptions { input, ..TheoryOptions::default() }).unwrap();
        theory.compare(&theory.solution().unwrap().fixed_points, 0, &simulation)
    });
    let rates = [&diffusion, &jumps].map(|comparison| row(comparison, 0, ComparedQuantity::Rate));
    assert!(rates[0].deviates && rates[0].causes[0] == CauseKind::ShotNoise, "{:?}", rates[0]);
    assert!(rates[1].deviation_percent.unwrap().abs() < 0.3 * rates[0].deviation_percent.unwrap(), "{rates:?}");
    assert!(rates[1].corrected_deviation_percent.unwrap().abs() < 0.7, "{rates:?}");
    let cv = row(&jumps, 0, ComparedQuantity::Cv);
    assert!(cv.corrected_deviation_percent.unwrap().abs() < 2.0, "{cv:?}");
    let kinds = |comparison: &StateComparison| comparison.causes.iter().map(|cause| cause.kind).collect::<Vec<_>>();
    assert!(kinds(&diffusion).contains(&CauseKind::ShotNoise), "{:?}", diffusion.causes);
    assert!(!kinds(&jumps).contains(&CauseKind::ShotNoise), "{:?}", jumps.causes);
}

#[test]
fn what_the_grid_does_to_potentials_is_told_apart() {
    let comparison = in_poisson_noise(0.0);
    let mean = row(&comparison, 0, ComparedQuantity::MembraneMean);
    assert!(mean.deviates && mean.causes[0] == CauseKind::TimeGrid, "{mean:?}");
    assert!((mean.theory_corrected.unwrap() - mean.simulation.unwrap()).abs() < 0.06, "{mean:?}");
    let std = row(&comparison, 0, ComparedQuantity::MembraneStd);
    assert!(std.deviation_percent.unwrap() < -2.5 && std.corrected_deviation_percent.unwrap() > -2.0, "{std:?}");
}

#[test]
fn nothing_depends_on_where_zero_millivolt_is() {
    let (here, there) = (in_poisson_noise(0.0), in_poisson_noise(-13.0));
    for (p, q) in here.populations[0].quantities.iter().zip(&there.populations[0].quantities) {
        assert_eq!((p.quantity, p.deviates, &p.causes), (q.quantity, q.deviates, &q.causes));
    }
    assert_eq!(here.verdict, there.verdict);
}

#[test]
fn a_few_spikes_are_no_fluctuation_and_regular_neurons_have_equal_rates() {
    let text = "[neurons.n]\nmodel = \"lif\"\ntau_m = \"20 ms\"\nE_L = \"0 mV\"\nV_th = \"20 mV\"\nV_reset = \"10 mV\"\n\
                t_ref = \"2 ms\"\n[populations]\nquiet = { size = 50, neuron = \"n\" }\nregular = { size = 200, neuron = \"n\" }\n\
                [[projections]]\nfrom = \"quiet\"\nto = \"quiet\"\nin_degree = 10\nweight = \"0.5 mV\"\n\
                [[drives]]\nto = \"quiet\"\nkind = \"noise\"\nmean = \"9 mV\"\nstd = \"4.2 mV\"\n\
                [[drives]]\nto = \"regular\"\nkind = \"current\"\nvalue = \"21.3 mV\"\n";
    let network = read(text);
    let comparison = compared(&network, 0, false, 1000.0);
    let fluctuations = |cause: &siegert::comparison::Cause| cause.kind == CauseKind::CommonFluctuations;
    assert!(!comparison.populations[0].causes.iter().any(fluctuations), "{comparison:?}");
    let spread = row(&comparison, 1, ComparedQuantity::RateStd);
    assert!(!spread.deviates, "{spread:?}");
}

#[test]
fn the_potential_in_filtered_noise_is_as_wide_as_expected() {
    let text = "[neurons.n]\nmodel = \"lif\"\nC_m = \"250 pF\"\ng_L = \"25 nS\"\nE_L = \"-65 mV\"\nV_th = \"-50 mV\"\n\
                V_reset = \"-65 mV\"\nt_ref = \"2 ms\"\n[synapses.s]\nkind = \"exponential_current\"\ntau = \"1 ms\"\n[populations]\n\
                A = { size = 1000, neuron = \"n\" }\n[[drives]]\nto = \"A\"\nkind = \"current\"\nvalue = \"220 pA\"\n";
    let poisson = |in_degree: u32, weight: &str| {
        format!(
            "[[drives]]\nto = \"A\"\nkind = \"poisson\"\nrate = \"10 Hz\"\nin_degree = {in_degree}\nweight = \"{weight}\"\n\
             synapse = \"s\"\n"
        )
    };
    let text = format!("{text}{}{}", poisson(4000, "11 pA"), poisson(3000, "-11 pA"));
    let network = read(&text);
    let comparison = compared(&network, 0, false, 2000.0);
    let std = row(&comparison, 0, ComparedQuantity::MembraneStd).deviation_percent.unwrap();
    let mean = row(&comparison, 0, ComparedQuantity::MembraneMean);
    assert!(std.abs() < 0.8, "{std}");
    assert!((mean.theory.unwrap() - mean.simulation.unwrap()).abs() < 0.04, "{mean:?}");
    // smooth potentials cross the threshold between steps, too: the grid only delays each spike by half a step
    let rate = row(&comparison, 0, ComparedQuantity::Rate);
    let delayed = 1.0 / (1.0 / rate.theory.unwrap() + 0.05e-3);
    assert!((rate.theory_on_grid.unwrap() / delayed - 1.0).abs() < 1e-9, "{rate:?}");
}

#[test]
fn sources_heard_more_than_once_make_the_noise_that_is_measured() {
    let network = open("brunel2000", None, &[("N_E", "1000"), ("K_E", "400")]);
    let comparison = compared(&network, 0, false, 2000.0);
    for population in 0..2 {
        let std = row(&comparison, population, ComparedQuantity::StdInput);
        assert!(std.deviates && std.deviation_percent.unwrap() < -8.0, "{std:?}");
        assert_eq!(std.causes[0], CauseKind::Multapses, "{std:?}");
        assert!(std.corrected_deviation_percent.unwrap().abs() < 2.5, "{std:?}");
    }
}

#[test]
fn rates_of_the_asynchronous_state_agree_and_regular_firing_is_blamed_for_the_cv() {
    let comparison = compared(&open("brunel2000", Some("AI"), &[]), 0, false, 1000.0);
    for population in 0..2 {
        let rate = row(&comparison, population, ComparedQuantity::Rate);
        assert!(!rate.deviates && rate.corrected_deviation_percent.unwrap().abs() < 1.0, "{rate:?}");
        assert_eq!(row(&comparison, population, ComparedQuantity::Cv).causes[0], CauseKind::PresynapticIrregularity);
    }
    assert_eq!(first_cause(&comparison), CauseKind::PresynapticIrregularity);
}

#[test]
fn oscillations_are_blamed_where_the_network_oscillates() {
    for case in ["SI-fast", "SI-slow", "SR"] {
        let comparison = compared(&open("brunel2000", Some(case), &[]), 0, false, 1000.0);
        assert_eq!(first_cause(&comparison), CauseKind::CommonFluctuations, "{case}: {}", comparison.verdict);
        assert!(comparison.causes[0].severity > 1.0, "{case}");
    }
}

/// The rate dynamics is the same with other delays; what the network does is not.
#[test]
fn a_state_that_oscillates_under_the_rate_dynamics_is_where_the_network_sits_still_or_oscillates() {
    let text = include_str!("networks/slow_inhibition.toml");
    let network = read;
    let still = network(text);
    let state = solution(&still).fixed_points.remove(0);
    assert_eq!((state.stable, state.saddle, state.index), (false, false, 1));
    assert_eq!(state.stability(), Stability::Oscillating);
    let mode = state.rate_eigenvalues_per_s[0];
    assert!(mode.growth_per_s > 30.0 && (8.0..17.0).contains(&mode.frequency_hz.abs()), "{mode:?}");
    // 60 times as long as the oscillation would need to grow e-fold
    let comparison = compared(&still, 0, true, 1700.0);
    for population in [0, 1] {
        let rate = row(&comparison, population, ComparedQuantity::Rate);
        assert!(rate.deviation_percent.unwrap().abs() < 10.0, "{rate:?}");
    }
    let blamed = |comparison: &StateComparison, kind| comparison.causes.iter().any(|cause| cause.kind == kind);
    assert_eq!(comparison.outcome, Outcome::Stayed);
    assert!(!blamed(&comparison, CauseKind::Instability) && !blamed(&comparison, CauseKind::RateOscillation));

    let delays = "delay = { distribution = \"uniform\", low = \"0.5 ms\", high = \"5 ms\" }";
    let comparison = compared(&network(&text.replace("delay = \"1 ms\"", delays)), 0, true, 700.0);
    assert_eq!(first_cause(&comparison), CauseKind::CommonFluctuations, "{comparison:?}");
    assert!(!blamed(&comparison, CauseKind::Instability));
}

#[test]
fn a_saddle_is_blamed_for_its_own_instability() {
    let comparison = compared(&open("brunel2000", Some("bistable"), &[("N_E", "2000")]), 1, true, 100.0);
    assert!(comparison.causes.iter().all(|cause| cause.kind != CauseKind::RateOscillation), "{comparison:?}");
    let unstable = |cause: &siegert::comparison::Cause| {
        matches!(cause.kind, CauseKind::Instability | CauseKind::OtherState) && cause.severity > 50.0
    };
    assert!(unstable(&comparison.causes[0]), "{comparison:?}");
}

#[test]
fn the_random_part_of_strong_connections_is_blamed_and_that_of_weak_ones_is_not() {
    let strong = compared(&open("ostojic2014", Some("strong"), &[]), 0, false, 1000.0);
    assert_eq!((first_cause(&strong), strong.outcome), (CauseKind::RandomPart, Outcome::Elsewhere));
    let weak = compared(&open("ostojic2014", Some("weak"), &[]), 0, false, 1000.0);
    assert_eq!((first_cause(&weak), weak.outcome), (CauseKind::PresynapticIrregularity, Outcome::Stayed));
}

#[test]
fn of_several_states_it_is_said_which_one_the_simulation_left() {
    let network = open("sanzeni2020", Some("NDM nu_ext=2.525"), &[]);
    let silent = compared(&network, 0, true, 300.0);
    assert_eq!(silent.outcome, Outcome::Stayed);
    assert!(silent.verdict.starts_with("Rates agree within"), "{}", silent.verdict);
    let active = compared(&network, 2, true, 300.0);
    assert_eq!((active.outcome, first_cause(&active)), (Outcome::Left { to: 1 }, CauseKind::OtherState));
}

#[test]
fn constant_currents_give_intervals_of_whole_steps_and_the_grid_is_to_blame() {
    // 10.259 and 14.384 steps from reset to threshold, 10 more refractory: 21 and 25 steps of 0.1 ms
    for (mu, expected) in [("400 mV", 1000.0 / 2.1), ("288 mV", 1000.0 / 2.5)] {
        let comparison = compared(&case("strong_drive", &[("mu", mu)]), 0, false, 1000.0);
        let rate = row(&comparison, 0, ComparedQuantity::Rate);
        assert!((rate.theory_on_grid.unwrap() - expected).abs() < 1e-9, "{rate:?}");
        assert!((rate.simulation.unwrap() - expected).abs() < 0.5, "{rate:?}");
        let mean = row(&comparison, 0, ComparedQuantity::MembraneMean);
        assert!(mean.z.is_none_or(f64::is_finite), "{mean:?}");
        if rate.deviates {
            assert_eq!(first_cause(&comparison), CauseKind::TimeGrid, "{}", comparison.verdict);
        }
    }
    assert!(compared(&case("strong_drive", &[("mu", "400 mV")]), 0, false, 1000.0).verdict.contains("time grid"));
}

#[test]
fn fast_neurons_in_filtered_noise_lose_half_a_step_an_interval_to_the_grid() {
    // at 400 kHz, 822 Hz, intervals are 10 steps of refractoriness and 2 or 3 more, which moves the potential too
    for (drive, mean_mv, std_mv) in [("60 kHz", -60.43, 5.04), ("400 kHz", -63.45, 3.93)] {
        let comparison = compared(&case("fast_exponential", &[("rate", drive)]), 0, false, 500.0);
        let rate = row(&comparison, 0, ComparedQuantity::Rate);
        assert!(rate.corrected_deviation_percent.unwrap().abs() < 1.0, "{rate:?}");
        let (mean, std) =
            (row(&comparison, 0, ComparedQuantity::MembraneMean), row(&comparison, 0, ComparedQuantity::MembraneStd));
        let (on_grid, std_on_grid) = (mean.theory_on_grid.unwrap(), std.theory_on_grid.unwrap());
        assert!((on_grid - mean_mv).abs() < 0.1 && (std_on_grid / std_mv - 1.0).abs() < 0.05, "{mean:?} {std:?}");
        assert!((on_grid - mean.simulation.unwrap()).abs() < 0.1, "{mean:?}");
        assert!((std_on_grid / std.simulation.unwrap() - 1.0).abs() < 0.05, "{std:?}");
    }
    let slower = compared(&case("fast_exponential", &[]), 0, false, 500.0);
    let of = |quantity| row(&slower, 0, quantity).theory.unwrap();
    let [mean, std] = [of(ComparedQuantity::MembraneMean), of(ComparedQuantity::MembraneStd)];
    assert!((mean + 60.34).abs() < 0.1 && (std / 5.04 - 1.0).abs() < 0.03, "{mean} {std}");
}

#[test]
fn a_drive_that_is_switched_is_blamed_in_all_that_hear_it() {
    let comparison = compared(&case("switched_drive", &[]), 0, false, 1500.0);
    assert_eq!(first_cause(&comparison), CauseKind::ChangingDrive, "{}", comparison.verdict);
    assert!(comparison.causes[0].sentence.contains("acts from 1000 to 1500 ms"), "{:?}", comparison.causes[0]);
    for population in &comparison.populations {
        assert!(
            population.row(ComparedQuantity::Rate).unwrap().causes.contains(&CauseKind::ChangingDrive),
            "{population:?}"
        );
    }
}

#[test]
fn neurons_that_hear_the_same_have_the_errors_of_one() {
    let comparison = compared(&case("shared_drive", &[]), 0, false, 2000.0);
    for row in &comparison.populations[0].quantities {
        assert!(row.z.is_none_or(|z| z.abs() < 4.0), "{row:?}");
    }
    // sigma sqrt(tau_m/T) of one neuron
    let error = row(&comparison, 0, ComparedQuantity::MeanInput).standard_error.unwrap();
    assert!((error / (2f64.sqrt() * (20.0f64 / 2000.0).sqrt()) - 1.0).abs() < 1e-6, "{error}");
}

#[test]
fn one_network_in_two_spellings_is_compared_alike() {
    let theory = |n: &str| {
        let network = case("split_projection", &[("n", n)]);
        let states = solution(&network).fixed_points;
        let map = RateMap::new(&network, SynapticFilter::default()).unwrap();
        let correction = Correction { multapses: true, dt_ms: Some(0.1), jumps: true };
        (corrected(&network, &map, &states[0].rates_hz(), correction).unwrap(), states)
    };
    let ((two, states), (one, other_states)) = (theory("1"), theory("2"));
    let pairs = two.rates_hz.iter().zip(&one.rates_hz).chain([(&two.inputs[0].std_mv, &one.inputs[0].std_mv)]);
    for (two, one) in pairs {
        assert!((two / one - 1.0).abs() < 1e-9, "{two} {one}");
    }
    // K (K - 1)/N J^2 of E and of I, 0.4 of the network's noise, beside the drive's
    assert!((one.inputs[0].std_mv / states[0].populations[0].std_input_mv - 1.0) > 0.08, "{one:?}");
    assert_eq!(states[0].verdict.trust, other_states[0].verdict.trust);
    for (two, one) in states[0].populations.iter().zip(&other_states[0].populations) {
        assert_eq!((two.validity.shared_input_fraction, one.validity.shared_input_fraction), (Some(0.4), Some(0.4)));
        let of = |validity: &siegert::trust::Validity| {
            [validity.input_correlation.unwrap(), validity.random_part_spectral_radius, validity.skewness.unwrap()]
        };
        for (two, one) in of(&two.validity).iter().zip(of(&one.validity)) {
            assert!((two / one - 1.0).abs() < 1e-9, "{two} {one}");
        }
    }
}
