//! One stationary state of a network, from nothing known or from a guess.

use thiserror::Error;

use crate::error::DomainError;
use crate::fixed_decimals;
use crate::network::NetworkError;
use crate::neuron::Model;
use crate::neuron::jumps::MOST_LAWS;
use crate::neuron::lif::SynapticFilter;
use crate::numerics::linear::largest;
use crate::transfer::{InputTheory, MOST_BLOCKS};
use crate::work::Cancelled;

use super::continuation::{End, follow};
use super::map::RateMap;
use super::newton::{FLOOR, Iterate, Outcome, newton, rates, relaxed, same_state, u_of};
use super::refine::refined;
use super::result::Method;
use super::search::State;
use super::symmetry::Exchange;

/// Evaluations that Newton's method gets before the state is followed from the uncoupled network.
pub(super) const MOST_ITERATIONS: usize = 100;
/// Evaluations of the first attempt: where it works it takes fewer.
const MOST_FIRST_ITERATIONS: usize = 30;
/// Residual of a state that is reached.
const NEAR: f64 = 1e-9;
/// The log-rate (Hz) from which Newton's method starts: 5 Hz, as good as any.
const START: f64 = 1.6;
/// Where it starts if all else fails: silence, 1e-20 Hz, 1, 30 and 400 Hz.
const STARTS: [f64; 5] = [FLOOR, -12.6, 0.0, 3.4, 6.0];

/// Choices of the theory.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TheoryOptions {
    /// How synaptic time constants enter.
    pub filter: SynapticFilter,
    /// What spikes that arrive are taken for.
    pub input: InputTheory,
}

