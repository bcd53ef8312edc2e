//! Drives with courses, initial potentials and kicks: as the file says them, and as theory and simulation follow them.

use std::fs;

use siegert::comparison::{InTimeOptions, rates_in_time_beside};
use siegert::evolution::{Evolution, EvolutionOptions, Start, evolve};
use siegert::network::{Course, External, Interpolation, Law, Network, NetworkFileError, ReadOptions, load, parse};
use siegert::simulation::SimulationOptions;
use siegert::testing::TestNetwork;
use siegert::theory::{Theory, TheoryOptions};
use siegert::{Provenance, Work};

fn one(drive: &str) -> TestNetwork {
    TestNetwork::one_population(1000)
        .drive("A", &format!("kind = \"noise\"\nmean = \"18 mV\"\nstd = \"5 mV\"\n{drive}"))
}

/// The messages of what is wrong with a drive, each with what is underlined.
fn wrong(drive: &str) -> Vec<(String, String)> {
    let text = TestNetwork::one_population(1000).drive("A", drive).text();
    let error: NetworkFileError = parse(&text, "test.toml", &ReadOptions::default()).expect_err(drive);
    let place = |it: &siegert::network::Diagnostic| text[it.span().unwrap_or(0..0)].to_string();
    error.diagnostics.iter().map(|it| (it.message(), place(it))).collect()
}

#[test]
fn a_course_is_read_as_factors_of_what_the_drive_has() {
    let poisson = "kind = \"poisson\"\nrate = \"8 Hz\"\nweight = \"0.1 mV\"\n";
    let current = "kind = \"current\"\nvalue = \"10 mV\"\n";
    for (drive, factors) in [
        (format!("{poisson}course = {{ times = [\"0 ms\", \"0.1 s\"], factors = [1, \"1/2\"] }}"), [1.0, 0.5]),
        (format!("{poisson}course = {{ times = [0, \"100 ms\"], rates = [0, \"16 Hz\"] }}"), [0.0, 2.0]),
        (format!("{current}course = {{ times = [0, \"100 ms\"], values = [\"5 mV\", \"-10 mV\"] }}"), [0.5, -1.0]),
    ] {
        let network = TestNetwork::one_population(1000).drive("A", &drive).read();
        let course = network.drives[0].course.as_ref().unwrap();
        let expected =
            Course { times_ms: vec![0.0, 100.0], factors: factors.to_vec(), interpolation: Interpolation::Step };
        assert_eq!(course, &expected);
    }
    let linear = one("course = { times = [0, \"100 ms\"], factors = [1, 2], interpolation = \"linear\" }").read();
    assert_eq!(linear.drives[0].course.as_ref().unwrap().interpolation, Interpolation::Linear);
}

#[test]
fn what_is_wrong_with_a_course_is_underlined() {
    let poisson = "kind = \"poisson\"\nrate = \"8 Hz\"\nweight = \"0.1 mV\"\ncourse = ";
    let times = "times = [\"0 ms\", \"100 ms\"]";
    for (course, message, place) in [
        (
            "{ times = [\"0 ms\", \"10 ms\", \"10 ms\"], factors = [1, 2, 3] }",
            "10 ms does not come after 10 ms",
            "\"10 ms\"",
        ),
        (&format!("{{ {times}, factors = [1] }}"), "the course has 2 times, but 1 values", "[1]"),
        (&format!("{{ {times}, factors = [1, -2] }}"), "a factor of -2 would make a rate negative", "-2"),
        (&format!("{{ {times}, rates = [\"1 Hz\", \"-1 Hz\"] }}"), "would make a rate negative", "\"-1 Hz\""),
        (&format!("{{ {times}, factors = [1, nan] }}"), "nan is not a finite number", "nan"),
        (&format!("{{ {times}, factors = [1, \"2 mV\"] }}"), "factors must be", "\"2 mV\""),
        (
            &format!("{{ {times}, values = [\"1 mV\", \"2 mV\"] }}"),
            "which only a current drive has",
            "[\"1 mV\", \"2 mV\"]",
        ),
        ("{ times = [], factors = [] }", "the list is empty", "[]"),
        (&format!("{{ {times} }}"), "exactly one of factors, rates and values", &format!("{{ {times} }}")),
        ("{ file = \"nothing.csv\" }", "the file of the course nothing.csv does not exist", "\"nothing.csv\""),
        ("{ file = \".\" }", "is a directory", "\".\""),
        (&format!("{{ {times}, factor = [1, 2] }}"), "a course has no key \"factor\"", "factor"),
        (
            &format!("{{ {times}, factors = [1, 2], interpolation = \"cubic\" }}"),
            "\"cubic\" is not a possible",
            "\"cubic\"",
        ),
    ] {
        let found = wrong(&format!("{poisson}{course}"));
        let told = |(said, underlined): &(String, String)| said.contains(message) && underlined == place;
        assert!(found.iter().any(told), "{course}: {found:?}");
    }
    let silent = wrong(&format!(
        "kind = \"poisson\"\nrate = 0\nweight = \"0.1 mV\"\ncourse = {{ {times}, rates = [\"1 Hz\", \"2 Hz\"] }}"
    ));
    assert!(silent[0].0.contains("divided by the drive's own rate, which is 0"), "{silent:?}");
    let differing = "kind = \"current\"\nvalue = { mean = \"5 mV\", std = \"1 mV\" }\ncourse = ";
    let silent = wrong(&format!("{differing}{{ {times}, values = [\"1 mV\", \"2 mV\"] }}"));
    assert!(silent[0].0.contains("which differs between neurons"), "{silent:?}");
}

