//! Thousands of damaged network files through every command: none hangs, none takes the memory, none ends but with 0, 1 or 2.
//!
//! `SIEGERT_FUZZ=3000` says how many files (300 if nothing is said), `SIEGERT_FUZZ_SEED=7` which ones. What fails is kept in
//! `target/tmp/fuzz`, and its command is printed.

#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The address space that a run may take, in KiB, and its time, in seconds of the processor.
const MEMORY_KIB: u64 = 1 << 20;
const SECONDS: u64 = 10;
/// The time on the clock after which a run has stopped moving.
const PATIENCE: Duration = Duration::from_secs(120);
/// Runs at a time.
const WORKERS: u64 = 2;

/// Commands; FILE is the damaged file, PARAMETER its first parameter.
const COMMANDS: [&str; 23] = [
    "check FILE",
    "check FILE --format json",
    "solve FILE",
    "solve FILE --format json --synaptic-filter taylor",
    "solve FILE --plot solve.svg --output solve.csv",
    "solve FILE --start 5",
    "solve FILE --equation reduced",
    "evolve FILE --equation reduced --duration 50 --plot evolve.svg",
    "solve FILE --target E.rate=7Hz --vary PARAMETER",
    "transfer FILE --mu 0:40:5 --sigma 0:9:4 --format csv",
    "balance FILE",
    "balance FILE --over K=100:1000:2 --plot balance.svg",
    "compare-models FILE --models lif,perfect --plot models.svg",
    "response FILE --frequencies 1:300:7 --plot response.svg",
    "spectrum FILE --frequencies 1:300:7 --plot spectrum.svg",
    "correlations FILE --bin 20 --plot correlations.svg",
    "explain FILE --of frequency --filter shift --plot explain.svg",
    "sweep FILE --over PARAMETER=1:2:3 --quantity rate_hz,cv",
    "simulate FILE --duration 20 --warmup 5 --spikes spikes.csv",
    "simulate FILE --duration 10 --warmup 0 --plot simulate.svg --format json",
    "compare FILE --duration 20 --warmup 5 --report compare.html",
    "export nest FILE",
    "export brian2 FILE",
];

/// Networks in which looking for a target takes minutes, since a state of adaptive neurons takes a tenth of a second and many are looked at.
const SLOW_TARGETS: [&str; 1] = ["brette_gerstner2005"];
/// Networks in which a time constant of synapses of days takes more memory than a command may have here.
const GREEDY: [&str; 1] = ["adex"];
/// Networks beyond this size, as their text has it, are not simulated: the time goes into building them.
const LARGE: [&str; 3] = ["potjans_diesmann2014", "bos2016", "ostojic2014"];

const NUMBERS: [&str; 26] = [
    "0",
    "-1",
    "-0",
    "1",
    "2",
    "0.1",
    "0.5",
    "1.5",
    "7",
    "100",
    "1e3",
    "1e6",
    "1e9",
    "1e12",
    "1e300",
    "1e-3",
    "1e-9",
    "1e-300",
    "5e-324",
    "1e999",
    "-1e300",
    "nan",
    "inf",
    "1/0",
    "0.30000000000000004",
    "123456789012345678901234567890",
];
const UNITS: [&str; 12] = ["mV", "ms", "Hz", "s", "V", "uV", "pA", "nS", "pF", "kHz", "mV/ms", "MOhm"];
const TEXTS: [&str; 14] = [
    "",
    "E",
    "delta",
    "-",
    "a\\u001b[31m",
    "<b>&amp;",
    "{name}",
    "'''",
    "\\\"",
    "\u{1f9e0}",
    "((((((((",
    "J * J * J",
    "N_pre",
    "../..",
];
const LINES: [&str; 14] = [
    "multapses = true",
    "autapses = false",
    "probability = 0.1",
    "in_degree = 1e9",
    "total = 5",
    "delay = { mean = \"1 ms\", std = \"100 ms\" }",
    "weight = { distribution = \"exponential\", mean = \"1 mV\" }",
    "shared = true",
    "stop = \"1 ms\"",
    "modulation = { amplitude = 1, frequency = \"1e9 Hz\" }",
    "course = { times = [0, \"1 ms\"], factors = [1, 1e9] }",
    "initial = { mean = \"1 mV\", std = \"1e3 mV\" }",
    "size = 0",
    "t_ref = \"0 ms\"",
];

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

