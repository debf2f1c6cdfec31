//! The state that a queue's callers and workers share: one lock, two conditions, no I/O.
//!
//! Invariants, checked over all interleavings by tests/queue_model.rs:
//!
//! 1. Until the board is closed, each submitted job comes out of [`Board::next`] exactly once.
//! 2. No wake-up is lost: a waiting job has a worker that will take it, a completion a reader that
//!    will return it if one waits, and each change from no completion to one is announced.
//! 3. `next` with [`Wait::Forever`] returns `None` only if nothing is pending.
//!
//! A job is counted in `pending` from its submission until `next` returns it. Meanwhile it is in
//! `waiting`, with a worker, or in `finished`.
//!
//! Nothing blocks while the lock is held, with one exception: the first worker is started under it.
//! A queue without a worker must not accept a job, and no worker is there yet to be held up.

use std::collections::VecDeque;
use std::mem::take;
use std::time::{Duration, Instant};

use super::sync::{Condvar, Mutex, MutexGuard, PoisonError, yield_now};
use crate::cancellation::Cancellation;

/// The most workers that have not yet completed a call. Each opens a connection: 512 in one instant
/// overflow a server's listen backlog (128 on Linux, 50 in Java), and a dropped SYN costs a second.
const MAX_UNPROVEN: usize = 32;

/// Longer waits are shortened to this, which a clock can add to any time. It is 136 years.
const LONGEST_WAIT: Duration = Duration::from_secs(u32::MAX as u64);

pub(super) struct Board<Job, Done> {
    state: Mutex<State<Job, Done>>,
    /// There may be something to do for a worker.
    work: Condvar,
    /// There may be something to return from `next`.
    results: Condvar,
    max_workers: usize,
}

struct State<Job, Done> {
    waiting: VecDeque<Job>,
    finished: VecDeque<Ended<Job, Done>>,
    pending: usize,
    /// Cancels the jobs with the workers. Replaced when it is used.
    cancellation: Cancellation,
    /// Workers that were counted and have not quit.
    workers: usize,
    /// Workers that have not yet completed a call.
    unproven: usize,
    /// Workers that are about to ask for a task: just started, or back from anything but a call.
    coming: usize,
    /// The system allowed no further thread; tried again after the next call.
    is_short_of_threads: bool,
    /// Workers that wait for something to do.
    idle: usize,
    /// Threads that wait in `next`.
    readers: usize,
    /// Whether somebody wants to be woken when `finished` is no longer empty.
    is_watched: bool,
    wake_due: bool,
    has_submitted: bool,
    is_closed: bool,
}

/// How a job ended.
pub(super) enum Finished<Job, Done> {
    Called(Done),
    /// Cancelled before a worker took it.
    Unsent(Job),
}

/// Jobs that ended together, never none.
pub(super) enum Ended<Job, Done> {
    Called(Done),
    /// All that waited when they were cancelled. A million change hands without being moved.
    Unsent(VecDeque<Job>),
}

/// What a worker does next.
pub(super) enum Task<Job> {
    Call(Job, Cancellation),
    /// Announce that there are completions.
    Wake,
    /// Start one more worker. It is counted already.
    StartWorker,
    Quit,
}

/// How long `next` waits.
#[derive(Clone, Copy)]
pub(super) enum Wait {
    For(Duration),
    /// As long as something is pending.
    Forever,
}

