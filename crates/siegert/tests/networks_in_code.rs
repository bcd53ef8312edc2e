//! Networks made in code: the same mistakes as in a file in the same words, the same network from the builder as from the file, and no
//! panic anywhere.

#![allow(non_snake_case)] // symbols of the field keep their capitals

use std::path::Path;

use siegert::comparison::export::{ExportError, ExportTarget, script};
use siegert::input::{overview, shared_input_fractions};
use siegert::network::{
    Case, ConnectionRule, Connections, Differences, DriveKind, Expectation, External, Law, Network, NetworkError,
    Neuron, NeuronModel, Place, Problem, ReadOptions, Synapse, bundled, open, parse,
};
use siegert::neuron::lif::SynapticFilter;
use siegert::simulation::{SimulationError, SimulationOptions, accept};
use siegert::stationary::balance::{Sizes, largest_in_degree, with_in_degree};
use siegert::stationary::{RateMap, SolveError};
use siegert::testing::BRUNEL;
use siegert::theory::{Theory, TheoryOptions};

/// A network with something of every kind; each test puts one mistake in it.
const FILE: &str = r#"
[neurons.lif]
model   = "lif"
tau_m   = "20 ms"
E_L     = "0 mV"
V_th    = "20 mV"
V_reset = "10 mV"
t_ref   = "2 ms"

[neurons.adex]
model   = "adex"
tau_m   = "10 ms"
C_m     = "250 pF"
E_L     = "-70 mV"
V_th    = "-50 mV"
V_reset = "-58 mV"
t_ref   = "1 ms"
Delta_T = "2 mV"
V_peak  = "-40 mV"
a       = "4 nS"
b       = "80 pA"
tau_w   = "144 ms"

[synapses.current]
kind = "exponential_current"
tau  = "0.5 ms"

[synapses.conductance]
kind  = "exponential_conductance"
tau   = "5 ms"
E_rev = "0 mV"

[populations]
A = { size = 100, neuron = "lif" }
B = { size = 50, neuron = "adex" }

[[projections]]
from      = "A"
to        = "A"
in_degree = 10
weight    = { distribution = "normal", mean = "0.1 mV", std = "0.02 mV" }
delay     = { distribution = "uniform", low = "0.5 ms", high = "1.5 ms" }
autapses  = false
multapses = false

[[projections]]
from        = "A"
to          = "B"
probability = 0.1
weight      = "1 nS"
delay       = "1.5 ms"
synapse     = "conductance"

[[projections]]
from    = "B"
to      = "B"
total   = 500
weight  = { distribution = "lognormal", mean = "3 pA", std = "1 pA" }
synapse = "current"

[[drives]]
to         = "A"
kind       = "poisson"
rate       = "2 Hz"
in_degree  = 100
weight     = "0.3 mV"
start      = "10 ms"
stop       = "200 ms"
modulation = { amplitude = 0.5, frequency = "8 Hz" }

[[drives]]
to   = "B"
kind = "noise"
mean = "1 mV"
std  = "3 mV"
"#;

