//! Simulators that are built, and advanced with their spikes taken down.

use std::convert::Infallible;

use siegert::Work;
use siegert::network::Network;
use siegert::simulation::{SimulationOptions, Simulator};

pub(crate) fn built(network: &Network, options: &SimulationOptions) -> Simulator {
    Simulator::build(network, options, &Work::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// Spikes as step and neuron.
pub(crate) fn advance(simulator: &mut Simulator, steps: u64) -> Vec<(u64, u32)> {
    let mut spikes = Vec::new();
    let taken = simulator.advance(steps, &Work::default(), |step, neurons| {
        spikes.extend(neurons.iter().map(|&neuron| (step, neuron)));
        Ok::<(), Infallible>(())
    });
    taken.expect("nothing can go wrong in taking spikes");
    spikes
}
