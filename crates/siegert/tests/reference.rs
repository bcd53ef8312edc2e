//! The LIF neuron against reference numbers with 24 digits, every point of the tables in `tests/reference/`.

mod support;

use siegert::neuron::lif::{Lif, LifParameters, SynapticFilter};
use support::{Row, number, table};

/// Neuron, mean and noise of a row.
fn neuron(row: &Row) -> (Lif, f64, f64) {
    let lif = Lif::new(LifParameters {
        tau_m_ms: number(row, "tau_m_ms"),
        t_ref_ms: number(row, "t_ref_ms"),
        V_th_mv: number(row, "V_th_mv"),
        V_reset_mv: number(row, "V_reset_mv"),
    });
    (lif.unwrap(), number(row, "mu_mv"), row.get("sigma_mv").map_or(0.0, |s| s.parse().unwrap()))
}

/// The worst error of a table, and where; printed with `--nocapture`.
struct Worst {
    name: &'static str,
    value: f64,
    row: String,
}

impl Worst {
    fn new(name: &'static str) -> Self {
        Worst { name, value: 0.0, row: String::new() }
    }

    fn add(&mut self, error: f64, row: &Row) {
        if error > self.value || error.is_nan() {
            self.value = error;
            self.row = format!("{row:?}");
        }
    }

    fn must_be_at_most(&self, bound: f64) {
        println!("{}: worst {:.2e} at {}", self.name, self.value, self.row);
        assert!(self.value <= bound, "{}: {:e} > {bound:e} at {}", self.name, self.value, self.row);
    }
}

#[test]
fn rates_agree_with_24_digits_up_to_the_rounding_of_the_inputs() {
    let mut beyond_rounding = Worst::new("rate, error beyond twice the rounding of the inputs");
    for row in table("lif_rate") {
        let (lif, mu, sigma) = neuron(&row);
        let expected = number(&row, "rate_hz");
        if expected < 1e-305 {
            continue; // not a normal number: see the log-rate
        }
        let error = (lif.rate_hz(mu, sigma).unwrap() / expected - 1.0).abs();
        beyond_rounding.add(error - 2.0 * number(&row, "rounding_floor"), &row);
    }
    beyond_rounding.must_be_at_most(2e-15);
}

#[test]
fn log_rates_agree_with_24_digits_down_to_1e_minus_692() {
    let mut worst = Worst::new("log-rate");
    for row in table("lif_rate") {
        let (lif, mu, sigma) = neuron(&row);
        let expected = number(&row, "ln_rate_hz");
        let found = lif.log_rate(mu, sigma, 0.0).ln_rate_hz;
        worst.add((found - expected).abs() / expected.abs().max(1.0), &row);
        let decadic = lif.state(mu, sigma, 0.0).unwrap().log10_rate_hz.unwrap();
        worst.add((decadic - number(&row, "log10_rate_hz")).abs() / expected.abs().max(1.0), &row);
    }
    worst.must_be_at_most(2e-15);
}

#[test]
fn derivatives_with_respect_to_mu_agree_with_24_digits() {
    let mut worst = Worst::new("d ln rate/d mu beyond four times the rounding of the inputs");
    for row in table("lif_rate") {
        let (lif, mu, sigma) = neuron(&row);
        // d ln rate/d mu = (d rate/d mu)/rate, by strings since both can underflow
        let (rate, slope) = (decimal(&row["rate_hz"]), decimal(&row["drate_dmu_hz_per_mv"]));
        let expected = slope.0 / rate.0 * 10f64.powi(slope.1 - rate.1);
        let error = (lif.log_rate(mu, sigma, 0.0).d_mu / expected - 1.0).abs();
        worst.add(error - 4.0 * number(&row, "rounding_floor"), &row);
    }
    worst.must_be_at_most(1e-14);
}

/// Mantissa and decimal exponent of a number that may lie outside of what an `f64` holds.
fn decimal(text: &str) -> (f64, i32) {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    (mantissa.parse().unwrap(), exponent.parse().unwrap())
}

#[test]
fn rates_without_noise_agree_with_24_digits() {
    let mut worst = Worst::new("noiseless rate");
    for row in table("lif_rate_noiseless") {
        let (lif, mu, sigma) = neuron(&row);
        assert_eq!(sigma, 0.0);
        let expected = number(&row, "rate_hz");
        let found = lif.rate_hz(mu, sigma).unwrap();
        worst.add(if expected == 0.0 { found } else { (found / expected - 1.0).abs() }, &row);
    }
    worst.must_be_at_most(4e-16);
}

#[test]
fn rates_over_an_array_agree_with_24_digits() {
    for row in table("lif_rate") {
        let (lif, mu, sigma) = neuron(&row);
        let single = lif.rate_hz(mu, sigma).unwrap();
        assert_eq!(lif.rates_hz(&[mu; 3], &[sigma; 3]).unwrap(), [single; 3]);
    }
}

#[test]
fn cvs_agree_with_24_digits() {
    let mut worst = Worst::new("cv");
    for row in table("lif_cv") {
        let (lif, mu, sigma) = neuron(&row);
        let found = lif.state(mu, sigma, 0.0).unwrap().cv.unwrap();
        worst.add((found / number(&row, "cv") - 1.0).abs(), &row);
    }
    worst.must_be_at_most(1e-14);
}

#[test]
fn first_order_formulas_for_filtered_noise_agree_with_25_digits() {
    let mut worst = Worst::new("filtered noise");
    for row in table("lif_colored_noise") {
        let (lif, mu, sigma) = neuron(&row);
        let shift = SynapticFilter::shift(number(&row, "tau_syn_ms") / number(&row, "tau_m_ms"));
        for (filter, column) in [
            (SynapticFilter::Ignore, "rate_white_hz"),
            (SynapticFilter::ThresholdShift, "rate_shift_hz"),
            (SynapticFilter::TaylorExpansion, "rate_taylor_hz"),
        ] {
            let found = lif.filtered_log_rate(filter, mu, sigma, shift).rate_hz();
            worst.add((found / number(&row, column) - 1.0).abs(), &row);
        }
    }
    worst.must_be_at_most(1e-14);
}

#[test]
fn the_shift_is_within_four_percent_of_a_simulated_neuron_with_filtered_noise() {
    for row in table("lif_colored_noise") {
        let (lif, mu, sigma) = neuron(&row);
        let shift = SynapticFilter::shift(number(&row, "tau_syn_ms") / number(&row, "tau_m_ms"));
        let found = lif.filtered_log_rate(SynapticFilter::ThresholdShift, mu, sigma, shift).rate_hz();
        let simulated = number(&row, "rate_monte_carlo_hz");
        let slack = 3.0 * number(&row, "monte_carlo_standard_error_hz") / simulated;
        assert!((found / simulated - 1.0).abs() < 0.04 + slack, "{found} {simulated}");
    }
}
