//! The keys of one table of the file, and their values where no quantity is involved.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Reader;
use crate::network::error::Problem;
use crate::network::keys::{Section, in_words};
use crate::network::spelling::{choice_alias, key_advice, listed, nearest, shortened};

/// Name, its place, and value of an entry of a table.
pub(super) type Entry<'v> = (&'v str, Range<usize>, &'v Spanned<DeValue<'v>>);

/// A value of the file.
pub(super) enum Field<T> {
    /// The key is not there.
    Absent,
    /// It is there and wrong, which has been reported.
    Failed,
    /// It is there and good.
    Value(T),
}

impl<T> Field<T> {
    pub(super) fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }

    /// The value if it is good, `default` if the key is not there, None if it has failed.
    pub(super) fn or_default(self, default: T) -> Option<T> {
        self.optional().map(|value| value.unwrap_or(default))
    }

    /// `Some(None)` if the key is not there, None if it has failed.
    pub(super) fn optional(self) -> Option<Option<T>> {
        match self {
            Self::Absent => Some(None),
            Self::Failed => None,
            Self::Value(value) => Some(Some(value)),
        }
    }
}

/// A table of the file whose keys have been checked against its section.
pub(super) struct Fields<'v> {
    /// What messages call it: `neuron type "lif"`.
    pub(super) owner: String,
    /// The value of the section's variant key, if it is good.
    pub(super) variant: Option<&'static str>,
    span: Range<usize>,
    table: &'v DeTable<'v>,
}

