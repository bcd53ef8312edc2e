//! The linear response of a network as text, rows and JSON: what its neurons follow, and what the network does by itself around a state.

use std::collections::BTreeMap;
use std::fmt::Write;

use num_complex::Complex64;
use serde::{Deserialize, Serialize};

use super::critical::CriticalReport;
use super::table::{Column, Table};
use super::text::{Align, aligned, filled, title};
use super::{About, Report};
use crate::evolution::relaxations;
use crate::network::{Network, Parameter, printable};
use crate::neuron::RelaxationMode;
use crate::number::significant;
use crate::response::{CharacteristicRoots, EffectiveConnectivity, EigenvalueSensitivity, ResponseError};
use crate::theory::{State, Theory};
use crate::work::{Cancelled, Work};
use crate::{Provenance, Warning};

/// Roots and frequencies that the text shows.
const MOST_ROOTS: usize = 8;
const MOST_FREQUENCIES: usize = 7;
/// Modes of the density of a population that are looked for.
const DENSITY_MODES: usize = 4;
/// Connections of a mode that the text shows, and that a report has.
const MOST_CONNECTIONS_SHOWN: usize = 6;
const MOST_CONNECTIONS: usize = 1000;

/// The linear response of a network around one of its states.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ResponseReport {
    /// The network's name.
    pub network: String,
    /// Its parameters in force.
    #[serde(with = "crate::provenance::parameters_as_object")]
    pub parameters: Vec<Parameter>,
    /// Which state, counted from 1 in order of ascending total rate.
    pub state: usize,
    /// How many there are.
    pub states: usize,
    /// The frequencies of what follows, shape `(frequencies,)`.
    pub frequencies_hz: Vec<f64>,
    /// The neurons of each population.
    pub populations: Vec<PopulationResponse>,
    /// The eigenvalues of the effective connectivity over the frequencies, each followed from one to the next: where one comes near 1, the network resonates.
    pub connectivity_eigenvalues: Vec<EigenvalueCurve>,
    /// What the network does by itself: the characteristic roots, rightmost first.
    pub eigenvalues: Vec<NetworkMode>,
    /// How each connection moves the eigenvalue of the connectivity that is nearest to 1 at the frequency of a mode, of the first modes.
    #[serde(default)]
    pub sensitivity: Vec<ModeSensitivity>,
    /// The critical values of a parameter, if they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical: Option<CriticalReport>,
    /// Whether nothing grows; nothing where not all roots were found.
    pub stable: Option<bool>,
    /// The frequency of the oscillation that grows fastest; nothing where none does.
    pub oscillation_hz: Option<f64>,
    /// Where the roots were looked for.
    pub search: RootSearch,
    /// What is unusual.
    pub warnings: Vec<Warning>,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// How the neurons of a population follow their input in the state: `r(t) = rate + [chi_mu d mu + chi_var d sigma^2] exp(i omega t)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PopulationResponse {
    /// The population's name.
    pub name: String,
    /// Its rate in the state.
    pub rate_hz: f64,
    /// Real part of the response to the mean input.
    pub transfer_re_hz_per_mv: Vec<f64>,
    /// Imaginary part.
    pub transfer_im_hz_per_mv: Vec<f64>,
    /// Real part of the response to the variance of the input.
    pub variance_transfer_re_hz_per_mv2: Vec<f64>,
    /// Imaginary part.
    pub variance_transfer_im_hz_per_mv2: Vec<f64>,
    /// In what time the density of its potential, in an unchanged input, forgets: the inverse of the slowest mode's decay; nothing where modes are not known.
    #[serde(default)]
    pub relaxation_ms: Option<f64>,
    /// The slowest modes of this density, the slowest first.
    #[serde(default)]
    pub density_modes: Vec<DensityMode>,
}

/// A mode in which the density of a population relaxes while its input stays: an eigenvalue of the Fokker-Planck operator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DensityMode {
    /// Growth, negative.
    pub growth_per_s: f64,
    /// Frequency; a mode that oscillates stands for a pair.
    pub frequency_hz: f64,
}

/// An eigenvalue of the effective connectivity over the frequencies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EigenvalueCurve {
    /// Real parts.
    pub re: Vec<f64>,
    /// Imaginary parts.
    pub im: Vec<f64>,
}

/// A mode of the network's linearised dynamics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NetworkMode {
    /// Growth; negative for decay.
    pub growth_per_s: f64,
    /// Frequency; 0 where it does not oscillate.
    pub frequency_hz: f64,
    /// The part that each population has in it: the modulus of its rate's modulation, all together 1.
    pub participation: BTreeMap<String, f64>,
    /// Phase of that modulation in degrees, relative to the largest.
    pub phase_deg: BTreeMap<String, f64>,
}

