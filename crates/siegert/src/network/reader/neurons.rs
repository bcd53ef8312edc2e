//! `[neurons.NAME]` and `[synapses.NAME]`.

use toml::Spanned;
use toml::de::DeValue;

use super::drives::OwnCurrent;
use super::fields::{Field, Fields, is_there_misspelled};
use super::parameters::Parameters;
use super::sources::{Literal, Scope};
use super::{Known, Reader};
use crate::network::checks;
use crate::network::error::Problem;
use crate::network::keys::{self, Kind};
use crate::network::quantity::Measure::{
    self, Capacitance, Conductance, Current, Number, PerVoltage, Rate, Time, Voltage,
};
use crate::network::receptors::{self, Receptors, USUAL_RECEPTORS};
use crate::network::spelling::shortened;
use crate::network::{Differences, Law, Neuron, NeuronKind, NeuronModel, Plasticity, Synapse, SynapseKind};

/// The time constant of a synapse as the file gives it.
enum TimeConstant {
    /// In ms.
    One(f64),
    /// Its law, and the number of receptors that differ by it.
    Law(Law, usize),
}

impl TimeConstant {
    fn receptors(self, kind: impl Fn(f64) -> Synapse) -> Receptors {
        match self {
            Self::One(tau_ms) => kind(tau_ms).into(),
            Self::Law(law, count) => Receptors::of_law(law, count, kind),
        }
    }
}

/// `tau_m` may differ from `C_m / g_L` by this much, relatively, if all three are given.
const MEMBRANE_TOLERANCE: f64 = 1e-9;

/// The block by magnesium of Jahr and Stevens (1990), J Neurosci 10:3178-3182.
const USUAL_BETA_PER_MV: f64 = 0.062;
const USUAL_GAMMA: f64 = 3.57;
const MS_PER_S: f64 = 1000.0;

/// Stands in for a neuron type that has mistakes, so that what uses it is checked all the same.
pub(super) const ANY_NEURON: Neuron = Neuron {
    model: NeuronModel::Lif,
    tau_m_ms: 10.0,
    C_m_pf: Some(100.0),
    E_L_mv: 0.0,
    V_th_mv: 20.0,
    V_reset_mv: 0.0,
    t_ref_ms: 0.0,
    differences: Differences::NONE,
};

