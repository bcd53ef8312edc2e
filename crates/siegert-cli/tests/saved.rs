//! What commands write as JSON is read back by the library and written again as the same bytes; and it is drawn and compared without being
//! computed again.

mod support;

use std::fs;
use std::path::Path;

use siegert::Saved;
use support::{read, siegert_in, with_small_network, without_provenance};

/// Every command that writes JSON, in every form that it has.
const COMMANDS: [&str; 44] = [
    "solve brunel2000",
    "solve brunel2000 --case bistable --set g=4.5",
    "solve potjans_diesmann2014 --synaptic-filter taylor",
    "solve potjans_diesmann2014 --synaptic-filter none",
    "solve ostojic2014 --case strong",
    "solve working_memory_lif",
    "solve sanzeni2020",
    "solve brunel2000 --start 30",
    "solve noiseless.toml",
    "solve brunel2000 --target \"E.rate=5 Hz\" --vary eta",
    "balance balanced_ei",
    "balance brunel2000",
    "balance balanced_ei --set \"j_EX=0.1 mV\" --over K=500:50000:3",
    "balance balanced_ei --over K=lin:-1:50000:3",
    "compare-models brunel2000 --set g=4.5 --models lif,qif",
    "compare-models silent.toml --models lif,eif,perfect",
    "response brunel2000 --frequencies 1:100:5",
    "response potjans_diesmann2014 --frequencies 0,10,64",
    "sweep brunel2000 --over g=3:8:4 --over eta=0.5:4:3 --phases",
    "spectrum brunel2000 --frequencies 1:100:5",
    "spectrum ostojic2014 --case strong --random-part --frequencies 0,3000",
    "correlations brunel2000",
    "correlations small.toml --bin 5",
    "response brunel2000 --frequencies 10 --critical eta=1.5:2.5",
    "explain brunel2000 --of frequency",
    "explain small.toml --of E.rate",
    "evolve montbrio2015 --equation reduced --duration 20",
    "evolve montbrio2015 --equation reduced --duration 5 --start reset",
    "solve montbrio2015 --equation reduced",
    "evolve brunel2000 --duration 20 --densities",
    "evolve brunel2000 --duration 20 --equation spectral",
    "check potjans_diesmann2014",
    "check small.toml",
    "models",
    "transfer --mu \"-300 mV:30 mV:5\" --sigma 0:5:3",
    "transfer brunel2000 --mu 10 --sigma 5",
    "sweep brunel2000 --over g=3:8:3 --over eta=0.5:4:2 --quantity rate,cv,index,multiplicity",
    "sweep brunel2000 --over \"tau_m=-5 ms:20 ms:2\"",
    "simulate small.toml --duration 200 --set g=3",
    "simulate silent.toml --duration 20",
    "compare small.toml --duration 200",
    "compare small.toml --evolve --duration 50 --warmup 20",
    "compare small.toml --duration 100 --dt-study",
    "compare small.toml --duration 100 --scaling K=10,20",
];

/// A neuron that nothing reaches, and one that is driven to threshold without noise.
const SILENT: &str = r#"
[neurons.lif]
model = "lif"
tau_m = "20 ms"
E_L = "0 mV"
V_th = "20 mV"
V_reset = "10 mV"
t_ref = "0 ms"
[populations.E]
size = 10
neuron = "lif"
"#;

fn with_networks() -> tempfile::TempDir {
    let directory = with_small_network();
    fs::write(directory.path().join("silent.toml"), SILENT).unwrap();
    let driven = format!("{SILENT}[[drives]]\nto = \"E\"\nkind = \"current\"\nvalue = \"20 mV\"\n");
    fs::write(directory.path().join("noiseless.toml"), driven).unwrap();
    directory
}

#[test]
fn what_every_command_writes_is_read_back_and_written_again_as_the_same_bytes() {
    let directory = with_networks();
    for command in COMMANDS {
        let run = siegert_in(directory.path(), &format!("{command} --format json -q"), "");
        assert!(run.stdout.starts_with('{'), "{command}: {}", run.stderr);
        let saved = Saved::read(run.stdout.as_bytes()).unwrap_or_else(|error| panic!("{command}: {error}"));
        let mut again = Vec::new();
        saved.write(&mut again).unwrap();
        let again = String::from_utf8(again).unwrap();
        let differs = run.stdout.lines().zip(again.lines()).find(|(then, now)| then != now);
        assert!(again == run.stdout, "{command}: {differs:?}");
        let provenance = saved.provenance();
        assert_eq!(provenance.command.as_ref().unwrap()[..2], ["siegert", command.split(' ').next().unwrap()]);
    }
}

#[test]
fn the_main_job_is_read_back_too() {
    let run = siegert_in(Path::new("."), "--format json --set eta=1.5 -q", "");
    let saved = Saved::read(run.stdout.as_bytes()).unwrap();
    let mut again = Vec::new();
    saved.write(&mut again).unwrap();
    assert!(again == run.stdout.as_bytes());
    assert_eq!((saved.provenance().seed, &saved.provenance().set[..]), (Some(1), &["eta=1.5".to_string()][..]));
}