fn read(text: &str) -> Network {
    parse(text, "test", &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn weight_of(network: &mut Network, index: usize) -> &mut Law {
    &mut network.projections[index].weight
}

fn poisson(network: &mut Network) -> (&mut f64, &mut f64, &mut Law) {
    match &mut network.drives[0].kind {
        DriveKind::Poisson { rate_hz, in_degree, weight, .. } => (rate_hz, in_degree, weight),
        other => panic!("{other:?}"),
    }
}

fn adex(network: &mut Network) -> [&mut f64; 5] {
    match &mut network.populations[1].neuron.model {
        NeuronModel::Adex { Delta_T_mv, V_peak_mv, a_ns, b_pa, tau_w_ms } => {
            [Delta_T_mv, V_peak_mv, a_ns, b_pa, tau_w_ms]
        }
        other => panic!("{other:?}"),
    }
}

/// What is written in the file, what is written instead, and the same in code.
type Faulty = (&'static str, &'static str, fn(&mut Network));

const FAULTY: &[Faulty] = &[
    // populations
    ("A = { size = 100,", "A = { size = 1e13,", |n| n.populations[0].size = 10_000_000_000_000),
    // neurons
    ("tau_m   = \"20 ms\"", "tau_m   = \"0 ms\"", |n| n.populations[0].neuron.tau_m_ms = 0.0),
    ("tau_m   = \"20 ms\"", "tau_m   = inf", |n| n.populations[0].neuron.tau_m_ms = f64::INFINITY),
    ("C_m     = \"250 pF\"", "C_m     = \"-250 pF\"", |n| n.populations[1].neuron.C_m_pf = Some(-250.0)),
    ("t_ref   = \"2 ms\"", "t_ref   = \"-2 ms\"", |n| n.populations[0].neuron.t_ref_ms = -2.0),
    ("V_reset = \"10 mV\"", "V_reset = \"22 mV\"", |n| n.populations[0].neuron.V_reset_mv = 22.0),
    ("V_reset = \"10 mV\"", "V_reset = -inf", |n| n.populations[0].neuron.V_reset_mv = f64::NEG_INFINITY),
    ("V_reset = \"-58 mV\"", "V_reset = \"-40 mV\"", |n| n.populations[1].neuron.V_reset_mv = -40.0),
    ("V_th    = \"-50 mV\"", "V_th    = \"-30 mV\"", |n| n.populations[1].neuron.V_th_mv = -30.0),
    ("Delta_T = \"2 mV\"", "Delta_T = \"0 mV\"", |n| *adex(n)[0] = 0.0),
    ("V_peak  = \"-40 mV\"", "V_peak  = inf", |n| *adex(n)[1] = f64::INFINITY),
    ("tau_w   = \"144 ms\"", "tau_w   = \"-144 ms\"", |n| *adex(n)[4] = -144.0),
    // synapses
    ("tau  = \"0.5 ms\"", "tau  = \"0 ms\"", |n| {
        n.projections[2].synapse = Synapse::ExponentialCurrent { tau_ms: 0.0 }
    }),
    ("E_rev = \"0 mV\"", "E_rev = inf", |n| {
        n.projections[1].synapse = Synapse::ExponentialConductance { tau_ms: 5.0, E_rev_mv: f64::INFINITY }
    }),
    // connection rules
    ("in_degree = 10\n", "in_degree = -1\n", |n| {
        n.projections[0].rule = ConnectionRule::FixedInDegree { in_degree: -1.0 }
    }),
    ("in_degree = 10\n", "in_degree = 99.5\n", |n| {
        n.projections[0].rule = ConnectionRule::FixedInDegree { in_degree: 99.5 }
    }),
    ("in_degree = 10\n", "total = 9901\n", |n| n.projections[0].rule = ConnectionRule::FixedTotal { total: 9901.0 }),
    ("in_degree = 10\n", "total = -1\n", |n| n.projections[0].rule = ConnectionRule::FixedTotal { total: -1.0 }),
    ("A = { size = 100,", "A = { size = 0,", |n| n.populations[0].size = 0),
    ("probability = 0.1", "probability = 1.1", |n| {
        n.projections[1].rule = ConnectionRule::PairwiseProbability { probability: 1.1 }
    }),
    // weights and delays
    ("std = \"0.02 mV\"", "std = \"-0.02 mV\"", |n| *weight_of(n, 0) = Law::Normal { mean: 0.1, std: -0.02 }),
    ("mean = \"0.1 mV\"", "mean = \"1e200 mV\"", |n| *weight_of(n, 0) = Law::Normal { mean: 1e200, std: 0.02 }),
    ("weight      = \"1 nS\"", "weight      = \"-1 nS\"", |n| *weight_of(n, 1) = Law::Constant { value: -1.0 }),
    ("mean = \"3 pA\"", "mean = \"0 pA\"", |n| *weight_of(n, 2) = Law::Lognormal { mean: 0.0, std: 1.0 }),
    ("low = \"0.5 ms\"", "low = \"2.5 ms\"", |n| {
        n.projections[0].delay_ms = Some(Law::Uniform { low: 2.5, high: 1.5 })
    }),
    ("low = \"0.5 ms\"", "low = \"-0.5 ms\"", |n| {
        n.projections[0].delay_ms = Some(Law::Uniform { low: -0.5, high: 1.5 })
    }),
    ("delay       = \"1.5 ms\"", "delay       = \"0 ms\"", |n| n.projections[1].delay_ms = Some(0.0.into())),
    ("delay       = \"1.5 ms\"", "delay       = \"-1 ms\"", |n| n.projections[1].delay_ms = Some((-1.0).into())),
    // drives
    ("rate       = \"2 Hz\"", "rate       = \"-2 Hz\"", |n| *poisson(n).0 = -2.0),
    ("in_degree  = 100", "in_degree  = -100", |n| *poisson(n).1 = -100.0),
    ("weight     = \"0.3 mV\"", "weight     = \"1e100 mV\"", |n| *poisson(n).2 = 1e100.into()),
    ("start      = \"10 ms\"", "start      = \"210 ms\"", |n| n.drives[0].start_ms = Some(210.0)),
    ("amplitude = 0.5", "amplitude = -1.5", |n| n.drives[0].modulation.as_mut().unwrap().amplitude = -1.5),
    ("frequency = \"8 Hz\"", "frequency = \"-8 Hz\"", |n| n.drives[0].modulation.as_mut().unwrap().frequency_hz = -8.0),
    ("std  = \"3 mV\"", "std  = \"-3 mV\"", |n| n.drives[1].kind = DriveKind::Noise { mean_mv: 1.0, std_mv: -3.0 }),
    ("std  = \"3 mV\"", "std  = \"1e200 mV\"", |n| n.drives[1].kind = DriveKind::Noise { mean_mv: 1.0, std_mv: 1e200 }),
];

#[test]
fn a_mistake_made_in_code_is_told_in_the_words_of_the_file() {
    let network = read(FILE);
    for (right, wrong, make_wrong) in FAULTY {
        assert_eq!(FILE.matches(right).count(), 1, "{right}");
        let error = parse(&FILE.replace(right, wrong), "test", &ReadOptions::default()).expect_err(wrong);
        let mut in_file: Vec<_> = error.diagnostics.iter().map(|it| (it.message(), it.help.clone())).collect();
        let mut faulty = network.clone();
        make_wrong(&mut faulty);
        let error = faulty.validate().expect_err(wrong);
        let mut in_code: Vec<_> = error.mistakes.iter().map(|it| (it.message(), it.help())).collect();
        in_file.sort();
        in_code.sort();
        assert_eq!(in_code, in_file, "{wrong}");
    }
}

#[test]
fn a_missing_capacitance_is_told_in_the_words_of_the_file() {
    let without = |text: &str| text.replace("C_m     = \"250 pF\"\n", "");
    let rows =
        [without(FILE), without(FILE).replace("a       = \"4 nS\"", "a = 0").replace("b       = \"80 pA\"", "b = 0")];
    for text in rows {
        let in_file = parse(&text, "test", &ReadOptions::default()).unwrap_err();
        let complete = text.replace("model   = \"adex\"", "model   = \"adex\"\nC_m = \"250 pF\"");
        let mut network = read(&complete);
        network.populations[1].neuron.C_m_pf = None;
        let mut in_code: Vec<_> = network.validate().unwrap_err().mistakes.iter().map(|it| it.message()).collect();
        let mut in_file: Vec<_> = in_file.diagnostics.iter().map(|it| it.message()).collect();
        // the file's reader takes a neuron type with mistakes for a good one
        in_file.sort();
        in_code.sort();
        in_code.retain(|message| in_file.len() > 1 || in_file.contains(message));
        assert_eq!(in_code, in_file);
    }
}

#[test]
fn names_in_code_are_judged_as_in_the_file() {
    for name in ["", " A", "A\u{7}", "A\u{202e}"] {
        let quoted = format!("{name:?}").replace("\\u{7}", "\\u0007").replace("\\u{202e}", "\\u202e");
        let text = FILE.replace("A = { size", &format!("{quoted} = {{ size")).replace("\"A\"", &quoted);
        let in_file = parse(&text, "test", &ReadOptions::default()).unwrap_err();
        let mut network = read(FILE);
        network.populations[0].name = name.to_string();
        let in_code = network.validate().unwrap_err();
        assert_eq!(in_code.mistakes[0].message(), in_file.diagnostics[0].message());
        assert_eq!((in_code.mistakes.len(), in_file.diagnostics.len()), (1, 1), "{in_code}");
    }
    let mut network = read(FILE);
    network.populations[1].name = "A".to_string();
    assert_eq!(
        network.validate().unwrap_err().to_string(),
        "population A: another population is called \"A\", too\n  help: give each a name of its own"
    );
    let mut network = read(FILE);
    network.projections[2].synapse_type = "delta".to_string();
    let text = FILE.replace("[synapses.current]", "[synapses.delta]").replace("\"current\"", "\"delta\"");
    let in_file = parse(&text, "test", &ReadOptions::default()).unwrap_err();
    assert_eq!(network.validate().unwrap_err().mistakes[0].message(), in_file.diagnostics[0].message());
}

#[test]
fn a_message_says_where_the_mistake_is_and_what_to_do() {
    let mut network = read(FILE);
    network.projections[1].weight = Law::Constant { value: -1.0 };
    network.projections[2].weight = Law::Constant { value: f64::NAN };
    network.drives[1].target = 2;
    network.populations[0].neuron.tau_m_ms = -20.0;
    let error = network.validate().unwrap_err();
    assert_eq!(
        error.to_string(),
        "population A: tau_m is -20 ms; it must be greater than 0
  help: check the sign and the unit
projection 2 (A -> B), weight: a conductance of -1 nS is negative
  help: inhibition comes from E_rev, not from the sign of the weight
projection 3 (B -> B), weight: NaN is not a finite number
  help: check the exponents and units
drive 2 (of ?), to: there is no population of index 2
  help: the network has 2, with indices from 0"
    );
    assert_eq!(error.mistakes[3].place, Place::Drive { index: 1, target: "?".to_string() });
}

#[test]
fn mistakes_beyond_fifty_are_counted() {
    let mut network = read(FILE);
    let wrong = siegert::network::Projection { target: 9, ..network.projections[0].clone() };
    network.projections = vec![wrong; 60];
    let error = network.validate().unwrap_err();
    assert_eq!((error.mistakes.len(), error.omitted), (50, 10));
    assert!(error.to_string().ends_with("\n... and 10 more"), "{error}");
}

#[test]
fn records_that_name_nothing_are_mistakes() {
    let mut network = open("brunel2000", &ReadOptions::default()).unwrap();
    network.cases.push(Case { name: "AI".to_string(), overrides: Vec::new() });
    let wrong = Expectation {
        case: Some("A1".to_string()),
        values: vec![(Some("e".to_string()), f64::NAN)],
        tolerance: -1.0,
        ..network.expectations[0].clone()
    };
    network.expectations = vec![wrong];
    let error = network.validate().unwrap_err();
    let problems: Vec<&Problem> = error.mistakes.iter().map(|mistake| &mistake.problem).collect();
    assert!(
        matches!(
            problems[..],
            [
                Problem::NameTaken { .. },
                Problem::UnknownCase { .. },
                Problem::UnknownName { .. },
                Problem::NotFinite { .. },
                Problem::Negative { .. }
            ]
        ),
        "{error}"
    );
}

/// The network files of the tests, those in folders too.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        match path.is_dir() {
            true => found.extend(files(&path)),
            false if path.extension().is_some_and(|ending| ending == "toml") => found.push(path),
            false => {}
        }
    }
    found
}

