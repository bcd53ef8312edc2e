//! What `--record` asks for, and the rows of it on their way to a file.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::journal::{Journal, SoFar};
use super::spikes::{Neurons, write_rows};
use crate::axis::positive_ms as positive;
use crate::files::Place;
use crate::job::JobError;
use crate::network::Network;
use crate::report::{Column, Provenance, Table, Values};
use crate::simulation::{Chosen, RecordedValue, Recording, Simulator, TICKS_PER_STEP};

/// Time from one value to the next, and width of a bin, if nothing is said.
const EVERY_MS: f64 = 1.0;

/// What can be recorded: the word, the name of the column, and an example.
const QUANTITIES: [(&str, &str, &str); 6] = [
    ("spikes", "", "spikes:E:0-99:to=spikes.csv"),
    ("rates", "rate_hz", "rates:bin=5ms:to=rates.csv"),
    ("potentials", "potential_mv", "potentials:E:0-9:every=1ms:to=potentials.csv"),
    ("mean_potentials", "mean_V_mv", "mean_potentials:every=1ms:to=mean_potentials.csv"),
    ("currents", "current_pa", "currents:E:0-9:every=1ms:to=currents.csv"),
    ("inputs", "input_mv", "inputs:E:0-9:every=1ms:to=inputs.csv"),
];

/// A recording as a user writes it: `WHAT[:POPULATION[:NEURONS]][:every=TIME | :bin=TIME]:to=PATH`.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordSpec {
    text: String,
    /// Index in the list of quantities.
    quantity: usize,
    population: Option<String>,
    /// First and last; all, if none are said.
    neurons: Option<(u64, u64)>,
    every_ms: f64,
    /// The file.
    pub to: PathBuf,
    parquet: bool,
}

impl FromStr for RecordSpec {
    type Err = String;

    /// Reads a recording, as `potentials:E:0-9:every=1ms:to=V.csv`; what is wrong with it in words.
    fn from_str(text: &str) -> Result<Self, String> {
        record_spec(text)
    }
}

fn record_spec(text: &str) -> Result<RecordSpec, String> {
    let words = QUANTITIES.map(|(word, ..)| word).join(", ");
    let what = text.split(':').next().unwrap_or_default();
    let Some(quantity) = QUANTITIES.iter().position(|(word, ..)| *word == what) else {
        return Err(format!("\"{what}\" cannot be recorded; {words} can, as in {}", QUANTITIES[1].2));
    };
    let example = QUANTITIES[quantity].2;
    let Some((before, to)) = text.split_once(":to=").filter(|(_, to)| !to.is_empty()) else {
        return Err(format!("it does not say where to; end with :to=PATH, as in {example}"));
    };
    let to = PathBuf::from(to);
    let parquet = match to.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase).as_deref() {
        Some("csv") => false,
        Some("parquet") => true,
        _ => return Err(format!("to={}: the ending must be .csv or .parquet", to.display())),
    };
    let is_of_populations = matches!(what, "rates" | "mean_potentials");
    let time_option = if what == "rates" { "bin" } else { "every" };
    let mut wanted = RecordSpec {
        text: text.to_string(),
        quantity,
        population: None,
        neurons: None,
        every_ms: EVERY_MS,
        to,
        parquet,
    };
    for part in before.split(':').skip(1) {
        match part.split_once('=') {
            Some((key, time)) if key == time_option && what != "spikes" => {
                wanted.every_ms = positive(time).map_err(|problem| format!("{part}: {problem}"))?;
            }
            Some((key, _)) => {
                let known = if what == "spikes" { "to" } else { time_option };
                return Err(format!("{key}= is no part of {what}; {known}= is, as in {example}"));
            }
            None if wanted.population.is_none() && !part.is_empty() => wanted.population = Some(part.to_string()),
            None if wanted.neurons.is_none() && !is_of_populations && !part.is_empty() => {
                wanted.neurons = Some(neurons(part).ok_or_else(|| {
                    format!("\"{part}\" are no neurons; give the first and the last, from 0, as in {example}")
                })?);
            }
            None => return Err(format!("\"{part}\" is one part too many; it is to look like {example}")),
        }
    }
    if !is_of_populations && wanted.population.is_none() {
        return Err(format!("it does not say of which population, as in {example}"));
    }
    Ok(wanted)
}

/// "0-9", or "7" for one.
fn neurons(text: &str) -> Option<(u64, u64)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    Some((number(first)?, number(last)?))
}

