//! Populations that behave alike: the same neuron and the same input at whatever rates, hence the same rate in every state.

use siegert::network::Network;
use siegert::stationary::RateMap;

/// The network's populations in groups, and the rate map between the groups.
#[derive(Clone, Debug)]
pub(super) struct Groups {
    /// Indices of the populations, group by group.
    pub(super) members: Vec<Vec<usize>>,
    /// "E, I".
    pub(super) names: Vec<String>,
    /// Rough where that is faster by far.
    map: RateMap,
    exact: RateMap,
}

impl Groups {
    /// Populations that hear the same share a group.
    pub(super) fn of_alike(network: &Network, map: &RateMap) -> Self {
        let mut members: Vec<Vec<usize>> = Vec::new();
        for (a, group) in map.effective_populations().into_iter().enumerate() {
            if group == members.len() {
                members.push(Vec::new());
            }
            members[group].push(a);
        }
        Groups::new(network, map, members)
    }

    /// Every population by itself.
    pub(super) fn of_single(network: &Network, map: &RateMap) -> Self {
        Groups::new(network, map, (0..network.populations.len()).map(|a| vec![a]).collect())
    }

    fn new(network: &Network, map: &RateMap, members: Vec<Vec<usize>>) -> Self {
        let name = |group: &Vec<usize>| {
            group.iter().map(|&a| network.populations[a].name.as_str()).collect::<Vec<_>>().join(", ")
        };
        Groups { names: members.iter().map(name).collect(), members, map: map.for_pictures(), exact: map.clone() }
    }

    /// All rates in Hz, of those of the groups.
    fn all_rates_hz(&self, rates_hz: &[f64]) -> Vec<f64> {
        let mut all = vec![f64::NAN; self.map.len()];
        for (group, rate) in self.members.iter().zip(rates_hz) {
            group.iter().for_each(|&a| all[a] = *rate);
        }
        all
    }

    /// Logarithm of the rate in Hz that the input of a group at the rates `rates_hz` of all groups would give, by the closed forms.
    pub(super) fn ln_output_hz(&self, which: usize, rates_hz: &[f64]) -> f64 {
        let a = self.members[which][0];
        self.map.ln_output_hz(a, &self.map.inputs(&self.all_rates_hz(rates_hz))[a])
    }

    /// The same by the law of threshold crossings, where it finds anything.
    pub(super) fn refined_ln_output_hz(&self, which: usize, rates_hz: &[f64]) -> Option<f64> {
        let a = self.members[which][0];
        self.exact.refined_ln_output_hz(a, &self.exact.inputs(&self.all_rates_hz(rates_hz))[a])
    }

    /// Whether it says more than the closed forms.
    pub(super) fn is_refined(&self) -> bool {
        self.exact.is_refined()
    }

    /// The refractory time of a group.
    pub(super) fn t_ref_ms(&self, which: usize) -> f64 {
        self.exact.transfers()[self.members[which][0]].thresholds().t_ref_ms
    }
}
