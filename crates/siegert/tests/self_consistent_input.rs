//! States whose input has the spectrum of the neurons heard: against closed forms where nobody is heard, against simulated networks, and against themselves.

use siegert::network::{Network, ReadOptions, open};
use siegert::report::{CorrelationsReport, SpectrumFormula};
use siegert::self_consistent::{PopulationFluctuations, Sampling, SimulatedInput};
use siegert::stationary::SolveError;
use siegert::testing::TestNetwork;
use siegert::theory::{FixedPoint, InputTheory, PopulationState, Theory, TheoryOptions};
use siegert::{Saved, Work};

const SELF_CONSISTENT: TheoryOptions =
    TheoryOptions { filter: siegert::neuron::lif::SynapticFilter::Auto, input: InputTheory::SelfConsistent };
/// Less than a program takes, which is enough for most of what is asked here.
const QUICK: Sampling = Sampling { seed: 1, records: 4 };

fn solved(network: &Network, sampling: Sampling) -> FixedPoint {
    let theory = Theory::new(network, &SELF_CONSISTENT).unwrap().sampled(sampling);
    theory.solution().unwrap().fixed_points.remove(0)
}

fn by(network: &Network, input: InputTheory) -> PopulationState {
    let theory = Theory::new(network, &TheoryOptions { input, ..TheoryOptions::default() }).unwrap();
    theory.solution().unwrap().fixed_points.remove(0).populations.remove(0)
}

/// Rate and CV are those of a theory, to a part beside the sampling error.
fn assert_near(found: &PopulationState, expected: &PopulationState, part: f64) {
    let own = found.self_consistent.as_ref().unwrap();
    let is_near = |found: f64, expected: f64, error: f64| (found - expected).abs() < 4.0 * error + part * expected;
    assert!(own.rate_error_hz < 0.02 * found.rate_hz, "{own:?}");
    assert!(is_near(found.rate_hz, expected.rate_hz, own.rate_error_hz), "{} {}", found.rate_hz, expected.rate_hz);
    let (cv, cv_expected) = (found.cv.unwrap(), expected.cv.unwrap());
    assert!(is_near(cv, cv_expected, own.cv_error.unwrap()), "{cv} {cv_expected}");
}

fn alone(drives: &[&str]) -> Network {
    let network = TestNetwork::one_population(1000).neuron("tau_m", "20 ms").neuron("t_ref", "2 ms");
    drives.iter().fold(network, |network, drive| network.drive("A", drive)).read()
}

#[test]
fn in_white_noise_a_neuron_has_the_rate_of_siegert_and_the_cv_of_the_closed_form() {
    for (mean, std) in [(24.0, 4.0), (15.0, 5.0)] {
        let network = alone(&[&format!("kind = \"noise\"\nmean = \"{mean} mV\"\nstd = \"{std} mV\"")]);
        let state = solved(&network, QUICK);
        assert_eq!(state.populations[0].self_consistent.as_ref().unwrap().input, SimulatedInput::Gaussian);
        assert_near(&state.populations[0], &by(&network, InputTheory::Diffusion), 5e-4);
    }
}

#[test]
fn jumps_of_poisson_sources_have_the_rate_and_the_cv_of_the_theory_of_shot_noise() {
    let drive = |rate: f64, weight: f64| {
        format!("kind = \"poisson\"\nrate = \"{rate} Hz\"\nin_degree = 1\nweight = \"{weight} mV\"")
    };
    let network = alone(&[&drive(2500.0, 0.5), &drive(400.0, -1.0)]);
    let state = solved(&network, QUICK);
    assert_eq!(state.populations[0].self_consistent.as_ref().unwrap().input, SimulatedInput::Jumps);
    assert_near(&state.populations[0], &by(&network, InputTheory::ShotNoise), 1e-3);
}

