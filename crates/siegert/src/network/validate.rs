//! The checks of the file's reader for networks made in code.
//!
//! Theory, simulator and export ask for the checks of what they use, [`Network::check`], of every network that they are given. A network
//! without mistakes costs no memory and, with two populations, half a microsecond, a fourth of the time for its equations: sweeps
//! over a file do not ask again what its reader has made sure of.

use std::collections::HashSet;

use super::checks::{self, Pairs, weight_measure};
use super::dimension::Measure;
use super::mistake::{Mistake, NetworkError, Place};
use super::problem::Problem;
use super::spelling::{listed, nearest, shortened};
use crate::quantities::Named;

use super::{
    Differences, Drive, DriveKind, Law, Network, Neuron, NeuronModel, Plasticity, Population, Projection, Synapse,
};

/// Among more populations than this a name is looked up in a table.
pub(super) const FEW: usize = 16;

impl Network {
    /// Checks a network made in code as the reader checks a file: every mistake, each with its place, the same sentence and
    /// the same advice.
    ///
    /// A [`Network`] cannot say whether multapses are allowed by default or on purpose: where it allows them, more
    /// connections than pairs of neurons are taken to be meant, for which a file must say `multapses = true`.
    ///
    /// ```
    /// use siegert::network::{ReadOptions, open};
    ///
    /// let mut network = open("brunel2000", &ReadOptions::default())?;
    /// assert_eq!(network.validate(), Ok(()));
    /// network.projections[2].target = 7;
    /// let error = network.validate().unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "projection 3 (I -> ?), to: there is no population of index 7\n  help: the network has 2, with indices from 0"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Every mistake.
    pub fn validate(&self) -> Result<(), NetworkError> {
        let mut checker = Checker::new(self);
        checker.core(|index| Some(self.projections[index].multapses));
        checker.records();
        checker.found.into_result()
    }

    /// The checks of all that theory and simulation use: populations, projections and drives.
    pub(crate) fn check(&self) -> Result<(), NetworkError> {
        let mut checker = Checker::new(self);
        checker.core(|index| Some(self.projections[index].multapses));
        checker.found.into_result()
    }

    /// As [`Network::check`], where `multapses` tells what was said for each projection, if anything.
    pub(super) fn check_as_said(&self, multapses: impl Fn(usize) -> Option<bool>) -> Result<(), NetworkError> {
        let mut checker = Checker::new(self);
        checker.core(multapses);
        checker.found.into_result()
    }
}

impl Population {
    /// `C_m` in pF, through which the currents and conductances of a synapse become voltages.
    ///
    /// # Errors
    ///
    /// There is none, which [`Network::validate`] finds, too.
    pub(crate) fn capacitance_pf(&self, synapse: &Synapse) -> Result<f64, NetworkError> {
        self.neuron.C_m_pf.ok_or_else(|| {
            let problem = checks::capacitance(synapse, self).err();
            let problem = problem.unwrap_or_else(|| checks::needs_capacitance(&self.neuron_type, "a current in pA"));
            NetworkError::of(Place::Network, "", problem)
        })
    }
}

