//! The network file from outside: what is accepted becomes the right numbers, what is wrong is named, underlined and
//! answered with advice.

#![allow(non_snake_case)] // symbols of the field keep their capitals

use siegert::network::{
    ConnectionRule, DriveKind, Law, Network, NetworkFileError, NeuronModel, Origin, Problem, ReadOptions, Synapse,
    bundled, parse,
};

/// A small network with a mark where a test adds or replaces lines.
const SMALL: &str = r#"
[parameters]
J = "0.1 mV"
g = 5

[neurons.lif]
model   = "lif"
tau_m   = "20 ms"
E_L     = "0 mV"
V_th    = "20 mV"
V_reset = "10 mV"
t_ref   = "2 ms"

[synapses.ampa]
kind = "exponential_current"
tau  = "0.5 ms"

[populations.E]
size   = 100
neuron = "lif"

[populations.I]
size   = 25
neuron = "lif"

[[projections]]
from      = "E"
to        = ["E", "I"]
in_degree = 10
weight    = "J"
delay     = "1.5 ms"

[[projections]]
from      = "I"
to        = ["E", "I"]
probability = 0.2
weight    = "-g * J"
delay     = "1.5 ms"

[[drives]]
to     = ["E", "I"]
kind   = "poisson"
rate   = "10 Hz"
weight = "J"

[cases.AI]
g = 6
"#;

fn read(text: &str) -> Result<Network, NetworkFileError> {
    parse(text, "test.toml", &ReadOptions::default())
}

fn replaced(from: &str, to: &str) -> String {
    assert!(SMALL.contains(from), "the test's own text lacks {from:?}");
    SMALL.replacen(from, to, 1)
}

fn with_set(name: &str, value: &str) -> ReadOptions {
    ReadOptions { overrides: vec![(name.to_string(), value.to_string())], case: None }
}

/// Replaces a part of the small network and expects exactly one mistake, underlined as said and with advice.
#[track_caller]
fn mistake(from: &str, to: &str, underlined: &str) -> Problem {
    let text = replaced(from, to);
    let error = read(&text).expect_err("the text has a mistake");
    assert_eq!(error.diagnostics.len(), 1, "{error}");
    let diagnostic = &error.diagnostics[0];
    let span = diagnostic.span().expect("the mistake has a place");
    assert_eq!(&text[span], underlined, "{error}");
    assert!(diagnostic.help().is_some(), "{error} has no advice");
    diagnostic.problem.clone()
}

macro_rules! expect_problem {
    ($from:expr => $to:expr, $underlined:expr, $pattern:pat $(if $guard:expr)?) => {{
        let problem = mistake($from, $to, $underlined);
        assert!(matches!(&problem, $pattern $(if $guard)?), "{problem:?}");
    }};
}

#[test]
fn every_quantity_comes_back_as_it_was_written() {
    let network = read(SMALL).unwrap();
    assert_eq!(network.name, "test");
    assert_eq!(network.populations[0].neuron.tau_m_ms, 20.0);
    assert_eq!(network.populations[1].size, 25);
    assert_eq!(network.projections.len(), 4);
    assert_eq!(network.projections[0].weight, Law::Constant { value: 0.1 });
    assert_eq!(network.projections[0].rule, ConnectionRule::FixedInDegree { in_degree: 10.0 });
    assert_eq!(network.projections[2].weight, Law::Constant { value: -0.5 });
    assert_eq!(network.projections[2].rule, ConnectionRule::PairwiseProbability { probability: 0.2 });
    assert!(!network.projections[2].multapses);
    assert_eq!(network.parameters[0].unit, "mV");
    assert!(matches!(network.drives[0].kind, DriveKind::Poisson { rate_hz: 10.0, in_degree: 1.0, .. }));
    assert_eq!(network.warnings, []);
}

#[test]
fn bundled_networks_are_read_without_a_mistake_in_every_case() {
    for network in bundled::all() {
        let plain = parse(network.text, network.name, &ReadOptions::default());
        let plain = plain.unwrap_or_else(|error| panic!("{error}"));
        for case in plain.cases {
            let options = ReadOptions { case: Some(case.name), ..ReadOptions::default() };
            parse(network.text, network.name, &options).unwrap_or_else(|error| panic!("{error}"));
        }
    }
}

