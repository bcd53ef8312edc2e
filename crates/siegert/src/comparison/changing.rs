//! Drives that change while a simulation is measured, where the theory has a stationary input.
//!
//! ```text
//! D^2 = <(f(t) - f_theory)^2> = p [(1 - f_theory)^2 + (A^2/2)/(1 + (2 pi f tau_m)^2)] + (1 - p) f_theory^2
//! part = (D^2 mu^2 + D sigma^2/2)/(the same + sigma_a^2/2)
//! ```
//!
//! For a drive with a course the square is the mean over it, and the theory takes its last factor.
//!
//! `f` is the factor of the drive in time, `p` the part of the measured time in which it acts, `A` and `f` depth and frequency of its modulation;
//! the theory takes a drive that stops for absent (`f_theory = 0`), any other for constant. `mu` and `sigma^2` are what the drive brings, so `part`
//! is what the change does to the variance of the free membrane potential.
//!
//! Source: this definition is our own. Range: modulations of many periods, changes that last longer than the membrane remembers.

use std::f64::consts::TAU;

use crate::input::{Streams, Sums};
use crate::network::{Course, Drive, Network};
use crate::simulation::Run;
use crate::stationary::RateMap;
use crate::theory::FixedPoint;
use crate::trust::short;

use super::CauseKind;
use super::causes::{LARGEST_COMMON_PART, Measured, hears};

const S_PER_MS: f64 = 1e-3;

/// For each population the drive that changes and reaches it, if only through others; the most severe one.
pub(super) fn changing_drives(
    network: &Network,
    map: &RateMap,
    state: &FixedPoint,
    run: &Run,
) -> Vec<Option<Measured>> {
    let direct: Vec<Option<Measured>> = (0..map.len()).map(|a| changing_drive(network, map, state, run, a)).collect();
    let mut reached = vec![None; map.len()];
    for (a, change) in direct.iter().enumerate() {
        let Some(change) = change else { continue };
        for b in hearers(map, a) {
            let other: &mut Option<Measured> = &mut reached[b];
            if other.as_ref().is_none_or(|other| other.severity < change.severity) {
                *other = Some(change.clone());
            }
        }
    }
    // what acts on a population itself is told there
    direct.into_iter().zip(reached).map(|(own, reached)| own.or(reached)).collect()
}

/// The population and all that hear it, directly or through others.
fn hearers(map: &RateMap, a: usize) -> Vec<usize> {
    let mut found = vec![a];
    let mut next = 0;
    while let Some(&from) = found.get(next) {
        next += 1;
        let more: Vec<usize> = (0..map.len()).filter(|&b| !found.contains(&b) && hears(map, b, from)).collect();
        found.extend(more);
    }
    found
}

fn changing_drive(network: &Network, map: &RateMap, state: &FixedPoint, run: &Run, a: usize) -> Option<Measured> {
    let population = &state.populations[a];
    let tau_m_ms = map.transfers[a].time_constant_ms();
    let (mut moved_mv2, mut first) = (0.0, None);
    for drive in network.drives.iter().filter(|drive| drive.target == a) {
        let change = mean_square_change(drive, run, tau_m_ms);
        if change > 0.0 {
            let [mean_mv, variance_mv2] = brought(network, drive)?;
            moved_mv2 += change * mean_mv * mean_mv + 0.5 * change.sqrt() * variance_mv2;
            first = first.or(Some(drive));
        }
    }
    let part = moved_mv2 / (moved_mv2 + 0.5 * population.std_input_mv.powi(2));
    let sentence = format!(
        "A drive of {} {} while the network is measured from {} to {} ms: it moves the potential by {} mV (root mean square), where the \
         theory has a constant input.",
        population.name,
        in_words(first?),
        run.warmup_ms,
        run.warmup_ms + run.duration_ms,
        short(moved_mv2.sqrt())
    );
    let severity = part / LARGEST_COMMON_PART;
    (moved_mv2 > 0.0).then_some(Measured { kind: CauseKind::ChangingDrive, severity, direction: 0.0, sentence })
}

/// `D^2` in the measured time.
fn mean_square_change(drive: &Drive, run: &Run, tau_m_ms: f64) -> f64 {
    let (from, to) = (run.warmup_ms, run.warmup_ms + run.duration_ms);
    let (starts, stops) = (drive.start_ms.unwrap_or(from).max(from), drive.stop_ms.unwrap_or(to).min(to));
    let part = ((stops - starts) / run.duration_ms).clamp(0.0, 1.0);
    let last = drive.course.as_ref().map_or(1.0, Course::last);
    let in_theory = if drive.stop_ms.is_some() { 0.0 } else { last };
    let modulated = drive.modulation.map_or(0.0, |modulation| {
        let per_membrane = TAU * modulation.frequency_hz * tau_m_ms * S_PER_MS;
        0.5 * modulation.amplitude.powi(2) / (1.0 + per_membrane.powi(2))
    });
    let square = |of: &dyn Fn(f64) -> f64| match &drive.course {
        Some(course) if stops > starts => {
            let pieces = course.pieces(starts, stops);
            let integrals = pieces.map(|[from, to, first, last]| {
                // of the square of a straight line
                let [a, b] = [of(first), of(last)];
                (to - from) * (a * a + a * b + b * b) / 3.0
            });
            integrals.sum::<f64>() / (stops - starts)
        }
        _ => of(1.0).powi(2),
    };
    part * (square(&|factor| factor - in_theory) + square(&|factor| factor) * modulated)
        + (1.0 - part) * in_theory * in_theory
}

/// Mean and variance of the input that a drive brings while it acts, in mV and mV^2.
fn brought(network: &Network, drive: &Drive) -> Option<[f64; 2]> {
    let a = drive.target;
    let mut population = network.populations[a].clone();
    population.neuron.E_L_mv = 0.0;
    let alone = Network {
        populations: vec![population],
        projections: Vec::new(),
        drives: vec![Drive::new(0, drive.kind.clone())],
        name: String::new(),
        ..Network::default()
    };
    let sums = Sums::new(&Streams::new(&alone).ok()?, &[]);
    Some([sums.mean().constant[0], sums.variance().constant[0]])
}

/// "acts from 1000 to 1500 ms".
fn in_words(drive: &Drive) -> String {
    match (drive.start_ms, drive.stop_ms, drive.modulation) {
        (Some(start), Some(stop), _) => format!("acts from {start} to {stop} ms"),
        (None, Some(stop), _) => format!("acts until {stop} ms"),
        (_, None, Some(modulation)) => format!("is modulated at {} Hz", modulation.frequency_hz),
        _ if drive.course.is_some() => "follows its course".to_string(),
        (Some(start), None, None) => format!("acts from {start} ms on"),
        (None, None, None) => "acts".to_string(),
    }
}