/// The places where `is_part` holds without a break, beginning where `begins` holds.
fn runs(text: &str, begins: fn(char) -> bool, is_part: fn(char) -> bool) -> Vec<(usize, usize)> {
    let (mut runs, mut start): (Vec<(usize, usize)>, Option<usize>) = (Vec::new(), None);
    let mut before = ' ';
    for (at, c) in text.char_indices().chain([(text.len(), '\n')]) {
        match start {
            Some(from) if !is_part(c) => {
                runs.push((from, at));
                start = None;
            }
            None if begins(c) && !before.is_alphanumeric() && before != '_' => start = Some(at),
            _ => {}
        }
        before = c;
    }
    runs
}

/// One piece of `text` in another's place.
fn exchanged(text: &str, places: &[(usize, usize)], by: &str, random: &mut Random) -> String {
    if places.is_empty() {
        return text.to_string();
    }
    let (from, to) = places[random.below(places.len())];
    format!("{}{by}{}", &text[..from], &text[to..])
}

fn damaged_line(text: &str, random: &mut Random) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    if lines.is_empty() {
        return String::new();
    }
    let (at, other) = (random.below(lines.len()), random.below(lines.len()));
    match random.below(4) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, lines[other]),
        2 => lines.swap(at, other),
        _ => lines.insert(at, random.of(&LINES)),
    }
    lines.join("\n") + "\n"
}

fn damaged(text: &str, random: &mut Random) -> String {
    let is_number = |c: char| c.is_ascii_digit() || ".eE+-".contains(c);
    match random.below(8) {
        0..=2 => {
            let by = random.of(&NUMBERS);
            exchanged(text, &runs(text, |c| c.is_ascii_digit(), is_number), by, random)
        }
        3 => {
            let words = runs(text, char::is_alphabetic, char::is_alphanumeric);
            let units: Vec<_> = words.into_iter().filter(|&(from, to)| UNITS.contains(&&text[from..to])).collect();
            let by = random.of(&UNITS);
            exchanged(text, &units, by, random)
        }
        4 => {
            // the inside of a text in quotes
            let quotes: Vec<usize> = text.match_indices('"').map(|(at, _)| at).collect();
            let texts: Vec<_> = quotes.chunks_exact(2).map(|pair| (pair[0] + 1, pair[1])).collect();
            let by = random.of(&TEXTS);
            exchanged(text, &texts, by, random)
        }
        5 => {
            // one word, a key perhaps, in another's place
            let words = runs(text, char::is_alphabetic, |c| c.is_alphanumeric() || c == '_');
            let (from, to) = words.get(random.below(words.len())).copied().unwrap_or((0, 0));
            exchanged(text, &words, &text[from..to], random)
        }
        _ => damaged_line(text, random),
    }
}

/// The bytes of a file: damaged a few times, and now and then in a bit, or cut short.
fn file(text: &str, random: &mut Random) -> Vec<u8> {
    let damages = 1 + random.below(4);
    let mut bytes = (0..damages).fold(text.to_string(), |text, _| damaged(&text, random)).into_bytes();
    if random.below(20) == 0 && !bytes.is_empty() {
        let at = random.below(bytes.len());
        bytes[at] ^= 1 << random.below(8);
    }
    if random.below(40) == 0 {
        bytes.truncate(random.below(bytes.len()));
    }
    bytes
}

/// The bundled networks, and those of the library's tests.
fn networks() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut paths: Vec<PathBuf> = Vec::new();
    for directory in ["models", "crates/siegert/tests/networks"] {
        let entries = fs::read_dir(root.join(directory)).unwrap_or_else(|error| panic!("{directory}: {error}"));
        paths.extend(
            entries.map(|entry| entry.unwrap().path()).filter(|path| path.extension() == Some("toml".as_ref())),
        );
    }
    paths.sort();
    // 4e9 synapses, however few of them are stored, are long work and no hang
    let text = |path: &PathBuf| fs::read_to_string(path).unwrap().replace("K    = 10000 ", "K    = 400 ");
    paths.iter().map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), text(path))).collect()
}

