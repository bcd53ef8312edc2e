//! `[[projections]]`: who is connected to whom, written out for each pair of populations.

use std::collections::HashSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::fields::{Fields, is_there_misspelled};
use super::laws::PreparedLaw;
use super::sources::{Prepared, Scope};
use super::{Known, Reader};
use crate::network::checks::{self, Pairs, weight_measure};
use crate::network::error::Problem;
use crate::network::keys;
use crate::network::quantity::Measure;
use crate::network::receptors::Receptors;
use crate::network::validate::FEW;
use crate::network::{ConnectionRule, Projection, Synapse};
use crate::{Shown, Warning, WarningKind};

/// The most entries that the lists of a file may stand for.
pub(super) const MAX_PAIRS: usize = 1_000_000;

/// The keys of which a projection has exactly one.
pub(super) const RULES: [&str; 3] = ["in_degree", "probability", "total"];

/// One `[[projections]]`, still to be evaluated for each pair of populations.
struct Prototype<'v> {
    rule_key: &'static str,
    rule: Prepared,
    rule_span: Range<usize>,
    weight: PreparedLaw,
    delay: Option<PreparedLaw>,
    synapse_type: &'v str,
    receptors: Receptors,
    synapse_span: Range<usize>,
    autapses: bool,
    /// What the file says, if it says anything.
    multapses: Option<bool>,
}

/// Why a projection was not added.
pub(super) enum Stop {
    Mistake,
    TooMany,
}