impl<Job, Done> Board<Job, Done> {
    pub(super) fn new(max_workers: usize) -> Self {
        Board {
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                finished: VecDeque::new(),
                pending: 0,
                cancellation: Cancellation::new(),
                workers: 0,
                unproven: 0,
                coming: 0,
                is_short_of_threads: false,
                idle: 0,
                readers: 0,
                is_watched: false,
                wake_due: false,
                has_submitted: false,
                is_closed: false,
            }),
            work: Condvar::new(),
            results: Condvar::new(),
            max_workers,
        }
    }

    /// Runs `set`, which changes who is woken, unless something was submitted already: then it
    /// returns false. `set` returns whether anybody is.
    pub(super) fn watch(&self, set: impl FnOnce() -> bool) -> bool {
        let mut state = self.lock();
        if state.has_submitted {
            return false;
        }
        state.is_watched = set();
        true
    }

    /// Queues a job. Calls `start_worker` if one more worker should run; fails, with its error and
    /// nothing queued, only if not a single worker runs.
    pub(super) fn submit<E>(
        &self,
        job: Job,
        start_worker: impl Fn() -> Result<(), E>,
    ) -> Result<(), E> {
        let mut state = self.lock();
        state.has_submitted = true;
        if state.workers == 0 {
            start_worker()?;
            state.count_worker();
        }
        state.waiting.push_back(job);
        state.pending += 1;
        let is_worker_wanted = self.count_worker_if_wanted(&mut state, 0);
        let is_worker_idle = state.idle > 0;
        drop(state);
        if is_worker_idle {
            self.work.notify_one();
        }
        if is_worker_wanted && start_worker().is_err() {
            // Those that run take the job.
            self.uncount_worker();
        }
        Ok(())
    }

    /// A counted worker could not be started.
    pub(super) fn uncount_worker(&self) {
        let mut state = self.lock();
        state.workers -= 1;
        state.unproven -= 1;
        state.coming -= 1;
        state.is_short_of_threads = true;
    }

    /// Called once by each worker, on its thread.
    pub(super) fn worker(&self) -> Worker<'_, Job, Done> {
        Worker {
            board: self,
            is_proven: false,
        }
    }

    /// Returns the next result, in the order in which jobs ended.
    pub(super) fn next(&self, wait_for: Wait) -> Option<Finished<Job, Done>> {
        let end = match wait_for {
            Wait::For(time) if !time.is_zero() => Some(Instant::now() + time.min(LONGEST_WAIT)),
            _ => None,
        };
        let mut has_yielded = false;
        let mut state = self.lock();
        loop {
            if let Some((finished, emptied)) = state.take_finished() {
                state.pending -= 1;
                let is_awaited = state.readers > 0;
                let (is_over, has_more) = (state.pending == 0, !state.finished.is_empty());
                drop(state);
                drop(emptied);
                if is_awaited && is_over {
                    self.results.notify_all();
                } else if is_awaited && has_more {
                    // Only the first of several results is announced; its reader passes it on.
                    self.results.notify_one();
                }
                return Some(finished);
            }
            let left = match (wait_for, end) {
                (Wait::Forever, _) if state.pending > 0 => None,
                (Wait::For(_), Some(end)) => {
                    let left = end.saturating_duration_since(Instant::now());
                    Some(left).filter(|left| !left.is_zero())?.into()
                }
                _ => return None,
            };
            if !has_yielded {
                // Workers that are about to finish come first. A reader that slept between them made
                // two context switches of each call at 32 in flight, and this makes one.
                has_yielded = true;
                drop(state);
                yield_now();
                state = self.lock();
                continue;
            }
            state.readers += 1;
            state = match left {
                None => wait(&self.results, state),
                Some(left) => {
                    let result = self.results.wait_timeout(state, left);
                    result.unwrap_or_else(PoisonError::into_inner).0
                }
            };
            state.readers -= 1;
        }
    }

    pub(super) fn pending(&self) -> usize {
        self.lock().pending
    }

    /// Ends everything that was submitted before, sent or not.
    pub(super) fn cancel(&self) {
        let mut is_reader_wanted = false;
        let mut state = self.lock();
        let unsent = take(&mut state.waiting);
        if !unsent.is_empty() {
            is_reader_wanted = state.announce();
            // A due wake needs no notification: for these jobs an idle worker was notified already, or
            // all are busy and see it when their call ends.
            state.finished.push_back(Ended::Unsent(unsent));
        }
        take(&mut state.cancellation).cancel();
        drop(state);
        if is_reader_wanted {
            self.results.notify_one();
        }
    }

    /// Ends everything and lets the workers quit. Returns what is left, for the caller to drop
    /// without the lock.
    pub(super) fn close(&self) -> (VecDeque<Job>, VecDeque<Ended<Job, Done>>) {
        let mut state = self.lock();
        state.is_closed = true;
        state.cancellation.cancel();
        self.work.notify_all();
        (take(&mut state.waiting), take(&mut state.finished))
    }

    /// Takes what a worker can do now.
    fn task(&self, state: &mut State<Job, Done>) -> Option<Task<Job>> {
        if state.is_closed {
            state.workers -= 1;
            return Some(Task::Quit);
        }
        if take(&mut state.wake_due) {
            state.coming += 1;
            return Some(Task::Wake);
        }
        if self.count_worker_if_wanted(state, 1) {
            state.coming += 1;
            return Some(Task::StartWorker);
        }
        let job = state.waiting.pop_front()?;
        Some(Task::Call(job, state.cancellation.clone()))
    }

    /// Counts one more worker if more jobs wait than there are workers to take them, and there may
    /// be one more. The caller starts it after unlocking. `takers` are workers about to take a job.
    fn count_worker_if_wanted(&self, state: &mut State<Job, Done>, takers: usize) -> bool {
        let is_wanted = state.waiting.len() > state.idle + state.coming + takers
            && !state.is_short_of_threads
            && state.workers < self.max_workers
            && state.unproven < MAX_UNPROVEN;
        if is_wanted {
            state.count_worker();
        }
        is_wanted
    }

    fn lock(&self) -> MutexGuard<'_, State<Job, Done>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Job, Done> State<Job, Done> {
    /// Something is about to be added to `finished`. Returns whether to notify a reader after that,
    /// which is done without the lock: one that wakes up needs it.
    fn announce(&mut self) -> bool {
        let is_first = self.finished.is_empty();
        self.wake_due |= is_first && self.is_watched;
        is_first && self.readers > 0
    }

    /// Takes the first of `finished`, and the memory that it leaves empty, for the caller to drop
    /// without the lock: that of a million jobs takes milliseconds to unmap.
    fn take_finished(&mut self) -> Option<(Finished<Job, Done>, VecDeque<Job>)> {
        if let Ended::Unsent(jobs) = self.finished.front_mut()?
            && jobs.len() > 1
        {
            let job = jobs.pop_front()?;
            return Some((Finished::Unsent(job), VecDeque::new()));
        }
        Some(match self.finished.pop_front()? {
            Ended::Called(done) => (Finished::Called(done), VecDeque::new()),
            Ended::Unsent(mut jobs) => (Finished::Unsent(jobs.pop_front()?), jobs),
        })
    }

    fn count_worker(&mut self) {
        self.workers += 1;
        self.unproven += 1;
        self.coming += 1;
    }
}

