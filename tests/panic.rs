//! A panic inside a call, seen from C: INTERNAL with a message, nothing on stderr, and the client
//! and its pool go on.
//!
//! The hook is a logger: ureq and this library log at every step of a lookup, on the thread that
//! makes it, so a logger that panics is a panic at that step. The library has no other code for it.

mod support;

use std::cell::Cell;
use std::ffi::{CStr, CString, c_char, c_void};
use std::process::Command;
use std::ptr::{null, null_mut};
use std::sync::Mutex;

use diyalog_sandbox::{
    CannedAnswer, DEFAULT_ACCESS_KEY_ID, DEFAULT_ACCESS_KEY_SECRET, Fault, Sandbox,
};
use log::{LevelFilter, Log, Metadata, Record};

use support::{CUSTOMER, sandbox, wait_until};

// The C interface, as a C program declares and links it.
unsafe extern "C" {
    fn diyalog_config_new() -> *mut c_void;
    fn diyalog_config_free(config: *mut c_void);
    fn diyalog_config_set_endpoint(
        config: *mut c_void,
        url: *const c_char,
        error: *mut *mut c_void,
    ) -> i32;
    fn diyalog_config_set_credentials(
        config: *mut c_void,
        id: *const c_char,
        secret: *const c_char,
        error: *mut *mut c_void,
    ) -> i32;
    fn diyalog_config_set_requester_user_id(
        config: *mut c_void,
        id: *const c_char,
        error: *mut *mut c_void,
    ) -> i32;
    fn diyalog_client_new(
        config: *const c_void,
        client: *mut *mut c_void,
        error: *mut *mut c_void,
    ) -> i32;
    fn diyalog_client_free(client: *mut c_void);
    fn diyalog_client_is_customer_in_online_help(
        client: *const c_void,
        customer_id: *const c_char,
        options: *const c_void,
        status: *mut Status,
        error: *mut *mut c_void,
    ) -> i32;
    fn diyalog_help_status_clear(status: *mut Status);
    fn diyalog_error_code(error: *const c_void) -> i32;
    fn diyalog_error_message(error: *const c_void) -> *const c_char;
    fn diyalog_error_is_retryable(error: *const c_void) -> i32;
    fn diyalog_error_free(error: *mut c_void);
}

/// diyalog_help_status.
#[repr(C)]
struct Status {
    struct_size: u32,
    is_in_help: i32,
    help_type: i32,
    error_code: i32,
    help_type_text: *mut c_char,
    staff_id: *mut c_char,
}

const INTERNAL: i32 = 90;

struct Client(*mut c_void);

// SAFETY: the header promises it.
unsafe impl Sync for Client {}

impl Client {
    fn of(sandbox: &Sandbox) -> Self {
        let text = |text: &str| CString::new(text).unwrap();
        let url = text(sandbox.url());
        let id = text(DEFAULT_ACCESS_KEY_ID);
        let secret = text(DEFAULT_ACCESS_KEY_SECRET);
        let mut client = null_mut();
        let none = null_mut;
        // SAFETY: by the rules of the header.
        unsafe {
            let config = diyalog_config_new();
            assert_eq!(diyalog_config_set_endpoint(config, url.as_ptr(), none()), 0);
            let set = diyalog_config_set_credentials(config, id.as_ptr(), secret.as_ptr(), none());
            assert_eq!(set, 0);
            let set = diyalog_config_set_requester_user_id(config, c"45186".as_ptr(), none());
            assert_eq!(set, 0);
            assert_eq!(diyalog_client_new(config, &mut client, none()), 0);
            diyalog_config_free(config);
        }
        Client(client)
    }

    /// The answer's staff, or code and message of the error.
    fn ask(&self) -> Result<String, (i32, String)> {
        let customer = CString::new(CUSTOMER).unwrap();
        let mut status = Status {
            struct_size: u32::try_from(size_of::<Status>()).unwrap(),
            is_in_help: -1,
            help_type: -1,
            error_code: -1,
            help_type_text: null_mut(),
            staff_id: null_mut(),
        };
        let mut error = null_mut();
        // SAFETY: by the rules of the header.
        unsafe {
            let code = diyalog_client_is_customer_in_online_help(
                self.0,
                customer.as_ptr(),
                null(),
                &mut status,
                &mut error,
            );
            if code == 0 {
                assert!(error.is_null());
                let staff = CStr::from_ptr(status.staff_id).to_str().unwrap().to_owned();
                diyalog_help_status_clear(&mut status);
                return Ok(staff);
            }
            assert_eq!(status.is_in_help, -1, "the status is left as it was");
            assert_eq!(diyalog_error_code(error), code);
            assert_eq!(diyalog_error_is_retryable(error), 0);
            let message = CStr::from_ptr(diyalog_error_message(error));
            let message = message.to_str().unwrap().to_owned();
            diyalog_error_free(error);
            Err((code, message))
        }
    }

