//! A network read again with other values of its parameters is the network that a fresh reading gives, to the last bit.

use siegert::network::{Family, Free, Network, NetworkFileError, Parameter, ReadOptions, amount, bundled, parse};

/// Every parameter of every bundled network is varied this often, alone and together with others.
const ROUNDS: usize = 25;

/// A small generator (Steele, Lea and Flood 2014, splitmix64): the same points in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Near the parameter's own value, whole, negative, zero, far too large or too small: some of it is always refused.
    fn value(&mut self, own: f64) -> f64 {
        match self.below(10) {
            0 => 0.0,
            1 => -own,
            2 => own.round() + self.below(3) as f64,
            3 => own * 1e3,
            4 => own * 1e-4,
            5 => [1e300, -1e300, 1e-300, 0.5, -0.0][self.below(5)],
            _ => own * (0.5 + self.unit()),
        }
    }
}

fn expected(
    text: &str,
    name: &str,
    options: &ReadOptions,
    free: &[&Parameter],
    values: &[f64],
) -> Result<Network, NetworkFileError> {
    let mut options = options.clone();
    for (parameter, value) in free.iter().zip(values) {
        options.overrides.push((parameter.name.clone(), format!("{value:?} {}", parameter.unit).trim().to_string()));
    }
    parse(text, name, &options)
}

/// Compares points of one family; gives how many of them were right.
fn compare(text: &str, name: &str, options: &ReadOptions, free: &[&Parameter], random: &mut Random) -> usize {
    let units: Vec<Free<'_>> = free.iter().map(|p| (p.name.as_str(), p.unit.as_str())).collect();
    let family = Family::open(text, name, options, &units).unwrap_or_else(|error| panic!("{name}: {error}"));
    let points: Vec<Vec<f64>> =
        (0..ROUNDS).map(|_| free.iter().map(|parameter| random.value(parameter.value)).collect()).collect();
    let (mut visited, mut right) = (0, 0);
    family.visit(&points, |point, network| {
        let expected = expected(text, name, options, free, point);
        // as text, which tells 0.0 from -0.0
        let (network, expected_text) = (format!("{:?}", network), format!("{:?}", expected.as_ref()));
        assert!(network == expected_text, "{name} at {units:?} = {point:?}:\n{network}\n{expected_text}");
        visited += 1;
        right += usize::from(expected.is_ok());
    });
    assert_eq!(visited, ROUNDS);
    right
}

#[test]
fn every_parameter_of_every_bundled_network_is_varied_as_by_a_fresh_reading() {
    let mut random = Random(1);
    let (mut right, mut all) = (0, 0);
    for file in bundled::all() {
        let own = parse(file.text, file.name, &ReadOptions::default()).unwrap();
        let cases = own.cases.iter().map(|case| Some(case.name.clone())).chain([None]);
        for case in cases {
            let options = ReadOptions { case, overrides: Vec::new() };
            let own = parse(file.text, file.name, &options).unwrap();
            for parameter in &own.parameters {
                right += compare(file.text, file.name, &options, &[parameter], &mut random);
                let other = &own.parameters[random.below(own.parameters.len())];
                if other.name != parameter.name {
                    right += compare(file.text, file.name, &options, &[parameter, other], &mut random);
                    all += ROUNDS;
                }
                all += ROUNDS;
            }
        }
    }
    println!("{right} of {all} networks are right");
    assert!(right > all / 3 && right < all, "both right and wrong networks are compared: {right} of {all}");
}

/// Everything that a file can make depend on a parameter, and a population called like one.
const EVERYTHING: &str = r#"
[parameters]
x = 1
tau = "10 ms"
slope = "2 mV/ms"
power = 2
zero = 0
follows = "x * 3"
last = "follows + zero"
N = "100 * x"

[neurons.x]
model = "lif"
tau_m = "tau * x"
C_m = "250 pF"
E_L = "slope * 1 ms"
V_th = "20 mV + zero"
V_reset = "10 mV"
t_ref = "tau / 5"

[neurons.fixed]
model = "qif"
tau_m = "10 ms"
V_th = "20 mV"
V_reset = "-inf"
V_peak = "inf"
t_ref = 0
Delta_T = "follows * 1 mV"

[synapses.s]
kind = "exponential_current"
tau = "tau / 20"

[populations]
x = { size = "N", neuron = "x" }
B = { size = 50, neuron = "fixed" }

[[projections]]
from = ["x", "B"]
to = "x"
in_degree = "last"
weight = { mean = "10 pA * x", std = "1 pA" }
delay = "1 ms"
synapse = "s"

[[projections]]
from = "B"
to = "B"
probability = "log1p(-0.1) / log1p(-1/(N_pre*N_post)) * 1e-5 * x"
weight = "(slope * 1 ms)^power / (1 mV)"
multapses = true

[[projections]]
from = "B"
to = "x"
in_degree = 2.5
weight = "1 mV"

[[drives]]
to = ["x"]
kind = "current"
value = "10 pA"
start = "tau"

[[drives]]
to = "B"
kind = "poisson"
rate = "1 Hz / x"
weight = { distribution = "uniform", low = "0 mV", high = "slope * tau" }
modulation = { amplitude = "x / 4", frequency = "1 Hz" }

[[expect]]
quantity = "rate"
value = "x * 1 Hz"
tolerance = 0.1
kind = "theory"
source = "nowhere"
"#;

#[test]
fn every_kind_of_dependence_is_followed() {
    let own = parse(EVERYTHING, "everything", &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"));
    let mut random = Random(2);
    let set = |name: &str, value: &str| vec![(name.to_string(), value.to_string())];
    for overrides in [vec![], set("follows", "x * 4"), set("last", "2 + x^zero")] {
        for first in &own.parameters {
            for second in &own.parameters {
                let options = ReadOptions { overrides: overrides.clone(), case: None };
                let free = if first.name == second.name { vec![first] } else { vec![first, second] };
                if !overrides.iter().any(|(set, _)| free.iter().any(|parameter| parameter.name == *set)) {
                    compare(EVERYTHING, "everything", &options, &free, &mut random);
                }
            }
        }
    }
}

#[test]
fn what_cannot_be_varied_is_refused_with_a_reason() {
    let text = bundled::find("brunel2000").unwrap().text;
    let refused = |options: &ReadOptions, free: Free<'_>| {
        Family::open(text, "brunel2000", options, &[free]).map(drop).unwrap_err().to_string()
    };
    let none = ReadOptions::default();
    assert!(refused(&none, ("G", "")).contains("there is no parameter \"G\""));
    assert!(refused(&none, ("tau_m", "mV")).contains("tau_m must be a time (ms), not a voltage (mV)"));
    assert!(refused(&none, ("tau_m", "")).contains("tau_m must be a time (ms)"));
    assert!(refused(&none, ("tau_m", "parsec")).contains("\"parsec\" is not a unit"));
    let set = ReadOptions { overrides: vec![("g".to_string(), "5".to_string())], case: None };
    assert!(refused(&set, ("g", "")).contains("both varied and set"));
}

#[test]
fn an_amount_has_a_value_and_a_unit() {
    assert_eq!(amount("0.02 s").unwrap(), (20.0, "ms".to_string()));
    assert_eq!(amount("-1.5").unwrap(), (-1.5, String::new()));
    assert_eq!(amount("6 mV / (3 ms)").unwrap(), (2.0, "mV/ms".to_string()));
    assert!(amount("g").unwrap_err().to_string().contains("neither a parameter nor a unit"));
    assert!(amount("1 Hz ms").is_err() && amount("nan").is_err() && amount("").is_err() && amount("1/0").is_err());
}