#[test]
fn what_the_reader_accepts_has_no_mistakes() {
    let mut seen = 0;
    for model in bundled::all() {
        let network = open(model.name, &ReadOptions::default()).unwrap();
        assert_eq!(network.validate(), Ok(()), "{}", model.name);
        for case in &network.cases {
            let options = ReadOptions { case: Some(case.name.clone()), ..ReadOptions::default() };
            assert_eq!(open(model.name, &options).unwrap().validate(), Ok(()), "{} {}", model.name, case.name);
            seen += 1;
        }
    }
    for path in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/networks")) {
        let network = open(path.to_str().unwrap(), &ReadOptions::default()).unwrap();
        assert_eq!(network.validate(), Ok(()), "{}", path.display());
        seen += 1;
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn the_builder_makes_the_network_that_the_file_makes() {
    let file = open("brunel2000", &ReadOptions::default()).unwrap();
    let built = Network::builder("Brunel (2000), model A")
        .neuron("lif", BRUNEL)
        .population("E", 10_000, "lif")
        .population("I", 2_500, "lif")
        .projection(&["E"], &["E", "I"], Connections::in_degree(1000.0).weight_mv(0.1).delay_ms(1.5))
        .projection(&["I"], &["E", "I"], Connections::in_degree(250.0).weight_mv(-0.5).delay_ms(1.5))
        .drive(&["E", "I"], External::poisson_hz(20.0).in_degree(1000.0).weight_mv(0.1))
        .build()
        .unwrap();
    // all but the parameters and what the file tells about its origin
    let expected = Network {
        reference: None,
        description: None,
        notes: Vec::new(),
        parameters: Vec::new(),
        cases: Vec::new(),
        expectations: Vec::new(),
        ..file
    };
    assert_eq!(built, expected);
}

#[test]
fn the_builder_makes_something_of_every_kind_as_the_file_does() {
    let adex = Neuron {
        model: NeuronModel::Adex { Delta_T_mv: 2.0, V_peak_mv: -40.0, a_ns: 4.0, b_pa: 80.0, tau_w_ms: 144.0 },
        tau_m_ms: 10.0,
        C_m_pf: Some(250.0),
        E_L_mv: -70.0,
        V_th_mv: -50.0,
        V_reset_mv: -58.0,
        t_ref_ms: 1.0,
        differences: Differences::NONE,
    };
    let first = Connections::in_degree(10.0)
        .weight_mv(Law::Normal { mean: 0.1, std: 0.02 })
        .delay_ms(Law::Uniform { low: 0.5, high: 1.5 })
        .without_autapses()
        .without_multapses();
    let built = Network::builder("test")
        .neuron("lif", BRUNEL)
        .neuron("adex", adex)
        .synapse("current", Synapse::ExponentialCurrent { tau_ms: 0.5 })
        .synapse("conductance", Synapse::ExponentialConductance { tau_ms: 5.0, E_rev_mv: 0.0 })
        .population("A", 100, "lif")
        .population("B", 50, "adex")
        .projection(&["A"], &["A"], first)
        .projection(&["A"], &["B"], Connections::probability(0.1).synapse("conductance").weight_ns(1.0).delay_ms(1.5))
        .projection(
            &["B"],
            &["B"],
            Connections::total(500.0).synapse("current").weight_pa(Law::Lognormal { mean: 3.0, std: 1.0 }),
        )
        .drive(
            &["A"],
            External::poisson_hz(2.0).in_degree(100.0).weight_mv(0.3).start_ms(10.0).stop_ms(200.0).modulated(0.5, 8.0),
        )
        .drive(&["B"], External::noise_mv(1.0, 3.0))
        .drive(&["B"], External::current_pa(250.0))
        .build()
        .unwrap();
    let text = format!("{FILE}\n[[drives]]\nto = \"B\"\nkind = \"current\"\nvalue = \"250 pA\"\n");
    assert_eq!(built, read(&text));
}

#[test]
fn the_builder_names_what_is_missing_and_what_does_not_fit() {
    let error = Network::builder("wrong")
        .neuron("lif", BRUNEL)
        .synapse("ampa", Synapse::ExponentialCurrent { tau_ms: -2.0 })
        .population("E", 100, "lfi")
        .projection(&["E", "E"], &["I"], Connections::in_degree(10.0))
        .projection(&["E"], &[], Connections::in_degree(10.0).synapse("ampa").weight_mv(0.1))
        .build()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "synapse ampa: tau is -2 ms; it must be greater than 0
  help: check the sign and the unit
population E, neuron: there is no neuron type \"lfi\"
  help: did you mean \"lif\"? known: \"lif\"
projection 1 (E, E -> I), from: \"E\" occurs twice in the list
  help: remove one of the two
projection 1 (E, E -> I), to: there is no population \"I\"
  help: known: \"E\"
projection 1 (E, E -> I): the projection lacks \"weight\"
  help: add weight = ...: Weight: mV for delta, pA for currents (their peak), nS for conductances.
projection 2 (E -> ), to: the list is empty
  help: name at least one population
projection 2 (E -> ): weight must be a current (pA), not a voltage (mV)
  help: check the unit, or the expression's factors"
    );
}

