//! One call of any operation, from top to bottom.

use std::fmt;
use std::mem;
use std::time::{Duration, SystemTime};

use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Uri};
use log::Level;

use crate::attempt::FailedAttempt;
use crate::call::Call;
use crate::call_options::CallOptions;
use crate::clock::{self, ServerClock};
use crate::config::{Config, timeout_fault};
use crate::deadline::Deadline;
use crate::endpoint::{Endpoint, check_path};
use crate::error::{Error, ErrorCode, printable};
use crate::header_text::HeaderText;
use crate::help_status::HelpStatus;
use crate::log_sink::Log;
use crate::operation::{OnlineHelp, Operation, Post, Response};
use crate::retry;
use crate::signing::{self, SIGNED_HEADERS, SignedHeaderValues, SignedHeaders, Signer, ToSign};
use crate::transport::{HttpResponse, PostRequest, Transport, Use};

/// A client for one server, with a pool of persistent connections.
///
/// Create one per process and share it: all methods take `&self`, any number of threads may call
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
///     println!("with staff member {:?}", status.staff_id);
/// }
/// # Ok::<(), diyalog::Error>(())
/// ```
pub struct Client {
    endpoint: Endpoint,
    online_help: Uri,
    transport: Transport,
    signer: Signer,
    clock: ServerClock,
    log: Log,
    requester_user_id: Option<HeaderValue>,
    timeout: Duration,
    attempt_timeout: Option<Duration>,
    max_retries: u32,
    clock_correction: bool,
}

impl Client {
    /// Checks the settings and reads the files that they name. Opens no connection.
    ///
    /// # Errors
    ///
    /// [`InvalidConfig`](ErrorCode::InvalidConfig), naming the setting that is missing or
    /// invalid.
    pub fn new(config: &Config) -> Result<Self, Error> {
        config.validate()?;
        let endpoint = Endpoint::parse(config.required_endpoint()?, config.allow_plain_http)?;
        let (access_key_id, access_key_secret) = config.required_credentials()?;
        Ok(Client {
            transport: Transport::new(config, &endpoint, headers_of_every_request(config)?)?,
            online_help: endpoint.uri_of(OnlineHelp::PATH)?,
            endpoint,
            signer: Signer::new(access_key_id, access_key_secret, config.date_zone),
            clock: ServerClock::default(),
            log: Log::new(config.log_sink.clone()),
            requester_user_id: match &config.requester_user_id {
                Some(user_id) => Some(
                    HeaderText::new(user_id)
                        .map_err(|fault| Error::invalid_config("requester_user_id", fault))?
                        .value(),
                ),
                None => None,
            },
            timeout: config.timeout,
            attempt_timeout: config.attempt_timeout,
            max_retries: config.max_retries,
            clock_correction: config.clock_correction,
        })
    }

