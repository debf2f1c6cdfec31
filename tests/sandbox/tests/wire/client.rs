//! A client that can do everything right, and anything wrong.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use diyalog_sandbox::{DEFAULT_ACCESS_KEY_ID, DEFAULT_ACCESS_KEY_SECRET, Options, Sandbox};
use ring::hmac;
use serde_json::Value;
use ureq::tls::TlsConfig;
use ureq::{Agent, http};

pub const LOOKUP_PATH: &str = "/v1/application/iscustomerinonlinehelp";

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// What most answers are compared by.
    pub fn summary(&self) -> (u16, Option<&str>, &str) {
        (self.status, self.header("content-type"), &self.body)
    }
}

/// What to send, with every part open to change.
#[derive(Clone)]
pub struct Lookup {
    pub path: String,
    pub content_type: String,
    pub date: String,
    pub body: Vec<u8>,
    pub access_key_id: String,
    pub secret: Vec<u8>,
}

impl Lookup {
    pub fn of(customer_id: &str) -> Lookup {
        Lookup {
            path: LOOKUP_PATH.to_owned(),
            content_type: "application/json".to_owned(),
            date: date_in(0),
            body: serde_json::json!({ "customerId": customer_id })
                .to_string()
                .into_bytes(),
            access_key_id: DEFAULT_ACCESS_KEY_ID.to_owned(),
            secret: DEFAULT_ACCESS_KEY_SECRET.as_bytes().to_vec(),
        }
    }

    pub fn with_body(body: impl Into<Vec<u8>>) -> Lookup {
        Lookup {
            body: body.into(),
            ..Lookup::of("")
        }
    }

    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let mut text = format!("POST\n{}\n{}\n", self.content_type, self.date).into_bytes();
        text.extend_from_slice(&self.body);
        text.extend_from_slice(format!("\n{}", self.path).as_bytes());
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.secret);
        let signature = STANDARD.encode(hmac::sign(&key, &text));
        vec![
            ("content-type", self.content_type.clone()),
            ("x-dlg-date", self.date.clone()),
            ("x-dlg-requester-userid", "45186".to_owned()),
            (
                "x-dlg-authorization",
                format!("DLGA {}:{signature}", self.access_key_id),
            ),
        ]
    }
}

/// The sandbox's sort of date, so many seconds from now.
pub fn date_in(seconds: i64) -> String {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    let now = SystemTime::now();
    httpdate::fmt_http_date(if seconds < 0 {
        now - distance
    } else {
        now + distance
    })
}

/// Asks one sandbox, over as few connections as it can.
pub struct Client {
    pub origin: String,
    agent: Agent,
}

impl Client {
    pub fn of(sandbox: &Sandbox) -> Client {
        Client::with_tls(sandbox, TlsConfig::default())
    }

    pub fn with_tls(sandbox: &Sandbox, tls: TlsConfig) -> Client {
        let scheme = sandbox.url().split(':').next().unwrap();
        Client::at(&format!("{scheme}://{}", sandbox.address()), tls)
    }

    pub fn at(origin: &str, tls: TlsConfig) -> Client {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(5)))
            .tls_config(tls)
            .build()
            .new_agent();
        Client {
            origin: origin.to_owned(),
            agent,
        }
    }

    pub fn ask(&self, customer_id: &str) -> Result<Answer, ureq::Error> {
        self.send(&Lookup::of(customer_id))
    }

    pub fn send(&self, lookup: &Lookup) -> Result<Answer, ureq::Error> {
        self.exchange("POST", &lookup.path, &lookup.headers(), &lookup.body)
    }

    pub fn control(&self, method: &str, call: &str, body: &str) -> Answer {
        self.exchange(method, &format!("/sandbox/{call}"), &[], body.as_bytes())
            .unwrap()
    }

    pub fn exchange(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, String)],
        body: &[u8],
    ) -> Result<Answer, ureq::Error> {
        let mut request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.origin));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let answer = if body.is_empty() {
            self.agent.run(request.body(()).unwrap())?
        } else {
            self.agent.run(request.body(body).unwrap())?
        };
        let (parts, mut body) = answer.into_parts();
        Ok(Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.read_to_string()?,
        })
    }
}

/// A sandbox as it comes, and a client for it.
pub fn sandbox_and_client() -> (Sandbox, Client) {
    let sandbox = Sandbox::start(Options::default()).unwrap();
    let client = Client::of(&sandbox);
    (sandbox, client)
}
