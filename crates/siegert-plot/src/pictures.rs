//! Pictures of all kinds in many settings, drawn and checked: everything lies on the sheet and no text on another.
//!
//! With `SIEGERT_PICTURES=DIR` in the environment the pictures are written to DIR, to be looked at.

use resvg::usvg::{Group, Node, Options, Tree};
use siegert::comparison::{MeasuredValue, StateComparison, power_law};
use siegert::network::{Network, ReadOptions, open};
use siegert::simulation::Simulation;
use siegert::theory::{Solution, Theory, TheoryOptions};

use super::canvas::FINE;
use super::made_up::{MadeUp, made_up, network};
use super::state_kind::StateKind::{self, Neither, Saddle, Stable, Unstable};
use super::sweep::{GridStates, Quantity, Series, SweepAxis, SweepPicture, WhichState, of_sweep};
use super::{
    Beside, ComparisonPlot, Drawing, OverInDegree, PlotError, ScaledPopulation, SimulationPlot, SolutionPlot,
    TimeStepLimit, TimeStepRun, TimeSteps, of_comparison, of_scaling, of_simulation, of_solution, of_time_steps,
    outlines, png, side_by_side, sweep_rows,
};

/// Left, top, right and bottom, in pixels.
type Area = [f64; 4];

/// Boxes of everything that is no text.
fn shapes(group: &Group, found: &mut Vec<Area>) {
    for node in group.children() {
        match node {
            Node::Group(group) => shapes(group, found),
            shape => {
                let area = shape.abs_bounding_box();
                found.push([area.left(), area.top(), area.right(), area.bottom()].map(f64::from));
            }
        }
    }
}

/// Checks a drawing, and keeps it if the environment says where.
fn check(name: &str, drawing: &Drawing) {
    if let Ok(directory) = std::env::var("SIEGERT_PICTURES") {
        let path = std::path::Path::new(&directory);
        std::fs::write(path.join(format!("{name}.svg")), &drawing.svg).unwrap();
        std::fs::write(path.join(format!("{name}.png")), png::of_svg(&drawing.svg).unwrap()).unwrap();
    }
    let outside_data: String =
        drawing.svg.split("base64,").map(|part| part.split_once('"').map_or(part, |p| p.1)).collect();
    for word in ["NaN", "inf"] {
        assert!(
            !outside_data.contains(&format!("{word},")) && !outside_data.contains(&format!("\"{word}")),
            "{name}: {word}"
        );
    }
    // the renderer knows no texts: what it leaves are the shapes
    let tree = Tree::from_str(&drawing.svg, &Options::default()).unwrap();
    let mut shapes = Vec::new();
    self::shapes(tree.root(), &mut shapes);
    let texts: Vec<Area> =
        outlines::boxes(&drawing.svg).iter().map(|area| area.map(|place| place / f64::from(FINE))).collect();
    assert!(texts.len() > 3 && !shapes.is_empty(), "{name}: {} texts, {} shapes", texts.len(), shapes.len());
    let (width, height) = (f64::from(tree.size().width()), f64::from(tree.size().height()));
    for area @ [left, top, right, bottom] in texts.iter().chain(&shapes) {
        let inside = *left >= -0.5 && *top >= -0.5 && *right <= width + 0.5 && *bottom <= height + 0.5;
        assert!(inside, "{name}: {area:?} is not on the sheet");
    }
    for (index, p) in texts.iter().enumerate() {
        for q in &texts[..index] {
            let overlap = p[0] + 1.0 < q[2] && q[0] + 1.0 < p[2] && p[1] + 2.0 < q[3] && q[1] + 2.0 < p[3];
            assert!(!overlap, "{name}: texts at {p:?} and {q:?} lie on each other");
        }
    }
}

fn axis(name: &str, values: Vec<f64>) -> SweepAxis {
    SweepAxis { column: name.to_string(), name: name.to_string(), values, logarithmic: false }
}

fn even(from: f64, to: f64, count: usize) -> Vec<f64> {
    (0..count).map(|k| from + (to - from) * k as f64 / (count.max(2) - 1) as f64).collect()
}

