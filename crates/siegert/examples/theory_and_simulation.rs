//! From a network to its stationary states, to a simulation of it, and to both side by side.
//!
//!     cargo run --release -p siegert --example theory_and_simulation

use std::convert::Infallible;
use std::error::Error;

use siegert::prelude::*;

fn main() -> Result<(), Box<dyn Error>> {
    let network = open("brunel2000", &ReadOptions::default())?;
    let theory = Theory::new(&network, &TheoryOptions::default())?;
    let states = theory.solution()?.fixed_points;
    for state in &states {
        println!("{:.2?} Hz. {}", state.rates_hz(), state.verdict.sentence);
    }

    let work = Work::default();
    let options = SimulationOptions { duration_ms: 500.0, warmup_ms: 200.0, ..SimulationOptions::default() };
    let mut simulator = Simulator::build(&network, &options, &work)?;
    simulator.advance(u64::MAX, &work, |_step, _neurons| Ok::<(), Infallible>(()))?;
    let simulation = simulator.result();

    let nearest = theory.nearest_state(&states, &simulation).ok_or("no state to compare with")?;
    let comparison = theory.compare(&states, nearest, &simulation);
    for row in comparison.populations.iter().flat_map(|population| &population.quantities) {
        println!("{row:?}");
    }
    println!("{}", comparison.verdict);
    Ok(())
}
