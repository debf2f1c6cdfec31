//! The queue's board under every interleaving of its threads, by the model checker loom.
//!
//! The board's own source file is compiled here with loom's lock and conditions in place of std's.
//! Loom runs each scenario again and again until it has seen every order of steps with at most
//! `PREEMPTIONS` forced switches between threads; a thread that nobody wakes is a failure.

// Each scenario uses a part of the board.
#![allow(dead_code)]

mod sync {
    pub use loom::sync::{Condvar, Mutex, MutexGuard};
    pub use loom::thread::yield_now;
    pub use std::sync::PoisonError;
}

#[path = "../src/queue/board.rs"]
mod board;
#[path = "../src/cancellation.rs"]
mod cancellation;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex as StdMutex};

use loom::sync::{Condvar, Mutex};
use loom::thread::{self, JoinHandle};

use board::{Board, Finished, Task, Wait};

/// Beyond this loom takes minutes; the faults that were put in on purpose all showed with 2.
const PREEMPTIONS: usize = 3;

/// Tags of calls that a worker made, and of those that were cancelled unsent.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Called(u32),
    Cancelled(u32),
    Unsent(u32),
}

struct Queue {
    board: Board<u32, End>,
    wakes: Mutex<u32>,
    woken: Condvar,
    threads: StdMutex<Vec<JoinHandle<()>>>,
    /// How many workers the system allows.
    threads_left: StdMutex<u32>,
}

impl Queue {
    fn new(max_workers: usize) -> Arc<Self> {
        Queue::with_threads(max_workers, u32::MAX)
    }

    fn with_threads(max_workers: usize, threads: u32) -> Arc<Self> {
        Arc::new(Queue {
            board: Board::new(max_workers),
            wakes: Mutex::new(0),
            woken: Condvar::new(),
            threads: StdMutex::default(),
            threads_left: StdMutex::new(threads),
        })
    }

    fn submit(self: &Arc<Self>, tag: u32) -> Result<(), ()> {
        self.board.submit(tag, || self.start_worker())
    }

    fn start_worker(self: &Arc<Self>) -> Result<(), ()> {
        let mut left = self.threads_left.lock().unwrap();
        *left = left.checked_sub(1).ok_or(())?;
        let queue = Arc::clone(self);
        let worker = thread::spawn(move || queue.work());
        self.threads.lock().unwrap().push(worker);
        Ok(())
    }

    fn work(self: &Arc<Self>) {
        let mut worker = self.board.worker();
        let mut done = None;
        loop {
            match worker.next_task(done.take()) {
                Task::Call(tag, cancellation) => {
                    done = Some(match cancellation.is_cancelled() {
                        true => End::Cancelled(tag),
                        false => End::Called(tag),
                    });
                }
                Task::Wake => {
                    *self.wakes.lock().unwrap() += 1;
                    self.woken.notify_one();
                }
                Task::StartWorker => {
                    if self.start_worker().is_err() {
                        self.board.uncount_worker();
                    }
                }
                Task::Quit => return,
            }
        }
    }

    fn next(&self, wait: Wait) -> Option<End> {
        Some(match self.board.next(wait)? {
            Finished::Called(end) => end,
            Finished::Unsent(tag) => End::Unsent(tag),
        })
    }

    /// What an event loop does: sleeps until it is woken, then polls until nothing is there.
    fn returned_after_wakes(&self, count: usize) -> Vec<End> {
        let mut returned = Vec::new();
        let mut seen = 0;
        while returned.len() < count {
            let mut wakes = self.wakes.lock().unwrap();
            while *wakes == seen {
                wakes = self.woken.wait(wakes).unwrap();
            }
            seen = *wakes;
            drop(wakes);
            while let Some(end) = self.next(Wait::For(std::time::Duration::ZERO)) {
                returned.push(end);
            }
        }
        returned
    }

    fn free(&self) {
        drop(self.board.close());
        loop {
            let worker = self.threads.lock().unwrap().pop();
            match worker {
                Some(worker) => worker.join().unwrap(),
                None => return,
            }
        }
    }
}

/// Runs a scenario in every order of its threads' steps.
fn model(scenario: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(PREEMPTIONS);
    builder.check(scenario);
}

fn tags(ends: impl IntoIterator<Item = End>) -> BTreeMap<u32, u32> {
    let mut tags = BTreeMap::new();
    for end in ends {
        let (End::Called(tag) | End::Cancelled(tag) | End::Unsent(tag)) = end;
        *tags.entry(tag).or_default() += 1;
    }
    tags
}

fn once_each(count: u32) -> BTreeMap<u32, u32> {
    (1..=count).map(|tag| (tag, 1)).collect()
}

#[test]
fn each_tag_is_returned_once_and_none_means_nothing_pending() {
    model(|| {
        let queue = Queue::new(2);
        queue.submit(1).unwrap();
        queue.submit(2).unwrap();
        let ends: Vec<_> = std::iter::from_fn(|| queue.next(Wait::Forever)).collect();
        assert_eq!(queue.board.pending(), 0);
        assert!(ends.iter().all(|end| matches!(end, End::Called(_))));
        assert_eq!(tags(ends), once_each(2));
        queue.free();
    });
}

