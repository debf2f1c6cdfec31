//! The queue against the sandbox: exactly once, in the order of finishing, in bounds.

mod support;

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use diyalog::{CallOptions, Cancellation, Client, Completion, ErrorCode, Outcome, Queue};
use diyalog_sandbox::{Fault, Sandbox};
use log::{LevelFilter, Log, Metadata, Record};

use support::raw;
use support::{CUSTOMER, assert_answers, client, client_of, config, sandbox, wait_until};

fn queue_on(sandbox: &Sandbox, max_in_flight: u32) -> Queue {
    queue_of(&Arc::new(client_of(sandbox)), max_in_flight)
}

fn queue_of(client: &Arc<Client>, max_in_flight: u32) -> Queue {
    Queue::new(Arc::clone(client), max_in_flight).expect("a number that is allowed")
}

#[track_caller]
fn submit(queue: &Queue, tag: usize) {
    queue
        .submit(CUSTOMER, CallOptions::new(), tag)
        .expect("arguments that are allowed");
}

/// Everything that is pending.
fn drain(queue: &Queue) -> Vec<Completion> {
    std::iter::from_fn(|| queue.next(None)).collect()
}

#[track_caller]
fn assert_tags_once(completions: &[Completion], count: usize) {
    let tags: HashSet<usize> = completions.iter().map(|it| it.tag).collect();
    assert_eq!((completions.len(), tags.len()), (count, count));
    assert!(tags.iter().all(|tag| *tag < count));
}

fn staff(completion: &Completion) -> Option<&str> {
    match completion.result.as_ref().expect("a response") {
        Outcome::HelpStatus(status) => status.staff_id.as_deref(),
        other => panic!("{other:?}"),
    }
}

fn code(completion: &Completion) -> Option<ErrorCode> {
    let error = completion.result.as_ref().err();
    error.map(diyalog::Error::code)
}

#[test]
fn every_tag_comes_back_once_with_its_own_status_under_load() {
    const SUBMITTERS: usize = 4;
    const EACH: usize = 500;
    let customers = [
        ("70022", Some("45001")),
        ("70023", Some("45002")),
        ("70024", None),
    ];
    let sandbox = sandbox();
    let config = config(sandbox.url()).max_idle_connections(64);
    let queue = queue_of(&Arc::new(client(&config)), 64);
    sandbox.push_fault_times(Fault::Delay { milliseconds: 5 }, 300);
    let submitted = AtomicBool::new(false);
    let completions = Mutex::new(Vec::new());
    thread::scope(|scope| {
        let submitters: Vec<_> = (0..SUBMITTERS)
            .map(|part| {
                let queue = &queue;
                scope.spawn(move || {
                    for tag in part * EACH..(part + 1) * EACH {
                        let customer = customers[tag % 3].0;
                        queue.submit(customer, CallOptions::new(), tag).unwrap();
                    }
                })
            })
            .collect();
        for _ in 0..3 {
            scope.spawn(|| {
                while !submitted.load(Ordering::SeqCst) || queue.pending() > 0 {
                    if let Some(completion) = queue.next(Some(Duration::from_millis(20))) {
                        completions.lock().unwrap().push(completion);
                    }
                }
            });
        }
        for submitter in submitters {
            submitter.join().unwrap();
        }
        submitted.store(true, Ordering::SeqCst);
    });
    let completions = completions.into_inner().unwrap();
    assert_tags_once(&completions, SUBMITTERS * EACH);
    for completion in &completions {
        assert_eq!(staff(completion), customers[completion.tag % 3].1);
    }
    assert_eq!(sandbox.request_count(), (SUBMITTERS * EACH) as u64);
    assert!(sandbox.connection_count() <= 64);
}

#[test]
fn completions_come_in_the_order_in_which_calls_finish() {
    let sandbox = sandbox();
    let queue = queue_on(&sandbox, 2);
    sandbox.push_fault(Fault::Delay { milliseconds: 500 });
    submit(&queue, 0);
    wait_until("the slow one is under way", || sandbox.request_count() == 1);
    submit(&queue, 1);
    submit(&queue, 2);
    let tags: Vec<_> = drain(&queue).iter().map(|it| it.tag).collect();
    assert_eq!(tags, [1, 2, 0]);
}

#[test]
fn at_most_32_workers_have_not_completed_a_call() {
    let sandbox = sandbox();
    let queue = queue_on(&sandbox, 512);
    sandbox.push_fault_times(Fault::Delay { milliseconds: 700 }, 32);
    for tag in 0..200 {
        submit(&queue, tag);
    }
    wait_until("the first are under way", || sandbox.request_count() == 32);
    assert_eq!(sandbox.connection_count(), 32);
    assert!(queue.next(Some(Duration::ZERO)).is_none());
    assert_tags_once(&drain(&queue), 200);
}