/// A table from a function of the grid's point: for each state its kind, and the values of its populations.
fn table(
    axes: Vec<SweepAxis>,
    populations: &[&str],
    states: impl Fn(&[f64]) -> Vec<(StateKind, Vec<f64>)>,
) -> SweepPicture {
    let points: usize = axes.iter().map(|axis| axis.values.len()).product();
    let (mut first, mut kinds) = (vec![0], Vec::new());
    let mut series: Vec<Series> =
        populations.iter().map(|name| Series { population: (*name).to_string(), values: Vec::new() }).collect();
    for point in 0..points {
        let mut rest = point;
        let mut at: Vec<f64> = axes
            .iter()
            .rev()
            .map(|axis| {
                let value = axis.values[rest % axis.values.len()];
                rest /= axis.values.len();
                value
            })
            .collect();
        at.reverse();
        for (kind, values) in states(&at) {
            kinds.push(kind);
            series.iter_mut().zip(values).for_each(|(series, value)| series.values.push(value));
        }
        first.push(kinds.len());
    }
    SweepPicture {
        title: "A made-up sweep".to_string(),
        small_print: "a = 1, b = 2 mV".to_string(),
        axes,
        states: GridStates { first, kinds },
        quantities: vec![Quantity { name: "rate (Hz)".to_string(), series }],
        which: WhichState::Lowest,
    }
}

/// The rows that a sweep of a bundled network writes.
fn rows(network: &str, axes: &[(&str, Vec<f64>)]) -> String {
    let names: Vec<&str> = axes.iter().map(|(name, _)| *name).collect();
    let mut text = String::new();
    let points: usize = axes.iter().map(|(_, values)| values.len()).product();
    for point in 0..points {
        let mut rest = point;
        let mut at: Vec<String> = axes
            .iter()
            .rev()
            .map(|(_, values)| {
                let value = values[rest % values.len()];
                rest /= values.len();
                value.to_string()
            })
            .collect();
        at.reverse();
        let overrides = names.iter().map(|name| (*name).to_string()).zip(at.iter().cloned()).collect();
        let network = open(network, &ReadOptions { overrides, case: None }).unwrap();
        let theory = Theory::new(&network, &TheoryOptions::default()).unwrap();
        let found = theory.solution().unwrap();
        if text.is_empty() {
            let column = |quantity: &str| {
                network.populations.iter().map(|p| format!(",{quantity}_{}", p.name)).collect::<String>()
            };
            text = format!(
                "{},states,state,stable,saddle{}{}{},error\n",
                names.join(","),
                column("rate_hz"),
                column("mean_input_mv"),
                column("cv")
            );
        }
        for (index, state) in found.fixed_points.iter().enumerate() {
            let (count, stable, saddle) = (found.fixed_points.len(), state.stable, state.saddle);
            text += &format!("{},{count},{},{stable},{saddle}", at.join(","), index + 1);
            state.populations.iter().for_each(|p| text += &format!(",{}", p.rate_hz));
            state.populations.iter().for_each(|p| text += &format!(",{}", p.mean_input_mv));
            state.populations.iter().for_each(|p| text += &p.cv.map_or(",".to_string(), |cv| format!(",{cv}")));
            text += ",\n";
        }
    }
    text
}

fn picture(rows: &str, quantities: &[&str]) -> SweepPicture {
    let table = sweep_rows::of_text(rows, quantities, &[]).unwrap();
    SweepPicture {
        title: "Brunel (2000), model A".to_string(),
        small_print: "J = 0.1 mV, gamma = 0.25, N_E = 10000, K_E = 1000, delay = 1.5 ms".to_string(),
        axes: table.axes,
        states: table.states,
        quantities: table.quantities,
        which: WhichState::Lowest,
    }
}

fn check_sweep(name: &str, table: &SweepPicture) {
    check(name, &of_sweep(table).unwrap());
}

#[test]
fn stationary_states_of_networks() {
    for (name, network, case, kind) in [
        ("crossing", "brunel2000", "bistable", SolutionPlot::Auto),
        ("nullclines", "brunel2000", "bistable", SolutionPlot::Nullclines),
        ("nullclines_one", "brunel2000", "AI", SolutionPlot::Nullclines),
        ("bars_states", "brunel2000", "bistable", SolutionPlot::Bars),
        ("bars", "potjans_diesmann2014", "", SolutionPlot::Auto),
        ("nullclines_oscillating", "sanzeni2020", "MDM nu_ext=5", SolutionPlot::Auto),
        ("bars_oscillating", "sanzeni2020", "MDM nu_ext=5", SolutionPlot::Bars),
    ] {
        let case = Some(case.to_string()).filter(|case| !case.is_empty());
        let network = open(network, &ReadOptions { overrides: Vec::new(), case }).unwrap();
        let theory = Theory::new(&network, &TheoryOptions::default()).unwrap();
        let solution = theory.solution().unwrap();
        check(name, &of_solution(&theory, &solution, kind).unwrap());
    }
}