impl Reader<'_> {
    pub(super) fn projections<'v>(&mut self, file: &Fields<'v>, known: &mut Known<'v>) -> Option<Vec<Projection>> {
        let mut projections = Vec::new();
        let mut all_good = true;
        for (index, value) in self.list(file, "projections").into_iter().enumerate() {
            match self.projection(index, value, known, &mut projections) {
                Ok(()) => {}
                Err(Stop::Mistake) => all_good = false,
                Err(Stop::TooMany) => return None,
            }
            known.projection_ends.push(projections.len());
        }
        all_good.then_some(projections)
    }

    pub(super) fn projection<'v>(
        &mut self,
        index: usize,
        value: &'v Spanned<DeValue<'v>>,
        known: &mut Known<'v>,
        projections: &mut Vec<Projection>,
    ) -> Result<(), Stop> {
        let fields =
            self.open(&keys::PROJECTION, value, || format!("projection {}", index + 1)).ok_or(Stop::Mistake)?;
        let sources = self.population_list(&fields, "from", known);
        let targets = self.population_list(&fields, "to", known);
        let prototype = self.prototype(&fields, known);
        let (Some(sources), Some(targets), Some(prototype)) = (sources, targets, prototype) else {
            return Err(Stop::Mistake);
        };
        if sources.len().saturating_mul(targets.len()).saturating_mul(prototype.receptors.count())
            > MAX_PAIRS - projections.len()
        {
            self.report(fields.span(), Problem::TooManyPairs { limit: MAX_PAIRS });
            return Err(Stop::TooMany);
        }
        if let Prepared::Fixed(in_degree) = prototype.rule {
            self.note_fraction(&prototype, in_degree);
        }
        for &source in &sources {
            for &target in &targets {
                self.for_populations(&prototype, [source, target], known, projections).ok_or(Stop::Mistake)?;
            }
        }
        Ok(())
    }

    /// What can be said of a connection rule without its populations.
    fn possible_rule(
        &mut self,
        fields: &Fields<'_>,
        (key, rule): (&'static str, Prepared),
    ) -> Option<(&'static str, Prepared)> {
        let Prepared::Fixed(value) = rule else { return Some((key, rule)) };
        match checks::rule_alone(&connection_rule(key, value)) {
            Ok(()) => Some((key, rule)),
            Err(problem) => {
                self.report(fields.span_of(key), problem);
                None
            }
        }
    }

    fn note_fraction(&mut self, prototype: &Prototype<'_>, in_degree: f64) {
        let fraction = (in_degree - in_degree.round()).abs();
        if prototype.rule_key == "in_degree" && fraction > 1e-9 * in_degree.abs() {
            self.fractional_in_degrees.push((prototype.rule_span.start, in_degree));
        }
    }

    /// One warning for all in-degrees that are no whole numbers.
    pub(super) fn warn_about_fractions(&mut self) {
        let Some(&(offset, in_degree)) = self.fractional_in_degrees.first() else { return };
        let (line, _) = crate::network::error::line_and_column(self.text, offset);
        let more = match self.fractional_in_degrees.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let sentence = format!(
            "in_degree is no whole number (line {line}: {}){more}: the theory takes it as it is, a simulation rounds it",
            Shown(in_degree)
        );
        self.warnings.push(Warning::new(WarningKind::FractionalInDegree, sentence).with_value(in_degree));
    }

    /// The indices of the populations at `key`; None if a name is wrong or a population has a mistake.
    pub(super) fn population_list<'v>(
        &mut self,
        fields: &Fields<'v>,
        key: &str,
        known: &Known<'v>,
    ) -> Option<Vec<usize>> {
        let names = self.names(fields, key)?;
        let few = names.len() <= FEW;
        let mut seen = HashSet::new();
        let mut indices = Vec::with_capacity(names.len());
        let mut all_good = true;
        for (name, span) in names {
            let Some(&index) = known.population_index.get(name) else {
                self.report_unknown(span, "population", name, &known.population_names);
                all_good = false;
                continue;
            };
            let is_repeated = if few { indices.contains(&index) } else { !seen.insert(index) };
            if is_repeated {
                self.report(span, Problem::RepeatedName { name: name.to_string() });
                all_good = false;
            }
            all_good &= known.populations[index].is_some();
            indices.push(index);
        }
        all_good.then_some(indices)
    }

    /// The synapse at `key`, "delta" if there is none: its name, its receptors, its place.
    pub(super) fn synapse_of<'v>(
        &mut self,
        fields: &Fields<'v>,
        known: &Known<'v>,
    ) -> Option<(&'v str, Receptors, Range<usize>)> {
        let Some((name, span)) = self.text_and_span(fields, "synapse") else {
            // what is there and no text has been reported
            let absent = !fields.has("synapse");
            let delta = || known.synapses.get("delta").cloned().flatten();
            return absent.then(delta).flatten().map(|synapse| ("delta", synapse, fields.span()));
        };
        match known.synapses.get(name) {
            Some(receptors) => receptors.clone().map(|receptors| (name, receptors, span)),
            None => {
                self.report_unknown(span, "synapse", name, &known.synapse_names);
                None
            }
        }
    }

    fn prototype<'v>(&mut self, fields: &Fields<'v>, known: &mut Known<'v>) -> Option<Prototype<'v>> {
        let rule = self.connection_rule(fields, known).and_then(|rule| self.possible_rule(fields, rule));
        let synapse = self.synapse_of(fields, known);
        let weight = synapse.as_ref().and_then(|(_, receptors, _)| {
            self.law(fields, "weight", weight_measure(&receptors.first()), Scope::Pair, &mut known.parameters)
        });
        let delay = self.delay(fields, Scope::Pair, known);
        let autapses = self.flag(fields, "autapses").or_default(true);
        let multapses = self.flag(fields, "multapses").optional();
        let (rule_key, rule) = rule?;
        let (synapse_type, receptors, synapse_span) = synapse?;
        if rule_key == "probability" && multapses == Some(Some(true)) {
            let said = "multapses = true has no effect with probability: pairs are connected at most once";
            if !self.warnings.iter().any(|known| known.kind == WarningKind::MultapsesWithoutEffect) {
                self.warnings.push(Warning::new(WarningKind::MultapsesWithoutEffect, said.to_string()));
            }
        }
        Some(Prototype {
            rule_key,
            rule,
            rule_span: fields.span_of(rule_key),
            weight: weight?,
            delay: delay?,
            synapse_type,
            receptors,
            synapse_span,
            autapses: autapses?,
            multapses: multapses?,
        })
    }

    fn connection_rule<'v>(&mut self, fields: &Fields<'v>, known: &mut Known<'v>) -> Option<(&'static str, Prepared)> {
        let mut found = RULES.into_iter().filter_map(|rule| Some((rule, fields.get(rule)?)));
        match (found.next(), found.next_back()) {
            (Some((rule, (_, value))), None) => self
                .prepared(rule, value, Measure::Number, Scope::Pair, &mut known.parameters)
                .map(|prepared| (rule, prepared)),
            (None, _) => {
                let misspelled = RULES.into_iter().any(|rule| is_there_misspelled(&keys::PROJECTION, fields, rule));
                if !misspelled {
                    self.report(fields.span(), Problem::NoConnectionRule);
                }
                None
            }
            (Some(_), Some((_, (key_span, _)))) => {
                let found: Vec<&str> = RULES.into_iter().filter(|rule| fields.has(rule)).collect();
                self.report(key_span, Problem::SeveralConnectionRules { found: keys::in_words(&found) });
                None
            }
        }
    }

    /// The projections between two populations: one for each receptor of the synapse.
    fn for_populations(
        &mut self,
        prototype: &Prototype<'_>,
        [source, target]: [usize; 2],
        known: &Known<'_>,
        projections: &mut Vec<Projection>,
    ) -> Option<()> {
        let (from, to) = (known.populations[source].as_ref()?, known.populations[target].as_ref()?);
        let sizes = [from.size as f64, to.size as f64];
        let rule = self.for_pair(&prototype.rule, &known.parameters, sizes);
        let rule = rule.and_then(|value| self.checked_rule(prototype, value, source, target, known));
        let weight = self.weight_for_pair(&prototype.weight, &known.parameters, sizes);
        let delay = match &prototype.delay {
            None => Some(None),
            Some(delay) => self.delay_for_pair(delay, &known.parameters, sizes).map(Some),
        };
        let receptors = &prototype.receptors;
        self.check_capacitance(&receptors.first(), prototype.synapse_span.clone(), target, known)?;
        let (rule, weight, delay_ms) = (rule?, weight?, delay?);
        let shares = match receptors.of_rule(rule) {
            Ok(shares) => shares,
            Err(problem) => {
                self.report(prototype.rule_span.clone(), problem);
                return None;
            }
        };
        projections.extend(shares.into_iter().map(|(synapse, rule)| Projection {
            source,
            target,
            rule,
            autapses: prototype.autapses,
            multapses: prototype.rule_key != "probability" && prototype.multapses.unwrap_or(true),
            weight,
            delay_ms,
            synapse_type: prototype.synapse_type.to_string(),
            synapse,
            plasticity: receptors.plasticity(),
        }));
        Some(())
    }

    fn checked_rule(
        &mut self,
        prototype: &Prototype<'_>,
        value: f64,
        source: usize,
        target: usize,
        known: &Known<'_>,
    ) -> Option<ConnectionRule> {
        let (from, to) = (known.populations[source].as_ref()?, known.populations[target].as_ref()?);
        let (autapses, multapses) = (prototype.autapses, prototype.multapses);
        let pairs = Pairs { from, to, recurrent: source == target, autapses, multapses };
        let rule = connection_rule(prototype.rule_key, value);
        match checks::rule(&rule, &pairs) {
            Ok(()) => Some(rule),
            Err(problem) => {
                self.report(prototype.rule_span.clone(), problem);
                None
            }
        }
    }

    /// Currents and conductances become voltages through the target's capacitance.
    pub(super) fn check_capacitance(
        &mut self,
        synapse: &Synapse,
        span: Range<usize>,
        target: usize,
        known: &Known<'_>,
    ) -> Option<()> {
        let target = known.populations[target].as_ref()?;
        match checks::capacitance(synapse, target) {
            Ok(()) => Some(()),
            Err(problem) => {
                self.report(span, problem);
                None
            }
        }
    }
}

/// The rule that one of [`RULES`] and its value stand for.
fn connection_rule(key: &str, value: f64) -> ConnectionRule {
    match key {
        "probability" => ConnectionRule::PairwiseProbability { probability: value },
        "in_degree" => ConnectionRule::FixedInDegree { in_degree: value },
        _ => ConnectionRule::FixedTotal { total: value },
    }
}
