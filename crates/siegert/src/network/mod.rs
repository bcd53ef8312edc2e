//! What a network is: populations, projections and drives, read from a file whose every quantity is checked.
//!
//! [`open`], [`load`] and [`parse`] give a [`Network`] in which every expression has been evaluated, or a
//! [`NetworkFileError`] with every mistake of the file, each with its place and advice. [`Network::builder`] makes one in Rust,
//! and [`Network::validate`] tells of any network made in code what the reader would of a file, as a [`NetworkError`].

mod advice;
mod builder;
pub mod bundled;
mod checks;
mod course;
mod description;
mod differences;
mod dimension;
mod drive_course;
mod error;
mod expression;
mod family;
mod initial;
mod keys;
mod kinds;
mod law;
mod mistake;
mod onset;
mod plasticity;
mod printable;
mod problem;
mod quantity;
mod reader;
mod receptors;
mod schema;
mod source;
pub(crate) mod spelling;
mod validate;

pub use builder::{Builder, Connections, External, Poisson};
pub use course::CurrentCourse;
pub use description::*;
pub(crate) use differences::CutLaw;
pub use differences::Differences;
pub use drive_course::{Course, Interpolation};
pub use error::{Diagnostic, Fault, MAX_DIAGNOSTICS, NetworkFileError, Origin, Problem};
pub use family::{Family, Free, amount};
pub use kinds::{NeuronKind, SynapseKind};
pub use law::Law;
pub(crate) use law::of_logarithm;
pub use mistake::{Mistake, NetworkError, Place};
pub(crate) use onset::quadratic_onsets;
pub use plasticity::Plasticity;
pub(crate) use printable::push_escape;
pub use printable::{is_printable, printable, printable_lines};
pub use reader::parse;
pub(crate) use reader::parse_with;
pub use schema::json_schema;
pub use source::{MAX_FILE_MIB, load, open, read_text, text_of_bytes};

/// How a network file is to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Name and expression that replace those of `[parameters]`, as from `--set NAME=VALUE`; later ones win.
    pub overrides: Vec<(String, String)>,
    /// The case of `[cases]` whose values replace those of `[parameters]`, before `overrides` do.
    pub case: Option<String>,
}
