//! What two neurons of a population have in common because they hear the same sources.
//!
//! A source belongs to its population, not to the projection through which it is heard:
//!
//! ```text
//! fraction = sum_b K_b min(1, K_b/N_b)/sum_b K_b,    K_b = sum K                    of the inputs from the network
//! c_a      = tau_m sum_b N_b (sum p <J>)^2 r_b,      p = K/N_b, the chance that a source is heard;    input correlation = c_a/sigma_a^2
//! ```
//!
//! The inner sums run over the projections from `b`, the outer ones over populations; shared Poisson drives add `tau_m K <J>^2 r` to `c_a`.
//! The weights of two neurons are independent, so their mean counts. This takes the sources as independent Poisson trains; in a recurrent
//! network feedback cancels most of the correlation.
//!
//! Drives whose trains each neuron has for itself are no inputs in this count, as long as none is shared. Where one is, the spikes of all
//! drives count, those of shared ones as shared: by spikes, not by sources, since one source of 10 kHz is the same as 1,000 of 10 Hz.
//!
//! Source: de la Rocha et al. (2007), Nature 448:802; Renart et al. (2010), Science 327:587. With `n_j` the number of times that a neuron
//! hears source `j`, `c` is `tau_m r sum_j <sum n_j J>^2`, and `<n_j> = K/N` for every rule.
//! Accuracy: a few roundings; against connections drawn at random within the sampling error (`tests/trust.rs`).

use std::collections::BTreeMap;

use crate::network::{Drive, DriveKind, Network};

use super::stream::in_degree;
use super::sums::S_PER_MS;
use super::{Source, Streams};

/// What one population hears, with its shared parts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct InputShare {
    all: f64,
    shared: f64,
}

impl InputShare {
    fn fraction(self) -> Option<f64> {
        (self.all > 0.0).then(|| self.shared / self.all)
    }
}

/// The expected fraction of its inputs from the network that a neuron of each population shares with another; of the spikes of its
/// drives where it has no such inputs and a drive is shared; `None` where nothing can be shared. Populations that are not there count for nothing.
pub fn shared_input_fractions(network: &Network) -> Vec<Option<f64>> {
    let inputs = from_network(network, |_| 1.0);
    inputs
        .into_iter()
        .zip(from_drives(network))
        .map(|(inputs, drives)| inputs.fraction().or(drives.fraction()))
        .collect()
}

/// The same in the state with rates `rates_hz`: where a population hears both the network and a shared drive, the fraction is that of
/// all spikes that arrive.
pub fn shared_input_fractions_at(network: &Network, rates_hz: &[f64]) -> Vec<Option<f64>> {
    let mut fractions = shared_input_fractions(network);
    let spikes = from_network(network, |b| rates_hz[b]);
    for ((fraction, spikes), drives) in fractions.iter_mut().zip(spikes).zip(from_drives(network)) {
        if drives.all > 0.0 {
            let both = InputShare { all: spikes.all + drives.all, shared: spikes.shared + drives.shared };
            *fraction = both.fraction();
        }
    }
    fractions
}

/// Inputs from the network, each times the weight of its source population.
fn from_network(network: &Network, weight: impl Fn(usize) -> f64) -> Vec<InputShare> {
    let mut inputs = BTreeMap::new();
    for projection in &network.projections {
        *inputs.entry((projection.target, projection.source)).or_insert(0.0) += in_degree(network, projection).mean;
    }
    let mut heard = vec![InputShare::default(); network.populations.len()];
    for ((a, b), inputs) in inputs {
        let (Some(heard), Some(source)) = (heard.get_mut(a), network.populations.get(b)) else { continue };
        heard.all += weight(b) * inputs;
        heard.shared += weight(b) * (inputs * f64::min(inputs / source.size.max(1) as f64, 1.0));
    }
    heard
}

/// Spikes per second of the Poisson drives that last, where any drive of the population is shared.
fn from_drives(network: &Network) -> Vec<InputShare> {
    let mut heard = vec![InputShare::default(); network.populations.len()];
    for drive in network.drives.iter().filter_map(Drive::lasting) {
        if let (DriveKind::Poisson { rate_hz, in_degree, shared, .. }, Some(heard)) =
            (&drive.kind, heard.get_mut(drive.target))
        {
            let spikes = in_degree * rate_hz;
            heard.all += spikes;
            heard.shared += if *shared { spikes } else { 0.0 };
        }
    }
    heard.iter_mut().filter(|heard| heard.shared == 0.0).for_each(|heard| *heard = InputShare::default());
    heard
}

/// The shared part of `sigma^2` of every population at the rates `rates_hz`, shape `(populations,)`.
pub fn shared_variance_mv2(network: &Network, streams: &Streams, rates_hz: &[f64]) -> Vec<f64> {
    let mut shared = shared_drive_variance_mv2(network, streams);
    let size = |b: usize| network.populations[b].size.max(1) as f64;
    let mut of_network = vec![0.0; network.populations.len()];
    // sum p <J> over the projections from b to a
    let mut heard = BTreeMap::new();
    for stream in &streams.streams {
        if let Source::Population(b) = stream.source {
            *heard.entry((stream.target, b)).or_insert(0.0) +=
                stream.in_degree.mean / size(b) * stream.jump_moments()[0];
        }
    }
    for ((a, b), heard) in heard {
        of_network[a] += size(b) * heard * heard * rates_hz[b];
    }
    for ((shared, of_network), population) in shared.iter_mut().zip(of_network).zip(&network.populations) {
        *shared += population.neuron.tau_m_ms * S_PER_MS * of_network;
    }
    shared
}

