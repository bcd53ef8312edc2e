//! One file a command: it reads what it needs, asks the library, and hands the answer to `output` and `plot`. The list below is all that knows them.

pub(crate) mod main_job;
mod read;
mod reduced;
mod saved;
mod target;

use clap::Subcommand;

use crate::arguments::*;
use crate::failure::Failure;

/// The commands: their modules, and what each has as help, arguments and function.
macro_rules! commands {
    ($($module:ident),+; $($(#[$help:meta])+ $name:ident $(($arguments:ty))? => $run:expr,)+) => {
        $(pub(crate) mod $module;)+

        /// One command each.
        #[derive(Debug, Subcommand)]
        pub(crate) enum Command {
            $($(#[$help])+ $name $(($arguments))?,)+
        }

        impl Command {
            /// Carries it out.
            pub(crate) fn run(&self) -> Result<(), Failure> {
                match self {
                    $(commands!(@pattern $name $(($arguments))? arguments) => commands!(@call $run $(, $arguments, arguments)?),)+
                }
            }
        }
    };
    (@pattern $name:ident ($arguments:ty) $bound:ident) => { Command::$name($bound) };
    (@pattern $name:ident $bound:ident) => { Command::$name };
    (@call $run:expr, $arguments:ty, $bound:ident) => { $run($bound) };
    (@call $run:expr) => { $run() };
}

commands! {
    balance, check, compare, compare_models, evolve, explain, export, fluctuations, help, models, new, plot, response, simulate, solve,
    sweep, transfer;

    /// List the bundled published networks, or print the file of one
    Models(ModelsArguments) => models::run,
    /// Write a network file to start from
    New(NewArguments) => new::run,
    /// Check a network file and print what follows from it
    Check(CheckArguments) => check::run,
    /// Find stationary states: rates, inputs, CV, stability, and how far to trust them
    Solve(SolveArguments) => solve::run,
    /// Find what the rates tend to as in-degrees K grow and weights shrink as 1/sqrt(K)
    Balance(BalanceArguments) => balance::run,
    /// Compute the rate of a neuron for given inputs
    Transfer(TransferArguments) => transfer::run,
    /// Compute how neurons and network follow modulations, and whether the network oscillates
    Response(ResponseArguments) => response::run,
    /// Compute power and cross spectra of the populations' activities
    Spectrum(SpectrumArguments) => fluctuations::spectrum,
    /// Compute correlations of pairs of neurons, and what finite size makes of counts
    Correlations(CorrelationsArguments) => fluctuations::correlations,
    /// Say what makes a number what it is: its derivatives with every parameter of every projection
    Explain(ExplainArguments) => explain::run,
    /// Evolve the density of the potential of every population in time, and with it the rates
    Evolve(EvolveArguments) => evolve::run,
    /// Simulate the spiking network itself, and print statistics of what it does
    Simulate(SimulateArguments) => simulate::run,
    /// Set the theory beside a simulation, number by number, and say why they differ
    Compare(CompareArguments) => compare::run,
    /// Put neurons of other models in place of the network's own, matched, and set their states side by side
    CompareModels(CompareModelsArguments) => compare_models::run,
    /// Write the network as a script for another simulator: NEST or Brian2
    Export(ExportArguments) => export::run,
    /// Find the stationary states over a grid of parameters
    Sweep(SweepArguments) => sweep::run,
    /// Draw a saved report, or the rows of a sweep
    Plot(PlotArguments) => plot::run,
    /// Print completions for a shell
    Completions(CompletionsArguments) => help::completions,
    /// Print the manual page
    Man(ManArguments) => help::man,
    /// Print the JSON Schema of the network file, for editors
    Schema => help::schema,
}
