//! Why a command did not finish, and the exit status that follows.

use std::io;

use siegert::comparison::study::{RunError, ScalingError};
use siegert::files::FileError;
use siegert::job::JobError;
use siegert::number::significant;
use siegert::report::transfer::PointsError;
use siegert::report::{ApproachError, ModelsComparedError, TargetQuestionError};
use siegert::stationary::TargetError;

use crate::library::{ExportError, Fault, NetworkError, NetworkFileError, SimulationError, SolveError, SweepError};

/// What stopped a command.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A file or an option is wrong: the user can mend it.
    #[error("{0}")]
    Input(String),
    /// The work could not be completed.
    #[error("{0}")]
    Work(String),
    /// A network file is wrong; drawn with its places underlined.
    #[error("a network file is wrong")]
    NetworkFile(Box<NetworkFileError>),
    /// Standard output cannot be written.
    #[error("standard output: {0}")]
    Output(#[from] io::Error),
}

impl Failure {
    /// 2 for bad input, 1 for work that could not be completed, 0 where the reader has simply had enough.
    pub(crate) fn exit_status(&self) -> u8 {
        match self {
            Failure::Input(_) => 2,
            Failure::Work(_) => 1,
            Failure::NetworkFile(error) if error.fault() == Fault::World => 1,
            Failure::NetworkFile(_) => 2,
            Failure::Output(_) => u8::from(!self.is_closed_pipe()),
        }
    }

    /// The same with the place it is about in front: "K = 1000: no stationary state was found".
    pub(crate) fn about(self, place: &str) -> Self {
        match self {
            Failure::Input(text) => Failure::Input(format!("{place}: {text}")),
            Failure::Work(text) => Failure::Work(format!("{place}: {text}")),
            other => other,
        }
    }

    /// Whether the program that reads standard output (`head`) has gone.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        matches!(self, Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl From<NetworkFileError> for Failure {
    fn from(error: NetworkFileError) -> Self {
        Failure::NetworkFile(Box::new(error))
    }
}

impl From<NetworkError> for Failure {
    fn from(error: NetworkError) -> Self {
        Failure::Input(error.to_string())
    }
}

impl From<SolveError> for Failure {
    fn from(error: SolveError) -> Self {
        if error.is_bad_input() { Failure::Input(error.to_string()) } else { Failure::Work(error.to_string()) }
    }
}

impl From<TargetError> for Failure {
    fn from(error: TargetError) -> Self {
        match error {
            TargetError::NetworkFile(error) => error.into(),
            TargetError::Solve(error) => error.into(),
            other => Failure::Input(other.to_string()),
        }
    }
}

impl From<TargetQuestionError> for Failure {
    fn from(error: TargetQuestionError) -> Self {
        match error {
            TargetQuestionError::Targets(error) => error.into(),
            TargetQuestionError::NetworkFile(error) => error.into(),
            TargetQuestionError::Solve(error) => error.into(),
            TargetQuestionError::NoneFound(message) => Failure::Work(message),
            option => Failure::Input(format!("--{option}")),
        }
    }
}

impl From<ModelsComparedError> for Failure {
    fn from(error: ModelsComparedError) -> Self {
        match error {
            ModelsComparedError::Solve(error) => error.into(),
            ModelsComparedError::None
            | ModelsComparedError::Unknown { .. }
            | ModelsComparedError::Adaptation { .. } => Failure::Input(format!("--models: {error}")),
            other => Failure::Input(other.to_string()),
        }
    }
}

impl From<ApproachError> for Failure {
    fn from(error: ApproachError) -> Self {
        match error {
            ApproachError::NetworkFile(error) => Failure::NetworkFile(error),
            ApproachError::Solve(error) => error.into(),
            ApproachError::Parameter { .. } => Failure::Input(format!("--{error}")),
            ApproachError::TooFar => Failure::Input(error.to_string()),
            ApproachError::Everywhere { place, error } => Failure::from(*error).about(&place),
            _ => Failure::Work(error.to_string()),
        }
    }
}

impl From<RunError<Failure>> for Failure {
    fn from(error: RunError<Failure>) -> Self {
        match error {
            RunError::Solve(error) => error.into(),
            RunError::Simulation(failure) => failure,
            RunError::NoSuchState { .. } => Failure::Input(format!("--{error}")),
            RunError::TooFar => Failure::Input(error.to_string()),
            RunError::NoState | RunError::Stopped(_) => Failure::Work(error.to_string()),
        }
    }
}

impl From<ScalingError> for Failure {
    fn from(error: ScalingError) -> Self {
        match error {
            ScalingError::Simulation { in_degree, error } => {
                Failure::from(error).about(&format!("--scaling K = {}", significant(in_degree, 6)))
            }
            ScalingError::TooFar { .. } => Failure::Input(format!("--scaling {error}")),
            other => Failure::Input(format!("--scaling: {other}")),
        }
    }
}

impl From<PointsError> for Failure {
    fn from(error: PointsError) -> Self {
        match error {
            PointsError::Unreadable { .. } => Failure::Work(error.to_string()),
            other => Failure::Input(other.to_string()),
        }
    }
}

impl From<SimulationError> for Failure {
    fn from(error: SimulationError) -> Self {
        match error {
            SimulationError::Memory { .. } | SimulationError::Cancelled => Failure::Work(error.to_string()),
            other => Failure::Input(other.to_string()),
        }
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Input(message) => Failure::Input(message),
            other => Failure::Work(other.to_string()),
        }
    }
}

impl From<JobError> for Failure {
    fn from(error: JobError) -> Self {
        match error {
            JobError::Input(message) => Failure::Input(message),
            other => Failure::Work(other.to_string()),
        }
    }
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        Failure::Input(error.to_string())
    }
}

#[cfg(feature = "pictures")]
impl From<siegert_plot::PlotError> for Failure {
    fn from(error: siegert_plot::PlotError) -> Self {
        use siegert_plot::{PlotError, SolutionPlot};
        // what the user can mend is said in the words of the options
        let advice = match error {
            PlotError::WrongNumber { kind, wanted, found } => {
                let kind = if kind == SolutionPlot::Nullclines { "nullclines" } else { "crossing" };
                let plural = if wanted == 1 { "" } else { "s" };
                format!(
                    "--plot-kind {kind} is for networks of {wanted} population{plural} (those that hear the same count as one); \
                     this one has {found}; --plot-kind bars is for any number"
                )
            }
            PlotError::NoQuantity => format!("--plot: {error}; ask for one with --quantity"),
            PlotError::WrongParameters { parameters } => format!(
                "--plot draws sweeps over one or two parameters, and this one is over {parameters}; leave --plot out, or sweep \
                 fewer"
            ),
            _ => error.to_string(),
        };
        if error.is_bad_input() { Failure::Input(advice) } else { Failure::Work(advice) }
    }
}

impl From<SweepError> for Failure {
    fn from(error: SweepError) -> Self {
        match error {
            SweepError::NetworkFile(error) => error.into(),
            SweepError::Solve(error) => error.into(),
            SweepError::Threads { .. } => Failure::Work(error.to_string()),
            other => Failure::Input(other.to_string()),
        }
    }
}
