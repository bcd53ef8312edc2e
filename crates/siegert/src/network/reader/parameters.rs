//! `[parameters]`: their definitions, the overrides of a case and of the options, and their values.
//!
//! Definitions may refer to one another in any order. They are evaluated depth first with a stack of our own, since a
//! chain of parameters may be longer than the call stack.

use std::collections::HashMap;

use super::Reader;
use super::cases::{Cases, LocatedCase, Override};
use super::fields::{Fields, in_order};
use super::sources::{Literal, Place, Scope, Source};
use crate::network::error::{Origin, Problem};
use crate::network::expression::{Expression, Names, Values, is_identifier, reserved_meaning};
use crate::network::printable;
use crate::network::quantity::{Measure, Quantity};
use crate::network::spelling::{listed, nearest, shortened};
use crate::network::{Parameter, ReadOptions};

use toml::de::DeValue;

/// The parameters with the values in force.
pub(super) struct Parameters<'v> {
    names: Vec<&'v str>,
    index: HashMap<&'v str, usize>,
    /// None where the definition has a mistake.
    values: Vec<Option<Quantity>>,
    used: Vec<bool>,
    /// What is written for each, overrides included.
    definitions: Vec<Definition>,
    /// The parameters that overrides have replaced, with the values that the file gives.
    replaced: Vec<(usize, Quantity)>,
}

/// A parameter's definition: compiled, or None if it has a mistake.
#[derive(Clone)]
struct Definition {
    formula: Option<Result<Quantity, Expression>>,
    place: Place,
}

/// The names of the parameters, for the compiler of expressions.
pub(super) struct KnownNames<'p> {
    names: &'p [&'p str],
    index: &'p HashMap<&'p str, usize>,
    advise: bool,
}

impl Names for KnownNames<'_> {
    fn parameter(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    fn all(&self) -> &[&str] {
        self.names
    }

    fn advise(&self) -> bool {
        self.advise
    }
}

impl Values for Parameters<'_> {
    fn value(&self, parameter: usize) -> Option<Quantity> {
        self.values[parameter]
    }
}

impl<'v> Parameters<'v> {
    pub(super) fn names(&self, advise: bool) -> KnownNames<'_> {
        KnownNames { names: &self.names, index: &self.index, advise }
    }

    pub(super) fn mark_used(&mut self, expression: &Expression) {
        expression.parameters().for_each(|parameter| self.used[parameter] = true);
    }

    pub(super) fn unused(&self) -> impl Iterator<Item = &'v str> {
        self.names.iter().zip(&self.used).filter(|(_, used)| !**used).map(|(name, _)| *name)
    }

    /// The parameters as a user is shown them.
    pub(super) fn shown(&self) -> Vec<Parameter> {
        (0..self.names.len()).filter_map(|index| self.shown_one(index)).collect()
    }

    /// One parameter as a user is shown it; None where its definition has a mistake.
    pub(super) fn shown_one(&self, index: usize) -> Option<Parameter> {
        let (value, unit) = self.values[index]?.shown();
        Some(Parameter { name: self.names[index].to_string(), value, unit })
    }

    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    /// `starts` and the parameters that follow from them, each after those that it depends on.
    pub(super) fn followers(&self, starts: &[usize]) -> Vec<usize> {
        let mut follows = vec![false; self.names.len()];
        let mut followers = Vec::new();
        let mut walk = DepthFirstSearch::new(&self.definitions);
        for start in 0..self.definitions.len() {
            walk.enter(start);
            while let Some(step) = walk.step() {
                let Step::Ready(index) = step else { continue };
                follows[index] = starts.contains(&index) || walk.dependencies[index].iter().any(|&on| follows[on]);
                if follows[index] {
                    followers.push(index);
                }
            }
        }
        followers
    }

    /// Gives the parameters `starts` other values and evaluates what follows from them; None if anything is wrong.
    pub(super) fn vary(&mut self, starts: &[usize], values: &[Quantity], followers: &[usize]) -> Option<()> {
        for &index in followers {
            let value = match starts.iter().position(|&start| start == index) {
                Some(position) => Some(values[position]).filter(Quantity::is_finite)?,
                None => match self.definitions[index].formula.as_ref()? {
                    Ok(quantity) => *quantity,
                    Err(expression) => expression.evaluate(self, None).ok()?,
                },
            };
            self.values[index] = Some(value);
        }
        let fits = |(index, old): &(usize, Quantity)| {
            old.is_any_zero() || self.values[*index].is_some_and(|new| new.fits(old.dimension()))
        };
        self.replaced.iter().all(fits).then_some(())
    }
}