#[test]
fn a_saved_report_has_the_picture_of_the_command_that_wrote_it() {
    let directory = with_networks();
    let path = directory.path();
    for (command, kinds) in [
        ("solve small.toml --set g=3", &["", " --plot-kind bars", " --plot-kind nullclines"][..]),
        ("simulate small.toml --duration 200", &["", " --plot-kind raster", " --plot-kind spectrum"]),
        ("compare small.toml --duration 200", &["", " --plot-kind bars", " --plot-kind transfer"]),
        ("compare small.toml --duration 100 --dt-study", &["", " --plot-kind story"]),
        ("compare small.toml --duration 100 --scaling K=10,20", &["", " --plot-kind story"]),
        ("balance balanced_ei --over K=500:50000:3", &[""]),
    ] {
        for kind in kinds {
            let run = siegert_in(path, &format!("{command}{kind} --plot then.svg --output a.json -q"), "");
            assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{command}{kind}");
            let run = siegert_in(path, &format!("plot a.json now.svg{kind}"), "");
            assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{command}{kind}");
            assert!(read(path, "now.svg") == read(path, "then.svg"), "{command}{kind}");
        }
    }
    let refused = |line: &str, message: &str| {
        let run = siegert_in(path, line, "");
        assert_eq!(run.status, 2, "{line}: {}", run.stderr);
        assert!(run.stderr.contains(message), "{line}: {}", run.stderr);
    };
    refused("plot a.json b.svg --plot-kind raster", "a report of \"balance\" has one picture");
    siegert_in(path, "solve small.toml --output s.json", "");
    refused("plot s.json b.svg --plot-kind raster", "auto, crossing, nullclines, bars");
    siegert_in(path, "check small.toml --output c.json", "");
    refused("plot c.json b.svg", "no picture of a report of \"check\"");
    fs::write(path.join("x.json"), "{ \"provenance\": 3 }").unwrap();
    refused("plot x.json b.svg", "x.json");
}

#[test]
fn saved_states_and_a_saved_simulation_are_compared_without_computing_them_again() {
    let directory = with_networks();
    let path = directory.path();
    let done = |line: &str| {
        let run = siegert_in(path, line, "");
        assert_eq!(run.status, 0, "{line}: {}", run.stderr);
        run.stdout
    };
    done("simulate small.toml --duration 300 --output sim.json -q");
    done("solve small.toml --output states.json -q");
    let whole = without_provenance(&done("compare small.toml --duration 300 --format json -q"));
    for line in [
        "sim.json",
        "sim.json states.json",
        "states.json sim.json",
        "small.toml sim.json",
        "small.toml states.json sim.json",
    ] {
        let mut saved = without_provenance(&done(&format!("compare {line} --format json -q")));
        // what it cost is that of the run that was saved
        saved["states"][0]["measured"]["performance"] = whole["states"][0]["measured"]["performance"].clone();
        // solve knows of modes, too
        without_modes(&mut saved);
        assert_eq!(saved, whole, "{line}");
    }
    let text = done("compare small.toml --duration 300 --output whole.json --format text -q");
    assert_eq!(done("compare whole.json -q"), text);
    done("compare whole.json --plot a.svg --report a.html -q");
    let refused = |line: &str, message: &str| {
        let run = siegert_in(path, line, "");
        assert_eq!(run.status, 2, "{line}: {}", run.stderr);
        assert!(run.stderr.contains(message), "{line}: {}", run.stderr);
    };
    refused("compare states.json", "nothing was simulated");
    refused("compare sim.json sim.json", "already");
    refused("compare brunel2000 sim.json", "sim.json is of another network");
    refused("compare small.toml sim.json --set g=6", "sim.json is of other parameters");
    refused("compare sim.json --dt-study", "--dt-study is for simulations");
    refused("compare sim.json --duration 5", "--duration is for simulations");
    refused("compare sim.json --set g=6", "--set changes a network file");
    refused("compare whole.json sim.json", "report of \"compare\"");
    refused("compare nowhere.json", "does not exist");
}

#[test]
fn files_of_rows_say_what_they_are_of_and_their_units() {
    let directory = with_networks();
    let path = directory.path();
    for command in [
        "solve small.toml --set g=4",
        "sweep small.toml --over g=3:5:2",
        "transfer small.toml --mu 10 --sigma 5",
        "simulate small.toml --set g=4 --duration 50",
    ] {
        let run = siegert_in(path, &format!("{command} --output a.csv -q"), "");
        assert_eq!(run.status, 0, "{command}: {}", run.stderr);
        let said: serde_json::Value = serde_json::from_slice(&read(path, "a.csv-metadata.json")).unwrap();
        let header = String::from_utf8(read(path, "a.csv")).unwrap();
        let columns = said["tableSchema"]["columns"].as_array().unwrap();
        let titles: Vec<&str> = columns.iter().map(|column| column["titles"].as_str().unwrap()).collect();
        assert_eq!(titles.join(","), header.lines().next().unwrap(), "{command}");
        let rate = columns.iter().find(|column| column["titles"].as_str().unwrap().starts_with("rate_hz")).unwrap();
        assert_eq!(rate["siegert:unit"], "Hz", "{command}");
        let provenance = &said["siegert:provenance"];
        assert_eq!(provenance["command"][1], command.split(' ').next().unwrap());
        assert!(provenance["network_sha256"].as_str().is_some_and(|hash| hash.len() == 64), "{provenance}");
        fs::remove_file(path.join("a.csv")).unwrap();
    }
}

/// Leaves out what `solve` adds to states, and a comparison by itself does not look for.
fn without_modes(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(entries) => {
            for name in ["full_dynamics", "state_name", "asynchrony"] {
                entries.remove(name);
            }
            entries.values_mut().for_each(without_modes);
        }
        serde_json::Value::Array(entries) => entries.iter_mut().for_each(without_modes),
        _ => {}
    }
}
