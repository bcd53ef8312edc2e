//! Curves and nullclines by the law of threshold crossings, where states are: they pass through them.
//!
//! The closed forms by which states are looked for can be far from where they are in the end. What the law of crossings, a thousand times as expensive, makes of them is
//! interpolated ([`Interpolated`]) along the curve from some 20 to 70 places, among which are the states.

use siegert::stationary::Interpolated;

use super::canvas::{Axis, Scale};
use super::groups::Groups;
use super::nullclines::{self, State};

/// Rates on a linear axis are spread by this power, since most happens near zero.
const SPREAD: f64 = 0.25;
/// Places along the curve of one population that can be asked.
const PLACES: usize = 400;
/// Nodes along an axis for a nullcline that is only asked.
const NODES: usize = 60;

/// From the rates of the groups to those that their input gives.
pub(super) struct Output<'a> {
    groups: &'a Groups,
    axes: Vec<Axis>,
    /// One a group; none where the closed forms are all that there is.
    known: Vec<Interpolated>,
}

/// The place of rates among all that are drawn, every coordinate from 0 to 1.
fn place(axes: &[Axis], rates_hz: &[f64]) -> Vec<f64> {
    let along = |(axis, rate_hz): (&Axis, &f64)| match axis.scale {
        Scale::Linear => (rate_hz / axis.to).max(0.0).powf(SPREAD),
        Scale::Logarithmic => ((rate_hz.log10() - axis.from) / (axis.to - axis.from)).clamp(0.0, 1.0),
    };
    axes.iter().zip(rates_hz).map(along).collect()
}

/// The rates at a place.
fn rates_hz(axes: &[Axis], place: &[f64]) -> Vec<f64> {
    let at = |(axis, along): (&Axis, &f64)| match axis.scale {
        Scale::Linear => axis.to * along.powf(1.0 / SPREAD),
        Scale::Logarithmic => 10f64.powf(axis.from + along * (axis.to - axis.from)),
    };
    axes.iter().zip(place).map(at).collect()
}

impl<'a> Output<'a> {
    /// Of one group, whose states have these rates.
    pub(super) fn of_one(groups: &'a Groups, axis: &Axis, states_hz: &[f64]) -> Self {
        let axes = vec![axis.clone()];
        let whole: Vec<Vec<f64>> = (0..=PLACES).map(|k| vec![k as f64 / PLACES as f64]).collect();
        let mut first: Vec<Vec<f64>> = states_hz.iter().map(|rate| place(&axes, &[*rate])).collect();
        first.extend([0.1, 0.4, 0.7, 0.98, 1.0].map(|at| vec![at]));
        let known = groups.is_refined().then(|| learned(groups, 0, &axes, first, |_| whole.clone()));
        Output { groups, axes, known: known.into_iter().collect() }
    }

    /// Of two groups, in the plane of whose rates these states are.
    pub(super) fn of_two(groups: &'a Groups, axes: &[Axis; 2], states: &[State]) -> Self {
        let plane = axes.to_vec();
        let mut first: Vec<Vec<f64>> = states.iter().map(|state| place(&plane, &state.rates_hz)).collect();
        let grid = [0.1, 0.55, 1.0];
        first.extend(grid.iter().flat_map(|x| grid.iter().map(|y| vec![*x, *y])));
        let of = |which: usize| {
            learned(groups, which, &plane, first.clone(), |known| {
                let excess = |rates: [f64; 2]| longer(groups, which, &plane, known, &rates) - rates[which];
                let rough = nullclines::rough(axes, NODES, &excess).unwrap_or_default();
                rough.into_iter().map(|rates| place(&plane, &rates)).collect()
            })
        };
        let known = if groups.is_refined() { vec![of(0), of(1)] } else { Vec::new() };
        Output { groups, axes: plane, known }
    }

    /// The rate in Hz of a group that its input at these rates would give.
    pub(super) fn rate_hz(&self, which: usize, rates_hz: &[f64]) -> f64 {
        match self.known.get(which) {
            Some(known) => longer(self.groups, which, &self.axes, known, rates_hz),
            None => self.groups.ln_output_hz(which, rates_hz).exp(),
        }
    }
}

fn longer(groups: &Groups, which: usize, axes: &[Axis], known: &Interpolated, rates_hz: &[f64]) -> f64 {
    known.ln_rate_hz(&place(axes, rates_hz), groups.ln_output_hz(which, rates_hz)).exp()
}

fn learned(
    groups: &Groups,
    which: usize,
    axes: &[Axis],
    first: Vec<Vec<f64>>,
    curve: impl Fn(&Interpolated) -> Vec<Vec<f64>>,
) -> Interpolated {
    let both = |place: &[f64]| {
        let rates = rates_hz(axes, place);
        Some((groups.ln_output_hz(which, &rates), groups.refined_ln_output_hz(which, &rates)?))
    };
    Interpolated::along(groups.t_ref_ms(which), first, both, curve)
}

#[cfg(test)]
mod tests {
    use siegert::testing::{open, read};
    use siegert::theory::{Theory, TheoryOptions};

    use super::*;

    fn linear(to: f64) -> Axis {
        Axis { name: String::new(), from: 0.0, to, scale: Scale::Linear }
    }

