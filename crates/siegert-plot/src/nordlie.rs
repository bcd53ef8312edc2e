//! The network described in the tables of Nordlie et al. (2009): A model summary to G measurements, and its parameters.

use maud::{Markup, html};

use siegert::network::{
    ConnectionRule, Differences, Drive, DriveKind, Law, Network, Neuron, NeuronModel, Projection, Synapse,
};
use siegert::number::{count, significant};
use siegert::report::time;
use siegert::simulation::Simulation;

/// Projections and drives that are written one by one; of more the first ones.
const MOST_ROWS: usize = 100;

/// All tables.
pub(super) fn tables(network: &Network, simulation: &Simulation, open_delay_ms: f64) -> Markup {
    html! {
        section {
            h2 { "The network" }
            (summary(network))
            (populations(network))
            (connectivity(network, open_delay_ms))
            (neurons(network))
            (synapses(network))
            (input(network))
            (measurements(simulation))
            (parameters(network))
        }
    }
}

fn table(caption: &str, rows: Markup) -> Markup {
    html! { table.nordlie { caption { (caption) } (rows) } }
}

/// Texts, each once, in the order in which they occur.
fn distinct(texts: impl Iterator<Item = String>) -> String {
    let mut found: Vec<String> = Vec::new();
    for text in texts {
        if !found.contains(&text) {
            found.push(text);
        }
    }
    found.join("; ")
}

fn summary(network: &Network) -> Markup {
    let populations: Vec<&str> = network.populations.iter().map(|population| population.name.as_str()).collect();
    let neurons = network.populations.iter().map(|population| population.size).sum();
    let rules = distinct(network.projections.iter().map(|projection| rule_name(&projection.rule).to_string()));
    let models = distinct(network.populations.iter().map(|population| model(&population.neuron).to_string()));
    let kinds = distinct(network.projections.iter().map(|projection| synapse_name(&projection.synapse).to_string()));
    let drives = distinct(network.drives.iter().map(|drive| drive_name(&drive.kind).to_string()));
    let or_none = |text: String| if text.is_empty() { "–".to_string() } else { text };
    table(
        "A  Model summary",
        html! {
            tr { th { "Populations" } td { (populations.len()) ": " (populations.join(", ")) " (" (count(neurons)) " neurons)" } }
            tr { th { "Topology" } td { "–" } }
            tr { th { "Connectivity" } td { (or_none(rules)) } }
            tr { th { "Neuron model" } td { (models) } }
            tr { th { "Synapse model" } td { (or_none(kinds)) } }
            tr { th { "Plasticity" } td { "–" } }
            tr { th { "Input" } td { (or_none(drives)) } }
            tr { th { "Measurements" } td { "spikes of all neurons; membrane potential and input of a sample" } }
        },
    )
}

fn populations(network: &Network) -> Markup {
    table(
        "B  Populations",
        html! {
            tr { th { "Name" } th { "Elements" } th { "Size" } }
            @for population in &network.populations {
                tr { td { (population.name) } td { (population.neuron_type) " (" (model(&population.neuron)) ")" } td { (count(population.size)) } }
            }
        },
    )
}

fn connectivity(network: &Network, open_delay_ms: f64) -> Markup {
    let name = |index: usize| network.populations[index].name.as_str();
    let more = network.projections.len().saturating_sub(MOST_ROWS);
    table(
        "C  Connectivity",
        html! {
            tr { th { "Source" } th { "Target" } th { "Pattern" } th { "Synapse" } th { "Weight" } th { "Delay" } }
            @for projection in network.projections.iter().take(MOST_ROWS) {
                tr {
                    td { (name(projection.source)) }
                    td { (name(projection.target)) }
                    td { (pattern(projection)) }
                    td { (projection.synapse_type) }
                    td { (law(&projection.weight, projection.synapse.weight_unit())) }
                    td { (law(&projection.delay_ms.unwrap_or(Law::Constant { value: open_delay_ms }), "ms")) }
                }
            }
            @if more > 0 { tr { td colspan="6" { "and " (more) " more" } } }
        },
    )
}