impl From<SynapticFilter> for TheoryOptions {
    fn from(filter: SynapticFilter) -> Self {
        TheoryOptions { filter, ..TheoryOptions::default() }
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum SolveError {
    /// A network made in code with mistakes.
    #[error(transparent)]
    Network(NetworkError),
    /// A neuron model whose transfer function is not computed yet.
    #[error(
        "population {population}: the stationary theory of neuron model '{model}' (neuron type '{neuron_type}') is not computed yet; {}",
        Model::those_computed()
    )]
    NeuronModel {
        /// The model.
        model: &'static str,
        /// Its neuron type in the file.
        neuron_type: String,
        /// The population.
        population: String,
    },
    /// Conductances of neurons that differ.
    #[error(
        "population {population}: synapse '{synapse_type}' is of kind {kind}, which the theory knows at neurons that are alike (these differ); simulate takes the network"
    )]
    Conductances {
        /// Name of the synapse type.
        synapse_type: String,
        /// Its kind.
        kind: &'static str,
        /// The population.
        population: String,
    },
    /// Conductances that the potential blocks, of another neuron than the LIF.
    #[error(
        "population {population}: synapse '{synapse_type}' is of kind nmda, which the theory knows at lif neurons (these are {model}); simulate takes the network"
    )]
    BlockedConductances {
        /// Name of the synapse type.
        synapse_type: String,
        /// The population.
        population: String,
        /// The model of its neurons.
        model: &'static str,
    },
    /// A synapse for which the filter that was asked for is not defined.
    #[error(
        "synapse '{synapse_type}' is of kind {kind}, for which --filter {filter} is not defined: it is published for exponential_current; take --filter auto, full or none"
    )]
    Rise {
        /// Name of the synapse type.
        synapse_type: String,
        /// Its kind.
        kind: &'static str,
        /// The filter.
        filter: &'static str,
    },
    /// Parameters of a neuron that make no sense.
    #[error("population {population}: {error}")]
    Neuron {
        /// The population.
        population: String,
        /// What is wrong.
        error: DomainError,
    },
    /// Jumps of finite size through synapses whose jumps are not known.
    #[error(
        "population {population}: jumps of finite size through {what} are not computed; take --input diffusion, whose trust says what they may change"
    )]
    JumpsOf {
        /// The population.
        population: String,
        /// Which synapses.
        what: &'static str,
    },
    /// A neuron model for which jumps of finite size are not computed.
    #[error(
        "population {population}: --input shot-noise is computed for lif neurons, and these are {model}; take --input diffusion"
    )]
    JumpsOfModel {
        /// The population.
        population: String,
        /// The model.
        model: &'static str,
    },
    /// Neurons that differ, for which jumps of finite size are not computed.
    #[error(
        "population {population}: --input shot-noise is computed for neurons that are alike, and these differ; take --input diffusion"
    )]
    JumpsOfDifferingNeurons {
        /// The population.
        population: String,
    },
    /// A neuron model of which the self-consistent spectrum is not computed.
    #[error(
        "population {population}: --input self-consistent is computed for lif neurons, and these are {model}; take --input diffusion"
    )]
    SelfConsistentOfModel {
        /// The population.
        population: String,
        /// The model.
        model: &'static str,
    },
    /// Neurons and synapses of which the self-consistent spectrum is not computed.
    #[error(
        "population {population}: --input self-consistent is not computed for neurons {what}; take --input diffusion, whose trust says how far the neurons heard are from Poisson processes"
    )]
    SelfConsistentOf {
        /// The population.
        population: String,
        /// What they have.
        what: &'static str,
    },
    /// More laws of jumps than one neuron can have.
    #[error(
        "population {population}: its inputs have weights of {laws} laws, and --input shot-noise takes at most {MOST_LAWS}"
    )]
    LawsOfJumps {
        /// The population.
        population: String,
        /// How many there are.
        laws: usize,
    },
    /// A neuron model of which there is no theory by Brunel and Wang (2001).
    #[error(
        "population {population}: --filter brunel-wang is a theory of lif neurons, and these are {model}; take another filter"
    )]
    BrunelWangOfModel {
        /// The population.
        population: String,
        /// The model.
        model: &'static str,
    },
    /// More kinds of NMDA conductances than one neuron can have.
    #[error(
        "the nmda synapses are of {blocks} kinds (E_rev, tau_decay, Mg, beta, gamma), and the theory takes at most {MOST_BLOCKS}; simulate takes any"
    )]
    Blocks {
        /// How many there are.
        blocks: usize,
    },
    /// Neurons that differ so much that their mean rate is infinite.
    #[error(
        "population {population}: with a lorentzian law of the current the mean rate of its neurons is infinite; set t_ref, take another law, or a qif neuron with V_peak = \"inf\" and V_reset = \"-inf\""
    )]
    InfiniteMean {
        /// The population.
        population: String,
    },
    /// Sums of inputs that no number holds.
    #[error(
        "population {population}: the mean or the variance of its input is too large for a number; weaken what it receives"
    )]
    InputTooLarge {
        /// The population.
        population: String,
    },
    /// A starting point of the wrong length.
    #[error("{found} starting rates were given for {expected} populations")]
    StartLength {
        /// Populations.
        expected: usize,
        /// Rates given.
        found: usize,
    },
    /// Rates that grow without bound.
    #[error(
        "no stationary state was found: without refractory time nothing bounds the rates, and excitation drives them beyond 1 MHz; set t_ref, weaken the excitatory weights or strengthen inhibition"
    )]
    Runaway,
    /// States of the closed forms only.
    #[error(
        "no stationary state was found by the law of threshold crossings near those that a shift of threshold and reset gives; try --filter shift"
    )]
    NotRefined,
    /// The search was stopped.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// No state was found.
    #[error(
        "no stationary state was found: the best point leaves a residual of {residual:.1e} (relative error of the rates) after {iterations} evaluations, at {}; try another starting point or smaller steps of a parameter from a state that is known",
        rate_list(rates_hz)
    )]
    NotFound {
        /// Rates at the best point.
        rates_hz: Vec<f64>,
        /// Largest `|ln f(r) - ln r|` there.
        residual: f64,
        /// Evaluations of the equations.
        iterations: usize,
    },
}

fn rate_list(rates_hz: &[f64]) -> String {
    let shown: Vec<String> = rates_hz.iter().take(8).map(|&rate| fixed_decimals(rate, 3)).collect();
    let rest = if rates_hz.len() > 8 { ", ..." } else { "" };
    format!("rates of {}{rest} Hz", shown.join(", "))
}

impl From<NetworkError> for SolveError {
    fn from(error: NetworkError) -> Self {
        SolveError::Network(error)
    }
}

impl SolveError {
    /// Whether the input is at fault (and not the search).
    pub fn is_bad_input(&self) -> bool {
        !matches!(
            self,
            SolveError::Runaway | SolveError::NotFound { .. } | SolveError::NotRefined | SolveError::Cancelled(_)
        )
    }
}

/// A stationary state, found without a guess.
///
/// The rates satisfy `r = f(mu(r), sigma(r))` to the residual stated, a few roundings. There may be others: see
/// [`super::states`].
///
/// # Errors
///
/// No state found. Never a state that does not satisfy the equations.
pub fn solve(map: &RateMap) -> Result<State, SolveError> {
    let found = one_state(map);
    map.work.check()?;
    let (state, method) = found?;
    alone(map, state, method)
}