#[test]
fn a_case_is_found_by_any_spelling_and_set_wins_over_it() {
    let options = ReadOptions { case: Some("a-i".to_string()), ..ReadOptions::default() };
    assert_eq!(parse(SMALL, "", &options).unwrap().parameters[1].value, 6.0);
    let options = ReadOptions { case: Some("AI".to_string()), ..with_set("g", "J / (0.05 mV)") };
    assert_eq!(parse(SMALL, "", &options).unwrap().parameters[1].value, 2.0);
}

#[test]
fn overrides_are_answered_where_they_are_wrong() {
    for (name, value, message) in [
        ("gg", "5", "there is no parameter \"gg\""),
        ("J", "0.2", "J is 0.2 without a unit; it must be a voltage (mV)"),
        ("J", "2 Hz", "J must be a voltage (mV), not a rate (Hz)"),
        ("J", "2 * ", "expected a number, a name or a parenthesis, found the end of the expression"),
        ("g", "g + 1", "the parameters are defined by one another in a circle: g -> g"),
    ] {
        let error = parse(SMALL, "", &with_set(name, value)).unwrap_err();
        assert_eq!(error.diagnostics.len(), 1, "{error}");
        assert!(matches!(error.diagnostics[0].origin, Origin::Override { index: 0, .. }), "{error}");
        assert_eq!(error.diagnostics[0].message(), message);
        assert!(error.diagnostics[0].help().is_some());
    }
    let options = ReadOptions { case: Some("IA".to_string()), ..ReadOptions::default() };
    let error = parse(SMALL, "", &options).unwrap_err();
    assert!(matches!(error.diagnostics[0].problem, Problem::UnknownCase { .. }), "{error}");
}

#[test]
fn mistakes_in_keys_and_names_are_named() {
    expect_problem!("tau_m " => "tau_n ", "tau_n", Problem::UnknownKey { .. });
    expect_problem!("V_reset " => "V_0_abs ", "V_0_abs", Problem::UnknownKey { advice: Some(a), .. } if a.contains("\"V_reset\""));
    expect_problem!("t_ref " => "tau_refrac ", "tau_refrac", Problem::UnknownKey { advice: Some(a), .. } if a.contains("\"t_ref\""));
    expect_problem!("V_th  " => "v_thresh ", "v_thresh", Problem::UnknownKey { advice: Some(a), .. } if a.contains("\"V_th\""));
    expect_problem!("t_ref   = \"2 ms\"" => "t_ref = 0\ni_offset = 0", "i_offset", Problem::UnknownKey { advice: Some(a), .. } if a.contains("\"I_e\""));
    expect_problem!("t_ref   = \"2 ms\"" => "t_ref = 0\nDelta_T = \"1 mV\"", "Delta_T", Problem::MisplacedKey { .. });
    expect_problem!("t_ref   = \"2 ms\"" => "", "[neurons.lif]", Problem::MissingKey { key: "t_ref", .. });
    expect_problem!("\"lif\"\ntau_m" => "\"lfi\"\ntau_m", "\"lfi\"", Problem::UnknownChoice { suggestion: Some(s), .. } if s == "lif");
    expect_problem!("neuron = \"lif\"" => "neuron = \"iaf\"", "\"iaf\"", Problem::UnknownName { kind: "neuron type", .. });
    expect_problem!("from      = \"E\"" => "from = \"EX\"", "\"EX\"", Problem::UnknownName { kind: "population", .. });
    expect_problem!("[\"E\", \"I\"]" => "[\"E\", \"E\"]", "\"E\"", Problem::RepeatedName { .. });
    expect_problem!("[\"E\", \"I\"]" => "[]", "[]", Problem::EmptyList);
    expect_problem!("weight    = \"J\"" => "weight = \"J\"\nsynapse = \"gaba\"", "\"gaba\"", Problem::UnknownName { kind: "synapse", .. });
    expect_problem!("g = 5" => "g = 5\nms = 3", "ms", Problem::BadName { .. });
    expect_problem!("g = 5" => "g = 5\nN_pre = 3", "N_pre", Problem::BadName { .. });
    expect_problem!("g = 6" => "h = 6", "h", Problem::UnknownParameter { .. });
    expect_problem!("size   = 100" => "size = true", "true", Problem::WrongType { .. });
    expect_problem!("size   = 100" => "size = 10.5", "10.5", Problem::BadSize { .. });
}

