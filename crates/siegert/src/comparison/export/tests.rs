//! What scripts say, and what is refused. That they do the same as the simulator is tested in `tests/nest_export.rs`.

use super::{ExportError, ExportTarget, script};
use crate::network::{Law, Network, ReadOptions, bundled, open, parse};
use crate::simulation::SimulationOptions;

/// A network of one population, with more text for its synapses, projections and drives.
fn network(text: &str) -> Network {
    let file = format!(
        "[neurons.lif]\nmodel = \"lif\"\nC_m = \"250 pF\"\ntau_m = \"20 ms\"\nE_L = \"0 mV\"\nV_th = \"20 mV\"\nV_reset = \"10 mV\"\n\
         t_ref = \"2 ms\"\n[synapses]\nfast = {{ kind = \"exponential_current\", tau = \"0.5 ms\" }}\nslow = {{ kind = \
         \"exponential_current\", tau = \"3 ms\" }}\nequal = {{ kind = \"exponential_current\", tau = \"20 ms\" }}\n\
         [populations]\nA = {{ size = 100, neuron = \"lif\" }}\n{text}"
    );
    parse(&file, "test", &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}\n{file}"))
}

fn projection(rest: &str) -> String {
    format!("[[projections]]\nfrom = \"A\"\nto = \"A\"\n{rest}\n")
}

fn drive(rest: &str) -> String {
    format!("[[drives]]\nto = \"A\"\n{rest}\n")
}

fn text_of(network: &Network, target: ExportTarget) -> String {
    script(network, target, &SimulationOptions::default()).unwrap_or_else(|error| panic!("{error}")).text
}

fn refused(text: &str, target: ExportTarget) -> String {
    script(&network(text), target, &SimulationOptions::default()).expect_err(text).to_string()
}

#[test]
fn every_bundled_network_has_both_scripts_and_no_place_is_left_open() {
    for bundled in bundled::all() {
        let network = open(bundled.name, &ReadOptions::default()).expect("a bundled network");
        // quadratic neurons that run to infinity are said to be beyond both
        if bundled.name == "montbrio2015" {
            for (target, why) in [(ExportTarget::Nest, "no quadratic"), (ExportTarget::Brian2, "infinity")] {
                let error = script(&network, target, &SimulationOptions::default()).expect_err("no script").to_string();
                assert!(error.contains(why), "{error}");
            }
            continue;
        }
        for target in [ExportTarget::Nest, ExportTarget::Brian2] {
            let text = text_of(&network, target);
            assert!(text.starts_with("\"\"\"") && !text.contains('@'), "{}", bundled.name);
            assert!(!text.contains("\n\n\n\n") && text.ends_with("indent=2))\n"), "{}", bundled.name);
        }
    }
}

#[test]
fn a_script_holds_nothing_that_its_network_does_not_use() {
    let network = open("potjans_diesmann2014", &ReadOptions::default()).expect("a bundled network");
    let nest = text_of(&network, ExportTarget::Nest);
    assert!(nest.contains("def normal_delay") && !nest.contains("lognormal") && !nest.contains("I_e"));
    assert!(!nest.contains("receptor_type") && !nest.contains("dc_generator"));
    let brian2 = text_of(&network, ExportTarget::Brian2);
    assert!(brian2.contains("def fixed_total") && !brian2.contains("def pairwise") && !brian2.contains("PoissonGroup"));
}

#[test]
fn synapses_of_two_time_constants_are_told_apart_by_sign_where_that_is_enough() {
    let kinds = |one: &str, other: &str| {
        let rule = "in_degree = 10\nmultapses = true\ndelay = \"1 ms\"";
        let [fast, slow] = [("fast", one), ("slow", other)]
            .map(|(synapse, weight)| projection(&format!("{rule}\nsynapse = \"{synapse}\"\nweight = {weight}")));
        text_of(&network(&(fast + &slow)), ExportTarget::Nest)
    };
    let by_sign = kinds("\"-20 pA\"", "\"10 pA\"");
    assert!(by_sign.contains("\"tau_syn_ex\": 3.0, \"tau_syn_in\": 0.5") && !by_sign.contains("receptor_type"));
    for (one, other) in [("\"20 pA\"", "\"10 pA\""), ("\"-20 pA\"", "{ mean = \"10 pA\", std = \"1 pA\" }")] {
        let by_port = kinds(one, other);
        assert!(by_port.contains("iaf_psc_exp_multisynapse") && by_port.contains("\"tau_syn\": [0.5, 3.0]"));
        assert!(by_port.contains("\"receptor_type\": 1") && by_port.contains("\"receptor_type\": 2"));
    }
}

