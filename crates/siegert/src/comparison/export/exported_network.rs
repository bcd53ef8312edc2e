//! The network as both scripts state it: what is drawn, with delays on the grid, and the drives that do something.

use super::ExportError;
use crate::Warning;
use crate::network::{Drive, DriveKind, Law, Modulation, Network, Population, Projection, Synapse};
use crate::numerics::steps;
use crate::simulation::{OnGrid, SimulationOptions, Wiring};

/// Fraction of delays below one step from which drawing them again may fail: simulators try a thousand times.
const MOST_DRAWN_AGAIN: f64 = 0.95;

/// Potentials that all start at one value are as close as this.
const LEAST_WIDTH_MV: f64 = 1e-9;

/// The network, ready to be written down.
#[derive(Debug)]
pub(super) struct ExportedNetwork<'n> {
    pub(super) network: &'n Network,
    pub(super) options: &'n SimulationOptions,
    /// What reaches the neurons of each population: each kind of synapse once.
    pub(super) inputs: Vec<Vec<Input>>,
    pub(super) refractory_ms: Vec<f64>,
    pub(super) projections: Vec<Connected<'n>>,
    pub(super) drives: Vec<Driven<'n>>,
    pub(super) warnings: Vec<Warning>,
}

/// A kind of synapse, and the signs that its weights may have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Input {
    pub(super) synapse: Synapse,
    pub(super) positive: bool,
    pub(super) negative: bool,
}

/// A projection that has connections.
#[derive(Debug)]
pub(super) struct Connected<'n> {
    pub(super) projection: &'n Projection,
    pub(super) wiring: Wiring,
    pub(super) weight: Value,
    /// In ms; whole steps if it is fixed.
    pub(super) delay: Value,
}

/// A drive that does something.
#[derive(Debug)]
pub(super) struct Driven<'n> {
    pub(super) drive: &'n Drive,
    /// When it acts and how strongly; none if always the same.
    pub(super) course: Option<Course>,
}

/// The course of a drive in time; times in whole steps, the delay included in none of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Course {
    pub(super) start_ms: Option<f64>,
    pub(super) stop_ms: Option<f64>,
    pub(super) modulation: Option<Modulation>,
    /// Delay of its spikes, if the file gives one.
    pub(super) delay_ms: Option<f64>,
}

/// One value for all, or a law that is none of the degenerate ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    Fixed(f64),
    Law(Law),
}

impl Value {
    pub(super) fn new(law: &Law) -> Self {
        match *law {
            Law::Constant { value } => Value::Fixed(value),
            Law::Normal { mean, std } | Law::Lognormal { mean, std } if std == 0.0 => Value::Fixed(mean),
            Law::Uniform { low, high } if low == high => Value::Fixed(low),
            Law::Lognormal { mean: 0.0, .. } | Law::Exponential { mean: 0.0 } => Value::Fixed(0.0),
            law => Value::Law(law),
        }
    }

    /// The same with the other sign.
    pub(super) fn negated(self) -> Self {
        match self {
            Value::Fixed(value) => Value::Fixed(-value),
            Value::Law(law) => Value::Law(match law {
                Law::Constant { value } => Law::Constant { value: -value },
                Law::Normal { mean, std } => Law::Normal { mean: -mean, std },
                Law::Uniform { low, high } => Law::Uniform { low: -high, high: -low },
                Law::Exponential { mean } => Law::Exponential { mean: -mean },
                Law::Lognormal { mean, std } => Law::Lognormal { mean: -mean, std },
                Law::Lorentzian { center, half_width } => Law::Lorentzian { center: -center, half_width },
            }),
        }
    }
}

