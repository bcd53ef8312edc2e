//! Sweeps: every row is what `search` says at its point, whatever the threads and wherever the run begins.

use std::ops::Range as Points;

use siegert::Work;
use siegert::network::{ReadOptions, bundled};
use siegert::sweep::{Axis, Cell, Control, Range, Rows, Spacing, Sweep, SweepError};
use siegert::testing::{brunel, solution};
use siegert::theory::{FixedPoint, TheoryOptions};

fn axis(name: &str, unit: &str, first: f64, last: f64, count: usize) -> Axis {
    let range = Range::new(first, last, count, Spacing::Linear).unwrap();
    Axis { name: name.to_string(), unit: unit.to_string(), range }
}

fn sweep(name: &str, axes: Vec<Axis>, quantities: &[&str]) -> Result<Sweep, SweepError> {
    let quantities: Vec<String> = quantities.iter().map(|quantity| quantity.to_string()).collect();
    let text = bundled::find(name).unwrap().text;
    Sweep::new(text, name, &ReadOptions::default(), axes, &quantities, &TheoryOptions::default())
}

/// The cells of all rows with the same values of `g` and `eta`.
fn expected(g: f64, eta: f64) -> Vec<Vec<Cell>> {
    let states = solution(&brunel(&[("g", &g.to_string()), ("eta", &eta.to_string())])).fixed_points;
    let row = |(index, state): (usize, &FixedPoint)| {
        let rightmost = state.rate_eigenvalues_per_s[0];
        let populations = &state.populations;
        let mut row = vec![Cell::Number(g), Cell::Number(eta), Cell::Integer(states.len() as i64)];
        row.extend([Cell::Integer(index as i64 + 1), Cell::Flag(state.stable), Cell::Flag(state.saddle)]);
        row.extend(populations.iter().map(|p| Cell::Number(p.rate_hz)));
        row.extend(populations.iter().map(|p| Cell::Number(p.log10_rate_hz.unwrap())));
        row.extend(populations.iter().map(|p| Cell::Number(p.mean_input_mv)));
        row.extend(populations.iter().map(|p| Cell::Number(p.std_input_mv)));
        row.extend(populations.iter().map(|p| p.cv.map_or(Cell::Missing, Cell::Number)));
        row.extend(populations.iter().map(|p| Cell::Number(p.validity.shared_input_fraction.unwrap())));
        row.extend([Cell::Integer(state.index.into()), Cell::Number(state.residual)]);
        row.extend([Cell::Number(rightmost.growth_per_s), Cell::Number(rightmost.frequency_hz), Cell::Missing]);
        row
    };
    states.iter().enumerate().map(row).collect()
}

#[test]
fn rows_say_what_a_search_at_their_point_says() {
    let quantities = [
        "rate_hz,log10_rate_hz,mean_input_mv,std_input_mv,cv,shared_input_fraction",
        "index,residual,growth_per_s,oscillation_hz",
    ];
    let quantities: Vec<&str> = quantities.iter().flat_map(|list| list.split(',')).collect();
    let axes = vec![axis("g", "", 2.5, 7.5, 6), axis("eta", "", 0.25, 1.75, 7)];
    let sweep = sweep("brunel2000", axes, &quantities).unwrap();
    let complete = sweep.columns().iter().position(|column| column.name == "complete").unwrap();
    let rows = sweep.rows(0..sweep.len(), &Work::default());
    let mut rows = rows.iter();
    let mut several = 0;
    for i in 0..6 {
        for j in 0..7 {
            let expected = expected(2.5 + f64::from(i), 0.25 + 0.25 * f64::from(j));
            several += usize::from(expected.len() > 1);
            for expected in expected {
                let mut row = rows.next().unwrap().to_vec();
                row.remove(complete);
                assert!(row.len() == expected.len() && row.iter().zip(&expected).all(near), "{row:?}\n{expected:?}");
            }
        }
    }
    assert!(rows.next().is_none());
    assert!(several >= 2, "{several} points with several states");
}

/// Bits may differ where a quantity is computed by another route (eigenvalues).
fn near((found, expected): (&Cell, &Cell)) -> bool {
    match (found, expected) {
        (Cell::Number(found), Cell::Number(expected)) => (found - expected).abs() <= 1e-9 * (1e-6 + expected.abs()),
        _ => found == expected,
    }
}