/// The part of it that shared drives make.
pub fn shared_drive_variance_mv2(network: &Network, streams: &Streams) -> Vec<f64> {
    let mut shared = vec![0.0; network.populations.len()];
    for stream in &streams.streams {
        if let Source::Outside { rate_hz } = stream.source {
            let tau_m_s = network.populations[stream.target].neuron.tau_m_ms * S_PER_MS;
            let events = tau_m_s * stream.shared_fraction * stream.in_degree.mean * rate_hz;
            shared[stream.target] += events * stream.jump_moments()[0].powi(2);
        }
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Sums;
    use crate::testing::{TestNetwork, brunel};

    #[test]
    fn two_neurons_of_brunels_network_share_a_tenth_of_their_recurrent_noise() {
        let network = brunel(&[]);
        let streams = Streams::new(&network).unwrap();
        let rates = [38.0, 38.0];
        let recurrent = 0.02 * 38.0 * (1000.0 * 0.01 + 250.0 * 0.25);
        for shared in shared_variance_mv2(&network, &streams, &rates) {
            assert!((shared / (0.1 * recurrent) - 1.0).abs() < 1e-12, "{shared}");
        }
        let sigma_square = Sums::new(&streams, &[]).variance().at(0, &rates, 1.0);
        assert!(sigma_square > recurrent, "the drive is independent for each neuron");
    }

    /// Fractions without rates and with 10 Hz, and the shared variance at 10 Hz over `sigma^2`, of 100 neurons with these inputs.
    fn shared(inputs: TestNetwork) -> [Option<f64>; 3] {
        let network = inputs.read();
        let streams = Streams::new(&network).unwrap();
        let variance = Sums::new(&streams, &[]).variance().at(0, &[10.0], 1.0);
        let correlation = shared_variance_mv2(&network, &streams, &[10.0])[0] / variance;
        [shared_input_fractions(&network)[0], shared_input_fractions_at(&network, &[10.0])[0], Some(correlation)]
    }

    fn neurons() -> TestNetwork {
        TestNetwork::one_population(100)
    }

    fn with_drive(network: TestNetwork, rate_hz: f64, in_degree: u32, weight_mv: f64, shared: bool) -> TestNetwork {
        let lines =
            format!("rate = \"{rate_hz} Hz\"\nin_degree = {in_degree}\nweight = \"{weight_mv} mV\"\nshared = {shared}");
        network.drive("A", &format!("kind = \"poisson\"\n{lines}"))
    }

    fn drive(rate_hz: f64, in_degree: u32, weight_mv: f64, shared: bool) -> TestNetwork {
        with_drive(neurons(), rate_hz, in_degree, weight_mv, shared)
    }

    fn hearing_each_other(in_degrees: &[u32]) -> TestNetwork {
        in_degrees.iter().fold(neurons(), |network, &in_degree| network.fixed_in_degree("A", "A", in_degree, 0.1))
    }

    fn close(found: [Option<f64>; 3], expected: [Option<f64>; 3]) {
        for (found, expected) in found.into_iter().zip(expected) {
            let same = match (found, expected) {
                (Some(found), Some(expected)) => (found - expected).abs() < 1e-12,
                (found, expected) => found == expected,
            };
            assert!(same, "{found:?}, expected {expected:?}");
        }
    }

    #[test]
    fn a_connection_written_as_several_projections_is_shared_as_one() {
        let once = shared(hearing_each_other(&[40]));
        close(once, [Some(0.4), Some(0.4), Some(0.4)]);
        close(shared(hearing_each_other(&[10, 25, 5])), once);
    }

    #[test]
    fn of_drives_the_spikes_count_however_many_sources_they_come_from() {
        close(shared(drive(1000.0, 10, 0.1, true)), [Some(1.0), Some(1.0), Some(1.0)]);
        for (rate_hz, in_degree) in [(3000.0, 10), (30.0, 1000)] {
            let both = with_drive(drive(1000.0, 10, 0.1, true), rate_hz, in_degree, 0.1, false);
            close(shared(both), [Some(0.25), Some(0.25), Some(0.25)]);
        }
        close(shared(drive(1000.0, 10, 0.1, false)), [None, None, Some(0.0)]);
        // jumps of twice the size make half of the noise, at a fifth of the spikes
        let large = with_drive(drive(1000.0, 10, 0.2, true), 4000.0, 10, 0.1, false);
        close(shared(large), [Some(0.2), Some(0.2), Some(0.5)]);
    }

    #[test]
    fn beside_inputs_from_the_network_a_shared_drive_counts_by_its_spikes() {
        // 40 inputs of 10 Hz, 0.4 of them shared, beside 1,200 shared spikes a second
        let both = with_drive(hearing_each_other(&[40]), 1200.0, 1, 0.1, true);
        close(shared(both), [Some(0.4), Some((160.0 + 1200.0) / 1600.0), Some((160.0 + 1200.0) / 1600.0)]);
    }
}