#[test]
fn mistakes_in_expressions_are_underlined_where_they_are() {
    expect_problem!("\"-g * J\"" => "\"-g * J / (g - 5)\"", "-g * J / (g - 5)", Problem::DivisionByZero);
    expect_problem!("\"-g * J\"" => "\"-g * K\"", "K", Problem::UnknownSymbol { .. });
    expect_problem!("\"-g * J\"" => "\"-g * J + (1 mV + 2 ms)\"", "1 mV + 2 ms", Problem::Incompatible { .. });
    expect_problem!("\"-g * J\"" => "\"-g * J * exp(J)\"", "exp(J)", Problem::NotPlain { .. });
    expect_problem!("\"-g * J\"" => "\"-1e308 * 1e10 * J\"", "-1e308 * 1e10", Problem::Overflow);
    expect_problem!("\"-g * J\"" => "\"J * sqrt(-g)\"", "sqrt(-g)", Problem::OutsideDomain { .. });
    expect_problem!("\"-g * J\"" => "\"J * log(0)\"", "log(0)", Problem::OutsideDomain { .. });
    expect_problem!("\"-g * J\"" => "\"-g ** J\"", "*", Problem::ExpressionSyntax { advice: Some(a), .. } if a.contains('^'));
    expect_problem!("\"-g * J\"" => "\"-(g * J\"", "(", Problem::ExpressionSyntax { .. });
    expect_problem!("\"-g * J\"" => "\"-2 J\"", "J", Problem::UnknownUnit { advice: Some(a), .. } if a.contains("2 * J"));
    expect_problem!("\"-g * J\"" => "\"-2 mv\"", "mv", Problem::UnknownUnit { advice: Some(a), .. } if a.contains("mV"));
    expect_problem!("\"20 ms\"" => "\"20 ns\"", "ns", Problem::UnknownUnit { advice: Some(a), .. } if a.contains("nanosiemens"));
    expect_problem!("\"-g * J\"" => "\"\"", "\"\"", Problem::EmptyExpression);
    expect_problem!("\"-g * J\"" => "\"inf\"", "inf", Problem::InfinityNotAllowed);
    expect_problem!("\"-g * J\"" => "nan", "nan", Problem::NotFinite { .. });
    expect_problem!("\"-g * J\"" => "1e999", "1e999", Problem::Overflow);
    expect_problem!("\"-g * J\"" => "\"1e-999 mV\"", "1e-999", Problem::Underflow);
    expect_problem!("g = 5" => "g = \"a + 1\"\na = \"b\"\nb = \"g\"", "\"a + 1\"", Problem::CircularParameters { cycle } if cycle == "g -> a -> b -> g");
    expect_problem!("g = 5" => "g = \"5 / 0\"", "5 / 0", Problem::DivisionByZero);
}

#[test]
fn mistakes_in_dimensions_are_named() {
    expect_problem!("\"J\"" => "0.1", "0.1", Problem::MissingUnit { unit: "mV", .. });
    expect_problem!("\"J\"" => "\"3 Hz\"", "\"3 Hz\"", Problem::WrongDimension { .. });
    expect_problem!("\"J\"" => "\"0 Hz\"", "\"0 Hz\"", Problem::WrongDimension { .. });
    expect_problem!("\"10 Hz\"" => "\"10 ms\"", "\"10 ms\"", Problem::WrongDimension { .. });
    expect_problem!("size   = 100" => "size = \"100 mV\"", "\"100 mV\"", Problem::WrongDimension { .. });
}

