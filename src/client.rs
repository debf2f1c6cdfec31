//! The lookup, told from top to bottom.

use std::fmt;
use std::time::{Duration, SystemTime};

use http::HeaderValue;
use http::header::{CONTENT_TYPE, USER_AGENT};
use log::Level;

use crate::clock::{self, ServerClock};
use crate::config::{Config, header_value_fault, timeout_fault};
use crate::deadline::Deadline;
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorCode, printable};
use crate::help_status::{self, HelpStatus};
use crate::log_sink::Log;
use crate::retry;
use crate::signing::{self, SIGNED_HEADERS, Signer};
use crate::transport::{Answer, Transport, header_value};

/// Asks a Diyalog server whether customers are in online help.
///
/// Make one per process and share it: all methods take `&self`, any number of threads may call
/// at once, and they share the idle connections.
///
/// ```no_run
/// use diyalog::{Client, Config};
///
/// let config = Config::new("https://api.bank.example")
///     .credentials("1234567-8ABC-DEF0-5432-56712ABCDEF5", "the secret")
///     .requester_user_id("45186");
/// let client = Client::new(&config)?;
///
/// let status = client.is_customer_in_online_help("70022")?;
/// if status.is_in_help {
///     println!("with agent {:?}", status.staff_id);
/// }
/// # Ok::<(), diyalog::Error>(())
/// ```
pub struct Client {
    endpoint: Endpoint,
    transport: Transport,
    signer: Signer,
    clock: ServerClock,
    log: Log,
    requester_user_id: Option<HeaderValue>,
    timeout: Duration,
    max_retries: u32,
    clock_correction: bool,
}

/// What one call does differently from the client's settings.
///
/// ```
/// use std::time::Duration;
/// use diyalog::CallOptions;
///
/// let hurried = CallOptions::new().timeout(Duration::from_millis(300));
/// let for_another = CallOptions::new().requester_user_id("45187");
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct CallOptions<'a> {
    timeout: Option<Duration>,
    requester_user_id: Option<&'a str>,
}

impl<'a> CallOptions<'a> {
    /// Nothing different.
    pub fn new() -> Self {
        CallOptions::default()
    }

    /// The time that this call may take in all, retries included.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The staff number of the person on whose behalf this request is made.
    pub fn requester_user_id(mut self, user_id: &'a str) -> Self {
        self.requester_user_id = Some(user_id);
        self
    }
}

/// What is the same in every attempt of a call.
struct Lookup {
    body: Vec<u8>,
    requester_user_id: HeaderValue,
    deadline: Deadline,
}

/// What an attempt that gave no status leaves for the next.
struct Failure {
    error: Error,
    /// How far the server's clock is ahead, where the answer told.
    skew: Option<i64>,
    retry_after: Option<Duration>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure {
            error,
            skew: None,
            retry_after: None,
        }
    }
}

impl Client {
    /// Checks the settings and reads the files that they name. Opens no connection.
    ///
    /// # Errors
    ///
    /// [`InvalidConfig`](ErrorCode::InvalidConfig), naming the setting that is missing or makes
    /// no sense.
    pub fn new(config: &Config) -> Result<Self, Error> {
        config.validate()?;
        let endpoint = Endpoint::parse(config.required_endpoint()?, config.allow_plain_http)?;
        let (access_key_id, access_key_secret) = config.required_credentials()?;
        let user_agent = match &config.user_agent_suffix {
            Some(suffix) => format!("{PRODUCT} {suffix}"),
            None => PRODUCT.to_owned(),
        };
        let fixed_headers = [
            (
                CONTENT_TYPE,
                HeaderValue::from_static(signing::CONTENT_TYPE),
            ),
            (USER_AGENT, header_value("user_agent_suffix", &user_agent)?),
        ];
        Ok(Client {
            transport: Transport::new(config, &endpoint, &SIGNED_HEADERS, fixed_headers)?,
            endpoint,
            signer: Signer::new(access_key_id, access_key_secret, config.date_zone),
            clock: ServerClock::default(),
            log: Log::new(config.log_sink.clone()),
            requester_user_id: match &config.requester_user_id {
                Some(user_id) => Some(header_value("requester_user_id", user_id)?),
                None => None,
            },
            timeout: config.timeout,
            max_retries: config.max_retries,
            clock_correction: config.clock_correction,
        })
    }

    /// Whether this customer is in an active online help session right now, and with whom.
    ///
    /// That the system knows no such customer is an answer, not an error: see
    /// [`HelpStatus::customer_found`].
    ///
    /// # Errors
    ///
    /// Any [`ErrorCode`]; within the client's timeout in every case.
    pub fn is_customer_in_online_help(&self, customer_id: &str) -> Result<HelpStatus, Error> {
        self.is_customer_in_online_help_with(customer_id, CallOptions::default())
    }

