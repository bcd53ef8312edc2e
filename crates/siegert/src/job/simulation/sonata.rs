//! Spikes in the layout of SONATA: an HDF5 file that the Allen Institute's and the Blue Brain Project's tools read.
//!
//! `/spikes/POPULATION/timestamps` (ms) and `/spikes/POPULATION/node_ids`, sorted by time. Source: Dai et al. (2020), The SONATA
//! data format for efficient description of large-scale network models. PLoS Comput Biol 16:e1007696, and its developers' guide.

use std::path::Path;

use hdf5_metno::types::VarLenUnicode;
use hdf5_metno::{Dataset, Extents, File, Group, H5Type};

use super::journal::{Rows, Spike};
use super::spikes::Neurons;
use crate::files::AtomicFile;
use crate::job::JobError;

/// Spikes that are written at a time, and the length of a chunk of the file.
const BLOCK: usize = 1 << 16;
/// The number by which SONATA files are known.
const MAGIC: u32 = 0x0A7A;

/// How spikes are sorted.
#[derive(Clone, Copy, H5Type)]
#[repr(u8)]
#[expect(non_camel_case_types, dead_code, reason = "the names of the format")]
enum Sorting {
    none = 0,
    by_id = 1,
    by_time = 2,
}

/// Writes all spikes to a file that appears whole or not at all.
pub(super) fn write(path: &Path, neurons: &Neurons, spikes: Rows) -> Result<(), JobError> {
    let (file, written) = AtomicFile::create_beside(path)?;
    let failed = |error: hdf5_metno::Error| JobError::Work(format!("{} cannot be written: {error}", path.display()));
    let sonata = create(&written).map_err(failed)?;
    let mut populations = neurons
        .names
        .iter()
        .map(|name| Population::create(&sonata, name))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    let mut spikes = spikes;
    while let Some((tick, neuron)) = spikes.next()? as Option<Spike> {
        let (population, id) = neurons.place(neuron);
        let population = &mut populations[population as usize];
        population.times_ms.push(neurons.time_of_spike_ms(tick));
        population.ids.push(u64::from(id));
        if population.ids.len() == BLOCK {
            population.flush().map_err(failed)?;
        }
    }
    for population in &mut populations {
        population.flush().map_err(failed)?;
    }
    drop(populations);
    sonata.close().map_err(failed)?;
    Ok(file.commit()?)
}

fn create(path: &Path) -> hdf5_metno::Result<File> {
    let file = File::create(path)?;
    file.new_attr::<u32>().create("magic")?.write_scalar(&MAGIC)?;
    file.new_attr::<u32>().shape(2).create("version")?.write(&[0u32, 1])?;
    file.create_group("spikes")?;
    Ok(file)
}

/// The spikes of a population on their way to the file.
struct Population {
    timestamps: Dataset,
    node_ids: Dataset,
    written: usize,
    times_ms: Vec<f64>,
    ids: Vec<u64>,
}

impl Population {
    fn create(file: &File, name: &str) -> hdf5_metno::Result<Self> {
        let group = file.group("spikes")?.create_group(name)?;
        group.new_attr::<Sorting>().create("sorting")?.write_scalar(&Sorting::by_time)?;
        let timestamps = growing::<f64>(&group, "timestamps")?;
        let unit: VarLenUnicode = "ms".parse().expect("it has no zero byte");
        timestamps.new_attr::<VarLenUnicode>().create("units")?.write_scalar(&unit)?;
        let node_ids = growing::<u64>(&group, "node_ids")?;
        Ok(Self { timestamps, node_ids, written: 0, times_ms: Vec::new(), ids: Vec::new() })
    }

    fn flush(&mut self) -> hdf5_metno::Result<()> {
        let end = self.written + self.ids.len();
        self.timestamps.resize(end)?;
        self.node_ids.resize(end)?;
        self.timestamps.write_slice(&self.times_ms, self.written..end)?;
        self.node_ids.write_slice(&self.ids, self.written..end)?;
        self.written = end;
        self.times_ms.clear();
        self.ids.clear();
        Ok(())
    }
}

fn growing<T: H5Type>(group: &Group, name: &str) -> hdf5_metno::Result<Dataset> {
    group.new_dataset::<T>().chunk(BLOCK).shape(Extents::resizable(0.into())).create(name)
}

#[cfg(test)]
mod tests {
    use super::super::journal::Journal;
    use super::*;
    use crate::simulation::TICKS_PER_STEP;

    #[test]
    fn spikes_lie_where_sonata_wants_them() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("spikes.h5");
        let mut journal = Journal::start(&path).unwrap();
        let at = |step: u64| step * TICKS_PER_STEP;
        journal.append([(at(3), 1), (at(3), 4)]).unwrap();
        // more than a block
        (4..40_004).for_each(|step| journal.append([(at(step), 0), (at(step), 2), (at(step), 3)]).unwrap());
        let neurons = Neurons::made_up();
        write(&path, &neurons, journal.all().unwrap()).unwrap();
        let file = File::open(&path).unwrap();
        let times = |name: &str| file.dataset(&format!("spikes/{name}/timestamps")).unwrap().read_raw::<f64>().unwrap();
        let ids = |name: &str| file.dataset(&format!("spikes/{name}/node_ids")).unwrap().read_raw::<u64>().unwrap();
        assert_eq!(ids("E").len(), 80_001);
        assert_eq!((ids("E")[..3].to_vec(), times("E")[..3].to_vec()), (vec![1, 0, 2], vec![0.3, 0.4, 0.4]));
        assert_eq!((ids("I")[..2].to_vec(), times("I")[..2].to_vec()), (vec![1, 0], vec![0.3, 0.4]));
        assert!(ids("nobody").is_empty());
        assert_eq!(file.attr("magic").unwrap().read_scalar::<u32>().unwrap(), MAGIC);
        let unit = file.dataset("spikes/E/timestamps").unwrap().attr("units").unwrap();
        assert_eq!(unit.read_scalar::<VarLenUnicode>().unwrap().as_str(), "ms");
    }
}
