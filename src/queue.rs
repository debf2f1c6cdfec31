//! Many calls in flight without blocking the caller, on worker threads of the queue's own.
//!
//! `board` is the state that callers and workers share, with its invariants. This file is what
//! happens around it: jobs, worker threads, waking, forked children.

mod board;

use std::fmt;
use std::mem::{forget, take};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use log::LevelFilter;

use self::board::{Board, Finished, Task, Wait};
use crate::call_options::CallOptions;
use crate::cancellation::Cancellation;
use crate::client::Client;
use crate::error::{Error, ErrorCode};
use crate::help_status::HelpStatus;
use crate::operation::Response;
use crate::os::{self, WakeFd, fork};
use crate::panic_guard;

/// What the board is built of; tests/queue_model.rs puts loom's in their place.
mod sync {
    pub(super) use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
    pub(super) use std::thread::yield_now;
}

/// The most calls that one queue can have in flight.
const MAX_IN_FLIGHT: u32 = 1024;

/// Log and wake callbacks of .NET and Python run on the workers, on top of a TLS handshake.
const STACK_SIZE: usize = 512 * 1024;

/// What debuggers show, cut by Linux after 15 bytes.
const THREAD_NAME: &str = "diyalog-worker";

/// A queue of calls on one client.
///
/// [`submit`](Self::submit) returns at once, worker threads make the calls, and
/// [`next`](Self::next) returns their results in the order in which they finish. Each submitted tag
/// is returned exactly once.
///
/// Workers start on demand, at most `max_in_flight`. They have asynchronous signals blocked, and log
/// lines of queued calls come on them. Dropping a queue cancels what is pending, joins the workers
/// within 100 ms and drops what was not returned.
///
/// Thread-safe. A forked child cannot use a queue that it inherits: nothing is pending there, and
/// submitting fails.
///
/// ```no_run
/// use std::sync::Arc;
/// use diyalog::{CallOptions, Client, Config, Outcome, Queue};
///
/// # let config = Config::new("https://api.bank.example");
/// let client = Arc::new(Client::new(&config)?);
/// let queue = Queue::new(client, 32)?;
/// let customers = ["70022", "70023"];
/// for (index, customer_id) in customers.iter().enumerate() {
///     queue.submit(customer_id, CallOptions::new(), index)?;
/// }
/// while let Some(completion) = queue.next(None) {
///     match completion.result {
///         Ok(Outcome::HelpStatus(status)) => println!("{}: {status:?}", customers[completion.tag]),
///         Ok(_) => {}
///         Err(error) => println!("{}: {error}", customers[completion.tag]),
///     }
/// }
/// # Ok::<(), diyalog::Error>(())
/// ```
pub struct Queue {
    /// Always there until the queue is dropped.
    shared: Option<Arc<Shared>>,
    max_in_flight: u32,
    /// The process that created it, counted in forks.
    generation: u32,
}

/// What the callers and the workers of one queue share.
struct Shared {
    client: Arc<Client>,
    board: Board<Job, Completion>,
    waker: Mutex<Waker>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// Who is woken when there are completions again.
#[derive(Clone, Default)]
struct Waker {
    callback: Option<Arc<dyn Fn() + Send + Sync>>,
    fd: Option<WakeFd>,
}

/// The end of a submitted call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Completion {
    /// The tag that the call was submitted with.
    pub tag: usize,
    /// What the call returned.
    pub result: Result<Outcome, Error>,
}

/// The result of an operation that succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// Of [`Queue::submit`].
    HelpStatus(HelpStatus),
    /// Of [`Queue::submit_post`].
    Response(Response),
}

/// A call to make, with everything it needs. A million may wait: 32 bytes, and the texts.
struct Job {
    tag: usize,
    operation: Operation,
    overrides: Option<Box<Overrides>>,
}

const _: () = assert!(size_of::<Job>() <= 4 * size_of::<usize>());

/// An operation and its arguments.
enum Operation {
    HelpStatus { customer_id: Box<str> },
    Post(Box<PostArguments>),
}

struct PostArguments {
    path: String,
    json: String,
}

/// The call options of one job.
struct Overrides {
    timeout: Option<Duration>,
    requester_user_id: Option<Box<str>>,
    cancellation: Option<Cancellation>,
    log_level: Option<LevelFilter>,
    repeatable: bool,
}