#[test]
fn values_that_cannot_be_are_refused() {
    expect_problem!("\"10 mV\"" => "\"20 mV\"", "\"20 mV\"", Problem::ResetNotBelowThreshold { V_reset_mv: 20.0, V_th_mv: 20.0 });
    expect_problem!("\"20 ms\"" => "0", "0", Problem::NotPositive { .. });
    expect_problem!("\"20 ms\"" => "\"-20 ms\"", "\"-20 ms\"", Problem::NotPositive { .. });
    expect_problem!("\"2 ms\"" => "\"-2 ms\"", "\"-2 ms\"", Problem::Negative { .. });
    expect_problem!("tau_m   = \"20 ms\"\n" => "", "[neurons.lif]", Problem::NoTimeConstant { .. });
    expect_problem!("\"20 ms\"" => "\"20 ms\"\nC_m = \"250 pF\"\ng_L = \"25 nS\"", "\"20 ms\"", Problem::InconsistentMembrane { .. });
    expect_problem!("\"10 mV\"" => "\"-inf\"", "\"-inf\"", Problem::InfinityNotAllowed);
    expect_problem!("in_degree = 10" => "in_degree = -1", "-1", Problem::Negative { .. });
    expect_problem!("in_degree = 10" => "in_degree = 101", "101", Problem::InDegreeTooLarge { available: 100, .. });
    expect_problem!("in_degree = 10" => "in_degree = 100\nautapses = false", "100", Problem::InDegreeTooLarge { available: 99, .. });
    expect_problem!("size   = 100" => "size = 0", "10", Problem::InDegreeFromEmpty { .. });
    expect_problem!("in_degree = 10" => "total = 20000", "20000", Problem::TotalTooLarge { .. });
    expect_problem!("probability = 0.2" => "probability = 1.2", "1.2", Problem::NotAProbability { .. });
    expect_problem!("probability = 0.2" => "probability = 0.2\ntotal = 5", "total", Problem::SeveralConnectionRules { .. });
    expect_problem!("probability = 0.2\n" => "", "[[projections]]", Problem::NoConnectionRule);
    expect_problem!("\"1.5 ms\"" => "0", "0", Problem::NoDelay);
    expect_problem!("\"1.5 ms\"" => "\"-1 ms\"", "\"-1 ms\"", Problem::Negative { .. });
    expect_problem!("\"1.5 ms\"" => "{ mean = \"1 ms\", std = \"-1 ms\" }", "\"-1 ms\"", Problem::Negative { .. });
    expect_problem!("\"1.5 ms\"" => "{ distribution = \"uniform\", low = \"2 ms\", high = \"1 ms\" }", "\"2 ms\"", Problem::EmptyInterval { .. });
    expect_problem!("weight    = \"J\"" => "weight = \"10 pA\"\nsynapse = \"ampa\"", "\"ampa\"", Problem::NeedsCapacitance { .. });
    expect_problem!("\"10 Hz\"" => "\"-10 Hz\"", "\"-10 Hz\"", Problem::Negative { .. });
    expect_problem!("rate   = \"10 Hz\"" => "rate = \"10 Hz\"\nstart = \"2 s\"\nstop = \"1 s\"", "\"1 s\"", Problem::StopNotAfterStart { .. });
    expect_problem!("rate   = \"10 Hz\"" => "rate = \"10 Hz\"\nmodulation = { amplitude = 2, frequency = \"5 Hz\" }", "2", Problem::ModulationTooStrong { .. });
}

#[test]
fn all_mistakes_of_a_file_are_reported_in_one_go() {
    let text = SMALL
        .replace("V_reset = \"10 mV\"", "V_reset = \"30 mV\"")
        .replace("\"-g * J\"", "\"-g * (J + 2 ms)\"")
        .replace("in_degree = 10", "in_degree = \"10 mV\"")
        .replace("kind   = \"poisson\"", "kind   = \"poissson\"")
        .replace("size   = 25", "sise   = 25");
    let error = read(&text).unwrap_err();
    let underlined: Vec<&str> = error.diagnostics.iter().map(|d| &text[d.span().unwrap()]).collect();
    assert_eq!(underlined, ["\"30 mV\"", "sise", "\"10 mV\"", "J + 2 ms", "\"poissson\""], "{error}");
    assert!(error.to_string().contains("test.toml:"));
}

#[test]
fn several_mistakes_of_syntax_are_reported_together() {
    let text = SMALL.replace("size   = 25", "size   = ").replace("g = 5", "g == 5");
    let error = read(&text).unwrap_err();
    assert_eq!(error.diagnostics.len(), 2, "{error}");
    let error = read(&format!("{SMALL}\n[neurons.lif]\n")).unwrap_err();
    assert!(matches!(&error.diagnostics[0].problem, Problem::Syntax { message } if message.contains("duplicate")));
}

#[test]
fn files_without_a_network_are_answered() {
    assert!(matches!(read("").unwrap_err().diagnostics[0].problem, Problem::EmptyFile));
    assert!(matches!(read("name = \"x\"").unwrap_err().diagnostics[0].problem, Problem::NoPopulations));
}

