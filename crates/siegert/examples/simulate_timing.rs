//! Times the simulator on a network file.
use siegert::network::{ReadOptions, open};
use siegert::simulation::{Connectivity, Options, Simulator};
use std::convert::Infallible;
use std::sync::atomic::AtomicBool;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let overrides = args[5..]
        .iter()
        .map(|s| {
            let (a, b) = s.split_once('=').unwrap();
            (a.to_string(), b.to_string())
        })
        .collect();
    let network = open(&args[1], &ReadOptions { overrides, ..Default::default() }).unwrap();
    let options = Options {
        threads: Some(args[2].parse().unwrap()),
        duration_ms: args[3].parse().unwrap(),
        warmup_ms: 200.0,
        connectivity: if args[4] == "redrawn" { Connectivity::Redrawn } else { Connectivity::Explicit },
        ..Default::default()
    };
    let stop = AtomicBool::new(false);
    println!("{:?}", siegert::simulation::estimate(&network, &options));
    let mut simulator = Simulator::build(&network, &options, &stop).unwrap();
    let mut hash = 0u64;
    simulator
        .advance(u64::MAX, &stop, |step, neurons| {
            for n in neurons {
                hash = hash.wrapping_mul(0x9E3779B97F4A7C15) ^ (step << 32 | u64::from(*n));
            }
            Ok::<(), Infallible>(())
        })
        .unwrap();
    let result = simulator.result();
    println!("{:?}", result.populations.iter().map(|p| p.rate_hz).collect::<Vec<_>>());
    println!("{:?} hash {hash:x}", result.performance);
    for p in &result.populations {
        println!("{:?} {:?}", p.membrane.as_ref().map(|m| (m.mean_mv, m.std_mv, m.refractory_fraction)), p.input);
    }
}
