//! The transfer function over blocks of rows, on all threads.

use std::ops::Range;

use rayon::prelude::*;

use super::inputs::{Input, Inputs};
use super::neuron::TransferNeuron;
use super::points::parameters_of;
use crate::network::Neuron;
use crate::neuron::Model;
use crate::neuron::coloured::FilteredNoise;
use crate::neuron::jumps::{Jump, JumpLaw, ShotNoiseInput};
use crate::neuron::lif::{LARGEST_SMALL_K, Lif, SynapticFilter};
use crate::report::table::{Column, Table, Values};
use crate::transfer::{Input as TransferInput, InputTheory, Transfer};
use crate::{Warning, WarningKind};

/// Blocks shorter than this are not worth waking threads for: of closed forms, and of rates by the general solver, which cost a hundred times as much.
const FEW: usize = 512;
const FEW_SOLVED: usize = 4;
/// The column of the rate in white noise, beside that of jumps.
const DIFFUSION_RATE: &str = "diffusion_rate_hz";

/// Computes rows.
#[derive(Clone, Debug)]
pub struct Evaluator {
    inputs: Vec<Input>,
    neuron: TransferNeuron,
    filter: SynapticFilter,
    /// The neuron of all rows, unless rows replace its parameters.
    model: Option<Model>,
}

/// The answer to one row.
#[derive(Clone, Copy, Debug)]
struct Answer {
    rate_hz: f64,
    log10_rate_hz: f64,
    cv: f64,
    /// In white noise where jumps have a size.
    diffusion_rate_hz: f64,
    k: f64,
    /// Whether a time constant of synapses was said of a neuron in whose theory there is none.
    without_time: bool,
}

impl Answer {
    const MISSING: Answer = Answer {
        rate_hz: f64::NAN,
        log10_rate_hz: f64::NAN,
        cv: f64::NAN,
        diffusion_rate_hz: f64::NAN,
        k: 0.0,
        without_time: false,
    };
}

/// What is to be said about the rows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Remarks {
    negative: usize,
    filtered: usize,
    largest_k: f64,
    without_time: usize,
    model: &'static str,
}

impl Evaluator {
    /// For the rows of these inputs, of a neuron whose parameters the rows may replace.
    pub fn new(inputs: &Inputs, neuron: TransferNeuron, filter: SynapticFilter) -> Self {
        let columns = inputs.columns().to_vec();
        let replaced = columns
            .iter()
            .any(|input| !matches!(input, Input::Mu | Input::Sigma | Input::TauSyn | Input::TauRise | Input::Jump));
        let model = if replaced { None } else { neuron.with(&neuron.parameters).ok() };
        Self { inputs: columns, neuron, filter, model }
    }

