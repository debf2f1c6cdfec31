//! Sequences of submit, next, cancel and free on queues, through the C functions. Each byte is a
//! step, by its value modulo the number of steps; the rest of the value is the step's argument.
//!
//! Worker threads have no network here, so that each call fails at once: with CONNECT, or with
//! CANCELLED. Whatever the sequence, each tag is returned once, and `pending` counts those missing.

#![no_main]

use std::collections::HashSet;
use std::ffi::{c_char, c_void};
use std::ptr::{null, null_mut, without_provenance_mut};

// For its C functions, which are declared below.
use diyalog as _;
use libfuzzer_sys::fuzz_target;

/// As in the header, which tests/abi holds against the library.
mod c {
    use super::*;

    pub enum Config {}
    pub enum Client {}
    pub enum Queue {}
    pub enum Completion {}
    pub enum Cancellation {}
    pub enum Error {}

    #[repr(C)]
    pub struct CallOptions {
        pub struct_size: u32,
        pub timeout_ms: u32,
        pub requester_user_id: *const c_char,
        pub cancellation: *const Cancellation,
        pub interrupt: *const c_void,
        pub interrupt_data: *mut c_void,
        pub repeatable: i32,
        pub log_level: i32,
    }

    unsafe extern "C" {
        pub fn diyalog_config_new() -> *mut Config;
        pub fn diyalog_config_free(config: *mut Config);
        pub fn diyalog_config_set_endpoint(
            config: *mut Config,
            url: *const c_char,
            error: *mut *mut Error,
        ) -> i32;
        pub fn diyalog_config_set_requester_user_id(
            config: *mut Config,
            user_id: *const c_char,
            error: *mut *mut Error,
        ) -> i32;
        pub fn diyalog_config_set_credentials(
            config: *mut Config,
            id: *const c_char,
            secret: *const c_char,
            error: *mut *mut Error,
        ) -> i32;
        pub fn diyalog_config_set_max_retries(
            config: *mut Config,
            retries: u32,
            error: *mut *mut Error,
        ) -> i32;
        pub fn diyalog_client_new(
            config: *const Config,
            client: *mut *mut Client,
            error: *mut *mut Error,
        ) -> i32;
        pub fn diyalog_client_free(client: *mut Client);
        pub fn diyalog_cancellation_new() -> *mut Cancellation;
        pub fn diyalog_cancellation_cancel(cancellation: *mut Cancellation);
        pub fn diyalog_cancellation_free(cancellation: *mut Cancellation);
        pub fn diyalog_queue_new(
            client: *const Client,
            max_in_flight: u32,
            queue: *mut *mut Queue,
            error: *mut *mut Error,
        ) -> i32;
        pub fn diyalog_queue_submit(
            queue: *mut Queue,
            customer: *const c_char,
            options: *const CallOptions,
            tag: *mut c_void,
            error: *mut *mut Error,
        ) -> i32;
        pub fn diyalog_queue_next(queue: *mut Queue, timeout_ms: u32) -> *mut Completion;
        pub fn diyalog_queue_pending(queue: *const Queue) -> usize;
        pub fn diyalog_queue_cancel(queue: *mut Queue);
        pub fn diyalog_queue_free(queue: *mut Queue);
        pub fn diyalog_completion_tag(completion: *const Completion) -> *mut c_void;
        pub fn diyalog_completion_code(completion: *const Completion) -> i32;
        pub fn diyalog_completion_status(completion: *const Completion) -> *const c_void;
        pub fn diyalog_completion_error(completion: *const Completion) -> *const Error;
        pub fn diyalog_completion_free(completion: *mut Completion);
    }
}

const INVALID_ARGUMENT: i32 = 1;
const CANCELLED: i32 = 3;
const CONNECT: i32 = 12;
const WAIT_FOREVER: u32 = u32::MAX;

fuzz_target!(|steps: &[u8]| {
    // SAFETY: by the header's rules for callers, which this program keeps.
    unsafe {
        let client = client();
        let mut run = Run::new(client);
        for step in &steps[..steps.len().min(200)] {
            run.step(step % 8, step / 8);
        }
        run.drain();
        run.free();
        c::diyalog_client_free(client);
    }
});

