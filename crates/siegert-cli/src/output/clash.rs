//! The files that a command is told of, and whether one would be lost to another.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::output::messages::print_remark;
use siegert::files::{Identity, Place, Standing};
use siegert::files::{beside, refuse_unwritable};

/// What a command reads and what it writes, under the names that the user knows.
#[derive(Debug, Default)]
pub(crate) struct Files {
    inputs: Vec<Named>,
    outputs: Vec<Named>,
}

#[derive(Debug)]
struct Named {
    /// "--output", or "--output (its .partial)".
    what: String,
    path: PathBuf,
    place: Place,
    identity: Option<Identity>,
    part: Part,
}

/// What a file is of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Whole,
    /// Beside it until it is complete; who may write the one may write the other.
    Companion,
}

impl Named {
    fn new(what: &str, path: &Path, part: Part) -> Self {
        let place = Place::of(path);
        Named { what: what.to_string(), path: path.to_path_buf(), identity: place.identity(), place, part }
    }

    fn is(&self, other: &Named) -> bool {
        self.identity.is_some() && self.identity == other.identity
    }
}

impl Files {
    /// A command that reads the network `file`: a path, the name of a bundled network, or `-`.
    pub(crate) fn of_network(file: &str) -> Self {
        Files::default().input("FILE", Some(Path::new(file)))
    }

    /// A file that is read, if there is one; `-` is standard input.
    pub(crate) fn input(mut self, what: &str, path: Option<&Path>) -> Self {
        let path = match path {
            Some(path) if path.as_os_str() == "-" => Some(Path::new("/dev/stdin")),
            other => other,
        };
        // a name that is no file is that of a bundled network, or an error that is told later
        self.inputs.extend(path.filter(|path| is_file(path)).map(|path| Named::new(what, path, Part::Whole)));
        self
    }

    /// A file that is written, if it is asked for.
    pub(crate) fn output(mut self, option: &str, path: Option<&Path>) -> Self {
        self.outputs.extend(path.map(|path| Named::new(option, path, Part::Whole)));
        self
    }

    /// A file that is written, with those beside it that are needed until it is complete.
    pub(crate) fn output_with(self, option: &str, path: Option<&Path>, endings: &[&str]) -> Self {
        let mut files = self.output(option, path);
        // a device has nothing beside it
        if let Some(path) = path.filter(|path| Place::of(path).identity().is_some()) {
            let target = Place::of(path).path;
            let what = |ending: &str| format!("{option} (its {ending})");
            let companions = endings.iter().map(|end| Named::new(&what(end), &beside(&target, end), Part::Companion));
            files.outputs.extend(companions);
        }
        files
    }

    /// Refuses files that cannot be written, or that would be replaced by one another, before anything runs. Says which ones will be replaced, unless
    /// `quiet`.
    pub(crate) fn check(&self, quiet: bool) -> Result<(), Failure> {
        for (index, output) in self.outputs.iter().enumerate() {
            if let Some(input) = self.inputs.iter().find(|input| input.is(output)) {
                let (what, path) = (&output.what, output.path.display());
                return Err(Failure::Input(format!(
                    "{what} would replace {path}, which is read as {}; give another name",
                    input.what
                )));
            }
            if let Some(other) = self.outputs[..index].iter().find(|other| other.is(output)) {
                return Err(one_file(other, output));
            }
            if is_standard_output(output) {
                let (what, path) = (&output.what, output.path.display());
                return Err(Failure::Input(format!("{what} and standard output cannot both be {path}")));
            }
        }
        let whole = self.outputs.iter().filter(|output| output.part == Part::Whole);
        for output in whole {
            refuse_unwritable(&output.path)?;
            if !quiet && matches!(output.place.standing, Standing::File(_)) {
                print_remark(&format!("{} is there and will be replaced", output.path.display()));
            }
        }
        Ok(())
    }
}

fn one_file(one: &Named, other: &Named) -> Failure {
    let (a, b) = (&one.what, &other.what);
    Failure::Input(if one.path == other.path {
        format!("{a} and {b} cannot both be {}", one.path.display())
    } else {
        format!("{a} {} and {b} {} are the same file; give another name", one.path.display(), other.path.display())
    })
}

fn is_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
}

/// Whether standard output has been sent to this file, which would then be replaced.
fn is_standard_output(output: &Named) -> bool {
    let stdout = Path::new("/dev/stdout");
    // what is written there by its own name goes on behind the rest
    matches!(output.place.standing, Standing::File(_))
        && is_file(stdout)
        && output.identity == Place::of(stdout).identity()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_and_outputs_must_be_different_files() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        fs::create_dir(at("inner")).unwrap();
        fs::write(at("net.toml"), "").unwrap();
        fs::hard_link(at("net.toml"), at("net.csv")).unwrap();
        let check = |outputs: [&str; 2]| {
            let mut files = Files::of_network(at("net.toml").to_str().unwrap());
            for (option, name) in ["--output", "--spikes"].into_iter().zip(outputs) {
                files = files.output_with(option, Some(&at(name)), &[".partial"]);
            }
            files.check(true)
        };
        check(["a.csv", "b.csv"]).unwrap();
        for (outputs, message) in [
            (["a.csv", "a.csv"], "--output and --spikes cannot both be"),
            (["a.csv", "inner/../a.csv"], "are the same file"),
            (["net.csv", "b.csv"], "--output would replace"),
            (["a.csv", "net.toml"], "which is read as FILE"),
            (["a.csv", "a.csv.partial"], "--output (its .partial)"),
        ] {
            let failure = check(outputs).unwrap_err();
            assert!(failure.to_string().contains(message), "{outputs:?}: {failure}");
            assert_eq!(failure.exit_status(), 2);
        }
        assert_eq!(check(["a.csv", "no/such/b.csv"]).unwrap_err().exit_status(), 1);
        check(["/dev/null", "/dev/null"]).unwrap();
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 3);
    }
}
