//! The arguments of `siegert compare-models`.

use clap::{Args, ValueHint};

use super::{NetworkOptions, OutputOptions, PlotOptions, TheoryArguments};

/// `siegert compare-models`.
///
/// Puts neurons of other models in place of the network's own, matched where the network works, and prints what each has
/// for states: what of a prediction depends on the neuron model, and what does not.
#[derive(Debug, Args)]
#[command(
    after_help = "tau_m, C_m, E_L, V_reset and t_ref stay, and the mean input from which a neuron fires without noise (the \
                  rheobase). Delta_T of eif and qif, from 0.05 to 10 mV, is such that the rate rises as steeply with the mean \
                  input as that of the network's own neuron, at the input of the first population of its type in the first \
                  stable state; where none does, the nearest is taken and said. adex has no place but where the file's own \
                  neurons are adex."
)]
pub(crate) struct CompareModelsArguments {
    /// A network file, the name of a bundled network, or - for standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: String,
    /// The models, separated by commas: lif, eif, qif, perfect, adex
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "lif,eif,qif", help_heading = "Theory")]
    pub(crate) models: Vec<String>,
    #[command(flatten)]
    pub(crate) network: NetworkOptions,
    #[command(flatten)]
    pub(crate) theory: TheoryArguments,
    #[command(flatten)]
    pub(crate) plot: PlotOptions,
    #[command(flatten)]
    pub(crate) output: OutputOptions,
}
