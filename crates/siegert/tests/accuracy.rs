//! Every file of `numerics` and `neuron` states its accuracy, and its tests hold what it states.
//!
//! The form: the header has a paragraph `Accuracy: ...`, whose numbers, such as 4e-16, are those of the constants `ACCURACY...` in the
//! tests of the file, in the same order. Tests elsewhere count where the paragraph names their file (`tests/name.rs`). A constant is the
//! bound of a worst error that is measured over the range of the header; the tests print it (`cargo test -- --nocapture`).

use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};

/// Why the parts of a method state none.
const LINEAR: &str = "a step of the method, which is measured as a whole in `coloured/linear.rs`";
const TWO_DIMENSIONAL: &str = "a step of the solver, which is measured as a whole in `coloured/two_dimensional.rs`";
const JUMPS: &str = "a step of the method, which is measured as a whole in `jumps/solution.rs`";
/// Files that state no accuracy of their own, and why.
const EXCEPTIONS: [(&str, &str); 42] = [
    ("neuron/coloured/mod.rs", "which method is for which neuron"),
    ("neuron/coloured/linear/adiabatic.rs", LINEAR),
    ("neuron/coloured/linear/crossings.rs", LINEAR),
    ("neuron/coloured/linear/free.rs", LINEAR),
    ("neuron/coloured/linear/places.rs", LINEAR),
    ("neuron/coloured/linear/potential.rs", LINEAR),
    ("neuron/coloured/linear/times.rs", LINEAR),
    ("neuron/coloured/two_dimensional/cell.rs", TWO_DIMENSIONAL),
    ("neuron/coloured/two_dimensional/chain.rs", TWO_DIMENSIONAL),
    ("neuron/coloured/two_dimensional/dense.rs", TWO_DIMENSIONAL),
    ("neuron/coloured/two_dimensional/element.rs", TWO_DIMENSIONAL),
    ("neuron/coloured/two_dimensional/gradient.rs", TWO_DIMENSIONAL),
    ("neuron/coloured/two_dimensional/mesh.rs", TWO_DIMENSIONAL),
    ("neuron/coloured/two_dimensional/modes.rs", TWO_DIMENSIONAL),
    ("neuron/coloured/two_dimensional/solution.rs", TWO_DIMENSIONAL),
    ("neuron/flow.rs", "what is asked of a flow"),
    (
        "neuron/fokker_planck/equation.rs",
        "a step of the solver, which is measured as a whole in `fokker_planck/mod.rs`",
    ),
    ("neuron/fokker_planck/grid.rs", "a step of the solver, which is measured as a whole in `fokker_planck/mod.rs`"),
    (
        "neuron/fokker_planck/occupation.rs",
        "a step of the solver, which is measured as a whole in `fokker_planck/mod.rs`",
    ),
    ("neuron/fokker_planck/passage.rs", "a step of the solver, which is measured as a whole in `fokker_planck/mod.rs`"),
    (
        "neuron/fokker_planck/series.rs",
        "a step of the method, which is measured as a whole in `fokker_planck/modulation.rs`",
    ),
    ("neuron/jumps/equation.rs", JUMPS),
    ("neuron/jumps/escape.rs", JUMPS),
    ("neuron/jumps/memory.rs", JUMPS),
    ("neuron/jumps/mesh.rs", JUMPS),
    ("neuron/jumps/mod.rs", "which method is for which laws"),
    ("neuron/jumps/towards.rs", JUMPS),
    ("neuron/lif/batch.rs", "the arithmetic of `rate`, to the last bit"),
    ("neuron/lif/mod.rs", "parameters and their checks"),
    ("neuron/mod.rs", "a list of modules"),
    ("neuron/models.rs", "what is asked of a neuron, and the list of those that answer"),
    ("neuron/one_dimensional.rs", "what follows from the solver, measured with each neuron"),
    ("neuron/thresholds.rs", "parameters and their checks"),
    ("numerics/broyden.rs", "the caller sets the tolerance, and a test compares the residual with it"),
    ("numerics/linear.rs", "the algorithms of a library; errors are those of the matrix's condition"),
    ("numerics/mod.rs", "a list of modules"),
    (
        "numerics/polynomial.rs",
        "sums as they stand; their rounding depends on the coefficients and is measured with these",
    ),
    ("numerics/random/mod.rs", "a list of modules"),
    ("numerics/random/philox.rs", "whole numbers"),
    ("numerics/range.rs", "one rounding an operation, which callers leave a margin for"),
    ("numerics/root.rs", "the caller sets the tolerance, and tests compare the root with it"),
    ("numerics/steps.rs", "whole numbers, decided exactly"),
];
/// Coefficients, each of which has the error of its fit beside it; they are measured in the functions that use them.
const COEFFICIENTS: &str = "numerics/tables.rs";

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Names of all Rust files below a folder of the sources.
fn files(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in read_dir(source().join(folder)).unwrap().map(|entry| entry.unwrap()) {
        let name = format!("{folder}/{}", entry.file_name().into_string().unwrap());
        if entry.path().is_dir() {
            found.extend(files(&name));
        } else if name.ends_with(".rs") {
            found.push(name);
        }
    }
    found.sort();
    found
}