fn neurons(network: &Network) -> Markup {
    let mut types: Vec<(&str, &Neuron)> = Vec::new();
    for population in &network.populations {
        if types.iter().all(|(name, neuron)| *name != population.neuron_type || **neuron != population.neuron) {
            types.push((&population.neuron_type, &population.neuron));
        }
    }
    table(
        "D  Neuron model",
        html! {
            @for (name, neuron) in types {
                tr { th { "Name" } td { (name) } }
                tr { th { "Type" } td { (model(neuron)) } }
                tr { th { "Subthreshold dynamics" } td { (dynamics(neuron)) " outside refractory times, else V = V_reset" (adaptation(neuron)) } }
                tr { th { "Spiking" } td { (spiking(neuron)) } }
                tr { th { "Parameters" } td {
                    "τ_m = " (number(neuron.tau_m_ms)) " ms"
                    @if let Some(C_m) = neuron.C_m_pf { ", C_m = " (number(C_m)) " pF" }
                    ", E_L = " (number(neuron.E_L_mv)) " mV, V_th = " (number(neuron.V_th_mv)) " mV, V_reset = " (potential(neuron.V_reset_mv))
                    ", t_ref = " (number(neuron.t_ref_ms)) " ms" (of_spikes(neuron)) (differences(neuron))
                } }
            }
        },
    )
}

fn synapses(network: &Network) -> Markup {
    let drives = network.drives.iter().filter_map(|drive| match &drive.kind {
        DriveKind::Poisson { synapse_type, synapse, .. } => Some((synapse_type.as_str(), synapse)),
        _ => None,
    });
    let projections =
        network.projections.iter().map(|projection| (projection.synapse_type.as_str(), &projection.synapse));
    let mut kinds: Vec<(&str, &Synapse)> = Vec::new();
    for kind in projections.chain(drives) {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    table(
        "E  Synapse model",
        html! {
            @if kinds.is_empty() { tr { td { "–" } } }
            @for (name, synapse) in kinds {
                tr { th { (name) } td { (synapse_name(synapse)) } td { (equation(synapse)) } }
            }
        },
    )
}

fn input(network: &Network) -> Markup {
    let more = network.drives.len().saturating_sub(MOST_ROWS);
    table(
        "F  Input",
        html! {
            @if network.drives.is_empty() { tr { td { "–" } } }
            @for drive in network.drives.iter().take(MOST_ROWS) {
                tr { th { "to " (network.populations[drive.target].name) } td { (drive_name(&drive.kind)) } td { (drive_text(drive)) } }
            }
            @if more > 0 { tr { td colspan="3" { "and " (more) " more" } } }
        },
    )
}

fn measurements(simulation: &Simulation) -> Markup {
    let sampled = simulation.populations.iter().filter_map(|population| population.membrane.as_ref());
    let sampled: u64 = sampled.map(|membrane| membrane.neurons).sum();
    let run = &simulation.run;
    table(
        "G  Measurements",
        html! {
            tr { th { "Spikes" } td {
                "all neurons, for " (time(run.duration_ms)) " after a warm-up of " (time(run.warmup_ms)) ": rate with its standard error by batch means, CV of "
                "neurons with at least 10 spikes, correlation and Fano factor of counts in bins of " (number(run.count_bin_ms)) " ms, spectrum by Welch's method"
            } }
            tr { th { "Potential and input" } td { (count(sampled)) " neurons; the potential once a millisecond, the input in every step" } }
            tr { th { "Integration" } td { "exact between the points of a grid of dt = " (number(run.dt_ms)) " ms" } }
        },
    )
}

fn parameters(network: &Network) -> Markup {
    let list = network.parameter_list();
    html! {
        @if !list.is_empty() {
            (table("Parameters of the file", html! { tr { td { (list.join(", ")) } } }))
        }
    }
}

fn number(value: f64) -> String {
    significant(value, 8)
}

/// A potential with its unit; an infinite one by its sign.
fn potential(value_mv: f64) -> String {
    match value_mv {
        f64::INFINITY => "∞".to_string(),
        f64::NEG_INFINITY => "−∞".to_string(),
        _ => format!("{} mV", number(value_mv)),
    }
}

fn model(neuron: &Neuron) -> &'static str {
    match neuron.model {
        NeuronModel::Lif => "leaky integrate-and-fire",
        NeuronModel::Eif { .. } => "exponential integrate-and-fire",
        NeuronModel::Qif { .. } => "quadratic integrate-and-fire",
        NeuronModel::Perfect => "perfect (leakless) integrate-and-fire",
        NeuronModel::Adex { .. } => "adaptive exponential integrate-and-fire",
    }
}

