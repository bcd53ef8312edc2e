//! Why a picture cannot be drawn.

use super::SolutionPlot;

/// What stops a picture.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PlotError {
    /// A picture for networks of so many groups of populations was asked for where there are others.
    #[error(
        "the picture is for networks of {wanted} groups of populations that hear the same, and this one has {found}"
    )]
    WrongNumber {
        /// The picture.
        kind: SolutionPlot,
        /// Groups that it can show.
        wanted: usize,
        /// Groups that there are.
        found: usize,
    },
    /// A sweep without anything that has values.
    #[error("the sweep has no quantity that can be drawn")]
    NoQuantity,
    /// A limit alone, where states over a parameter are to be drawn.
    #[error("nothing is varied: there are no states over a parameter to draw")]
    NothingVaried,
    /// A movie of rates alone.
    #[error("there are no densities of the potential to show in motion")]
    NoDensities,
    /// A sweep without rows.
    #[error("there are no rows to draw: the sweep has not got to its first point")]
    NoRows,
    /// A sweep over none, or over more than two.
    #[error("sweeps over one or two parameters can be drawn, and this one is over {parameters}")]
    WrongParameters {
        /// How many it is over.
        parameters: usize,
    },
    /// The drawing library refused.
    #[error("the plot cannot be drawn: {0}")]
    Drawing(String),
    /// More pixels than a picture can have, or none.
    #[error("the plot is too large")]
    TooLarge,
    /// An image inside of a plot with more pixels than it can have, or none.
    #[error("an image in the plot is empty or too large")]
    ImageTooLarge,
    /// The PNG could not be made.
    #[error("the plot cannot be encoded: {0}")]
    Encoding(String),
}

impl PlotError {
    /// Whether another question would have a picture; otherwise the work itself has failed.
    pub fn is_bad_input(&self) -> bool {
        match self {
            PlotError::WrongNumber { .. }
            | PlotError::NoQuantity
            | PlotError::NothingVaried
            | PlotError::NoRows
            | PlotError::NoDensities
            | PlotError::WrongParameters { .. } => true,
            PlotError::Drawing(_) | PlotError::TooLarge | PlotError::ImageTooLarge | PlotError::Encoding(_) => false,
        }
    }
}
