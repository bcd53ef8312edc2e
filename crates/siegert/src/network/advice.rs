//! What to do about each mistake, and the few words written under its place.

use super::problem::Problem;
use crate::Shown;

pub(super) fn did_you_mean(suggestion: &Option<String>, otherwise: String) -> String {
    match suggestion {
        Some(name) => format!("did you mean \"{name}\"? {otherwise}"),
        None => otherwise,
    }
}

impl Problem {
    /// What to do about it.
    pub(super) fn help(&self) -> Option<String> {
        self.help_with_names().or_else(|| self.help_with_numbers()).or_else(|| self.fixed_help().map(str::to_string))
    }

    fn help_with_names(&self) -> Option<String> {
        Some(match self {
            Self::NotFound { suggestion, bundled, .. } | Self::UnknownModel { suggestion, bundled, .. } => {
                did_you_mean(suggestion, format!("bundled networks: {bundled}"))
            }
            Self::UnknownKey { advice, known, .. } => match advice {
                Some(advice) => advice.clone(),
                None => format!("known keys: {known}"),
            },
            Self::MisplacedKey { belongs_to, .. } => format!("it belongs to {belongs_to}; remove it here"),
            Self::MissingKey { key, meaning, .. } => format!("add {key} = ...: {meaning}"),
            Self::UnknownChoice { suggestion, choices, .. } => did_you_mean(suggestion, format!("possible: {choices}")),
            Self::UnknownName { kind, suggestion, known, .. } => match known.is_empty() {
                true => format!("the file defines no {kind}"),
                // quantities are not the file's
                false if *kind == "quantity" => did_you_mean(suggestion, format!("there are {known}")),
                false => did_you_mean(suggestion, format!("the file defines {known}")),
            },
            Self::UnknownParameter { suggestion, known, .. } => match known.is_empty() {
                true => "the file has no [parameters]".to_string(),
                false => did_you_mean(suggestion, format!("[parameters] has {known}")),
            },
            Self::UnknownCase { suggestion, known, .. } => match known.is_empty() {
                true => "the file has no [cases]".to_string(),
                false => did_you_mean(suggestion, format!("the file has {known}")),
            },
            Self::ExpressionSyntax { advice, .. } | Self::UnknownUnit { advice, .. } => {
                return advice.clone().or_else(|| self.fixed_help().map(str::to_string));
            }
            Self::UnknownSymbol { advice, parameters, .. } => match (advice, parameters.is_empty()) {
                (Some(advice), _) => advice.clone(),
                (None, true) => "define it in [parameters]".to_string(),
                (None, false) => format!("define it in [parameters], which has {parameters}"),
            },
            Self::UnknownFunction { suggestion, .. } => did_you_mean(
                suggestion,
                "functions: sqrt, exp, log, log1p, abs, min, max, round, floor, ceil".to_string(),
            ),
            _ => return None,
        })
    }

    fn help_with_numbers(&self) -> Option<String> {
        Some(match self {
            Self::MissingUnit { value, unit, .. } => format!("did you mean \"{value} {unit}\"?"),
            Self::NoSuchPopulation { populations, .. } => {
                format!("the network has {populations}, with indices from 0")
            }
            Self::CourseFile { advice, .. } => advice.clone()?,
            Self::InDegreeFromEmpty { source_name, .. } => {
                format!("give \"{source_name}\" a size above 0, or set in_degree = 0")
            }
            Self::InDegreeTooLarge { available, .. } => format!(
                "lower it to {available}; or write multapses = true if several connections between the same two \
                 neurons are meant"
            ),
            Self::InconsistentMembrane { implied_ms, .. } => {
                format!("leave out one of tau_m, C_m and g_L, or write tau_m = \"{} ms\"", Shown(*implied_ms))
            }
            Self::SeveralConnectionRules { .. } => {
                "keep one of in_degree, probability and total; remove the others".to_string()
            }
            Self::NeedsCapacitance { neuron_type, .. } => {
                format!("add C_m = \"250 pF\" (or yours) to [neurons.{neuron_type}]")
            }
            Self::MostlyCut { key, low, high, .. } => {
                let unit = if *key == "tau_m" { "ms" } else { "mV" };
                let (end, word) = if low.is_finite() { (low, "above") } else { (high, "below") };
                format!("values must lie {word} {} {unit}, others are drawn again; make the law narrower", Shown(*end))
            }
            _ => return None,
        })
    }