#[test]
fn a_course_may_stand_in_a_table_beside_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("net.toml");
    let drive = "course = { file = \"tables/input.csv\", interpolation = \"linear\" }";
    fs::write(&file, one(drive).text()).unwrap();
    fs::create_dir(folder.path().join("tables")).unwrap();
    let table = folder.path().join("tables/input.csv");
    let read = |text: &str| {
        fs::write(&table, text).unwrap();
        load(&file, &ReadOptions::default())
    };
    let network = read("# a cue\ntime_ms, other, factor\n0, x, 1\n100, y, 2.5\n").unwrap();
    let course = network.drives[0].course.clone().unwrap();
    assert_eq!((&course.times_ms[..], &course.factors[..]), (&[0.0, 100.0][..], &[1.0, 2.5][..]));
    // a report keeps the table, too
    let kept = Provenance::new("evolve", &network);
    for (text, message) in [
        ("time,factor\n0,1\n", "has no column time_ms (\"time\" is there)"),
        ("time_ms,value\n0,1\n", "has none of the columns factor, rate_hz, value_mv and value_pa"),
        ("time_ms,factor,rate_hz\n0,1,1\n", "has more than one of the columns"),
        ("time_ms,factor\n0,1\n5,nan\n", "is wrong in line 3: factor is \"nan\", which is no number"),
        ("time_ms,factor\n0,1\n5,2 mV\n", "factor is \"2 mV\""),
        ("time_ms,factor\n0,1\n5\n", "is no table"),
        ("time_ms,factor\n5,1\n0,1\n", "is wrong in row 2"),
        ("time_ms,factor\n", "has no rows"),
        ("", "has no column time_ms"),
        ("time_ms,rate_hz\n0,1\n", "which only a poisson drive has"),
    ] {
        let error = read(text).expect_err(text).to_string();
        assert!(error.contains(message), "{text:?}: {error}");
    }
    fs::remove_dir_all(folder.path()).unwrap();
    assert_eq!(kept.network().unwrap().unwrap().drives, network.drives);
    let other = Network { read_from: Default::default(), ..network };
    assert_ne!(Provenance::new("evolve", &other).network_sha256, kept.network_sha256);
}

#[test]
fn a_stationary_state_hears_the_last_factor() {
    let rate = |network: &Network| {
        let states = Theory::new(network, &TheoryOptions::default()).unwrap().states().unwrap().states;
        states[0].rates_hz()[0]
    };
    let cued = one("course = { times = [0, \"100 ms\", \"200 ms\"], factors = [1, 1.5, 0.9] }").read();
    let last = one("").read();
    let last = Network { drives: vec![last.drives[0].times(0.9)], ..last };
    assert_eq!(rate(&cued), rate(&last));
}

