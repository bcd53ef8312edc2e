//! Where a result comes from: the network that it is of, and the program that made it. Every report carries it, so that a file found years
//! later tells what it is, and can be made again.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::network::{Network, NetworkFileError, Parameter, ReadOptions, parse_with};
use crate::neuron::lif::SynapticFilter;
use crate::number::shortest;
pub(crate) use crate::theory::InputTheory;
use crate::theory::TheoryOptions;

/// The version of the form of all reports. It grows when a key is renamed or leaves, not when one is added.
pub const FORMAT: u32 = 1;

/// Where a result comes from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Provenance {
    /// What kind of report it is: the name of the command, "solve".
    pub report: String,
    /// The version of its form: see [`FORMAT`].
    pub format: u32,
    /// The version of siegert that made it.
    pub siegert: String,
    /// The command as it was typed; nothing for a program that used the library.
    pub command: Option<Vec<String>>,
    /// SHA-256, in hexadecimal digits, of the text of the network file, or of the description as JSON if there is no file; nothing for a result that
    /// is about no network.
    pub network_sha256: Option<String>,
    /// The text of the network file; nothing for a network made in code.
    pub network_file: Option<String>,
    /// The texts of tables beside the network file, by their names in it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub network_tables: BTreeMap<String, String>,
    /// The case of the file's `[cases]`.
    pub case: Option<String>,
    /// The parameters that were replaced, as on the command line: "g=6".
    pub set: Vec<String>,
    /// How synaptic time constants enter the theory; nothing for a result that has none.
    pub synaptic_filter: Option<SynapticFilter>,
    /// What the theory takes spikes for; left out for the diffusion approximation.
    #[serde(default, skip_serializing_if = "InputTheory::is_diffusion")]
    pub input: InputTheory,
    /// The seed of the random numbers; nothing where there are none.
    pub seed: Option<u64>,
}

impl Provenance {
    /// Of a result of this kind that is about no network.
    pub fn program(report: &str) -> Self {
        let (report, siegert) = (report.to_string(), env!("CARGO_PKG_VERSION").to_string());
        Provenance { report, format: FORMAT, siegert, ..Provenance::default() }
    }

    /// Of a result of this kind about a network.
    pub fn new(report: &str, network: &Network) -> Self {
        let file = network.read_from.as_ref();
        let hash = match file {
            // what stands beside a file belongs to it
            Some(file) => {
                let tables = file.tables.iter().flat_map(|(name, text)| [name, text]);
                let all = std::iter::once(&file.text).chain(tables);
                all.fold(Sha256::new(), |hash, text| hash.chain_update(text)).finalize()
            }
            // plain data has a text
            None => Sha256::digest(serde_json::to_vec(network).unwrap_or_default()),
        };
        Provenance {
            network_sha256: Some(hash.iter().map(|byte| format!("{byte:02x}")).collect()),
            network_file: file.map(|file| file.text.to_string()),
            network_tables: file.map(|file| file.tables.clone()).unwrap_or_default(),
            case: file.and_then(|file| file.options.case.clone()),
            set: file.map_or_else(Vec::new, |file| {
                file.options.overrides.iter().map(|(name, value)| format!("{name}={value}")).collect()
            }),
            ..Provenance::program(report)
        }
    }

    /// The same of a result of the theory.
    pub fn of_theory(self, options: impl Into<TheoryOptions>) -> Self {
        let TheoryOptions { filter, input } = options.into();
        Provenance { synaptic_filter: Some(filter), input, ..self }
    }

    /// The network again, with the parameters that were replaced; `None` where no file is kept.
    ///
    /// # Errors
    ///
    /// A file that was changed since.
    pub fn network(&self) -> Result<Option<Network>, NetworkFileError> {
        let Some(text) = &self.network_file else { return Ok(None) };
        let pair = |set: &String| {
            let (name, value) = set.split_once('=').unwrap_or((set, ""));
            (name.to_string(), value.to_string())
        };
        let options = ReadOptions { overrides: self.set.iter().map(pair).collect(), case: self.case.clone() };
        parse_with(text, "the network file kept in the report", &options, self.network_tables.clone()).map(Some)
    }
}

