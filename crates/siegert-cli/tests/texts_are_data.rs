//! Texts of a file are data: 500 nasty names, and as many nasty texts, go through every output and are found in it again.
//!
//! Names that others refer to may hold all that can be seen; the network's own name, its reference, description and notes any character.
//! Python and HTML are parsed by `python3`; without it this is said and left out.

mod support;

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use siegert::network::{is_printable, printable};
use support::{Run, siegert_in};

/// What goes wrong somewhere: in templates, strings, markup, tables, shells, formats.
const SEEN: [&str; 40] = [
    "\"",
    "'",
    "\"\"\"",
    "'''",
    "\\",
    "\\\\",
    "\\n",
    "\\u001b",
    "{",
    "}}",
    "{{x}}",
    "${x}",
    "$(x)",
    "`x`",
    "@dt@",
    "@network@",
    "@populations@",
    "%(prog)s",
    "%s",
    "%",
    "<b>",
    "</script>",
    "</text>",
    "<!--",
    "-->",
    "]]>",
    "&",
    "&amp;",
    "#",
    ",",
    ";",
    "=1+1",
    "é",
    "e\u{301}",
    "神経",
    "שלום",
    "🧠",
    "👩\u{200d}🔬",
    "a/b",
    "E I",
];
/// What a terminal obeys, XML forbids, or nobody sees.
const UNSEEN: [&str; 16] = [
    "\u{1b}[2J",
    "\u{1b}]0;owned\u{7}",
    "\u{0}",
    "\u{8}",
    "\n",
    "\r",
    "\r\n",
    "\t",
    "\u{7f}",
    "\u{9b}31m",
    "\u{2028}",
    "\u{feff}",
    "\u{202e}",
    "\u{2066}",
    "\u{ffff}",
    "\u{1fffe}",
];
const FILES: usize = 10;
const NAMES: usize = 50;

/// Numbers without a pattern, the same in each run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn text(&mut self, pieces: &[&str], most: usize) -> String {
        (0..=self.below(most)).map(|_| pieces[self.below(pieces.len())]).collect()
    }

    /// A name that is allowed: it can be seen and has no blank at its ends.
    fn name(&mut self, number: usize) -> String {
        let long = if number % 100 == 99 { "x".repeat(300) } else { String::new() };
        format!("{}{number}{}{long}", self.text(&SEEN, 3), self.text(&SEEN, 2))
    }

    fn any(&mut self) -> String {
        let pieces: Vec<&str> = SEEN.iter().chain(&UNSEEN).copied().collect();
        self.text(&pieces, 6)
    }
}

fn toml(text: &str) -> String {
    let escaped = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        c if is_printable(c) => c.to_string(),
        c => format!("\\U{:08x}", u32::from(c)),
    };
    format!("\"{}\"", text.chars().map(escaped).collect::<String>())
}

/// A network of independent populations, with its names and texts.
struct Case {
    name: String,
    names: Vec<String>,
    file: String,
}

fn case(number: usize, chance: &mut Chance) -> Case {
    let names: Vec<String> = (0..NAMES).map(|index| chance.name(number * NAMES + index)).collect();
    let name = chance.any();
    let texts: Vec<String> = (0..NAMES).map(|_| toml(&chance.any())).collect();
    let populations: String =
        names.iter().map(|name| format!("{} = {{ size = 2, neuron = \"n\" }}\n", toml(name))).collect();
    let targets: Vec<String> = names.iter().map(|name| toml(name)).collect();
    let file = format!(
        "name = {}\nreference = {}\ndescription = {}\nnotes = [{}]\n[neurons]\nn = {{ model = \"lif\", tau_m = \"10 ms\", E_L = \"0 mV\", V_th = \
         \"15 mV\", V_reset = \"0 mV\", t_ref = \"2 ms\" }}\n[populations]\n{populations}[[drives]]\nto = [{}]\nkind = \"noise\"\nmean = \"14 \
         mV\"\nstd = \"4 mV\"\n",
        toml(&name),
        toml(&chance.any()),
        toml(&chance.any()),
        texts.join(", "),
        targets.join(", "),
    );
    Case { name, names, file }
}

/// Runs a command that must succeed, and looks at what a terminal would get.
fn run(directory: &Path, line: &str) -> Run {
    let run = siegert_in(directory, line, "");
    assert_eq!(run.status, 0, "{line}: {}", run.stderr);
    for shown in [&run.stdout, &run.stderr] {
        assert!(shown.chars().all(|c| c == '\n' || is_printable(c)), "{line}: {shown:?}");
    }
    run
}

/// The names in the outputs of one network, which lie in the directory afterwards.
fn check(directory: &Path, case: &Case) {
    let names_of = |populations: &Value| -> Vec<String> {
        populations
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| one["name"].as_str().expect("a name").to_string())
            .collect()
    };
    let text = run(directory, "check net.toml").stdout;
    assert!(text.starts_with(&format!("{}\n", printable(&case.name))), "{text}");
    assert!(case.names.iter().all(|name| text.contains(name.as_str())), "{text}");
    let solved = run(directory, "solve net.toml --format json --plot solve.svg").stdout;
    let solved: Value = serde_json::from_str(&solved).expect("JSON");
    assert_eq!(solved["network"], json!(case.name));
    assert_eq!(names_of(&solved["fixed_points"][0]["populations"]), case.names);
    let simulated =
        "simulate net.toml --duration \"20 ms\" --warmup \"5 ms\" --format json --spikes spikes.csv --plot run.svg";
    let simulated: Value = serde_json::from_str(&run(directory, simulated).stdout).expect("JSON");
    assert_eq!(names_of(&simulated["populations"]), case.names);
    let rows = run(directory, "solve net.toml --format csv").stdout;
    let mut rows = csv::Reader::from_reader(rows.as_bytes());
    let column = rows.headers().expect("a header").iter().position(|name| name == "population").expect("a column");
    let found: Vec<String> = rows.records().map(|row| row.expect("a row")[column].to_string()).collect();
    assert_eq!(found, case.names);
    let known: HashSet<&str> = case.names.iter().map(String::as_str).collect();
    let mut spikes = csv::Reader::from_path(directory.join("spikes.csv")).expect("spikes");
    assert!(spikes.records().all(|row| known.contains(&row.expect("a row")[0])));
    for picture in ["solve.svg", "run.svg"] {
        let svg = fs::read_to_string(directory.join(picture)).expect("a picture");
        let tree = roxmltree::Document::parse(&svg).unwrap_or_else(|error| panic!("{picture}: {error}"));
        assert!(
            tree.descendants()
                .all(|node| node.text().is_none_or(|text| text.chars().all(|c| c == '\n' || is_printable(c))))
        );
    }
}

