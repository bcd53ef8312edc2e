//! The JSON Schema of the network file, so that editors complete and check it.
//!
//! It is made from the table of keys that the reader uses, so that the two cannot disagree; a schema derived from
//! Rust types would describe the network after its expressions have been evaluated.

use serde_json::{Map, Value, json};

use super::keys::{FILE, Kind, Section, Variant};
use super::quantity::Measure;

/// The JSON Schema (draft 2020-12) of the network file.
pub fn json_schema() -> Value {
    let mut schema = section(&FILE);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("siegert network file");
    schema
}

fn section(section: &'static Section) -> Value {
    let mut properties = Map::new();
    for key in section.keys {
        let mut value = kind(&key.kind);
        value["description"] = json!(key.doc);
        properties.insert(key.name.into(), value);
    }
    let mut schema = json!({
        "type": "object",
        "description": section.doc,
        "properties": properties,
        "additionalProperties": false,
    });
    let required = required(section, None);
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    if let Some(variant) = &section.variant {
        schema["allOf"] = variants(section, variant);
    }
    if section.name == "projection" {
        let alternatives = ["in_degree", "probability", "total"].map(|rule| json!({ "required": [rule] }));
        schema["oneOf"] = json!(alternatives);
    }
    if section.name == "course" {
        let alternatives = [&["times", "factors"][..], &["times", "rates"], &["times", "values"], &["file"]];
        schema["oneOf"] = json!(alternatives.map(|keys| json!({ "required": keys })));
    }
    schema
}

fn required(section: &Section, variant: Option<&str>) -> Vec<&'static str> {
    let keys = section.keys.iter().filter(|key| match variant {
        Some(_) => key.is_required(variant),
        None => key.only.is_empty() && key.is_required(None),
    });
    keys.map(|key| key.name).collect()
}

/// What each variant requires and forbids.
fn variants(section: &Section, variant: &Variant) -> Value {
    let rules = variant.names.iter().map(|name| {
        let forbidden = section.keys.iter().filter(|key| !key.belongs_to(name));
        let forbidden: Map<String, Value> = forbidden.map(|key| (key.name.to_string(), json!(false))).collect();
        let mut condition = json!({ "properties": { variant.key: { "const": name } } });
        if variant.default != Some(*name) {
            condition["required"] = json!([variant.key]);
        }
        json!({ "if": condition, "then": { "required": required(section, Some(name)), "properties": forbidden } })
    });
    Value::Array(rules.collect())
}

fn kind(kind: &Kind) -> Value {
    match kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Texts => json!({ "type": "array", "items": { "type": "string" } }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Index => json!({ "type": "integer", "minimum": 0 }),
        Kind::Choice(choices) => json!({ "enum": choices }),
        Kind::Names => json!({ "anyOf": [
            { "type": "string" },
            { "type": "array", "items": { "type": "string" }, "minItems": 1, "uniqueItems": true },
        ]}),
        Kind::Quantity(Measure::Number) | Kind::AnyQuantity => json!({ "type": ["number", "string"] }),
        Kind::Quantity(measure) => with_unit(&[*measure]),
        Kind::QuantityList(measures) => {
            let item = if measures.contains(&Measure::Number) {
                json!({ "type": ["number", "string"] })
            } else {
                with_unit(measures)
            };
            json!({ "type": "array", "items": item, "minItems": 1 })
        }
        // JSON has no infinite numbers, TOML has: editors hand them over as numbers.
        Kind::Unbounded(measure) => {
            json!({ "type": ["number", "string"], "examples": examples(&[*measure]) })
        }
        Kind::Law(measure) => {
            law(&measure.map_or(vec![Measure::Voltage, Measure::Current, Measure::Conductance], |m| vec![m]))
        }
        Kind::LawOfEither(one, other) => law(&[*one, *other]),
        Kind::Table(inner) => section(inner),
        Kind::Named(inner) => json!({ "type": "object", "additionalProperties": section(inner) }),
        Kind::List(inner) => json!({ "type": "array", "items": section(inner) }),
        Kind::Quantities => quantities(),
        Kind::NamedQuantities => json!({ "type": "object", "additionalProperties": quantities() }),
    }
}

/// A quantity in one of these dimensions, or its law.
fn law(measures: &[Measure]) -> Value {
    let mut law = section(&super::keys::LAW);
    for part in ["mean", "std", "low", "high", "center", "half_width"] {
        let description = law["properties"][part]["description"].take();
        law["properties"][part] = with_unit(measures);
        law["properties"][part]["description"] = description;
    }
    json!({
        "anyOf": [{ "type": "string", "minLength": 1 }, { "const": 0 }, law],
        "examples": examples(measures),
    })
}

fn quantities() -> Value {
    json!({ "type": "object", "additionalProperties": { "type": ["number", "string"] } })
}

/// A quantity with a dimension is text; only 0 needs no unit.
fn with_unit(measures: &[Measure]) -> Value {
    json!({ "anyOf": [{ "type": "string", "minLength": 1 }, { "const": 0 }], "examples": examples(measures) })
}

fn examples(measures: &[Measure]) -> Vec<String> {
    measures.iter().map(|measure| format!("1 {}", measure.unit())).collect()
}