#[test]
fn whatever_is_nested_too_deep_is_refused_and_long_sums_are_not() {
    let n = 20_000;
    for deep in [
        "(".repeat(n) + "1" + &")".repeat(n),
        "-".repeat(n) + "1",
        "2^".repeat(n) + "1",
        "sqrt(".repeat(n) + "1" + &")".repeat(n),
        "(".repeat(1_000_000),
    ] {
        let error = read(&SMALL.replace("size   = 100", &format!("size = \"{deep}\""))).unwrap_err();
        assert!(matches!(error.diagnostics[0].problem, Problem::TooDeep { .. }), "{}", error.diagnostics[0].message());
    }
    let sum = "1+".repeat(500_000) + "1";
    let network = read(&SMALL.replace("size   = 100", &format!("size = \"{sum}\""))).unwrap();
    assert_eq!(network.populations[0].size, 500_001);
    for nested in ["[".repeat(n), "{a=".repeat(n), format!("1\n{}b = 1", "a.".repeat(n))] {
        let text = SMALL.replace("size   = 100", &format!("size = {nested}"));
        assert!(read(&text).is_err());
    }
}

#[test]
fn a_chain_of_twenty_thousand_parameters_is_evaluated_and_a_circle_of_them_is_reported_once() {
    let n = 20_000;
    let chain: String = (0..n).map(|i| format!("p{i} = \"p{} + 1\"\n", i + 1)).collect();
    let text = SMALL.replace("g = 5\n", &format!("g = \"p0\"\n{chain}p{n} = 0\n"));
    assert_eq!(read(&text).unwrap().parameters[1].value, f64::from(n));
    let text = SMALL.replace("g = 5\n", &format!("g = \"p0\"\n{chain}p{n} = \"p0\"\n"));
    let error = read(&text).unwrap_err();
    assert_eq!(error.diagnostics.len(), 1);
    assert!(error.diagnostics[0].message().ends_with("(19993 more) -> p0"), "{error}");
}

#[test]
fn a_million_populations_connected_to_all_are_refused_quickly() {
    let names: Vec<String> = (0..20_000).map(|i| format!("P{i}")).collect();
    let tables: String = names.iter().map(|p| format!("[populations.{p}]\nsize = 10\nneuron = \"lif\"\n")).collect();
    let list = format!("[\"{}\"]", names.join("\", \""));
    let projection =
        format!("[[projections]]\nfrom = {list}\nto = {list}\nin_degree = 1\nweight = \"J\"\ndelay = \"1 ms\"\n");
    let error = read(&format!("{SMALL}{tables}{projection}")).unwrap_err();
    assert!(matches!(error.diagnostics[0].problem, Problem::TooManyPairs { .. }), "{error}");
}

#[test]
fn at_most_fifty_mistakes_are_described_and_the_others_counted() {
    let wrong: String = (0..70).map(|i| format!("[populations.P{i}]\nsize = -1\nneuron = \"lif\"\n")).collect();
    let error = read(&format!("{SMALL}{wrong}")).unwrap_err();
    assert_eq!((error.diagnostics.len(), error.omitted), (50, 20));
    assert!(error.to_string().ends_with("... and 20 more"));
}

#[test]
fn the_sizes_of_a_projection_s_populations_are_at_hand() {
    let text = replaced("in_degree = 10", "total = \"log1p(-0.1)/log1p(-1/(N_pre*N_post))\"");
    let network = read(&text).unwrap();
    let expected = |pairs: f64| (-0.1f64).ln_1p() / (-1.0 / pairs).ln_1p();
    for (index, pairs) in [(0, 1e4), (1, 2500.0)] {
        assert_eq!(network.projections[index].rule, ConnectionRule::FixedTotal { total: expected(pairs) });
    }
    expect_problem!("\"10 Hz\"" => "\"N_pre * 1 Hz\"", "N_pre", Problem::UnknownSymbol { .. });
}

#[test]
fn more_inputs_than_neurons_need_multapses_in_writing() {
    let text = replaced("in_degree = 10", "in_degree = 1000\nmultapses = true");
    assert_eq!(read(&text).unwrap().projections[0].rule, ConnectionRule::FixedInDegree { in_degree: 1000.0 });
    let text = replaced("in_degree = 10", "in_degree = 9.5");
    assert_eq!(read(&text).unwrap().warnings.len(), 1);
}

