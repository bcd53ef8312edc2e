//! Files of the largest size that is allowed: each is read or refused in seconds, not in hours.

use std::time::{Duration, Instant};

use siegert::network::{ReadOptions, bundled, parse};

/// Generous, for slow machines: what these tests exclude is time that grows as the square of the size.
const PATIENCE: Duration = Duration::from_secs(60);

const NEURON: &str = "[neurons.n]\nmodel = \"perfect\"\ntau_m = \"20 ms\"\nV_th = \"20 mV\"\nV_reset = 0\nt_ref = 0\n";

fn is_read_in_time(what: &str, text: &str) {
    let start = Instant::now();
    let result = parse(text, "large", &ReadOptions::default());
    let taken = start.elapsed();
    println!("{what}: {} MB in {taken:?}, {}", text.len() >> 20, if result.is_ok() { "read" } else { "refused" });
    assert!(taken < PATIENCE, "{what}: {taken:?}");
}

/// Lines until the text has 4 MB; the largest file has four times as many.
fn repeated(head: &str, line: impl Fn(usize) -> String) -> String {
    let mut text = head.to_string();
    for index in 0.. {
        if text.len() > 4 << 20 {
            break;
        }
        text += &line(index);
    }
    text
}

#[test]
fn large_files_with_many_mistakes_take_no_longer_than_large_files() {
    is_read_in_time("populations", &repeated(NEURON, |i| format!("[populations.P{i}]\nsize = 1\nneuron = \"n\"\n")));
    is_read_in_time(
        "unknown neurons",
        &repeated(NEURON, |i| format!("[populations.P{i}]\nsize = 1\nneuron = \"m\"\n")),
    );
    is_read_in_time("unknown keys", &repeated(NEURON, |i| format!("[populations.P{i}]\nsise = 1\nneuron = \"n\"\n")));
    is_read_in_time("duplicates", &repeated(NEURON, |i| format!("[populations.P{}]\nsize = 1\n", i / 2)));
    is_read_in_time("unknown symbols", &repeated("[parameters]\n", |i| format!("a{i} = \"b{i} + c{i}\"\n")));
    is_read_in_time("circles", &repeated("[parameters]\n", |i| format!("a{i} = \"a{} + a0\"\n", i + 1)));
    is_read_in_time("bad cases", &repeated("[parameters]\na = 1\n", |i| format!("[cases.c{i}]\nb = 1\n")));
    is_read_in_time("syntax", &repeated("", |_| "=\n".to_string()));
    is_read_in_time("brackets", &repeated("", |_| "[".to_string()));
    is_read_in_time("quotes", &repeated("", |_| "\"\n".to_string()));
    is_read_in_time("dots", &repeated("", |_| "a.".to_string()));
}

#[test]
fn a_bundled_network_is_read_in_far_less_than_a_millisecond() {
    let network = bundled::find("brunel2000").expect("it is bundled");
    let times = (0..200).map(|_| {
        let start = Instant::now();
        parse(network.text, network.name, &ReadOptions::default()).expect("the bundled networks are right");
        start.elapsed()
    });
    let best = times.min().expect("there are 200");
    println!("{best:?}");
    assert!(best < Duration::from_millis(1), "{best:?}");
}
