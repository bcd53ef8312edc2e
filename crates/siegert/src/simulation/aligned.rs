//! Arrays that begin with a line of the caches.
//!
//! The arrays of a block are short and are gone through once a step. Where they begin in the middle of a line, every second access of the
//! vector units touches two lines, and how many arrays do was a matter of what had been allocated before.

use std::ops::{Deref, DerefMut};

/// Bytes of a line.
const LINE: usize = 64;

/// An array of fixed length.
#[derive(Debug)]
pub(super) struct Aligned<T> {
    /// With room for what is skipped.
    data: Vec<T>,
    /// Place of the first number.
    first: usize,
    length: usize,
}

impl<T: Copy + Default> Aligned<T> {
    /// Zeros.
    pub(super) fn zeros(length: usize) -> Self {
        let data = vec![T::default(); length + LINE / size_of::<T>()];
        // where the distance cannot be found there may be none: only time depends on it
        let first = data.as_ptr().align_offset(LINE).min(LINE / size_of::<T>());
        Self { data, first, length }
    }

    /// The same numbers.
    pub(super) fn copied(numbers: &[T]) -> Self {
        let mut aligned = Self::zeros(numbers.len());
        aligned.copy_from_slice(numbers);
        aligned
    }
}

impl<T> Deref for Aligned<T> {
    type Target = [T];

    #[inline(always)]
    fn deref(&self) -> &[T] {
        &self.data[self.first..self.first + self.length]
    }
}

impl<T> DerefMut for Aligned<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.data[self.first..self.first + self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_of_any_length_begin_with_a_line() {
        for length in [0, 1, 7, 250, 1000] {
            let (reals, bytes) = (Aligned::<f64>::zeros(length), Aligned::<u8>::zeros(length));
            assert_eq!((reals.len(), bytes.len()), (length, length));
            assert_eq!((reals.as_ptr() as usize % LINE, bytes.as_ptr() as usize % LINE), (0, 0));
        }
        assert_eq!(*Aligned::copied(&[1, 2, 3]), [1, 2, 3]);
    }
}