    /// The same lookup, with options for this call alone.
    ///
    /// # Errors
    ///
    /// Any [`ErrorCode`]; within the call's timeout in every case.
    pub fn is_customer_in_online_help_with(
        &self,
        customer_id: &str,
        options: CallOptions,
    ) -> Result<HelpStatus, Error> {
        let lookup = self.prepare(customer_id, options)?;
        let mut clock_corrected = false;
        let mut retries = 0;
        loop {
            let failure = match self.attempt(&lookup) {
                Ok(status) => return Ok(status),
                Err(failure) => failure,
            };
            if let Some(skew) = self.skew_to_correct(&failure, clock_corrected) {
                self.log_failure(Level::Warn, &lookup, &failure, || {
                    "signing with its time from now on".to_owned()
                });
                self.clock.correct(skew);
                clock_corrected = true;
            } else if let Some(pause) = self.pause_before_retry(&failure, retries, &lookup) {
                self.log_failure(Level::Warn, &lookup, &failure, || {
                    format!("trying again in {} ms", pause.as_millis())
                });
                std::thread::sleep(pause);
                retries += 1;
            } else {
                self.log_failure(Level::Error, &lookup, &failure, || "giving up".to_owned());
                return Err(failure.error);
            }
        }
    }

    fn prepare(&self, customer_id: &str, options: CallOptions) -> Result<Lookup, Error> {
        if customer_id.is_empty() {
            return Err(Error::invalid_argument("customer_id is empty"));
        }
        if customer_id.contains('\0') {
            return Err(Error::invalid_argument("customer_id must not contain NUL"));
        }
        let timeout = options.timeout.unwrap_or(self.timeout);
        if let Some(fault) = timeout_fault(timeout) {
            return Err(Error::invalid_argument(fault));
        }
        Ok(Lookup {
            deadline: Deadline::after(timeout),
            requester_user_id: self.requester_of(options)?,
            body: request_body(customer_id),
        })
    }

    fn requester_of(&self, options: CallOptions) -> Result<HeaderValue, Error> {
        match (options.requester_user_id, &self.requester_user_id) {
            (Some(user_id), _) => match header_value_fault(user_id) {
                None => header_value("requester_user_id", user_id),
                Some(fault) => Err(Error::invalid_argument(format!(
                    "requester_user_id {fault}"
                ))),
            },
            (None, Some(of_client)) => Ok(of_client.clone()),
            (None, None) => Err(Error::invalid_argument(
                "requester_user_id is set neither for the client nor for this call",
            )),
        }
    }

    /// Sign, exchange, interpret.
    fn attempt(&self, lookup: &Lookup) -> Result<HelpStatus, Failure> {
        let sign = |sent| self.sign(lookup, sent);
        let answer = self.transport.post(sign, &lookup.body, lookup.deadline)?;
        let status = self.interpret(&answer)?;
        self.log.line(Level::Debug, || self.describe(&answer));
        Ok(status)
    }

    fn sign(&self, lookup: &Lookup, sent: SystemTime) -> [HeaderValue; 3] {
        self.signer.header_values(
            self.clock.at(sent),
            lookup.requester_user_id.clone(),
            &lookup.body,
            self.endpoint.path(),
        )
    }

    fn interpret(&self, answer: &Answer) -> Result<HelpStatus, Failure> {
        if answer.status == 200 {
            return help_status::from_json(&answer.body)
                .map_err(|fault| self.not_the_documented_json(&fault).into());
        }
        let received = SystemTime::now();
        let host = self.endpoint.host_and_port();
        let error = Error::from_answer(answer.status, &answer.body, &host);
        let date = answer.header("date").and_then(parse_http_date);
        let retry_after = answer
            .header("retry-after")
            .and_then(|header| retry::retry_after(header, date, received));
        // An answer with an Age comes from a cache: its date says nothing about now.
        let skew = date
            .filter(|_| error.code() == ErrorCode::ClockSkew && !answer.has("age"))
            .map(|date| clock::skew(date, answer.sent, received));
        Err(Failure {
            error: match skew {
                Some(skew) => error.with(&format!("its clock is {}", clock::describe(skew))),
                None => error,
            },
            skew,
            retry_after,
        })
    }

