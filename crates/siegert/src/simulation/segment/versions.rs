//! The inner loops are compiled for AVX-512, for AVX2 and for any processor: all versions do the same, to the last bit.
//!
//! Each version that the processor can run is forced, by inlining the loops into a function with its instructions, and its spikes, potentials,
//! currents, samples and what is on its way are compared with the portable version's. What the loops choose by themselves is compared, too.

use std::sync::LazyLock;

use super::*;
use crate::network::{ReadOptions, parse};
use crate::numerics::random::{GuideTable, MappedTable, Stream};
use crate::simulation::arrays::Array;
use crate::simulation::delivery::{deliver_redrawn_inline, deliver_stored_inline};
use crate::simulation::drives;
use crate::simulation::wiring::{draw, draw_inline};
use crate::simulation::{SimulationOptions, SpikeTimes};

const STEPS: u64 = 400;
const WARMUP_MS: f64 = 10.0;
/// Random words of a drive, and the standard deviation of its Gaussian numbers.
static WORDS: LazyLock<Stream> = LazyLock::new(|| Stream::new(7, 1, 0));
const STD: f32 = 0.3;

/// A way to run the inner loops.
#[derive(Clone, Copy)]
struct Version {
    name: &'static str,
    /// Whether the processor can run it.
    found: fn() -> bool,
    simulate: fn(&Plan, &Drives, &mut Segment) -> Spikes,
    draw_all: fn(&Plan, &SegmentTables) -> Vec<Row>,
    /// Adds jumps and Gaussian numbers to so many neurons.
    drive: fn(&MappedTable, &mut [f32]),
}

/// The drives of each population.
type Drives = [Vec<DriveSource>];

/// Neurons that fire at each step, and the number of synapses that their spikes reach.
type Spikes = (Vec<Fired>, u64);

const PORTABLE: Version = Version {
    name: "portable",
    found: || true,
    simulate: |plan, drives, segment| simulate(plan, drives, segment),
    draw_all: |plan, tables| draw_all(plan, tables),
    drive: |jumps, input| drive(jumps, input),
};

/// What runs outside of tests.
const CHOSEN: Version = Version {
    name: "the chosen version",
    found: || true,
    simulate: |plan, drives, segment| {
        let (mut all, mut events) = (Vec::new(), 0);
        for step in 1..=STEPS {
            let mut spikes = [Fired::default()];
            segment.advance(drives, step, &mut spikes);
            events += segment.deliver(plan, step, &spikes[0].neurons);
            all.extend(spikes);
        }
        (all, events)
    },
    draw_all: |plan, tables| {
        let mut rows = Vec::new();
        for (connection, tables) in plan.connections.iter().zip(tables) {
            let strength = plan.parts[connection.source][connection.part].strength;
            for (_, table) in tables {
                rows.extend((0..plan.populations[connection.source].size).map(|source| {
                    let mut row = Row::default();
                    draw(table, connection, strength, source, &mut row);
                    row
                }));
            }
        }
        rows
    },
    drive: |jumps, input| {
        drives::add_jumps(&WORDS, jumps, input);
        drives::add_gaussian(&WORDS, STD, input);
    },
};

#[cfg(target_arch = "x86_64")]
mod wide {
    use super::*;

    pub(super) const VERSIONS: [Version; 2] = [
        Version {
            name: "AVX2",
            found: || is_x86_feature_detected!("avx2"),
            // SAFETY: run only after `found`.
            simulate: |plan, drives, segment| unsafe { simulate_avx2(plan, drives, segment) },
            // SAFETY: run only after `found`.
            draw_all: |plan, tables| unsafe { draw_all_avx2(plan, tables) },
            // SAFETY: run only after `found`.
            drive: |jumps, input| unsafe { drive_avx2(jumps, input) },
        },
        Version {
            name: "AVX-512",
            found: || {
                is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512vl")
            },
            // SAFETY: run only after `found`.
            simulate: |plan, drives, segment| unsafe { simulate_avx512(plan, drives, segment) },
            // SAFETY: run only after `found`.
            draw_all: |plan, tables| unsafe { draw_all_avx512(plan, tables) },
            // SAFETY: run only after `found`.
            drive: |jumps, input| unsafe { drive_avx512(jumps, input) },
        },
    ];

    #[target_feature(enable = "avx2")]
    fn simulate_avx2(plan: &Plan, drives: &Drives, segment: &mut Segment) -> Spikes {
        simulate(plan, drives, segment)
    }

    #[target_feature(enable = "avx2")]
    fn draw_all_avx2(plan: &Plan, tables: &SegmentTables) -> Vec<Row> {
        draw_all(plan, tables)
    }

    #[target_feature(enable = "avx2")]
    fn drive_avx2(jumps: &MappedTable, input: &mut [f32]) {
        drive(jumps, input);
    }

    #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
    fn simulate_avx512(plan: &Plan, drives: &Drives, segment: &mut Segment) -> Spikes {
        simulate(plan, drives, segment)
    }

