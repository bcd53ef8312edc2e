//! Populations that share all inputs have the same rate and count as one.
//!
//! Two populations with the same neuron and the same input (as a function of the rates) fire alike in every state. Taking
//! them together can make others alike; what remains are the classes, one unknown each. Nothing is lost or approximated.

use std::borrow::Cow;

use super::map::RateMap;

/// For each population the index of its class; classes are numbered in the order of their first population.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Classes {
    pub(super) of: Vec<usize>,
    pub(super) count: usize,
}

impl Classes {
    /// The classes of the populations of a map, and the equations of the classes.
    pub(super) fn with_equations(map: &RateMap) -> (Self, Cow<'_, RateMap>) {
        let mut classes = Classes { of: (0..map.len()).collect(), count: map.len() };
        let mut reduced = Cow::Borrowed(map);
        loop {
            // classes of classes
            let mut first: Vec<usize> = Vec::new();
            let coarser: Vec<usize> = (0..classes.count)
                .map(|c| match first.iter().position(|&known| reduced.alike(known, c)) {
                    Some(class) => class,
                    None => {
                        first.push(c);
                        first.len() - 1
                    }
                })
                .collect();
            if first.len() == classes.count {
                return (classes, reduced);
            }
            classes = Classes { of: classes.of.iter().map(|&c| coarser[c]).collect(), count: first.len() };
            reduced = Cow::Owned(map.merged(&classes));
            if classes.count == 1 {
                return (classes, reduced);
            }
        }
    }

    /// A value of each class as a value of each population.
    pub(super) fn expanded<T: Copy>(&self, of_class: &[T]) -> Vec<T> {
        self.of.iter().map(|&class| of_class[class]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neuron::lif::SynapticFilter;
    use crate::testing::open;

    fn classes(name: &str) -> Classes {
        let network = open(name, None, &[]);
        Classes::with_equations(&RateMap::new(&network, SynapticFilter::default()).unwrap()).0
    }

    #[test]
    fn excitation_and_inhibition_with_the_same_inputs_are_one_class() {
        assert_eq!(classes("brunel2000"), Classes { of: vec![0, 0], count: 1 });
    }

    #[test]
    fn populations_with_inputs_of_their_own_stay_apart() {
        assert_eq!(classes("potjans_diesmann2014").count, 8);
    }
}