#[test]
fn the_builder_tells_a_mistake_of_a_call_once() {
    let network = |connections: Connections| {
        Network::builder("wrong")
            .neuron("lif", BRUNEL)
            .population("E", 100, "lif")
            .population("I", 100, "lif")
            .projection(&["E"], &["E"], Connections::in_degree(1.0).weight_mv(0.1))
            .projection(&["E"], &["E", "I"], connections)
            .build()
    };
    let error = network(Connections::in_degree(10.0).weight_mv(f64::NAN)).unwrap_err();
    assert_eq!(error.mistakes.len(), 1, "{error}");
    assert_eq!(error.mistakes[0].place.to_string(), "projection 2 (E -> E)");
    // more inputs than neurons must be asked for, as in a file
    let error = network(Connections::in_degree(200.0).weight_mv(0.1)).unwrap_err();
    assert!(matches!(error.mistakes[0].problem, Problem::InDegreeTooLarge { available: 100, .. }), "{error}");
    assert!(network(Connections::in_degree(200.0).weight_mv(0.1).with_multapses()).is_ok());
}

/// A network of two populations with currents, which both theory and simulator take.
fn currents() -> Network {
    let neuron = Neuron { C_m_pf: Some(250.0), ..BRUNEL };
    Network::builder("currents")
        .neuron("lif", neuron)
        .synapse("fast", Synapse::ExponentialCurrent { tau_ms: 0.5 })
        .population("E", 80, "lif")
        .population("I", 20, "lif")
        .projection(&["E"], &["E", "I"], Connections::in_degree(8.0).synapse("fast").weight_pa(30.0).delay_ms(1.5))
        .projection(&["I"], &["E", "I"], Connections::probability(0.1).synapse("fast").weight_pa(-150.0).delay_ms(1.0))
        .drive(&["E", "I"], External::poisson_hz(1000.0).weight_mv(0.9))
        .drive(&["E"], External::noise_mv(1.0, 2.0))
        .build()
        .unwrap()
}

