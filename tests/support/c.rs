//! The C interface, called as from a C program.

use std::ffi::{CStr, CString, c_char, c_void};
use std::path::Path;
use std::ptr::{null, null_mut};
use std::sync::Mutex;

use diyalog::ffi::*;
use diyalog_sandbox::{DEFAULT_ACCESS_KEY_ID, DEFAULT_ACCESS_KEY_SECRET};

use super::CUSTOMER;

/// The settings of one test; the others are the same for all.
#[derive(Default)]
pub struct Settings<'a> {
    pub url: &'a str,
    pub ca_file: Option<&'a Path>,
    pub proxy: Option<&'a str>,
    /// 0 for the default.
    pub timeout_ms: u32,
    /// Receives every log line.
    pub lines: Option<&'a Mutex<Vec<String>>>,
}

/// An error, as C sees it.
#[derive(Debug)]
pub struct Failure {
    pub code: i32,
    pub message: String,
    pub is_retryable: bool,
}

/// A diyalog_client.
pub struct Client(*mut diyalog_client);

// SAFETY: the header promises it.
unsafe impl Sync for Client {}

/// # Safety
///
/// `user_data` is the lines of the settings.
unsafe extern "C" fn keep_line(_: i32, message: *const c_char, user_data: *mut c_void) {
    // SAFETY: the caller's promise, and the header's about the text.
    let (lines, message) = unsafe {
        let lines = user_data.cast::<Mutex<Vec<String>>>();
        (&*lines, CStr::from_ptr(message))
    };
    let line = message.to_str().expect("UTF-8").to_owned();
    lines.lock().unwrap().push(line);
}

impl Client {
    /// The lines of the settings must outlive the client.
    pub fn new(settings: &Settings) -> Self {
        let text = |text: &str| CString::new(text).unwrap();
        let url = text(settings.url);
        let (id, secret) = (text(DEFAULT_ACCESS_KEY_ID), text(DEFAULT_ACCESS_KEY_SECRET));
        let none: *mut *mut diyalog_error = null_mut();
        let mut client = null_mut();
        // SAFETY: by the rules of the header.
        unsafe {
            let config = diyalog_config_new();
            let mut codes = vec![
                diyalog_config_set_endpoint(config, url.as_ptr(), none),
                diyalog_config_set_credentials(config, id.as_ptr(), secret.as_ptr(), none),
                diyalog_config_set_requester_user_id(config, c"45186".as_ptr(), none),
            ];
            if let Some(path) = settings.ca_file {
                let path = text(path.to_str().expect("is text"));
                codes.push(diyalog_config_set_ca_file(config, path.as_ptr(), none));
            }
            if let Some(proxy) = settings.proxy {
                let proxy = text(proxy);
                codes.push(diyalog_config_set_proxy(config, proxy.as_ptr(), none));
            }
            if settings.timeout_ms > 0 {
                codes.push(diyalog_config_set_timeout_ms(
                    config,
                    settings.timeout_ms,
                    none,
                ));
            }
            if let Some(lines) = settings.lines {
                codes.push(diyalog_config_set_log_callback(
                    config,
                    Some(keep_line),
                    std::ptr::from_ref(lines).cast_mut().cast(),
                    DIYALOG_LOG_DEBUG,
                    none,
                ));
            }
            codes.push(diyalog_client_new(config, &mut client, none));
            assert!(codes.iter().all(|code| *code == 0), "{codes:?}");
            diyalog_config_free(config);
        }
        Client(client)
    }

    pub fn of(url: &str) -> Self {
        Client::new(&Settings {
            url,
            ..Settings::default()
        })
    }

    /// Looks up a customer; returns the staff id or the error.
    pub fn ask(&self) -> Result<String, Failure> {
        let customer = CString::new(CUSTOMER).unwrap();
        let mut status = diyalog_help_status {
            struct_size: u32::try_from(size_of::<diyalog_help_status>()).unwrap(),
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
                let staff = match status.staff_id.is_null() {
                    true => String::new(),
                    false => CStr::from_ptr(status.staff_id).to_str().unwrap().to_owned(),
                };
                diyalog_help_status_clear(&mut status);
                return Ok(staff);
            }
            assert_eq!(status.is_in_help, -1, "the status is left as it was");
            assert_eq!(diyalog_error_code(error), code);
            let message = CStr::from_ptr(diyalog_error_message(error));
            let failure = Failure {
                code,
                message: message.to_str().expect("UTF-8").to_owned(),
                is_retryable: diyalog_error_is_retryable(error) != 0,
            };
            diyalog_error_free(error);
            Err(failure)
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // SAFETY: made by diyalog_client_new, and not used again.
        unsafe { diyalog_client_free(self.0) };
    }
}