    fn fixed_help(&self) -> Option<&'static str> {
        Some(match self {
            Self::IsDirectory { .. } => "give the network file in it",
            Self::CannotRead { .. } => "check that you may read it",
            Self::TooLarge { .. } => "is it a network file? large networks are written with lists: to = [\"E\", \"I\"]",
            Self::NotUtf8 { .. } => "save the file as UTF-8",
            Self::EmptyFile => "`siegert new NAME` writes a network file to start from",
            Self::Syntax { .. } => "see https://toml.io for the syntax; text stands in quotes: weight = \"0.1 mV\"",
            Self::WrongType { .. } => "quantities are numbers, or text in quotes: tau_m = \"20 ms\"",
            Self::RepeatedName { .. } => "remove one of the two",
            Self::EmptyList => "name at least one population",
            Self::BadName { .. } => "choose another name",
            Self::NoPopulations => "add a table [populations.E] with size and neuron",
            Self::WithoutPopulations => "add one: what has no neurons has no activity",
            Self::NameTaken { .. } => "give each a name of its own",
            Self::TooManyPairs { .. } => "join populations that have the same parameters",
            Self::TooMuchWork => "compute what all pairs share once, in [parameters]",
            Self::EmptyExpression => "write a number with a unit, such as \"20 ms\", or an expression",
            Self::ExpressionSyntax { .. } => "expressions use + - * / ^ and parentheses: \"-g * (J + 0.1 mV)\"",
            Self::UnknownUnit { .. } => "units: V mV uV, s ms us, Hz kHz, A nA pA, F nF pF, S uS nS, Ohm MOhm GOhm",
            Self::ArgumentCount { .. } => "separate arguments by commas",
            Self::TooDeep { .. } => "name parts of it in [parameters]",
            Self::Incompatible { .. } => "both sides must have the same dimension",
            Self::NotPlain { .. } => "divide by a quantity of the same dimension first",
            Self::ExponentNotRational { .. } => "use a whole or a simple fraction, or divide the unit out first",
            Self::DimensionTooLarge => "check the exponents",
            Self::DivisionByZero => "check the divisor; a parameter in it may be 0",
            Self::OutsideDomain { .. } => "check the argument's sign",
            Self::Overflow | Self::Underflow | Self::NotFinite { .. } => "check the exponents and units",
            Self::CircularParameters { .. } => "give one of them a value that does not depend on the others",
            Self::VariedAndSet { .. } => "remove one of the two",
            Self::WrongDimension { .. } => "check the unit, or the expression's factors",
            Self::NotPositive { .. } | Self::Negative { .. } => "check the sign and the unit",
            Self::ResetNotBelowThreshold { .. } => "after a spike the membrane starts again below threshold",
            Self::ResetNotBelowPeak { .. } => "after a spike the membrane starts again below V_peak",
            Self::ThresholdNotBelowPeak { .. } => "V_peak cuts the spike off, well above the soft threshold V_th",
            Self::RiseLongerThanDecay { .. } => "the longer of the two times is the decay; exchange them",
            Self::NoTimeConstant { .. } => "add tau_m = \"20 ms\", or C_m = \"250 pF\" with g_L = \"12.5 nS\"",
            Self::DeltaRedefined { .. } => "give this synapse another name",
            Self::BadSize { .. } => "round it: size = \"round(...)\"",
            Self::NoConnectionRule => "add in_degree, probability or total",
            Self::NotAProbability { .. } => "for a number of connections use in_degree or total",
            Self::TotalTooLarge { .. } => {
                "lower it; or write multapses = true if several connections between the same two neurons are meant"
            }
            Self::NoPart { .. } => "without plasticity a spike sends all of the weight: leave the key out",
            Self::NegativeConductance { .. } => "inhibition comes from E_rev, not from the sign of the weight",
            Self::ReceptorCount { .. } => "choose a number from 1 to 64",
            Self::ReceptorsWithoutLaw => "write tau = { mean = \"5 ms\", std = \"2 ms\" }, or leave receptors out",
            Self::FewerThanReceptors { .. } => "add receptors = N, of at most so many, to the type of synapse",
            Self::NoDelay => "give the delay that the simulation would use, such as \"0.1 ms\"",
            Self::EmptyInterval { .. } => "exchange the two",
            Self::NoMean { .. } => "lorentzian laws are for currents, E_L and V_th of neurons; use another law",
            Self::NotTheCenter { .. } => "set both with `with_V_th_mv`, `with_tau_m_ms` or `with_E_L_mv` of the neuron",
            Self::CannotDiffer { key: "C_m" | "g_L" } => {
                "write one value, and let tau_m differ: V_th, tau_m, E_L and I_e may be laws"
            }
            Self::CannotDiffer { .. } => "write one value: V_th, tau_m, E_L and I_e may be laws",
            Self::LognormalAroundZero => "give a mean other than 0, or use the normal law",
            Self::StopNotAfterStart { .. } => "exchange the two, or remove one",
            Self::CourseLengths { .. } => "give one for each time",
            Self::CourseTooLong { .. } => "take a longer time from one to the next, or interpolation = \"linear\"",
            Self::CourseUnordered { .. } => "sort them, and write a time once",
            Self::CourseNegative { .. } => "choose factors from 0 on",
            Self::CourseParts { .. } => {
                "write course = { times = [\"0 ms\", \"100 ms\"], factors = [1, 2] }, or course = { file = \"input.csv\" }"
            }
            Self::CourseWithoutBase { .. } => "write factors = [...] instead",
            Self::ModulationTooStrong { .. } => "choose an amplitude from -1 to 1",
            Self::ValueOrValues => "write values = { E = ..., I = ... }, or value = ... for the whole network",
            Self::InfinityNotAllowed => "only V_peak and V_reset of a qif neuron may be infinite",
            _ => return None,
        })
    }

    /// The words under the underlined place.
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::Syntax { .. } | Self::ExpressionSyntax { .. } => "here",
            Self::UnknownKey { .. } => "unknown key",
            Self::MisplacedKey { .. } => "does not belong here",
            Self::MissingKey { .. } | Self::NoTimeConstant { .. } | Self::NoConnectionRule => {
                "something is missing here"
            }
            Self::UnknownUnit { .. } => "unknown unit",
            Self::UnknownName { .. }
            | Self::UnknownSymbol { .. }
            | Self::UnknownParameter { .. }
            | Self::UnknownCase { .. }
            | Self::UnknownChoice { .. }
            | Self::UnknownFunction { .. } => "unknown name",
            Self::MissingUnit { .. } => "no unit",
            Self::WrongDimension { .. } | Self::Incompatible { .. } | Self::NotPlain { .. } => "wrong dimension",
            Self::DivisionByZero => "this divides by zero",
            Self::Overflow | Self::Underflow | Self::NotFinite { .. } | Self::InfinityNotAllowed => {
                "not a usable number"
            }
            Self::CircularParameters { .. } => "defined in a circle",
            Self::RepeatedName { .. } => "named twice",
            Self::TooDeep { .. } => "nested too deep",
            _ => "this value",
        }
    }
}