/// The name of the first parameter of a file.
fn parameter(text: &str) -> String {
    let after = text.split("[parameters]").nth(1).unwrap_or_default();
    let key = after.lines().find_map(|line| line.split_once('=')).map_or("g", |(key, _)| key.trim());
    if key.is_empty() || key.contains(char::is_whitespace) { "g".to_string() } else { key.to_string() }
}

/// Runs a command within its limits; what is wrong with how it ended, if anything.
fn run(directory: &Path, arguments: &[String]) -> Option<String> {
    let limits = format!("ulimit -v {MEMORY_KIB}; ulimit -t {SECONDS}; exec \"$0\" \"$@\"");
    let errors = directory.join("stderr");
    let mut command = Command::new("sh");
    command.arg("-c").arg(limits).arg(assert_cmd::cargo::cargo_bin("siegert")).args(arguments).current_dir(directory);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(fs::File::create(&errors).unwrap());
    let mut child = command.spawn().expect("it runs");
    let started = Instant::now();
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None if started.elapsed() > PATIENCE => {
                child.kill().unwrap();
                child.wait().unwrap();
                return Some(format!("does not end within {PATIENCE:?}"));
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let said = String::from_utf8_lossy(&fs::read(&errors).unwrap()).into_owned();
    let said = || said.chars().take(400).collect::<String>();
    match status.code() {
        Some(0..=2) if !said().contains("panicked") => None,
        _ => Some(format!("{status}: {}", said())),
    }
}

/// Damages, runs and judges file number `index`; what went wrong, with the command.
fn one(index: u64, seed: u64, networks: &[(String, String)], kept: &Path) -> Option<String> {
    let mut random = Random(seed.wrapping_mul(0x0100_0000_01b3) ^ index);
    random.next();
    let (mut network, mut command) = (random.below(networks.len()), COMMANDS[index as usize % COMMANDS.len()]);
    let takes_long = |name: &str| match command.split(' ').next() {
        Some("simulate" | "compare") => LARGE.contains(&name),
        Some("balance") => command.contains("--over") && GREEDY.contains(&name),
        _ => command.contains("--target") && SLOW_TARGETS.contains(&name),
    };
    while takes_long(networks[network].0.as_str()) {
        network = random.below(networks.len());
    }
    let bytes = file(&networks[network].1, &mut random);
    if bytes.is_empty() {
        command = COMMANDS[0];
    }
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("fuzz.toml"), &bytes).unwrap();
    let parameter = parameter(&String::from_utf8_lossy(&bytes));
    let line = format!("{} --threads 1 --quiet", command.replace("FILE", "fuzz.toml"));
    let line = if command.starts_with("export") { line.replace(" --threads 1", "") } else { line };
    let arguments: Vec<String> = line.split(' ').map(|part| part.replace("PARAMETER", &parameter)).collect();
    let wrong = run(directory.path(), &arguments)?;
    let path = kept.join(format!("{index}.toml"));
    fs::write(&path, &bytes).unwrap();
    Some(format!("{} ({}): siegert {}: {wrong}", path.display(), networks[network].0, arguments.join(" ")))
}

#[test]
fn damaged_files_end_every_command_soon_and_with_a_status_of_the_contract() {
    let number = |name: &str, usual: u64| std::env::var(name).map_or(usual, |text| text.parse().unwrap());
    let (files, seed) = (number("SIEGERT_FUZZ", 300), number("SIEGERT_FUZZ_SEED", 1));
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz");
    fs::create_dir_all(&kept).unwrap();
    let networks = networks();
    let (next, failures) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some(index) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|index| *index < files) {
                    failures.lock().unwrap().extend(one(index, seed, &networks, &kept));
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} of {files} failed:\n{}", failures.len(), failures.join("\n"));
}
