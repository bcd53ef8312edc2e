//! Every mistake that a network file can contain, in words: what was found, and what would be right.
//!
//! [`Problem`] is the mistake with its numbers; its advice is in `advice.rs`. Where it is in the file is known to
//! the [`Diagnostic`](super::Diagnostic) that carries it.

use crate::Shown;

/// One kind of mistake each.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message above each variant says what its fields mean")]
pub enum Problem {
    // The file itself.
    #[error("{path} does not exist")]
    NotFound { path: String, suggestion: Option<String>, bundled: String },
    #[error("{path} is a directory")]
    IsDirectory { path: String },
    #[error("{path} cannot be read: {reason}")]
    CannotRead { path: String, reason: String },
    #[error("the file is larger than {limit_mib} MiB, the most that a network file may have")]
    TooLarge { limit_mib: u64 },
    #[error("the file is not UTF-8 text: byte {offset} (line {line}, byte {column} of the line) is 0x{byte:02x}")]
    NotUtf8 { offset: usize, line: usize, column: usize, byte: u8 },
    #[error("no bundled network is called \"{name}\", and there is no file of that name")]
    UnknownModel { name: String, suggestion: Option<String>, bundled: String },
    #[error("the file is empty")]
    EmptyFile,
    #[error("TOML: {message}")]
    Syntax { message: String },