fn text(path: &Path) -> String {
    read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The paragraph of a header that begins with `Accuracy:`, in one line.
fn stated(text: &str) -> Option<String> {
    let mut header = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim);
    let first = header.by_ref().find_map(|line| line.strip_prefix("Accuracy: "))?;
    let rest = header.take_while(|line| !line.is_empty());
    Some(std::iter::once(first).chain(rest).collect::<Vec<_>>().join(" "))
}

/// The small numbers of a sentence, as they are written: 4e-16.
fn small_numbers(sentence: &str) -> Vec<String> {
    let words = sentence.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-'));
    let is_number = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains("e-");
    words.map(|word| word.trim_end_matches('.')).filter(is_number).map(String::from).collect()
}

/// Names and values of the constants `ACCURACY...`, as they are written.
fn constants(text: &str) -> Vec<(String, String)> {
    let declared = text.lines().filter_map(|line| line.trim().strip_prefix("const ACCURACY"));
    declared
        .map(|rest| {
            let (name, value) = rest.split_once(": f64 = ").expect("an accuracy is a number");
            (format!("ACCURACY{name}"), value.trim_end_matches(';').to_string())
        })
        .collect()
}

/// The tests that hold what a file states: its own, and those of other files that its statement names.
fn tests(text: &str, stated: &str) -> Vec<String> {
    let own = text.split_once("#[cfg(test)]\nmod tests {").map(|(_, own)| own.to_string());
    let named = stated.split('`').filter(|word| word.starts_with("tests/") && word.ends_with(".rs"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.into_iter().chain(named.map(|name| self::text(&folder.join(name)))).collect()
}

#[test]
fn every_file_states_its_accuracy_or_why_it_has_none() {
    let all: Vec<String> = ["numerics", "neuron"].into_iter().flat_map(files).collect();
    for (file, reason) in EXCEPTIONS {
        assert!(all.iter().any(|name| name == file) && !reason.is_empty(), "{file} is no file, or has no reason");
    }
    for file in all.iter().filter(|file| *file != COEFFICIENTS) {
        let excepted = EXCEPTIONS.iter().any(|(name, _)| name == file);
        let stated = stated(&text(&source().join(file)));
        assert!(
            stated.is_some() != excepted,
            "{file}: an accuracy or a reason for none, excepted: {excepted}, {stated:?}"
        );
    }
}

#[test]
fn every_accuracy_of_a_header_is_the_bound_of_a_test() {
    for file in ["numerics", "neuron"].into_iter().flat_map(files) {
        let text = text(&source().join(&file));
        let Some(stated) = stated(&text) else { continue };
        let tests = tests(&text, &stated);
        let held: Vec<(String, String)> = tests.iter().flat_map(|tests| constants(tests)).collect();
        let values: Vec<&String> = held.iter().map(|(_, value)| value).collect();
        let numbers = small_numbers(&stated);
        assert!(!numbers.is_empty(), "{file} states no number: {stated}");
        assert_eq!(
            numbers.iter().collect::<Vec<_>>(),
            values,
            "{file} states the left, its tests hold the right: {stated}"
        );
        assert!(!stated.contains('%'), "{file}: a per cent is 1e-2: {stated}");
        for (name, _) in held {
            let uses = tests.iter().flat_map(|tests| tests.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')));
            assert!(uses.filter(|word| **word == name).count() > 1, "{file}: {name} bounds nothing");
        }
    }
}

#[test]
fn every_public_function_of_numerics_is_named_where_its_file_states_an_accuracy() {
    for file in files("numerics") {
        let text = text(&source().join(&file));
        let Some(stated) = stated(&text) else { continue };
        for line in text.lines().filter_map(|line| line.strip_prefix("pub fn ").or(line.strip_prefix("pub(crate) fn ")))
        {
            let name = line.split(['(', '<']).next().unwrap();
            assert!(stated.contains(&format!("[`{name}`]")), "{file} states no accuracy of {name}: {stated}");
        }
    }
}

#[test]
fn every_coefficient_has_the_error_of_its_fit_beside_it() {
    let text = text(&source().join(COEFFICIENTS));
    let mut above = Vec::new();
    for line in text.lines().skip_while(|line| line.starts_with("//!")) {
        match line.strip_prefix("///") {
            Some(words) => above.push(words),
            None if line.starts_with("pub") => {
                let words = std::mem::take(&mut above).concat();
                assert!(words.contains("error at most") || words.contains("Nodes and weights"), "{line}: {words}");
            }
            None => {}
        }
    }
}

#[test]
fn statements_are_read_as_they_are_meant() {
    let header = "//! A.\n//!\n//! Range: from 1e-9.\n//! Accuracy: at most 4e-16 for [`f`], 2.5e-2\n//! of 1, below 3e-7.\n//!\n//! More: 1e-3.\nuse x;\n";
    let stated = stated(header).unwrap();
    assert_eq!(stated, "at most 4e-16 for [`f`], 2.5e-2 of 1, below 3e-7.");
    assert_eq!(small_numbers(&stated), ["4e-16", "2.5e-2", "3e-7"]);
    assert_eq!(constants("    const ACCURACY_OF_F: f64 = 4e-16;\n"), [("ACCURACY_OF_F".into(), "4e-16".into())]);
}