/// Of a queue of 512, so many calls are under way, and hang.
fn hang(sandbox: &Sandbox, queue: &Queue, calls: usize) {
    // Workers come one by one as others complete their first call.
    sandbox.push_fault_times(Fault::Delay { milliseconds: 20 }, 2500);
    for tag in 0..2500 {
        submit(queue, tag);
    }
    drain(queue);
    assert!(sandbox.connection_count() >= calls as u64);
    let before = sandbox.request_count();
    sandbox.push_fault_times(Fault::Delay { milliseconds: 2000 }, calls as u32);
    for tag in 0..calls {
        submit(queue, tag);
    }
    wait_until("all are under way", || {
        sandbox.request_count() == before + calls as u64
    });
}

#[test]
fn a_blocking_call_beside_300_in_flight_is_not_starved() {
    let sandbox = sandbox();
    let client = Arc::new(client_of(&sandbox));
    let queue = queue_of(&client, 512);
    hang(&sandbox, &queue, 300);
    assert_answers(&client);
    assert!(queue.next(Some(Duration::ZERO)).is_none());
    assert_eq!(queue.pending(), 300);
    // One more finds a worker, and is not behind them either.
    submit(&queue, 300);
    assert_eq!(queue.next(None).map(|it| it.tag), Some(300));
    assert_eq!(drain(&queue).len(), 300);
}

#[test]
fn a_poll_returns_at_once_and_a_timeout_is_waited_for_in_full() {
    let sandbox = sandbox();
    let queue = queue_on(&sandbox, 1);
    assert!(queue.next(None).is_none(), "nothing is pending");
    let before = Instant::now();
    assert!(queue.next(Some(Duration::from_millis(300))).is_none());
    assert!(before.elapsed() >= Duration::from_millis(300));
    // What is submitted meanwhile counts.
    thread::scope(|scope| {
        let reader = scope.spawn(|| queue.next(Some(Duration::MAX)));
        submit(&queue, 7);
        let completion = reader.join().unwrap().expect("a completion");
        assert_eq!(completion.tag, 7);
    });
}

#[test]
fn a_queued_call_has_its_own_options() {
    let sandbox = sandbox();
    let queue = queue_on(&sandbox, 1);
    {
        let requester = String::from("45999");
        let options = CallOptions::new().requester_user_id(&requester);
        queue.submit(CUSTOMER, options, 0).unwrap();
    }
    assert_eq!(code(&queue.next(None).unwrap()), None);
    assert_eq!(
        sandbox.requests()[0].header("x-dlg-requester-userid"),
        Some("45999")
    );

    sandbox.push_fault(Fault::Silence);
    let hurried = CallOptions::new().timeout(Duration::from_millis(100));
    queue.submit(CUSTOMER, hurried, 1).unwrap();
    let completion = queue.next(None).unwrap();
    assert_eq!(code(&completion), Some(ErrorCode::Timeout));

    let cancelled = Cancellation::new();
    cancelled.cancel();
    let before = sandbox.request_count();
    let options = CallOptions::new().cancellation(&cancelled);
    queue.submit(CUSTOMER, options, 2).unwrap();
    let completion = queue.next(None).unwrap();
    assert_eq!(code(&completion), Some(ErrorCode::Cancelled));
    assert_eq!(sandbox.request_count(), before);
}

/// As many calls as a queue has in flight wait for a server that never answers.
fn hang_for_ever(sandbox: &Sandbox, queue: &Queue, calls: usize) {
    sandbox.push_fault_times(Fault::Silence, calls as u32);
    for tag in 0..calls {
        submit(queue, tag);
    }
    wait_until("all are under way", || {
        sandbox.request_count() == calls as u64
    });
}

/// Well before the calls' own deadline of 30 s: the machine that tests may be busy.
#[track_caller]
fn assert_soon(since: Instant) {
    let elapsed = since.elapsed();
    println!("{elapsed:?}");
    assert!(elapsed < Duration::from_secs(5), "{elapsed:?}");
}

