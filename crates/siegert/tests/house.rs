//! The arrows of the house: which folder of the library may know which. They go one way, so that each can be read, tested and
//! changed without what stands above it, and the simulator stays an independent witness of the theory.

use std::collections::BTreeSet;
use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};

/// What each folder may know, but for its unit tests.
const ARROWS: [(&str, &[&str]); 19] = [
    ("numerics", &[]),
    ("network", &["numerics"]),
    ("neuron", &["numerics"]),
    ("input", &["network", "numerics"]),
    ("transfer", &["neuron", "input", "network", "numerics"]),
    ("stationary", &["transfer", "input", "neuron", "network", "numerics"]),
    ("trust", &["stationary", "transfer", "input", "neuron", "network", "numerics"]),
    ("response", &["stationary", "transfer", "input", "neuron", "network", "numerics"]),
    ("self_consistent", &["response", "stationary", "transfer", "input", "neuron", "network", "numerics"]),
    ("theory", &["self_consistent", "trust", "response", "stationary", "transfer", "input", "neuron", "network"]),
    ("evolution", &["theory", "transfer", "input", "neuron", "network", "numerics"]),
    ("reduced", &["evolution", "input", "neuron", "network", "numerics"]),
    ("simulation", &["network", "numerics"]),
    (
        "comparison",
        &[
            "evolution",
            "simulation",
            "theory",
            "self_consistent",
            "trust",
            "response",
            "stationary",
            "transfer",
            "input",
            "neuron",
            "network",
            "numerics",
        ],
    ),
    ("axis", &["network"]),
    ("files", &[]),
    ("job", &["comparison", "simulation", "sweep", "report", "axis", "files", "neuron", "network"]),
    (
        "report",
        &[
            "evolution",
            "reduced",
            "comparison",
            "simulation",
            "theory",
            "self_consistent",
            "trust",
            "response",
            "stationary",
            "transfer",
            "input",
            "neuron",
            "axis",
            "files",
            "network",
        ],
    ),
    ("sweep", &["report", "theory", "trust", "response", "stationary", "axis", "network"]),
];

/// All Rust files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found = Vec::new();
    for path in entries.map(|entry| entry.unwrap().path()) {
        match path.is_dir() {
            true => found.extend(files(&path)),
            false if path.extension().is_some_and(|ending| ending == "rs") => found.push(path),
            false => {}
        }
    }
    found
}

/// The names after `crate::` in the code of a file, its unit tests left out.
fn known(file: &Path) -> BTreeSet<String> {
    let text = read_to_string(file).unwrap();
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let name = |rest: &str| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    code.split("crate::").skip(1).map(name).collect()
}

#[test]
fn folders_know_only_what_stands_below_them() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let folders: BTreeSet<String> = read_dir(&source)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    let listed: BTreeSet<String> = ARROWS.iter().map(|(folder, _)| folder.to_string()).collect();
    assert_eq!(folders, listed, "every folder has its arrows");
    for (folder, may_know) in ARROWS {
        // a folder's tests in files of their own build networks and states to test with
        for file in files(&source.join(folder)).into_iter().filter(|file| !file.ends_with("tests.rs")) {
            for name in known(&file) {
                let allowed = name == folder || !folders.contains(&name) || may_know.contains(&name.as_str());
                assert!(allowed, "{} uses crate::{name}, which {folder} may not know", file.display());
            }
        }
    }
}

#[test]
fn no_two_folders_know_each_other() {
    let knows = |a: &str, b: &str| ARROWS.iter().any(|(folder, may_know)| *folder == a && may_know.contains(&b));
    for (a, _) in ARROWS {
        for (b, _) in ARROWS {
            assert!(a == b || !(knows(a, b) && knows(b, a)), "{a} and {b} know each other");
        }
    }
}