/// Everything that takes a network; the error of each that it refuses to be checked.
fn errors_of(network: &Network) -> Vec<Option<NetworkError>> {
    let solved = |error: SolveError| match error {
        SolveError::Network(error) => Some(error),
        _ => None,
    };
    let simulation = SimulationOptions::default();
    vec![
        RateMap::new(network, SynapticFilter::default()).err().and_then(solved),
        Theory::new(network, &TheoryOptions::default()).err().and_then(solved),
        siegert::input::Streams::new(network).err(),
        overview(network).err(),
        accept(network, &simulation).err().and_then(|error| match error {
            SimulationError::Network(error) => Some(error),
            _ => None,
        }),
        script(network, ExportTarget::Nest, &simulation).err().and_then(|error| match error {
            ExportError::Network(error) => Some(error),
            _ => None,
        }),
        script(network, ExportTarget::Brian2, &simulation).err().and_then(|error| match error {
            ExportError::Network(error) => Some(error),
            _ => None,
        }),
    ]
}

#[test]
fn theory_simulator_and_export_refuse_a_current_without_capacitance() {
    let mut network = currents();
    assert!(errors_of(&network).iter().all(Option::is_none));
    network.populations[1].neuron.C_m_pf = None;
    let expected = network.validate().unwrap_err();
    assert_eq!(
        expected.mistakes[0].to_string(),
        "projection 2 (E -> I): \"lif\" has no capacitance, and a weight in pA cannot be turned into a voltage without one
  help: add C_m = \"250 pF\" (or yours) to [neurons.lif]"
    );
    for error in errors_of(&network) {
        assert_eq!(error.as_ref(), Some(&expected));
    }
}

