//! The inputs at which a transfer function is wanted: a grid, or rows.

use std::ops::Range as Rows;

use crate::axis::Range;

/// A column of inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// `mu`.
    Mu,
    /// `sigma`.
    Sigma,
    /// `tau_m`.
    TauM,
    /// `t_ref`.
    TRef,
    /// `V_th`.
    VTh,
    /// `V_reset`.
    VReset,
    /// `tau_syn`.
    TauSyn,
    /// `tau_rise`.
    TauRise,
    /// `Delta_T`.
    DeltaT,
    /// `V_peak`.
    VPeak,
    /// `E_L`.
    EL,
    /// Size of the jumps that make mean and noise; 0 for white noise.
    Jump,
}

impl Input {
    /// Every column that there can be.
    pub const ALL: [Input; 12] = [
        Input::Mu,
        Input::Sigma,
        Input::TauM,
        Input::TRef,
        Input::VTh,
        Input::VReset,
        Input::TauSyn,
        Input::TauRise,
        Input::DeltaT,
        Input::VPeak,
        Input::EL,
        Input::Jump,
    ];

    /// The column's name.
    pub fn name(self) -> &'static str {
        match self {
            Input::Mu => "mu_mv",
            Input::Sigma => "sigma_mv",
            Input::TauM => "tau_m_ms",
            Input::TRef => "t_ref_ms",
            Input::VTh => "V_th_mv",
            Input::VReset => "V_reset_mv",
            Input::TauSyn => "tau_syn_ms",
            Input::TauRise => "tau_rise_ms",
            Input::DeltaT => "Delta_T_mv",
            Input::VPeak => "V_peak_mv",
            Input::EL => "E_L_mv",
            Input::Jump => "jump_mv",
        }
    }

    /// Whether a neuron of a model has it.
    pub(super) fn belongs_to(self, model: &str) -> bool {
        match self {
            Input::DeltaT | Input::VPeak => matches!(model, "eif" | "qif" | "adex"),
            // that of other models is part of the mean input
            Input::EL => matches!(model, "perfect" | "adex"),
            // the theory of single jumps
            Input::Jump => model == "lif",
            _ => true,
        }
    }

    /// The infinity that it may be.
    pub(super) fn infinity(self, model: &str) -> Option<f64> {
        match self {
            Input::VReset if model == "qif" => Some(f64::NEG_INFINITY),
            Input::VPeak if model == "qif" => Some(f64::INFINITY),
            _ => None,
        }
    }
}

/// Values, column by column, in the order of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Points {
    /// What the columns are.
    pub inputs: Vec<Input>,
    /// Their values.
    pub values: Vec<Vec<f64>>,
}

/// Where the inputs come from.
#[derive(Clone, Debug)]
pub enum Inputs {
    /// All sigma of the first mu, then all sigma of the second, ...; all sizes of jumps of each.
    Grid {
        /// The values of `mu`.
        mu: Range,
        /// The values of `sigma`.
        sigma: Range,
        /// The sizes of the jumps that make mean and noise.
        jump: Option<Range>,
    },
    /// Row by row.
    Points(Points),
}

impl Inputs {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Inputs::Grid { mu, sigma, jump } => mu.len() * sigma.len() * jump.as_ref().map_or(1, Range::len),
            Inputs::Points(points) => points.values.first().map_or(0, Vec::len),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The columns, in order.
    pub fn columns(&self) -> &[Input] {
        match self {
            Inputs::Grid { jump: None, .. } => &[Input::Mu, Input::Sigma],
            Inputs::Grid { jump: Some(_), .. } => &[Input::Mu, Input::Sigma, Input::Jump],
            Inputs::Points(points) => &points.inputs,
        }
    }

    /// Some rows, column by column.
    pub fn rows(&self, rows: Rows<usize>) -> Vec<Vec<f64>> {
        match self {
            Inputs::Grid { mu, sigma, jump } => {
                let of = |value: &dyn Fn(usize) -> f64| rows.clone().map(value).collect();
                let jumps = jump.as_ref().map_or(1, Range::len);
                let mut columns = vec![
                    of(&|row| mu.value(row / (sigma.len() * jumps))),
                    of(&|row| sigma.value(row / jumps % sigma.len())),
                ];
                columns.extend(jump.as_ref().map(|jump| of(&|row| jump.value(row % jumps))));
                columns
            }
            Inputs::Points(points) => points.values.iter().map(|values| values[rows.clone()].to_vec()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sigma_varies_fastest_in_a_grid() {
        let [mu, sigma] = ["1:2:2", "5:7:3"].map(|text| Range::voltages(text).unwrap());
        let inputs = Inputs::Grid { mu, sigma, jump: None };
        assert_eq!(inputs.rows(0..6), [[1.0, 1.0, 1.0, 2.0, 2.0, 2.0], [5.0, 6.0, 7.0, 5.0, 6.0, 7.0]]);
        assert_eq!(inputs.rows(2..4), [[1.0, 2.0], [7.0, 5.0]]);
    }

    #[test]
    fn sizes_of_jumps_vary_faster_still() {
        let [mu, sigma, jump] = ["1:2:2", "5:6:2", "0:2:3"].map(|text| Range::voltages(text).unwrap());
        let inputs = Inputs::Grid { mu, sigma, jump: Some(jump) };
        assert_eq!((inputs.len(), inputs.columns()), (12, &[Input::Mu, Input::Sigma, Input::Jump][..]));
        assert_eq!(
            inputs.rows(2..7),
            [[1.0, 1.0, 1.0, 1.0, 2.0], [5.0, 6.0, 6.0, 6.0, 5.0], [2.0, 0.0, 1.0, 2.0, 0.0]]
        );
    }
}
