//! All that the spikes of a run depend on, as one text, and in words how two of them differ.

use crate::network::{Drive, Parameter, Population, Projection};
use serde::Serialize;
use serde_json::Value;

use crate::network::Network;
use crate::simulation::{SimulationOptions, SpikeTimes, StartPotentials, TimeZero};

/// What a run is of. Threads and connectivity decide nothing and are left out.
#[derive(Serialize)]
struct Identity<'a> {
    siegert: &'static str,
    options: Options,
    parameters: &'a [Parameter],
    populations: &'a [Population],
    projections: &'a [Projection],
    drives: &'a [Drive],
}

/// The options, by their names on the command line.
#[derive(Serialize)]
struct Options {
    duration: String,
    warmup: String,
    dt: String,
    delay: String,
    seed: String,
    #[serde(rename = "spike-times")]
    spike_times: SpikeTimes,
    /// How the run starts, and what it was kicked by.
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kick: Option<String>,
}

/// The text for a network that is simulated with these options.
pub(super) fn identity(network: &Network, options: &SimulationOptions) -> String {
    let ms = |time_ms: f64| format!("{time_ms} ms");
    let identity = Identity {
        siegert: env!("CARGO_PKG_VERSION"),
        options: Options {
            duration: ms(options.duration_ms),
            warmup: ms(options.warmup_ms),
            dt: ms(options.dt_ms),
            delay: ms(options.open_delay_ms),
            seed: options.seed.to_string(),
            spike_times: options.spike_times,
            start: start(options),
            kick: (!options.kicks_mv.is_empty()).then(|| format!("{:?} mV", options.kicks_mv)),
        },
        parameters: &network.parameters,
        populations: &network.populations,
        projections: &network.projections,
        drives: &network.drives,
    };
    // plain data has a JSON text
    serde_json::to_string(&identity).unwrap_or_default()
}

/// The start in words, where it is not the usual one.
fn start(options: &SimulationOptions) -> Option<String> {
    let zero = if options.time_zero == TimeZero::Measured { ", time 0 after the warm-up" } else { "" };
    match (&options.held_rates_hz, options.start, options.time_zero) {
        (None, StartPotentials::File, TimeZero::Run) => None,
        (Some(rates_hz), ..) => Some(format!("near {rates_hz:?} Hz{zero}")),
        (None, StartPotentials::Reset, _) => Some(format!("reset{zero}")),
        (None, StartPotentials::File, _) => Some(format!("file{zero}")),
    }
}

/// How a run differs from what it was, in words; empty if it does not.
pub(super) fn differences(then: &str, now: &str) -> Vec<String> {
    if then == now {
        return Vec::new();
    }
    let read = |text| serde_json::from_str::<Value>(text).unwrap_or_default();
    let (then, now) = (read(then), read(now));
    let mut differences = Vec::new();
    if then["siegert"] != now["siegert"] {
        differences.push(changed("the version of siegert", &then["siegert"], &now["siegert"]));
    }
    for option in ["duration", "warmup", "dt", "delay", "seed", "spike-times", "start", "kick"] {
        let (then, now) = (&then["options"][option], &now["options"][option]);
        if then != now {
            differences.push(changed(&format!("--{option}"), then, now));
        }
    }
    let parameters = of_parameters(&then["parameters"], &now["parameters"]);
    if parameters.is_empty() {
        let parts = ["populations", "projections", "drives"].into_iter().filter(|part| then[part] != now[part]);
        differences.extend(parts.map(|part| format!("the {part} of the network")));
    }
    differences.extend(parameters);
    if differences.is_empty() {
        // digits that reading does not keep
        differences.push("the network".to_string());
    }
    differences
}

/// What differs in the parameters; what follows from them in the network is not said again.
fn of_parameters(then: &Value, now: &Value) -> Vec<String> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let (then, now) = (list(then), list(now));
    let named = |list: &[Value], name: &Value| list.iter().find(|of| of["name"] == *name).map(quantity);
    let all = then.iter().chain(now.iter().filter(|new| named(&then, &new["name"]).is_none())).map(|of| &of["name"]);
    let differing = all.filter(|name| named(&then, name) != named(&now, name));
    let shown = |value: Option<String>| value.map_or(Value::from("none"), Value::from);
    differing
        .map(|name| {
            let parameter = format!("parameter {}", name.as_str().unwrap_or_default());
            changed(&parameter, &shown(named(&then, name)), &shown(named(&now, name)))
        })
        .collect()
}

fn quantity(parameter: &Value) -> String {
    format!("{} {}", parameter["value"], parameter["unit"].as_str().unwrap_or_default()).trim_end().to_string()
}

fn changed(what: &str, then: &Value, now: &Value) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_string);
    format!("{what} ({} then, {} now)", text(then), text(now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{ReadOptions, open};
    use crate::simulation::Connectivity;

    fn brunel(overrides: &[(&str, &str)]) -> Network {
        let overrides = overrides.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        open("brunel2000", &ReadOptions { overrides, case: None }).unwrap()
    }

    #[test]
    fn threads_and_connectivity_may_differ() {
        let options = SimulationOptions::default();
        let other =
            SimulationOptions { threads: Some(7), connectivity: Connectivity::Redrawn, ..SimulationOptions::default() };
        let network = brunel(&[]);
        assert_eq!(differences(&identity(&network, &options), &identity(&network, &other)), Vec::<String>::new());
    }

    #[test]
    fn options_and_parameters_that_differ_are_named_with_their_values() {
        let then = identity(&brunel(&[]), &SimulationOptions::default());
        let spike_times = SpikeTimes::Interpolated;
        let options = SimulationOptions { dt_ms: 0.2, seed: 9, spike_times, ..SimulationOptions::default() };
        let now = identity(&brunel(&[("g", "6"), ("J", "0.2 mV")]), &options);
        let expected = [
            "--dt (0.1 ms then, 0.2 ms now)",
            "--seed (1 then, 9 now)",
            "--spike-times (grid then, interpolated now)",
            "parameter g (5.0 then, 6.0 now)",
            "parameter J (0.1 mV then, 0.2 mV now)",
            // it follows from J in the file
            "parameter nu_thr (10.0 Hz then, 5.0 Hz now)",
        ];
        assert_eq!(differences(&then, &now), expected);
    }

    #[test]
    fn a_network_that_differs_under_the_same_parameters_is_noticed() {
        let mut network = brunel(&[]);
        let options = SimulationOptions::default();
        let then = identity(&network, &options);
        network.populations[0].size += 1;
        assert_eq!(differences(&then, &identity(&network, &options)), ["the populations of the network"]);
        assert!(!differences("{", &then).is_empty());
    }
}
