//! Damaged network files: whatever is deleted, repeated or exchanged, reading ends without a panic, and every place
//! that a mistake names lies within the text.

use proptest::prelude::*;
use siegert::network::{NetworkFileError, ReadOptions, bundled, parse};

/// What else a network file may contain, for exchanges with the tokens of a file.
const TOKENS: &[&str] = &[
    "=",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'",
    "\n",
    ",",
    ".",
    "#",
    "0",
    "-1",
    "1e999",
    "inf",
    "nan",
    "true",
    "\"1 mV\"",
    "\"0 Hz\"",
    "\"-inf\"",
    "\"µ\"",
    "\"((((\"",
    "\"1/0\"",
    "\"sqrt(-1)\"",
    "\"N_pre/N_post\"",
    "\"J^g\"",
    "\"1e308 V\"",
    "\"lif\"",
    "\"adex\"",
    "\"E\"",
    "synapse = \"x\"\n",
    "total = 1\n",
    "[[projections]]\n",
    "[[expect]]\n",
    "[synapses.x]\n",
    "kind = \"exponential_current\"\n",
    "multapses = true\n",
    "course = { times = [0, \"1 ms\"], factors = [1, 2] }\n",
    "course = { file = \"x.csv\" }\n",
    "initial = { mean = \"1 mV\", std = \"1 mV\" }\n",
    "C_m = \"1 pF\"\n",
    "2020-01-01",
    "\u{1F9E0}",
    "\\u00e9",
    "\"\"\"",
];

fn tokens(text: &str) -> Vec<&str> {
    text.split_inclusive(|c: char| c.is_whitespace() || "=[],{}\"*/()".contains(c)).collect()
}

#[derive(Clone, Debug)]
enum Damage {
    Delete,
    Repeat,
    Exchange(prop::sample::Index),
    Insert(prop::sample::Index),
}

fn damage() -> impl Strategy<Value = (prop::sample::Index, Damage)> {
    let kind = prop_oneof![
        Just(Damage::Delete),
        Just(Damage::Repeat),
        any::<prop::sample::Index>().prop_map(Damage::Exchange),
        any::<prop::sample::Index>().prop_map(Damage::Insert),
    ];
    (any::<prop::sample::Index>(), kind)
}

fn damaged(text: &str, damages: &[(prop::sample::Index, Damage)]) -> String {
    let mut tokens: Vec<&str> = tokens(text);
    for (place, damage) in damages {
        if tokens.is_empty() {
            break;
        }
        let place = place.index(tokens.len());
        match damage {
            Damage::Delete => drop(tokens.remove(place)),
            Damage::Repeat => tokens.insert(place, tokens[place]),
            Damage::Exchange(other) => tokens[place] = TOKENS[other.index(TOKENS.len())],
            Damage::Insert(other) => tokens.insert(place, TOKENS[other.index(TOKENS.len())]),
        }
    }
    tokens.concat()
}

fn places_lie_in_the_text(error: &NetworkFileError) {
    assert!(!error.diagnostics.is_empty());
    assert!(!error.to_string().is_empty());
    for diagnostic in &error.diagnostics {
        if let Some(span) = diagnostic.span() {
            assert!(error.text.get(span.clone()).is_some(), "{span:?} in {} bytes", error.text.len());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_are_read_or_refused(
        network in any::<prop::sample::Index>(),
        damages in prop::collection::vec(damage(), 1..6),
    ) {
        let network = network.get(bundled::all());
        let text = damaged(network.text, &damages);
        if let Err(error) = parse(&text, network.name, &ReadOptions::default()) {
            places_lie_in_the_text(&error);
        }
    }

    #[test]
    fn any_expression_is_evaluated_or_refused(expression in "[-+*/^(), .0-9eEgJmVspAinf_]{0,40}") {
        let network = bundled::find("brunel2000").expect("it is bundled");
        let overrides = vec![("J".to_string(), expression)];
        if let Err(error) = parse(network.text, network.name, &ReadOptions { overrides, case: None }) {
            places_lie_in_the_text(&error);
        }
    }
}