/// `[parameters]` as an object: a number where it has no dimension, else a text as in the network file, "0.1 mV".
pub(crate) mod parameters_as_object {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(parameters: &[Parameter], serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(parameters.len()))?;
        for parameter in parameters {
            if parameter.unit.is_empty() {
                map.serialize_entry(&parameter.name, &parameter.value)?;
            } else {
                map.serialize_entry(&parameter.name, &format!("{} {}", shortest(parameter.value), parameter.unit))?;
            }
        }
        map.end()
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Parameter>, D::Error> {
        deserializer.deserialize_map(AsObject)
    }

    /// One entry: a number, nothing for what is no finite number, or a quantity.
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Entry {
        Number(f64),
        Quantity(String),
        NoNumber(()),
    }

    struct AsObject;

    impl<'de> Visitor<'de> for AsObject {
        type Value = Vec<Parameter>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object of parameters")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut parameters = Vec::new();
            while let Some((name, entry)) = map.next_entry::<String, Entry>()? {
                let (value, unit) = match entry {
                    Entry::Number(value) => (value, String::new()),
                    Entry::NoNumber(()) => (f64::NAN, String::new()),
                    Entry::Quantity(text) => {
                        let (value, unit) = text.split_once(' ').unwrap_or((&text, ""));
                        let value = value.parse().map_err(|_| {
                            A::Error::custom(format!("parameter {name}: \"{text}\" is no number with its unit"))
                        })?;
                        (value, unit.to_string())
                    }
                };
                parameters.push(Parameter { name, value, unit });
            }
            Ok(parameters)
        }
    }
}

/// A number that may be none: JSON has null for NaN and the infinities, and null is read as NaN.
pub(crate) mod number_or_null {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(*value)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        Ok(Option::<f64>::deserialize(deserializer)?.unwrap_or(f64::NAN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{ReadOptions, open};

    #[derive(Serialize, Deserialize)]
    struct With {
        #[serde(with = "parameters_as_object")]
        parameters: Vec<Parameter>,
    }

    #[test]
    fn a_parameter_is_a_number_or_a_quantity_as_in_the_file_and_is_read_back() {
        let parameter = |name: &str, value, unit: &str| Parameter { name: name.into(), value, unit: unit.into() };
        let parameters = vec![parameter("g", 5.0, ""), parameter("J", 0.1, "mV/ms"), parameter("bad", f64::NAN, "")];
        let text = serde_json::to_string(&With { parameters }).unwrap();
        assert_eq!(text, r#"{"parameters":{"g":5.0,"J":"0.1 mV/ms","bad":null}}"#);
        let read: With = serde_json::from_str(&text).unwrap();
        assert_eq!((read.parameters[1].value, read.parameters[1].unit.as_str()), (0.1, "mV/ms"));
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
        let wrong = serde_json::from_str::<With>(r#"{"parameters":{"J":"x mV"}}"#);
        assert!(wrong.err().unwrap().to_string().contains("parameter J"));
    }

    #[test]
    fn what_was_replaced_and_the_file_are_known() {
        let overrides = vec![("g".to_string(), "6".to_string())];
        let network = open("brunel2000", &ReadOptions { overrides, ..ReadOptions::default() }).unwrap();
        let provenance = Provenance::new("solve", &network);
        assert_eq!(
            (provenance.set.as_slice(), provenance.network_sha256.map(|hash| hash.len())),
            (&["g=6".to_string()][..], Some(64))
        );
        assert!(provenance.network_file.is_some_and(|text| text.contains("[populations")));
        let made = Provenance::new("solve", &Network { read_from: Default::default(), ..network });
        assert!(made.network_file.is_none() && made.network_sha256.is_some_and(|hash| hash.len() == 64));
    }
}
