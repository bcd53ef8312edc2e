//! The spikes of a run as a file of rows: population, number of the neuron in it, time.

use std::ffi::OsStr;
use std::path::Path;

use super::journal::{Row, Rows, Spike};
use crate::files::AtomicFile;
use crate::job::JobError;
use crate::network::Network;
use crate::report::{Column, FileFormat, ParquetFile, Provenance, Table, Values, csv, write_metadata};
use crate::simulation::TICKS_PER_STEP;

/// Rows of a row group.
const BLOCK: usize = 1 << 16;

/// The form of a file of spikes, by its ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpikesFormat {
    /// `.csv`
    Csv,
    /// `.parquet`
    Parquet,
    /// `.h5`
    #[cfg(feature = "sonata")]
    Sonata,
}

impl SpikesFormat {
    /// The form of the file that `--spikes` names.
    ///
    /// # Errors
    ///
    /// Another ending; a form that this build has not.
    pub fn of(path: &Path) -> Result<Self, JobError> {
        match path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase).as_deref() {
            Some("csv") => Ok(SpikesFormat::Csv),
            Some("parquet") => Ok(FileFormat::parquet(path).map(|_| SpikesFormat::Parquet)?),
            #[cfg(feature = "sonata")]
            Some("h5") => Ok(SpikesFormat::Sonata),
            #[cfg(not(feature = "sonata"))]
            Some("h5") => Err(JobError::Input(format!(
                "--spikes {}: this siegert was built without SONATA files; build it with --features sonata, or write \
                 .parquet",
                path.display()
            ))),
            _ => Err(JobError::Input(format!("--spikes {}: the ending must be .csv, .parquet or .h5", path.display()))),
        }
    }
}

/// Whose spikes they are, and when a step is.
#[derive(Clone, Debug)]
pub(super) struct Neurons {
    pub(super) names: Vec<String>,
    /// Number of the first neuron of each population.
    first: Vec<u64>,
    dt_ms: f64,
}

impl Neurons {
    /// The neurons of a network, counted through all populations in its order.
    pub(super) fn new(network: &Network, dt_ms: f64) -> Self {
        let mut next = 0;
        let first = network.populations.iter().map(|population| {
            next += population.size;
            next - population.size
        });
        let first = first.collect();
        Neurons { names: network.populations.iter().map(|p| p.name.clone()).collect(), first, dt_ms }
    }

    /// Index of the population, and of the neuron in it.
    pub(super) fn place(&self, neuron: u32) -> (u32, u32) {
        // an empty population shares its first number with the next, which comes last
        let population = self.first.partition_point(|&first| first <= u64::from(neuron)).saturating_sub(1);
        let first = self.first.get(population).copied().unwrap_or(0);
        (population as u32, (u64::from(neuron) - first) as u32)
    }

    /// The time of a step; a step of 0.1 ms gives 0.3, not 0.30000000000000004.
    pub(super) fn time_ms(&self, step: u64) -> f64 {
        let per_ms = (1.0 / self.dt_ms).round();
        let divides = per_ms >= 1.0 && (per_ms * self.dt_ms - 1.0).abs() < 1e-12;
        if divides { step as f64 / per_ms } else { step as f64 * self.dt_ms }
    }

    /// The time of a spike in ticks.
    pub(super) fn time_of_spike_ms(&self, tick: u64) -> f64 {
        let step = tick.div_ceil(TICKS_PER_STEP);
        let before = step * TICKS_PER_STEP - tick;
        self.time_ms(step) - before as f64 / TICKS_PER_STEP as f64 * self.dt_ms
    }

    pub(super) fn table(&self, spikes: &[Spike]) -> Table {
        let places: Vec<(u32, u32)> = spikes.iter().map(|&(_, neuron)| self.place(neuron)).collect();
        let which = places.iter().map(|&(population, _)| population).collect();
        Table {
            columns: vec![
                Column::new("population", Values::Names { names: self.names.clone(), which }),
                Column::new("neuron", Values::Unsigned(places.iter().map(|&(_, n)| n).collect())),
                Column::numbers("time_ms", spikes.iter().map(|&(tick, _)| Some(self.time_of_spike_ms(tick)))),
            ],
        }
    }
}

/// Writes all spikes to a file that appears whole or not at all.
pub(super) fn write(
    path: &Path,
    format: SpikesFormat,
    neurons: &Neurons,
    spikes: Rows,
    about: &Provenance,
) -> Result<(), JobError> {
    #[cfg(feature = "sonata")]
    if format == SpikesFormat::Sonata {
        return super::sonata::write(path, neurons, spikes);
    }
    let parquet = format == SpikesFormat::Parquet;
    write_rows(path, parquet, spikes, |spikes| neurons.table(spikes), about)
}

/// Writes the rows of a journal as a table, Parquet or CSV, to a file that appears whole or not at all.
pub(super) fn write_rows<R: Row>(
    path: &Path,
    parquet: bool,
    rows: Rows<R>,
    table: impl Fn(&[R]) -> Table,
    about: &Provenance,
) -> Result<(), JobError> {
    let empty = table(&[]);
    if parquet {
        let mut writer = ParquetFile::create(path, &empty, Some(about))?;
        in_blocks(rows, table, |table| Ok(writer.write(table)?))?;
        return Ok(writer.commit()?);
    }
    let mut file = AtomicFile::create(path)?;
    file.checked(|file| csv::write_header(file, &empty.names()))?;
    in_blocks(rows, table, |table| Ok(file.checked(|file| csv::write_rows(file, table))?))?;
    file.commit()?;
    Ok(write_metadata(path, &empty, about)?)
}

