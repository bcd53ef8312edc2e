//! Where potentials start: by the law of the file, and where it gives none evenly between rest and threshold.

use super::{Law, Neuron, NeuronModel, Population};

impl Population {
    /// The law of the potentials (mV) at the start.
    pub fn start_mv(&self) -> Law {
        self.initial_mv.unwrap_or_else(|| self.neuron.usual_start_mv())
    }
}

impl Neuron {
    /// Where potentials start if nothing is said: evenly from `E_L`, or from the reset where that does not lie below the threshold or there is no leak,
    /// to `V_th`; of a quadratic neuron from the reset, but at most four times `Delta_T` below.
    pub fn usual_start_mv(&self) -> Law {
        let Neuron { E_L_mv, V_th_mv, V_reset_mv, .. } = *self;
        let low = match self.model {
            NeuronModel::Perfect => V_reset_mv,
            NeuronModel::Qif { Delta_T_mv, .. } => V_reset_mv.clamp(V_th_mv - 4.0 * Delta_T_mv, V_th_mv),
            NeuronModel::Lif | NeuronModel::Eif { .. } | NeuronModel::Adex { .. } if E_L_mv < V_th_mv => E_L_mv,
            NeuronModel::Lif | NeuronModel::Eif { .. } | NeuronModel::Adex { .. } => V_reset_mv.min(V_th_mv),
        };
        if low < V_th_mv { Law::Uniform { low, high: V_th_mv } } else { Law::Constant { value: V_th_mv } }
    }
}
