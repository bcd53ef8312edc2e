//! A law of synaptic time constants over the receptors of one projection: what a file makes of it, and theory beside simulation.

#![allow(non_snake_case)] // symbols of the field keep their capitals: V, C_m

use std::convert::Infallible;

use siegert::Work;
use siegert::network::{
    ConnectionRule, Connections, Differences, DriveKind, External, Family, Law, Network, Neuron, NeuronModel,
    ReadOptions, Synapse, parse,
};
use siegert::simulation::{SimulationOptions, Simulator};
use siegert::theory::{Theory, TheoryOptions};

const FILE: &str = include_str!("networks/receptors.toml");

fn read(text: &str) -> Network {
    parse(text, "receptors.toml", &ReadOptions::default()).unwrap()
}

fn refused(from: &str, to: &str) -> String {
    assert!(FILE.contains(from));
    parse(&FILE.replace(from, to), "receptors.toml", &ReadOptions::default()).unwrap_err().to_string()
}

fn tau_ms(synapse: Synapse) -> f64 {
    match synapse {
        Synapse::ExponentialCurrent { tau_ms } => tau_ms,
        other => unreachable!("{other:?}"),
    }
}

#[test]
fn a_projection_is_divided_among_receptors_whose_mean_time_constant_is_that_of_the_law() {
    let network = read(FILE);
    let in_degree = |rule| match rule {
        ConnectionRule::FixedInDegree { in_degree } => in_degree,
        other => unreachable!("{other:?}"),
    };
    let degrees: Vec<f64> = network.projections.iter().map(|p| in_degree(p.rule)).collect();
    assert_eq!(degrees, [27.0, 26.0, 27.0]);
    let mean = network.projections.iter().map(|p| tau_ms(p.synapse)).sum::<f64>() / 3.0;
    assert!((mean - 8.0).abs() < 1e-7, "{mean}");
    // one source sends each spike to a receptor by chance
    let drive = |kind: &DriveKind| match *kind {
        DriveKind::Poisson { rate_hz, in_degree, .. } => (rate_hz, in_degree),
        ref other => unreachable!("{other:?}"),
    };
    assert!(network.drives.len() == 3 && network.drives.iter().all(|d| drive(&d.kind) == (3000.0, 1.0)));
}

#[test]
fn a_network_in_code_has_the_receptors_of_its_file() {
    let lif = Neuron {
        model: NeuronModel::Lif,
        tau_m_ms: 20.0,
        C_m_pf: Some(250.0),
        E_L_mv: 0.0,
        V_th_mv: 20.0,
        V_reset_mv: 10.0,
        t_ref_ms: 2.0,
        differences: Differences::NONE,
    };
    let law = Law::Lognormal { mean: 8.0, std: 6.0 };
    let builder = Network::builder("receptors")
        .neuron("lif", lif)
        .receptors("slow", law, 3, |tau_ms| Synapse::ExponentialCurrent { tau_ms })
        .population("E", 800, "lif")
        .projection(&["E"], &["E"], Connections::in_degree(80.0).synapse("slow").weight_pa(2.0))
        .drive(&["E"], External::poisson_hz(9000.0).synapse("slow").weight_pa(4.0));
    let (coded, read) = (builder.build().unwrap(), read(FILE));
    assert_eq!((coded.projections, coded.drives), (read.projections, read.drives));
    for (law, count) in [(Law::Normal { mean: -1.0, std: 1.0 }, 3), (law, 0), (law, 1000)] {
        let wrong = builder.clone().receptors("other", law, count, |tau_ms| Synapse::AlphaCurrent { tau_ms });
        let error = wrong.build().unwrap_err().to_string();
        assert!(error.contains("tau") || error.contains("number of receptors"), "{error}");
    }
}

#[test]
fn receptors_that_cannot_be_are_refused_at_their_place() {
    for (from, to, said) in [
        ("receptors = 3", "receptors = 0", "0 is no possible number of receptors"),
        ("receptors = 3", "receptors = 65", "choose a number from 1 to 64"),
        ("receptors = 3", "receptors = 2.5", "receptors must be a whole number"),
        ("in_degree = 80", "in_degree = 2", "2 connections cannot fall to 3 receptors"),
        ("mean = \"8 ms\"", "mean = \"-8 ms\"", "-8 ms"),
        ("mean = \"8 ms\"", "mean = \"8 mV\"", "a time (ms)"),
        (
            "distribution = \"lognormal\", mean = \"8 ms\", std = \"std\"",
            "distribution = \"lorentzian\", center = \"8 ms\", half_width = \"1 ms\"",
            "no mean",
        ),
        (
            "tau = { distribution = \"lognormal\", mean = \"8 ms\", std = \"std\" }",
            "tau = \"8 ms\"",
            "receptors differ by the law",
        ),
    ] {
        let error = refused(from, to);
        assert!(error.contains(said), "{to}: {error}");
    }
}

#[test]
fn a_law_that_is_varied_makes_the_network_that_its_file_makes() {
    let options = ReadOptions::default();
    let family = Family::open(FILE, "receptors.toml", &options, &[("std", "ms")]).unwrap();
    let points = [vec![1.0], vec![6.0], vec![0.0]];
    let mut seen = 0;
    family.visit(&points, |point, varied| {
        let std = point[0];
        let expected = read(&FILE.replace("std = \"6 ms\"", &format!("std = \"{std} ms\"")));
        let varied = varied.unwrap();
        assert_eq!((&varied.projections, &varied.drives), (&expected.projections, &expected.drives));
        seen += 1;
    });
    assert_eq!(seen, 3);
}

#[test]
fn receptors_without_differences_are_one_synapse() {
    let rate = |text: &str| Theory::new(&read(text), &TheoryOptions::default()).unwrap().solve().unwrap().rates_hz()[0];
    let equal = rate(&FILE.replace("std = \"6 ms\"", "std = \"0 ms\""));
    let one = rate(
        &FILE
            .replace("{ distribution = \"lognormal\", mean = \"8 ms\", std = \"std\" }", "\"8 ms\"")
            .replace("receptors = 3", ""),
    );
    assert!((equal / one - 1.0).abs() < 1e-9, "{equal} {one}");
}

#[test]
fn the_theory_of_receptors_is_within_two_percent_of_their_simulation() {
    let network = read(FILE);
    let theory = Theory::new(&network, &TheoryOptions::default()).unwrap().solve().unwrap().rates_hz()[0];
    let options = SimulationOptions { duration_ms: 4000.0, dt_ms: 0.1, ..SimulationOptions::default() };
    let work = Work::default();
    let mut simulator = Simulator::build(&network, &options, &work).unwrap();
    simulator.advance(u64::MAX, &work, |_, _| Ok::<(), Infallible>(())).unwrap();
    let simulated = simulator.result().populations[0].rate_hz;
    assert!((theory / simulated - 1.0).abs() < 0.02, "{theory} {simulated}");
}