    /// Returns whether this customer is in an active online help session right now, and with
    /// whom.
    ///
    /// "No such customer" is a result, not an error: see [`HelpStatus::customer_found`].
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
        let lookup = OnlineHelp::new(&self.online_help, customer_id)?;
        self.call(&lookup, options)
    }

    /// Sends a signed POST request to an endpoint of the platform and returns its JSON response.
    ///
    /// `path` starts with `/` and is appended to the endpoint's base path: visible ASCII without
    /// `?` and `#`. `json` is valid JSON of at most 1 MiB and is sent byte for byte. Success is
    /// status 200 with valid JSON in UTF-8, of at most 1 MiB and nested at most 128 levels deep. A request is retried only
    /// if the server cannot have acted on it; see [`CallOptions::repeatable`].
    ///
    /// # Errors
    ///
    /// Any [`ErrorCode`]; within the client's timeout in every case.
    pub fn post(&self, path: &str, json: &str) -> Result<Response, Error> {
        self.post_with(path, json, CallOptions::default())
    }

    /// The same request, with options for this call alone.
    ///
    /// # Errors
    ///
    /// Any [`ErrorCode`]; within the call's timeout in every case.
    pub fn post_with(
        &self,
        path: &str,
        json: &str,
        options: CallOptions,
    ) -> Result<Response, Error> {
        let post = Post::new(&self.endpoint, path, json, options.repeatable)?;
        self.call(&post, options)
    }

    /// Signs a request that the program sends itself. Sends nothing.
    ///
    /// `method` and `path` are signed exactly as given: `path` starts with `/` and includes the
    /// endpoint's base path, visible ASCII without `?` and `#`. The signed content type is
    /// `application/json`: send exactly that. A signature is valid for 15 minutes: sign each
    /// attempt again.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorCode::InvalidArgument).
    pub fn sign(&self, method: &str, path: &str, body: &[u8]) -> Result<SignedHeaders, Error> {
        self.sign_with(method, path, body, CallOptions::default())
    }

    /// The same signature, for the requester of these options. The other options are ignored.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorCode::InvalidArgument).
    pub fn sign_with(
        &self,
        method: &str,
        path: &str,
        body: &[u8],
        options: CallOptions,
    ) -> Result<SignedHeaders, Error> {
        if Method::from_bytes(method.as_bytes()).is_err() {
            return Err(Error::invalid_argument(
                "method",
                "is not an HTTP method; use for example POST",
            ));
        }
        check_path(path)?;
        let request = ToSign { method, path, body };
        let time = clock::shift(SystemTime::now(), self.clock.offset());
        let headers = self.signer.sign(request, time, self.requester_of(options)?);
        Ok(SignedHeaders::of(&headers))
    }

    fn call<O: Operation>(&self, operation: &O, options: CallOptions) -> Result<O::Output, Error> {
        let mut call = self.begin(options)?;
        call.check_not_cancelled()?;
        loop {
            let failed = match self.attempt(operation, &mut call) {
                Ok(output) => return Ok(output),
                Err(failed) => failed,
            };
            if let Some(skew) = self.skew_to_correct(&failed, &call) {
                self.log_failure(Level::Warn, &call, &failed, || {
                    "signing again with its time".to_owned()
                });
                call.clock_offset = skew;
                call.clock_corrected = true;
            } else if let Some(pause) = self.pause_before_retry(&failed, &call) {
                call.retries += 1;
                self.log_failure(Level::Warn, &call, &failed, || {
                    let (retry, of) = (call.retries, self.max_retries);
                    format!("retry {retry} of {of} in {} ms", pause.as_millis())
                });
                call.sleep(pause)?;
            } else {
                self.log_failure(Level::Error, &call, &failed, || "giving up".to_owned());
                return Err(failed.error);
            }
        }
    }

    /// Reports the error with which a lookup with these arguments would fail before it is sent.
    pub(crate) fn validate(&self, customer_id: &str, options: CallOptions) -> Result<(), Error> {
        OnlineHelp::new(&self.online_help, customer_id)?;
        self.begin(options).map(drop)
    }

    /// Reports the error with which a post with these arguments would fail before it is sent.
    pub(crate) fn validate_post(
        &self,
        path: &str,
        json: &str,
        options: CallOptions,
    ) -> Result<(), Error> {
        Post::new(&self.endpoint, path, json, options.repeatable)?;
        self.begin(options).map(drop)
    }

    fn begin(&self, options: CallOptions) -> Result<Call, Error> {
        let timeout = options.timeout.unwrap_or(self.timeout);
        if let Some(fault) = timeout_fault(timeout) {
            return Err(Error::invalid_argument("timeout_ms", fault));
        }
        Ok(Call {
            interruption: options.interruption(),
            log_level: options.log_level,
            deadline: Deadline::after(timeout),
            requester_user_id: self.requester_of(options)?,
            clock_offset: self.clock.offset(),
            clock_corrected: false,
            connection_replaced: false,
            retries: 0,
        })
    }

    fn requester_of(&self, options: CallOptions) -> Result<HeaderValue, Error> {
        match (options.requester_user_id, &self.requester_user_id) {
            (Some(user_id), _) => HeaderText::new(user_id)
                .map(HeaderText::value)
                .map_err(|fault| Error::invalid_argument("requester_user_id", fault)),
            (None, Some(of_client)) => Ok(of_client.clone()),
            (None, None) => Err(Error::invalid_argument(
                "requester_user_id",
                "is set neither for the client nor for this call",
            )),
        }
    }

    /// Sign, exchange, interpret.
    fn attempt<O: Operation>(
        &self,
        operation: &O,
        call: &mut Call,
    ) -> Result<O::Output, FailedAttempt> {
        let signed = self.sign_attempt(operation, call);
        let result = match self.exchange(operation, &signed, call) {
            Ok(response) => {
                let result = self.interpret(operation, response, call);
                self.keep_clock_that_worked(call, result.as_ref().err());
                result
            }
            Err(failed) => Err(failed),
        };
        result.map_err(|failed| FailedAttempt {
            error: failed
                .error
                .redacted(&signed.authorization)
                .retryable_if(operation.is_repeatable() || !failed.may_have_acted),
            ..failed
        })
    }

    fn sign_attempt<O: Operation>(&self, operation: &O, call: &Call) -> SignedHeaderValues {
        let request = ToSign {
            method: "POST",
            path: operation.uri().path(),
            body: operation.body(),
        };
        let time = clock::shift(SystemTime::now(), call.clock_offset);
        self.signer
            .sign(request, time, call.requester_user_id.clone())
    }

    /// Sends the request and receives the response. A stale idle connection is replaced by a new
    /// one, once per call. That is not a retry: the server has not failed.
    fn exchange<O: Operation>(
        &self,
        operation: &O,
        signed: &SignedHeaderValues,
        call: &mut Call,
    ) -> Result<HttpResponse, FailedAttempt> {
        let request = PostRequest {
            uri: operation.uri(),
            headers: signed.named(),
            body: operation.body(),
            max_response_body: operation.max_response_body(),
        };
        let deadline = call.deadline.of_attempt(self.attempt_timeout);
        let interruption = call.interruption.as_ref();
        match self
            .transport
            .exchange(&request, Use::IdleConnection, deadline, interruption)
        {
            Err(failed)
                if failed.is_stale_connection
                    && !call.connection_replaced
                    && (operation.is_repeatable() || !failed.may_have_arrived) =>
            {
                call.connection_replaced = true;
                self.transport
                    .exchange(&request, Use::NewConnection, deadline, interruption)
            }
            result => result,
        }
        .map_err(FailedAttempt::from)
    }

    fn interpret<O: Operation>(
        &self,
        operation: &O,
        mut response: HttpResponse,
        call: &Call,
    ) -> Result<O::Output, FailedAttempt> {
        if response.status != 200 {
            let host = self.endpoint.host_and_port();
            return Err(FailedAttempt::of_response(&response, &host));
        }
        let output = operation
            .read(mem::take(&mut response.body))
            .map_err(|fault| self.invalid_json(&fault))?;
        self.log
            .line(call.log_level, Level::Debug, || self.describe(&response));
        Ok(output)
    }

    /// Keeps a corrected clock for later calls, but only once the server accepted a date and a
    /// signature made with it: a gateway on the way can respond 403 with its own date.
    fn keep_clock_that_worked(&self, call: &Call, failed: Option<&FailedAttempt>) {
        let is_rejected = failed.is_some_and(FailedAttempt::is_rejection);
        if call.clock_corrected && !is_rejected {
            self.clock.keep(call.clock_offset);
        }
    }

    fn invalid_json(&self, fault: &str) -> Error {
        let message = format!(
            "{} responded 200, but not with the documented JSON ({}); check that endpoint is the address of the API",
            self.endpoint.host_and_port(),
            // It may quote the response, which `printable` shortens.
            printable(fault.as_bytes())
        );
        Error::new(ErrorCode::InvalidResponse, message).with_http_status(200)
    }

    /// The skew to correct; `None` if there is none, or if correcting has not helped.
    fn skew_to_correct(&self, failed: &FailedAttempt, call: &Call) -> Option<i64> {
        failed
            .skew
            .filter(|_| self.clock_correction && !call.clock_corrected)
    }

    /// The pause before the next retry; `None` if the call fails now.
    fn pause_before_retry(&self, failed: &FailedAttempt, call: &Call) -> Option<Duration> {
        if !failed.error.is_retryable() || call.retries >= self.max_retries {
            return None;
        }
        retry::pause(
            call.retries,
            failed.error.retry_after(),
            call.deadline.remaining(),
            retry::random(),
        )
    }

    fn describe(&self, response: &HttpResponse) -> String {
        format!(
            "{} responded {} in {} ms on {} connection",
            self.endpoint.host_and_port(),
            response.status,
            response.sent.elapsed().unwrap_or_default().as_millis(),
            if response.is_connection_new {
                "a new"
            } else {
                "an idle"
            },
        )
    }

    /// The one line of a failed attempt, with what the client does about it.
    fn log_failure(
        &self,
        level: Level,
        call: &Call,
        failed: &FailedAttempt,
        next: impl FnOnce() -> String,
    ) {
        self.log.line(call.log_level, level, || {
            format!(
                "{}, {} ms into the call; {}",
                failed.error,
                call.deadline.elapsed().as_millis(),
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

fn headers_of_every_request(config: &Config) -> Result<HeaderMap, Error> {
    /// The name and version that servers see.
    const PRODUCT: &str = concat!("diyalog/", env!("CARGO_PKG_VERSION"));
    let user_agent = match &config.user_agent_suffix {
        Some(suffix) => HeaderText::new(suffix)
            .map_err(|fault| Error::invalid_config("user_agent_suffix", fault))?
            .value_after(concat!("diyalog/", env!("CARGO_PKG_VERSION"), " ")),
        None => HeaderValue::from_static(PRODUCT),
    };
    let mut headers = HeaderMap::new();
    for name in SIGNED_HEADERS {
        headers.insert(name, HeaderValue::from_static(""));
    }
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static(signing::CONTENT_TYPE),
    );
    headers.insert(USER_AGENT, user_agent);
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        Config::new("https://api.example").credentials("id", "secret")
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
    fn a_part_of_an_invalid_response_is_quoted() {
        let client = Client::new(&config()).unwrap();
        let body = format!(r#"{{"isInHelp":"{}"}}"#, "a".repeat(60_000));
        let fault = crate::help_status::from_json(body.as_bytes()).unwrap_err();
        let error = client.invalid_json(&fault);
        assert!(error.message().contains("aaa"), "{error}");
        assert!(error.message().len() < 512 + 200, "{error}");
    }

    #[test]
    fn a_missing_setting_is_named() {
        let error = Client::new(&Config::default()).err().unwrap();
        assert_eq!(error.code(), ErrorCode::InvalidConfig);
        assert!(error.message().starts_with("endpoint"), "{error}");
        let error = Client::new(&Config::new("https://api.example"))
            .err()
            .unwrap();
        assert!(error.message().starts_with("access_key_id"), "{error}");
    }
}