impl Queue {
    /// Creates a queue with at most `max_in_flight` calls at the same time, 1 to 1024. Starts no
    /// thread yet.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorCode::InvalidArgument) for any other number.
    pub fn new(client: Arc<Client>, max_in_flight: u32) -> Result<Self, Error> {
        if !(1..=MAX_IN_FLIGHT).contains(&max_in_flight) {
            let fault = format!("is {max_in_flight}; choose 1 to {MAX_IN_FLIGHT}");
            return Err(Error::invalid_argument("max_in_flight", fault));
        }
        Ok(Queue {
            shared: Some(Arc::new(Shared {
                client,
                board: Board::new(max_in_flight as usize),
                waker: Mutex::default(),
                threads: Mutex::default(),
            })),
            max_in_flight,
            generation: fork::generation(),
        })
    }

    /// Calls `callback` when the queue goes from having no completion to having one: then call
    /// [`next`](Self::next) with no timeout until it returns `None`.
    ///
    /// It runs on a worker with no lock held and must not use the queue: let it wake another thread.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorCode::InvalidArgument) after the first submit.
    pub fn set_wake_callback(
        &self,
        callback: impl Fn() + Send + Sync + 'static,
    ) -> Result<(), Error> {
        self.set_waker(|waker| waker.callback = Some(Arc::new(callback)))
    }

    /// Removes the callback again.
    ///
    /// # Errors
    ///
    /// As for [`set_wake_callback`](Self::set_wake_callback).
    pub fn remove_wake_callback(&self) -> Result<(), Error> {
        self.set_waker(|waker| waker.callback = None)
    }

    pub(crate) fn set_wake_fd(&self, fd: Option<WakeFd>) -> Result<(), Error> {
        self.set_waker(|waker| waker.fd = fd)
    }

    fn set_waker(&self, set: impl FnOnce(&mut Waker)) -> Result<(), Error> {
        let shared = self.of_this_process().ok_or_else(inherited)?;
        let is_set = shared.board.watch(|| {
            let mut waker = lock(&shared.waker);
            set(&mut waker);
            waker.callback.is_some() || waker.fd.is_some()
        });
        match is_set {
            true => Ok(()),
            false => Err(Error::invalid_argument(
                "queue",
                "has calls already; set how it wakes before the first submit",
            )),
        }
    }

    /// Queues a lookup; see [`Client::is_customer_in_online_help_with`]. Never blocks.
    ///
    /// `tag` comes back in the [`Completion`]. The arguments are copied. The call's timeout starts
    /// when a worker begins the call: the time that it waits in the queue does not count.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorCode::InvalidArgument), as the lookup itself, or in a forked child;
    /// [`Internal`](ErrorCode::Internal) if not a single worker thread can be started. Nothing is
    /// queued then.
    pub fn submit(&self, customer_id: &str, options: CallOptions, tag: usize) -> Result<(), Error> {
        let operation = Operation::HelpStatus {
            customer_id: customer_id.into(),
        };
        self.enqueue(operation, options, tag, |client| {
            client.validate(customer_id, options)
        })
    }

    /// Queues a post; see [`Client::post_with`]. Never blocks. Everything else is as for
    /// [`submit`](Self::submit).
    ///
    /// # Errors
    ///
    /// As for [`submit`](Self::submit).
    pub fn submit_post(
        &self,
        path: &str,
        json: &str,
        options: CallOptions,
        tag: usize,
    ) -> Result<(), Error> {
        let operation = Operation::Post(Box::new(PostArguments {
            path: path.to_owned(),
            json: json.to_owned(),
        }));
        self.enqueue(operation, options, tag, |client| {
            client.validate_post(path, json, options)
        })
    }

    fn enqueue(
        &self,
        operation: Operation,
        options: CallOptions,
        tag: usize,
        validate: impl FnOnce(&Client) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let shared = self.of_this_process().ok_or_else(inherited)?;
        if options.interrupt.is_some() {
            return Err(Error::invalid_argument(
                "interrupt",
                "needs a calling thread, which a queued call does not have; use cancellation",
            ));
        }
        validate(&shared.client)?;
        let job = Job {
            tag,
            operation,
            overrides: Overrides::of(options),
        };
        shared.board.submit(job, || start_worker(shared))
    }

    /// Returns the next completion, in the order in which the calls finished.
    ///
    /// With a timeout it waits that long, even if nothing is pending: something may be submitted
    /// meanwhile. Zero polls. `None` waits as long as something is pending, and returns `None` only
    /// if nothing is.
    pub fn next(&self, timeout: Option<Duration>) -> Option<Completion> {
        let wait = timeout.map_or(Wait::Forever, Wait::For);
        let finished = self.of_this_process()?.board.next(wait)?;
        Some(match finished {
            Finished::Called(completion) => completion,
            Finished::Unsent(job) => Completion {
                tag: job.tag,
                result: Err(Error::cancelled_unsent()),
            },
        })
    }

    /// Returns the number of calls submitted and not yet returned by [`next`](Self::next).
    pub fn pending(&self) -> usize {
        let shared = self.of_this_process();
        shared.map_or(0, |shared| shared.board.pending())
    }

