//! What both scripts begin with: the docstring.

use super::described::{Connected, Described};
use super::python::number;
use crate::simulation::{Options, Rule};

/// Width of the docstring's lines.
const WIDTH: usize = 100;

/// The docstring's text: what the network is, where the script comes from, how to run it, and what differs.
pub(super) fn docstring(described: &Described<'_>, program: &str, usage: &str, differences: &str) -> String {
    let network = described.network;
    let name = if network.name.is_empty() { "A network" } else { &network.name };
    let mut paragraphs = vec![safe(&format!("{name}, in {program}."))];
    paragraphs.extend(network.reference.as_deref().map(|reference| wrapped(&safe(reference))));
    paragraphs.extend(network.description.as_deref().map(|description| wrapped(&safe(description))));
    paragraphs.push(wrapped(&format!(
        "{} neurons, {} synapses in the mean. Written by siegert {}: the network, the drives and the statistics are those of `siegert \
         simulate`, every parameter by value (ms, mV, pA, pF, Hz). Random numbers differ, so statistics agree and spikes do not.",
        grouped(network.populations.iter().map(|population| population.size as f64).sum()),
        grouped(described.projections.iter().map(|connected| synapses(described, connected)).sum()),
        env!("CARGO_PKG_VERSION"),
    )));
    paragraphs.push(wrapped(differences));
    paragraphs.push(format!("To run it:\n\n    {usage}"));
    paragraphs.push(wrapped("The statistics come as JSON on standard output; --help tells the options."));
    paragraphs.join("\n\n")
}

/// The defaults of the script's options.
pub(super) fn run_defaults(options: &Options, threads: String) -> [(&'static str, String); 4] {
    [
        ("duration", number(options.duration_ms)),
        ("warmup", number(options.warmup_ms)),
        ("seed", options.seed.to_string()),
        ("threads", threads),
    ]
}

/// Mean number of connections of a projection.
pub(super) fn synapses(described: &Described<'_>, connected: &Connected<'_>) -> f64 {
    let size = |index: usize| described.population(index).size as f64;
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

/// A text that cannot end a docstring: no backslashes, quotation marks or control characters but blanks.
fn safe(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().filter(|character| !character.is_control()).map(plain).collect()
}

fn plain(character: char) -> char {
    match character {
        '\\' => '/',
        '"' => '\'',
        character => character,
    }
}

/// Lines of at most [`WIDTH`] letters, where words allow.
fn wrapped(text: &str) -> String {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in text.split_whitespace() {
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
    fn a_name_cannot_end_the_docstring() {
        assert_eq!(safe("a \"\"\" b\\\n c\u{0}"), "a ''' b/ c");
    }
}
