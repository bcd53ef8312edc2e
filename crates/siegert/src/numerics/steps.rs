//! Times in whole steps of a grid, decided in decimal: 0.15 ms lie half-way between one and two steps of 0.1 ms, and 0.3 ms are three.
//!
//! In binary 0.15/0.1 lies below one and a half and 0.3/0.1 below three, so rounding the quotient would leave ties to chance.
//!
//! ```text
//! half_up: floor(t/dt + 1/2)      delays, durations, bins, as NEST rounds delays
//! up:      ceil(t/dt)             refractory times, as NEST rounds them
//! ```
//!
//! with a quotient that lies within a billionth of itself of a tie or a whole number taken for that number: far more than the rounding of a
//! few operations (1e-15), and less than anybody writes.

/// A quotient is known to this part of itself ...
const NOISE: f64 = 1e-9;
/// ... and, of very many steps, to this part of a step.
const MOST_NOISE: f64 = 1e-3;

/// The number of steps nearest to a time; between two, the later one.
pub(crate) fn half_up(time_ms: f64, dt_ms: f64) -> f64 {
    let steps = time_ms / dt_ms;
    (steps + 0.5 + noise(steps)).floor()
}

/// The least number of steps that lasts a time.
pub(crate) fn up(time_ms: f64, dt_ms: f64) -> f64 {
    let steps = time_ms / dt_ms;
    (steps - noise(steps)).ceil()
}

/// How long so many steps last, with the digits that a person would write: 0.3 ms for three steps of 0.1 ms.
pub(crate) fn lasting_ms(steps: f64, dt_ms: f64) -> f64 {
    tidy(steps * dt_ms)
}

/// Whether two times are the same on a grid of `dt`.
pub(crate) fn same(a_ms: f64, b_ms: f64, dt_ms: f64) -> bool {
    (a_ms - b_ms).abs() <= noise(a_ms / dt_ms).max(NOISE) * dt_ms
}

/// The number of twelve digits beside a number that differs from it by rounding alone, or the number itself.
pub(crate) fn tidy(value: f64) -> f64 {
    match format!("{value:.11e}").parse::<f64>() {
        Ok(short) if (short - value).abs() <= 4.0 * f64::EPSILON * value.abs() => short,
        _ => value,
    }
}

fn noise(steps: f64) -> f64 {
    (NOISE * steps.abs()).min(MOST_NOISE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_half_way_between_two_steps_go_to_the_later_one() {
        let expected = [(0.15, 2.0), (0.25, 3.0), (0.35, 4.0), (0.45, 5.0), (1.05, 11.0), (0.149, 1.0), (0.04, 0.0)];
        for (time, steps) in expected {
            assert_eq!(half_up(time, 0.1), steps, "{time} ms");
        }
        // every tie at several steps, as the decimal that a person writes
        for (dt, decimals) in [(0.1, 2), (0.2, 1), (0.01, 3), (0.025, 4), (0.05, 3)] {
            for below in 0..2000 {
                let tie: f64 = format!("{:.decimals$}", dt * (f64::from(below) + 0.5)).parse().unwrap();
                assert_eq!(half_up(tie, dt), f64::from(below + 1), "{tie} ms at {dt} ms");
            }
        }
    }

    #[test]
    fn refractory_times_go_up_and_those_on_the_grid_stay() {
        for (time, steps) in
            [(0.3, 3.0), (3.0 * 0.1, 3.0), (2.0, 20.0), (0.31, 4.0), (2.05, 21.0), (0.01, 1.0), (0.0, 0.0)]
        {
            assert_eq!(up(time, 0.1), steps, "{time} ms");
        }
        for (dt, decimals) in [(0.1, 1), (0.3, 1), (0.7, 1), (0.025, 3)] {
            for steps in 0..3000 {
                let time: f64 = format!("{:.decimals$}", dt * f64::from(steps)).parse().unwrap();
                assert_eq!(
                    (up(time, dt), half_up(time, dt)),
                    (f64::from(steps), f64::from(steps)),
                    "{time} ms at {dt} ms"
                );
            }
        }
    }

    #[test]
    fn times_without_ties_are_rounded_as_ever() {
        let mut time = 0.0;
        for _ in 0..10_000 {
            time += 0.013_717;
            assert_eq!(half_up(time, 0.1), (time / 0.1).round(), "{time} ms");
            assert_eq!(up(time, 0.1), (time / 0.1).ceil(), "{time} ms");
        }
        assert_eq!((half_up(8e11, 0.1), half_up(1e300, 1e-3)), (8e12, 1e303));
    }

    #[test]
    fn steps_last_the_time_that_a_person_would_write() {
        assert_eq!((lasting_ms(3.0, 0.1), lasting_ms(4.0, 0.1), lasting_ms(1.0, 1.0 / 3.0)), (0.3, 0.4, 1.0 / 3.0));
        assert!(same(0.3, 3.0 * 0.1, 0.1) && !same(0.3, 0.30001, 0.1));
    }
}