fn dynamics(neuron: &Neuron) -> &'static str {
    match neuron.model {
        NeuronModel::Lif => "τ_m dV/dt = −(V − E_L) + R I(t)",
        NeuronModel::Eif { .. } => "τ_m dV/dt = −(V − E_L) + Δ_T exp((V − V_th)/Δ_T) + R I(t)",
        NeuronModel::Qif { .. } => "τ_m dV/dt = (V − V_th)²/(2 Δ_T) + E_L − V_th + R I(t)",
        NeuronModel::Perfect => "τ_m dV/dt = R I(t)",
        NeuronModel::Adex { .. } => "τ_m dV/dt = −(V − E_L) + Δ_T exp((V − V_th)/Δ_T) + R (I(t) − w)",
    }
}

fn adaptation(neuron: &Neuron) -> &'static str {
    match neuron.model {
        NeuronModel::Adex { .. } => "; τ_w dw/dt = a (V − E_L) − w",
        _ => "",
    }
}

fn spiking(neuron: &Neuron) -> String {
    let (peak, jump) = match neuron.model {
        NeuronModel::Lif | NeuronModel::Perfect => ("V_th", ""),
        NeuronModel::Eif { .. } | NeuronModel::Qif { .. } => ("V_peak", ""),
        NeuronModel::Adex { .. } => ("V_peak", ", w is increased by b"),
    };
    format!("if V ≥ {peak}: a spike, V is set to V_reset and held for t_ref{jump}")
}

/// The parameters of neurons whose spikes begin by themselves.
fn of_spikes(neuron: &Neuron) -> String {
    match neuron.model {
        NeuronModel::Lif | NeuronModel::Perfect => String::new(),
        NeuronModel::Eif { Delta_T_mv, V_peak_mv } | NeuronModel::Qif { Delta_T_mv, V_peak_mv } => {
            format!(", Δ_T = {} mV, V_peak = {}", number(Delta_T_mv), potential(V_peak_mv))
        }
        NeuronModel::Adex { Delta_T_mv, V_peak_mv, a_ns, b_pa, tau_w_ms } => format!(
            ", Δ_T = {} mV, V_peak = {} mV, a = {} nS, b = {} pA, τ_w = {} ms",
            number(Delta_T_mv),
            number(V_peak_mv),
            number(a_ns),
            number(b_pa),
            number(tau_w_ms)
        ),
    }
}

/// The laws of what differs between neurons; the other numbers are then those at their centres.
fn differences(neuron: &Neuron) -> String {
    let Differences { V_th_mv, tau_m_ms, E_L_mv } = neuron.differences;
    let laws = [("τ_m", tau_m_ms, "ms"), ("E_L", E_L_mv, "mV"), ("V_th", V_th_mv, "mV")];
    let of = |(name, own, unit): &(&str, Option<Law>, &str)| {
        Some(format!("; {name} of each neuron: {}", law(own.as_ref()?, unit)))
    };
    laws.iter().filter_map(of).collect()
}

fn rule_name(rule: &ConnectionRule) -> &'static str {
    match rule {
        ConnectionRule::FixedInDegree { .. } => "random, fixed in-degree",
        ConnectionRule::PairwiseProbability { .. } => "random, independent for each pair",
        ConnectionRule::FixedTotal { .. } => "random, fixed total number",
    }
}

fn pattern(projection: &Projection) -> String {
    let size = match projection.rule {
        ConnectionRule::FixedInDegree { in_degree } => format!("fixed in-degree {}", number(in_degree)),
        ConnectionRule::PairwiseProbability { probability } => format!("probability {}", number(probability)),
        ConnectionRule::FixedTotal { total } => format!("fixed total number {}", number(total)),
    };
    let multapses = match (&projection.rule, projection.multapses) {
        (ConnectionRule::PairwiseProbability { .. }, _) => "",
        (_, true) => ", multapses allowed",
        (_, false) => ", no multapses",
    };
    let autapses = match (projection.source == projection.target, projection.autapses) {
        (true, true) => ", autapses allowed",
        (true, false) => ", no autapses",
        (false, _) => "",
    };
    format!("{size}{multapses}{autapses}")
}

fn law(law: &Law, unit: &str) -> String {
    match *law {
        Law::Constant { value } => format!("{} {unit}", number(value)),
        Law::Normal { mean, std } => format!("normal, {} ± {} {unit}", number(mean), number(std)),
        Law::Lognormal { mean, std } => format!("lognormal, {} ± {} {unit}", number(mean), number(std)),
        Law::Uniform { low, high } => format!("uniform, {} to {} {unit}", number(low), number(high)),
        Law::Exponential { mean } => format!("exponential, mean {} {unit}", number(mean)),
        Law::Lorentzian { center, half_width } => {
            format!("Lorentzian, {} ± {} {unit}", number(center), number(half_width))
        }
    }
}