/// CVs and rates of NEST 3.10, of networks of Brunel (2000): brunel_g5_eta2_AI and kscale_K400 of the reference `nest_truth`, means over seeds and populations.
#[test]
fn networks_have_the_cv_and_the_rate_that_they_were_simulated_with() {
    let of_k400 = ["g=8", "K_E=400", "N_E=8000", "J=0.158115 mV", "eta=1.897380"];
    for (set, rate_hz, cv) in [(&[][..], 37.62, 0.4306), (&of_k400[..], 17.89, 0.7427)] {
        let pair = |set: &&str| set.split_once('=').map(|(name, value)| (name.to_string(), value.to_string())).unwrap();
        let options = ReadOptions { overrides: set.iter().map(pair).collect(), ..ReadOptions::default() };
        let state = solved(&open("brunel2000", &options).unwrap(), QUICK);
        let run = state.self_consistent.unwrap();
        assert!(run.converged && run.population_fluctuations == PopulationFluctuations::Counted, "{run:?}");
        for population in &state.populations {
            let (rate, found) = (population.rate_hz / rate_hz, population.cv.unwrap() / cv);
            assert!((rate - 1.0).abs() < 0.02 && (found - 1.0).abs() < 0.05, "{set:?}: {rate} {found}");
            let poisson = population.self_consistent.as_ref().unwrap().poisson.cv.unwrap();
            assert!(poisson / cv > 1.15, "the Poisson theory has {poisson}");
            // the variance of counts over long windows, near CV^2 for intervals that hardly depend on each other
            let spectrum = population.self_consistent.as_ref().unwrap().spectrum.as_ref().unwrap();
            let slow = spectrum.power_hz[0] / population.rate_hz / population.cv.unwrap().powi(2);
            assert!((0.7..1.3).contains(&slow), "{slow}");
            let fast = spectrum.power_hz.last().unwrap() / population.rate_hz;
            assert!((fast - 1.0).abs() < 0.1, "{fast}");
        }
    }
}

/// Fano factors and correlations of counts in 50 ms of the reference `nest_truth`: brunel_g5_eta2_AI, 0.2631 and 0.0102 (two runs), where the Poisson theory has 0.50 and 0.0075.
#[test]
fn counts_vary_as_in_the_network_that_was_simulated() {
    let network = open("brunel2000", &ReadOptions::default()).unwrap();
    let theory = Theory::new(&network, &SELF_CONSISTENT).unwrap().sampled(QUICK);
    let states = theory.states().unwrap().states;
    let report =
        CorrelationsReport::new(&theory, &states, None, 50.0, SpectrumFormula::Full, &Work::default()).unwrap();
    let fano_factor = report.populations[0].single_neuron_fano_factor.unwrap();
    assert!((fano_factor / 0.2631 - 1.0).abs() < 0.1, "{fano_factor}");
    let correlation = report.pairs[0].correlation.unwrap();
    assert!((correlation / 0.0102 - 1.0).abs() < 0.2, "{correlation}");
}

#[test]
fn numbers_depend_on_the_seed_and_not_on_the_threads_and_can_be_read_back() {
    let network = open("brunel2000", &ReadOptions::default()).unwrap();
    let least = Sampling { seed: 7, records: 1 };
    let on = |threads: usize, sampling: Sampling| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let theory = Theory::new(&network, &SELF_CONSISTENT).unwrap().sampled(sampling);
        pool.install(|| theory.solution().unwrap())
    };
    let (one, three) = (on(1, least), on(3, least));
    assert_eq!(one, three);
    assert_eq!(one.provenance.seed, Some(7));
    let other = on(2, Sampling { seed: 8, ..least });
    assert_ne!(one.fixed_points[0].populations[0].rate_hz, other.fixed_points[0].populations[0].rate_hz);
    let Saved::Solution(back) = Saved::read(&serde_json::to_vec(&one).unwrap()).unwrap() else {
        panic!("another report")
    };
    assert_eq!(*back, one);
}

#[test]
fn what_is_not_computed_is_refused_with_what_to_take_instead() {
    let refused = |network: &Network| Theory::new(network, &SELF_CONSISTENT).unwrap_err();
    let eif =
        TestNetwork::one_population(10).neuron("model", "eif").neuron("Delta_T", "2 mV").neuron("V_peak", "30 mV");
    let message = refused(&eif.noise("A", 15.0, 5.0).read()).to_string();
    assert!(message.contains("these are eif; take --input diffusion"), "{message}");
    let error = refused(&open("kuhn2004", &ReadOptions::default()).unwrap());
    assert!(matches!(error, SolveError::SelfConsistentOf { what: "with conductances", .. }), "{error}");
    assert!(error.is_bad_input());
}

#[test]
fn the_work_can_be_stopped_and_tells_how_far_it_is() {
    let network = open("brunel2000", &ReadOptions::default()).unwrap();
    let work = Work::default();
    let theory = Theory::new(&network, &SELF_CONSISTENT).unwrap().watched(&work).sampled(QUICK);
    let state = theory.solve().unwrap();
    work.cancel();
    assert!(matches!(theory.self_consistent(&state), Err(SolveError::Cancelled(_))));
}
