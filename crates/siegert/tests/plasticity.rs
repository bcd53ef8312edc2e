//! Short-term plasticity: what arrives is what the recursion over the spikes of the source says, its means are those of Poisson processes, and neither threads nor checkpoints
//! change it.

#[path = "support/simulating.rs"]
mod simulating;

use siegert::Work;
use siegert::network::{Network, Plasticity, ReadOptions, parse};
use siegert::simulation::{Chosen, Connectivity, Recording, SimulationError, SimulationOptions, Simulator};
use siegert::testing::read;
use simulating::{advance, built};

fn options(duration_ms: f64) -> SimulationOptions {
    SimulationOptions { duration_ms, warmup_ms: 0.0, threads: Some(1), ..SimulationOptions::default() }
}

/// Sources that spike at every event of a Poisson train, and targets without leak that add up what they send: 1 mV of weight, one source each.
fn adding_up(sources: u32, rate_hz: f64, plasticity: &str) -> Network {
    read(&format!(
        "[neurons.source]\nmodel = \"lif\"\ntau_m = \"10 ms\"\nE_L = \"0 mV\"\nV_th = \"5 mV\"\nV_reset = \"0 mV\"\nt_ref = \"0 ms\"\n\
         [neurons.sum]\nmodel = \"perfect\"\ntau_m = \"10 ms\"\nE_L = \"0 mV\"\nV_th = \"1e6 mV\"\nV_reset = \"0 mV\"\nt_ref = \"0 ms\"\n\
         [synapses.plastic]\nkind = \"delta\"\nplasticity = {plasticity}\n\
         [populations]\nS = {{ size = {sources}, neuron = \"source\" }}\nT = {{ size = 1, neuron = \"sum\" }}\n\
         [[drives]]\nto = \"S\"\nkind = \"poisson\"\nrate = \"{rate_hz} Hz\"\nweight = \"10 mV\"\n\
         [[projections]]\nfrom = \"S\"\nto = \"T\"\nprobability = 1\nweight = \"1 mV\"\ndelay = \"0.5 ms\"\nsynapse = \"plastic\"\n"
    ))
}

const KINDS: [(&str, Plasticity); 4] = [
    ("{ U = 0.5, tau_rec = \"300 ms\" }", Plasticity { U: 0.5, tau_rec_ms: 300.0, tau_fac_ms: 0.0 }),
    ("{ U = 0.1, tau_fac = \"500 ms\" }", Plasticity { U: 0.1, tau_rec_ms: 0.0, tau_fac_ms: 500.0 }),
    (
        "{ U = 0.2, tau_rec = \"200 ms\", tau_fac = \"1500 ms\" }",
        Plasticity { U: 0.2, tau_rec_ms: 200.0, tau_fac_ms: 1500.0 },
    ),
    ("{ U = 1 }", Plasticity { U: 1.0, tau_rec_ms: 0.0, tau_fac_ms: 0.0 }),
];

/// What each of the spikes at these times in ms sends, written down once more.
fn sent(times_ms: &[f64], plasticity: &Plasticity) -> Vec<f64> {
    let Plasticity { U, tau_rec_ms, tau_fac_ms } = *plasticity;
    let (mut u, mut x, mut before) = (U, 1.0, f64::NEG_INFINITY);
    let decay = |since: f64, tau: f64| if tau == 0.0 { 0.0 } else { f64::exp(-since / tau) };
    let send = |&time: &f64| {
        let since = time - before;
        let rest = x * (1.0 - u);
        x = 1.0 - (1.0 - rest) * decay(since, tau_rec_ms);
        u = U + u * (1.0 - U) * decay(since, tau_fac_ms);
        before = time;
        u * x
    };
    times_ms.iter().map(send).collect()
}

#[test]
fn what_arrives_is_what_the_recursion_over_the_spikes_of_the_source_says() {
    for (text, plasticity) in KINDS {
        let mut simulator = built(&adding_up(1, 30.0, text), &options(3000.0));
        let of = Chosen { population: 1, first: 0, last: 0 };
        simulator.record(&[Recording::Potentials { of, every_ms: 0.1 }]).expect("it can be recorded");
        let spikes = advance(&mut simulator, u64::MAX);
        let potentials: Vec<f64> = simulator.take_recorded()[0].iter().map(|row| row.value).collect();
        let times: Vec<f64> = spikes.iter().map(|(step, _)| 0.1 * *step as f64).collect();
        assert!(times.len() > 50, "{} spikes", times.len());
        for ((step, _), expected) in spikes.iter().zip(sent(&times, &plasticity)) {
            // row r is of step r + 1, and a spike of step n acts in step n + 5
            let place = *step as usize + 5 - 1;
            let Some(after) = potentials.get(place) else { continue };
            let found = after - potentials[place - 1];
            assert!((found - expected).abs() < 1e-6, "{text}: {found} mV of the spike of step {step}, not {expected}");
        }
    }
}

