//! The state of neurons on its way to a checkpoint and back: arrays with names.

use serde::{Deserialize, Serialize};

/// An array of a state, as it is written.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) enum Array<'a> {
    /// Potentials, currents and the like.
    Reals(&'a [f64]),
    /// Steps and the like.
    Counts(&'a [i32]),
}

/// The same as it is read.
#[derive(Debug, Deserialize)]
pub(super) enum SavedArray {
    Reals(Vec<f64>),
    Counts(Vec<i32>),
}

/// An array of a state that is to be filled.
#[derive(Debug)]
pub(super) enum ArrayMut<'a> {
    Reals(&'a mut [f64]),
    Counts(&'a mut [i32]),
}

/// Fills the arrays of a state; `false` where names, kinds or lengths are others.
pub(super) fn fill(own: Vec<(String, ArrayMut<'_>)>, saved: Vec<(String, SavedArray)>) -> bool {
    own.len() == saved.len()
        && own.into_iter().zip(saved).all(|((name, own), (saved_name, saved))| {
            name == saved_name
                && match (own, saved) {
                    (ArrayMut::Reals(own), SavedArray::Reals(saved)) => fill_one(own, &saved),
                    (ArrayMut::Counts(own), SavedArray::Counts(saved)) => fill_one(own, &saved),
                    _ => false,
                }
        })
}

fn fill_one<T: Copy>(own: &mut [T], saved: &[T]) -> bool {
    let fits = own.len() == saved.len();
    if fits {
        own.copy_from_slice(saved);
    }
    fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_of_another_name_kind_or_length_are_not_taken() {
        let filled = |name: &str, saved: SavedArray| {
            let mut potential = vec![1.0, 2.0];
            let taken = fill(vec![("V".to_string(), ArrayMut::Reals(&mut potential))], vec![(name.to_string(), saved)]);
            (taken, potential)
        };
        assert_eq!(filled("V", SavedArray::Reals(vec![3.0, 4.0])), (true, vec![3.0, 4.0]));
        assert_eq!(filled("W", SavedArray::Reals(vec![3.0, 4.0])), (false, vec![1.0, 2.0]));
        assert_eq!(filled("V", SavedArray::Reals(vec![3.0])), (false, vec![1.0, 2.0]));
        assert_eq!(filled("V", SavedArray::Counts(vec![3, 4])), (false, vec![1.0, 2.0]));
        assert!(!fill(Vec::new(), vec![("V".to_string(), SavedArray::Counts(Vec::new()))]));
    }
}