impl RecordSpec {
    /// The same for the library.
    fn recording(&self, network: &Network) -> Result<Recording, JobError> {
        let place = |name: &String| {
            network.populations.iter().position(|population| population.name == *name).ok_or_else(|| {
                let names: Vec<&str> = network.populations.iter().map(|population| population.name.as_str()).collect();
                let text = &self.text;
                JobError::Input(format!(
                    "--record {text}: there is no population \"{name}\"; there are {}",
                    names.join(", ")
                ))
            })
        };
        let population = self.population.as_ref().map(place).transpose()?;
        let every_ms = self.every_ms;
        if QUANTITIES[self.quantity].0 == "rates" {
            return Ok(Recording::Rates { population, bin_ms: every_ms });
        }
        if QUANTITIES[self.quantity].0 == "mean_potentials" {
            return Ok(Recording::MeanPotentials { population, every_ms });
        }
        // it was read with a population
        let population = population.unwrap_or_default();
        let size = network.populations[population].size;
        let (first, last) = self.neurons.unwrap_or((0, size.saturating_sub(1)));
        let of = Chosen { population, first, last };
        Ok(match QUANTITIES[self.quantity].0 {
            "spikes" => Recording::Spikes(of),
            "potentials" => Recording::Potentials { of, every_ms },
            "currents" => Recording::Currents { of, every_ms },
            _ => Recording::Inputs { of, every_ms },
        })
    }

    /// What is recorded, without where to.
    fn what(&self) -> &str {
        self.text.split_once(":to=").map_or(self.text.as_str(), |(what, _)| what)
    }
}

/// What a checkpoint knows of a recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct RecordSoFar {
    /// As it was given.
    spec: String,
    rows: SoFar,
}

/// The recordings of a run with their journals.
#[derive(Debug, Default)]
pub(super) struct Records {
    wanted: Vec<RecordSpec>,
    /// One for each; none where the run is complete and its files are written.
    journals: Vec<Journal<RecordedValue>>,
}

impl Records {
    /// Starts the journals of a run.
    pub(super) fn start(wanted: &[RecordSpec]) -> Result<Self, JobError> {
        let journals = wanted.iter().map(|wanted| Journal::start(&wanted.to)).collect::<Result<_, _>>()?;
        Ok(Records { wanted: wanted.to_vec(), journals })
    }

    /// Opens the journals of a run that goes on, whose recordings are those that it was started with; they may be said again.
    pub(super) fn resume(wanted: &[RecordSpec], so_far: &[RecordSoFar], complete: bool) -> Result<Self, JobError> {
        let kept: Vec<RecordSpec> = so_far.iter().map(|record| wanted_again(&record.spec)).collect::<Result<_, _>>()?;
        let same = |(wanted, (kept, record)): (&RecordSpec, (&RecordSpec, &RecordSoFar))| {
            wanted.what() == kept.what() && Place::of(&wanted.to).path == Path::new(&record.rows.path)
        };
        let all_same = wanted.len() == kept.len() && wanted.iter().zip(kept.iter().zip(so_far)).all(same);
        if !wanted.is_empty() && !all_same {
            let then: Vec<String> = so_far.iter().map(|record| format!("--record {}", record.spec)).collect();
            let then =
                if then.is_empty() { "without --record".to_string() } else { format!("with {}", then.join(" ")) };
            return Err(JobError::Input(format!(
                "--record: the run was started {then}, and goes on with that; leave --record out, or begin anew without --resume"
            )));
        }
        let resume = |record: &RecordSoFar| Journal::resume(Path::new(&record.rows.path), &record.rows);
        let going_on = so_far.iter().filter(|_| !complete);
        Ok(Records { wanted: kept, journals: going_on.map(resume).collect::<Result<_, _>>()? })
    }

    /// What the simulator is to record.
    pub(super) fn recordings(&self, network: &Network) -> Result<Vec<Recording>, JobError> {
        self.wanted.iter().map(|wanted| wanted.recording(network)).collect()
    }

    /// Has the simulator record it; a refusal says which recording it is about.
    pub(super) fn begin(&self, recordings: &[Recording], simulator: &mut Simulator) -> Result<(), JobError> {
        for (wanted, recording) in self.wanted.iter().zip(recordings) {
            let taken = simulator.record(std::slice::from_ref(recording));
            taken.map_err(|error| JobError::from(error).about(&format!("--record {}", wanted.text)))?;
        }
        Ok(simulator.record(recordings)?)
    }

    /// Appends what was recorded, a list for each.
    pub(super) fn append(&mut self, rows: Vec<Vec<RecordedValue>>) -> Result<(), JobError> {
        self.journals.iter_mut().zip(rows).try_for_each(|(journal, rows)| journal.append(rows))
    }

    /// Brings all to the disk for a checkpoint, which then needs it.
    pub(super) fn so_far(&mut self) -> Result<Vec<RecordSoFar>, JobError> {
        let so_far = |(wanted, journal): (&RecordSpec, &mut Journal<RecordedValue>)| {
            Ok(RecordSoFar { spec: wanted.text.clone(), rows: journal.so_far()? })
        };
        self.wanted.iter().zip(&mut self.journals).map(so_far).collect()
    }

    /// Writes the files.
    pub(super) fn write(&mut self, network: &Network, dt_ms: f64, about: &Provenance) -> Result<(), JobError> {
        let neurons = Neurons::new(network, dt_ms);
        self.wanted.iter().zip(&mut self.journals).try_for_each(|(wanted, journal)| {
            let rows = journal.all()?;
            write_rows(journal.target(), wanted.parquet, rows, |rows| table(wanted, &neurons, dt_ms, rows), about)
        })
    }