#[test]
fn cancel_ends_calls_under_way_and_the_queue_stays_usable() {
    let sandbox = sandbox();
    let queue = queue_on(&sandbox, 32);
    hang_for_ever(&sandbox, &queue, 32);
    submit(&queue, 32);
    let before = Instant::now();
    queue.cancel();
    let completions = drain(&queue);
    assert_soon(before);
    assert_tags_once(&completions, 33);
    let codes: HashSet<_> = completions.iter().map(code).collect();
    assert_eq!(codes, HashSet::from([Some(ErrorCode::Cancelled)]));
    assert_eq!(completions[0].tag, 32, "the unsent one ended first");
    submit(&queue, 33);
    assert_eq!(staff(&queue.next(None).unwrap()), Some("45001"));
}

#[test]
fn a_cancellation_ends_its_own_calls_only() {
    let sandbox = sandbox();
    let queue = queue_on(&sandbox, 2);
    sandbox.push_fault(Fault::Silence);
    sandbox.push_fault(Fault::Delay { milliseconds: 500 });
    let cancellation = Cancellation::new();
    let options = CallOptions::new().cancellation(&cancellation);
    queue.submit(CUSTOMER, options, 0).unwrap();
    wait_until("the first is under way", || sandbox.request_count() == 1);
    submit(&queue, 1);
    wait_until("so is the second", || sandbox.request_count() == 2);
    cancellation.cancel();
    let [first, second] = [(); 2].map(|()| queue.next(None).unwrap());
    assert_eq!((first.tag, code(&first)), (0, Some(ErrorCode::Cancelled)));
    assert_eq!((second.tag, code(&second)), (1, None));
}

#[test]
fn dropping_a_queue_ends_calls_under_way() {
    let sandbox = sandbox();
    let queue = queue_on(&sandbox, 32);
    hang_for_ever(&sandbox, &queue, 32);
    let before = Instant::now();
    drop(queue);
    assert_soon(before);
}

/// In each phase, and with more workers than may open their first connection at once.
#[test]
fn dropping_a_queue_with_512_calls_that_hang_takes_at_most_100_ms() {
    let (server, full) = (raw::silent(), raw::full_accept_queue());
    let phases = [
        server.url("http"),
        server.url("https"),
        format!("http://{}", full.address),
    ];
    for url in phases {
        let client = Arc::new(client(&config(&url)));
        // A busy machine may hold this process up: a queue that is late by itself is so every time.
        let late: Vec<Duration> = (0..3)
            .map(|_| {
                let (queue, accepted) = (queue_of(&client, 512), server.accepted());
                for tag in 0..512 {
                    submit(&queue, tag);
                }
                if !url.ends_with(&full.address.to_string()) {
                    wait_until("32 hang", || server.accepted() >= accepted + 32);
                }
                thread::sleep(Duration::from_millis(50));
                let before = Instant::now();
                drop(queue);
                before.elapsed()
            })
            .take_while(|late| *late > Duration::from_millis(100))
            .collect();
        assert!(late.len() < 3, "{url}: {late:?}");
    }
}

/// A million waiting submissions cost at most 200 bytes each, and cancelling them is quick.
#[cfg(target_os = "linux")]
#[test]
fn a_million_waiting_ids_cost_at_most_200_bytes_each() {
    const MILLION: usize = 1_000_000;
    if !support::has_environment("a_million_waiting_ids_cost_at_most_200_bytes_each", &[]) {
        return;
    }
    let sandbox = sandbox();
    let queue = queue_on(&sandbox, 1);
    sandbox.push_fault(Fault::Delay {
        milliseconds: 30_000,
    });
    let before = resident_kb();
    for tag in 0..MILLION {
        // 0 to 9 digits more than the shortest number.
        queue
            .submit(&format!("700{tag}"), CallOptions::new(), tag)
            .unwrap();
    }
    let bytes_each = (resident_kb() - before) * 1024 / MILLION;
    assert!(bytes_each <= 200, "{bytes_each} bytes for each id");
    assert_eq!(queue.pending(), MILLION);

    let before = Instant::now();
    queue.cancel();
    let cancelling = before.elapsed();
    let mut seen = vec![false; MILLION];
    for _ in 1..MILLION {
        let completion = queue
            .next(Some(Duration::ZERO))
            .expect("unsent ones are there");
        assert_eq!(code(&completion), Some(ErrorCode::Cancelled));
        assert!(!std::mem::replace(&mut seen[completion.tag], true));
    }
    assert!(!seen[0], "the first one is with the worker");
    // A step for each id would take 160 ms.
    assert!(cancelling < Duration::from_millis(50), "{cancelling:?}");
    eprintln!("{bytes_each} bytes for each id, cancelled in {cancelling:?}");
}

#[cfg(target_os = "linux")]
fn resident_kb() -> usize {
    status_number("VmRSS:")
}