    /// The names of the columns, those of the answer last.
    pub fn columns(&self) -> Vec<&'static str> {
        let diffusion = self.has_jumps().then_some(DIFFUSION_RATE);
        self.inputs
            .iter()
            .map(|input| input.name())
            .chain(["rate_hz", "log10_rate_hz", "cv"])
            .chain(diffusion)
            .collect()
    }

    /// Whether rows say the size of jumps.
    fn has_jumps(&self) -> bool {
        self.inputs.contains(&Input::Jump)
    }

    /// Some rows with their answers; where jumps have a size also with the rate in white noise of the same mean and variance.
    pub fn block(&self, inputs: &Inputs, rows: Range<usize>, remarks: &mut Remarks) -> Table {
        let values = inputs.rows(rows.clone());
        let has_jumps = self.has_jumps();
        let of = |row: usize| {
            let answer = self.answer(&values, row, InputTheory::ShotNoise);
            let in_white = || self.answer(&values, row, InputTheory::Diffusion).rate_hz;
            Answer { diffusion_rate_hz: if has_jumps { in_white() } else { f64::NAN }, ..answer }
        };
        let count = rows.len();
        let has_times = self.filter.is_full() && self.inputs.contains(&Input::TauSyn);
        let is_closed = matches!(self.neuron.model, "lif" | "perfect")
            && !has_times
            && !has_jumps
            && self.neuron.differing.is_none();
        let few = if is_closed { FEW } else { FEW_SOLVED };
        let answers: Vec<Answer> =
            if count < few { (0..count).map(of).collect() } else { (0..count).into_par_iter().map(of).collect() };
        remarks.model = self.neuron.model;
        answers.iter().for_each(|answer| remarks.notice(answer));
        let answered = |value: fn(&Answer) -> f64| answers.iter().map(value).collect::<Vec<f64>>();
        let results = [answered(|a| a.rate_hz), answered(|a| a.log10_rate_hz), answered(|a| a.cv)];
        let diffusion = has_jumps.then(|| answered(|a| a.diffusion_rate_hz));
        let columns = self.columns().into_iter().zip(values.into_iter().chain(results).chain(diffusion));
        Table { columns: columns.map(|(name, values)| Column::new(name, Values::Numbers(values))).collect() }
    }

    /// The answer to a row, whose jumps count as white noise where they are to be.
    fn answer(&self, values: &[Vec<f64>], row: usize, theory: InputTheory) -> Answer {
        let mut cells = [0.0; Input::ALL.len()];
        cells.iter_mut().zip(values).for_each(|(cell, column)| *cell = column[row]);
        let cells = &cells[..values.len()];
        let cell = |wanted| self.inputs.iter().position(|&input| input == wanted).map(|index| cells[index]);
        let missing = Answer::MISSING;
        let parameters = parameters_of(&self.inputs, cells, &self.neuron.parameters);
        // Every row was checked when it was read: neither of the two is missing.
        let (Some(mu), Some(sigma)) = (cell(Input::Mu), cell(Input::Sigma)) else { return missing };
        let Some(model) = self.model.or_else(|| self.neuron.with(&parameters).ok()) else { return missing };
        let [tau_ms, tau_rise_ms] = match self.filter {
            SynapticFilter::Ignore => [0.0; 2],
            _ => [Input::TauSyn, Input::TauRise].map(|input| cell(input).unwrap_or(0.0)),
        };
        if let (Some(jump_mv), Some(lif)) = (cell(Input::Jump).filter(|jump_mv| *jump_mv > 0.0), model.lif())
            && sigma > 0.0
            && theory == InputTheory::ShotNoise
        {
            return answer_of_jumps(lif, parameters.E_L_mv, (mu, sigma), jump_mv);
        }
        let ratio = (tau_ms + tau_rise_ms) / parameters.tau_m_ms;
        // synaptic time constants as they are, where they are asked for
        let noise = FilteredNoise { variance_mv2: sigma * sigma, tau_ms, tau_rise_ms };
        if let Some(neuron) = self.neuron.differing_with(&parameters) {
            let input = TransferInput::filtered(mu, noise, ratio);
            return self.answer_of_differing(&neuron, &input).unwrap_or(missing);
        }
        if let Some(state) = Transfer::of(model, self.filter).full(&TransferInput::filtered(mu, noise, ratio)) {
            return Answer {
                rate_hz: state.ln_rate_hz.exp(),
                log10_rate_hz: state.ln_rate_hz / std::f64::consts::LN_10,
                cv: state.cv.unwrap_or(f64::NAN),
                k: 0.0,
                ..missing
            };
        }
        match model.lif() {
            Some(lif) => self.answer_of_lif(lif, (mu, sigma), ratio).unwrap_or(missing),
            None => {
                let (ln_rate_hz, cv) = model.ln_rate_and_cv(self.filter, mu, sigma, 0.0);
                Answer {
                    rate_hz: ln_rate_hz.exp(),
                    log10_rate_hz: ln_rate_hz / std::f64::consts::LN_10,
                    cv: cv.unwrap_or(f64::NAN),
                    k: 0.0,
                    // a perfect neuron has the same rate whether noise is filtered or not
                    without_time: ratio > 0.0 && self.neuron.model != "perfect",
                    ..missing
                }
            }
        }
    }

    /// The mean over neurons that differ.
    fn answer_of_differing(&self, neuron: &Neuron, input: &TransferInput) -> Option<Answer> {
        let transfer = Transfer::of_type(neuron, self.filter).ok()?;
        let longer = transfer.lengthening(input);
        let transfer = transfer.lengthened(longer);
        let rate = transfer.log_rate(input);
        Some(Answer {
            rate_hz: rate.rate_hz(),
            log10_rate_hz: rate.ln_rate_hz / std::f64::consts::LN_10,
            cv: transfer.cv(input).unwrap_or(f64::NAN),
            k: if self.filter.is_full() { 0.0 } else { input.tau_syn_over_tau_m.sqrt() },
            ..Answer::MISSING
        })
    }

    fn answer_of_lif(&self, lif: &Lif, (mu, sigma): (f64, f64), ratio: f64) -> Option<Answer> {
        let shift = SynapticFilter::shift(ratio);
        let state = lif.state(mu, sigma, shift).ok()?;
        let mut answer = Answer {
            rate_hz: state.rate_hz,
            log10_rate_hz: state.log10_rate_hz.unwrap_or(f64::NEG_INFINITY),
            cv: state.cv.unwrap_or(f64::NAN),
            k: ratio.sqrt(),
            ..Answer::MISSING
        };
        if self.filter == SynapticFilter::TaylorExpansion && ratio > 0.0 {
            let log_rate = lif.filtered_log_rate(self.filter, mu, sigma, shift);
            answer.rate_hz = log_rate.rate_hz();
            answer.log10_rate_hz = log_rate.ln_rate_hz / std::f64::consts::LN_10;
        }
        Some(answer)
    }
}