impl Reader<'_> {
    /// The parameters of the file, after the overrides of the chosen case and then those of the options.
    pub(super) fn parameters<'v>(
        &mut self,
        file: &Fields<'v>,
        cases: &Cases<'v>,
        options: &ReadOptions,
    ) -> Parameters<'v> {
        let mut parameters = Parameters {
            names: Vec::new(),
            index: HashMap::new(),
            values: Vec::new(),
            used: Vec::new(),
            definitions: Vec::new(),
            replaced: Vec::new(),
        };
        let sources = self.parameter_names(file, &mut parameters);
        let mut definitions: Vec<Definition> = Vec::with_capacity(sources.len());
        for source in &sources {
            definitions.push(match source {
                Some(source) => self.definition(source, &mut parameters),
                None => Definition { formula: None, place: Place::File { span: 0..0, content: None } },
            });
        }
        let chosen = options.case.as_ref().and_then(|name| self.find_case(name, Origin::Whole, cases));
        for (_, case) in cases.list.iter().enumerate().filter(|(index, _)| Some(*index) != chosen) {
            self.check_overrides(&case.overrides, &parameters);
        }
        let overrides = Self::overrides_in_force(chosen.map(|index| &cases.list[index]), options);
        if !overrides.is_empty() {
            self.replace(&mut definitions, &overrides, &mut parameters);
        }
        self.evaluate_all(&definitions, &mut parameters, true);
        parameters.definitions = definitions;
        parameters
    }

    /// Registers the names; gives what is written for each.
    fn parameter_names<'v>(&mut self, file: &Fields<'v>, parameters: &mut Parameters<'v>) -> Vec<Option<Source<'v>>> {
        let Some((_, value)) = file.get("parameters") else { return Vec::new() };
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong_type(value.span(), "parameters", "a table of names and quantities", value.get_ref());
            return Vec::new();
        };
        let mut sources = Vec::new();
        for (name, span, value) in in_order(table) {
            let reason = match reserved_meaning(name) {
                Some(meaning) => Some(meaning.to_string()),
                None if !is_identifier(name) => Some("names are letters, digits and _, and begin with a letter".into()),
                None => None,
            };
            if let Some(reason) = &reason {
                let (name, reason) = (printable(&shortened(name)).into_owned(), reason.clone());
                self.report(span, Problem::BadName { kind: "parameter", name, reason });
            }
            let source = self.source(name, value);
            if reason.is_none() || is_identifier(name) && crate::network::quantity::unit(name).is_none() {
                parameters.index.insert(name, parameters.names.len());
            }
            parameters.names.push(name);
            parameters.values.push(None);
            parameters.used.push(reason.is_some());
            sources.push(source.filter(|_| reason.is_none()));
        }
        sources
    }

    fn definition(&mut self, source: &Source<'_>, parameters: &mut Parameters<'_>) -> Definition {
        Definition { formula: self.compiled(source, parameters, Scope::Once), place: source.place.clone() }
    }

    /// The overrides in force: those of the case `chosen`, then those of the options.
    fn overrides_in_force<'o>(chosen: Option<&LocatedCase<'o>>, options: &'o ReadOptions) -> Vec<Override<'o>> {
        let mut overrides = chosen.map_or_else(Vec::new, |case| case.overrides.clone());
        for (index, (name, text)) in options.overrides.iter().enumerate() {
            let (name, text) = (name.trim(), text.as_str());
            let name_origin = Origin::Override { index, name: name.to_string(), span: None };
            let place = Place::Override { index, name: name.to_string(), length: text.len() };
            let source = Source { written: Literal::Text(text), place };
            overrides.push(Override { name, name_origin, source });
        }
        overrides
    }

    /// Checks overrides that are not in force: they must name parameters, by expressions that can be read.
    pub(super) fn check_overrides(&mut self, overrides: &[Override<'_>], parameters: &Parameters<'_>) {
        for each in overrides {
            if self.override_index(each, parameters).is_some() {
                self.compiled_without_use(&each.source, parameters, Scope::Once);
            }
        }
    }

    fn override_index(&mut self, each: &Override<'_>, parameters: &Parameters<'_>) -> Option<usize> {
        let index = parameters.index.get(each.name).copied();
        if index.is_none() {
            let suggestion = nearest(each.name, parameters.names.iter().copied()).map(str::to_string);
            let name = shortened(each.name);
            let known = listed(&parameters.names);
            self.report_at(each.name_origin.clone(), Problem::UnknownParameter { name, suggestion, known });
        }
        index
    }

    /// Puts the overrides in the place of the definitions; their dimensions must be those that the file gives.
    fn replace(&mut self, definitions: &mut [Definition], overrides: &[Override<'_>], parameters: &mut Parameters<'_>) {
        self.evaluate_all(definitions, parameters, false);
        let before = std::mem::take(&mut parameters.values);
        parameters.values = vec![None; before.len()];
        let mut replaced: HashMap<usize, &Override<'_>> = HashMap::new();
        for each in overrides {
            if let Some(index) = self.override_index(each, parameters) {
                definitions[index] = self.definition(&each.source, parameters);
                replaced.insert(index, each);
            }
        }
        self.evaluate_all(definitions, parameters, false);
        for (index, each) in replaced {
            let (Some(old), Some(new)) = (before[index], parameters.values[index]) else { continue };
            parameters.replaced.push((index, old));
            if !old.is_any_zero() && !new.fits(old.dimension()) {
                self.report_other_dimension(old, new, each);
                definitions[index].formula = None;
            }
        }
    }

    fn report_other_dimension(&mut self, old: Quantity, new: Quantity, each: &Override<'_>) {
        let measure = Measure::ALL.into_iter().find(|measure| measure.dimension() == old.dimension());
        match measure {
            Some(measure) => self.report_dimension(new, &[measure], each.name, &each.source.place),
            None => {
                let (expected, found) = (old.dimension().to_string(), new.dimension().to_string());
                let problem = Problem::WrongDimension { key: shortened(each.name), expected, found };
                self.report_at(each.source.place.whole(), problem);
            }
        }
    }

    /// Evaluates every definition, each after those that it depends on.
    fn evaluate_all(&mut self, definitions: &[Definition], parameters: &mut Parameters<'_>, report: bool) {
        let mut walk = DepthFirstSearch::new(definitions);
        parameters.values.fill(None);
        for start in 0..definitions.len() {
            walk.enter(start);
            while let Some(step) = walk.step() {
                match step {
                    Step::Circle(members) if report => {
                        self.report_circle(&members, definitions, parameters);
                    }
                    Step::Circle(_) => {}
                    Step::Ready(index) => {
                        parameters.values[index] = self.defined(&definitions[index], parameters, report);
                    }
                }
            }
        }
    }

    fn defined(&mut self, definition: &Definition, parameters: &Parameters<'_>, report: bool) -> Option<Quantity> {
        match definition.formula.as_ref()? {
            Ok(quantity) => Some(*quantity),
            Err(expression) if report => self.evaluated(expression, &definition.place, parameters, None),
            Err(expression) => expression.evaluate(parameters, None).ok(),
        }
    }

    fn report_circle(&mut self, members: &[usize], definitions: &[Definition], parameters: &Parameters<'_>) {
        const SHOWN: usize = 8;
        let name = |index: &usize| shortened(parameters.names[*index]);
        let mut names: Vec<String> = members.iter().take(SHOWN).map(name).collect();
        if members.len() > SHOWN {
            names.push(format!("({} more)", members.len() - SHOWN));
        }
        names.extend(members.first().map(name));
        let origin = definitions[members[0]].place.whole();
        self.report_at(origin, Problem::CircularParameters { cycle: names.join(" -> ") });
    }
}

/// A depth-first walk over definitions, each given back after those that it depends on.
struct DepthFirstSearch {
    dependencies: Vec<Vec<usize>>,
    state: Vec<State>,
    /// The definitions begun and not finished, each with the number of its dependencies that have been looked at.
    path: Vec<(usize, usize)>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    /// On the path, at this position; `true` if it belongs to a circle that has been given back.
    Open(usize, bool),
    Done,
}

enum Step {
    Ready(usize),
    Circle(Vec<usize>),
}

impl DepthFirstSearch {
    fn new(definitions: &[Definition]) -> Self {
        let dependencies = |definition: &Definition| match &definition.formula {
            Some(Err(expression)) => expression.parameters().collect(),
            _ => Vec::new(),
        };
        Self {
            dependencies: definitions.iter().map(dependencies).collect(),
            state: vec![State::New; definitions.len()],
            path: Vec::new(),
        }
    }

    fn enter(&mut self, index: usize) {
        if self.state[index] == State::New {
            self.state[index] = State::Open(self.path.len(), false);
            self.path.push((index, 0));
        }
    }

    fn step(&mut self) -> Option<Step> {
        loop {
            let (index, looked_at) = self.path.last_mut()?;
            let Some(&dependency) = self.dependencies[*index].get(*looked_at) else {
                let index = *index;
                self.path.pop();
                self.state[index] = State::Done;
                return Some(Step::Ready(index));
            };
            *looked_at += 1;
            let known_circle = matches!(self.state[*index], State::Open(_, true));
            match self.state[dependency] {
                State::New => self.enter(dependency),
                State::Open(_, true) if known_circle => {}
                State::Open(position, _) => return Some(Step::Circle(self.close_circle(position))),
                State::Done => {}
            }
        }
    }

    fn close_circle(&mut self, position: usize) -> Vec<usize> {
        let members: Vec<usize> = self.path[position..].iter().map(|(index, _)| *index).collect();
        for (offset, &member) in members.iter().enumerate() {
            self.state[member] = State::Open(position + offset, true);
        }
        members
    }
}