#[cfg(target_os = "linux")]
fn status_number(name: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// The names and number of this process's workers.
#[cfg(target_os = "linux")]
fn workers() -> usize {
    let threads = std::fs::read_dir("/proc/self/task").unwrap();
    threads
        .filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("comm")).ok())
        .filter(|name| name.trim_end() == "diyalog-worker")
        .count()
}

#[cfg(target_os = "linux")]
#[test]
fn workers_start_on_demand_are_named_and_end_with_the_queue() {
    if !support::has_environment(
        "workers_start_on_demand_are_named_and_end_with_the_queue",
        &[],
    ) {
        return;
    }
    let sandbox = sandbox();
    let queue = queue_on(&sandbox, 8);
    assert_eq!(workers(), 0);
    for tag in 0..5 {
        submit(&queue, tag);
        drain(&queue);
    }
    assert_eq!(workers(), 1, "one at a time needs one worker");
    sandbox.push_fault_times(Fault::Delay { milliseconds: 100 }, 20);
    for tag in 0..20 {
        submit(&queue, tag);
    }
    drain(&queue);
    assert_eq!(workers(), 8);
    drop(queue);
    assert_eq!(workers(), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn submit_fails_and_queues_nothing_if_no_worker_can_be_started() {
    if !support::has_environment(
        "submit_fails_and_queues_nothing_if_no_worker_can_be_started",
        &[],
    ) {
        return;
    }
    let sandbox = sandbox();
    let queue = queue_on(&sandbox, 2);
    limit_address_space(status_number("VmSize:") + 256);
    let error = queue
        .submit(CUSTOMER, CallOptions::new(), 0)
        .expect_err("there is no room for a stack");
    limit_address_space(usize::MAX);
    assert_eq!(error.code(), ErrorCode::Internal);
    assert!(error.message().contains("cannot start a thread"), "{error}");
    assert_eq!(queue.pending(), 0);
    submit(&queue, 1);
    assert_eq!(drain(&queue).len(), 1);
}

#[cfg(target_os = "linux")]
fn limit_address_space(kilobytes: usize) {
    let limit = libc::rlimit {
        rlim_cur: (kilobytes as u64).saturating_mul(1024),
        rlim_max: libc::RLIM_INFINITY,
    };
    // SAFETY: reads the struct only.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &limit) }, 0);
}

#[test]
fn the_wake_callback_may_panic() {
    let sandbox = sandbox();
    let queue = queue_on(&sandbox, 1);
    let wakes = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&wakes);
    queue
        .set_wake_callback(move || {
            counter.fetch_add(1, Ordering::SeqCst);
            panic!("on purpose, in the program's callback");
        })
        .unwrap();
    for tag in 0..3 {
        submit(&queue, tag);
        assert!(queue.next(None).is_some());
    }
    wait_until("each was announced", || wakes.load(Ordering::SeqCst) == 3);
    assert!(queue.remove_wake_callback().is_err(), "after a submit");
}

/// Panics at each line about one server.
struct Panics(Mutex<Option<String>>);

static PANICS: Panics = Panics(Mutex::new(None));

impl Log for Panics {
    fn enabled(&self, metadata: &Metadata) -> bool {
        metadata.target() == "diyalog"
    }

    fn log(&self, record: &Record) {
        let server = self.0.lock().unwrap().clone();
        if server.is_some_and(|server| record.args().to_string().contains(&server)) {
            panic!("on purpose");
        }
    }

    fn flush(&self) {}
}

#[test]
fn a_panic_in_a_call_completes_its_tag_with_internal() {
    let sandbox = sandbox();
    let queue = queue_on(&sandbox, 1);
    *PANICS.0.lock().unwrap() = Some(sandbox.address().to_string());
    log::set_logger(&PANICS).unwrap();
    log::set_max_level(LevelFilter::Debug);
    submit(&queue, 5);
    let completion = queue.next(None).unwrap();
    assert_eq!(
        (completion.tag, code(&completion)),
        (5, Some(ErrorCode::Internal))
    );
    *PANICS.0.lock().unwrap() = None;
    submit(&queue, 6);
    assert_eq!(staff(&queue.next(None).unwrap()), Some("45001"));
}

#[test]
fn only_1_to_1024_can_be_in_flight() {
    let client = Arc::new(client_of(&sandbox()));
    for wrong in [0, 1025, u32::MAX] {
        let error = Queue::new(Arc::clone(&client), wrong).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidArgument, "{error}");
    }
    for right in [1, 1024] {
        queue_of(&client, right);
    }
}