impl<'v> Fields<'v> {
    pub(super) fn get(&self, key: &str) -> Option<(Range<usize>, &'v Spanned<DeValue<'v>>)> {
        self.table.get_key_value(key).map(|(key, value)| (key.span(), value))
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Where the value of `key` is; the table's place if it is not there.
    pub(super) fn span_of(&self, key: &str) -> Range<usize> {
        self.get(key).map_or(self.span.clone(), |(_, value)| value.span())
    }

    /// The table's place: its header, or its braces.
    pub(super) fn span(&self) -> Range<usize> {
        self.span.clone()
    }
}

/// The entries of a table in the order of the text.
pub(super) fn in_order<'v>(table: &'v DeTable<'v>) -> Vec<Entry<'v>> {
    let mut entries: Vec<Entry<'v>> =
        table.iter().map(|(key, value)| (key.get_ref().as_ref(), key.span(), value)).collect();
    entries.sort_by_key(|(_, span, _)| span.start);
    entries
}

fn found(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// Whether a key that the section does not have was probably meant to be `key`.
pub(super) fn is_there_misspelled(section: &'static Section, fields: &Fields<'_>, key: &str) -> bool {
    let quoted = format!("\"{key}\"");
    // More keys than this are no table that a person has written.
    let mut unknown = fields.table.iter().take(200).filter(|(name, _)| section.key(name.get_ref()).is_none());
    unknown.any(|(name, _)| key_advice(name.get_ref(), section).is_some_and(|advice| advice.contains(&quoted)))
}

impl Reader<'_> {
    pub(super) fn wrong_type(&mut self, span: Range<usize>, key: &str, expected: &'static str, value: &DeValue<'_>) {
        self.report(span, Problem::WrongType { key: shortened(key), expected, found: found(value) });
    }

    /// The table `value`, after a check that its keys are known, belong to its variant and are complete.
    pub(super) fn open<'v>(
        &mut self,
        section: &'static Section,
        value: &'v Spanned<DeValue<'v>>,
        owner: impl FnOnce() -> String,
    ) -> Option<Fields<'v>> {
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong_type(value.span(), &owner(), "a table", value.get_ref());
            return None;
        };
        // what is read again says nothing of its mistakes
        let owner = if self.keys_are_checked { String::new() } else { owner() };
        let mut fields = Fields { owner, variant: None, span: value.span(), table };
        let mut variant_known = true;
        if let Some(variant) = &section.variant {
            match self.choice(&fields, variant.key, variant.names) {
                Field::Value(name) => fields.variant = Some(name),
                Field::Absent => fields.variant = variant.default,
                Field::Failed => {}
            }
            variant_known = fields.variant.is_some();
        }
        if self.keys_are_checked {
            return Some(fields);
        }
        self.refuse_unknown_keys(section, &fields);
        if variant_known || section.variant.as_ref().is_some_and(|variant| !fields.has(variant.key)) {
            self.require_keys(section, &fields, variant_known);
        }
        Some(fields)
    }

    fn refuse_unknown_keys(&mut self, section: &'static Section, fields: &Fields<'_>) {
        for (name, span, _) in in_order(fields.table) {
            let Some(key) = section.key(name) else {
                if self.is_full() {
                    self.omitted += 1;
                    continue;
                }
                let names: Vec<&str> = section.keys.iter().map(|key| key.name).collect();
                let problem = Problem::UnknownKey {
                    key: shortened(name),
                    section: section.called,
                    advice: key_advice(name, section),
                    known: listed(&names),
                };
                self.report(span, problem);
                continue;
            };
            if let (Some(variant), false) = (fields.variant, fields.variant.is_none_or(|v| key.belongs_to(v))) {
                let problem = Problem::MisplacedKey {
                    key: name.to_string(),
                    owner: format!("{} of kind {variant}", section.called),
                    belongs_to: in_words(key.only),
                };
                self.report(span, problem);
            }
        }
    }

    fn require_keys(&mut self, section: &'static Section, fields: &Fields<'_>, variant_known: bool) {
        for key in section.keys {
            // Without a known variant only what every variant has can be missing.
            let required = if variant_known {
                key.is_required(fields.variant)
            } else {
                key.only.is_empty() && key.is_required(None)
            };
            // A key that is there under another name has been reported as unknown, with the right name as advice.
            let missing = required && !fields.has(key.name);
            if missing && (self.is_full() || !is_there_misspelled(section, fields, key.name)) {
                let problem = Problem::MissingKey { key: key.name, owner: fields.owner.clone(), meaning: key.doc };
                self.report(fields.span(), problem);
            }
        }
    }

    pub(super) fn text_and_span<'v>(&mut self, fields: &Fields<'v>, key: &str) -> Option<(&'v str, Range<usize>)> {
        let (_, value) = fields.get(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some((text.as_ref(), value.span())),
            other => {
                self.wrong_type(value.span(), key, "text in quotes", other);
                None
            }
        }
    }

    pub(super) fn text_of<'v>(&mut self, fields: &Fields<'v>, key: &str) -> Option<&'v str> {
        self.text_and_span(fields, key).map(|(text, _)| text)
    }

    pub(super) fn texts_of(&mut self, fields: &Fields<'_>, key: &str) -> Vec<String> {
        let Some((_, value)) = fields.get(key) else { return Vec::new() };
        let DeValue::Array(array) = value.get_ref() else {
            self.wrong_type(value.span(), key, "a list of texts", value.get_ref());
            return Vec::new();
        };
        let mut texts = Vec::new();
        for item in array.iter() {
            match item.get_ref() {
                DeValue::String(text) => texts.push(text.to_string()),
                other => self.wrong_type(item.span(), key, "a list of texts", other),
            }
        }
        texts
    }

    pub(super) fn flag(&mut self, fields: &Fields<'_>, key: &str) -> Field<bool> {
        let Some((_, value)) = fields.get(key) else { return Field::Absent };
        match value.get_ref() {
            DeValue::Boolean(flag) => Field::Value(*flag),
            other => {
                self.wrong_type(value.span(), key, "true or false, without quotes", other);
                Field::Failed
            }
        }
    }

    pub(super) fn index(&mut self, fields: &Fields<'_>, key: &str) -> Field<usize> {
        let Some((_, value)) = fields.get(key) else { return Field::Absent };
        if let DeValue::Integer(integer) = value.get_ref()
            && let Ok(index) = u32::from_str_radix(integer.as_str(), integer.radix())
        {
            return Field::Value(index as usize);
        }
        self.wrong_type(value.span(), key, "a whole number from 0 on", value.get_ref());
        Field::Failed
    }

    pub(super) fn choice(
        &mut self,
        fields: &Fields<'_>,
        key: &'static str,
        choices: &'static [&'static str],
    ) -> Field<&'static str> {
        let Some((value, span)) = self.text_and_span(fields, key) else {
            return if fields.has(key) { Field::Failed } else { Field::Absent };
        };
        if let Some(choice) = choices.iter().find(|choice| **choice == value) {
            return Field::Value(choice);
        }
        let alias = choice_alias(value).filter(|alias| choices.contains(alias));
        let suggestion = alias.or_else(|| nearest(value, choices.iter().copied())).map(str::to_string);
        self.report(
            span,
            Problem::UnknownChoice { key, value: shortened(value), suggestion, choices: listed(choices) },
        );
        Field::Failed
    }

    /// One name or a list of names, each with its place; all of them are text.
    pub(super) fn names<'v>(
        &mut self,
        fields: &Fields<'v>,
        key: &str,
    ) -> Option<impl ExactSizeIterator<Item = (&'v str, Range<usize>)> + use<'v>> {
        const EXPECTED: &str = "a name, or a list of names";
        let (_, value) = fields.get(key)?;
        let items = match value.get_ref() {
            DeValue::String(_) => std::slice::from_ref(value),
            DeValue::Array(items) if items.is_empty() => {
                self.report(value.span(), Problem::EmptyList);
                return None;
            }
            DeValue::Array(items) => items,
            other => {
                self.wrong_type(value.span(), key, EXPECTED, other);
                return None;
            }
        };
        let mut all_good = true;
        for item in items {
            if !matches!(item.get_ref(), DeValue::String(_)) {
                self.wrong_type(item.span(), key, EXPECTED, item.get_ref());
                all_good = false;
            }
        }
        let name = |item: &'v Spanned<DeValue<'v>>| (item.get_ref().as_str().unwrap_or_default(), item.span());
        all_good.then(|| items.iter().map(name))
    }
}
