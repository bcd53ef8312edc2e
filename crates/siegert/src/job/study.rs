//! A comparison of several simulations, which takes long: every run that is complete is kept, and not simulated again when the comparison goes on.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Begin, JobError};
use crate::comparison::study::{Simulates, UntilStopped};
use crate::files::{Place, beside, cannot_write, read_record, write_record};
use crate::network::Network;
use crate::number::count;
use crate::simulation::{Simulation, SimulationOptions, SpikeTimes, StartPotentials, TimeZero};

/// Endings of the files that stand beside the result until it is complete.
pub const BESIDE_RUNS: [&str; 2] = [".progress", ".progress.new"];

/// The record of an unfinished study, `PATH.progress`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Record {
    runs: Vec<KeptRun>,
}

/// A run that is complete.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct KeptRun {
    /// All that its spikes depend on, as a hash.
    key: String,
    simulation: Simulation,
}

/// The runs of a study that are complete, beside the file that the result is to go to.
#[derive(Debug)]
pub struct KeptRuns {
    path: PathBuf,
    record: Record,
}

impl KeptRuns {
    /// The runs that are kept for the result that is to go to `target`.
    ///
    /// # Errors
    ///
    /// An unfinished study where none is expected; a record that cannot be read.
    pub fn start(target: &Path, begin: Begin) -> Result<Self, JobError> {
        // A link stays a link: the file that it leads to is written.
        let path = beside(&Place::of(target).path, ".progress");
        let name = path.display();
        let unreadable = |error| JobError::Input(format!("{name} cannot be read ({error}); --restart begins anew"));
        let record = match begin {
            Begin::Anew => None,
            _ => read_record::<Record>(&path).map_err(unreadable)?,
        };
        match (begin, record) {
            (Begin::WhereNothingIs, Some(record)) => Err(JobError::Input(format!(
                "{name} has {} complete runs of an unfinished study; --resume goes on with it, --restart throws it away and begins anew",
                count(record.runs.len() as u64)
            ))),
            (_, record) => Ok(KeptRuns { record: record.unwrap_or_default(), path }),
        }
    }

    fn find(&self, key: &str) -> Option<&Simulation> {
        self.record.runs.iter().find(|run| run.key == key).map(|run| &run.simulation)
    }

    fn keep(&mut self, key: String, simulation: Simulation) -> Result<(), JobError> {
        self.record.runs.push(KeptRun { key, simulation });
        Ok(write_record(&self.path, &self.record).map_err(|error| cannot_write(&self.path, &error))?)
    }

    /// Whether a run is kept.
    pub fn is_empty(&self) -> bool {
        self.record.runs.is_empty()
    }

    /// Removes them, once the result is where it is to be.
    ///
    /// # Errors
    ///
    /// Those of the file system.
    pub fn remove(self) -> Result<(), JobError> {
        match fs::remove_file(&self.path) {
            Err(error) if self.path.exists() => {
                Err(JobError::Work(format!("{} cannot be removed: {error}", self.path.display())))
            }
            _ => Ok(()),
        }
    }
}

/// Simulates what is not kept yet, and keeps it.
#[derive(Debug)]
pub struct Resumable<'a, S> {
    /// Who simulates.
    pub by: S,
    /// Where complete runs are kept, if they are.
    pub kept: Option<&'a mut KeptRuns>,
}

impl<S: Simulates> Simulates for Resumable<'_, S>
where
    S::Error: From<JobError>,
{
    type Error = S::Error;

    fn simulate(
        &mut self,
        network: &Network,
        options: &SimulationOptions,
    ) -> Result<UntilStopped<Simulation>, S::Error> {
        let Some(kept) = &mut self.kept else { return self.by.simulate(network, options) };
        let key = key(network, options);
        if let Some(simulation) = kept.find(&key) {
            let simulation = simulation.clone();
            self.by.remark("this run was complete: it is not simulated again");
            return Ok((simulation, None));
        }
        let (simulation, stopped) = self.by.simulate(network, options)?;
        if stopped.is_none() {
            kept.keep(key, simulation.clone())?;
        }
        Ok((simulation, stopped))
    }

    fn remark(&mut self, what: &str) {
        self.by.remark(what);
    }

    fn is_stopped(&self) -> bool {
        self.by.is_stopped()
    }
}

