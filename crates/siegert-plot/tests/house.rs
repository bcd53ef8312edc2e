//! The arrows around the pictures: they know the library, and neither files nor the command; the library does not know them.

use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The tables of dependencies of a crate, those of its tests included.
fn dependencies(of: &str) -> Vec<String> {
    let manifest = read_to_string(root().join(of).join("Cargo.toml")).unwrap();
    let mut found = Vec::new();
    let mut inside = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.contains("dependencies");
        } else if let (true, Some((name, _))) = (inside, line.split_once(['=', '.'])) {
            found.push(name.trim().to_string());
        }
    }
    found
}

#[test]
fn the_library_does_not_know_its_pictures() {
    let known = dependencies("siegert");
    assert!(known.contains(&"serde".to_string()), "{known:?}");
    assert!(
        !known.iter().any(|name| ["siegert-plot", "siegert-cli", "plotters", "resvg"].contains(&name.as_str())),
        "{known:?}"
    );
}

#[test]
fn pictures_know_the_library_and_neither_arguments_nor_the_command() {
    let known = dependencies("siegert-plot");
    assert!(known.contains(&"siegert".to_string()), "{known:?}");
    let foreign = |name: &&String| {
        name.starts_with("clap")
            || ["siegert-cli", "csv", "parquet", "tempfile", "anstream", "indicatif"].contains(&name.as_str())
    };
    assert_eq!(known.iter().find(foreign), None);
}

#[test]
fn pictures_read_and_write_no_files_and_print_nothing() {
    for path in files(&root().join("siegert-plot/src")) {
        let text = read_to_string(&path).unwrap();
        let is_test = path.file_name().is_some_and(|name| name == "pictures.rs");
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for word in ["clap", "std::fs", "std::path", "File", "std::env::args", "std::env::var", "println!", "eprintln!"]
        {
            assert!(is_test || !code.contains(word), "{} has {word}", path.display());
        }
    }
}
