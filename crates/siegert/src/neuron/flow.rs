//! Any neuron with one variable, the potential, as its flow: all that the general solver wants to know of it.

/// A neuron at one input.
///
/// ```text
/// tau_m dV = F(V) dt + g(V) sqrt(tau_m) dW    (Ito),    spike at the upper bound, then at the reset
/// ```
///
/// Where potentials reach infinity, or crowd somewhere, `V` is a function of a coordinate `y` in which they do not.
pub(crate) trait Flow: Sync {
    /// `F`, in mV.
    fn force_mv(&self, V_mv: f64) -> f64;

    /// How far rounding may have the force wrong where it is small, in mV: a sum over the potential is as far off as that is rounded.
    fn force_rounding_mv(&self, V_mv: f64) -> f64 {
        4.0 * f64::EPSILON * V_mv.abs()
    }

    /// `g^2`, in mV^2; positive between the bounds.
    fn noise_mv2(&self, V_mv: f64) -> f64;

    /// Where the neuron can be, in the coordinate.
    fn bounds(&self) -> Bounds;

    /// `V` and `dV/dy`.
    fn potential(&self, y: f64) -> (f64, f64) {
        (y, 1.0)
    }

    /// `F` at a coordinate.
    fn force_at_mv(&self, y: f64) -> f64 {
        self.force_mv(self.potential(y).0)
    }

    /// The coordinate of a potential.
    fn coordinate(&self, V_mv: f64) -> f64 {
        V_mv
    }
}

/// Bounds in the coordinate of a flow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bounds {
    /// Below it the neuron never is: minus infinity, or where the noise ends.
    pub(crate) lowest: f64,
    /// Where the neuron is after a spike.
    pub(crate) reset: f64,
    /// Where a spike is.
    pub(crate) spike: f64,
}

/// The leaky neuron as a flow, for what has no closed form of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leaky {
    pub(crate) mean_mv: f64,
    pub(crate) std_mv: f64,
    pub(crate) V_reset_mv: f64,
    pub(crate) V_th_mv: f64,
}

impl Flow for Leaky {
    fn force_mv(&self, V_mv: f64) -> f64 {
        self.mean_mv - V_mv
    }

    fn noise_mv2(&self, _V_mv: f64) -> f64 {
        self.std_mv * self.std_mv
    }

    fn bounds(&self) -> Bounds {
        Bounds { lowest: f64::NEG_INFINITY, reset: self.V_reset_mv, spike: self.V_th_mv }
    }
}

/// The neuron without a leak as a flow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drifting {
    pub(crate) drift_mv: f64,
    pub(crate) variance_mv2: f64,
    pub(crate) V_reset_mv: f64,
    pub(crate) V_th_mv: f64,
}

impl Flow for Drifting {
    fn force_mv(&self, _V_mv: f64) -> f64 {
        self.drift_mv
    }

    fn noise_mv2(&self, _V_mv: f64) -> f64 {
        self.variance_mv2
    }

    fn bounds(&self) -> Bounds {
        Bounds { lowest: f64::NEG_INFINITY, reset: self.V_reset_mv, spike: self.V_th_mv }
    }
}