/// The eigenvalue of the effective connectivity that is nearest to 1 at the frequency of a mode, and how each connection moves it (Bos et al. 2016).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ModeSensitivity {
    /// Which mode, counted from 1.
    pub mode: usize,
    /// Its frequency.
    pub frequency_hz: f64,
    /// Real part of the eigenvalue.
    pub eigenvalue_re: f64,
    /// Imaginary part.
    pub eigenvalue_im: f64,
    /// The connections, the largest first.
    pub connections: Vec<ConnectionSensitivity>,
}

/// What a relative change of a connection makes of the eigenvalue: `Z` of Bos et al. (2016), eq. 7.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConnectionSensitivity {
    /// The source population.
    pub from: String,
    /// The target population.
    pub to: String,
    /// Real part of `Z`.
    pub re: f64,
    /// Imaginary part.
    pub im: f64,
    /// Its part towards the point 1: positive where more of the connection raises the peak.
    pub amplitude: f64,
    /// Its part across that, which moves the peak along the frequencies.
    pub frequency: f64,
}

/// Where modes were looked for, and whether all were found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RootSearch {
    /// All modes that grow faster than this, and oscillate more slowly than `highest_hz`, are listed.
    pub line_per_s: f64,
    /// The highest frequency of those that are listed.
    pub highest_hz: f64,
    /// Modes that grow were counted up to this frequency; beyond it everything is damped, but where all noise comes from the network itself.
    pub growing_up_to_hz: f64,
    /// Whether they are as many as were counted.
    pub complete: bool,
}