/// As [`solve`], by Newton's method from given rates in Hz (one a population, positive): a state near a guess.
///
/// # Errors
///
/// As [`solve`].
pub fn solve_from(map: &RateMap, rates_hz: &[f64]) -> Result<State, SolveError> {
    if rates_hz.len() != map.len() {
        return Err(SolveError::StartLength { expected: map.len(), found: rates_hz.len() });
    }
    let start = silenced(&silent(map), rates_hz.iter().map(|rate| u_of(rate.ln())).collect());
    let reached = newton(map, start, MOST_ITERATIONS);
    map.work.check()?;
    match reached {
        Outcome::Converged(iterate) => alone(map, iterate, Method::Newton),
        Outcome::Stuck(best) => Err(not_found(&best)),
    }
}

/// A state that was looked for alone.
fn alone(map: &RateMap, iterate: Iterate, method: Method) -> Result<State, SolveError> {
    let mut state = State::new(map, iterate, method);
    if map.is_refined() {
        let refined = refined(map, &state);
        map.work.check()?;
        state = refined.ok_or(SolveError::NotRefined)?;
    }
    state.multiplicity = Exchange::new(map).multiplicity(&state.u);
    Ok(state)
}

fn not_found(best: &Iterate) -> SolveError {
    SolveError::NotFound { rates_hz: rates(&best.u), residual: best.residual, iterations: best.iterations }
}

/// Newton's method, then relaxation, then continuation, then both of the first from elsewhere.
pub(super) fn one_state(map: &RateMap) -> Result<(Iterate, Method), SolveError> {
    let silent = silent(map);
    let start = silenced(&silent, vec![START; map.len()]);
    let mut spent = match newton(map, start.clone(), MOST_FIRST_ITERATIONS) {
        Outcome::Converged(iterate) => return Ok((iterate, Method::Newton)),
        Outcome::Stuck(iterate) => iterate.iterations,
    };
    spent += match relaxed(map, start, MOST_ITERATIONS) {
        Outcome::Converged(state) => {
            return Ok((Iterate { iterations: spent + state.iterations, ..state }, Method::Newton));
        }
        Outcome::Stuck(iterate) => iterate.iterations,
    };
    let awake: Vec<usize> = (0..map.len()).filter(|&a| !silent[a]).collect();
    let reduced = map.restricted_to(&awake);
    let state = match follow(&reduced) {
        End::Arrived(state) => state,
        End::Runaway => return from_elsewhere(map, &silent).ok_or(SolveError::Runaway),
        End::Lost(best) if best.residual < NEAR => best,
        End::Lost(best) => return from_elsewhere(map, &silent).ok_or_else(|| not_found(&best)),
    };
    spent += state.iterations;
    let mut u = vec![f64::NEG_INFINITY; map.len()];
    awake.iter().zip(&state.u).for_each(|(&a, &value)| u[a] = value);
    Ok((Iterate { u, residual: state.residual, iterations: spent }, Method::Continuation))
}

/// A state from rest, from saturation or from between, where no curve leads to one.
fn from_elsewhere(map: &RateMap, silent: &[bool]) -> Option<(Iterate, Method)> {
    STARTS.iter().find_map(|&u| {
        let start = || silenced(silent, vec![u; map.len()]);
        match newton(map, start(), MOST_ITERATIONS) {
            Outcome::Converged(state) => Some((state, Method::Newton)),
            Outcome::Stuck(_) => match relaxed(map, start(), MOST_ITERATIONS) {
                Outcome::Converged(state) => Some((state, Method::Newton)),
                Outcome::Stuck(_) => inserted(map, start()),
            },
        }
    })
}

/// The state at which outputs inserted again and again arrive: where derivatives are beyond all numbers and rates do not move.
fn inserted(map: &RateMap, mut u: Vec<f64>) -> Option<(Iterate, Method)> {
    for iterations in 1..=MOST_ITERATIONS {
        if map.work.is_cancelled() {
            return None;
        }
        let next: Vec<f64> = map.evaluate(&rates(&u)).ln_output.into_iter().map(u_of).collect();
        if same_state(&next, &u) {
            let residual =
                largest(&next.iter().zip(&u).map(|(p, q)| if p == q { 0.0 } else { p - q }).collect::<Vec<_>>());
            return (residual < NEAR).then_some((Iterate { u: next, residual, iterations }, Method::Newton));
        }
        u = next;
    }
    None
}