#[test]
fn a_steady_current_is_a_parameter_and_a_switched_one_a_generator() {
    let steady = drive("kind = \"current\"\nvalue = \"15 mV\"");
    let nest = text_of(&network(&steady), ExportTarget::Nest);
    // 15 mV over 20 ms / 250 pF.
    assert!(nest.contains("\"I_e\": 187.5") && !nest.contains("_generator"));
    let switched = text_of(&network(&(steady + "start = \"100 ms\"\nstop = \"200 ms\"\n")), ExportTarget::Nest);
    assert!(
        switched.contains("\"dc_generator\", {\"amplitude\": 187.5, \"start\": 99.9, \"stop\": 199.9}"),
        "{switched}"
    );
}

#[test]
fn names_are_quoted_and_cannot_end_a_string() {
    let mut network = network("");
    network.name = "\"\"\"\nimport os".to_string();
    network.populations[0].name = "a\"b\\".to_string();
    for target in [ExportTarget::Nest, ExportTarget::Brian2] {
        let text = text_of(&network, target);
        assert_eq!(text.matches("\"\"\"").count() % 2, 0);
        assert!(text.contains(r#"    "a\"b\\": {"#) && text.contains(r#"NETWORK = "\"\"\"\u000aimport os""#), "{text}");
    }
}

#[test]
fn what_nest_cannot_do_is_refused_with_its_place_and_the_way_out() {
    let delta = projection("in_degree = 5\nweight = \"1 mV\"\ndelay = \"1 ms\"");
    let fast = projection("in_degree = 5\nweight = \"1 pA\"\ndelay = \"1 ms\"\nsynapse = \"fast\"");
    let modulation = "modulation = { amplitude = 0.5, frequency = \"5 Hz\" }";
    let noise = drive(&format!("kind = \"noise\"\nmean = \"1 mV\"\nstd = \"1 mV\"\n{modulation}"));
    let total = projection("total = 50\nmultapses = false\nweight = \"1 mV\"\ndelay = \"1 ms\"");
    for (text, place, remedy) in [
        (&(delta + &fast), "population A", "export brian2"),
        (&noise, "drive of A", "export brian2"),
        (&total, "projection A -> A", "export brian2"),
    ] {
        let message = refused(text, ExportTarget::Nest);
        assert!(message.starts_with(place) && message.contains(remedy), "{message}");
    }
    for text in [&noise, &total] {
        text_of(&network(text), ExportTarget::Brian2);
    }
}

#[test]
fn a_course_is_an_expression_for_brian_and_refused_for_nest() {
    let course = |interpolation: &str| {
        let course = "times = [\"0 ms\", \"100 ms\", \"300 ms\"], factors = [1, 2, 0.5]";
        drive(&format!(
            "kind = \"current\"\nvalue = \"10 mV\"\ncourse = {{ {course}, interpolation = \"{interpolation}\" }}"
        ))
    };
    let message = refused(&course("step"), ExportTarget::Nest);
    assert!(message.starts_with("drive of A") && message.contains("export brian2"), "{message}");
    let steps = text_of(&network(&course("step")), ExportTarget::Brian2);
    assert!(steps.contains(" * (1.0 + 1.0 * int(t > 99.95 * ms) - 1.5 * int(t > 299.95 * ms))"), "{steps}");
    let line = text_of(&network(&course("linear")), ExportTarget::Brian2);
    let of_line =
        " * (1.0 + 0.01 * (clip(t / ms, -0.05, 99.95) - -0.05) - 0.0075 * (clip(t / ms, 99.95, 299.95) - 99.95))";
    assert!(line.contains(of_line), "{line}");
    let shared = "kind = \"poisson\"\nrate = \"1 kHz\"\nweight = \"0.1 mV\"\nshared = true\ncourse = { times = [0, \"1 ms\"], factors = [1, 2] }";
    assert!(text_of(&network(&drive(shared)), ExportTarget::Brian2).contains(" * (1.0 + 1.0 * (t > 0.95))"));
    let times: Vec<String> = (0..300).map(|k| format!("\"{k} ms\"")).collect();
    let factors: Vec<String> = (0..300).map(|k| k.to_string()).collect();
    let long = format!(
        "kind = \"current\"\nvalue = \"1 mV\"\ncourse = {{ times = [{}], factors = [{}] }}",
        times.join(", "),
        factors.join(", ")
    );
    assert!(refused(&drive(&long), ExportTarget::Brian2).contains("300 times"));
}

#[test]
fn initial_potentials_are_stated_where_they_are_one_value_or_uniform() {
    let with = |law: Law| {
        let mut network = network("");
        network.populations[0].initial_mv = Some(law);
        network
    };
    for target in [ExportTarget::Nest, ExportTarget::Brian2] {
        assert!(text_of(&with(Law::Uniform { low: -3.0, high: 5.0 }), target).contains("\"V_start\": (-3.0, 5.0)"));
        assert!(text_of(&with(Law::Constant { value: 2.0 }), target).contains("\"V_start\": (2.0, 2.000000001)"));
        let normal = with(Law::Normal { mean: 1.0, std: 2.0 });
        let error = script(&normal, target, &SimulationOptions::default()).expect_err("a normal law").to_string();
        assert!(error.contains("population A") && error.contains("uniform"), "{error}");
    }
}

#[test]
fn a_synapse_as_slow_as_the_membrane_differs_from_it_by_the_least_that_each_simulator_needs() {
    let rule = "in_degree = 5\ndelay = \"1 ms\"\nweight = { mean = \"1 pA\", std = \"1 pA\" }";
    let [fast, equal] = ["fast", "equal"].map(|synapse| projection(&format!("{rule}\nsynapse = \"{synapse}\"")));
    let network = network(&(fast + &equal));
    assert!(text_of(&network, ExportTarget::Nest).contains("\"tau_syn\": [0.5, 20.000000000020002]"));
    assert!(text_of(&network, ExportTarget::Brian2).contains("\"tau_syn_2\": 20.000002000000002 * ms"));
}

#[test]
fn a_script_uses_no_name_that_brian_has_for_an_index() {
    let network = open("potjans_diesmann2014", &ReadOptions::default()).expect("a bundled network");
    let text = text_of(&network, ExportTarget::Brian2);
    assert!(text.contains("dI_syn/dt = -I_syn / tau_syn") && !text.contains("di/dt") && !text.contains("i_post +="));
}

#[test]
fn texts_of_a_file_are_not_filled_in_again() {
    let mut network = network("");
    network.name = "my @dt@ net, 5 %(prog)s".to_string();
    network.reference = Some("see @network@@network@ \"\"\" \\".to_string());
    for target in [ExportTarget::Nest, ExportTarget::Brian2] {
        let text = text_of(&network, target);
        assert!(text.contains("NETWORK = \"my @dt@ net, 5 %(prog)s\"\n"), "{text}");
        assert!(text.contains("\nsee @network@@network@ \\\"\\\"\\\" \\\\\n"), "{text}");
        assert!(text.contains("description=__doc__.replace(\"%\", \"%%\")"), "{text}");
    }
}

#[test]
fn bins_of_counts_have_equal_numbers_of_steps() {
    for (dt_ms, bin) in
        [(0.1, (500, "50.0")), (0.3, (167, "50.1")), (0.7, (71, "49.7")), (3.0, (17, "51.0")), (120.0, (1, "120.0"))]
    {
        let options = SimulationOptions { dt_ms, duration_ms: 600.0, warmup_ms: 0.0, ..SimulationOptions::default() };
        let text = script(&network(""), ExportTarget::Nest, &options).unwrap_or_else(|error| panic!("{error}")).text;
        assert!(text.contains(&format!("BIN_STEPS = {}  #", bin.0)), "{dt_ms}");
        assert!(text.contains(&format!("simulation[\"count_bin_ms\"] = {}\n", bin.1)), "{dt_ms}");
    }
}

#[test]
fn delays_between_two_steps_are_written_as_the_later_one() {
    for (delay, step) in [("0.15", "0.2"), ("0.25", "0.3"), ("0.35", "0.4")] {
        let text = format!("in_degree = 5\nmultapses = true\nweight = \"1 mV\"\ndelay = \"{delay} ms\"");
        let network = network(&projection(&text));
        assert!(text_of(&network, ExportTarget::Nest).contains(&format!("\"delay\": {step}}}")), "{delay}");
        assert!(text_of(&network, ExportTarget::Brian2).contains(&format!("\"v\", 1.0, {step})")), "{delay}");
    }
}

#[test]
fn what_neither_can_do_is_refused() {
    let late = "kind = \"poisson\"\nrate = \"5 Hz\"\nweight = \"1 mV\"\ndelay = { mean = \"2 ms\", std = \"1 ms\" }\nstart = \"9 ms\"";
    let short = projection("in_degree = 5\nweight = \"1 mV\"\ndelay = { mean = \"-1 ms\", std = \"0.3 ms\" }");
    for target in [ExportTarget::Nest, ExportTarget::Brian2] {
        assert!(refused(&drive(late), target).contains("drive of A: a law of its delays"));
        let _ = &short;
    }
    let fast = "kind = \"poisson\"\nrate = \"2e4 Hz\"\nweight = { mean = \"1 mV\", std = \"1 mV\" }";
    assert!(refused(&drive(fast), ExportTarget::Brian2).contains("give more sources"));
    let options = SimulationOptions { dt_ms: 1.0 / 3.0, ..SimulationOptions::default() };
    let error = script(&network(""), ExportTarget::Nest, &options).expect_err("NEST has no such step");
    assert_eq!(error, ExportError::TimeStep { dt_ms: 1.0 / 3.0 });
    let options = SimulationOptions { seed: 0, ..SimulationOptions::default() };
    assert!(
        script(&network(""), ExportTarget::Nest, &options).expect_err("no seed").to_string().contains("the seed is 0")
    );
}

#[test]
fn a_perfect_neuron_has_equations_without_leak_in_brian2_and_no_counterpart_in_nest() {
    let text = |drives: &str| {
        let file = format!(
            "[neurons.n]\nmodel = \"perfect\"\ntau_m = \"20 ms\"\nC_m = \"250 pF\"\nE_L = \"-65 mV\"\nV_th = \"-50 mV\"\nV_reset = \"-60 mV\"\n\
             t_ref = \"2 ms\"\n[synapses]\nslow = {{ kind = \"exponential_current\", tau = \"3 ms\" }}\n\
             [populations]\nA = {{ size = 100, neuron = \"n\" }}\n{drives}"
        );
        parse(&file, "test", &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}\n{file}"))
    };
    let noise = drive("kind = \"noise\"\nmean = \"16 mV\"\nstd = \"2 mV\"");
    let synapses = projection("in_degree = 5\nweight = \"1 pA\"\nsynapse = \"slow\"\ndelay = \"1 ms\"");
    let brian2 = text_of(&text(&format!("{noise}{synapses}")), ExportTarget::Brian2);
    assert!(brian2.contains("\"dv/dt = (RI + R * (I_syn)) / tau_m : volt (unless refractory)"), "{brian2}");
    assert!(brian2.contains("\"method\": \"rk4\"") && brian2.contains("population.get(\"method\", \"exact\")"));
    // 2 mV sqrt(0.1 ms / 20 ms)
    assert!(brian2.contains("0.1414213562373095 * randn()"), "{brian2}");
    assert!(brian2.contains("\"V_start\": (-60.0, -50.0)"), "{brian2}");
    assert!(text_of(&text(""), ExportTarget::Brian2).contains("\"dv/dt = (0 * mV) / tau_m"));
    let error = script(&text(&noise), ExportTarget::Nest, &SimulationOptions::default()).expect_err("no such neuron");
    assert!(error.to_string().contains("population A") && error.to_string().contains("export brian2"), "{error}");
}

/// A population of a neuron with a spike, with more text for what reaches it.
fn spiking(neuron: &str, rest: &str) -> Network {
    let file = format!(
        "[neurons.n]\n{neuron}\ntau_m = \"20 ms\"\nC_m = \"250 pF\"\nE_L = \"-65 mV\"\nV_th = \"-50 mV\"\nt_ref = \"2 ms\"\nDelta_T = \"2 \
         mV\"\n[synapses]\nfast = {{ kind = \"exponential_current\", tau = \"3 ms\" }}\nslow = {{ kind = \"exponential_current\", tau = \
         \"9 ms\" }}\n[populations]\nA = {{ size = 100, neuron = \"n\" }}\n{rest}"
    );
    parse(&file, "test", &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}\n{file}"))
}

const EIF: &str = "model = \"eif\"\nV_reset = \"-60 mV\"\nV_peak = \"-20 mV\"";
const ADEX: &str =
    "model = \"adex\"\nV_reset = \"-60 mV\"\nV_peak = \"-20 mV\"\na = \"2 nS\"\nb = \"40 pA\"\ntau_w = \"100 ms\"";
const QIF: &str = "model = \"qif\"\nV_reset = \"-60 mV\"\nV_peak = \"-20 mV\"";

#[test]
fn exponential_neurons_are_aeif_in_nest_with_the_adaptation_that_they_have() {
    let synapse = projection("in_degree = 5\nweight = \"1 pA\"\nsynapse = \"fast\"\ndelay = \"1 ms\"");
    let eif = text_of(&spiking(EIF, ""), ExportTarget::Nest);
    assert!(eif.contains("\"model\": \"aeif_psc_delta\"") && !eif.contains("tau_m\""), "{eif}");
    assert!(eif.contains("\"g_L\": 12.5, \"Delta_T\": 2.0, \"V_peak\": -20.0, \"a\": 0.0, \"b\": 0.0,"), "{eif}");
    let adex = text_of(&spiking(ADEX, &synapse), ExportTarget::Nest);
    assert!(adex.contains("\"model\": \"aeif_psc_exp\"") && adex.contains("\"tau_syn_ex\": 3.0"), "{adex}");
    assert!(adex.contains("\"a\": 2.0, \"b\": 40.0, \"tau_w\": 100.0") && adex.contains("without t_ref"), "{adex}");
}

#[test]
fn neurons_with_spikes_have_their_equations_threshold_and_reset_in_brian2() {
    let synapse = projection("in_degree = 5\nweight = \"1 pA\"\nsynapse = \"fast\"\ndelay = \"1 ms\"");
    let eif = text_of(&spiking(EIF, ""), ExportTarget::Brian2);
    let flow = "dv/dt = (E_L - v + Delta_T * exp(clip((v - V_th) / Delta_T, -700.0, 15.0))) / tau_m : volt";
    assert!(eif.contains(flow) && eif.contains("\"threshold\": \"v >= V_peak\""), "{eif}");
    assert!(
        eif.contains("threshold=population.get(\"threshold\", \"v >= V_th\")") && eif.contains("\"method\": \"rk4\"")
    );
    assert!(eif.contains("reset=\"v = V_reset\"") && eif.contains("import mV, ms\n"), "{eif}");
    let adex = text_of(&spiking(ADEX, &synapse), ExportTarget::Brian2);
    assert!(adex.contains(" - 0.08 * mV / pA * w_adapt + R * (I_syn)) / tau_m"), "{adex}");
    assert!(
        adex.contains("dw_adapt/dt = (a * (clip(v, -1000 * volt, V_peak) - E_L) - w_adapt) / tau_w : amp\\ndI_syn/dt"),
        "{adex}"
    );
    assert!(adex.contains("\"reset\": \"v = V_reset; w_adapt += b\"") && adex.contains("import mV, ms, nS, pA"));
    let qif = text_of(&spiking(QIF, ""), ExportTarget::Brian2);
    assert!(
        qif.contains("(E_L - V_th + clip(v - V_th, -400.0 * mV, V_peak - V_th)**2 / (2 * Delta_T)) / tau_m"),
        "{qif}"
    );
}

#[test]
fn neurons_with_spikes_that_a_simulator_does_not_have_are_refused_with_the_reason() {
    let refusal = |network: &Network, target| {
        script(network, target, &SimulationOptions::default()).expect_err("it cannot be exported").to_string()
    };
    let nest = |neuron: &str, rest: &str| refusal(&spiking(neuron, rest), ExportTarget::Nest);
    assert!(nest(QIF, "").contains("population A: NEST has no quadratic"), "{}", nest(QIF, ""));
    let kinds = ["fast", "slow"].map(|synapse| {
        projection(&format!(
            "in_degree = 5\nmultapses = true\nweight = {{ mean = \"1 pA\", std = \"2 pA\" }}\nsynapse = \"{synapse}\"\ndelay = \"1 ms\""
        ))
    });
    assert!(
        nest(EIF, &kinds.concat()).contains("aeif_psc_exp has one time constant"),
        "{}",
        nest(EIF, &kinds.concat())
    );
    let high = EIF.replace("-20 mV", "2000 mV");
    assert!(nest(&high, "").contains("V_peak is 2000 mV; NEST takes none from 1276 mV on"), "{}", nest(&high, ""));
    let brian2 = |neuron: &str| refusal(&spiking(neuron, ""), ExportTarget::Brian2);
    let infinite = QIF.replace("\"-60 mV\"", "\"-inf\"");
    assert!(brian2(&infinite).contains("give a finite V_peak and V_reset"), "{}", brian2(&infinite));
    let deep = QIF.replace("-60 mV", "-600 mV");
    assert!(
        brian2(&deep).contains("V_reset is -600 mV") && brian2(&deep).contains("from -450 mV on"),
        "{}",
        brian2(&deep)
    );
}

#[test]
fn conductances_are_told_apart_by_sign_in_nest_and_by_name_in_brian2() {
    let kinds = "[synapses.ex]\nkind = \"exponential_conductance\"\ntau = \"5 ms\"\nE_rev = \"0 mV\"\n\
                 [synapses.in]\nkind = \"exponential_conductance\"\ntau = \"10 ms\"\nE_rev = \"-80 mV\"\n\
                 [synapses.pulse]\nkind = \"delta_conductance\"\nE_rev = \"0 mV\"\n";
    let of = |synapse: &str, weight: &str| {
        projection(&format!("in_degree = 3\nweight = {weight}\ndelay = \"1 ms\"\nsynapse = \"{synapse}\""))
    };
    let both = format!("{kinds}{}{}", of("in", "\"2 nS\""), of("ex", "\"3 nS\""));
    let nest = text_of(&network(&both), ExportTarget::Nest);
    assert!(
        nest.contains("iaf_cond_exp")
            && nest.contains("\"tau_syn_ex\": 5.0, \"tau_syn_in\": 10.0, \"E_ex\": 0.0, \"E_in\": -80.0")
    );
    assert!(nest.contains("{\"weight\": -2.0") && nest.contains("{\"weight\": 3.0"), "{nest}");
    let brian2 = text_of(&network(&both), ExportTarget::Brian2);
    assert!(brian2.contains("(E_L - v + R * (g_syn_1 * (E_rev_1 - v) + g_syn_2 * (E_rev_2 - v))) / tau_m"), "{brian2}");
    assert!(brian2.contains("\"method\": \"rk4\"") && brian2.contains("nS"), "{brian2}");
    let normal = format!("{kinds}{}", of("ex", "{ mean = \"1 nS\", std = \"1 nS\" }"));
    assert!(refused(&normal, ExportTarget::Nest).contains("gives negative conductances"));
    let pulses = format!("{kinds}{}", of("pulse", "\"1 nS\""));
    for target in [ExportTarget::Nest, ExportTarget::Brian2] {
        assert!(refused(&pulses, target).contains("delta_conductance"));
    }
    let mixed =
        format!("{both}{}", projection("in_degree = 3\nweight = \"2 pA\"\ndelay = \"1 ms\"\nsynapse = \"fast\""));
    assert!(refused(&mixed, ExportTarget::Nest).contains("no neuron with both"));
    text_of(&network(&mixed), ExportTarget::Brian2);
}

/// Population A sends to itself through NMDA receptors; with more text for its synapses, and the constants of the receptors.
fn gated(constants: &str, rest: &str) -> Network {
    let synapses = projection("in_degree = 3\nweight = \"2 nS\"\ndelay = \"1 ms\"\nsynapse = \"nmda\"");
    network(&format!(
        "[synapses.nmda]\nkind = \"nmda\"\ntau_rise = \"2 ms\"\ntau_decay = \"100 ms\"\nalpha = \"0.5 /ms\"\nE_rev = \"60 mV\"\n{constants}\n\
         [synapses.ex]\nkind = \"exponential_conductance\"\ntau = \"2 ms\"\nE_rev = \"60 mV\"\n\
         [synapses.in]\nkind = \"exponential_conductance\"\ntau = \"5 ms\"\nE_rev = \"-10 mV\"\n\
         [synapses.more]\nkind = \"exponential_conductance\"\ntau = \"9 ms\"\nE_rev = \"-10 mV\"\n{synapses}\n{rest}"
    ))
}

/// A projection through a type of synapse.
fn through(synapse: &str, weight: &str) -> String {
    projection(&format!("in_degree = 3\nweight = \"{weight}\"\ndelay = \"1 ms\"\nsynapse = \"{synapse}\""))
}

#[test]
fn nmda_receptors_are_those_of_iaf_bw_2001_in_nest_and_gates_of_each_synapse_in_brian2() {
    let steady = drive("kind = \"current\"\nvalue = \"15 mV\"");
    let network = gated("gamma = 7.14", &format!("{}{}{steady}", through("in", "3 nS"), through("ex", "1 nS")));
    let nest = text_of(&network, ExportTarget::Nest);
    assert!(nest.contains("\"model\": \"iaf_bw_2001\"") && nest.contains("{\"time_in_steps\": True}"), "{nest}");
    let parameters = "\"E_ex\": 60.0, \"tau_AMPA\": 2.0, \"E_in\": -10.0, \"tau_GABA\": 5.0, \"tau_decay_NMDA\": 100.0";
    assert!(nest.contains(parameters) && nest.contains("\"conc_Mg2\": 0.5"), "{nest}");
    // the product of alpha and tau_rise is that of the network
    assert!(nest.contains("\"tau_rise_NMDA\": 1e-7, \"alpha\": 10000000.0"), "{nest}");
    for port in [
        "\"weight\": 1.0, \"delay\": 1.0, \"receptor_type\": 1",
        "\"weight\": 3.0, \"delay\": 1.0, \"receptor_type\": 2",
    ] {
        assert!(nest.contains(port), "{nest}");
    }
    assert!(nest.contains("\"weight\": 2.0, \"delay\": 1.0, \"receptor_type\": 3"), "{nest}");
    // it has no I_e
    assert!(nest.contains("\"dc_generator\", {\"amplitude\": 187.5}") && !nest.contains("I_e"), "{nest}");
    let brian2 = text_of(&network, ExportTarget::Brian2);
    assert!(brian2.contains("g_nmda_1 * (E_nmda_1 - v) / (1 + Mg_1 * exp(-beta_1 * v) / gamma_1)"), "{brian2}");
    assert!(brian2.contains("\"beta_1\": 0.062 / mV, \"Mg_1\": 1.0, \"gamma_1\": 7.14"), "{brian2}");
    assert!(brian2.contains("\"g_nmda_1\", constant(2.0), constant(1.0), 1.0, 100.0)"), "{brian2}");
}

#[test]
fn what_iaf_bw_2001_cannot_do_is_refused_with_the_way_out_and_brian2_does_it() {
    let plasticity = "plasticity = { U = 0.5, tau_rec = \"100 ms\" }";
    let other = "[synapses.other]\nkind = \"nmda\"\ntau_rise = \"2 ms\"\ntau_decay = \"50 ms\"\nalpha = \"0.5 /ms\"\nE_rev = \"60 mV\"\n";
    let differing = drive("kind = \"current\"\nvalue = { mean = \"15 mV\", std = \"1 mV\" }");
    for (constants, rest, why) in [
        ("beta = \"0.05 /mV\"", String::new(), "beta = 0.062 /mV"),
        (plasticity, String::new(), "without short-term plasticity"),
        ("", through("fast", "1 pA"), "hears conductances alone"),
        ("", format!("{other}{}", through("other", "1 nS")), "receptors of one kind"),
        ("", [through("in", "1 nS"), through("more", "1 nS")].concat(), "one conductance with the E_rev"),
        ("", differing, "no current that differs"),
    ] {
        let network = gated(constants, &rest);
        let error = script(&network, ExportTarget::Nest, &SimulationOptions::default()).expect_err(why).to_string();
        assert!(
            error.starts_with("population A: ") && error.contains(why) && error.ends_with("export brian2"),
            "{error}"
        );
        text_of(&network, ExportTarget::Brian2);
    }
}