fn in_blocks<R: Row>(
    mut rows: Rows<R>,
    table: impl Fn(&[R]) -> Table,
    mut write: impl FnMut(&Table) -> Result<(), JobError>,
) -> Result<(), JobError> {
    let mut block = Vec::with_capacity(BLOCK);
    loop {
        block.clear();
        while block.len() < BLOCK
            && let Some(row) = rows.next()?
        {
            block.push(row);
        }
        if block.is_empty() {
            return Ok(());
        }
        write(&table(&block))?;
    }
}

#[cfg(all(test, feature = "parquet"))]
mod tests {
    use std::fs;

    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::RowAccessor;

    use super::super::journal::Journal;
    use super::*;

    impl Neurons {
        /// Populations of 3, 0 and 2 neurons.
        pub(crate) fn made_up() -> Self {
            Neurons { names: ["E", "nobody", "I"].map(str::to_string).to_vec(), first: vec![0, 3, 3], dt_ms: 0.1 }
        }
    }

    fn neurons(dt_ms: f64) -> Neurons {
        Neurons { dt_ms, ..Neurons::made_up() }
    }

    #[test]
    fn neurons_are_counted_within_their_population() {
        let places: Vec<(u32, u32)> = (0..5).map(|neuron| neurons(0.1).place(neuron)).collect();
        assert_eq!(places, [(0, 0), (0, 1), (0, 2), (2, 0), (2, 1)]);
    }

    #[test]
    fn times_have_the_digits_of_the_step() {
        assert_eq!([1, 3, 7, 15_000].map(|step| neurons(0.1).time_ms(step)), [0.1, 0.3, 0.7, 1500.0]);
        assert_eq!(neurons(0.3).time_ms(10), 3.0);
        assert_eq!(neurons(2.0).time_ms(10), 20.0);
    }

    #[test]
    fn a_spike_within_a_step_is_so_much_before_its_end() {
        let times = [3 * TICKS_PER_STEP, 3 * TICKS_PER_STEP - TICKS_PER_STEP / 4, 2 * TICKS_PER_STEP + 1];
        let expected = [0.3, 0.3 - 0.25 * 0.1, 0.2 + 0.1 / 65536.0];
        for (tick, expected_ms) in times.into_iter().zip(expected) {
            let found = neurons(0.1).time_of_spike_ms(tick);
            assert!((found - expected_ms).abs() < 1e-15, "{found} ms, expected {expected_ms}");
        }
        assert_eq!(neurons(0.1).time_of_spike_ms(times[0]), 0.3);
    }

    #[test]
    fn a_journal_becomes_csv_and_parquet_of_the_same_rows() {
        let directory = tempfile::tempdir().unwrap();
        let mut journal = Journal::start(&directory.path().join("spikes.csv")).unwrap();
        let at = |step: u64| step * TICKS_PER_STEP;
        journal.append([(at(3), 1), (at(3), 4)]).unwrap();
        // more than a block
        (4..40_004).for_each(|step| journal.append([(at(step), 0), (at(step), 3)]).unwrap());
        let (csv, parquet) = (directory.path().join("spikes.csv"), directory.path().join("spikes.parquet"));
        let about = Provenance::default();
        write(&csv, SpikesFormat::Csv, &neurons(0.1), journal.all().unwrap(), &about).unwrap();
        write(&parquet, SpikesFormat::Parquet, &neurons(0.1), journal.all().unwrap(), &about).unwrap();
        let text = fs::read_to_string(&csv).unwrap();
        assert!(text.starts_with("population,neuron,time_ms\nE,1,0.3\nI,1,0.3\nE,0,0.4\nI,0,0.4\n"), "{}", &text[..99]);
        assert!(text.ends_with("E,0,4000.3\nI,0,4000.3\n"));
        let reader = SerializedFileReader::new(fs::File::open(&parquet).unwrap()).unwrap();
        let rows = reader.get_row_iter(None).unwrap().map(Result::unwrap);
        let rows = rows.map(|row| {
            let name = row.get_string(0).unwrap().clone();
            format!("{name},{},{:?}", row.get_uint(1).unwrap(), row.get_double(2).unwrap())
        });
        // 4.0 is the shortest text of a number in CSV too
        assert_eq!(rows.collect::<Vec<_>>(), text.lines().skip(1).collect::<Vec<_>>());
    }

    #[test]
    fn another_ending_is_refused() {
        for name in ["spikes.txt", "spikes", "spikes.json"] {
            let failure = SpikesFormat::of(Path::new(name)).unwrap_err();
            assert!(failure.is_bad_input() && failure.to_string().contains(".csv, .parquet or .h5"), "{failure}");
        }
        assert_eq!(SpikesFormat::of(Path::new("A.CSV")).unwrap(), SpikesFormat::Csv);
    }
}
