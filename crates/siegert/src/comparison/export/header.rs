//! What both scripts share: the docstring, the options and the report.

use super::exported_network::{Connected, ExportedNetwork};
use super::python::{escaped, fill, number};
use crate::network::printable;
use crate::numerics::steps;
use crate::simulation::{Rule, SimulationOptions, count_bin_ms};

/// Width of the docstring's lines.
const WIDTH: usize = 100;

/// The docstring, between its quotation marks: what the network is, where the script comes from, how to run it, and what differs.
pub(super) fn docstring(exported: &ExportedNetwork<'_>, program: &str, usage: &str, differences: &str) -> String {
    let network = exported.network;
    let name = if network.name.trim().is_empty() { "A network" } else { &network.name };
    let mut paragraphs = vec![in_words(&format!("{name}, in {program}."))];
    paragraphs.extend(network.reference.as_deref().map(wrapped));
    paragraphs.extend(network.description.as_deref().map(wrapped));
    paragraphs.push(wrapped(&format!(
        "{} neurons, {} synapses in the mean. Written by siegert {}: the network, the drives and the statistics are those of `siegert \
         simulate`, every parameter by value (ms, mV, pA, pF, Hz). Random numbers differ, so statistics agree and spikes do not.",
        grouped(network.populations.iter().map(|population| population.size as f64).sum()),
        grouped(exported.projections.iter().map(|connected| synapses(exported, connected)).sum::<f64>().abs()),
        env!("CARGO_PKG_VERSION"),
    )));
    paragraphs.push(wrapped(differences));
    paragraphs.push(format!("To run it:\n\n    {usage}"));
    paragraphs.push(wrapped("The statistics come as JSON on standard output; --help tells the options."));
    paragraphs.join("\n\n").lines().map(escaped).collect::<Vec<_>>().join("\n")
}

/// The script's options with their defaults; `threads` is the option of threads, if there is one.
pub(super) fn options(options: &SimulationOptions, threads: String, docstring: &str) -> String {
    // argparse fills in a description that has this, and takes every other % for a place to be filled in.
    let description = if docstring.contains("%(prog)") { "__doc__.replace(\"%\", \"%%\")" } else { "__doc__" };
    fill(
        include_str!("templates/options.py"),
        &[
            ("description", description.to_string()),
            ("duration", number(options.duration_ms)),
            ("warmup", number(options.warmup_ms)),
            ("seed", options.seed.to_string()),
            ("threads", threads),
        ],
    )
}

/// The end of the script: statistics as JSON. `simulation` says what was run.
pub(super) fn report(dt_ms: f64, simulation: &str) -> String {
    let bin_ms = count_bin_ms(dt_ms);
    fill(
        include_str!("templates/report.py"),
        &[
            ("bin_steps", format!("{}", steps::half_up(bin_ms, dt_ms))),
            ("bin_ms", number(bin_ms)),
            ("simulation", simulation.to_string()),
        ],
    )
}

/// Mean number of connections of a projection.
pub(super) fn synapses(exported: &ExportedNetwork<'_>, connected: &Connected<'_>) -> f64 {
    let size = |index: usize| exported.population(index).size as f64;
    let (sources, targets) = (size(connected.projection.source), size(connected.projection.target));
    match connected.wiring.rule {
        Rule::InDegree(in_degree) => f64::from(in_degree) * targets,
        Rule::Total(total) => total as f64,
        Rule::Probability(probability) => {
            probability * targets * (sources - f64::from(u8::from(!connected.wiring.autapses)))
        }
    }
}

/// A whole number with its thousands apart.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let lead = digits.len() % 3;
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && place % 3 == lead {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The words of a text on one line, with what cannot be shown as escapes.
fn in_words(text: &str) -> String {
    printable(&text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")).into_owned()
}

/// Lines of at most [`WIDTH`] letters, where words allow.
fn wrapped(text: &str) -> String {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in in_words(text).split(' ') {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(
            [0.0, 999.0, 1000.0, 12_500.0, 15_625_000.0].map(grouped),
            ["0", "999", "1,000", "12,500", "15,625,000"]
        );
    }

    #[test]
    fn words_stay_and_what_cannot_be_shown_is_escaped() {
        assert_eq!(in_words("a  \"\"\" b\\\n c\u{0}\u{a0}d"), "a \"\"\" b\\ c\\u0000\u{a0}d");
    }
}
