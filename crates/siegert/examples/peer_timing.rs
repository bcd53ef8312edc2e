//! The tasks of the peer scripts, timed inside the library: one JSON line a task, for `cargo xtask bench`.
//!
//! ```text
//! peer_timing MODERATE.csv WIDE.csv        # inputs with the columns mu_mv, sigma_mv, as the peers compute them
//! ```

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use siegert::network::{Network, ReadOptions, bundled, parse};
use siegert::neuron::lif::{Lif, LifParameters, SynapticFilter};
use siegert::theory::{Theory, TheoryOptions};

/// A task is repeated until this time has passed; the fastest turn counts.
const TIME_PER_TASK: Duration = Duration::from_millis(500);

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [moderate, wide] = paths.as_slice() else {
        return Err("usage: peer_timing MODERATE.csv WIDE.csv".into());
    };
    for (task, path) in [("rate_moderate", moderate), ("rate_wide", wide)] {
        rates(task, path)?;
    }
    state("microcircuit_state", &network("bos2016", Some("unchanged"), &[])?)?;
    spectra(
        "microcircuit_spectra",
        &network("potjans_diesmann2014", Some("rounded"), &[("delay_relative_std", 0.0)])?,
    )?;
    state("brunel_state", &network("brunel2000", None, &[("g", 5.0), ("eta", 2.0)])?)?;
    brunel_sweep()
}

/// Runs a task again and again; prints the fastest turn's time per item and the sum of its results.
fn time(task: &str, items: usize, mut work: impl FnMut() -> Result<f64, Box<dyn Error>>) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let mut fastest = Duration::MAX;
    let mut checksum = 0.0;
    while start.elapsed() < TIME_PER_TASK {
        let turn = Instant::now();
        checksum = black_box(work()?);
        fastest = fastest.min(turn.elapsed());
    }
    let per_item_ns = fastest.as_secs_f64() * 1e9 / items as f64;
    println!("{{\"task\": \"{task}\", \"per_item_ns\": {per_item_ns}, \"result_checksum\": {checksum}}}");
    Ok(())
}

fn rates(task: &str, path: &str) -> Result<(), Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(path)?;
    let points: Vec<(f64, f64)> = reader.deserialize().collect::<Result<_, _>>()?;
    let (mu, sigma): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
    let lif = Lif::new(LifParameters { tau_m_ms: 20.0, t_ref_ms: 2.0, V_th_mv: 20.0, V_reset_mv: 10.0 })?;
    let mut rates = vec![0.0; mu.len()];
    time(task, mu.len(), || {
        lif.rates_into(black_box(&mu), black_box(&sigma), &mut rates)?;
        Ok(rates.iter().sum())
    })
}

fn network(name: &str, case: Option<&str>, overrides: &[(&str, f64)]) -> Result<Network, Box<dyn Error>> {
    let overrides = overrides.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let text = bundled::find(name).ok_or("not bundled")?.text;
    Ok(parse(text, name, &ReadOptions { overrides, case: case.map(str::to_owned) })?)
}

/// The sum of all rates for the microcircuit, the rate of E for Brunel's network.
fn state(task: &str, network: &Network) -> Result<(), Box<dyn Error>> {
    time(task, 1, || {
        let state = Theory::new(black_box(network), &TheoryOptions::default())
            .and_then(|theory| Ok(theory.describe_one(&theory.solve()?)))?
            .fixed_points
            .remove(0);
        let counted = if network.populations.len() == 2 { 1 } else { network.populations.len() };
        Ok(state.populations.iter().take(counted).map(|p| p.rate_hz).sum())
    })
}

/// Power spectra of all populations by the formula that the peer has, the state among the work; their sum.
fn spectra(task: &str, network: &Network) -> Result<(), Box<dyn Error>> {
    let frequencies_hz: Vec<f64> = (0..1000).map(|k| 0.5 + 499.5 * f64::from(k) / 999.0).collect();
    time(task, frequencies_hz.len(), || {
        let theory = Theory::new(black_box(network), &TheoryOptions::from(SynapticFilter::ThresholdShift))?;
        let fluctuations = theory.fluctuations(&theory.solve()?)?.as_published();
        let mut sum = 0.0;
        for &frequency_hz in &frequencies_hz {
            let spectra = fluctuations.at(frequency_hz).ok_or("no spectra")?;
            sum += (0..network.populations.len()).map(|a| spectra.populations_hz[a][a].re).sum::<f64>();
        }
        Ok(sum)
    })
}

fn brunel_sweep() -> Result<(), Box<dyn Error>> {
    let grid = |low: f64, high: f64| (0..10).map(move |i| low + (high - low) * f64::from(i) / 9.0);
    let mut networks = Vec::new();
    for g in grid(3.0, 8.0) {
        for eta in grid(0.5, 4.0) {
            networks.push(network("brunel2000", None, &[("g", g), ("eta", eta)])?);
        }
    }
    time("brunel_sweep", networks.len(), || {
        let mut sum = 0.0;
        for network in &networks {
            // the peer starts from silence and finds the lowest state where there are several
            let solution = Theory::new(black_box(network), &TheoryOptions::default())
                .and_then(|theory| Ok(theory.describe_one(&theory.solve_from(&[1e-9, 1e-9])?)))?;
            sum += solution.fixed_points[0].populations[0].rate_hz;
        }
        Ok(sum)
    })
}
