//! The inputs of `siegert transfer`: a grid, or the rows of a CSV file.

use std::ops::Range as Rows;

use crate::library::Range;

/// A column of inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Input {
    Mu,
    Sigma,
    TauM,
    TRef,
    VTh,
    VReset,
    TauSyn,
}

impl Input {
    /// Every column that there can be.
    pub(super) const ALL: [Input; 7] =
        [Input::Mu, Input::Sigma, Input::TauM, Input::TRef, Input::VTh, Input::VReset, Input::TauSyn];

    /// The column's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Input::Mu => "mu_mv",
            Input::Sigma => "sigma_mv",
            Input::TauM => "tau_m_ms",
            Input::TRef => "t_ref_ms",
            Input::VTh => "V_th_mv",
            Input::VReset => "V_reset_mv",
            Input::TauSyn => "tau_syn_ms",
        }
    }
}

/// Values, column by column, in the order of the file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Points {
    pub(super) inputs: Vec<Input>,
    pub(super) values: Vec<Vec<f64>>,
}

/// Where the inputs come from.
#[derive(Clone, Debug)]
pub(super) enum Inputs {
    /// All sigma of the first mu, then all sigma of the second, ...
    Grid {
        mu: Range,
        sigma: Range,
    },
    Points(Points),
}

impl Inputs {
    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        match self {
            Inputs::Grid { mu, sigma } => mu.len() * sigma.len(),
            Inputs::Points(points) => points.values.first().map_or(0, Vec::len),
        }
    }

    /// The columns, in order.
    pub(super) fn columns(&self) -> &[Input] {
        match self {
            Inputs::Grid { .. } => &[Input::Mu, Input::Sigma],
            Inputs::Points(points) => &points.inputs,
        }
    }

    /// Some rows, column by column.
    pub(super) fn rows(&self, rows: Rows<usize>) -> Vec<Vec<f64>> {
        match self {
            Inputs::Grid { mu, sigma } => {
                let of = |value: &dyn Fn(usize) -> f64| rows.clone().map(value).collect();
                vec![of(&|row| mu.value(row / sigma.len())), of(&|row| sigma.value(row % sigma.len()))]
            }
            Inputs::Points(points) => points.values.iter().map(|values| values[rows.clone()].to_vec()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::range::voltages;

    #[test]
    fn sigma_varies_fastest_in_a_grid() {
        let inputs = Inputs::Grid { mu: voltages("1:2:2").unwrap(), sigma: voltages("5:7:3").unwrap() };
        assert_eq!(inputs.rows(0..6), [[1.0, 1.0, 1.0, 2.0, 2.0, 2.0], [5.0, 6.0, 7.0, 5.0, 6.0, 7.0]]);
        assert_eq!(inputs.rows(2..4), [[1.0, 2.0], [7.0, 5.0]]);
    }
}