    /// The files.
    pub(super) fn targets(&self) -> impl Iterator<Item = &Path> {
        self.journals.iter().map(Journal::target)
    }

    /// Removes the journals, once the files are written.
    pub(super) fn remove(self) -> Result<(), JobError> {
        self.journals.into_iter().try_for_each(Journal::remove)
    }
}

/// A recording as a checkpoint has it.
fn wanted_again(spec: &str) -> Result<RecordSpec, JobError> {
    record_spec(spec).map_err(|problem| JobError::Input(format!("the checkpoint speaks of --record {spec}: {problem}")))
}

fn table(wanted: &RecordSpec, neurons: &Neurons, dt_ms: f64, rows: &[RecordedValue]) -> Table {
    let (what, column, _) = QUANTITIES[wanted.quantity];
    if what == "spikes" {
        // the value is the part of the step that was over
        let before = |row: &RecordedValue| ((1.0 - row.value) * TICKS_PER_STEP as f64) as u64;
        let spikes = rows.iter().map(|row| (row.step * TICKS_PER_STEP - before(row), row.index));
        return neurons.table(&spikes.collect::<Vec<_>>());
    }
    let values = Column::numbers(column, rows.iter().map(|row| Some(row.value)));
    let names = neurons.names.clone();
    let time = |name: &'static str, before: u64| {
        Column::numbers(name, rows.iter().map(|row| Some(neurons.time_ms(row.step.saturating_sub(before)))))
    };
    if what == "rates" {
        let bin = (wanted.every_ms / dt_ms).round() as u64;
        let which = rows.iter().map(|row| row.index).collect();
        let population = Column::new("population", Values::Names { names, which });
        return Table { columns: vec![population, time("from_ms", bin), time("to_ms", 0), values] };
    }
    if what == "mean_potentials" {
        let which = rows.iter().map(|row| row.index).collect();
        let population = Column::new("population", Values::Names { names, which });
        return Table { columns: vec![population, time("time_ms", 0), values] };
    }
    let places: Vec<(u32, u32)> = rows.iter().map(|row| neurons.place(row.index)).collect();
    let which = places.iter().map(|place| place.0).collect();
    let population = Column::new("population", Values::Names { names, which });
    let number = Column::new("neuron", Values::Unsigned(places.iter().map(|place| place.1).collect()));
    Table { columns: vec![population, number, time("time_ms", 0), values] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_is_read() {
        for (word, _, example) in QUANTITIES {
            let read = record_spec(example).unwrap();
            assert_eq!((QUANTITIES[read.quantity].0, read.to), (word, PathBuf::from(format!("{word}.csv"))));
        }
        let read = record_spec("potentials:L2/3 E:7:every=0.5 ms:to=C:/a:b/V.PARQUET").unwrap();
        assert_eq!((read.population.as_deref(), read.neurons, read.every_ms), (Some("L2/3 E"), Some((7, 7)), 0.5));
        assert!(read.parquet && read.to == Path::new("C:/a:b/V.PARQUET"));
        assert_eq!(record_spec("rates:I:to=r.csv").unwrap().every_ms, 1.0);
        assert_eq!(record_spec("spikes:E:to=s.csv").unwrap().neurons, None);
    }

    #[test]
    fn what_cannot_be_recorded_is_refused_with_an_example_of_what_can() {
        for (text, message) in [
            (
                "weights:E:to=w.csv",
                "\"weights\" cannot be recorded; spikes, rates, potentials, mean_potentials, currents, inputs can",
            ),
            ("rates:bin=5ms", "end with :to=PATH, as in rates:bin=5ms:to=rates.csv"),
            ("rates:to=", "end with :to=PATH"),
            ("rates:to=r.txt", "the ending must be .csv or .parquet"),
            ("rates:bin=5mV:to=r.csv", "bin=5mV: \"mV\" is not a unit of time"),
            ("rates:bin=0:to=r.csv", "longer than 0"),
            ("rates:every=5ms:to=r.csv", "every= is no part of rates; bin= is"),
            ("mean_potentials:E:0-9:to=V.csv", "\"0-9\" is one part too many"),
            ("rates:E:0-9:to=r.csv", "\"0-9\" is one part too many"),
            ("spikes:to=s.csv", "of which population"),
            ("spikes:E:every=1ms:to=s.csv", "every= is no part of spikes; to= is"),
            ("potentials:E:a-b:to=V.csv", "\"a-b\" are no neurons"),
            ("potentials:E:-5:to=V.csv", "\"-5\" are no neurons"),
            ("potentials:E:0-9:5:to=V.csv", "one part too many"),
            ("potentials::0-9:to=V.csv", "one part too many"),
        ] {
            let refusal = record_spec(text).unwrap_err();
            assert!(refusal.contains(message), "{text}: {refusal}");
        }
    }
}