    #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
    fn draw_all_avx512(plan: &Plan, tables: &SegmentTables) -> Vec<Row> {
        draw_all(plan, tables)
    }

    #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
    fn drive_avx512(jumps: &MappedTable, input: &mut [f32]) {
        drive(jumps, input);
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod wide {
    pub(super) const VERSIONS: [super::Version; 0] = [];
}

/// As [`Segment::advance`] and [`Segment::deliver`], inlined: without closures, which would be compiled for any processor.
#[inline(always)]
fn simulate(plan: &Plan, drives: &Drives, segment: &mut Segment) -> Spikes {
    let (mut all, mut events) = (Vec::new(), 0);
    for step in 1..=STEPS {
        let mut spikes = Fired::default();
        for block in &mut segment.blocks {
            block.advance_inline(&drives[block.population], &mut segment.ring, step, std::slice::from_mut(&mut spikes));
        }
        let Segment { wiring, ring, rows, sources, sent, .. } = &mut *segment;
        sources.spike(plan, step, &spikes.neurons, sent);
        match wiring {
            Wiring::Stored(stored) => events += deliver_stored_inline(plan, stored, ring, step, &spikes.neurons, sent),
            Wiring::Redrawn(blocks) => {
                for block in blocks {
                    events += deliver_redrawn_inline(plan, block, ring, rows, step, &spikes.neurons, sent);
                }
            }
        }
        all.push(spikes);
    }
    (all, events)
}

/// The rows of all sources, of each connection into each of its blocks.
#[inline(always)]
fn draw_all(plan: &Plan, tables: &SegmentTables) -> Vec<Row> {
    let mut rows = Vec::new();
    for (connection, tables) in plan.connections.iter().zip(tables) {
        let strength = plan.parts[connection.source][connection.part].strength;
        for (_, table) in tables {
            for source in 0..plan.populations[connection.source].size {
                let mut row = Row::default();
                draw_inline(table, connection, strength, source, &mut row);
                rows.push(row);
            }
        }
    }
    rows
}

/// What two drives add to the input of neurons.
#[inline(always)]
fn drive(jumps: &MappedTable, input: &mut [f32]) {
    drives::add_jumps_inline(&WORDS, jumps, input);
    drives::add_gaussian_inline(&WORDS, STD, input);
}

/// Networks with every rule, law, synapse and drive, on the grid; in the second one, equal weights have delays that vary. In the others the neurons
/// are of other models, and spikes have times within their steps.
fn plans() -> Vec<Plan> {
    let text = include_str!("../../../tests/networks/all_kinds.toml");
    let fixed = "delay = \"0.7 ms\"";
    assert!(text.contains(fixed), "the network has a delay that is made to vary");
    let plan = |text: &str, spike_times| {
        let network = parse(text, "all kinds", &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"));
        let options = SimulationOptions { warmup_ms: WARMUP_MS, spike_times, ..SimulationOptions::default() };
        Plan::new(&network, &options).expect("it can be planned")
    };
    let of_model = |model: &str| {
        let of_lif = "model   = \"lif\"";
        assert!(text.contains(of_lif), "the neurons' model is exchanged");
        plan(&text.replace(of_lif, model), SpikeTimes::Interpolated)
    };
    let conductances = include_str!("../../../tests/networks/conductances.toml");
    let conducting = |model: &str, spike_times| plan(&conductances.replace("model   = \"lif\"", model), spike_times);
    let ampa = "ampa = { kind = \"exponential_current\", tau = \"0.5 ms\"";
    assert!(text.contains(ampa), "a synapse is made plastic");
    let plastic = text.replace(ampa, &format!("{ampa}, plasticity = {{ U = 0.5, tau_rec = \"30 ms\" }}"));
    // drives keep static synapses
    let plastic = plastic.replace("synapse = \"ampa\" },\n  { to", "synapse = \"fixed\" },\n  { to");
    let plastic =
        plastic.replace("[synapses]", "[synapses]\nfixed = { kind = \"exponential_current\", tau = \"0.5 ms\" }");
    let of_currents = "current = { kind = \"exponential_current\", tau = \"3 ms\" }";
    assert!(conductances.contains("\"5 pA\"") && conductances.contains(of_currents), "currents give way to nmda");
    let nmda = "current = { kind = \"nmda\", tau_rise = \"2 ms\", tau_decay = \"100 ms\", alpha = \"0.5 /ms\", E_rev = \"0 mV\" }";
    let with_nmda = conductances.replace(of_currents, nmda).replace("\"5 pA\"", "\"0.1 nS\"");
    let spike = "Delta_T = \"1 mV\"\nV_peak = \"-35 mV\"";
    let delays = "delay = { mean = \"0.7 ms\", std = \"0.3 ms\" }";
    vec![
        plan(text, SpikeTimes::Grid),
        plan(&text.replace(fixed, delays), SpikeTimes::Grid),
        of_model(&format!("model = \"eif\"\n{spike}")),
        of_model(&format!("model = \"adex\"\n{spike}\na = \"2 nS\"\nb = \"20 pA\"\ntau_w = \"50 ms\"")),
        of_model(&format!("model = \"qif\"\n{spike}")),
        of_model("model = \"perfect\""),
        plan(conductances, SpikeTimes::Grid),
        plan(&plastic, SpikeTimes::Grid),
        plan(&with_nmda, SpikeTimes::Grid),
        conducting("model = \"perfect\"", SpikeTimes::Interpolated),
        conducting(&format!("model = \"eif\"\n{spike}"), SpikeTimes::Interpolated),
        conducting(
            &format!("model = \"adex\"\n{spike}\na = \"2 nS\"\nb = \"20 pA\"\ntau_w = \"50 ms\""),
            SpikeTimes::Grid,
        ),
        conducting(&format!("model = \"qif\"\n{spike}"), SpikeTimes::Interpolated),
    ]
}

/// The versions that this processor can run.
fn versions() -> Vec<Version> {
    let (found, missing): (Vec<_>, Vec<_>) = wide::VERSIONS.into_iter().partition(|version| (version.found)());
    for version in missing {
        eprintln!("skipped: this processor has no {}", version.name);
    }
    found
}

fn totals(plan: &Plan) -> Vec<Vec<u64>> {
    plan.connections.iter().map(|connection| totals_of_blocks(plan, connection)).collect()
}

fn segment(plan: &Plan, explicit: bool) -> Segment {
    Segment::build(plan, 0..plan.blocks.len(), &totals(plan), explicit, &|| false).expect("it fits into memory")
}

/// All that a segment holds after a run, floating-point numbers as their bits.
fn state(segment: &Segment) -> Vec<u64> {
    let mut state = Vec::new();
    for block in &segment.blocks {
        for (_, array) in block.arrays() {
            match array {
                Array::Reals(values) => state.extend(values.iter().map(|value| value.to_bits())),
                Array::Counts(values) => state.extend(values.iter().map(|&value| value as u64)),
            }
        }
    }
    let neurons: usize = segment.blocks.iter().map(|block| block.size).sum();
    for step in 0..segment.ring.slots() {
        for channel in 0..2 {
            state
                .extend(segment.ring.arriving(step, channel)[..neurons].iter().map(|input| u64::from(input.to_bits())));
        }
    }
    state
}

#[test]
fn all_versions_of_the_inner_loops_give_the_same_run_to_the_last_bit() {
    for plan in plans() {
        let drives = drives::of_populations(&plan);
        for explicit in [true, false] {
            let mut portable = segment(&plan, explicit);
            let expected = (PORTABLE.simulate)(&plan, &drives, &mut portable);
            assert!(expected.1 > 20_000, "too little happens: {} synaptic events", expected.1);
            for version in versions().into_iter().chain([CHOSEN]) {
                let mut other = segment(&plan, explicit);
                let found = (version.simulate)(&plan, &drives, &mut other);
                let name = version.name;
                assert_eq!(found.1, expected.1, "{name}: synaptic events, stored: {explicit}");
                assert!(found.0 == expected.0, "{name}: other spikes, stored: {explicit}");
                assert!(state(&other) == state(&portable), "{name}: another state, stored: {explicit}");
                let samples = portable.blocks.iter().zip(&other.blocks);
                assert!(samples.clone().any(|(block, _)| block.recorders.sample.is_some()), "something is sampled");
                for (block, other) in samples {
                    assert_eq!(other.recorders.sample, block.recorders.sample, "{name}: samples, stored: {explicit}");
                }
            }
        }
    }
}

#[test]
fn all_versions_draw_the_same_rows() {
    for plan in plans() {
        let (neurons, _) = neurons_and_ring(&plan, 0..plan.blocks.len(), 1).expect("it fits into memory");
        let tables = by_connection(&plan, &neurons, &totals(&plan), &|| false).expect("nothing stops it");
        let expected = (PORTABLE.draw_all)(&plan, &tables);
        for version in versions().into_iter().chain([CHOSEN]) {
            let found = (version.draw_all)(&plan, &tables);
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(&expected) {
                let name = version.name;
                assert_eq!(found.targets, expected.targets, "{name}: targets");
                assert_eq!(found.weights, expected.weights, "{name}: weights");
                assert_eq!(found.delays, expected.delays, "{name}: delays");
            }
        }
    }
}

#[test]
fn all_versions_draw_the_same_drives() {
    let law = GuideTable::poisson(1.5);
    let jumps = law.mapped(|count| 0.1 * count as f32);
    // whole groups of words, and parts of one
    for neurons in [0, 1, 63, 64, 65, 500] {
        let driven = |version: &Version| {
            let mut input = vec![0.25; neurons];
            (version.drive)(&jumps, &mut input);
            input.into_iter().map(f32::to_bits).collect::<Vec<u32>>()
        };
        let expected = driven(&PORTABLE);
        assert!(expected.iter().all(|&bits| bits != 0.25f32.to_bits()), "every neuron hears something");
        for version in versions().into_iter().chain([CHOSEN]) {
            assert!(driven(&version) == expected, "{}: {neurons} neurons", version.name);
        }
    }
}