#[test]
fn poisson_spikes_send_the_means_of_the_closed_forms() {
    // u of a spike, and x where u stays the same: Tsodyks, Pawelzik and Markram (1998)
    let u = |of: &Plasticity, rate: f64| of.U * (1.0 + rate * of.tau_fac_ms) / (1.0 + of.U * rate * of.tau_fac_ms);
    let x = |of: &Plasticity, rate: f64| 1.0 / (1.0 + of.U * rate * of.tau_rec_ms);
    // of depression alone, and of facilitation alone
    let sent = |kind: usize, u: f64, x: f64| if kind == 0 { u * x } else { u };
    for kind in [0, 1] {
        let (text, plasticity) = KINDS[kind];
        let (sources, rate_hz) = (400, 20.0);
        let mut simulator = built(&adding_up(sources, rate_hz, text), &options(6000.0));
        simulator
            .record(&[Recording::Potentials { of: Chosen { population: 1, first: 0, last: 0 }, every_ms: 0.1 }])
            .expect("it can be recorded");
        let spikes = advance(&mut simulator, u64::MAX);
        let potentials: Vec<f64> = simulator.take_recorded()[0].iter().map(|row| row.value).collect();
        // after 2 s
        let found = potentials[59_990] - potentials[20_005];
        let count = spikes.iter().filter(|(step, _)| (20_001 + 1..=59_991 - 5).contains(step)).count() as f64;
        // spikes lie on the grid, at most one in a step
        let rate = -(-rate_hz * 1e-4f64).exp_m1() / 0.1;
        let expected = sent(kind, u(&plasticity, rate), x(&plasticity, rate));
        let error = 0.5 * expected / count.sqrt();
        assert!(
            (found / count - expected).abs() < 4.0 * error + 1e-3 * expected,
            "{text}: {} {expected}",
            found / count
        );
    }
}

const NETWORK: &str = "[neurons.n]\nmodel = \"lif\"\ntau_m = \"20 ms\"\nC_m = \"250 pF\"\nE_L = \"0 mV\"\nV_th = \"20 mV\"\nV_reset = \"10 mV\"\nt_ref = \"2 ms\"\n\
    [synapses]\nfacilitating = { kind = \"delta\", plasticity = { U = 0.2, tau_rec = \"200 ms\", tau_fac = \"1500 ms\" } }\n\
    depressing = { kind = \"exponential_current\", tau = \"3 ms\", plasticity = { U = 0.5, tau_rec = \"300 ms\" } }\n\
    [populations]\nE = { size = 600, neuron = \"n\" }\nI = { size = 300, neuron = \"n\" }\n\
    [[projections]]\nfrom = \"E\"\nto = [\"E\", \"I\"]\nin_degree = 60\nweight = { mean = \"0.6 mV\", std = \"0.1 mV\" }\ndelay = { mean = \"1.5 ms\", std = \"0.5 ms\" }\nsynapse = \"facilitating\"\n\
    [[projections]]\nfrom = \"I\"\nto = [\"E\", \"I\"]\nprobability = 0.1\nweight = \"-60 pA\"\ndelay = \"1 ms\"\nsynapse = \"depressing\"\n\
    [[projections]]\nfrom = \"I\"\nto = \"E\"\nin_degree = 20\nweight = { mean = \"-0.2 mV\", std = \"0.05 mV\" }\ndelay = \"1 ms\"\n\
    [[drives]]\nto = [\"E\", \"I\"]\nkind = \"noise\"\nmean = \"18 mV\"\nstd = \"5 mV\"\n";

#[test]
fn neither_threads_nor_connectivity_nor_checkpoints_change_what_plastic_synapses_send() {
    let network = read(NETWORK);
    let run = |threads, connectivity| {
        let options = SimulationOptions { threads: Some(threads), connectivity, ..options(400.0) };
        let mut simulator = built(&network, &options);
        let spikes = advance(&mut simulator, u64::MAX);
        (spikes, simulator.result().populations)
    };
    let expected = run(1, Connectivity::Explicit);
    assert!(expected.1.iter().all(|population| population.rate_hz > 2.0), "{:?}", expected.1);
    assert!(run(3, Connectivity::Explicit) == expected && run(2, Connectivity::Redrawn) == expected, "another run");
    let mut simulator = built(&network, &options(400.0));
    let mut spikes = advance(&mut simulator, 1777);
    let mut saved = Vec::new();
    simulator.save(&mut saved).expect("memory can be written");
    let mut later = built(&network, &SimulationOptions { threads: Some(2), ..options(400.0) });
    later.restore(&mut saved.as_slice()).unwrap_or_else(|error| panic!("{error}"));
    spikes.extend(advance(&mut later, u64::MAX));
    assert!(spikes == expected.0, "another run after it was taken up");
}

#[test]
fn parameters_that_are_none_and_plastic_trains_from_outside_are_refused_by_name() {
    let refused = |from: &str, to: &str| {
        let text = NETWORK.replacen(from, to, 1);
        assert_ne!(text, NETWORK);
        parse(&text, "test", &ReadOptions::default()).expect_err(to).to_string()
    };
    assert!(refused("U = 0.2", "U = 0").contains("above 0 and at most 1"));
    assert!(refused("U = 0.2", "U = 1.2").contains("above 0 and at most 1"));
    assert!(refused("U = 0.2, ", "").contains("\"U\""));
    assert!(refused("tau_rec = \"200 ms\"", "tau_rec = \"-1 ms\"").contains("tau_rec"));
    assert!(refused("tau_fac", "tau_f").contains("tau_fac"));
    let driven = format!(
        "{NETWORK}[[drives]]\nto = \"E\"\nkind = \"poisson\"\nrate = \"5 Hz\"\nweight = \"1 mV\"\nsynapse = \"facilitating\"\n"
    );
    let error = Simulator::build(&read(&driven), &options(10.0), &Work::default()).expect_err("it is not simulated");
    assert!(
        matches!(error, SimulationError::PlasticDrive { .. }) && error.to_string().starts_with("drive of E"),
        "{error}"
    );
}
