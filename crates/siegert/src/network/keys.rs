//! Every key of the network file: one table from which reading, suggestions and the JSON Schema follow.
//!
//! A key is added here, and read in `reader/`. What a value must satisfy beyond its kind and dimension is checked
//! where it is read.

use super::drive_course::Interpolation;
use super::kinds::{NeuronKind, SynapseKind};
use super::quantity::Measure;

/// A table of the file.
#[derive(Debug)]
pub(crate) struct Section {
    /// The name that messages and `spelling.rs` use.
    pub(crate) name: &'static str,
    /// The same with its article, for messages.
    pub(crate) called: &'static str,
    pub(crate) doc: &'static str,
    /// The key whose value decides which other keys belong here.
    pub(crate) variant: Option<Variant>,
    pub(crate) keys: &'static [Key],
}

#[derive(Debug)]
pub(crate) struct Variant {
    pub(crate) key: &'static str,
    pub(crate) names: &'static [&'static str],
    pub(crate) default: Option<&'static str>,
}

#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) need: Need,
    /// The variants that it belongs to; all, if empty.
    pub(crate) only: &'static [&'static str],
    pub(crate) doc: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Need {
    Optional,
    Required,
    /// Required for these variants.
    RequiredFor(&'static [&'static str]),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Text,
    Texts,
    Flag,
    Index,
    Choice(&'static [&'static str]),
    /// One name, or a list of names.
    Names,
    Quantity(Measure),
    /// A quantity that may be "inf" or "-inf" where a check allows it.
    Unbounded(Measure),
    /// A list of quantities, each in one of these dimensions.
    QuantityList(&'static [Measure]),
    /// A quantity of any dimension.
    AnyQuantity,
    /// A law in this dimension; None where the synapse decides.
    Law(Option<Measure>),
    /// A law in either of two dimensions.
    LawOfEither(Measure, Measure),
    Table(&'static Section),
    /// A table of tables by name.
    Named(&'static Section),
    /// A list of tables.
    List(&'static Section),
    /// A table of quantities by name.
    Quantities,
    /// A table of tables of quantities by name.
    NamedQuantities,
}

impl Section {
    pub(crate) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

impl Key {
    pub(crate) fn belongs_to(&self, variant: &str) -> bool {
        self.only.is_empty() || self.only.contains(&variant)
    }

    pub(crate) fn is_required(&self, variant: Option<&str>) -> bool {
        match self.need {
            Need::Optional => false,
            Need::Required => variant.is_none_or(|variant| self.belongs_to(variant)),
            Need::RequiredFor(variants) => variant.is_some_and(|variant| variants.contains(&variant)),
        }
    }
}

const fn key(name: &'static str, kind: Kind, need: Need, doc: &'static str) -> Key {
    Key { name, kind, need, only: &[], doc }
}

const fn key_of(only: &'static [&'static str], name: &'static str, kind: Kind, need: Need, doc: &'static str) -> Key {
    Key { name, kind, need, only, doc }
}

use Kind::{
    AnyQuantity, Choice, Flag, Index, Law, LawOfEither, List, Named, Names, Quantity, QuantityList, Table, Text, Texts,
    Unbounded,
};
use Measure::{Capacitance, Conductance, Current, Number, PerVoltage, Rate, Time, Voltage};
use Need::{Optional, Required, RequiredFor};

pub(crate) const MODELS: &[&str] = NeuronKind::NAMES;
pub(crate) const SYNAPSES: &[&str] = SynapseKind::NAMES;
pub(crate) const DRIVES: &[&str] = &["poisson", "current", "noise"];
pub(crate) const INTERPOLATIONS: &[&str] = Interpolation::NAMES;
pub(crate) const LAWS: &[&str] = &["normal", "lognormal", "uniform", "exponential", "lorentzian"];
pub(crate) const EVIDENCE: &[&str] = &["theory", "simulation"];
pub(crate) const FILTERS: &[&str] = &["shift", "taylor", "none", "full", "auto", "brunel-wang"];
const SPIKING: &[&str] = &["eif", "qif", "adex"];
const ADEX: &[&str] = &["adex"];
const NMDA: &[&str] = &["nmda"];
const POISSON: &[&str] = &["poisson"];
const WITH_STD: &[&str] = &["normal", "lognormal"];

pub(crate) static FILE: Section = Section {
    name: "file",
    called: "a network file",
    doc: "A network of spiking neurons, as siegert reads it. Quantities are text with a unit (\"20 ms\") or expressions over [parameters]; numbers without quotes are dimensionless.",
    variant: None,
    keys: &[
        key("name", Text, Optional, "Name of the network."),
        key("reference", Text, Optional, "The paper that the network is from."),
        key("description", Text, Optional, "What the network is, in a few sentences."),
        key("notes", Texts, Optional, "Remarks, such as the source of each number."),
        key(
            "parameters",
            Kind::Quantities,
            Optional,
            "Named quantities; expressions anywhere in the file may use them.",
        ),
        key("neurons", Named(&NEURON), Optional, "Neuron types by name."),
        key("synapses", Named(&SYNAPSE), Optional, "Synapse types by name; \"delta\" needs no entry."),
        key(
            "populations",
            Named(&POPULATION),
            Optional,
            "Populations by name, in the order in which results list them.",
        ),
        key("projections", List(&PROJECTION), Optional, "Connections between populations."),
        key("drives", List(&DRIVE), Optional, "Input from outside."),
        key(
            "cases",
            Kind::NamedQuantities,
            Optional,
            "Named sets of values for [parameters], such as published states.",
        ),
        key("expect", List(&EXPECT), Optional, "Published values that the network is to reproduce."),
    ],
};

pub(crate) static NEURON: Section = Section {
    name: "neuron",
    called: "a neuron",
    doc: "A neuron type. It has tau_m, or C_m with g_L; C_m is needed where currents in pA or conductances in nS occur. tau_m, E_L, V_th and I_e may be laws, from which every neuron draws once.",
    variant: Some(Variant { key: "model", names: MODELS, default: None }),
    keys: &[
        key("model", Choice(MODELS), Required, "lif, eif, qif, perfect or adex."),
        key("tau_m", Law(Some(Time)), Optional, "Membrane time constant (ms), or its law over the neurons."),
        key("C_m", Quantity(Capacitance), Optional, "Membrane capacitance (pF)."),
        key("g_L", Quantity(Conductance), Optional, "Leak conductance (nS); tau_m = C_m / g_L."),
        key(
            "E_L",
            Law(Some(Voltage)),
            RequiredFor(&["lif", "eif", "adex"]),
            "Leak reversal (resting) potential (mV), or its law over the neurons.",
        ),
        key(
            "V_th",
            Law(Some(Voltage)),
            Required,
            "Threshold (mV), or its law over the neurons; the soft threshold of eif, qif and adex.",
        ),
        key("V_reset", Unbounded(Voltage), Required, "Reset potential (mV); \"-inf\" is possible for qif."),
        key("t_ref", Quantity(Time), Required, "Refractory time (ms); 0 if there is none."),
        key(
            "I_e",
            LawOfEither(Current, Voltage),
            Optional,
            "Constant current (pA), or R times it (mV), or its law over the neurons; as a drive of all populations of these neurons.",
        ),
        key_of(SPIKING, "Delta_T", Quantity(Voltage), Required, "Sharpness of the spike (mV)."),
        key_of(
            SPIKING,
            "V_peak",
            Unbounded(Voltage),
            Required,
            "Where a spike is counted (mV); \"inf\" is possible for qif.",
        ),
        key_of(ADEX, "a", Quantity(Conductance), Required, "Subthreshold adaptation (nS)."),
        key_of(ADEX, "b", Quantity(Current), Required, "Adaptation added at a spike (pA)."),
        key_of(ADEX, "tau_w", Quantity(Time), Required, "Time constant of the adaptation (ms)."),
    ],
};

pub(crate) static SYNAPSE: Section = Section {
    name: "synapse",
    called: "a synapse",
    doc: "A synapse type: what a presynaptic spike does.",
    variant: Some(Variant { key: "kind", names: SYNAPSES, default: None }),
    keys: &[
        key(
            "kind",
            Choice(SYNAPSES),
            Required,
            "delta, exponential_current, alpha_current, double_exponential_current, exponential_conductance, delta_conductance or nmda.",
        ),
        key_of(
            &["exponential_current", "alpha_current", "exponential_conductance"],
            "tau",
            Law(Some(Time)),
            Required,
            "Decay time of the current or conductance (ms), of an alpha function the time to its peak; or its law over receptors.",
        ),
        key_of(
            &["exponential_current", "alpha_current", "exponential_conductance"],
            "receptors",
            Index,
            Optional,
            "Number of receptors among which the connections are divided where tau has a law; 4 if not said.",
        ),
        key_of(
            &["double_exponential_current", "nmda"],
            "tau_rise",
            Quantity(Time),
            Required,
            "Rise time of the current, or of the gating (ms), at most tau_decay.",
        ),
        key_of(
            &["double_exponential_current", "nmda"],
            "tau_decay",
            Quantity(Time),
            Required,
            "Decay time of the current, or of the gating (ms).",
        ),
        key_of(
            &["exponential_conductance", "delta_conductance", "nmda"],
            "E_rev",
            Quantity(Voltage),
            Required,
            "Reversal potential (mV).",
        ),
        key_of(NMDA, "alpha", Quantity(Rate), Required, "Rate at which the gating opens (1/ms)."),
        key_of(
            NMDA,
            "Mg",
            Quantity(Number),
            Optional,
            "Concentration of magnesium (mM, a plain number); 1 if nothing is said.",
        ),
        key_of(
            NMDA,
            "beta",
            Quantity(PerVoltage),
            Optional,
            "Steepness of the block (1/mV); 0.062 /mV if nothing is said.",
        ),
        key_of(
            NMDA,
            "gamma",
            Quantity(Number),
            Optional,
            "Concentration that blocks half at 0 mV (mM, a plain number); 3.57 if nothing is said.",
        ),
        key(
            "plasticity",
            Table(&PLASTICITY),
            Optional,
            "Short-term plasticity (Tsodyks and Markram): what part of the weight a spike sends.",
        ),
    ],
};

pub(crate) static PLASTICITY: Section = Section {
    name: "plasticity",
    called: "a plasticity",
    doc: "Short-term plasticity: a spike sends u x of the weight, where u facilitates and x is depressed.",
    variant: None,
    keys: &[
        key(
            "U",
            Quantity(Number),
            Required,
            "The part of the resources that a spike uses after a long silence, above 0 and at most 1.",
        ),
        key(
            "tau_rec",
            Quantity(Time),
            Optional,
            "Time in which resources recover (ms); 0, at once, if nothing is said.",
        ),
        key(
            "tau_fac",
            Quantity(Time),
            Optional,
            "Time in which facilitation decays (ms); 0, none, if nothing is said.",
        ),
    ],
};

pub(crate) static POPULATION: Section = Section {
    name: "population",
    called: "a population",
    doc: "A group of neurons of one type.",
    variant: None,
    keys: &[
        key("size", Quantity(Number), Required, "Number of neurons."),
        key("neuron", Text, Required, "Name of the neuron type in [neurons]."),
        key(
            "initial",
            Law(Some(Voltage)),
            Optional,
            "Potential at the start (mV), or its law over the neurons; if nothing is said, what simulate and evolve start from.",
        ),
    ],
};

pub(crate) static PROJECTION: Section = Section {
    name: "projection",
    called: "a projection",
    doc: "Connections from populations to populations, with exactly one of in_degree, probability and total. Expressions may use N_pre and N_post, the sizes of source and target.",
    variant: None,
    keys: &[
        key("from", Names, Required, "The source population, or a list of them."),
        key("to", Names, Required, "The target population, or a list of them."),
        key("in_degree", Quantity(Number), Optional, "Inputs of each target neuron, the same for all."),
        key(
            "probability",
            Quantity(Number),
            Optional,
            "Probability that a pair of neurons is connected, independently.",
        ),
        key("total", Quantity(Number), Optional, "Number of connections, each between neurons drawn at random."),
        key("weight", Law(None), Required, "Weight: mV for delta, pA for currents (their peak), nS for conductances."),
        key("delay", Law(Some(Time)), Optional, "Delay (ms), or its law; stationary states do not depend on it."),
        key("synapse", Text, Optional, "Name of the synapse type; \"delta\" if none is said."),
        key("autapses", Flag, Optional, "Whether a neuron may connect to itself; true if not said."),
        key(
            "multapses",
            Flag,
            Optional,
            "Whether two neurons may be connected more than once; true if not said, but more inputs than there are sources need it in writing; never with probability.",
        ),
    ],
};

pub(crate) static DRIVE: Section = Section {
    name: "drive",
    called: "a drive",
    doc: "Input from outside to populations.",
    variant: Some(Variant { key: "kind", names: DRIVES, default: None }),
    keys: &[
        key("to", Names, Required, "The population driven, or a list of them."),
        key("kind", Choice(DRIVES), Required, "poisson, current or noise."),
        key_of(POISSON, "rate", Quantity(Rate), Required, "Rate of one source (Hz)."),
        key_of(POISSON, "in_degree", Quantity(Number), Optional, "Sources for each neuron; 1 if not said."),
        key_of(
            POISSON,
            "weight",
            Law(None),
            Required,
            "Weight: mV for delta, pA for currents (their peak), nS for conductances.",
        ),
        key_of(POISSON, "synapse", Text, Optional, "Name of the synapse type; \"delta\" if none is said."),
        key_of(POISSON, "delay", Law(Some(Time)), Optional, "Delay (ms)."),
        key_of(POISSON, "shared", Flag, Optional, "Whether all neurons hear the same trains; false if not said."),
        key_of(
            POISSON,
            "redraw_weights",
            Flag,
            Optional,
            "Whether each spike draws its weight anew, where weights have a law; false, a source keeps its weight, if not said.",
        ),
        key_of(
            &["current"],
            "value",
            LawOfEither(Current, Voltage),
            Required,
            "The current (pA), or R times it (mV), or its law over the neurons.",
        ),
        key_of(&["noise"], "mean", Quantity(Voltage), Required, "Added to mu (mV)."),
        key_of(&["noise"], "std", Quantity(Voltage), Required, "Its square is added to sigma^2 (mV)."),
        key("start", Quantity(Time), Optional, "The drive acts from this time on (ms)."),
        key("stop", Quantity(Time), Optional, "The drive acts until this time (ms)."),
        key("modulation", Table(&MODULATION), Optional, "Sinusoidal modulation of the rate or current."),
        key("course", Table(&COURSE), Optional, "What the rate or current is multiplied by, as time goes on."),
    ],
};

pub(crate) static COURSE: Section = Section {
    name: "course",
    called: "a course",
    doc: "A course in time: times with factors of the drive's own rate, value or noise (or with rates or values of its own), or a file of them.",
    variant: None,
    keys: &[
        key("times", QuantityList(&[Time]), Optional, "Ascending times (ms)."),
        key(
            "factors",
            QuantityList(&[Number]),
            Optional,
            "What rate, value or noise are multiplied by from each time on.",
        ),
        key(
            "rates",
            QuantityList(&[Rate]),
            Optional,
            "The rate of one source (Hz) from each time on, of a poisson drive.",
        ),
        key(
            "values",
            QuantityList(&[Current, Voltage]),
            Optional,
            "The current (pA), or R times it (mV), from each time on, of a current drive.",
        ),
        key(
            "file",
            Text,
            Optional,
            "A CSV file beside this one, with columns time_ms and one of factor, rate_hz, value_mv and value_pa.",
        ),
        key(
            "interpolation",
            Choice(INTERPOLATIONS),
            Optional,
            "step (if not said): each holds until the next time; linear: straight lines between them.",
        ),
    ],
};

pub(crate) static MODULATION: Section = Section {
    name: "modulation",
    called: "a modulation",
    doc: "The factor 1 + amplitude cos(2 pi frequency t).",
    variant: None,
    keys: &[
        key("amplitude", Quantity(Number), Required, "Relative amplitude."),
        key("frequency", Quantity(Rate), Required, "Frequency (Hz)."),
    ],
};

pub(crate) static LAW: Section = Section {
    name: "law",
    called: "a distribution",
    doc: "The law of a weight or a delay over the synapses of a projection, or of a parameter over neurons.",
    variant: Some(Variant { key: "distribution", names: LAWS, default: Some("normal") }),
    keys: &[
        key(
            "distribution",
            Choice(LAWS),
            Optional,
            "normal (if not said), lognormal, uniform, exponential, or for parameters of neurons lorentzian.",
        ),
        key_of(&["normal", "lognormal", "exponential"], "mean", AnyQuantity, Required, "Mean."),
        key_of(WITH_STD, "std", AnyQuantity, Required, "Standard deviation."),
        key_of(&["uniform"], "low", AnyQuantity, Required, "Lower end."),
        key_of(&["uniform"], "high", AnyQuantity, Required, "Upper end."),
        key_of(&["lorentzian"], "center", AnyQuantity, Required, "Median."),
        key_of(&["lorentzian"], "half_width", AnyQuantity, Required, "Half width at half maximum."),
    ],
};

pub(crate) static EXPECT: Section = Section {
    name: "expectation",
    called: "an expectation",
    doc: "A published value that the network is to reproduce.",
    variant: None,
    keys: &[
        key("case", Text, Optional, "The case of [cases] that it holds for."),
        key("set", Kind::Quantities, Optional, "Values for [parameters] that it holds for."),
        key("quantity", Text, Required, "What is compared: rate, mean_input, std_input, cv, states ..."),
        key("state", Index, Optional, "Which stationary state, by ascending total rate, from 0."),
        key("value", AnyQuantity, Optional, "The value for the whole network, or for its only population."),
        key("values", Kind::Quantities, Optional, "The value of each population."),
        key("tolerance", Quantity(Number), Required, "Relative tolerance."),
        key("kind", Choice(EVIDENCE), Required, "What produced the value: theory or simulation."),
        key(
            "filter",
            Choice(FILTERS),
            Optional,
            "How the theory took synaptic time constants: shift (default), taylor, none, full, auto, brunel-wang.",
        ),
        key(
            "gate",
            Flag,
            Optional,
            "Whether a test must reproduce the value (default true); false for second-hand ones.",
        ),
        key("source", Text, Required, "Figure, table or data set that the value is from."),
    ],
};

/// Every section.
#[cfg(test)]
pub(crate) static SECTIONS: [&Section; 10] =
    [&FILE, &NEURON, &SYNAPSE, &POPULATION, &PROJECTION, &DRIVE, &MODULATION, &COURSE, &LAW, &EXPECT];

/// "eif, qif and adex", for messages.
pub(crate) fn in_words(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_string(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_of_keys_are_variants_of_their_section() {
        for section in SECTIONS {
            let names = section.variant.as_ref().map_or(&[][..], |variant| variant.names);
            for key in section.keys {
                assert!(key.only.iter().all(|only| names.contains(only)), "{}.{}", section.name, key.name);
                assert!(key.doc.ends_with(['.', ')']), "{}.{} is documented by a sentence", section.name, key.name);
            }
        }
    }

    #[test]
    fn names_are_listed_in_words() {
        assert_eq!(in_words(&["eif", "qif", "adex"]), "eif, qif and adex");
    }
}
