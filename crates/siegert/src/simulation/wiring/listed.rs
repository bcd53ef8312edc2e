//! Connections that are drawn as a list: small blocks, and fixed in-degrees without autapses or multapses.

use crate::numerics::random::Sequence;

/// The targets of all slots of a block, in random order (Fisher and Yates; Durstenfeld 1964).
pub(super) fn shuffled(targets: u32, in_degree: u32, random: &mut Sequence) -> Vec<u16> {
    let mut slots: Vec<u16> =
        (0..targets).flat_map(|target| std::iter::repeat_n(target as u16, in_degree as usize)).collect();
    for last in (1..slots.len()).rev() {
        slots.swap(last, random.below(last as u32 + 1) as usize);
    }
    slots
}

/// Draws the sources of every target of the block, and sorts by source: offsets of the sources, and their targets.
///
/// `block` is the first of its neurons, counted in its population, and their number.
pub(super) fn target_by_target(
    sources: u32,
    block: (u32, u32),
    in_degree: u32,
    no_autapses: bool,
    multapses: bool,
    random: &mut Sequence,
) -> (Vec<u32>, Vec<u16>) {
    let (first, targets) = block;
    let mut chosen = Vec::with_capacity((targets as usize) * in_degree as usize);
    let mut last_target = vec![u32::MAX; if multapses { 0 } else { sources as usize }];
    for target in 0..targets {
        let itself = no_autapses.then_some(first + target);
        let candidates = sources - u32::from(itself.is_some());
        let mut draw = || {
            let source = random.below(candidates);
            source + u32::from(itself.is_some_and(|itself| source >= itself))
        };
        if multapses {
            chosen.extend((0..in_degree).map(|_| draw()));
            continue;
        }
        // Choose the smaller of the two: those that are connected, or those that are not.
        let inverted = in_degree > candidates / 2;
        let wanted = if inverted { candidates - in_degree } else { in_degree };
        let mut found = 0;
        while found < wanted {
            let source = draw();
            if last_target[source as usize] != target {
                last_target[source as usize] = target;
                found += 1;
                if !inverted {
                    chosen.push(source);
                }
            }
        }
        if inverted {
            let free = |source: &u32| last_target[*source as usize] != target && Some(*source) != itself;
            chosen.extend((0..sources).filter(free));
        }
    }
    by_source(sources, targets, in_degree, &chosen)
}

/// Sorts the sources of successive targets, `in_degree` each, by source.
fn by_source(sources: u32, targets: u32, in_degree: u32, chosen: &[u32]) -> (Vec<u32>, Vec<u16>) {
    let mut offsets = vec![0u32; sources as usize + 1];
    for &source in chosen {
        offsets[source as usize + 1] += 1;
    }
    for source in 0..sources as usize {
        offsets[source + 1] += offsets[source];
    }
    let mut next = offsets.clone();
    let mut sorted = vec![0; chosen.len()];
    for target in 0..targets {
        let own = target as usize * in_degree as usize;
        for &source in &chosen[own..own + in_degree as usize] {
            sorted[next[source as usize] as usize] = target as u16;
            next[source as usize] += 1;
        }
    }
    (offsets, sorted)
}
