//! Parameters that differ between neurons, as both scripts draw them: numpy's numbers, drawn again where they make no neuron.

use super::brian2::law_source;
use super::exported_network::{ExportedNetwork, Value};
use super::python::number;
use crate::network::{CutLaw, DriveKind, Law, Population};

/// Expressions of the script, each an array with a number for each neuron of a population.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Differing {
    /// In mV.
    pub(super) V_th: Option<String>,
    /// In ms.
    pub(super) tau_m: Option<String>,
    /// In mV.
    pub(super) E_L: Option<String>,
    /// `R I` in mV, of what is given in mV.
    pub(super) R_I: Option<String>,
    /// The same of what is given in pA, by the `R` at the centre of all laws.
    pub(super) by_R: Option<String>,
}

impl Differing {
    /// The populations whose neurons differ, with what does.
    pub(super) fn of_populations<'a>(
        exported: &'a ExportedNetwork<'_>,
    ) -> impl Iterator<Item = (&'a Population, Differing)> {
        let all = exported.network.populations.iter().enumerate();
        all.map(|(index, population)| (population, Differing::new(exported, index)))
            .filter(|(_, differing)| *differing != Differing::default())
    }

    /// Of a population; nothing where all neurons are alike.
    pub(super) fn new(exported: &ExportedNetwork<'_>, population: usize) -> Self {
        let of = exported.population(population);
        let drawn = |law: &CutLaw| {
            let source = law_source(&Value::new(&law.law));
            let bound = |value: f64| match value {
                f64::INFINITY => "np.inf".to_string(),
                f64::NEG_INFINITY => "-np.inf".to_string(),
                value => number(value),
            };
            format!("drawn({source}, {}, {}, {})", of.size, bound(law.low), bound(law.high))
        };
        let tau_m = of.neuron.tau_m_law();
        let mut currents = [Vec::new(), Vec::new()];
        let mut constant = [0.0, 0.0];
        let own = exported.drives.iter().filter(|driven| driven.drive.target == population && driven.course.is_none());
        for driven in own {
            let (law, by_R) = match driven.drive.kind {
                DriveKind::Current { value_mv, given_in_pa } => (value_mv, given_in_pa && tau_m.is_some()),
                DriveKind::Noise { mean_mv, .. } => (Law::from(mean_mv), false),
                DriveKind::Poisson { .. } => continue,
            };
            match law.differing() {
                Some(law) => currents[usize::from(by_R)].push(drawn(&CutLaw::whole(law))),
                None => constant[usize::from(by_R)] += law.center(),
            }
        }
        let any = tau_m.is_some() || currents.iter().any(|laws| !laws.is_empty());
        let [R_I, by_R] = [0, 1].map(|index| {
            let value = Some(constant[index]).filter(|value| *value != 0.0).map(number);
            let terms: Vec<String> = value.into_iter().chain(currents[index].iter().cloned()).collect();
            (any && !terms.is_empty()).then(|| terms.join(" + "))
        });
        Differing {
            V_th: of.neuron.V_th_law().as_ref().map(drawn),
            tau_m: tau_m.as_ref().map(drawn),
            E_L: of.neuron.E_L_law().as_ref().map(drawn),
            R_I,
            by_R,
        }
    }

    /// Whether a current differs, which then is no parameter of the model.
    pub(super) fn has_current(&self) -> bool {
        self.R_I.is_some() || self.by_R.is_some()
    }

    /// Lines that draw what differs, each under its name.
    pub(super) fn lines(&self) -> Vec<String> {
        let named = [("V_th", &self.V_th), ("tau_m", &self.tau_m), ("E_L", &self.E_L)];
        named.iter().filter_map(|(name, drawn)| Some(format!("{name} = {}", drawn.as_ref()?))).collect()
    }
}
