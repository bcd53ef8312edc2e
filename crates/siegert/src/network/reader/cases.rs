//! `[cases.NAME]`: named sets of values for the parameters.

use std::collections::HashMap;

use toml::Spanned;
use toml::de::DeValue;

use super::Reader;
use super::fields::{Fields, in_order};
use super::sources::{Literal, Source};
use crate::network::Case;
use crate::network::error::{Origin, Problem};
use crate::network::spelling::{listed, nearest, shortened};

/// A value that replaces that of a parameter.
#[derive(Clone)]
pub(super) struct Override<'v> {
    pub(super) name: &'v str,
    pub(super) name_origin: Origin,
    pub(super) source: Source<'v>,
}

/// A case with the places of what it says.
pub(super) struct LocatedCase<'v> {
    pub(super) case: Case,
    pub(super) overrides: Vec<Override<'v>>,
}

/// Every case of the file, with the ways to find one.
#[derive(Default)]
pub(super) struct Cases<'v> {
    pub(super) list: Vec<LocatedCase<'v>>,
    by_name: HashMap<&'v str, usize>,
    by_plain_name: HashMap<String, usize>,
}

impl Reader<'_> {
    pub(super) fn cases<'v>(&mut self, file: &Fields<'v>) -> Cases<'v> {
        let mut cases = Cases::default();
        for (name, span, value) in self.named(file, "cases") {
            self.check_name("case", name, span);
            let overrides = self.overrides(name, value);
            let case = Case { name: name.to_string(), overrides: self.written_overrides(&overrides) };
            cases.by_name.insert(name, cases.list.len());
            cases.by_plain_name.entry(plain(name)).or_insert(cases.list.len());
            cases.list.push(LocatedCase { case, overrides });
        }
        cases
    }

    /// The entries of a table of parameters and values.
    pub(super) fn overrides<'v>(&mut self, key: &str, value: &'v Spanned<DeValue<'v>>) -> Vec<Override<'v>> {
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong_type(value.span(), key, "a table of parameters and their values", value.get_ref());
            return Vec::new();
        };
        let mut overrides = Vec::new();
        for (name, span, value) in in_order(table) {
            if let Some(source) = self.source(name, value) {
                overrides.push(Override { name, name_origin: Origin::File(span), source });
            }
        }
        overrides
    }

    /// Name and expression of each, as `--set` would take them.
    pub(super) fn written_overrides(&self, overrides: &[Override<'_>]) -> Vec<(String, String)> {
        let written = |source: &Source<'_>| match source.written {
            Literal::Number(number) => number.to_string(),
            Literal::Text(text) => text.to_string(),
        };
        overrides.iter().map(|each| (each.name.to_string(), written(&each.source))).collect()
    }

    /// The index of the case of this name, where capitals, "-", "_" and spaces do not matter.
    pub(super) fn find_case(&mut self, name: &str, origin: Origin, cases: &Cases<'_>) -> Option<usize> {
        let found = cases.by_name.get(name).or_else(|| cases.by_plain_name.get(&plain(name))).copied();
        if found.is_none() && self.is_full() {
            self.omitted += 1;
        } else if found.is_none() {
            let known: Vec<&str> = cases.list.iter().map(|case| case.case.name.as_str()).collect();
            let suggestion = nearest(name, known.iter().copied()).map(str::to_string);
            self.report_at(origin, Problem::UnknownCase { name: shortened(name), suggestion, known: listed(&known) });
        }
        found
    }
}

fn plain(name: &str) -> String {
    name.to_lowercase().replace(['-', '_', ' '], "")
}