impl Reader<'_> {
    pub(super) fn neurons<'v>(&mut self, file: &Fields<'v>, known: &mut Known<'v>) {
        for (name, span, value) in self.named(file, "neurons") {
            self.check_name("neuron type", name, span);
            let read = self.neuron(name, value, &mut known.parameters);
            let (neuron, own_current) = read.unwrap_or_else(|| (self.stand_in(ANY_NEURON), None));
            known.neurons.insert(name, neuron);
            known.own_currents.insert(name, own_current);
            known.neuron_names.push(name);
        }
    }

    pub(super) fn neuron<'v>(
        &mut self,
        name: &str,
        value: &'v Spanned<DeValue<'v>>,
        parameters: &mut Parameters<'v>,
    ) -> Option<(Neuron, Option<OwnCurrent>)> {
        let fields = self.open(&keys::NEURON, value, || format!("neuron type \"{}\"", shortened(name)))?;
        if self.what_cannot_differ(&fields) {
            return None;
        }
        let mut differences = Differences::NONE;
        let membrane = self.membrane(&fields, &mut differences, parameters);
        let mut voltage = |key| match self.differing(&fields, key, Voltage, parameters) {
            // an error already, where the model needs it
            Field::Absent if key == "V_th" => None,
            Field::Absent => Some((0.0, None)),
            field => field.value(),
        };
        let (E_L, V_th) = (voltage("E_L"), voltage("V_th"));
        let (E_L_mv, V_th_mv) = (E_L.map(|(center, _)| center), V_th.map(|(center, _)| center));
        differences.E_L_mv = E_L.and_then(|(_, law)| law);
        differences.V_th_mv = V_th.and_then(|(_, law)| law);
        let V_reset_mv = self.unbounded(&fields, "V_reset", f64::NEG_INFINITY, parameters).value();
        let t_ref_ms = self.not_negative(&fields, "t_ref", Time, parameters).value();
        let model = self.neuron_model(&fields, parameters);
        self.check_potentials(&fields, V_th_mv, V_reset_mv, model.as_ref());
        let own_current = self.own_current(name, &fields, parameters);
        let (tau_m_ms, C_m_pf) = membrane?;
        let neuron = Neuron {
            model: model?,
            tau_m_ms,
            C_m_pf,
            E_L_mv: E_L_mv?,
            V_th_mv: V_th_mv?,
            V_reset_mv: V_reset_mv?,
            t_ref_ms: t_ref_ms?,
            differences,
        };
        // the law of a neuron that makes no sense is no news
        let is_sound = checks::potentials(&neuron.model, neuron.V_th_mv, neuron.V_reset_mv).iter().all(Result::is_ok);
        for check in checks::differences(&neuron).into_iter().filter(|_| is_sound) {
            if let Err((key, problem)) = check {
                self.report(fields.span_of(key), problem);
            }
        }
        Some((neuron, own_current?))
    }

    /// Whether a law stands where none can be.
    fn what_cannot_differ(&mut self, fields: &Fields<'_>) -> bool {
        let mut any = false;
        for key in keys::NEURON.keys.iter().filter(|key| !matches!(key.kind, Kind::Law(_) | Kind::LawOfEither(..))) {
            if let Some((_, value)) = fields.get(key.name)
                && matches!(value.get_ref(), DeValue::Table(_))
            {
                self.report(value.span(), Problem::CannotDiffer { key: key.name });
                any = true;
            }
        }
        any
    }

    /// A parameter that may differ between neurons: its value, or the centre of its law, and the law.
    fn differing(
        &mut self,
        fields: &Fields<'_>,
        key: &'static str,
        measure: Measure,
        parameters: &mut Parameters<'_>,
    ) -> Field<(f64, Option<Law>)> {
        match fields.get(key) {
            None => Field::Absent,
            Some((_, value)) if matches!(value.get_ref(), DeValue::Table(_)) => {
                match self.law_of_neurons(fields, key, measure, parameters) {
                    Some(law) => Field::Value((law.center(), law.differing())),
                    None => Field::Failed,
                }
            }
            Some(_) => match self.quantity(fields, key, measure, parameters) {
                Field::Value(value) => Field::Value((value, None)),
                _ => Field::Failed,
            },
        }
    }

    /// `tau_m` and, if it follows from the file, `C_m`.
    fn membrane(
        &mut self,
        fields: &Fields<'_>,
        differences: &mut Differences,
        parameters: &mut Parameters<'_>,
    ) -> Option<(f64, Option<f64>)> {
        let tau_m = match self.differing(fields, "tau_m", Time, parameters) {
            Field::Value((center, law)) => {
                differences.tau_m_ms = law;
                self.checked(center, fields, "tau_m", checks::positive("tau_m", center, Time)).optional()
            }
            Field::Absent => Some(None),
            Field::Failed => None,
        };
        let C_m = self.positive(fields, "C_m", Capacitance, parameters).optional();
        let g_L = self.positive(fields, "g_L", Conductance, parameters).optional();
        match (tau_m?, C_m?, g_L?) {
            (Some(tau_m), Some(C_m), Some(g_L)) => {
                let implied_ms = C_m / g_L;
                if (implied_ms / tau_m - 1.0).abs() > MEMBRANE_TOLERANCE {
                    let problem = Problem::InconsistentMembrane { tau_m_ms: tau_m, implied_ms };
                    self.report(fields.span_of("tau_m"), problem);
                    return None;
                }
                Some((tau_m, Some(C_m)))
            }
            (Some(tau_m), C_m, None) => Some((tau_m, C_m)),
            (Some(tau_m), None, Some(g_L)) => self.finite_membrane(fields, tau_m, g_L * tau_m),
            (None, Some(C_m), Some(g_L)) => self.finite_membrane(fields, C_m / g_L, C_m),
            (None, ..) if ["tau_m", "C_m", "g_L"].iter().any(|key| is_there_misspelled(&keys::NEURON, fields, key)) => {
                None
            }
            (None, ..) => {
                self.report(fields.span(), Problem::NoTimeConstant { owner: fields.owner.clone() });
                None
            }
        }
    }

    fn finite_membrane(&mut self, fields: &Fields<'_>, tau_m: f64, C_m: f64) -> Option<(f64, Option<f64>)> {
        for value in [tau_m, C_m] {
            if !value.is_finite() || value <= 0.0 {
                let problem = if value.is_finite() { Problem::Underflow } else { Problem::Overflow };
                self.report(fields.span_of("g_L"), problem);
                return None;
            }
        }
        Some((tau_m, Some(C_m)))
    }

    /// A voltage that may be the given infinity, if the neuron is of the quadratic model.
    fn unbounded(
        &mut self,
        fields: &Fields<'_>,
        key: &'static str,
        infinity: f64,
        parameters: &mut Parameters<'_>,
    ) -> Field<f64> {
        let Some((_, value)) = fields.get(key) else { return Field::Absent };
        let Some(source) = self.source(key, value) else { return Field::Failed };
        let written = match source.written {
            Literal::Number(number) if number.is_infinite() => Some(number),
            Literal::Text(text) => match text.trim() {
                "inf" | "+inf" => Some(f64::INFINITY),
                "-inf" => Some(f64::NEG_INFINITY),
                _ => None,
            },
            Literal::Number(_) => None,
        };
        if written.is_none() {
            return self.quantity(fields, key, Voltage, parameters);
        }
        if written == Some(infinity) && fields.variant == Some("qif") {
            return Field::Value(infinity);
        }
        if fields.variant.is_some() {
            self.report(value.span(), Problem::InfinityNotAllowed);
        }
        Field::Failed
    }

    fn neuron_model(&mut self, fields: &Fields<'_>, parameters: &mut Parameters<'_>) -> Option<NeuronModel> {
        let kind = NeuronKind::named(fields.variant?)?;
        let mut spike = || {
            let Delta_T_mv = self.positive(fields, "Delta_T", Voltage, parameters).value();
            let V_peak_mv = self.unbounded(fields, "V_peak", f64::INFINITY, parameters).value();
            (Delta_T_mv, V_peak_mv)
        };
        match kind {
            NeuronKind::Lif => Some(NeuronModel::Lif),
            NeuronKind::Perfect => Some(NeuronModel::Perfect),
            NeuronKind::Eif => {
                let (Delta_T_mv, V_peak_mv) = spike();
                Some(NeuronModel::Eif { Delta_T_mv: Delta_T_mv?, V_peak_mv: V_peak_mv? })
            }
            NeuronKind::Qif => {
                let (Delta_T_mv, V_peak_mv) = spike();
                Some(NeuronModel::Qif { Delta_T_mv: Delta_T_mv?, V_peak_mv: V_peak_mv? })
            }
            NeuronKind::Adex => {
                let spike = spike();
                self.adaptive(fields, spike, parameters)
            }
        }
    }

    /// The adaptive exponential neuron, whose spike is known.
    fn adaptive(
        &mut self,
        fields: &Fields<'_>,
        (Delta_T_mv, V_peak_mv): (Option<f64>, Option<f64>),
        parameters: &mut Parameters<'_>,
    ) -> Option<NeuronModel> {
        let a_ns = self.quantity(fields, "a", Conductance, parameters).value();
        let b_pa = self.quantity(fields, "b", Current, parameters).value();
        let tau_w_ms = self.positive(fields, "tau_w", Time, parameters).value();
        let neuron_type = fields.owner.trim_start_matches("neuron type ").trim_matches('"');
        let has_capacitance = fields.has("C_m") || fields.has("g_L");
        let adaptation = checks::adaptation(neuron_type, a_ns.unwrap_or(0.0), b_pa.unwrap_or(0.0), has_capacitance);
        if let Err(problem) = adaptation {
            self.report(fields.span(), problem);
        }
        Some(NeuronModel::Adex {
            Delta_T_mv: Delta_T_mv?,
            V_peak_mv: V_peak_mv?,
            a_ns: a_ns?,
            b_pa: b_pa?,
            tau_w_ms: tau_w_ms?,
        })
    }

    fn check_potentials(
        &mut self,
        fields: &Fields<'_>,
        V_th_mv: Option<f64>,
        V_reset_mv: Option<f64>,
        model: Option<&NeuronModel>,
    ) {
        let Some(model) = model else { return };
        // what is not known is NaN, which is neither above nor below
        let [V_th_mv, V_reset_mv] = [V_th_mv, V_reset_mv].map(|V| V.unwrap_or(f64::NAN));
        for check in checks::potentials(model, V_th_mv, V_reset_mv) {
            if let Err((key, problem)) = check {
                self.report(fields.span_of(key), problem);
            }
        }
    }

    pub(super) fn synapses<'v>(&mut self, file: &Fields<'v>, known: &mut Known<'v>) {
        for (name, span, value) in self.named(file, "synapses") {
            self.check_name("synapse", name, span);
            let synapse = self.synapse(name, value, &mut known.parameters);
            if known.synapses.insert(name, synapse).is_none() {
                known.synapse_names.push(name);
            }
        }
    }

    pub(super) fn synapse<'v>(
        &mut self,
        name: &str,
        value: &'v Spanned<DeValue<'v>>,
        parameters: &mut Parameters<'v>,
    ) -> Option<Receptors> {
        let fields = self.open(&keys::SYNAPSE, value, || format!("synapse \"{}\"", shortened(name)))?;
        let kind = fields.variant?;
        if let Err(problem) = checks::delta_is_delta(name, kind) {
            self.report(fields.span_of("kind"), problem);
            return None;
        }
        let tau = self.time_constant(&fields, parameters);
        let [tau_rise, tau_decay] =
            ["tau_rise", "tau_decay"].map(|key| self.positive(&fields, key, Time, parameters).value());
        if let (Some(tau_rise), Some(tau_decay)) = (tau_rise, tau_decay)
            && let Err(problem) = checks::rise(tau_rise, tau_decay)
        {
            self.report(fields.span_of("tau_rise"), problem);
        }
        let E_rev = self.quantity(&fields, "E_rev", Voltage, parameters).value();
        // the kind alone says in which unit weights are, so that those are checked beside a wrong tau or E_rev
        let alpha = self.positive(&fields, "alpha", Rate, parameters).value();
        let Mg = self.not_negative(&fields, "Mg", Number, parameters).or_default(1.0);
        let beta = self.not_negative(&fields, "beta", PerVoltage, parameters).or_default(USUAL_BETA_PER_MV);
        let gamma = self.positive(&fields, "gamma", Number, parameters).or_default(USUAL_GAMMA);
        let plasticity = self.plasticity(&fields, parameters).optional();
        let mut known = |value: Option<f64>| value.unwrap_or_else(|| self.stand_in(1.0));
        let kind = SynapseKind::named(kind)?;
        let has_tau = matches!(
            kind,
            SynapseKind::ExponentialCurrent | SynapseKind::AlphaCurrent | SynapseKind::ExponentialConductance
        );
        let tau = match tau {
            None if has_tau => TimeConstant::One(known(None)),
            // of another kind it is not asked for
            tau => tau.unwrap_or(TimeConstant::One(f64::NAN)),
        };
        let receptors = match kind {
            SynapseKind::Delta => Synapse::Delta.into(),
            SynapseKind::ExponentialCurrent => tau.receptors(|tau_ms| Synapse::ExponentialCurrent { tau_ms }),
            SynapseKind::AlphaCurrent => tau.receptors(|tau_ms| Synapse::AlphaCurrent { tau_ms }),
            SynapseKind::DoubleExponentialCurrent => {
                let (tau_rise_ms, tau_decay_ms) = (known(tau_rise), known(tau_decay));
                Synapse::DoubleExponentialCurrent { tau_rise_ms, tau_decay_ms }.into()
            }
            SynapseKind::ExponentialConductance => {
                let E_rev_mv = known(E_rev);
                tau.receptors(|tau_ms| Synapse::ExponentialConductance { tau_ms, E_rev_mv })
            }
            SynapseKind::DeltaConductance => Synapse::DeltaConductance { E_rev_mv: known(E_rev) }.into(),
            SynapseKind::Nmda => Synapse::Nmda {
                tau_rise_ms: known(tau_rise),
                tau_decay_ms: known(tau_decay),
                alpha_per_ms: known(alpha) / MS_PER_S,
                E_rev_mv: known(E_rev),
                Mg: known(Mg),
                beta_per_mv: known(beta),
                gamma: known(gamma),
            }
            .into(),
        };
        Some(receptors.with_plasticity(plasticity.unwrap_or(None)))
    }

    fn plasticity<'v>(&mut self, synapse: &Fields<'v>, parameters: &mut Parameters<'v>) -> Field<Plasticity> {
        let Some((_, value)) = synapse.get("plasticity") else { return Field::Absent };
        let Some(fields) = self.open(&keys::PLASTICITY, value, || format!("the plasticity of {}", synapse.owner))
        else {
            return Field::Failed;
        };
        let U = self.quantity(&fields, "U", Number, parameters).value();
        let tau_rec = self.quantity(&fields, "tau_rec", Time, parameters).or_default(0.0);
        let tau_fac = self.quantity(&fields, "tau_fac", Time, parameters).or_default(0.0);
        let (Some(U), Some(tau_rec_ms), Some(tau_fac_ms)) = (U, tau_rec, tau_fac) else { return Field::Failed };
        let plasticity = Plasticity { U, tau_rec_ms, tau_fac_ms };
        let mut all_good = true;
        for (key, check) in checks::plasticity(&plasticity) {
            if let Err(problem) = check {
                self.report(fields.span_of(key), problem);
                all_good = false;
            }
        }
        if all_good { Field::Value(plasticity) } else { Field::Failed }
    }

    /// The time constant of a synapse, or the law over its receptors; `None` if it is absent or has a mistake.
    fn time_constant<'v>(&mut self, fields: &Fields<'v>, parameters: &mut Parameters<'v>) -> Option<TimeConstant> {
        let is_law = matches!(fields.get("tau").map(|(_, value)| value.get_ref()), Some(DeValue::Table(_)));
        let count = self.index(fields, "receptors");
        if !is_law {
            if fields.has("receptors") && fields.has("tau") {
                self.report(fields.span_of("receptors"), Problem::ReceptorsWithoutLaw);
            }
            return self.positive(fields, "tau", Time, parameters).value().map(TimeConstant::One);
        }
        let prepared = self.law(fields, "tau", Time, Scope::Once, parameters)?;
        let law = self.law_for_pair(&prepared, parameters, [f64::NAN; 2])?;
        let count = count.or_default(USUAL_RECEPTORS)?;
        match receptors::check(&law, count) {
            Ok(()) => Some(TimeConstant::Law(law, count)),
            Err((key, problem)) => {
                self.report(fields.span_of(key), problem);
                None
            }
        }
    }
}
