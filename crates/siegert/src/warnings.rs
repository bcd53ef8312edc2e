//! Warnings of which each kind is said once, however many things it holds for.

/// Names that are said; further ones are counted.
const NAMED: usize = 3;

/// What there is to warn of, kind by kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Warnings(Vec<Warning>);

/// One kind of warning, and whom it concerns.
#[derive(Clone, Debug)]
pub(crate) struct Warning {
    pub(crate) kind: &'static str,
    /// What is to be said of the first.
    pub(crate) first: String,
    /// Whether the same is to be said of all others.
    all_alike: bool,
    names: Vec<String>,
    last: String,
    count: usize,
}

impl Warnings {
    /// A warning of this `kind` concerns `name`, of which `said` is to be said.
    pub(crate) fn note(&mut self, kind: &'static str, name: &str, said: String) {
        let Some(warning) = self.0.iter_mut().find(|known| known.kind == kind) else {
            let (names, last) = (vec![name.to_string()], name.to_string());
            self.0.push(Warning { kind, first: said, all_alike: true, names, last, count: 1 });
            return;
        };
        warning.all_alike &= warning.first == said;
        if warning.last == name || warning.names.iter().any(|known| known == name) {
            return;
        }
        warning.count += 1;
        warning.last = name.to_string();
        if warning.names.len() < NAMED {
            warning.names.push(name.to_string());
        }
    }

    /// A sentence for each kind, in the order in which they were first noted.
    pub(crate) fn sentences(&self, sentence: impl FnMut(&Warning) -> String) -> Vec<String> {
        self.0.iter().map(sentence).collect()
    }
}

impl Warning {
    /// Whether it concerns one only.
    pub(crate) fn is_of_one(&self) -> bool {
        self.count == 1
    }

    /// "E", "E and I", "A, B, C and 17 more".
    pub(crate) fn who(&self) -> String {
        match (&self.names[..], self.count - self.names.len()) {
            ([one], 0) => one.clone(),
            ([before @ .., last], 0) => format!("{} and {last}", before.join(", ")),
            (names, more) => format!("{} and {more} more", names.join(", ")),
        }
    }

    /// "projection E -> I: what is said of it"; of several, what is said of the first.
    pub(crate) fn with_names(&self) -> String {
        let likewise = if self.all_alike { "" } else { " (the first; likewise the others)" };
        format!("{}: {}{likewise}", self.who(), self.first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_a_million_pairs_make_one_sentence() {
        let mut warnings = Warnings::default();
        for pair in 0..250_000 {
            warnings.note("delay", &format!("P{} -> P{}", pair / 500, pair % 500), "no delay".to_string());
        }
        assert_eq!(warnings.sentences(Warning::with_names), ["P0 -> P0, P0 -> P1, P0 -> P2 and 249997 more: no delay"]);
    }

    #[test]
    fn names_are_said_as_one_would_say_them() {
        let said = |names: &[&str]| {
            let mut warnings = Warnings::default();
            names.iter().for_each(|name| warnings.note("kind", name, format!("about {name}")));
            warnings.sentences(Warning::with_names).remove(0)
        };
        assert_eq!(said(&["E"]), "E: about E");
        assert_eq!(said(&["E", "E"]), "E: about E");
        assert_eq!(said(&["E", "I"]), "E and I: about E (the first; likewise the others)");
        assert!(said(&["A", "B", "C", "D"]).starts_with("A, B, C and 1 more: about A"));
    }
}