/// Why there is no report.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseReportError {
    /// Neurons or synapses whose response is not computed.
    #[error(transparent)]
    Response(#[from] ResponseError),
    /// There are fewer states.
    #[error(transparent)]
    NoState(#[from] NoState),
    /// It was stopped.
    #[error("stopped before all roots were found")]
    Cancelled,
}

/// There is no state of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no state {asked}: the network has {found}, counted from 1 in order of ascending total rate")]
#[non_exhaustive]
pub struct NoState {
    /// The number that was asked for.
    pub asked: usize,
    /// How many there are.
    pub found: usize,
}

/// The state of a number, counted from 1, or the first that is stable under the rate dynamics, with its place.
pub(super) fn chosen(states: &[State], which: Option<usize>) -> Result<(usize, &State), NoState> {
    let default = states.iter().position(|state| state.stable).unwrap_or(0);
    let index = which.map_or(default, |which| which.wrapping_sub(1));
    let state = states.get(index).ok_or(NoState { asked: index.wrapping_add(1), found: states.len() })?;
    Ok((index, state))
}

impl From<Cancelled> for ResponseReportError {
    fn from(_: Cancelled) -> Self {
        ResponseReportError::Cancelled
    }
}

impl ResponseReport {
    /// The response around one of the states that were found: the one of this number, counted from 1, or the first that is stable under the rate dynamics.
    ///
    /// # Errors
    ///
    /// Neurons and synapses whose response is not computed; no such state; a stop.
    pub fn new(
        theory: &Theory<'_>,
        states: &[State],
        which: Option<usize>,
        frequencies_hz: &[f64],
        work: &Work,
    ) -> Result<Self, ResponseReportError> {
        let network = theory.network();
        let (index, state) = chosen(states, which)?;
        let connectivity = EffectiveConnectivity::new(network, theory.map(), state)?;
        let rates_hz = state.rates_hz();
        let mut populations: Vec<PopulationResponse> = network.populations.iter().zip(&rates_hz).map(of_rate).collect();
        let mut curves = vec![EigenvalueCurve::default(); populations.len()];
        for &frequency_hz in frequencies_hz {
            work.check()?;
            let lambda_per_ms = Complex64::new(0.0, std::f64::consts::TAU * frequency_hz / 1000.0);
            for (population, response) in populations.iter_mut().zip(connectivity.responses(lambda_per_ms)) {
                population.transfer_re_hz_per_mv.push(response.hz_per_mv.re);
                population.transfer_im_hz_per_mv.push(response.hz_per_mv.im);
                population.variance_transfer_re_hz_per_mv2.push(response.hz_per_mv2.re);
                population.variance_transfer_im_hz_per_mv2.push(response.hz_per_mv2.im);
            }
            follow(&mut curves, connectivity.eigenvalues(lambda_per_ms));
        }
        for (population, found) in populations.iter_mut().zip(relaxations(theory, state, DENSITY_MODES, work)?) {
            population.relax(found);
        }
        let found = CharacteristicRoots::of(&connectivity, work)?;
        let by_name = |values: &[f64]| {
            network
                .populations
                .iter()
                .zip(values)
                .map(|(population, value)| (population.name.clone(), *value))
                .collect()
        };
        let mode = |root: &crate::response::CharacteristicRoot| NetworkMode {
            growth_per_s: root.growth_per_s,
            frequency_hz: root.frequency_hz,
            participation: by_name(&root.participation),
            phase_deg: by_name(&root.phase_deg),
        };
        Ok(ResponseReport {
            network: network.name.clone(),
            parameters: network.parameters.clone(),
            state: index + 1,
            states: states.len(),
            frequencies_hz: frequencies_hz.to_vec(),
            populations,
            connectivity_eigenvalues: curves,
            eigenvalues: found.roots.iter().map(mode).collect(),
            sensitivity: sensitivities(network, &connectivity, &found),
            critical: None,
            stable: found.stable(),
            oscillation_hz: found.oscillation_hz(),
            search: RootSearch {
                line_per_s: found.line_per_s,
                highest_hz: found.highest_hz,
                growing_up_to_hz: found.growing_up_to_hz,
                complete: found.complete,
            },
            warnings: theory.streams().warnings.clone(),
            provenance: Provenance::new("response", network).of_theory(theory.options()),
        })
    }

    /// All of it for people.
    pub fn text(&self) -> String {
        let mut text = title(self.about());
        let rates = self.populations.iter().map(|p| format!("{}\u{a0}{}", p.name, significant(p.rate_hz, 4)));
        let rates = rates.collect::<Vec<_>>().join(", ");
        let _ =
            write!(text, "\n{}", filled(&format!("State {} of {}: {rates} Hz.", self.state, self.states), "", "  "));
        text.push_str(&filled(&self.verdict(), "", ""));
        text.push_str(&self.modes());
        text.push_str(&self.sensitivity.first().map_or_else(String::new, ModeSensitivity::text));
        text.push_str(&self.critical.as_ref().map_or_else(String::new, CriticalReport::text));
        text.push_str(&self.density_modes());
        text.push_str(&self.responses());
        text.replace('\u{a0}', " ")
    }

    /// What the network does around the state, in one sentence.
    pub fn verdict(&self) -> String {
        let first = self.eigenvalues.first();
        let of_root = |mode: &NetworkMode| match mode.frequency_hz > 0.0 {
            true => format!("{} per s at {} Hz", significant(mode.growth_per_s, 4), significant(mode.frequency_hz, 4)),
            false => format!("{} per s without oscillation", significant(mode.growth_per_s, 4)),
        };
        match (self.stable, first) {
            (Some(true), Some(mode)) => format!(
                "With its delays, synapses and neurons as they are the network stays in this state: nothing grows, and the slowest mode changes by {}.",
                of_root(mode)
            ),
            (Some(true), None) => format!(
                "With its delays, synapses and neurons as they are the network stays in this state: whatever disturbs it, up to {} Hz, decays by more than {} per s.",
                significant(self.search.highest_hz, 3),
                significant(-self.search.line_per_s, 4)
            ),
            (Some(false), Some(mode)) if mode.frequency_hz > 0.0 => format!(
                "The network does not stay in this state: it begins to oscillate, growing by {}. What the oscillation becomes when it is large, a linear theory does not tell.",
                of_root(mode)
            ),
            (Some(false), mode) => {
                format!("The network leaves this state: it grows by {}.", mode.map_or_else(String::new, of_root))
            }
            (None, _) => "Not all modes could be found, so that nothing is said of stability.".to_string(),
        }
    }

    fn modes(&self) -> String {
        if self.eigenvalues.is_empty() {
            return String::new();
        }
        let header = [("growth (1/s)", Align::Right), ("frequency (Hz)", Align::Right), ("populations", Align::Left)];
        let rows = self.eigenvalues.iter().take(MOST_ROOTS).map(|mode| {
            let mut parts: Vec<(&String, &f64)> = mode.participation.iter().collect();
            parts.sort_by(|a, b| b.1.total_cmp(a.1).then(a.0.cmp(b.0)));
            let parts = parts.iter().take(3).filter(|(_, part)| **part >= 0.005);
            let parts: Vec<String> = parts.map(|(name, part)| format!("{name} {:.0} %", 100.0 * **part)).collect();
            vec![significant(mode.growth_per_s, 5), significant(mode.frequency_hz, 5), parts.join(", ")]
        });
        let table = aligned(&header, rows);
        let hidden = self.eigenvalues.len().saturating_sub(MOST_ROOTS);
        let more = if hidden > 0 { format!("  and {hidden} more\n") } else { String::new() };
        let window = filled(
            &format!(
                "All up to {} Hz whose growth is above {} per s; those that grow were counted up to {} Hz.",
                significant(self.search.highest_hz, 3),
                significant(self.search.line_per_s, 4),
                significant(self.search.growing_up_to_hz, 3),
            ),
            "  ",
            "  ",
        );
        format!("\nModes of the network\n\n{table}{more}{window}")
    }

    fn density_modes(&self) -> String {
        let known = || self.populations.iter().filter(|p| !p.density_modes.is_empty());
        if known().next().is_none() {
            return String::new();
        }
        let header = [
            ("population", Align::Left),
            ("relaxation (ms)", Align::Right),
            ("mode (1/s)", Align::Right),
            ("at (Hz)", Align::Right),
            ("next (1/s)", Align::Right),
            ("at (Hz)", Align::Right),
        ];
        let rows = known().map(|p| {
            let relaxation = p.relaxation_ms.map_or_else(String::new, |ms| significant(ms, 4));
            let mut row = vec![printable(&p.name).into_owned(), relaxation];
            for k in 0..2 {
                row.extend(match p.density_modes.get(k) {
                    Some(mode) => [significant(mode.growth_per_s, 4), significant(mode.frequency_hz, 4)],
                    None => [String::new(), String::new()],
                });
            }
            row
        });
        format!("\nModes of the neurons by themselves: how their density forgets\n\n{}", aligned(&header, rows))
    }

    fn responses(&self) -> String {
        let count = self.frequencies_hz.len();
        if count == 0 {
            return String::new();
        }
        let shown = count.min(MOST_FREQUENCIES);
        let places = (0..shown).map(|k| if shown > 1 { k * (count - 1) / (shown - 1) } else { 0 });
        let header = [
            ("population", Align::Left),
            ("f (Hz)", Align::Right),
            ("Hz/mV of mu", Align::Right),
            ("degrees", Align::Right),
            ("Hz/mV^2 of sigma^2", Align::Right),
            ("degrees", Align::Right),
        ];
        let rows = self.populations.iter().flat_map(|p| {
            places.clone().map(move |k| {
                let mean = Complex64::new(p.transfer_re_hz_per_mv[k], p.transfer_im_hz_per_mv[k]);
                let variance =
                    Complex64::new(p.variance_transfer_re_hz_per_mv2[k], p.variance_transfer_im_hz_per_mv2[k]);
                let phase = |z: Complex64| format!("{:.1}", z.arg().to_degrees());
                vec![
                    p.name.clone(),
                    significant(self.frequencies_hz[k], 4),
                    significant(mean.norm(), 4),
                    phase(mean),
                    significant(variance.norm(), 4),
                    phase(variance),
                ]
            })
        });
        format!("\nResponse of the neurons: amplitude and phase\n\n{}", aligned(&header, rows))
    }
}

/// Of the first modes.
fn sensitivities(
    network: &Network,
    connectivity: &EffectiveConnectivity,
    found: &CharacteristicRoots,
) -> Vec<ModeSensitivity> {
    let name = |a: usize| network.populations[a].name.clone();
    let of = |(index, root): (usize, &crate::response::CharacteristicRoot)| {
        let found = EigenvalueSensitivity::at(connectivity, root.frequency_hz)?;
        let n = found.entries.len();
        let mut pairs: Vec<(usize, usize)> = (0..n * n).map(|k| (k / n, k % n)).collect();
        let size = |(a, b): &(usize, usize)| found.entries[*a][*b].norm();
        pairs.retain(|pair| size(pair) > 0.0);
        pairs.sort_by(|one, other| size(other).total_cmp(&size(one)));
        pairs.truncate(MOST_CONNECTIONS);
        let connection = |(a, b): (usize, usize)| ConnectionSensitivity {
            from: name(b),
            to: name(a),
            re: found.entries[a][b].re,
            im: found.entries[a][b].im,
            amplitude: found.amplitude(a, b),
            frequency: found.frequency(a, b),
        };
        Some(ModeSensitivity {
            mode: index + 1,
            frequency_hz: root.frequency_hz,
            eigenvalue_re: found.eigenvalue.re,
            eigenvalue_im: found.eigenvalue.im,
            connections: pairs.into_iter().map(connection).collect(),
        })
    };
    found.roots.iter().enumerate().take(MOST_ROOTS).filter_map(of).collect()
}

impl PopulationResponse {
    fn relax(&mut self, found: Option<Vec<RelaxationMode>>) {
        let modes = found.unwrap_or_default();
        self.relaxation_ms = modes.first().map(|slowest| -1000.0 / slowest.growth_per_s);
        let mode =
            |mode: RelaxationMode| DensityMode { growth_per_s: mode.growth_per_s, frequency_hz: mode.frequency_hz };
        self.density_modes = modes.into_iter().map(mode).collect();
    }
}

impl ModeSensitivity {
    fn text(&self) -> String {
        let header =
            [("from", Align::Left), ("to", Align::Left), ("amplitude", Align::Right), ("frequency", Align::Right)];
        let rows = self.connections.iter().take(MOST_CONNECTIONS_SHOWN).map(|connection| {
            vec![
                printable(&connection.from).into_owned(),
                printable(&connection.to).into_owned(),
                significant(connection.amplitude, 3),
                significant(connection.frequency, 3),
            ]
        });
        let about = format!("Connections of mode {} at {} Hz", self.mode, significant(self.frequency_hz, 4));
        format!("\n{about}: sensitivity (Bos et al. 2016)\n\n{}", aligned(&header, rows))
    }
}

fn of_rate((population, rate_hz): (&crate::network::Population, &f64)) -> PopulationResponse {
    PopulationResponse {
        name: population.name.clone(),
        rate_hz: *rate_hz,
        transfer_re_hz_per_mv: Vec::new(),
        transfer_im_hz_per_mv: Vec::new(),
        variance_transfer_re_hz_per_mv2: Vec::new(),
        variance_transfer_im_hz_per_mv2: Vec::new(),
        relaxation_ms: None,
        density_modes: Vec::new(),
    }
}

/// Adds the eigenvalues at the next frequency, each to the curve that ends nearest to it.
fn follow(curves: &mut [EigenvalueCurve], values: Vec<Complex64>) {
    let mut values: Vec<Complex64> = values;
    values.resize(curves.len(), Complex64::new(f64::NAN, f64::NAN));
    let end = |curve: &EigenvalueCurve| curve.re.last().zip(curve.im.last()).map(|(re, im)| Complex64::new(*re, *im));
    // at first by size
    values.sort_by(|a, b| b.norm().total_cmp(&a.norm()));
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for (k, curve) in curves.iter().enumerate() {
        for (j, value) in values.iter().enumerate() {
            let distance = end(curve).map_or(k.abs_diff(j) as f64, |end| (value - end).norm());
            pairs.push((if distance.is_nan() { f64::INFINITY } else { distance }, k, j));
        }
    }
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut taken, mut given) = (vec![false; curves.len()], vec![false; curves.len()]);
    for (_, k, j) in pairs {
        if !taken[k] && !given[j] {
            (taken[k], given[j]) = (true, true);
            curves[k].re.push(values[j].re);
            curves[k].im.push(values[j].im);
        }
    }
}