    #[test]
    fn places_and_rates_belong_to_each_other() {
        let logarithmic = Axis { from: -3.0, to: 2.0, scale: Scale::Logarithmic, ..linear(1.0) };
        for axes in [[linear(50.0)], [logarithmic]] {
            for rate in [0.002, 0.3, 7.0, 49.0] {
                let there = rates_hz(&axes, &place(&axes, &[rate]))[0];
                assert!((there / rate - 1.0).abs() < 1e-12, "{rate} {there}");
            }
        }
    }

    /// The closed form is off by a factor of 100 at the upper state.
    #[test]
    fn the_curve_of_a_network_with_conductances_passes_through_its_states_and_is_right_between_them() {
        let network = open("vogels_abbott2005_coba", None, &[]);
        let theory = Theory::new(&network, &TheoryOptions::default()).unwrap();
        let solution = theory.solution().unwrap();
        let groups = Groups::of_alike(&network, theory.map());
        let states: Vec<f64> = solution.fixed_points.iter().map(|state| state.populations[0].rate_hz).collect();
        assert_eq!((groups.members.len(), states.len()), (1, 3));
        let output = Output::of_one(&groups, &linear(1.6 * states[2]), &states);
        for rate in states {
            let there = output.rate_hz(0, &[rate]);
            assert!((there - rate).abs() <= 1e-6 * rate, "{rate}: {there}");
        }
        for rate in [0.05, 0.3, 1.3, 3.0, 6.5, 12.0] {
            let expected = groups.refined_ln_output_hz(0, &[rate]).unwrap().exp();
            let there = output.rate_hz(0, &[rate]);
            assert!((there / expected - 1.0).abs() < 0.01, "{rate}: {there}, exactly {expected}");
        }
    }

    #[test]
    fn both_nullclines_of_neurons_with_filtered_noise_or_conductances_pass_through_their_states() {
        let conductances = "[neurons.n]\nmodel = \"lif\"\nC_m = \"200 pF\"\ntau_m = \"20 ms\"\nE_L = \"-65 mV\"\n\
            V_th = \"-50 mV\"\nV_reset = \"-60 mV\"\nt_ref = \"2 ms\"\n[synapses]\n\
            ampa = { kind = \"exponential_conductance\", tau = \"3 ms\", E_rev = \"0 mV\" }\n\
            gaba = { kind = \"exponential_conductance\", tau = \"6 ms\", E_rev = \"-75 mV\" }\n";
        let exponential = "[neurons.n]\nmodel = \"eif\"\nC_m = \"200 pF\"\ntau_m = \"20 ms\"\nE_L = \"-65 mV\"\n\
            V_th = \"-50 mV\"\nV_reset = \"-60 mV\"\nV_peak = \"-30 mV\"\nDelta_T = \"1 mV\"\nt_ref = \"2 ms\"\n[synapses]\n\
            ampa = { kind = \"exponential_current\", tau = \"3 ms\" }\n\
            gaba = { kind = \"exponential_current\", tau = \"3 ms\" }\n";
        for (kind, [ee, ei, out]) in
            [(conductances, ["1 nS", "4 nS", "1 nS"]), (exponential, ["30 pA", "-80 pA", "30 pA"])]
        {
            let text = format!(
                "name = \"two\"\n\
                projections = [\n\
                {{ from = \"E\", to = [\"E\", \"I\"], in_degree = 100, weight = \"{ee}\", delay = \"1 ms\", synapse = \"ampa\" }},\n\
                {{ from = \"I\", to = [\"E\", \"I\"], in_degree = 50, weight = \"{ei}\", delay = \"1 ms\", synapse = \"gaba\" }} ]\n\
                drives = [\n\
                {{ to = \"E\", kind = \"poisson\", in_degree = 500, rate = \"10 Hz\", weight = \"{out}\", synapse = \"ampa\" }},\n\
                {{ to = \"I\", kind = \"poisson\", in_degree = 500, rate = \"9 Hz\", weight = \"{out}\", synapse = \"ampa\" }} ]\n\
                {kind}[populations]\nE = {{ size = 800, neuron = \"n\" }}\nI = {{ size = 200, neuron = \"n\" }}\n"
            );
            let network = read(&text);
            let theory = Theory::new(&network, &TheoryOptions::default()).unwrap();
            let solution = theory.solution().unwrap();
            let groups = Groups::of_alike(&network, theory.map());
            let rates = solution.fixed_points[0].rates_hz();
            let axes = [0, 1].map(|which| linear(1.6 * rates[which]));
            let state = State {
                stability: solution.fixed_points[0].stability(),
                rates_hz: [rates[0], rates[1]],
                label: String::new(),
            };
            let output = Output::of_two(&groups, &axes, &[state]);
            for which in [0, 1] {
                let closed = groups.ln_output_hz(which, &rates).exp();
                assert!((closed / rates[which] - 1.0).abs() > 0.01, "the closed form would do: {closed} {rates:?}");
                let there = output.rate_hz(which, &rates);
                assert!((there / rates[which] - 1.0).abs() < 1e-6, "{which}: {there} {rates:?}");
                // all along the nullcline, beside the law of crossings itself
                let excess = |rates: [f64; 2]| output.rate_hz(which, &rates) - rates[which];
                let all = nullclines::rough(&axes, NODES, &excess).unwrap();
                for at in all.iter().step_by(all.len() / 7 + 1).filter(|at| at[which] > 0.05 * rates[which]) {
                    let exact = groups.refined_ln_output_hz(which, at).unwrap().exp();
                    let there = output.rate_hz(which, at);
                    assert!((there / exact - 1.0).abs() < 0.02, "{which} at {at:?}: {there}, exactly {exact}");
                }
            }
        }
    }
}