/// A worker thread's side of the board.
pub(super) struct Worker<'a, Job, Done> {
    board: &'a Board<Job, Done>,
    /// Whether it has completed a call.
    is_proven: bool,
}

impl<Job, Done> Worker<'_, Job, Done> {
    /// Hands in the result of the last job, if there is one, and waits until there is
    /// something to do.
    pub(super) fn next_task(&mut self, done: Option<Done>) -> Task<Job> {
        let mut state = self.board.lock();
        let mut is_reader_wanted = false;
        match done {
            Some(done) => {
                state.unproven -= usize::from(!self.is_proven);
                self.is_proven = true;
                state.is_short_of_threads = false;
                is_reader_wanted = state.announce();
                state.finished.push_back(Ended::Called(done));
            }
            None => state.coming -= 1,
        }
        loop {
            let task = self.board.task(&mut state);
            if task.is_none() && !is_reader_wanted {
                state.idle += 1;
                state = wait(&self.board.work, state);
                state.idle -= 1;
                continue;
            }
            // Readers are notified without the lock, which they need at once.
            state.coming += usize::from(task.is_none());
            drop(state);
            if take(&mut is_reader_wanted) {
                self.board.results.notify_one();
            }
            match task {
                Some(task) => return task,
                None => state = self.board.lock(),
            }
            state.coming -= 1;
        }
    }
}

fn wait<'a, T>(condition: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    condition
        .wait(guard)
        .unwrap_or_else(PoisonError::into_inner)
}