impl<'n> ExportedNetwork<'n> {
    pub(super) fn new(network: &'n Network, options: &'n SimulationOptions) -> Result<Self, ExportError> {
        let OnGrid { refractory_steps, wirings, warnings } = OnGrid::new(network, options)?;
        if let Some(population) = network.populations.iter().find(|population| population.size == 0) {
            return Err(ExportError::Empty { population: population.name.clone() });
        }
        let is_stated = |law: &Law| law.differing().is_none() || matches!(law, Law::Uniform { .. });
        let stated = |population: &&Population| population.initial_mv.as_ref().is_none_or(is_stated);
        if let Some(population) = network.populations.iter().find(|population| !stated(population)) {
            return Err(ExportError::Initial { population: population.name.clone() });
        }
        if options.seed == 0 || options.seed > u64::from(u32::MAX) {
            return Err(ExportError::Seed { seed: options.seed });
        }
        let lasting_ms = |number: &i32| steps::lasting_ms(f64::from(*number), options.dt_ms);
        let mut exported = Self {
            network,
            options,
            inputs: vec![Vec::new(); network.populations.len()],
            refractory_ms: refractory_steps.iter().map(lasting_ms).collect(),
            projections: Vec::new(),
            drives: Vec::new(),
            warnings,
        };
        for (projection, wiring) in network.projections.iter().zip(wirings) {
            if let Some(wiring) = wiring {
                exported.add_projection(projection, wiring)?;
            }
        }
        for drive in network.drives.iter().filter(|drive| acts(drive)) {
            exported.add_drive(drive)?;
        }
        Ok(exported)
    }

