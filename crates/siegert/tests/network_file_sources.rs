//! Where network files come from, and what is said when they cannot be had.

use std::fs;
use std::path::PathBuf;

use siegert::network::{Fault, NetworkFileError, Problem, ReadOptions, bundled, load, open};

fn temporary(name: &str) -> PathBuf {
    let directory = std::env::temp_dir().join(format!("siegert-network-file-{}", std::process::id()));
    fs::create_dir_all(&directory).expect("the temporary directory can be written");
    directory.join(name)
}

#[track_caller]
fn refused(result: Result<siegert::network::Network, NetworkFileError>) -> NetworkFileError {
    let error = result.expect_err("the file cannot be used");
    assert!(error.diagnostics[0].help().is_some(), "{error}");
    error
}

fn problem_of_bytes(name: &str, bytes: &[u8]) -> NetworkFileError {
    let path = temporary(name);
    fs::write(&path, bytes).expect("the temporary file can be written");
    let error = refused(load(&path, &ReadOptions::default()));
    fs::remove_file(path).expect("the temporary file can be removed");
    error
}

#[test]
fn a_bundled_network_is_opened_by_name_and_a_file_by_path() {
    let options = ReadOptions::default();
    let by_name = open("brunel2000", &options).expect("it is bundled");
    let path = temporary("copy.toml");
    let text = bundled::find("brunel2000").expect("it is bundled").text;
    fs::write(&path, text).expect("the temporary file can be written");
    let by_path = open(&path.display().to_string(), &options).expect("it is the same text");
    assert_eq!(by_name, by_path);
}

#[test]
fn a_misspelled_bundled_name_is_answered_with_the_nearest() {
    let error = refused(open("brunel200", &ReadOptions::default()));
    assert!(error.diagnostics[0].help().is_some_and(|help| help.contains("did you mean \"brunel2000\"?")), "{error}");
    assert_eq!(error.fault(), Fault::User);
}

#[test]
fn a_missing_file_and_a_directory_are_the_users_fault() {
    let missing = refused(open("no/such.toml", &ReadOptions::default()));
    assert!(matches!(missing.diagnostics[0].problem, Problem::NotFound { .. }));
    let directory = std::env::temp_dir().display().to_string();
    let directory = refused(open(&directory, &ReadOptions::default()));
    assert!(matches!(directory.diagnostics[0].problem, Problem::IsDirectory { .. }), "{directory}");
    assert_eq!(directory.fault(), Fault::User);
}

#[test]
fn bytes_that_are_not_utf8_are_named_by_line_and_place() {
    let error = problem_of_bytes("latin1.toml", b"name = \"a\"\nreference = \"caf\xe9\"\n");
    assert_eq!(error.diagnostics[0].problem, Problem::NotUtf8 { offset: 27, line: 2, column: 17, byte: 0xe9 });
    assert_eq!(&error.text[error.diagnostics[0].span().expect("it has a place")], "\u{fffd}");
}

#[test]
fn a_file_above_the_limit_is_refused_without_being_read() {
    let path = temporary("large.toml");
    fs::File::create(&path).and_then(|file| file.set_len(100 << 20)).expect("a sparse file can be made");
    let error = refused(load(&path, &ReadOptions::default()));
    fs::remove_file(path).expect("the temporary file can be removed");
    assert_eq!(error.diagnostics[0].problem, Problem::TooLarge { limit_mib: 16 });
}

#[cfg(unix)]
#[test]
fn an_endless_device_is_refused_at_the_limit() {
    let error = refused(load(std::path::Path::new("/dev/zero"), &ReadOptions::default()));
    assert_eq!(error.diagnostics[0].problem, Problem::TooLarge { limit_mib: 16 });
}
