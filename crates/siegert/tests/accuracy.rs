//! Every function of `numerics` against reference values with 25 digits: listed points, edges, even grids, random points.
//!
//! The permitted errors are one table; each is also stated in the header of the function's file, where a reader looks for
//! it. A function that is missing from the table fails. Worst errors are printed (`cargo test -- --nocapture`).

mod support;

use std::fs;

use siegert::numerics::cv_kernel::{cv_kernel, cv_kernel_integral_between};
use siegert::numerics::dawson::dawson;
use siegert::numerics::elementary::{exp_of_square, exp_of_sum, ln_1p};
use siegert::numerics::erfcx::{erfcx, erfcx_drop, product_rise, scaled_integral_between};
use support::{Row, number, table};

/// Name, source file, permitted relative error.
const BOUNDS: [(&str, &str, f64); 10] = [
    ("exp_of_sum", "elementary", 4e-16),
    ("exp_of_square", "elementary", 4e-16),
    ("ln_1p", "elementary", 3e-16),
    ("erfcx", "erfcx", 5e-16),
    ("erfcx_drop", "erfcx", 7e-16),
    ("product_rise", "erfcx", 9e-16),
    ("scaled_integral_between", "erfcx", 7e-16),
    ("dawson", "dawson", 6e-16),
    ("cv_kernel", "cv_kernel", 1e-15),
    ("cv_kernel_integral_between", "cv_kernel", 1e-15),
];

/// Files whose public functions must be in the table.
const FILES: [&str; 4] = ["elementary", "erfcx", "dawson", "cv_kernel"];

fn value(function: &str, row: &Row) -> f64 {
    let x = number(row, "x");
    let y = || number(row, "y");
    match function {
        "exp_of_sum" => exp_of_sum(x, y()),
        "exp_of_square" => exp_of_square(x),
        "ln_1p" => ln_1p(x),
        "erfcx" => erfcx(x),
        "erfcx_drop" => erfcx_drop(x, y(), y() - x),
        "product_rise" => product_rise(x, y(), y() - x),
        "scaled_integral_between" => scaled_integral_between(x, y(), y() - x),
        "dawson" => dawson(x),
        "cv_kernel" => cv_kernel(x),
        "cv_kernel_integral_between" => cv_kernel_integral_between(x, y(), y() - x),
        _ => panic!("{function} is in the table of bounds but not called here"),
    }
}

/// Relative error; where 0 is expected, the value itself.
///
/// By decimals, since an expected value rounded to an `f64` would be wrong by up to 1e-16 itself.
fn relative_error(found: f64, expected: &str) -> f64 {
    let (expected, exponent) = decimal(expected);
    if expected == 0 || !found.is_finite() {
        return found.abs();
    }
    let (mut found, found_exponent) = decimal(&format!("{found:.24e}"));
    match found_exponent - exponent {
        0 => {}
        1 => found *= 10,
        -1 => found /= 10,
        _ => return 1.0,
    }
    ((found - expected) as f64 / expected as f64).abs()
}

/// The first 25 significant digits as an integer, and the decimal exponent.
fn decimal(text: &str) -> (i128, i32) {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let digits = mantissa.trim_start_matches('-').replace('.', "");
    let point = mantissa.trim_start_matches('-').find('.').unwrap_or(digits.len());
    let significant = digits.trim_start_matches('0');
    let exponent = exponent.parse::<i32>().unwrap() + point as i32 - (digits.len() - significant.len()) as i32;
    let size = format!("{significant:0<25}")[..25].parse::<i128>().unwrap();
    (if mantissa.starts_with('-') { -size } else { size }, exponent)
}

#[test]
fn every_function_of_the_tables_keeps_its_bound() {
    let rows = table("special_functions");
    let mut failures = Vec::new();
    for (function, _, bound) in BOUNDS {
        let mut worst = (0.0, String::new());
        let mut count = 0;
        for row in rows.iter().filter(|row| row["function"] == function) {
            count += 1;
            let error = relative_error(value(function, row), &row["value"]);
            if error > worst.0 || error.is_nan() {
                worst = (error, format!("({}, {})", row["x"], row["y"]));
            }
        }
        println!("{function:28} {count} points, worst {:.2e} of {bound:.0e} at {}", worst.0, worst.1);
        assert!(count > 50, "{function}: only {count} reference values");
        if worst.0.is_nan() || worst.0 > bound {
            failures.push(format!("{function}: {:e} > {bound:e} at {}", worst.0, worst.1));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn source(file: &str) -> String {
    let path = format!("{}/src/numerics/{file}.rs", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn every_public_function_has_a_bound() {
    let mut found: Vec<(String, &str)> = Vec::new();
    for file in FILES {
        let text = source(file);
        let names = text.lines().filter_map(|line| line.strip_prefix("pub fn ")?.split(['(', '<']).next());
        found.extend(names.map(|name| (name.to_owned(), file)));
    }
    let mut expected: Vec<(String, &str)> = BOUNDS.iter().map(|&(name, file, _)| (name.to_owned(), file)).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected, "left: functions of the sources; right: functions with a bound");
}

#[test]
fn every_bound_is_the_one_in_the_header_of_its_file() {
    for (function, file, bound) in BOUNDS {
        let text = source(file);
        let header: String =
            text.lines().map_while(|line| line.strip_prefix("//!")).flat_map(|line| [line.trim(), " "]).collect();
        let stated = format!("{bound:e} for [`{function}`]");
        assert!(header.contains(&stated), "the header of numerics/{file}.rs does not say '{stated}'");
    }
}

#[test]
fn errors_are_counted_beyond_the_digits_of_a_number() {
    assert!(relative_error(1.0, "1.000000000000000000000001") > 5e-25);
    assert!((relative_error(0.3, "0.3") - 3.7e-17).abs() < 1e-18);
    assert!((relative_error(0.9999999999999999, "1.0") - 1.11e-16).abs() < 1e-18);
    assert!((relative_error(-2e-300, "-2.000000000000002e-300") - 1e-15).abs() < 1e-16);
    assert_eq!(relative_error(f64::INFINITY, "1.0"), f64::INFINITY);
}
