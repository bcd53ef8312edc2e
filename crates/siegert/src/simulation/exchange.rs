//! How threads meet: a barrier that does not sleep for short waits, and the spikes that they show each other.

use std::hint;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::fired::Fired;

/// Looks before a waiting thread goes to sleep: some tens of microseconds.
const LOOKS: u32 = 2_000;

/// All threads wait for the last one.
///
/// Spins for a short time, since the waits are microseconds and a thread that sleeps takes longer to wake; then sleeps, and so leaves its
/// core to the thread that it waits for, where another process has that one's.
#[derive(Debug)]
pub(super) struct Barrier {
    threads: usize,
    arrived: AtomicUsize,
    round: AtomicU64,
    sleepers: AtomicUsize,
    sleep: Mutex<()>,
    awake: Condvar,
}

impl Barrier {
    pub(super) fn new(threads: usize) -> Self {
        Self {
            threads,
            arrived: AtomicUsize::new(0),
            round: AtomicU64::new(0),
            sleepers: AtomicUsize::new(0),
            sleep: Mutex::new(()),
            awake: Condvar::new(),
        }
    }

    pub(super) fn wait(&self) {
        let round = self.round.load(Ordering::Acquire);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.threads {
            self.arrived.store(0, Ordering::Release);
            // a sleeper counts itself before it looks at the round a last time: one of both sees the other
            self.round.store(round + 1, Ordering::SeqCst);
            if self.sleepers.load(Ordering::SeqCst) > 0 {
                drop(self.sleep.lock().unwrap_or_else(PoisonError::into_inner));
                self.awake.notify_all();
            }
            return;
        }
        for _ in 0..LOOKS {
            if self.round.load(Ordering::Acquire) != round {
                return;
            }
            hint::spin_loop();
        }
        self.sleep_until_after(round);
    }

    fn sleep_until_after(&self, round: u64) {
        let mut asleep = self.sleep.lock().unwrap_or_else(PoisonError::into_inner);
        self.sleepers.fetch_add(1, Ordering::SeqCst);
        while self.round.load(Ordering::SeqCst) == round {
            asleep = self.awake.wait(asleep).unwrap_or_else(PoisonError::into_inner);
        }
        self.sleepers.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Spikes of one thread's neurons in one interval: for each of its steps, neurons in ascending order.
pub(super) type Spikes = Vec<Fired>;

/// The spikes of all threads in two successive intervals: one is written while the other may still be read.
#[derive(Debug)]
pub(super) struct Exchange {
    lists: [Vec<RwLock<Spikes>>; 2],
}

impl Exchange {
    pub(super) fn new(threads: usize, interval: u16) -> Self {
        let lists = || (0..threads).map(|_| RwLock::new(vec![Fired::default(); usize::from(interval)])).collect();
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
    use std::thread;

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

    #[test]
    fn threads_that_went_to_sleep_are_woken() {
        let barrier = Barrier::new(3);
        thread::scope(|scope| {
            for late in 0..3 {
                let barrier = &barrier;
                scope.spawn(move || {
                    for round in 0..12 {
                        if round % 3 == late {
                            thread::sleep(std::time::Duration::from_millis(5));
                        }
                        barrier.wait();
                    }
                });
            }
        });
        assert_eq!((barrier.round.load(Ordering::SeqCst), barrier.sleepers.load(Ordering::SeqCst)), (12, 0));
    }
}