/// Reads each script and page of the directory, and compares with the texts in `expected.json`.
const READER: &str = r#"
import ast, glob, html.parser, json, os, unicodedata
for folder in sorted(glob.glob("*/")):
    expected = json.load(open(folder + "expected.json", encoding="utf-8"))
    for path in ["nest.py", "brian2.py"]:
        tree = ast.parse(open(folder + path, encoding="utf-8", newline="").read())
        values = {node.targets[0].id: node.value for node in tree.body if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)}
        assert ast.literal_eval(values["NETWORK"]) == expected["network"], (folder, path)
        keys = [key.value for key in values["POPULATIONS"].keys]
        assert keys == expected["names"], (folder, path)
        assert all(c == "\n" or unicodedata.category(c) not in ("Cc", "Zl", "Zp") for c in ast.get_docstring(tree)), (folder, path)
    if os.path.exists(folder + "page.html"):
        class Page(html.parser.HTMLParser):
            def __init__(self):
                super().__init__()
                self.texts, self.stack = [], []
            def handle_data(self, data):
                self.texts.append(data)
            def handle_starttag(self, tag, attributes):
                self.stack.append(tag)
                assert tag in KNOWN, (folder, tag)
        KNOWN = set("html head meta title style body header h1 h2 h3 p section b ol ul li figure figcaption svg rect text polyline polygon path circle line g image defs use clippath table caption thead tbody tr th td code pre ellipse sup sub i span".split())
        page = Page()
        page.feed(open(folder + "page.html", encoding="utf-8", newline="").read())
        page.close()
        assert any(expected["shown"] in text for text in page.texts), (folder, expected["shown"])
        everything = "\n".join(page.texts)
        assert all(name in everything for name in expected["names"]), folder
print("read")
"#;

#[test]
fn five_hundred_nasty_names_and_texts_are_found_as_data_in_every_output() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut chance = Chance(1);
    for number in 0..FILES {
        let case = case(number, &mut chance);
        let folder = directory.path().join(format!("case_{number}"));
        fs::create_dir(&folder).expect("a folder");
        fs::write(folder.join("net.toml"), &case.file).expect("a network file");
        check(&folder, &case);
        for target in ["nest", "brian2"] {
            let script = run(&folder, &format!("export {target} net.toml")).stdout;
            fs::write(folder.join(format!("{target}.py")), script).expect("a script");
        }
        // A page takes a second.
        if number < 2 {
            run(&folder, "compare net.toml --duration \"20 ms\" --warmup \"5 ms\" --report page.html");
        }
        let shown = printable(&case.name);
        let expected = json!({ "network": case.name, "names": case.names, "shown": shown });
        fs::write(folder.join("expected.json"), expected.to_string()).expect("what is expected");
    }
    match Command::new("python3").current_dir(directory.path()).args(["-c", READER]).output() {
        Err(error) => eprintln!("scripts and pages are not parsed, since python3 does not start: {error}"),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && output.stdout == b"read\n", "{said}");
        }
    }
}

#[test]
fn names_that_cannot_be_seen_are_refused_with_their_place() {
    let directory = tempfile::tempdir().expect("a directory");
    for piece in UNSEEN {
        let file = format!("[populations]\n{} = {{ size = 2, neuron = \"n\" }}\n", toml(&format!("a{piece}b")));
        fs::write(directory.path().join("net.toml"), file).expect("a network file");
        let run = siegert_in(directory.path(), "check net.toml", "");
        assert_eq!(run.status, 2, "{piece:?}");
        assert!(
            run.stderr.contains("cannot be the name of a population") && run.stderr.contains("net.toml:2:1"),
            "{}",
            run.stderr
        );
        assert!(run.stderr.chars().all(|c| c == '\n' || is_printable(c)), "{:?}", run.stderr);
    }
}

#[test]
fn what_was_typed_or_written_does_not_command_the_terminal() {
    let directory = tempfile::tempdir().expect("a directory");
    // Raw control characters, which TOML forbids: the line is shown.
    fs::write(directory.path().join("raw.toml"), "name = \"a\u{1b}[31mb\u{9b}\u{202e}\"\npopulations = 3\n")
        .expect("a file");
    for line in [
        "check raw.toml",
        "check \u{1b}[2J.toml",
        "check brunel2000 --set g\u{1b}[2J=3",
        "check --\u{1b}[2J",
        "\u{9b}31m",
    ] {
        let run = siegert_in(directory.path(), line, "");
        assert_eq!(run.status, 2, "{line:?}");
        assert!(run.stderr.chars().all(|c| c == '\n' || is_printable(c)), "{line:?}: {:?}", run.stderr);
    }
}