fn evolved(network: &Network, start: Start) -> Evolution {
    let options = EvolutionOptions { duration_ms: 300.0, start, accuracy: 1e-4, ..EvolutionOptions::default() };
    evolve(network, &options, &Work::default()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_course_is_followed_as_drives_that_start_and_stop_are() {
    let steps = one("course = { times = [0, \"100 ms\", \"200 ms\"], factors = [1, 1.2, 0.7] }").read();
    let noise = |factor: f64, times: &str| {
        format!("kind = \"noise\"\nmean = \"{} mV\"\nstd = \"{} mV\"\n{times}", 18.0 * factor, 5.0 * factor)
    };
    let drives = TestNetwork::one_population(1000)
        .drive("A", &noise(1.0, "stop = \"100 ms\""))
        .drive("A", &noise(1.2, "start = \"100 ms\"\nstop = \"200 ms\""))
        .drive("A", &noise(0.7, "start = \"200 ms\""))
        .read();
    let (course, drives) = (evolved(&steps, Start::State), evolved(&drives, Start::State));
    for (a, b) in course.rates_hz[0].iter().zip(&drives.rates_hz[0]) {
        assert!((a / b - 1.0).abs() < 1e-6, "{a} {b}");
    }
    // a line of many short steps
    let line = Course { times_ms: vec![50.0, 250.0], factors: vec![1.0, 1.3], interpolation: Interpolation::Linear };
    let fine: Vec<f64> = (0..=400).map(|k| 50.0 + 0.5 * f64::from(k)).collect();
    let factors = fine.iter().map(|at| line.at(at + 0.25)).collect();
    let stairs = Course { times_ms: fine, factors, interpolation: Interpolation::Step };
    let with = |course: Course| {
        let mut network = one("").read();
        network.drives[0].course = Some(course);
        evolved(&network, Start::State)
    };
    let (line, stairs) = (with(line), with(stairs));
    for (a, b) in line.rates_hz[0].iter().zip(&stairs.rates_hz[0]) {
        assert!((a / b - 1.0).abs() < 2e-3, "{a} {b}");
    }
    assert!(line.rates_hz[0][250] > 1.5 * line.rates_hz[0][50]);
}

#[test]
fn an_evolution_starts_with_the_potentials_of_the_file() {
    for (law, mean_mv) in [
        (Law::Constant { value: 12.0 }, 12.0),
        (Law::Normal { mean: 5.0, std: 2.0 }, 5.0),
        (Law::Uniform { low: -10.0, high: 4.0 }, -3.0),
    ] {
        let mut network = one("").read();
        network.populations[0].initial_mv = Some(law);
        assert_eq!(Start::usual(&network), Start::File);
        let found = evolved(&network, Start::File);
        assert!((found.mean_V_mv[0][0] - mean_mv).abs() < 2e-3, "{law:?}: {}", found.mean_V_mv[0][0]);
        assert!(found.conservation_error < 1e-12 && found.rates_hz[0][0] < 1e-3, "{law:?}");
        let state = evolved(&one("").read(), Start::State);
        assert!((found.rates_hz[0][300] / state.rates_hz[0][300] - 1.0).abs() < 1e-3);
    }
    assert_eq!(Start::usual(&one("").read()), Start::State);
}

#[test]
fn those_that_start_above_the_threshold_spike_at_once() {
    let mut network = one("").read();
    // 15.87 % lie above 20 mV
    network.populations[0].initial_mv = Some(Law::Normal { mean: 15.0, std: 5.0 });
    let found = evolved(&network, Start::File);
    let spikes = found.mean_rates_hz[0][1] * 1e-3;
    assert!(found.conservation_error < 1e-12);
    assert!((0.1587..0.3).contains(&spikes), "{spikes}");
}

#[test]
fn a_kick_shifts_potentials_and_those_above_the_threshold_spike() {
    let network = one("").read();
    let kicked = |shift_mv: f64| {
        let options = EvolutionOptions {
            duration_ms: 5.0,
            dt_ms: 0.1,
            accuracy: 1e-4,
            kicks_mv: vec![shift_mv],
            ..EvolutionOptions::default()
        };
        evolve(&network, &options, &Work::default()).unwrap()
    };
    let (still, down, all) = (kicked(0.0), kicked(-5.0), kicked(1000.0));
    let t_ref_ms = network.populations[0].neuron.t_ref_ms;
    let free = 1.0 - still.rates_hz[0][0] * 1e-3 * t_ref_ms;
    assert!((down.mean_V_mv[0][0] - still.mean_V_mv[0][0] + 5.0 * free).abs() < 1e-6);
    assert!(down.rates_hz[0][1] < 1e-2 * still.rates_hz[0][1]);
    assert!((all.mean_rates_hz[0][1] * 1e-4 - free).abs() < 1e-9, "all that are not refractory spike");
    assert!(down.conservation_error.max(all.conservation_error) < 1e-12);
}

#[test]
fn a_network_made_in_code_has_them_too() {
    let course = |factors: Vec<f64>| Course { times_ms: vec![0.0, 10.0], factors, interpolation: Interpolation::Step };
    let built = |course: Course| {
        let neuron = one("").read().populations[0].neuron;
        Network::builder("x")
            .neuron("lif", neuron)
            .population_from("A", 10, "lif", Law::Normal { mean: 1.0, std: 2.0 })
            .drive(&["A"], External::noise_mv(1.0, 1.0).course(course))
            .build()
    };
    let network = built(course(vec![1.0, -2.0])).unwrap();
    assert_eq!(network.drives[0].course, Some(course(vec![1.0, -2.0])));
    assert_eq!(network.populations[0].initial_mv, Some(Law::Normal { mean: 1.0, std: 2.0 }));
    for wrong in [vec![1.0], vec![1.0, f64::NAN], vec![]] {
        assert!(built(course(wrong)).is_err());
    }
}

/// 20,000 neurons that hear noise and a current that changes.
fn driven(current: &str, initial: Option<Law>) -> Network {
    let mut network = TestNetwork::one_population(20_000)
        .noise("A", 0.0, 5.0)
        .drive("A", &format!("kind = \"current\"\nvalue = \"17 mV\"\n{current}"))
        .read();
    network.populations[0].initial_mv = initial;
    network
}

/// Theory and simulation in 60 bins. White noise that is looked at once in a step `h` finds a threshold that is higher by `0.5826 sigma sqrt(h/tau_m)` (Chernoff 1965, Siegmund 1979: `-zeta(1/2)/sqrt(2 pi)`);
/// the theory has it so, and what it would say without is found to be wrong.
fn agree_in_every_bin(network: &Network, start: Start, kick_mv: f64) {
    let dt_ms = 0.1;
    let mut theory = network.clone();
    let neuron = &mut theory.populations[0].neuron;
    neuron.V_th_mv += 0.5826 * 5.0 * (dt_ms / neuron.tau_m_ms).sqrt();
    let evolution = EvolutionOptions {
        duration_ms: 300.0,
        dt_ms: 5.0,
        accuracy: 1e-4,
        start,
        kicks_mv: vec![kick_mv],
        ..EvolutionOptions::default()
    };
    let simulation = SimulationOptions { dt_ms, warmup_ms: 50.0, seed: 3, ..SimulationOptions::default() };
    let options = InTimeOptions { evolution: evolution.clone(), simulation, simulations: 1 };
    let found = rates_in_time_beside(&theory, network, &options, &Work::default()).unwrap();
    let population = &found.populations[0];
    let largest = population.all_z().map(f64::abs).fold(0.0, f64::max);
    let mean = population.all_z().sum::<f64>() / 60.0;
    println!("largest |z| {largest:.2} (limit {:.2}), mean {mean:.3}", found.limit_z);
    assert!((3.7..3.9).contains(&found.limit_z), "{}", found.limit_z);
    assert!(largest < found.limit_z, "{largest}");
    assert!(mean.abs() * 60f64.sqrt() < 4.0, "{mean}");
    let without = evolve(network, &evolution, &Work::default()).unwrap();
    let z = |bin: usize| {
        (population.simulation_hz[bin] - without.mean_rates_hz[0][bin + 1]) / population.standard_error_hz[bin]
    };
    let mean = (0..60).map(z).sum::<f64>() / 60.0;
    assert!(mean * 60f64.sqrt() < -4.0, "without the time step it would not be seen: {mean}");
}

#[test]
fn a_step_is_followed_by_a_simulation_within_its_sampling_error_in_every_bin() {
    let course = "course = { times = [\"0 ms\", \"100 ms\", \"200 ms\"], factors = [1, 1.25, 0.9] }";
    agree_in_every_bin(&driven(course, None), Start::State, 0.0);
}

#[test]
fn a_modulation_is_followed_by_a_simulation_within_its_sampling_error_in_every_bin() {
    let modulation = "modulation = { amplitude = 0.2, frequency = \"10 Hz\" }";
    agree_in_every_bin(&driven(modulation, None), Start::State, 0.0);
}

#[test]
fn potentials_of_the_file_and_a_kick_are_followed_by_a_simulation_in_every_bin() {
    agree_in_every_bin(&driven("", Some(Law::Normal { mean: 8.0, std: 4.0 })), Start::File, 4.0);
}