    #[track_caller]
    fn answers(&self) {
        assert_eq!(self.ask().as_deref(), Ok("45001"));
    }

    #[track_caller]
    fn panics(&self, step: &'static str) {
        STEP.set(Some(step));
        let outcome = self.ask();
        assert_eq!(STEP.take(), None, "{step} was not logged");
        let (code, message) = outcome.expect_err("a panic");
        assert_eq!(code, INTERNAL, "{message}");
        for part in ["a bug in diyalog", "on purpose, at", step, "report it"] {
            assert!(message.contains(part), "no \"{part}\" in: {message}");
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // SAFETY: made by diyalog_client_new, and not used again.
        unsafe { diyalog_client_free(self.0) };
    }
}

thread_local! {
    /// The next line of this thread that holds this text panics.
    static STEP: Cell<Option<&'static str>> = const { Cell::new(None) };
}

struct Panics;

impl Log for Panics {
    fn enabled(&self, _: &Metadata) -> bool {
        STEP.get().is_some()
    }

    fn log(&self, record: &Record) {
        let line = record.args().to_string();
        if let Some(step) = STEP.get()
            && line.contains(step)
        {
            STEP.set(None);
            panic!("on purpose, at {step}");
        }
    }

    fn flush(&self) {}
}

/// Steps of a lookup on a connection that has served before, by what is logged there.
const STEPS: [&str; 5] = [
    "POST http",    // before anything
    "Use pooled",   // inside ureq's pool, which is locked
    "Request {",    // with the connection in hand, nothing sent yet
    "Response {",   // with the head of the answer read
    "answered 200", // after it all
];

/// True in a process of its own, whose stderr must stay empty. Outside, it runs the test of this
/// name in there, and the caller is to return.
fn is_quiet_inside(test: &str) -> bool {
    const INSIDE: &str = "DIYALOG_TEST_PANICS";
    static ONCE: Mutex<bool> = Mutex::new(false);
    if std::env::var(INSIDE).is_ok_and(|inside| inside == test) {
        let mut is_set = ONCE.lock().unwrap();
        if !*is_set {
            log::set_logger(&Panics).expect("the first logger");
            log::set_max_level(LevelFilter::Trace);
            *is_set = true;
        }
        return true;
    }
    let program = std::env::current_exe().expect("this test's program");
    let output = Command::new(program)
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, test)
        .output()
        .expect("the test's program runs");
    let (told, cried) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{told}{cried}");
    assert_eq!(cried, "", "stderr belongs to the program");
    false
}

#[test]
fn at_every_step_it_is_internal_and_the_client_goes_on() {
    if !is_quiet_inside("at_every_step_it_is_internal_and_the_client_goes_on") {
        return;
    }
    let sandbox = sandbox();
    let client = Client::of(&sandbox);
    for step in STEPS {
        for _ in 0..3 {
            client.answers();
            client.panics(step);
        }
        client.answers();
    }
    // No connection is lost for good: the pool still keeps one for the next lookup.
    let before = sandbox.connection_count();
    for _ in 0..10 {
        client.answers();
    }
    assert_eq!(sandbox.connection_count(), before);
    drop(client);
    wait_until("every connection is closed", || {
        sandbox.open_connections() == 0
    });
}

#[test]
fn on_a_new_connection_too() {
    if !is_quiet_inside("on_a_new_connection_too") {
        return;
    }
    let sandbox = sandbox();
    for step in STEPS {
        if step != "Use pooled" {
            let client = Client::of(&sandbox);
            client.panics(step);
            client.answers();
        }
    }
}

/// What a retry and an error do, between attempts and after the last.
#[test]
fn between_attempts_too() {
    if !is_quiet_inside("between_attempts_too") {
        return;
    }
    let sandbox = sandbox();
    let client = Client::of(&sandbox);
    for (fault, step) in [
        (Fault::from(CannedAnswer::new(503)), "trying again"),
        (Fault::from(CannedAnswer::new(404)), "404"),
        (Fault::CloseAfter, "Return to pool"),
    ] {
        sandbox.push_fault(fault);
        client.panics(step);
        sandbox.clear_faults();
        client.answers();
    }
}

/// Lookups of other threads on the same client do not notice, also those that hold a connection
/// at that moment.
#[test]
fn other_threads_do_not_notice() {
    if !is_quiet_inside("other_threads_do_not_notice") {
        return;
    }
    let sandbox = sandbox();
    let client = Client::of(&sandbox);
    client.answers();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| (0..200).for_each(|_| client.answers()));
        }
        scope.spawn(|| {
            // One that locks the pool may take those along who wait for the lock.
            let steps = STEPS.iter().filter(|step| **step != "Use pooled");
            steps.cycle().take(100).for_each(|step| client.panics(step));
        });
    });
    client.answers();
}