/// The neuron's mistakes, each with the key that it is about.
pub(super) fn check_neuron(
    neuron: &Neuron,
    neuron_type: &str,
    mut note: impl FnMut(&'static str, Result<(), Problem>),
) {
    let Neuron { model, tau_m_ms, C_m_pf, E_L_mv, V_th_mv, V_reset_mv, t_ref_ms, differences } = *neuron;
    let finite = checks::finite;
    note("tau_m", finite(tau_m_ms).and_then(|()| checks::positive("tau_m", tau_m_ms, Measure::Time)));
    if let Some(C_m) = C_m_pf {
        note("C_m", finite(C_m).and_then(|()| checks::positive("C_m", C_m, Measure::Capacitance)));
    }
    note("E_L", finite(E_L_mv));
    note("V_th", finite(V_th_mv));
    let is_qif = matches!(model, NeuronModel::Qif { .. });
    let reset_known = V_reset_mv.is_finite() || (is_qif && V_reset_mv == f64::NEG_INFINITY);
    if !reset_known {
        note("V_reset", finite(V_reset_mv));
    }
    let mut peak_known = true;
    note("t_ref", finite(t_ref_ms).and_then(|()| checks::not_negative("t_ref", t_ref_ms, Measure::Time)));
    if let NeuronModel::Eif { Delta_T_mv, V_peak_mv }
    | NeuronModel::Qif { Delta_T_mv, V_peak_mv }
    | NeuronModel::Adex { Delta_T_mv, V_peak_mv, .. } = model
    {
        note("Delta_T", finite(Delta_T_mv).and_then(|()| checks::positive("Delta_T", Delta_T_mv, Measure::Voltage)));
        peak_known = V_peak_mv.is_finite() || (is_qif && V_peak_mv == f64::INFINITY);
        if !peak_known {
            note("V_peak", finite(V_peak_mv));
        }
    }
    if let NeuronModel::Adex { a_ns, b_pa, tau_w_ms, .. } = model {
        note("a", finite(a_ns));
        note("b", finite(b_pa));
        note("tau_w", finite(tau_w_ms).and_then(|()| checks::positive("tau_w", tau_w_ms, Measure::Time)));
        note("", checks::adaptation(neuron_type, a_ns, b_pa, C_m_pf.is_some()));
    }
    // potentials are compared where none of them has been named above
    if finite(V_th_mv).is_ok() && reset_known && peak_known {
        let potentials = checks::potentials(&model, V_th_mv, V_reset_mv);
        let is_sound = potentials.iter().all(Result::is_ok);
        for check in potentials {
            if let Err((key, problem)) = check {
                note(key, Err(problem));
            }
        }
        if is_sound && !differences.is_none() {
            check_differences(neuron, note);
        }
    }
}

/// The mistakes of laws over neurons, each with the key that it is about.
fn check_differences(neuron: &Neuron, mut note: impl FnMut(&'static str, Result<(), Problem>)) {
    let Differences { V_th_mv, tau_m_ms, E_L_mv } = neuron.differences;
    let laws =
        [("V_th", V_th_mv, Measure::Voltage), ("tau_m", tau_m_ms, Measure::Time), ("E_L", E_L_mv, Measure::Voltage)];
    let mut are_numbers = true;
    for (key, law, measure) in laws {
        let check = law.map_or(Ok(()), |law| check_values(&law, measure));
        are_numbers &= check.is_ok();
        note(key, check);
    }
    for check in checks::differences(neuron).into_iter().filter(|_| are_numbers) {
        if let Err((key, problem)) = check {
            note(key, Err(problem));
        }
    }
}

/// The synapse's mistakes, each with the key that it is about.
pub(super) fn check_synapse(name: &str, synapse: &Synapse, mut note: impl FnMut(&'static str, Result<(), Problem>)) {
    note("synapse", checks::name("synapse", name));
    note("synapse", checks::delta_is_delta(name, synapse.kind()));
    let mut time = |key, tau_ms: f64| {
        note(key, checks::finite(tau_ms).and_then(|()| checks::positive(key, tau_ms, Measure::Time)));
    };
    if let Synapse::ExponentialCurrent { tau_ms }
    | Synapse::AlphaCurrent { tau_ms }
    | Synapse::ExponentialConductance { tau_ms, .. } = *synapse
    {
        time("tau", tau_ms);
    }
    if let Synapse::Nmda { tau_rise_ms, tau_decay_ms, .. } = *synapse {
        time("tau_rise", tau_rise_ms);
        time("tau_decay", tau_decay_ms);
    }
    if let Synapse::DoubleExponentialCurrent { tau_rise_ms, tau_decay_ms } = *synapse {
        time("tau_rise", tau_rise_ms);
        time("tau_decay", tau_decay_ms);
        note("tau_rise", checks::rise(tau_rise_ms, tau_decay_ms));
    }
    if let Synapse::Nmda { tau_rise_ms, tau_decay_ms, alpha_per_ms, Mg, beta_per_mv, gamma, .. } = *synapse {
        note("tau_rise", checks::rise(tau_rise_ms, tau_decay_ms));
        for (key, value, measure) in [("alpha", alpha_per_ms, Measure::Rate), ("gamma", gamma, Measure::Number)] {
            note(key, checks::finite(value).and_then(|()| checks::positive(key, value, measure)));
        }
        for (key, value, measure) in [("Mg", Mg, Measure::Number), ("beta", beta_per_mv, Measure::PerVoltage)] {
            note(key, checks::finite(value).and_then(|()| checks::not_negative(key, value, measure)));
        }
    }
    if let Synapse::ExponentialConductance { E_rev_mv, .. }
    | Synapse::DeltaConductance { E_rev_mv }
    | Synapse::Nmda { E_rev_mv, .. } = *synapse
    {
        note("E_rev", checks::finite(E_rev_mv));
    }
}

/// What the law of a weight or a delay must satisfy.
pub(super) fn check_law(law: &Law, measure: Measure) -> Result<(), Problem> {
    check_values(law, measure)?;
    checks::law(law)
}

/// That all numbers of a law are numbers, and widths not negative.
fn check_values(law: &Law, measure: Measure) -> Result<(), Problem> {
    match *law {
        Law::Constant { value: one } | Law::Exponential { mean: one } => checks::finite(one)?,
        Law::Uniform { low, high } => {
            checks::finite(low)?;
            checks::finite(high)?;
        }
        Law::Normal { mean, std } | Law::Lognormal { mean, std } => {
            checks::finite(mean)?;
            checks::finite(std)?;
            checks::not_negative("std", std, measure)?;
        }
        Law::Lorentzian { center, half_width } => {
            checks::finite(center)?;
            checks::finite(half_width)?;
            checks::not_negative("half_width", half_width, measure)?;
        }
    }
    Ok(())
}

fn check_weight(law: &Law, synapse: &Synapse) -> Result<(), Problem> {
    let measure = weight_measure(synapse);
    check_law(law, measure)?;
    checks::weight(law, measure)
}

fn check_delay(law: Option<&Law>) -> Result<(), Problem> {
    let Some(law) = law else { return Ok(()) };
    check_law(law, Measure::Time)?;
    checks::delay(law)
}

fn check_not_negative(key: &str, value: f64, measure: Measure) -> Result<(), Problem> {
    checks::finite(value)?;
    checks::not_negative(key, value, measure)
}

/// An entry of a network, by index.
#[derive(Clone, Copy)]
enum EntryIndex {
    Network,
    Population(usize),
    Projection(usize),
    Drive(usize),
    Parameter(usize),
    Case(usize),
    Expectation(usize),
}

/// What has been found out about a network.
struct Checker<'n> {
    network: &'n Network,
    found: NetworkError,
}

impl<'n> Checker<'n> {
    fn new(network: &'n Network) -> Self {
        Self { network, found: NetworkError { mistakes: Vec::new(), omitted: 0 } }
    }

    #[inline]
    fn note(&mut self, entry: EntryIndex, key: &'static str, check: Result<(), Problem>) {
        if let Err(problem) = check {
            self.add(entry, key, problem);
        }
    }

    #[cold]
    fn add(&mut self, entry: EntryIndex, key: &'static str, problem: Problem) {
        let place = self.place(entry);
        self.found.add(Mistake { place, key, problem });
    }

    fn place(&self, entry: EntryIndex) -> Place {
        let Network { populations, projections, drives, parameters, cases, .. } = self.network;
        let name = |index: usize| populations.get(index).map_or("?", |population| &population.name).to_string();
        match entry {
            EntryIndex::Network => Place::Network,
            EntryIndex::Population(index) => Place::Population { index, name: name(index) },
            EntryIndex::Projection(index) => {
                let Projection { source, target, .. } = projections[index];
                Place::Projection { index, source: name(source), target: name(target) }
            }
            EntryIndex::Drive(index) => Place::Drive { index, target: name(drives[index].target) },
            EntryIndex::Parameter(index) => Place::Parameter { name: parameters[index].name.clone() },
            EntryIndex::Case(index) => Place::Case { name: cases[index].name.clone() },
            EntryIndex::Expectation(index) => Place::Expectation { index },
        }
    }

    fn core(&mut self, multapses: impl Fn(usize) -> Option<bool>) {
        let network = self.network;
        if network.populations.is_empty() {
            self.add(EntryIndex::Network, "", Problem::WithoutPopulations);
        }
        for index in 0..network.populations.len() {
            self.population(index);
        }
        self.repeated_names(
            "population",
            network.populations.iter().map(|it| it.name.as_str()),
            EntryIndex::Population,
        );
        for (index, projection) in network.projections.iter().enumerate() {
            self.projection(index, projection, multapses(index));
        }
        for (index, drive) in network.drives.iter().enumerate() {
            self.drive(index, drive);
        }
    }

    fn population(&mut self, index: usize) {
        let network = self.network;
        let (entry, population) = (EntryIndex::Population(index), &network.populations[index]);
        let Population { name, size, neuron_type, neuron, initial_mv } = population;
        self.note(entry, "name", checks::name("population", name));
        self.note(entry, "size", checks::size(*size as f64).map(drop));
        self.note(entry, "neuron", checks::name("neuron type", neuron_type));
        if let Some(law) = initial_mv {
            let numbers = check_values(law, Measure::Voltage);
            self.note(entry, "initial", numbers.and_then(|()| checks::current(law)));
        }
        // populations share their types: what is wrong with one is said once
        let told = |other: &Population| other.neuron_type == *neuron_type && other.neuron == *neuron;
        check_neuron(neuron, neuron_type, |key, check| {
            if check.is_err() && !network.populations[..index].iter().any(told) {
                self.note(entry, key, check);
            }
        });
    }

    fn repeated_names<'s>(
        &mut self,
        kind: &'static str,
        names: impl ExactSizeIterator<Item = &'s str> + Clone,
        entry: fn(usize) -> EntryIndex,
    ) {
        let mut seen = HashSet::new();
        let is_small = names.len() <= FEW;
        for (index, name) in names.clone().enumerate() {
            let is_known =
                if is_small { names.clone().take(index).any(|other| other == name) } else { !seen.insert(name) };
            if is_known {
                self.add(entry(index), "", Problem::NameTaken { kind, name: shortened(name) });
            }
        }
    }

    /// The population of this index, which `key` is to name.
    fn known(&mut self, entry: EntryIndex, key: &'static str, index: usize) -> Option<&'n Population> {
        let network = self.network;
        let found = network.populations.get(index);
        if found.is_none() {
            self.add(entry, key, Problem::NoSuchPopulation { index, populations: network.populations.len() });
        }
        found
    }

    fn projection(&mut self, index: usize, projection: &Projection, multapses: Option<bool>) {
        let entry = EntryIndex::Projection(index);
        let Projection { source, target, rule, autapses, weight, delay_ms, synapse_type, synapse, plasticity, .. } =
            projection;
        let (from, to) = (self.known(entry, "from", *source), self.known(entry, "to", *target));
        let (key, number) = checks::key_and_value(rule);
        let rule = checks::finite(number).and_then(|()| match (from, to) {
            (Some(from), Some(to)) => {
                let pairs = Pairs { from, to, recurrent: source == target, autapses: *autapses, multapses };
                checks::rule(rule, &pairs)
            }
            _ => checks::rule_alone(rule),
        });
        self.note(entry, key, rule);
        self.note(entry, "weight", check_weight(weight, synapse));
        self.note(entry, "delay", check_delay(delay_ms.as_ref()));
        check_synapse(synapse_type, synapse, |key, check| self.note(entry, key, check));
        self.plasticity(entry, plasticity.as_ref());
        if let Some(to) = to {
            self.note(entry, "", checks::capacitance(synapse, to));
        }
    }

    fn plasticity(&mut self, entry: EntryIndex, plasticity: Option<&Plasticity>) {
        for (key, check) in plasticity.into_iter().flat_map(checks::plasticity) {
            self.note(entry, key, check);
        }
    }

    fn drive(&mut self, index: usize, drive: &Drive) {
        let entry = EntryIndex::Drive(index);
        let target = self.known(entry, "to", drive.target);
        match &drive.kind {
            DriveKind::Poisson {
                rate_hz,
                in_degree,
                weight,
                delay_ms,
                synapse_type,
                synapse,
                plasticity,
                shared: _,
                redraw_weights: _,
            } => {
                self.note(entry, "rate", check_not_negative("rate", *rate_hz, Measure::Rate));
                self.note(entry, "in_degree", check_not_negative("in_degree", *in_degree, Measure::Number));
                self.note(entry, "weight", check_weight(weight, synapse));
                self.note(entry, "delay", check_delay(delay_ms.as_ref()));
                check_synapse(synapse_type, synapse, |key, check| self.note(entry, key, check));
                self.plasticity(entry, plasticity.as_ref());
                if let Some(target) = target {
                    self.note(entry, "", checks::capacitance(synapse, target));
                }
            }
            DriveKind::Current { value_mv, given_in_pa: _ } => {
                let numbers = check_values(value_mv, Measure::Voltage);
                self.note(entry, "value", numbers.and_then(|()| checks::current(value_mv)));
            }
            DriveKind::Noise { mean_mv, std_mv } => {
                self.note(entry, "mean", checks::finite(*mean_mv));
                let std = check_not_negative("std", *std_mv, Measure::Voltage);
                self.note(entry, "std", std.and_then(|()| checks::noise(*std_mv)));
            }
        }
        let (start_ms, stop_ms) = (drive.start_ms, drive.stop_ms);
        self.note(entry, "start", start_ms.map_or(Ok(()), checks::finite));
        self.note(entry, "stop", stop_ms.map_or(Ok(()), checks::finite));
        let times = [start_ms, stop_ms].map(|time| time.filter(|time| time.is_finite()));
        self.note(entry, "stop", checks::course(times[0], times[1]));
        let is_poisson = matches!(drive.kind, DriveKind::Poisson { .. });
        if let Some(course) = &drive.course {
            self.note(entry, "course", course.check(is_poisson).map_err(|(_, problem)| problem));
        }
        if let Some(modulation) = &drive.modulation {
            let (amplitude, frequency_hz) = (modulation.amplitude, modulation.frequency_hz);
            let check = checks::finite(amplitude).and_then(|()| checks::amplitude(amplitude, is_poisson));
            self.note(entry, "amplitude", check);
            self.note(entry, "frequency", check_not_negative("frequency", frequency_hz, Measure::Rate));
        }
    }

    /// What goes with a network without being part of it: parameters, cases, expected values.
    fn records(&mut self) {
        let Network { parameters, cases, expectations, populations, .. } = self.network;
        for (index, parameter) in parameters.iter().enumerate() {
            self.note(EntryIndex::Parameter(index), "", checks::finite(parameter.value));
        }
        self.repeated_names("parameter", parameters.iter().map(|it| it.name.as_str()), EntryIndex::Parameter);
        for (index, case) in cases.iter().enumerate() {
            self.note(EntryIndex::Case(index), "", checks::name("case", &case.name));
        }
        self.repeated_names("case", cases.iter().map(|it| it.name.as_str()), EntryIndex::Case);
        let names: Vec<&str> = populations.iter().map(|population| population.name.as_str()).collect();
        for (index, expectation) in expectations.iter().enumerate() {
            let entry = EntryIndex::Expectation(index);
            if let Some(case) = expectation.case.as_deref().filter(|case| cases.iter().all(|it| it.name != **case)) {
                let known: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
                self.add(entry, "case", unknown_case(case, &known));
            }
            if Named::find(&expectation.quantity).is_none() {
                let known: Vec<&str> = Named::all_names().collect();
                self.add(entry, "quantity", unknown("quantity", &expectation.quantity, &known));
            }
            for (name, value) in &expectation.values {
                if let Some(name) = name.as_deref().filter(|name| !names.contains(name)) {
                    self.add(entry, "values", unknown("population", name, &names));
                }
                self.note(entry, "values", checks::finite(*value));
            }
            self.note(entry, "tolerance", check_not_negative("tolerance", expectation.tolerance, Measure::Number));
        }
    }
}

/// A name that nothing of this kind has.
pub(super) fn unknown(kind: &'static str, name: &str, known: &[&str]) -> Problem {
    let suggestion = nearest(name, known.iter().copied()).map(str::to_string);
    Problem::UnknownName { kind, name: shortened(name), suggestion, known: listed(known) }
}

fn unknown_case(name: &str, known: &[&str]) -> Problem {
    let suggestion = nearest(name, known.iter().copied()).map(str::to_string);
    Problem::UnknownCase { name: shortened(name), suggestion, known: listed(known) }
}
