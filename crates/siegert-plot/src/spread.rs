//! Labels beside places that may be too close to each other: which are written, and where.

/// Every so many of `count` labels have room, each taking `line` of `height`.
pub(super) fn every(count: usize, line: f64, height: f64) -> usize {
    let room = (height / line).floor().max(1.0) as usize;
    count.div_ceil(room).max(1)
}

/// Ascending places at least `line` apart, as near to the wanted ones as can be (least squares), within the range if they fit.
pub(super) fn spread(wanted: &[f64], line: f64, (from, to): (f64, f64)) -> Vec<f64> {
    // Without the distances asked for, the places have only to ascend: isotonic regression by pooling neighbours.
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for (index, place) in wanted.iter().enumerate() {
        let mut pool = (place - line * index as f64, 1);
        while let Some(&(before, count)) = pools.last().filter(|before| before.0 > pool.0) {
            let all = count + pool.1;
            pool = ((before * count as f64 + pool.0 * pool.1 as f64) / all as f64, all);
            pools.pop();
        }
        pools.push(pool);
    }
    let highest = (to - line * wanted.len().saturating_sub(1) as f64).max(from);
    let level = pools.into_iter().flat_map(|(place, count)| std::iter::repeat_n(place.clamp(from, highest), count));
    level.enumerate().map(|(index, place)| place + line * index as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_with_room_stay_and_crowded_ones_move_apart_about_their_middle() {
        assert_eq!(spread(&[10.0, 50.0, 90.0], 16.0, (0.0, 100.0)), [10.0, 50.0, 90.0]);
        assert_eq!(spread(&[10.0, 50.0, 54.0, 58.0], 16.0, (0.0, 100.0)), [10.0, 38.0, 54.0, 70.0]);
        assert_eq!(spread(&[1.0, 2.0], 16.0, (0.0, 100.0)), [0.0, 16.0]);
        assert_eq!(spread(&[99.0, 100.0], 16.0, (0.0, 100.0)), [84.0, 100.0]);
        assert!(spread(&[], 16.0, (0.0, 100.0)).is_empty());
    }

    #[test]
    fn as_many_labels_are_written_as_have_room() {
        assert_eq!([every(8, 16.0, 300.0), every(254, 16.0, 320.0), every(0, 16.0, 300.0)], [1, 13, 1]);
        assert_eq!(every(9, 16.0, 0.0), 9);
    }
}