/// One queue, and the tags that it owes.
struct Run {
    client: *mut c::Client,
    queue: *mut c::Queue,
    cancellation: *mut c::Cancellation,
    missing: HashSet<usize>,
    next_tag: usize,
}

impl Run {
    unsafe fn new(client: *mut c::Client) -> Self {
        Run {
            client,
            queue: unsafe { queue(client, 1) },
            cancellation: unsafe { c::diyalog_cancellation_new() },
            missing: HashSet::new(),
            next_tag: 1,
        }
    }

    unsafe fn step(&mut self, what: u8, argument: u8) {
        unsafe {
            match what {
                0 | 1 => self.submit(argument),
                2 => {
                    self.take(0);
                }
                3 => {
                    self.take(argument.into());
                }
                4 => c::diyalog_queue_cancel(self.queue),
                5 => c::diyalog_cancellation_cancel(self.cancellation),
                6 => self.drain(),
                _ => {
                    // Whatever is pending is dropped; the cancellation may go before the calls.
                    self.free();
                    self.missing.clear();
                    self.queue = queue(self.client, u32::from(argument) + 1);
                    self.cancellation = c::diyalog_cancellation_new();
                }
            }
            assert!(c::diyalog_queue_pending(self.queue) == self.missing.len());
        }
    }

    unsafe fn submit(&mut self, argument: u8) {
        let options = c::CallOptions {
            struct_size: size_of::<c::CallOptions>() as u32,
            timeout_ms: 5000,
            requester_user_id: match argument & 1 {
                0 => null(),
                _ => c"45187".as_ptr(),
            },
            cancellation: match argument & 2 {
                0 => null(),
                _ => self.cancellation,
            },
            interrupt: null(),
            interrupt_data: null_mut(),
            repeatable: 0,
            log_level: -1,
        };
        let customer = match argument {
            31 => c"",
            _ => c"70022",
        };
        let tag = without_provenance_mut(self.next_tag);
        let code = unsafe {
            c::diyalog_queue_submit(self.queue, customer.as_ptr(), &options, tag, null_mut())
        };
        if argument == 31 {
            assert_eq!(code, INVALID_ARGUMENT);
        } else {
            assert_eq!(code, 0);
            self.missing.insert(self.next_tag);
            self.next_tag += 1;
        }
    }

    unsafe fn take(&mut self, timeout_ms: u32) -> bool {
        unsafe {
            let completion = c::diyalog_queue_next(self.queue, timeout_ms);
            if completion.is_null() {
                return false;
            }
            let tag = c::diyalog_completion_tag(completion).addr();
            assert!(self.missing.remove(&tag), "a tag that is not owed");
            let code = c::diyalog_completion_code(completion);
            assert!(code == CANCELLED || code == CONNECT, "{code}");
            assert!(c::diyalog_completion_status(completion).is_null());
            assert!(!c::diyalog_completion_error(completion).is_null());
            c::diyalog_completion_free(completion);
            true
        }
    }

    unsafe fn drain(&mut self) {
        while unsafe { self.take(WAIT_FOREVER) } {}
        assert!(self.missing.is_empty(), "NULL though something is pending");
    }

    unsafe fn free(&mut self) {
        unsafe {
            c::diyalog_cancellation_free(self.cancellation);
            c::diyalog_queue_free(self.queue);
        }
    }
}

unsafe fn client() -> *mut c::Client {
    unsafe {
        let config = c::diyalog_config_new();
        let mut client = null_mut();
        let (url, none) = (c"http://127.0.0.1:1".as_ptr(), null_mut());
        let codes = [
            c::diyalog_config_set_endpoint(config, url, none),
            c::diyalog_config_set_credentials(config, c"id".as_ptr(), c"secret".as_ptr(), none),
            c::diyalog_config_set_requester_user_id(config, c"45186".as_ptr(), none),
            c::diyalog_config_set_max_retries(config, 0, none),
            c::diyalog_client_new(config, &mut client, none),
        ];
        assert_eq!(codes, [0; 5]);
        c::diyalog_config_free(config);
        client
    }
}

unsafe fn queue(client: *const c::Client, max_in_flight: u32) -> *mut c::Queue {
    let mut queue = null_mut();
    let code = unsafe { c::diyalog_queue_new(client, max_in_flight, &mut queue, null_mut()) };
    assert_eq!(code, 0);
    queue
}