/// All that the spikes of a run depend on, as a hash; threads and connectivity decide nothing.
fn key(network: &Network, options: &SimulationOptions) -> String {
    #[derive(Serialize)]
    struct All<'a> {
        siegert: &'static str,
        populations: &'a [crate::network::Population],
        projections: &'a [crate::network::Projection],
        drives: &'a [crate::network::Drive],
        times_ms: [f64; 4],
        seed: u64,
        held_rates_hz: &'a Option<Vec<f64>>,
        spike_times: SpikeTimes,
        start: (StartPotentials, &'a [f64], TimeZero),
    }
    let SimulationOptions { duration_ms, warmup_ms, dt_ms, open_delay_ms, seed, held_rates_hz, spike_times, .. } =
        options;
    let all = All {
        siegert: env!("CARGO_PKG_VERSION"),
        populations: &network.populations,
        projections: &network.projections,
        drives: &network.drives,
        times_ms: [*duration_ms, *warmup_ms, *dt_ms, *open_delay_ms],
        seed: *seed,
        held_rates_hz,
        spike_times: *spike_times,
        start: (options.start, &options.kicks_mv, options.time_zero),
    };
    // plain data has a text
    let hash = Sha256::digest(serde_json::to_vec(&all).unwrap_or_default());
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Work;
    use crate::network::{ReadOptions, open};
    use crate::simulation::Simulator;

    /// Counts what it simulates.
    struct Counting(usize);

    impl Simulates for Counting {
        type Error = JobError;

        fn simulate(
            &mut self,
            network: &Network,
            options: &SimulationOptions,
        ) -> Result<UntilStopped<Simulation>, JobError> {
            self.0 += 1;
            let simulator = Simulator::build(network, options, &Work::default());
            let simulator = simulator.map_err(|error| JobError::Input(error.to_string()))?;
            Ok((simulator.result(), None))
        }
    }

    #[test]
    fn a_complete_run_is_not_simulated_again_and_one_that_differs_is() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("a.json");
        let overrides = vec![("N_E".to_string(), "400".to_string()), ("K_E".to_string(), "40".to_string())];
        let network = open("brunel2000", &ReadOptions { overrides, ..ReadOptions::default() }).unwrap();
        let options = SimulationOptions { duration_ms: 10.0, warmup_ms: 0.0, ..SimulationOptions::default() };
        let simulated = |begin, options: &SimulationOptions| {
            let mut kept = KeptRuns::start(&target, begin).unwrap();
            let mut resumable = Resumable { by: Counting(0), kept: Some(&mut kept) };
            resumable.simulate(&network, options).unwrap();
            resumable.by.0
        };
        assert_eq!(simulated(Begin::WhereNothingIs, &options), 1);
        assert_eq!(simulated(Begin::Resume, &options), 0);
        assert_eq!(simulated(Begin::Resume, &SimulationOptions { seed: 2, ..options.clone() }), 1);
        let timed = SimulationOptions { spike_times: SpikeTimes::Interpolated, ..options.clone() };
        assert_eq!(simulated(Begin::Resume, &timed), 1);
        assert_eq!(
            simulated(Begin::Resume, &SimulationOptions { held_rates_hz: Some(vec![5.0, 5.0]), ..options.clone() }),
            1
        );
        let refused = KeptRuns::start(&target, Begin::WhereNothingIs).unwrap_err().to_string();
        assert!(refused.contains("4 complete runs") && refused.contains("--resume"), "{refused}");
        assert_eq!(simulated(Begin::Anew, &options), 1);
        fs::write(directory.path().join("a.json.progress"), "{").unwrap();
        assert!(KeptRuns::start(&target, Begin::Resume).unwrap_err().to_string().contains("--restart"));
        KeptRuns::start(&target, Begin::Anew).unwrap().remove().unwrap();
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }
}