/// A starting point with the silent populations at rate 0.
pub(super) fn silenced(silent: &[bool], mut u: Vec<f64>) -> Vec<f64> {
    for (u, silent) in u.iter_mut().zip(silent) {
        if *silent {
            *u = f64::NEG_INFINITY;
        }
    }
    u
}

/// Populations that are silent for want of noise: driven no further than threshold, without noise from outside or from a
/// population that is not silent itself.
pub(super) fn silent(map: &RateMap) -> Vec<bool> {
    let n = map.len();
    let unheard = vec![0.0; n];
    let mut silent: Vec<bool> = (0..n).map(|a| map.is_silent_at(a, &unheard)).collect();
    // whoever hears one that is not silent is not silent either; the order in which that spreads does not matter
    let wakes = |a: usize, silent: &[bool]| silent.iter().enumerate().any(|(b, &silent)| !silent && map.hears(a, b));
    while let Some(a) = (0..n).find(|&a| silent[a] && wakes(a, &silent)) {
        silent[a] = false;
    }
    silent
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{ConnectionRule, Drive, DriveKind, Network, Neuron, Population, Projection};
    use crate::stationary::Eigenvalue;
    use crate::testing::{self, BRUNEL, TestNetwork, state};
    use crate::theory::Theory;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    /// Excitation and inhibition with weights `j` = EE, EI, IE, II (target, source) in mV, in-degrees `k` by source, noise
    /// from outside.
    fn two_populations(neuron: Neuron, j: [f64; 4], k: [f64; 2], mean: [f64; 2], std: f64) -> Network {
        let weights = [vec![j[0], j[1]], vec![j[2], j[3]]];
        let drives = mean.map(|mean_mv| Some(DriveKind::Noise { mean_mv, std_mv: std }));
        testing::coupled(vec![neuron; 2], &weights, &[k.to_vec(), k.to_vec()], drives.to_vec(), None)
    }

    #[test]
    fn an_uncoupled_neuron_fires_at_the_rate_of_its_drive() {
        let state = state(&TestNetwork::one_population(10_000).noise("A", 15.0, 5.0).read());
        let lif = lif(BRUNEL);
        assert!((state.populations[0].rate_hz / lif.rate_hz(15.0, 5.0).unwrap() - 1.0).abs() < 1e-14);
        assert_eq!(state.rate_eigenvalues_per_s, [Eigenvalue { growth_per_s: -50.0, frequency_hz: 0.0 }]);
    }

    fn lif(neuron: Neuron) -> crate::neuron::lif::Lif {
        crate::neuron::lif::Lif::new(crate::neuron::lif::LifParameters {
            tau_m_ms: neuron.tau_m_ms,
            t_ref_ms: neuron.t_ref_ms,
            V_th_mv: neuron.V_th_mv,
            V_reset_mv: neuron.V_reset_mv,
        })
        .unwrap()
    }

    #[test]
    fn populations_without_noise_below_threshold_are_silent_and_what_they_feed_is_solved() {
        // A is silent; B is driven above threshold; C hears both and has no noise of its own
        let network = TestNetwork::of(&[("A", 10_000), ("B", 10_000), ("C", 10_000)])
            .fixed_in_degree("A", "C", 100, 0.5)
            .fixed_in_degree("B", "C", 100, 0.2)
            .fixed_in_degree("A", "A", 100, 0.1)
            .current("A", 15.0)
            .current("B", 24.0)
            .read();
        let state = state(&network);
        let rates = state.rates_hz();
        assert_eq!(rates[0], 0.0);
        assert_eq!(state.populations[0].log10_rate_hz, None);
        assert!((rates[1] - lif(BRUNEL).rate_hz(24.0, 0.0).unwrap()).abs() < 1e-10);
        let (mu, variance) = (0.02 * 100.0 * 0.2 * rates[1], 0.02 * 100.0 * 0.04 * rates[1]);
        assert!((rates[2] / lif(BRUNEL).rate_hz(mu, variance.sqrt()).unwrap() - 1.0).abs() < 1e-10);
    }

    #[test]
    fn a_network_that_runs_away_is_an_error_with_advice() {
        let neuron = Neuron { t_ref_ms: 0.0, ..BRUNEL };
        let error = Theory::new(
            &two_populations(neuron, [0.3, 0.0, 0.3, 0.0], [1000.0, 10.0], [25.0, 25.0], 2.0),
            &TheoryOptions::default(),
        )
        .and_then(|theory| Ok(theory.describe_one(&theory.solve()?)));
        assert_eq!(error.unwrap_err(), SolveError::Runaway);
    }

    #[test]
    fn strongly_coupled_networks_approach_the_balanced_limit_as_one_over_the_root_of_the_in_degree() {
        // 0 = 1 + 0.02 * 5 (r_E - 2 r_I), 0 = 0.7 + 0.02 * 5 (r_E - 1.8 r_I): 20 and 15 Hz
        for exponent in 3..=8 {
            let root = 10f64.powf(f64::from(exponent) / 2.0);
            let weights = [1.0, -2.0, 1.0, -1.8].map(|w| 5.0 * w / root);
            let net = two_populations(BRUNEL, weights, [root * root; 2], [root, 0.7 * root], 1.0);
            let state = state(&net);
            assert!(state.residual < 1e-10, "K = {}: residual {}", root * root, state.residual);
            for (population, limit) in state.populations.iter().zip([20.0, 15.0]) {
                let distance = (population.rate_hz - limit).abs() * root;
                assert!(distance < 150.0, "K = {}: {} Hz, limit {limit}", root * root, population.rate_hz);
            }
        }
    }

    fn any_network() -> impl Strategy<Value = Network> {
        let excitatory = 0.0..1.0f64;
        let inhibitory = -4.0..0.0f64;
        let neuron = (5.0..40.0f64, 0.5..5.0f64, 1.0..15.0f64).prop_map(|(tau_m_ms, t_ref_ms, V_reset_mv)| Neuron {
            tau_m_ms,
            t_ref_ms,
            V_reset_mv,
            ..BRUNEL
        });
        let weights = [excitatory.clone(), excitatory].prop_flat_map(move |e| {
            [inhibitory.clone(), inhibitory.clone()].prop_map(move |i| [e[0], i[0], e[1], i[1]])
        });
        let drives = ([-20.0..60.0f64, -20.0..60.0f64], 0.1..10.0f64);
        (neuron, weights, [50.0..2000.0f64, 50.0..500.0f64], drives)
            .prop_map(|(neuron, j, k, (mean, std))| two_populations(neuron, j, k, mean, std))
    }

    proptest! {
        #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), ..ProptestConfig::with_cases(5000) })]

        #[test]
        fn every_network_with_refractory_time_has_a_state_and_it_satisfies_the_equations(net in any_network()) {
            let state = state(&net);
            let map = RateMap::new(&net, SynapticFilter::default()).unwrap();
            let rates = state.rates_hz();
            let size = state.populations.iter().map(|p| p.log10_rate_hz.unwrap().abs()).fold(1.0, f64::max);
            // a rounding of the largest input, far below threshold, can weigh as much; typical are 1e-15
            prop_assert!(state.residual <= 1e-10 * size, "residual {}", state.residual);
            for (found, again) in rates.iter().zip(map.output_rates_hz(&rates)) {
                prop_assert!((found - again).abs() <= 1e-9 * found * size, "{found} {again}");
            }
        }

        #[test]
        fn splitting_a_population_in_two_changes_no_rate(net in any_network()) {
            let state = state(&net);
            let start: Vec<f64> = state.populations.iter().map(|p| p.rate_hz.max(1e-300)).collect();
            let split = split_first(&net);
            let again = Theory::new(&split, &TheoryOptions::default()).and_then(|theory| Ok(theory.describe_one(&theory.solve_from(&[start[0], start[1], start[0]])?))).unwrap();
            let states = &again.fixed_points[0].populations;
            for (a, b) in [(0, 0), (1, 1), (0, 2)] {
                let (one, two) = (state.populations[a].log10_rate_hz.unwrap(), states[b].log10_rate_hz.unwrap());
                prop_assert!((one - two).abs() <= 1e-9 * (1.0 + one.abs()), "{one} {two}");
            }
        }
    }

    /// The same network with its first population written as two halves.
    fn split_first(net: &Network) -> Network {
        let mut split = net.clone();
        split.populations.push(Population { name: "E2".into(), ..net.populations[0].clone() });
        split.drives.push(Drive { target: 2, ..net.drives[0].clone() });
        split.projections.clear();
        for p in &net.projections {
            let ConnectionRule::FixedInDegree { in_degree } = p.rule else { unreachable!("built so above") };
            let sources: &[(usize, f64)] = if p.source == 0 { &[(0, 0.25), (2, 0.75)] } else { &[(1, 1.0)] };
            let targets: &[usize] = if p.target == 0 { &[0, 2] } else { &[1] };
            for &(source, share) in sources {
                for &target in targets {
                    let rule = ConnectionRule::FixedInDegree { in_degree: share * in_degree };
                    split.projections.push(Projection { source, target, rule, ..p.clone() });
                }
            }
        }
        split
    }
}