    // Keys, names and types of values.
    #[error("{section} has no key \"{key}\"")]
    UnknownKey { key: String, section: &'static str, advice: Option<String>, known: String },
    #[error("\"{key}\" does not belong to {owner}")]
    MisplacedKey { key: String, owner: String, belongs_to: String },
    #[error("{owner} lacks \"{key}\"")]
    MissingKey { key: &'static str, owner: String, meaning: &'static str },
    #[error("{key} must be {expected}, not {found}")]
    WrongType { key: String, expected: &'static str, found: &'static str },
    #[error("\"{value}\" is not a possible {key}")]
    UnknownChoice { key: &'static str, value: String, suggestion: Option<String>, choices: String },
    #[error("there is no {kind} \"{name}\"")]
    UnknownName { kind: &'static str, name: String, suggestion: Option<String>, known: String },
    #[error("{count} is no possible number of receptors")]
    ReceptorCount { count: usize, most: usize },
    #[error("receptors differ by the law of their time constants, and tau has none")]
    ReceptorsWithoutLaw,
    #[error("{connections} connections cannot fall to {receptors} receptors", connections = Shown(*connections))]
    FewerThanReceptors { connections: f64, receptors: usize },
    #[error("\"{name}\" occurs twice in the list")]
    RepeatedName { name: String },
    #[error("the list is empty")]
    EmptyList,
    #[error("\"{name}\" cannot be the name of a {kind}: {reason}")]
    BadName { kind: &'static str, name: String, reason: String },
    #[error("the file has no populations")]
    NoPopulations,
    #[error("the network has no populations")]
    WithoutPopulations,
    #[error("there is no population of index {index}")]
    NoSuchPopulation { index: usize, populations: usize },
    #[error("another {kind} is called \"{name}\", too")]
    NameTaken { kind: &'static str, name: String },
    #[error("the lists of this file stand for more than {limit} connections between populations")]
    TooManyPairs { limit: usize },
    #[error("evaluating this expression for every pair of populations would take too long")]
    TooMuchWork,

    // Expressions.
    #[error("the expression is empty")]
    EmptyExpression,
    #[error("expected {expected}, found {found}")]
    ExpressionSyntax { expected: &'static str, found: String, advice: Option<String> },
    #[error("\"{name}\" is not a unit")]
    UnknownUnit { name: String, advice: Option<String> },
    #[error("\"{name}\" is neither a parameter nor a unit")]
    UnknownSymbol { name: String, advice: Option<String>, parameters: String },
    #[error("\"{name}\" is not a function")]
    UnknownFunction { name: String, suggestion: Option<String> },
    #[error("{function} takes {expected}, not {found}")]
    ArgumentCount { function: &'static str, expected: &'static str, found: usize },
    #[error("the expression is nested more than {limit} deep")]
    TooDeep { limit: usize },
    #[error("{left} and {right} cannot be {operation}")]
    Incompatible { operation: &'static str, left: String, right: String },
    #[error("{what} must be a plain number, not {found}")]
    NotPlain { what: &'static str, found: String },
    #[error("a quantity with a unit cannot be raised to the power {exponent}", exponent = Shown(*exponent))]
    ExponentNotRational { exponent: f64 },
    #[error("the powers of this unit are too high")]
    DimensionTooLarge,
    #[error("division by zero")]
    DivisionByZero,
    #[error("{function} is not defined for {argument}")]
    OutsideDomain { function: &'static str, argument: String },
    #[error("the value is too large for a number")]
    Overflow,
    #[error("the value is too small for a number and would become 0")]
    Underflow,
    #[error("{found} is not a finite number")]
    NotFinite { found: String },
    #[error("the parameters are defined by one another in a circle: {cycle}")]
    CircularParameters { cycle: String },
    #[error("there is no parameter \"{name}\"")]
    UnknownParameter { name: String, suggestion: Option<String>, known: String },
    #[error("{name} cannot be both varied and set to one value")]
    VariedAndSet { name: String },
    #[error("there is no case \"{name}\"")]
    UnknownCase { name: String, suggestion: Option<String>, known: String },

    // Dimensions.
    #[error("{key} is {value} without a unit; it must be {expected}")]
    MissingUnit { key: String, value: String, expected: String, unit: &'static str },
    #[error("{key} must be {expected}, not {found}")]
    WrongDimension { key: String, expected: String, found: String },

    // What the values must satisfy.
    #[error("{key} is {value}; it must be greater than 0")]
    NotPositive { key: String, value: String },
    #[error("{key} is {value}; it must not be negative")]
    Negative { key: String, value: String },
    #[error("V_reset ({V_reset_mv} mV) must lie below V_th ({V_th_mv} mV)", V_reset_mv = Shown(*V_reset_mv), V_th_mv = Shown(*V_th_mv))]
    ResetNotBelowThreshold { V_reset_mv: f64, V_th_mv: f64 },
    #[error("V_reset ({V_reset_mv} mV) must lie below V_peak ({V_peak_mv} mV)", V_reset_mv = Shown(*V_reset_mv), V_peak_mv = Shown(*V_peak_mv))]
    ResetNotBelowPeak { V_reset_mv: f64, V_peak_mv: f64 },
    #[error("V_th ({V_th_mv} mV) must lie below V_peak ({V_peak_mv} mV)", V_th_mv = Shown(*V_th_mv), V_peak_mv = Shown(*V_peak_mv))]
    ThresholdNotBelowPeak { V_th_mv: f64, V_peak_mv: f64 },
    #[error("tau_rise ({tau_rise_ms} ms) must not be longer than tau_decay ({tau_decay_ms} ms)", tau_rise_ms = Shown(*tau_rise_ms), tau_decay_ms = Shown(*tau_decay_ms))]
    RiseLongerThanDecay { tau_rise_ms: f64, tau_decay_ms: f64 },
    #[error("{owner} has no membrane time constant")]
    NoTimeConstant { owner: String },
    #[error("C_m / g_L is {implied_ms} ms, but tau_m is {tau_m_ms} ms", tau_m_ms = Shown(*tau_m_ms), implied_ms = Shown(*implied_ms))]
    InconsistentMembrane { tau_m_ms: f64, implied_ms: f64 },
    #[error("\"{neuron_type}\" has no capacitance, and {quantity} cannot be turned into a voltage without one")]
    NeedsCapacitance { neuron_type: String, quantity: &'static str },
    #[error("\"delta\" is the name of the synapse that needs no entry; it cannot be {kind}")]
    DeltaRedefined { kind: String },
    #[error("size is {size}; it must be a whole number from 0 to 1e12", size = Shown(*size))]
    BadSize { size: f64 },
    #[error("the projection says how many connections it has more than once: {found}")]
    SeveralConnectionRules { found: String },
    #[error("the projection does not say how many connections it has")]
    NoConnectionRule,
    #[error("in_degree is {in_degree}, but \"{source_name}\" is empty", in_degree = Shown(*in_degree))]
    InDegreeFromEmpty { in_degree: f64, source_name: String },
    #[error(
        "in_degree is {in_degree}, but each neuron of \"{target_name}\" can have at most {available} different inputs from \"{source_name}\"",
        in_degree = Shown(*in_degree)
    )]
    InDegreeTooLarge { in_degree: f64, available: u64, source_name: String, target_name: String },
    #[error("probability is {probability}; it must lie between 0 and 1", probability = Shown(*probability))]
    NotAProbability { probability: f64 },
    #[error(
        "total is {total}, but there are only {available} pairs of a neuron of \"{source_name}\" and one of \"{target_name}\"",
        total = Shown(*total),
        available = Shown(*available)
    )]
    TotalTooLarge { total: f64, available: f64, source_name: String, target_name: String },
    #[error("U is {value}; it is the part of the resources that a spike uses, above 0 and at most 1", value = Shown(*value))]
    NoPart { value: f64 },
    #[error("a conductance of {value} nS is negative", value = Shown(*value))]
    NegativeConductance { value: f64 },
    #[error("the delay is 0, shorter than any time step")]
    NoDelay,
    #[error("low ({low}) must lie below high ({high})", low = Shown(*low), high = Shown(*high))]
    EmptyInterval { low: f64, high: f64 },
    #[error("a lognormal law has no mean 0 with a std above 0")]
    LognormalAroundZero,
    #[error("a lorentzian law has no mean, which the law of {what} must have")]
    NoMean { what: &'static str },
    #[error("{key} is {own}, but the centre of its law is {center}", own = Shown(*own), center = Shown(*center))]
    NotTheCenter { key: &'static str, own: f64, center: f64 },
    #[error("only {percent} % of the law of {key} make a neuron", percent = Shown(percent.round()))]
    MostlyCut { key: &'static str, percent: f64, low: f64, high: f64 },
    #[error("{key} cannot differ between neurons")]
    CannotDiffer { key: &'static str },
    #[error("the drive stops at {stop_ms} ms, before it starts at {start_ms} ms", start_ms = Shown(*start_ms), stop_ms = Shown(*stop_ms))]
    StopNotAfterStart { start_ms: f64, stop_ms: f64 },
    #[error("amplitude is {amplitude}; a rate modulated by more than 1 would be negative", amplitude = Shown(*amplitude))]
    ModulationTooStrong { amplitude: f64 },
    #[error("the course has {times} times, but {values} values")]
    CourseLengths { times: usize, values: usize },
    #[error("the course has {times} times; {most} are the most that it may have")]
    CourseTooLong { times: usize, most: usize },
    #[error("the times of a course ascend, and {time_ms} ms does not come after {before_ms} ms", before_ms = Shown(*before_ms), time_ms = Shown(*time_ms))]
    CourseUnordered { before_ms: f64, time_ms: f64 },
    #[error("a factor of {factor} would make a rate negative", factor = Shown(*factor))]
    CourseNegative { factor: f64 },
    #[error("a course has times with exactly one of {possible}, or a file; this one has {found}")]
    CourseParts { possible: &'static str, found: String },
    #[error("{key} are divided by the drive's own {own}, which {reason}")]
    CourseWithoutBase { key: &'static str, own: &'static str, reason: &'static str },
    #[error("the file of the course {path} {reason}")]
    CourseFile { path: String, reason: String, advice: Option<String> },
    #[error("an expectation needs exactly one of \"value\" and \"values\"")]
    ValueOrValues,
    #[error("this value is infinite")]
    InfinityNotAllowed,
}