fn synapse_name(synapse: &Synapse) -> &'static str {
    match synapse {
        Synapse::Delta => "instantaneous (delta) current",
        Synapse::ExponentialCurrent { .. } => "exponential current",
        Synapse::AlphaCurrent { .. } => "alpha-function current",
        Synapse::DoubleExponentialCurrent { .. } => "double-exponential current",
        Synapse::ExponentialConductance { .. } => "exponential conductance",
        Synapse::DeltaConductance { .. } => "instantaneous (delta) conductance",
        Synapse::Nmda { .. } => "NMDA conductance",
    }
}

fn equation(synapse: &Synapse) -> String {
    match synapse {
        Synapse::Delta => "V jumps by J".to_string(),
        Synapse::ExponentialCurrent { tau_ms } => format!("τ dI/dt = −I; I jumps by J; τ = {} ms", number(*tau_ms)),
        Synapse::AlphaCurrent { tau_ms } => {
            format!("I(t) = J (t/τ) exp(1 − t/τ) after a spike; τ = {} ms", number(*tau_ms))
        }
        Synapse::DoubleExponentialCurrent { tau_rise_ms, tau_decay_ms } => format!(
            "I(t) ∝ exp(−t/τ_decay) − exp(−t/τ_rise) after a spike, peak J; τ_rise = {} ms, τ_decay = {} ms",
            number(*tau_rise_ms),
            number(*tau_decay_ms)
        ),
        Synapse::ExponentialConductance { tau_ms, E_rev_mv } => {
            format!(
                "τ dg/dt = −g; g jumps by J; I = g (E_rev − V); τ = {} ms, E_rev = {} mV",
                number(*tau_ms),
                number(*E_rev_mv)
            )
        }
        Synapse::Nmda { tau_rise_ms, tau_decay_ms, alpha_per_ms, E_rev_mv, Mg, beta_per_mv, gamma } => format!(
            "s' = −s/τ_decay + α x (1 − s), x' = −x/τ_rise + spikes; I = J s (E_rev − V)/(1 + [Mg] exp(−β V)/γ); τ_rise = {} ms, τ_decay = {} ms, α = {} /ms, E_rev = {} mV, [Mg] = {} mM, β = {} /mV, γ = {} mM",
            number(*tau_rise_ms),
            number(*tau_decay_ms),
            number(*alpha_per_ms),
            number(*E_rev_mv),
            number(*Mg),
            number(*beta_per_mv),
            number(*gamma)
        ),
        Synapse::DeltaConductance { E_rev_mv } => {
            format!("V jumps by (1 − exp(−J/g_L)) (E_rev − V); E_rev = {} mV", number(*E_rev_mv))
        }
    }
}

fn drive_name(kind: &DriveKind) -> &'static str {
    match kind {
        DriveKind::Poisson { shared: false, .. } => "Poisson processes, independent for each neuron",
        DriveKind::Poisson { shared: true, .. } => "Poisson processes, common to all neurons",
        DriveKind::Current { .. } => "current",
        DriveKind::Noise { .. } => "white noise, independent for each neuron",
    }
}

fn drive_text(drive: &Drive) -> String {
    let mut text = match &drive.kind {
        DriveKind::Poisson { rate_hz, in_degree, weight, delay_ms, synapse_type, synapse, .. } => {
            let delay = delay_ms.map_or(String::new(), |delay| format!(", delay {}", law(&delay, "ms")));
            format!(
                "{} sources of {} Hz, weight {}, synapse {synapse_type}{delay}",
                number(*in_degree),
                number(*rate_hz),
                law(weight, synapse.weight_unit())
            )
        }
        DriveKind::Current { value_mv, .. } => format!("R I = {}", law(value_mv, "mV")),
        DriveKind::Noise { mean_mv, std_mv } => {
            format!("mean {} mV, std {} mV: mean + std √τ_m ξ(t)", number(*mean_mv), number(*std_mv))
        }
    };
    if let Some(start) = drive.start_ms {
        text.push_str(&format!(", from {} ms", number(start)));
    }
    if let Some(stop) = drive.stop_ms {
        text.push_str(&format!(", until {} ms", number(stop)));
    }
    if let Some(modulation) = &drive.modulation {
        let (amplitude, frequency) = (number(modulation.amplitude), number(modulation.frequency_hz));
        text.push_str(&format!(", times 1 + {amplitude} cos(2π {frequency} Hz t)"));
    }
    if let Some(course) = &drive.course {
        text.push_str(&format!(", times a course of {} times", course.times_ms.len()));
    }
    text
}
