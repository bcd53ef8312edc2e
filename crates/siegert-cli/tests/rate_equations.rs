//! `siegert evolve --equation spectral` and `cascade`, and the modes of densities in `siegert response`: text, rows, JSON, the picture, and what is refused.

mod support;

use support::{json, siegert, siegert_in};

#[test]
fn rate_equations_say_how_far_they_are_from_densities() {
    let solved = json("solve brunel2000 --format json -q");
    let state = solved["fixed_points"][0]["populations"][0]["rate_hz"].as_f64().unwrap();
    for equation in ["spectral", "cascade"] {
        let command = format!("evolve brunel2000 --duration 20 --dt 5 --equation {equation}");
        let found = json(&format!("{command} --format json -q"));
        assert_eq!((&found["equation"], &found["conservation_error"]), (&equation.into(), &0.0.into()));
        let population = &found["populations"][0];
        for rate_hz in population["rate_hz"].as_array().unwrap() {
            assert!((rate_hz.as_f64().unwrap() / state - 1.0).abs() < 1e-6, "{population}");
        }
        let error = &population["rate_equation"];
        for name in ["mean_response_error", "variance_response_error"] {
            let value = error[name].as_f64().unwrap();
            assert!(value > 0.001 && value < 0.5, "{equation}: {error}");
        }
        assert_eq!(error["relaxation_ms"].is_null(), equation == "cascade", "{error}");
        let directory = tempfile::tempdir().unwrap();
        let run = siegert_in(directory.path(), &format!("{command} --plot a.svg"), "");
        assert_eq!(run.status, 0, "{}", run.stderr);
        assert!(run.stdout.contains("Error of the linear response"), "{}", run.stdout);
        assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
        assert!(std::fs::read_to_string(directory.path().join("a.svg")).unwrap().contains("rate (Hz)"));
        let rows = siegert(&format!("{command} --format csv -q")).stdout;
        assert!(rows.starts_with("time_ms,population,rate_hz") && rows.lines().count() == 1 + 2 * 5, "{rows}");
    }
}

#[test]
fn what_rates_do_not_say_is_refused_by_name() {
    let run = siegert("evolve brunel2000 --equation spectral --start reset");
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("of which rate equations know nothing"), "{}", run.stderr);
    let run = siegert("evolve brette_gerstner2005 --equation cascade");
    assert!(run.status == 2 && run.stderr.contains("no rate equation of neurons that adapt"), "{}", run.stderr);
}

/// The slowest mode of the neurons of `brunel2000`, whose input is that of `solve`.
#[test]
fn response_has_the_modes_of_the_densities() {
    let found = json("response brunel2000 --frequencies 10 --format json -q");
    let population = &found["populations"][0];
    let modes = population["density_modes"].as_array().unwrap();
    assert!(!modes.is_empty() && modes.len() <= 4, "{population}");
    let slowest = modes[0]["growth_per_s"].as_f64().unwrap();
    assert!((population["relaxation_ms"].as_f64().unwrap() * slowest + 1000.0).abs() < 1e-9, "{population}");
    assert!(modes.windows(2).all(|pair| pair[0]["growth_per_s"].as_f64() >= pair[1]["growth_per_s"].as_f64()));
    let text = siegert("response brunel2000 --frequencies 10").stdout;
    assert!(text.contains("Modes of the neurons by themselves") && text.contains("relaxation (ms)"), "{text}");
}