#[test]
fn readers_that_wait_forever_share_the_results_and_all_return() {
    model(|| {
        let queue = Queue::new(1);
        queue.submit(1).unwrap();
        queue.submit(2).unwrap();
        let other = Arc::clone(&queue);
        let reader = thread::spawn(move || -> Vec<_> {
            std::iter::from_fn(|| other.next(Wait::Forever)).collect()
        });
        let mut ends: Vec<_> = std::iter::from_fn(|| queue.next(Wait::Forever)).collect();
        ends.extend(reader.join().unwrap());
        assert_eq!(tags(ends), once_each(2));
        queue.free();
    });
}

#[test]
fn each_of_two_readers_gets_one_of_two_results() {
    model(|| {
        let queue = Queue::new(1);
        queue.submit(1).unwrap();
        queue.submit(2).unwrap();
        let other = Arc::clone(&queue);
        let reader = thread::spawn(move || other.next(Wait::Forever));
        let ends = [queue.next(Wait::Forever), reader.join().unwrap()];
        assert_eq!(tags(ends.into_iter().flatten()), once_each(2));
        queue.free();
    });
}

#[test]
fn two_threads_that_submit_start_one_worker_at_most() {
    model(|| {
        let queue = Queue::new(1);
        let other = Arc::clone(&queue);
        let submitter = thread::spawn(move || other.submit(1).unwrap());
        queue.submit(2).unwrap();
        submitter.join().unwrap();
        let ends: Vec<_> = std::iter::from_fn(|| queue.next(Wait::Forever)).collect();
        assert_eq!(tags(ends), once_each(2));
        assert_eq!(queue.threads.lock().unwrap().len(), 1);
        queue.free();
    });
}

#[test]
fn cancelling_meanwhile_returns_each_tag_once() {
    model(|| {
        let queue = Queue::new(1);
        queue.submit(1).unwrap();
        let other = Arc::clone(&queue);
        let canceller = thread::spawn(move || other.board.cancel());
        queue.submit(2).unwrap();
        let ends: Vec<_> = std::iter::from_fn(|| queue.next(Wait::Forever)).collect();
        assert_eq!(tags(ends), once_each(2));
        canceller.join().unwrap();
        // What is submitted after the cancel is made.
        queue.submit(3).unwrap();
        assert_eq!(queue.next(Wait::Forever), Some(End::Called(3)));
        queue.free();
    });
}

/// Jobs that are cancelled together are still returned one by one, and to readers that wait, too.
#[test]
fn two_readers_share_jobs_that_were_cancelled_together() {
    model(|| {
        let queue = Queue::new(1);
        queue.submit(1).unwrap();
        queue.submit(2).unwrap();
        queue.submit(3).unwrap();
        let other = Arc::clone(&queue);
        let reader = thread::spawn(move || -> Vec<_> {
            std::iter::from_fn(|| other.next(Wait::Forever)).collect()
        });
        queue.board.cancel();
        let mut ends: Vec<_> = std::iter::from_fn(|| queue.next(Wait::Forever)).collect();
        ends.extend(reader.join().unwrap());
        assert_eq!(tags(ends), once_each(3));
        queue.free();
    });
}

#[test]
fn every_change_from_empty_is_announced() {
    model(|| {
        let queue = Queue::new(2);
        assert!(queue.board.watch(|| true));
        queue.submit(1).unwrap();
        queue.submit(2).unwrap();
        assert_eq!(tags(queue.returned_after_wakes(2)), once_each(2));
        queue.free();
    });
}

#[test]
fn cancelled_jobs_are_announced_by_a_worker() {
    model(|| {
        let queue = Queue::new(1);
        assert!(queue.board.watch(|| true));
        queue.submit(1).unwrap();
        queue.submit(2).unwrap();
        queue.board.cancel();
        assert_eq!(tags(queue.returned_after_wakes(2)), once_each(2));
        assert!(!queue.board.watch(|| false));
        queue.free();
    });
}

#[test]
fn workers_that_cannot_be_started_do_not_matter_while_one_runs() {
    model(|| {
        let queue = Queue::with_threads(3, 1);
        queue.submit(1).unwrap();
        queue.submit(2).unwrap();
        queue.submit(3).unwrap();
        let ends: Vec<_> = std::iter::from_fn(|| queue.next(Wait::Forever)).collect();
        assert_eq!(tags(ends), once_each(3));
        queue.free();
    });
}

#[test]
fn without_a_worker_nothing_is_queued() {
    model(|| {
        let queue = Queue::with_threads(3, 0);
        assert!(queue.submit(1).is_err());
        assert_eq!(queue.board.pending(), 0);
        assert!(queue.next(Wait::Forever).is_none());
        queue.free();
    });
}

#[test]
fn workers_quit_when_the_queue_is_freed_with_everything_pending() {
    model(|| {
        let queue = Queue::new(2);
        assert!(queue.board.watch(|| true));
        queue.submit(1).unwrap();
        queue.submit(2).unwrap();
        queue.free();
    });
}
