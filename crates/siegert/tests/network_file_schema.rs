//! The JSON Schema of the network file: the one that ships is the one that the library makes, it accepts the bundled
//! networks and refuses misspelled keys.

use serde_json::Value;
use siegert::network::{bundled, json_schema};

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/network.schema.json");

/// `SIEGERT_WRITE_SCHEMA=1 cargo test -p siegert --test network_file_schema` writes the file anew.
#[test]
fn the_shipped_schema_is_the_generated_one() {
    let generated = format!("{:#}\n", json_schema());
    if std::env::var_os("SIEGERT_WRITE_SCHEMA").is_some() {
        std::fs::write(SHIPPED, &generated).expect("the schema can be written");
    }
    let shipped = std::fs::read_to_string(SHIPPED).expect("the schema is part of the repository");
    assert_eq!(shipped, generated, "write it anew with SIEGERT_WRITE_SCHEMA=1");
}

/// A TOML value as an editor hands it to a validator of JSON Schema.
fn as_json(value: &toml::de::DeValue<'_>) -> Value {
    use toml::de::DeValue;
    match value {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Integer(integer) => Value::from(integer.to_string().parse::<i64>().expect("the models' integers fit")),
        DeValue::Float(float) => Value::from(float.as_str().parse::<f64>().expect("the models' numbers are numbers")),
        DeValue::Boolean(flag) => Value::from(*flag),
        DeValue::Datetime(date) => Value::from(date.to_string()),
        DeValue::Array(items) => items.iter().map(|item| as_json(item.get_ref())).collect(),
        DeValue::Table(table) => Value::Object(
            table.iter().map(|(key, value)| (key.get_ref().to_string(), as_json(value.get_ref()))).collect(),
        ),
    }
}

fn bundled_as_json(text: &str) -> Value {
    let table = toml::de::DeTable::parse(text).expect("the bundled networks are TOML").into_inner();
    as_json(&toml::de::DeValue::Table(table))
}

fn validator() -> jsonschema::Validator {
    jsonschema::draft202012::new(&json_schema()).expect("the schema is a schema")
}

#[test]
fn every_bundled_network_satisfies_the_schema() {
    let validator = validator();
    for network in bundled::all() {
        let errors: Vec<String> = validator
            .iter_errors(&bundled_as_json(network.text))
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", network.name);
    }
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    let validator = validator();
    let text = bundled::find("brunel2000").expect("it is bundled").text;
    for (from, to) in [
        ("V_reset = \"V_reset\"", "V_rset = \"V_reset\""),
        ("model   = \"lif\"", "model = \"lfi\""),
        ("model   = \"lif\"", "model = \"eif\""),
        ("model   = \"lif\"", "model = \"lif\"\nDelta_T = \"1 mV\""),
        ("in_degree = \"K_E\"\nweight", "weight"),
        ("weight    = \"J\"", "weight = 0.1"),
        ("weight    = \"J\"", "weight = { mean = \"1 mV\" }"),
        ("to        = [\"E\", \"I\"]", "to = []"),
    ] {
        assert!(text.contains(from), "the bundled network lacks {from:?}");
        let changed = text.replacen(from, to, 1);
        assert!(!validator.is_valid(&bundled_as_json(&changed)), "{to}");
        let read = siegert::network::parse(&changed, "changed", &Default::default());
        assert!(read.is_err(), "{to}");
    }
    let exponential =
        text.replacen("weight    = \"J\"", "weight = { distribution = \"exponential\", mean = \"J\" }", 1);
    assert!(validator.is_valid(&bundled_as_json(&exponential)));
}