/// Mean and noise made of excitatory and inhibitory jumps of one size, from `E_L`: `tau_m (R_e - R_i) J = mu - E_L`, `tau_m (R_e + R_i) J^2 = sigma^2`; where one of the rates would be
/// negative there is none of these jumps, and a constant current makes up the mean.
fn answer_of_jumps(lif: &Lif, E_L_mv: f64, (mu, sigma): (f64, f64), jump_mv: f64) -> Answer {
    let tau_m_ms = lif.parameters().tau_m_ms;
    let both_per_ms = sigma * sigma / (tau_m_ms * jump_mv * jump_mv);
    let more_per_ms = ((mu - E_L_mv) / (tau_m_ms * jump_mv)).clamp(-both_per_ms, both_per_ms);
    let kind = |size_mv: f64, rate_per_ms: f64| Jump::of_size(JumpLaw::Fixed { size_mv }, rate_per_ms);
    let jumps = [kind(jump_mv, 0.5 * (both_per_ms + more_per_ms)), kind(-jump_mv, 0.5 * (both_per_ms - more_per_ms))];
    let input = ShotNoiseInput::of_jumps(mu - tau_m_ms * jump_mv * more_per_ms, &jumps);
    let ln_rate_hz = lif.rate_in_shot_noise(&input).ln_rate_hz;
    Answer {
        rate_hz: ln_rate_hz.exp(),
        log10_rate_hz: ln_rate_hz / std::f64::consts::LN_10,
        cv: lif.cv_in_shot_noise(&input).unwrap_or(f64::NAN),
        ..Answer::MISSING
    }
}

impl Remarks {
    fn notice(&mut self, answer: &Answer) {
        self.negative += usize::from(answer.rate_hz.is_nan());
        self.without_time += usize::from(answer.without_time);
        self.filtered += usize::from(answer.k > LARGEST_SMALL_K);
        self.largest_k = self.largest_k.max(answer.k);
    }

    /// As warnings.
    pub fn warnings(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        if self.filtered > 0 {
            let sentence = format!(
                "sqrt(tau_syn / tau_m) is above {LARGEST_SMALL_K} in {} rows and reaches {:.2}: the first order is not small there",
                self.filtered, self.largest_k
            );
            let warning = Warning::new(WarningKind::SynapticTime, sentence).with_value(self.largest_k);
            warnings.push(warning.with_limit(LARGEST_SMALL_K));
        }
        if self.without_time > 0 {
            let sentence = format!(
                "in {} rows synapses with a time constant count as instantaneous: for the model {} no correction is known",
                self.without_time, self.model
            );
            warnings.push(Warning::new(WarningKind::SynapticTime, sentence).with_value(self.without_time as f64));
        }
        if self.negative > 0 && self.model == "lif" {
            let sentence = format!(
                "in {} rows the Taylor expansion gives a negative rate, which is left out; --filter shift stays positive",
                self.negative
            );
            warnings.push(Warning::new(WarningKind::NegativeRate, sentence).with_value(self.negative as f64));
        }
        warnings
    }
}
