//! How threads meet: a barrier that does not sleep for short waits, and the spikes that they show each other.

use std::hint;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread;

/// Looks before a waiting thread offers its core to others.
const LOOKS: u32 = 20_000;

/// All threads wait for the last one.
///
/// Spins, since the waits are microseconds and a thread that sleeps takes longer to wake; then yields, for machines with fewer
/// free cores than threads.
#[derive(Debug)]
pub(super) struct Barrier {
    threads: usize,
    arrived: AtomicUsize,
    round: AtomicU64,
}

impl Barrier {
    pub(super) fn new(threads: usize) -> Self {
        Self { threads, arrived: AtomicUsize::new(0), round: AtomicU64::new(0) }
    }

    pub(super) fn wait(&self) {
        let round = self.round.load(Ordering::Acquire);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.threads {
            self.arrived.store(0, Ordering::Release);
            self.round.store(round + 1, Ordering::Release);
            return;
        }
        let mut looks = 0;
        while self.round.load(Ordering::Acquire) == round {
            looks += 1;
            if looks < LOOKS { hint::spin_loop() } else { thread::yield_now() }
        }
    }
}

/// Spikes of one thread's neurons in one interval: for each of its steps, neurons in ascending order.
pub(super) type Spikes = Vec<Vec<u32>>;

/// The spikes of all threads in two successive intervals: one is written while the other may still be read.
#[derive(Debug)]
pub(super) struct Exchange {
    lists: [Vec<RwLock<Spikes>>; 2],
}

impl Exchange {
    pub(super) fn new(threads: usize, interval: u16) -> Self {
        let lists = || (0..threads).map(|_| RwLock::new(vec![Vec::new(); usize::from(interval)])).collect();
        Self { lists: [lists(), lists()] }
    }

    /// The list that a thread fills in this interval.
    pub(super) fn own(&self, interval: u64, thread: usize) -> RwLockWriteGuard<'_, Spikes> {
        self.lists[(interval % 2) as usize][thread].write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lists of all threads, whose neurons ascend.
    pub(super) fn all(&self, interval: u64) -> Vec<RwLockReadGuard<'_, Spikes>> {
        self.lists[(interval % 2) as usize]
            .iter()
            .map(|list| list.read().unwrap_or_else(PoisonError::into_inner))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_thread_passes_the_barrier_before_the_last_one_arrives() {
        let (threads, rounds) = (4, 500);
        let barrier = Barrier::new(threads);
        let arrivals = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    for round in 1..=rounds {
                        arrivals.fetch_add(1, Ordering::SeqCst);
                        barrier.wait();
                        assert!(arrivals.load(Ordering::SeqCst) >= round * threads);
                        barrier.wait();
                    }
                });
            }
        });
    }
}
