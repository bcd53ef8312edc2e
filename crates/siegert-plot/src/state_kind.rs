//! The kinds of states that pictures tell apart, and how each is marked.

use super::legend::Sample;
use plotters::style::RGBColor;
use siegert::stationary::Stability;

/// What is known of the stability of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateKind {
    /// Under the rate dynamics: filled, solid.
    Stable,
    /// Unstable in the spiking network, too: open, dashed.
    Saddle,
    /// Neither: an open diamond, dotted.
    Neither,
    /// Not stable, from rows that do not say more: as a saddle.
    Unstable,
}

impl StateKind {
    pub(super) fn of(stability: Stability) -> Self {
        match stability {
            Stability::Stable => StateKind::Stable,
            Stability::Saddle => StateKind::Saddle,
            Stability::Unstable | Stability::Oscillating => StateKind::Neither,
        }
    }

    /// From the columns `stable` and `saddle` of a sweep; rows of earlier versions have no `saddle`.
    pub(super) fn of_row(stable: bool, saddle: Option<bool>) -> Self {
        match (stable, saddle) {
            (true, _) => StateKind::Stable,
            (false, Some(true)) => StateKind::Saddle,
            (false, Some(false)) => StateKind::Neither,
            (false, None) => StateKind::Unstable,
        }
    }

    /// Whether two states can meet in a fold, where a saddle and a state that is none vanish; `None` where it is not known.
    pub(super) fn can_meet(self, other: StateKind) -> Option<bool> {
        let known = self != StateKind::Unstable && other != StateKind::Unstable;
        known.then_some((self == StateKind::Saddle) != (other == StateKind::Saddle))
    }

    /// In a legend that knows no more of the state.
    pub(super) fn words(self) -> &'static str {
        match self {
            StateKind::Stable => "stable",
            StateKind::Saddle => "saddle (unstable)",
            StateKind::Neither => "oscillating (neither)",
            StateKind::Unstable => "unstable",
        }
    }

    /// The mark of a legend.
    pub(super) fn mark(self, colour: RGBColor) -> Sample {
        match self {
            StateKind::Stable => Sample::Filled(colour),
            StateKind::Saddle | StateKind::Unstable => Sample::Open(colour),
            StateKind::Neither => Sample::Diamond(colour),
        }
    }

    /// The line of a legend.
    pub(super) fn stroke(self, colour: RGBColor) -> Sample {
        match self {
            StateKind::Stable => Sample::Line(colour),
            StateKind::Saddle | StateKind::Unstable => Sample::Dashes(colour),
            StateKind::Neither => Sample::Dots(colour),
        }
    }
}

/// The kinds in the order of legends.
pub(super) const STATE_KINDS: [StateKind; 4] =
    [StateKind::Stable, StateKind::Saddle, StateKind::Unstable, StateKind::Neither];

/// A state in the legend of a picture of states.
pub(super) fn words(stability: Stability) -> &'static str {
    match stability {
        Stability::Saddle => StateKind::Saddle.words(),
        other => other.word(),
    }
}