#[test]
fn no_value_of_a_network_makes_anything_panic() {
    const VALUES: [f64; 8] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, 1e308, -1e308, 5e-324];
    let right = currents();
    let mut faulty = 0;
    // all values of all numbers, one at a time
    let numbers: [fn(&mut Network, f64); 22] = [
        |n, x| n.populations[0].neuron.tau_m_ms = x,
        |n, x| n.populations[0].neuron.C_m_pf = Some(x),
        |n, x| n.populations[0].neuron.E_L_mv = x,
        |n, x| n.populations[0].neuron.V_th_mv = x,
        |n, x| n.populations[0].neuron.V_reset_mv = x,
        |n, x| n.populations[0].neuron.t_ref_ms = x,
        |n, x| n.projections[0].rule = ConnectionRule::FixedInDegree { in_degree: x },
        |n, x| n.projections[0].rule = ConnectionRule::PairwiseProbability { probability: x },
        |n, x| n.projections[0].rule = ConnectionRule::FixedTotal { total: x },
        |n, x| n.projections[0].weight = x.into(),
        |n, x| n.projections[0].weight = Law::Normal { mean: x, std: x },
        |n, x| n.projections[0].weight = Law::Uniform { low: x, high: 1.0 },
        |n, x| n.projections[0].delay_ms = Some(x.into()),
        |n, x| n.projections[0].delay_ms = Some(Law::Lognormal { mean: 1.0, std: x }),
        |n, x| n.projections[0].synapse = Synapse::ExponentialCurrent { tau_ms: x },
        |n, x| *poisson(n).0 = x,
        |n, x| *poisson(n).1 = x,
        |n, x| *poisson(n).2 = Law::Exponential { mean: x },
        |n, x| n.drives[0].start_ms = Some(x),
        |n, x| n.drives[0].stop_ms = Some(x),
        |n, x| n.drives[2].kind = DriveKind::Noise { mean_mv: x, std_mv: x },
        |n, x| n.drives[2].kind = DriveKind::Current { value_mv: x.into(), given_in_pa: false },
    ];
    let mut networks: Vec<Network> = Vec::new();
    for set in numbers {
        for value in VALUES {
            let mut network = right.clone();
            set(&mut network, value);
            networks.push(network);
        }
    }
    let others: [fn(&mut Network); 9] = [
        |n| n.projections[0].source = 2,
        |n| n.projections[0].target = usize::MAX,
        |n| n.drives[0].target = 2,
        |n| n.populations.clear(),
        |n| drop(n.populations.pop()),
        |n| n.populations[0].size = 0,
        |n| n.populations[0].size = u64::MAX,
        |n| n.populations[0].name.clear(),
        |n| *n = Network::default(),
    ];
    for make_wrong in others {
        let mut network = right.clone();
        make_wrong(&mut network);
        networks.push(network);
    }
    for network in networks {
        let wrong = network.validate().err();
        faulty += usize::from(wrong.is_some());
        for error in errors_of(&network) {
            assert_eq!(error, wrong, "{network:?}");
        }
        // these have no error to return
        let _ = shared_input_fractions(&network);
        let _ = largest_in_degree(&network);
        let _ = with_in_degree(&network, 100.0, Sizes::Grow);
    }
    assert!(faulty > 80, "{faulty}");
}