/// All rows of a run as text, each piece with its points.
fn run(sweep: &Sweep, from: u64, threads: usize) -> Vec<(Points<u64>, String)> {
    let control = Control { threads: Some(threads), work: &Work::default() };
    let text = |rows: &Rows| rows.iter().map(|row| format!("{row:?}\n")).collect::<String>();
    let mut pieces = Vec::new();
    let done = sweep.run(from, &control, text, |points, text| {
        pieces.push((points, text));
        Ok::<(), SweepError>(())
    });
    assert_eq!(done, Ok(sweep.len()));
    pieces
}

#[test]
fn rows_depend_neither_on_threads_nor_on_where_a_run_begins() {
    let axes = vec![axis("mu_ext", "mV", 10.0, 30.0, 50), axis("J", "mV", 0.05, 0.5, 100)];
    let sweep = sweep("brunel_hakim1999", axes, &["rate_hz", "cv"]).unwrap();
    let one = run(&sweep, 0, 1);
    assert!(one.len() > 3, "{} pieces", one.len());
    let all = |pieces: &[(Points<u64>, String)]| pieces.iter().map(|(_, text)| text.as_str()).collect::<String>();
    for threads in [2, 3] {
        assert!(all(&run(&sweep, 0, threads)) == all(&one), "{threads} threads");
    }
    let second = one[1].0.start;
    assert!(all(&run(&sweep, second, 2)) == all(&one[1..]), "from the second piece");
    // a piece begun elsewhere reads its network anew there
    let middle = second + 77;
    let (whole, first, rest) = (second..second + 100, second..middle, middle..second + 100);
    let [whole, first, rest] = [whole, first, rest].map(|points| sweep.rows(points, &Work::default()));
    assert!(whole.iter().eq(first.iter().chain(rest.iter())) && whole.iter().count() >= 100);
}

#[test]
fn a_cancelled_run_ends_after_whole_pieces_and_says_how_far_it_came() {
    let sweep = sweep("brunel_hakim1999", vec![axis("mu_ext", "mV", 18.0, 22.0, 50_000)], &[]).unwrap();
    let cancelled = Work::default();
    let control = Control { threads: Some(2), work: &cancelled };
    let mut taken = 0;
    let done = sweep.run(
        0,
        &control,
        |_| (),
        |points, ()| {
            assert_eq!(points.start, taken);
            taken = points.end;
            cancelled.cancel();
            Ok::<(), SweepError>(())
        },
    );
    assert_eq!(done, Ok(taken));
    assert!(taken > 0 && taken < sweep.len(), "{taken}");
    let refused = sweep.run(
        0,
        &Control { work: &Work::default(), ..control },
        |_| (),
        |points, ()| {
            if points.start > 0 { Err(SweepError::NoAxis) } else { Ok(()) }
        },
    );
    assert_eq!(refused, Err(SweepError::NoAxis), "what is not taken stops the run");
}

#[test]
fn a_point_with_a_wrong_network_has_a_row_that_says_what_is_wrong() {
    let sweep = sweep("brunel2000", vec![axis("N_E", "", 999.5, 2000.0, 3)], &["rate_hz"]).unwrap();
    let rows = sweep.rows(0..3, &Work::default());
    let errors: Vec<String> = rows.iter().map(|row| format!("{:?}", row.last().unwrap())).collect();
    assert!(errors[0].contains("size is 999.5; it must be a whole number"), "{errors:?}");
    assert!(errors[2] == "Missing", "{errors:?}");
    assert_eq!(rows.iter().next().unwrap()[1], Cell::Integer(0));
}

#[test]
fn what_is_no_sweep_is_refused_before_it_begins() {
    let g = || axis("g", "", 3.0, 8.0, 3);
    let refused = |axes, quantities: &[&str]| sweep("brunel2000", axes, quantities).map(drop).unwrap_err().to_string();
    for (axes, quantities, message) in [
        (vec![], &[][..], "a parameter to vary"),
        (vec![g(), g()], &[], "g is varied twice"),
        (vec![axis("G", "", 1.0, 2.0, 2)], &[], "there is no parameter \"G\""),
        (vec![axis("tau_m", "Hz", 1.0, 2.0, 2)], &[], "tau_m must be a time (ms)"),
        (vec![g()], &["rates_hz"], "there is no quantity \"rates_hz\"; did you mean rate_hz?"),
        (vec![g()], &["shared_input_fractions"], "did you mean shared_input_fraction?"),
        (vec![g()], &["warnings"], "there are rate_hz, log10_rate_hz"),
        (vec![axis("g", "", 0.0, 1.0, 1 << 30), axis("eta", "", 0.0, 1.0, 1 << 30)], &[], "too large"),
    ] {
        let refusal = refused(axes, quantities);
        assert!(refusal.contains(message), "{message}: {refusal}");
    }
}