    pub(super) fn population(&self, index: usize) -> &'n Population {
        &self.network.populations[index]
    }

    pub(super) fn name(&self, index: usize) -> &'n str {
        &self.population(index).name
    }

    /// What messages call a projection, as the simulator does.
    pub(super) fn place_of(&self, projection: &Projection) -> String {
        format!("projection {} -> {}", self.name(projection.source), self.name(projection.target))
    }

    /// What messages call a drive.
    pub(super) fn place_of_drive(&self, drive: &Drive) -> String {
        format!("drive of {}", self.name(drive.target))
    }

    /// A time in whole steps, rounded as it is simulated here; at least `least` of them.
    pub(super) fn rounded(&self, time_ms: f64, least: f64) -> f64 {
        steps::lasting_ms(steps::half_up(time_ms, self.options.dt_ms).max(least), self.options.dt_ms)
    }

    /// `R I` of the currents and means of noise that a population always receives.
    pub(super) fn steady_mv(&self, population: usize) -> f64 {
        let of = self.drives.iter().filter(|driven| driven.drive.target == population && driven.course.is_none());
        let means_mv = of.map(|driven| match driven.drive.kind {
            DriveKind::Current { value_mv, .. } => value_mv.center(),
            DriveKind::Noise { mean_mv, .. } => mean_mv,
            DriveKind::Poisson { .. } => 0.0,
        });
        means_mv.sum()
    }

    /// The shortest delay of a projection, in ms: one step if delays have a law, or if there is none.
    pub(super) fn shortest_delay_ms(&self) -> f64 {
        let delay = |connected: &Connected<'_>| match connected.delay {
            Value::Fixed(ms) => ms,
            Value::Law(_) => self.options.dt_ms,
        };
        let shortest = self.projections.iter().map(delay).reduce(f64::min);
        shortest.unwrap_or(self.options.dt_ms)
    }

    fn add_projection(&mut self, projection: &'n Projection, wiring: Wiring) -> Result<(), ExportError> {
        let law = projection.delay_ms.unwrap_or(Law::Constant { value: self.options.open_delay_ms });
        let delay = self.delay(&law, || self.place_of(projection))?;
        self.add_input(projection.target, projection.synapse, &projection.weight);
        self.projections.push(Connected { projection, wiring, weight: Value::new(&projection.weight), delay });
        Ok(())
    }

    /// Delays in whole steps if they are fixed; laws are cut where they are drawn.
    fn delay(&self, law: &Law, place: impl FnOnce() -> String) -> Result<Value, ExportError> {
        let dt_ms = self.options.dt_ms;
        match Value::new(law) {
            Value::Fixed(ms) => Ok(Value::Fixed(self.rounded(ms, 1.0))),
            Value::Law(Law::Uniform { high, .. }) if high <= dt_ms => Ok(Value::Fixed(dt_ms)),
            Value::Law(Law::Exponential { mean } | Law::Lognormal { mean, .. }) if mean < 0.0 => {
                Ok(Value::Fixed(dt_ms))
            }
            Value::Law(law @ (Law::Normal { .. } | Law::Lognormal { .. }))
                if law.cumulative(dt_ms) > MOST_DRAWN_AGAIN =>
            {
                Err(ExportError::ShortDelays { place: place() })
            }
            law => Ok(law),
        }
    }

    fn add_input(&mut self, target: usize, synapse: Synapse, weight: &Law) {
        let (positive, negative) = signs(weight);
        let inputs = &mut self.inputs[target];
        match inputs.iter_mut().find(|input| input.synapse == synapse) {
            Some(input) => {
                input.positive |= positive;
                input.negative |= negative;
            }
            None => inputs.push(Input { synapse, positive, negative }),
        }
    }

    /// What differs between neurons is drawn once, and cannot be a generator's.
    fn refuse_differing(&self, drive: &Drive) -> Result<(), ExportError> {
        let has_own_times = self.population(drive.target).neuron.differences.tau_m_ms.is_some();
        let scheduled = !drive.is_steady();
        match drive.kind {
            DriveKind::Current { value_mv, .. } if scheduled && (has_own_times || value_mv.differing().is_some()) => {
                Err(ExportError::DifferingCourse { place: self.place_of_drive(drive) })
            }
            DriveKind::Noise { std_mv, .. } if has_own_times && (scheduled || std_mv != 0.0) => {
                Err(ExportError::DifferingNoise { place: self.place_of_drive(drive) })
            }
            _ => Ok(()),
        }
    }

    fn add_drive(&mut self, drive: &'n Drive) -> Result<(), ExportError> {
        let mut delay_ms = None;
        self.refuse_differing(drive)?;
        let scheduled = !drive.is_steady();
        if let DriveKind::Poisson { synapse: Synapse::Nmda { .. }, .. } = drive.kind {
            return Err(ExportError::SaturatingDrive { place: self.place_of_drive(drive) });
        }
        if let DriveKind::Poisson { weight, delay_ms: law, synapse, .. } = &drive.kind {
            self.add_input(drive.target, *synapse, weight);
            if let (true, Some(law)) = (scheduled, law) {
                match Value::new(law) {
                    Value::Fixed(ms) => delay_ms = Some(self.rounded(ms, 1.0)),
                    Value::Law(_) => return Err(ExportError::DriveDelays { place: self.place_of_drive(drive) }),
                }
            }
        }
        let time = |time_ms: Option<f64>| time_ms.map(|ms| self.rounded(ms, 0.0));
        let (start_ms, stop_ms) = (time(drive.start_ms).filter(|ms| *ms > 0.0), time(drive.stop_ms));
        let course = scheduled.then_some(Course { start_ms, stop_ms, modulation: drive.modulation, delay_ms });
        self.drives.push(Driven { drive, course });
        Ok(())
    }
}

/// Potentials start between these.
pub(super) fn start_mv(population: &Population) -> (f64, f64) {
    match population.start_mv() {
        Law::Uniform { low, high } if low < high => (low, high),
        // the simulators draw between two numbers that differ
        law => (law.center(), law.center() + LEAST_WIDTH_MV),
    }
}

/// Whether a drive does anything.
fn acts(drive: &Drive) -> bool {
    match &drive.kind {
        DriveKind::Poisson { rate_hz, in_degree, weight, .. } => {
            rate_hz * in_degree > 0.0 && Value::new(weight) != Value::Fixed(0.0)
        }
        DriveKind::Current { value_mv, .. } => *value_mv != Law::from(0.0),
        DriveKind::Noise { mean_mv, std_mv } => *mean_mv != 0.0 || *std_mv != 0.0,
    }
}

/// Whether a law gives positive numbers, and whether negative ones.
fn signs(law: &Law) -> (bool, bool) {
    match *law {
        Law::Normal { std, .. } if std > 0.0 => (true, true),
        Law::Uniform { low, high } => (high > 0.0, low < 0.0),
        law => (law.mean() > 0.0, law.mean() < 0.0),
    }
}