    fn not_the_documented_json(&self, fault: &str) -> Error {
        let message = format!(
            "{} answered 200, but not the documented JSON ({}); check that endpoint is the address of the API",
            self.endpoint.host_and_port(),
            // It may quote a text of the answer, which has no other limit.
            printable(fault.as_bytes())
        );
        Error::new(ErrorCode::InvalidResponse, message).with_http_status(200)
    }

    /// The clock error to correct; `None` where there is none, or correcting has not helped.
    fn skew_to_correct(&self, failure: &Failure, corrected: bool) -> Option<i64> {
        failure.skew.filter(|_| self.clock_correction && !corrected)
    }

    /// The time to wait before the next try; `None` where there is to be none.
    fn pause_before_retry(
        &self,
        failure: &Failure,
        retries: u32,
        lookup: &Lookup,
    ) -> Option<Duration> {
        if !failure.error.is_retryable() || retries >= self.max_retries {
            return None;
        }
        retry::pause(
            retries,
            failure.retry_after,
            lookup.deadline.remaining(),
            retry::random(),
        )
    }

    fn describe(&self, answer: &Answer) -> String {
        format!(
            "{} answered {} in {} ms on {} connection",
            self.endpoint.host_and_port(),
            answer.status,
            answer.sent.elapsed().unwrap_or_default().as_millis(),
            if answer.is_connection_new {
                "a new"
            } else {
                "an idle"
            },
        )
    }

    /// The one line of an attempt that failed, with what comes of it.
    fn log_failure(
        &self,
        level: Level,
        lookup: &Lookup,
        failure: &Failure,
        next: impl FnOnce() -> String,
    ) {
        self.log.line(level, || {
            format!(
                "{}, {} ms into the call; {}",
                failure.error,
                lookup.deadline.elapsed().as_millis(),
                next()
            )
        });
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({})", self.endpoint.host_and_port())
    }
}

fn parse_http_date(date: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(date).ok()
}

/// The name and version that servers see.
const PRODUCT: &str = concat!("diyalog/", env!("CARGO_PKG_VERSION"));

/// The body that is signed and sent, byte for byte: `{"customerId":"70022"}`.
fn request_body(customer_id: &str) -> Vec<u8> {
    const BEFORE: &[u8] = b"{\"customerId\":";
    let mut body = Vec::with_capacity(BEFORE.len() + customer_id.len() + 3);
    body.extend_from_slice(BEFORE);
    serde_json::to_writer(&mut body, customer_id).expect("a Vec takes everything");
    body.push(b'}');
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        Config::new("https://api.example").credentials("id", "secret")
    }

    #[test]
    fn the_body_is_compact_and_escaped() {
        assert_eq!(request_body("70022"), br#"{"customerId":"70022"}"#);
        let odd = String::from_utf8(request_body("a\"b\\c\td ş")).unwrap();
        assert_eq!(odd, r#"{"customerId":"a\"b\\c\td ş"}"#);
    }

    #[test]
    fn a_client_is_shared_by_threads() {
        fn shared<T: Send + Sync>() {}
        shared::<Client>();
    }

    #[test]
    fn arguments_are_checked_before_anything_is_sent() {
        let client = Client::new(&config()).unwrap();
        let fault = |customer_id: &str, options| {
            let error = client
                .is_customer_in_online_help_with(customer_id, options)
                .unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidArgument);
            error.message().to_owned()
        };
        let with = CallOptions::new().requester_user_id("45186");
        assert!(fault("", with).starts_with("customer_id"));
        assert!(fault("7\0", with).starts_with("customer_id"));
        assert!(fault("7", CallOptions::new()).starts_with("requester_user_id"));
        assert!(fault("7", with.requester_user_id("")).starts_with("requester_user_id"));
        assert!(fault("7", with.requester_user_id("a\nb")).starts_with("requester_user_id"));
        assert!(fault("7", with.timeout(Duration::ZERO)).starts_with("timeout_ms"));
    }

    #[test]
    fn of_an_answer_that_is_none_a_part_is_quoted() {
        let client = Client::new(&config()).unwrap();
        let answer = format!(r#"{{"isInHelp":"{}"}}"#, "a".repeat(60_000));
        let fault = help_status::from_json(answer.as_bytes()).unwrap_err();
        let error = client.not_the_documented_json(&fault);
        assert!(error.message().contains("aaa"), "{error}");
        assert!(error.message().len() < 512 + 200, "{error}");
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = Client::new(&Config::default()).err().unwrap();
        assert_eq!(error.code(), ErrorCode::InvalidConfig);
        assert!(error.message().starts_with("endpoint"), "{error}");
        let error = Client::new(&Config::new("https://api.example"))
            .err()
            .unwrap();
        assert!(error.message().starts_with("access_key_id"), "{error}");
    }
}