    /// Cancels everything that was submitted before: it completes with
    /// [`Cancelled`](ErrorCode::Cancelled) within 100 ms. Completions that are there already keep
    /// their result. The queue stays usable.
    pub fn cancel(&self) {
        if let Some(shared) = self.of_this_process() {
            shared.board.cancel();
        }
    }

    /// `None` in a forked child, where locks may be held by threads that do not exist.
    fn of_this_process(&self) -> Option<&Arc<Shared>> {
        let shared = self.shared.as_ref();
        shared.filter(|_| self.generation == fork::generation())
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        let Some(shared) = take(&mut self.shared) else {
            return;
        };
        if self.generation != fork::generation() {
            // In a forked child there are no workers to join, and its copy of the locks may be held.
            forget(shared);
            return;
        }
        drop(shared.board.close());
        // Each worker that is still alive is in the list: the one that started it added it.
        while let Some(worker) = pop(&shared.threads) {
            // Workers catch panics.
            let _ = worker.join();
        }
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Queue({} in flight)", self.max_in_flight)
    }
}

fn inherited() -> Error {
    Error::invalid_argument(
        "queue",
        "was inherited through fork(); create a queue in the child process",
    )
}

fn start_worker(shared: &Arc<Shared>) -> Result<(), Error> {
    let thread = thread::Builder::new()
        .name(THREAD_NAME.to_owned())
        .stack_size(STACK_SIZE);
    let of_worker = Arc::clone(shared);
    match os::with_signals_blocked(|| thread.spawn(move || work(&of_worker))) {
        Ok(worker) => {
            lock(&shared.threads).push(worker);
            Ok(())
        }
        Err(error) => Err(Error::new(
            ErrorCode::Internal,
            format!(
                "the queue cannot start a thread ({error}); raise the limit of threads, or end some"
            ),
        )),
    }
}

/// What a worker thread does until the queue is dropped.
fn work(shared: &Arc<Shared>) {
    let mut worker = shared.board.worker();
    let mut done = None;
    loop {
        match worker.next_task(done.take()) {
            Task::Call(job, cancellation) => {
                done = Some(job.run(&shared.client, &cancellation));
            }
            Task::Wake => shared.wake(),
            Task::StartWorker => {
                if start_worker(shared).is_err() {
                    // Those that run go on.
                    shared.board.uncount_worker();
                }
            }
            Task::Quit => return,
        }
    }
}

impl Shared {
    fn wake(&self) {
        let waker = lock(&self.waker).clone();
        if let Some(callback) = waker.callback {
            // The program's own panic, which its panic hook has reported.
            let _ = catch_unwind(AssertUnwindSafe(|| callback()));
        }
        if let Some(fd) = waker.fd {
            os::wake(fd);
        }
    }
}

impl Job {
    fn run(self, client: &Client, of_queue: &Cancellation) -> Completion {
        let result = panic_guard::catch(|| {
            let mut options = self
                .overrides
                .as_deref()
                .map_or_else(CallOptions::new, Overrides::options);
            options.queue_cancellation = Some(of_queue);
            match &self.operation {
                Operation::HelpStatus { customer_id } => client
                    .is_customer_in_online_help_with(customer_id, options)
                    .map(Outcome::HelpStatus),
                Operation::Post(post) => client
                    .post_with(&post.path, &post.json, options)
                    .map(Outcome::Response),
            }
        });
        Completion {
            tag: self.tag,
            result: result.and_then(|result| result),
        }
    }
}

impl Overrides {
    /// `None` if nothing differs from the client's settings.
    fn of(options: CallOptions) -> Option<Box<Self>> {
        let overrides = Overrides {
            timeout: options.timeout,
            requester_user_id: options.requester_user_id.map(Box::from),
            cancellation: options.cancellation.cloned(),
            log_level: options.log_level,
            repeatable: options.repeatable,
        };
        let is_any = overrides.timeout.is_some()
            || overrides.requester_user_id.is_some()
            || overrides.cancellation.is_some()
            || overrides.log_level.is_some()
            || overrides.repeatable;
        is_any.then(|| Box::new(overrides))
    }

    fn options(&self) -> CallOptions<'_> {
        let mut options = CallOptions::new();
        options.timeout = self.timeout;
        options.requester_user_id = self.requester_user_id.as_deref();
        options.cancellation = self.cancellation.as_ref();
        options.log_level = self.log_level;
        options.repeatable = self.repeatable;
        options
    }
}

/// Nothing here is left half-changed by a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn pop<T>(list: &Mutex<Vec<T>>) -> Option<T> {
    lock(list).pop()
}
