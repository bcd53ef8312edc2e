//! Models side by side for people.

use std::fmt::Write;

use super::{ModelInNetwork, ModelsComparedReport};
use crate::number::{decimals, rate, significant};
use crate::report::Report;
use crate::report::text::{Align, aligned, filled, title};

const LEFT: Align = Align::Left;
const RIGHT: Align = Align::Right;

impl ModelsComparedReport {
    /// All of it for people.
    pub fn text(&self) -> String {
        let mut text = title(self.about());
        let _ = write!(text, "\nWorking points of the network's own neurons\n\n{}", self.points());
        let _ = write!(text, "\nNeurons in their place, rate and slope at the same input\n\n{}", self.neurons());
        let _ = write!(text, "\nStationary states\n\n{}", self.states());
        let _ = write!(text, "\nWhat each model can give\n\n{}", self.facts());
        for error in self.models.iter().filter_map(|model| model.error.as_deref()) {
            let _ = write!(text, "\n{}", filled(error, "", "  "));
        }
        text
    }

    fn points(&self) -> String {
        let header = [
            ("neuron", LEFT),
            ("model", LEFT),
            ("mu (mV)", RIGHT),
            ("sigma (mV)", RIGHT),
            ("rheobase (mV)", RIGHT),
            ("rate (Hz)", RIGHT),
            ("slope (Hz/mV)", RIGHT),
        ];
        let rows = self.working_points.iter().map(|of| {
            vec![
                of.neuron_type.clone(),
                of.model.clone(),
                decimals(Some(of.mean_input_mv), 3),
                decimals(Some(of.std_input_mv), 3),
                decimals(Some(of.rheobase_mv), 3),
                decimals(Some(of.rate_hz), 3),
                significant(of.slope_hz_per_mv, 4),
            ]
        });
        aligned(&header, rows)
    }

    fn neurons(&self) -> String {
        let header = [
            ("model", LEFT),
            ("neuron", LEFT),
            ("V_th (mV)", RIGHT),
            ("Delta_T (mV)", RIGHT),
            ("rate (Hz)", RIGHT),
            ("slope", RIGHT),
            ("as before", LEFT),
        ];
        let rows = self.models.iter().flat_map(|model| {
            model.neurons.iter().map(move |neuron| {
                vec![
                    model.model.clone(),
                    neuron.neuron_type.clone(),
                    decimals(Some(neuron.V_th_mv), 3),
                    decimals(neuron.Delta_T_mv, 4),
                    decimals(Some(neuron.rate_hz), 3),
                    neuron.slope_ratio.map_or("-".to_string(), off),
                    neuron.matching.words().to_string(),
                ]
            })
        });
        aligned(&header, rows)
    }

    fn states(&self) -> String {
        let header = [
            ("model", LEFT),
            ("state", LEFT),
            ("population", LEFT),
            ("rate (Hz)", RIGHT),
            ("CV", RIGHT),
            ("mu (mV)", RIGHT),
            ("sigma (mV)", RIGHT),
        ];
        let mut before = ("", 0);
        let rows = self.rows().into_iter().map(|(model, of)| {
            let Some((number, state, population)) = of else {
                let none = [model.model.clone(), "none".to_string(), String::new()];
                return none.into_iter().chain(std::iter::repeat_n("-".to_string(), 4)).collect();
            };
            let said = (model.model.as_str(), number);
            let first = |text: String, shown: bool| if shown { text } else { String::new() };
            let row = vec![
                first(model.model.clone(), said.0 != before.0),
                first(format!("{number}, {}", state.stability.word()), said != before),
                population.name.clone(),
                rate(population.rate_hz, population.log10_rate_hz),
                decimals(population.cv, 3),
                decimals(Some(population.mean_input_mv), 3),
                decimals(Some(population.std_input_mv), 3),
            ];
            before = said;
            row
        });
        aligned(&header, rows)
    }

    fn facts(&self) -> String {
        let header = [
            ("model", LEFT),
            ("closed form", LEFT),
            ("these states", LEFT),
            ("exact reduction", LEFT),
            ("onset of the spike", LEFT),
        ];
        let rows = self.models.iter().filter_map(|model| {
            let facts = model.facts.as_ref()?;
            let onset = facts.spike_onset.to_string();
            Some(vec![
                model.model.clone(),
                yes(facts.closed_form),
                searched(model, facts.proof),
                yes(facts.exact_reduction),
                onset,
            ])
        });
        aligned(&header, rows)
    }
}

fn yes(is: bool) -> String {
    if is { "yes" } else { "no" }.to_string()
}

/// Whether these are all states, and whether that could be known.
fn searched(model: &ModelInNetwork, proof: bool) -> String {
    match (model.complete, proof) {
        (true, _) => "proved to be all",
        (false, true) => "searched",
        (false, false) => "searched, no proof",
    }
    .to_string()
}

/// "as it was" or by how much it differs, from a ratio.
fn off(ratio: f64) -> String {
    let percent = 100.0 * (ratio - 1.0);
    if percent.abs() < 5e-3 { "same".to_string() } else { format!("{percent:+.2} %") }
}