#[test]
fn a_bistable_network_over_one_parameter() {
    let etas = even(0.3, 1.1, 161);
    let rows = rows("brunel2000", &[("g", vec![3.0]), ("eta", etas)]).replace("\n3,", "\n").replacen("g,", "", 1);
    check_sweep("curves", &picture(&rows, &["rate_hz"]));
    check_sweep("curves_three", &picture(&rows, &["rate_hz", "mean_input_mv", "cv"]));
    // Steps of different width, and none of the points near the fold.
    let kept = |line: &str| {
        line.split(',')
            .next()
            .and_then(|eta| eta.parse::<f64>().ok())
            .is_none_or(|eta| (200.0 * eta).round() % 7.0 < 2.0)
    };
    let coarse: String = rows.lines().filter(|line| kept(line)).map(|line| format!("{line}\n")).collect();
    check_sweep("curves_gaps", &picture(&coarse, &["rate_hz"]));
}

#[test]
fn a_network_over_two_parameters() {
    let rows = rows("brunel2000", &[("g", even(2.5, 6.0, 36)), ("eta", even(0.3, 3.0, 28))]);
    let mut table = picture(&rows, &["rate_hz"]);
    check_sweep("heat", &table);
    table.which = WhichState::Highest;
    check_sweep("heat_highest", &table);
    check_sweep("heat_cv", &picture(&rows, &["cv"]));
}