#[test]
fn every_model_synapse_law_and_drive_is_read() {
    let text = r#"
[neurons.qif]
model = "qif"
tau_m = "10 ms"
V_th = 0
Delta_T = "0.5 mV"
V_peak = "inf"
V_reset = -inf
t_ref = 0
[neurons.adex]
model = "adex"
C_m = "250 pF"
g_L = "25 nS"
E_L = "-70 mV"
V_th = "-50 mV"
V_reset = "-60 mV"
V_peak = "0 mV"
Delta_T = "2 mV"
a = "4 nS"
b = "80 pA"
tau_w = "150 ms"
t_ref = "2 ms"
[synapses.gaba]
kind = "exponential_conductance"
tau = "5 ms"
E_rev = "-80 mV"
[populations.A]
size = 10
neuron = "qif"
[populations.B]
size = 10
neuron = "adex"
[[projections]]
from = "A"
to = "B"
total = 20
synapse = "gaba"
weight = { distribution = "exponential", mean = "2 nS" }
delay = { mean = "1.5 ms", std = "750us" }
[[projections]]
from = ["A", "B"]
to = "A"
probability = 0.5
weight = { distribution = "lognormal", mean = "0.1 mV", std = "20 µV" }
delay = { distribution = "uniform", low = "1 ms", high = "2 ms" }
[[drives]]
to = "B"
kind = "current"
value = "0.5 nA"
modulation = { amplitude = 0.2, frequency = "10 Hz" }
[[drives]]
to = "A"
kind = "noise"
mean = "15 mV"
std = "5 mV"
start = "1 s"
[[expect]]
quantity = "rate"
values = { A = "3 Hz", B = "0.5 kHz" }
tolerance = 0.1
kind = "simulation"
source = "Figure 1"
"#;
    let network = read(text).unwrap_or_else(|error| panic!("{error}"));
    let [qif, adex] = [0, 1].map(|index| network.populations[index].neuron);
    assert_eq!(qif.model, NeuronModel::Qif { Delta_T_mv: 0.5, V_peak_mv: f64::INFINITY });
    assert_eq!(qif.V_reset_mv, f64::NEG_INFINITY);
    assert_eq!((adex.tau_m_ms, adex.C_m_pf), (10.0, Some(250.0)));
    assert_eq!(network.projections[0].synapse, Synapse::ExponentialConductance { tau_ms: 5.0, E_rev_mv: -80.0 });
    assert_eq!(network.projections[0].delay_ms, Some(Law::Normal { mean: 1.5, std: 0.75 }));
    assert_eq!(network.projections[1].weight, Law::Lognormal { mean: 0.1, std: 0.02 });
    assert_eq!(network.drives[0].kind, DriveKind::Current { value_mv: 20.0.into(), given_in_pa: true });
    assert_eq!(network.expectations[0].values[1], (Some("B".to_string()), 500.0));
}

#[test]
fn a_mistake_in_a_neuron_or_a_synapse_hides_none_in_what_uses_it() {
    let text = r#"
[neurons.n]
model = "lif"
tau_m = "10 ms"
C_m = "250 pF"
v_rest = "-65 mV"
V_th = "-50 mV"
V_reset = "-40 mV"
t_ref = "2 ms"
[synapses.e]
kind = "exponential_current"
tau = "0 ms"
[populations]
A = { size = 100, neuron = "n" }
B = { size = 100, neuron = "m" }
C = { size = 1.5, neuron = "n" }
[[projections]]
from = "A"
to = ["A", "B"]
probability = 1.2
weight = "-120 Hz"
delay = "1 ms"
synapse = "e"
[[projections]]
from = "C"
to = "A"
in_degree = -3
weight = "1 pA"
delay = "0 ms"
synapse = "e"
"#;
    let error = siegert::network::parse(text, "many.toml", &Default::default()).unwrap_err();
    let underlined: Vec<&str> =
        error.diagnostics.iter().map(|diagnostic| &text[diagnostic.span().expect("in the file").clone()]).collect();
    for expected in ["v_rest", "\"-40 mV\"", "\"0 ms\"", "\"m\"", "1.5", "1.2", "\"-120 Hz\"", "-3"] {
        let inner = expected.trim_matches('"');
        assert!(underlined.iter().any(|u| *u == expected || *u == inner), "{expected} is not among {underlined:?}");
    }
}

#[test]
fn a_projection_may_leave_its_delay_open() {
    let text = "[neurons.n]\nmodel = \"lif\"\ntau_m = \"10 ms\"\nE_L = \"0 mV\"\nV_th = \"20 mV\"\nV_reset = \"10 mV\"\n\
                t_ref = \"2 ms\"\n[populations]\nA = { size = 100, neuron = \"n\" }\n[[projections]]\nfrom = \"A\"\n\
                to = \"A\"\nin_degree = 10\nweight = \"0.1 mV\"\n";
    let network = siegert::network::parse(text, "test", &Default::default()).unwrap();
    assert_eq!(network.projections[0].delay_ms, None);
}