impl Report for ResponseReport {
    fn about(&self) -> About<'_> {
        About { network: &self.network, parameters: &self.parameters, provenance: &self.provenance }
    }

    fn table(&self) -> Table {
        let rows = || self.populations.iter().flat_map(|p| (0..self.frequencies_hz.len()).map(move |k| (p, k)));
        let numbers = |name, of: fn(&PopulationResponse) -> &Vec<f64>| {
            Column::numbers(name, rows().map(move |(p, k)| of(p).get(k).copied()))
        };
        Table {
            columns: vec![
                Column::texts("population", rows().map(|(p, _)| p.name.as_str())),
                Column::numbers("frequency_hz", rows().map(|(_, k)| Some(self.frequencies_hz[k]))),
                numbers("transfer_re_hz_per_mv", |p| &p.transfer_re_hz_per_mv),
                numbers("transfer_im_hz_per_mv", |p| &p.transfer_im_hz_per_mv),
                numbers("variance_transfer_re_hz_per_mv2", |p| &p.variance_transfer_re_hz_per_mv2),
                numbers("variance_transfer_im_hz_per_mv2", |p| &p.variance_transfer_im_hz_per_mv2),
                Column::numbers("relaxation_ms", rows().map(|(p, _)| p.relaxation_ms)),
            ],
        }
    }
}