/// A rate over eight decades of `K`, of many populations with long names.
#[test]
fn logarithmic_axes_long_names_and_many_populations() {
    let names: Vec<String> = (0..254).map(|k| format!("area_with_a_long_name_{k}_L{}E", k % 4)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut axis = axis(
        &"a_parameter_with_a_long_name_".repeat(3),
        (0..61).map(|k| 10f64.powf(2.0 + 0.1 * f64::from(k))).collect(),
    );
    axis.logarithmic = true;
    let rates = |at: &[f64]| (0..254).map(|k| 1e-5 * (1.0 + f64::from(k)) * at[0]).collect();
    check_sweep("curves_many", &table(vec![axis.clone()], &names, |at| vec![(Stable, rates(at))]));
    axis.name = "K".to_string();
    check_sweep(
        "curves_log",
        &table(vec![axis.clone()], &["E", "I", "PV"], |at| vec![(Stable, vec![1e-4 * at[0], 5e-5 * at[0], 3.0])]),
    );
    let mut plane = table(
        vec![axis, self::axis(&"x".repeat(90), even(0.0, 1.0, 31))],
        &["a_rather_long_name_of_a_population"],
        |at| vec![(Stable, vec![1e-6 * at[0] * (1.0 + at[1])])],
    );
    plane.title = "long ".repeat(60);
    plane.small_print = "parameter_with_a_name = 1.23456 mV, ".repeat(30);
    check_sweep("heat_log", &plane);
}

#[test]
fn one_point_equal_values_tiny_ranges_and_nothing_at_all() {
    let one = |value: f64| move |_: &[f64]| vec![(Stable, vec![value, value])];
    check_sweep("curves_point", &table(vec![axis("g", vec![5.0])], &["E", "I"], one(3.0)));
    check_sweep("curves_equal", &table(vec![axis("g", even(3.0, 8.0, 9))], &["E", "I"], one(3.0)));
    check_sweep("curves_zero", &table(vec![axis("g", even(3.0, 8.0, 9))], &["E", "I"], one(0.0)));
    check_sweep(
        "curves_tiny",
        &table(vec![axis("g", even(3.0, 3.0 + 1e-7, 9))], &["E"], |at| vec![(Stable, vec![5.0 + 0.1 * (at[0] - 3.0)])]),
    );
    check_sweep("curves_none", &table(vec![axis("g", even(3.0, 8.0, 9))], &["E", "I"], |_| Vec::new()));
    check_sweep("curves_missing", &table(vec![axis("g", even(3.0, 8.0, 9))], &["E"], one(f64::NAN)));
    let plane = |n: usize, m: usize| vec![axis("g", even(3.0, 8.0, n)), axis("eta", even(1.0, 2.0, m))];
    check_sweep("heat_point", &table(plane(1, 1), &["E"], one(3.0)));
    check_sweep("heat_row", &table(plane(6, 1), &["E"], |at| vec![(Stable, vec![at[0]])]));
    check_sweep("heat_equal", &table(plane(7, 5), &["E"], one(3.0)));
    check_sweep("heat_none", &table(plane(7, 5), &["E"], |_| Vec::new()));
    let tiny = vec![axis("g", even(3.0, 3.0 + 1e-7, 9)), axis("eta", even(1e-12, 2e-12, 9))];
    check_sweep("heat_tiny", &table(tiny, &["E"], |at| vec![(Stable, vec![5.0 + (at[0] - 3.0) + 1e5 * at[1]])]));
}

/// A saddle meets a state that oscillates, which becomes stable further on; rows of earlier versions say less.
#[test]
fn curves_of_all_kinds_of_states() {
    let upper = |x: f64| if x < 0.45 { Neither } else { Stable };
    let states = |at: &[f64]| {
        let root = (at[0] - 0.2).max(0.0).sqrt();
        let pair = [(Saddle, vec![40.0 - 30.0 * root]), (upper(at[0]), vec![40.0 + 40.0 * root])];
        let lowest = std::iter::once((Stable, vec![2.0 + at[0]]));
        lowest.chain(pair.into_iter().filter(|_| at[0] > 0.2)).collect()
    };
    let made = |count: usize| table(vec![axis("eta", even(0.0, 1.0, count))], &["E"], states);
    check_sweep("curves_kinds", &made(81));
    let single = |at: &[f64]| states(&[at[0], 0.0]);
    check_sweep("curves_kinds_point", &table(vec![axis("eta", vec![0.3])], &["E"], single));
    let mut old = made(81);
    for kind in old.states.kinds.iter_mut().filter(|kind| **kind != Stable) {
        *kind = Unstable;
    }
    check_sweep("curves_earlier", &old);
}

#[test]
fn a_plane_with_holes_unstable_states_and_uneven_steps() {
    let states = |at: &[f64]| match (at[0], at[1]) {
        (x, y) if (x - 7.0).hypot(3.0 * (y - 1.2)) < 0.7 => Vec::new(),
        (x, y) if x < 4.0 && y > 1.5 => vec![(Neither, vec![x * y - 30.0])],
        (x, y) if x > 5.0 && y > 1.4 => vec![(Stable, vec![x * y - 30.0]), (Saddle, vec![0.0]), (Stable, vec![x + y])],
        (x, y) => vec![(Stable, vec![2.0 * x * y - 40.0])],
    };
    let steps = (0..60).map(|k| 1.0 + (f64::from(k) / 59.0).powi(2)).collect();
    let mut table = table(vec![axis("g", even(3.0, 8.0, 70)), axis("eta", steps)], &["E"], states);
    table.quantities[0].name = "mean input (mV)".to_string();
    check_sweep("heat_holes", &table);
}

#[test]
fn a_plane_of_a_million_points_is_drawn_in_time() {
    let table = table(vec![axis("g", even(3.0, 8.0, 1000)), axis("eta", even(0.5, 4.0, 1000))], &["E", "I"], |at| {
        let (x, y) = (at[0], at[1]);
        let rate = 300.0 / (1.0 + (2.0 * (x - 4.0)).exp()) * (1.0 - (-y).exp()) + 5.0 * (9.0 * x).sin() * y + 20.0;
        if x < 4.0 && y < 1.0 {
            vec![(Stable, vec![0.1, 0.1]), (Saddle, vec![1.0, 1.0]), (Stable, vec![rate; 2])]
        } else {
            vec![(Stable, vec![rate; 2])]
        }
    });
    let start = std::time::Instant::now();
    let drawing = of_sweep(&table).unwrap();
    let drawn = start.elapsed();
    png::of_svg(&drawing.svg).unwrap();
    println!("drawn in {drawn:?}, with PNG in {:?}", start.elapsed());
    // MeasuredValue 0.3 s, and 0.6 s with the PNG; the bound leaves room for a busy machine.
    assert!(start.elapsed().as_secs_f64() < 10.0, "{drawn:?}, {:?}", start.elapsed());
    check("heat_million", &drawing);
}

#[test]
fn a_sweep_over_three_parameters_or_of_nothing_is_refused() {
    let axes = |count: usize| (0..count).map(|_| axis("g", vec![1.0, 2.0])).collect();
    let error = of_sweep(&table(axes(3), &["E"], |_| Vec::new())).unwrap_err();
    assert_eq!(error, PlotError::WrongParameters { parameters: 3 });
    let error = of_sweep(&table(axes(1), &[], |_| Vec::new())).unwrap_err();
    assert_eq!(error, PlotError::NoQuantity);
}

/// The microcircuit of Potjans and Diesmann with the rates of its simulation.
const MICROCIRCUIT: [MadeUp<'static>; 8] = [
    ("L23E", 20683, 0.9),
    ("L23I", 5834, 2.9),
    ("L4E", 21915, 4.4),
    ("L4I", 5479, 5.8),
    ("L5E", 4850, 7.6),
    ("L5I", 1065, 8.6),
    ("L6E", 14395, 1.1),
    ("L6I", 2948, 7.8),
];
const KINDS: [(&str, SimulationPlot); 5] = [
    ("overview", SimulationPlot::Overview),
    ("raster", SimulationPlot::Raster),
    ("rate", SimulationPlot::Rate),
    ("distributions", SimulationPlot::Distributions),
    ("spectrum", SimulationPlot::Spectrum),
];

/// Draws all kinds of pictures of a simulation; none may be larger than a megabyte.
fn check_simulation(name: &str, network: &Network, simulation: &Simulation) {
    for (kind_name, kind) in KINDS {
        let drawing = of_simulation(network, simulation, kind).unwrap();
        check(&format!("simulation_{name}_{kind_name}"), &drawing);
        assert!(drawing.svg.len() < 1_000_000, "{name} {kind_name}: {} bytes", drawing.svg.len());
    }
}

#[test]
fn simulations_of_two_and_of_eight_populations() {
    let two = [("E", 10_000, 38.0), ("I", 2500, 38.0)];
    for (name, populations) in [("two", &two[..]), ("eight", &MICROCIRCUIT)] {
        check_simulation(name, &network(populations), &made_up(populations));
    }
    let saturated = [("E", 10_000, 300.0), ("I", 2500, 300.0)];
    check_simulation("saturated", &network(&saturated), &made_up(&saturated));
}

/// A network with its states, and a simulation in which its rates are `factor` times those of the first.
fn predicted(name: &str, case: Option<&str>, factor: f64) -> (Network, Theory<'static>, Solution, Simulation) {
    let network = open(name, &ReadOptions { overrides: Vec::new(), case: case.map(str::to_string) }).unwrap();
    let theory = Theory::new(&network, &TheoryOptions::default()).unwrap().into_owned();
    let solution = theory.solution().unwrap();
    let rates = network.populations.iter().zip(&solution.fixed_points[0].populations);
    let populations: Vec<MadeUp<'_>> =
        rates.map(|(population, state)| (&population.name[..], population.size, factor * state.rate_hz)).collect();
    let simulation = made_up(&populations);
    (network, theory, solution, simulation)
}

#[test]
fn a_simulation_beside_the_theory() {
    for (name, network, case) in [("two", "brunel2000", Some("AI")), ("eight", "potjans_diesmann2014", None)] {
        let (network, of, solution, simulation) = predicted(network, case, 1.1);
        let states = &solution.fixed_points;
        let comparison = of.compare(states, 0, &simulation);
        let theory = Beside { states, map: of.map(), comparison: Some(&comparison) };
        let kinds = [
            ("story", ComparisonPlot::Story),
            ("potential", ComparisonPlot::Potential),
            ("transfer", ComparisonPlot::Transfer),
            ("bars", ComparisonPlot::Bars),
        ];
        for (kind_name, kind) in kinds {
            let drawing = of_comparison(&network, &theory, &simulation, kind).unwrap();
            check(&format!("comparison_{name}_{kind_name}"), &drawing);
        }
        let nothing = Beside { states: &[], map: of.map(), comparison: None };
        check(&format!("comparison_{name}_no_state"), &side_by_side(&network, &nothing, &simulation).unwrap());
    }
}

#[test]
fn a_simulation_beside_one_of_several_states() {
    let (network, of, solution, simulation) = predicted("brunel2000", Some("bistable"), 1.0);
    let states = &solution.fixed_points;
    let index = of.nearest_state(states, &simulation).unwrap();
    let comparison = of.compare(states, index, &simulation);
    let theory = Beside { states, map: of.map(), comparison: Some(&comparison) };
    check("comparison_bistable", &side_by_side(&network, &theory, &simulation).unwrap());
}

/// Comparisons with simulations whose rates are off by so many percent.
fn off(name: &str, percents: &[f64]) -> (Network, Vec<StateComparison>) {
    let mut network = None;
    let comparisons = percents.iter().map(|percent| {
        let (of, theory, solution, mut simulation) = predicted(name, None, 1.0 / (1.0 + percent / 100.0));
        for population in &mut simulation.populations {
            population.rate_standard_error_hz = Some(0.01 * population.rate_hz);
        }
        network = Some(of);
        theory.compare(&solution.fixed_points, 0, &simulation)
    });
    let comparisons = comparisons.collect();
    (network.unwrap(), comparisons)
}

/// The deviations at growing in-degree, with the law through them.
fn over_in_degree(points: &[(f64, f64)]) -> OverInDegree {
    let measured = |&(K, value): &(f64, f64)| (K, MeasuredValue { value, standard_error: 0.05 * value });
    let points: Vec<(f64, MeasuredValue)> = points.iter().map(measured).collect();
    OverInDegree { law: power_law(&points), points }
}

#[test]
fn studies_of_growing_in_degree_and_of_time_steps() {
    for name in ["brunel2000", "potjans_diesmann2014"] {
        let (network, comparisons) = off(name, &[3.0, 2.1, 1.5]);
        let population = |name: &String| ScaledPopulation {
            name: name.clone(),
            deviation_percent: over_in_degree(&[(100.0, 20.0), (400.0, 10.0), (1600.0, 5.0)]),
            cv_deviation_percent: over_in_degree(&[(100.0, -9.0), (400.0, -4.0)]),
            correlation: over_in_degree(&[(100.0, 0.02)]),
        };
        let names: Vec<String> = network.populations.iter().map(|population| population.name.clone()).collect();
        let populations: Vec<ScaledPopulation> = names.iter().map(population).collect();
        let law = populations[0].deviation_percent.law.as_ref().unwrap();
        assert!((law.exponent + 0.5).abs() < 0.05, "{law:?}");
        let drawing = of_scaling(&network, "grow", &populations).unwrap();
        assert!(drawing.svg.contains("sizes grow"), "{}", drawing.svg);
        check(&format!("scaling_{name}"), &drawing);
        check(&format!("scaling_{name}_stopped"), &of_scaling(&network, "stay", &[]).unwrap());

        let steps = [0.1, 0.05, 0.025];
        let runs = steps.into_iter().zip(&comparisons).map(|(dt_ms, comparison)| TimeStepRun { dt_ms, comparison });
        let limit = |name| TimeStepLimit {
            population: name,
            theory_hz: Some(5.0),
            extrapolated_hz: Some(MeasuredValue { value: 5.1, standard_error: 0.1 }),
        };
        let limits = names.iter().map(|name| limit(name.as_str())).collect();
        let mut study = TimeSteps { power: 0.5, runs: runs.collect(), limits };
        check(&format!("time_steps_{name}"), &of_time_steps(&network, &study).unwrap());
        study.runs.truncate(1);
        study.limits.iter_mut().for_each(|limit| limit.extrapolated_hz = None);
        check(&format!("time_steps_{name}_stopped"), &of_time_steps(&network, &study).unwrap());
    }
}

#[test]
fn simulations_of_many_populations_with_long_names() {
    let names: Vec<String> =
        (0..254).map(|k| format!("area_with_a_long_name_{k}_L{}{}", k % 4, ["E", "I"][k % 2])).collect();
    let populations: Vec<MadeUp<'_>> =
        names.iter().enumerate().map(|(k, name)| (&name[..], 100 + 17 * k as u64, 1.0 + 0.1 * k as f64)).collect();
    check_simulation("many", &network(&populations), &made_up(&populations));
}

#[test]
fn simulations_without_spikes_neurons_or_populations() {
    let silent = [("E", 100, 0.0), ("I", 25, 0.0)];
    check_simulation("silent", &network(&silent), &made_up(&silent));
    let none = [("E", 0, 0.0), ("I", 0, 0.0)];
    check_simulation("no_neurons", &network(&none), &made_up(&none));
    check_simulation("no_populations", &network(&[]), &made_up(&[]));
    // Stopped before anything was measured: even what there always is, is missing.
    let mut stopped = made_up(&silent);
    (stopped.raster, stopped.rate_trace) = Default::default();
    stopped.run.complete = false;
    stopped.populations.iter_mut().for_each(|population| {
        population.rate_distribution.histogram = siegert::simulation::Histogram::default();
        population.membrane = None;
    });
    check_simulation("stopped", &network(&silent), &stopped);
    let mixed = [("E", 1000, 9.0), ("I", 0, 0.0), ("S", 1, 40.0)];
    check_simulation("mixed", &network(&mixed), &made_up(&mixed));
}
