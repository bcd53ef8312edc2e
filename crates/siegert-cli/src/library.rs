//! The parts of the library that the command uses, in one place.

pub(crate) use siegert::comparison::export::{ExportError, ExportTarget, script};
pub(crate) use siegert::comparison::{
    Cause, ComparedQuantity, MeasuredValue, Outcome, PopulationComparison, PowerLaw, QuantityComparison,
    StateComparison, grid_power, power_law, without_grid,
};
pub(crate) use siegert::input::{Overview, overview};
pub(crate) use siegert::network::{
    ConnectionRule, Diagnostic, Drive, DriveKind, Fault, Law, Network, NetworkError, NetworkFileError, Neuron, Origin,
    Projection, ReadOptions, Synapse, bundled, is_printable, json_schema, open, parse, printable, printable_lines,
    read_text, text_of_bytes,
};
pub(crate) use siegert::neuron::lif::{Lif, LifParameters, SynapticFilter};
pub(crate) use siegert::simulation::{
    Chosen, Connectivity, PopulationActivity, RecordedValue, Recording, Run as SimulationRun, Simulation,
    SimulationError, SimulationEstimate, SimulationOptions, Simulator, accept, estimate,
};
pub(crate) use siegert::stationary::balance::{
    Alternative, AtValue, BalancePopulation, BalanceState, BalancedLimit, Condition, ConditionKind, Regime, Role,
    Sizes, departures_from_scaling, largest_in_degree, with_in_degree,
};
pub(crate) use siegert::stationary::{SolveError, Stability};
pub(crate) use siegert::sweep::{Axis, Range, Sweep, SweepError};
pub(crate) use siegert::theory::{FixedPoint, Found, Solution, Theory, TheoryOptions};
pub(crate) use siegert::{Shown, Work};
