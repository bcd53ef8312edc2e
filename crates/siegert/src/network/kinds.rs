//! The one list of neuron models and the one list of kinds of synapses, with their names in the network file.
//!
//! Names are read and written by these lists alone, and what is done for each is a `match` over them: a new kind that is forgotten somewhere does not
//! compile.

/// Makes an enum with a name for each member.
macro_rules! named {
    ($(#[$doc:meta])* $kinds:ident { $($(#[$of_one:meta])* $kind:ident = $name:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $kinds {
            $($(#[$of_one])* $kind,)+
        }

        impl $kinds {
            /// All names, in order.
            pub const NAMES: &[&str] = &[$($name),+];

            /// The name in the network file.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)+ }
            }

            /// The member of this name.
            pub fn named(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$kind),)+
                    _ => None,
                }
            }
        }
    };
}

named! {
    /// A neuron model, without its parameters: see [`NeuronModel`](super::NeuronModel).
    NeuronKind {
        /// Leaky integrate-and-fire.
        Lif = "lif",
        /// Exponential integrate-and-fire.
        Eif = "eif",
        /// Quadratic integrate-and-fire.
        Qif = "qif",
        /// Perfect (leakless) integrate-and-fire.
        Perfect = "perfect",
        /// Adaptive exponential integrate-and-fire.
        Adex = "adex",
    }
}

named! {
    /// A kind of synapse, without its parameters: see [`Synapse`](super::Synapse).
    SynapseKind {
        /// The potential jumps.
        Delta = "delta",
        /// A current jumps and decays.
        ExponentialCurrent = "exponential_current",
        /// A current rises and decays with one time constant.
        AlphaCurrent = "alpha_current",
        /// A current rises and decays with two time constants.
        DoubleExponentialCurrent = "double_exponential_current",
        /// A conductance jumps and decays.
        ExponentialConductance = "exponential_conductance",
        /// A conductance all at once.
        DeltaConductance = "delta_conductance",
        /// A conductance that magnesium blocks and whose gating saturates.
        Nmda = "nmda",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_kinds_are_one_to_one() {
        for name in NeuronKind::NAMES {
            assert_eq!(NeuronKind::named(name).map(NeuronKind::name), Some(*name));
        }
        for name in SynapseKind::NAMES {
            assert_eq!(SynapseKind::named(name).map(SynapseKind::name), Some(*name));
        }
        assert_eq!((NeuronKind::named("izhikevich"), SynapseKind::named("lif")), (None, None));
    }
}
