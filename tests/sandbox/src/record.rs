//! The recorded requests and their connections.

use serde::Serialize;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use tokio::sync::Notify;

/// The maximum number of recorded requests; the count continues beyond it.
const KEPT_REQUESTS: usize = 10_000;

/// The maximum size of recorded headers, bodies and explanations in bytes: a body may have 4 MiB, and
/// ten thousand of them 40 GiB.
const KEPT_BYTES: usize = 64 * 1024 * 1024;

/// One request that was not a control call, and its response.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordedRequest {
    /// Number of the request, counted from 1.
    pub number: u64,
    /// Time of arrival by the sandbox's clock, in milliseconds since 1970.
    pub received_at: i64,
    /// Number of the connection it came over, counted from 1.
    pub connection: u64,
    /// Method, in upper case.
    pub method: String,
    /// Path and query, as requested.
    pub path: String,
    /// Names in lower case with their values, in the order of arrival except that
    /// headers of one name stand together.
    pub headers: Vec<(String, String)>,
    /// The body, with replacement characters for bytes that are not UTF-8.
    pub body: String,
    /// The customer, if the body names one.
    pub customer_id: Option<String>,
    /// Status of the response; none if a fault suppressed it.
    pub status: Option<u16>,
    /// The reason for the response.
    pub reason: String,
    /// The expected string to sign, if the signature or the key id was wrong.
    pub expected_string_to_sign: Option<String>,
    /// What the client signed instead, if a common mistake explains its signature. The same
    /// as expected if the mistake was in the secret or in the encoding.
    pub signed_string: Option<String>,
    /// Whether the signature was checked and is right, whatever the response was.
    #[serde(skip)]
    pub(crate) has_good_signature: bool,
}

impl RecordedRequest {
    /// The first value of a header; the name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    fn bytes(&self) -> usize {
        let headers: usize = self
            .headers
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        let texts = [
            &self.customer_id,
            &self.expected_string_to_sign,
            &self.signed_string,
        ]
        .map(|text| text.as_ref().map_or(0, String::len));
        size_of::<RecordedRequest>()
            + headers
            + self.method.len()
            + self.path.len()
            + self.body.len()
            + self.reason.len()
            + texts.iter().sum::<usize>()
    }
}

/// The requests so far.
#[derive(Default)]
pub(crate) struct RequestRecord {
    count: u64,
    latest: VecDeque<Arc<RecordedRequest>>,
    bytes: usize,
}

impl RequestRecord {
    /// Numbers and records a request, and drops the oldest ones beyond the limits.
    pub(crate) fn add(&mut self, mut request: RecordedRequest) -> Arc<RecordedRequest> {
        self.count += 1;
        request.number = self.count;
        self.bytes += request.bytes();
        let request = Arc::new(request);
        self.latest.push_back(Arc::clone(&request));
        while self.latest.len() > KEPT_REQUESTS || self.bytes > KEPT_BYTES {
            let Some(oldest) = self.latest.pop_front() else {
                break;
            };
            self.bytes -= oldest.bytes();
        }
        request
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Returns the recorded requests, the oldest first.
    pub(crate) fn latest(&self) -> impl DoubleEndedIterator<Item = &Arc<RecordedRequest>> {
        self.latest.iter()
    }

    /// Returns one recorded request.
    pub(crate) fn numbered(&self, number: u64) -> Option<Arc<RecordedRequest>> {
        let oldest = self.latest.front()?.number;
        let at = usize::try_from(number.checked_sub(oldest)?).ok()?;
        self.latest.get(at).cloned()
    }
}

/// Counts connections, except those of control calls: reading the counters must not change them.
#[derive(Default)]
pub(crate) struct ConnectionCounters {
    last_number: AtomicU64,
    accepted: AtomicU64,
    open: AtomicU64,
}

impl ConnectionCounters {
    pub(crate) fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::SeqCst)
    }

    pub(crate) fn open(&self) -> u64 {
        self.open.load(Ordering::SeqCst)
    }

    fn count_in(&self) {
        self.accepted.fetch_add(1, Ordering::SeqCst);
        self.open.fetch_add(1, Ordering::SeqCst);
    }

    fn count_out(&self) {
        self.accepted.fetch_sub(1, Ordering::SeqCst);
        self.open.fetch_sub(1, Ordering::SeqCst);
    }
}

/// One accepted connection, counted as open until it is dropped.
pub(crate) struct Connection {
    pub(crate) number: u64,
    counters: Arc<ConnectionCounters>,
    carried: AtomicU8,
    /// Notified when the server has to close the connection.
    pub(crate) closing: Notify,
}

const NOTHING_YET: u8 = 0;
const CONTROL_CALLS: u8 = 1;
const LOOKUPS: u8 = 2;

impl Connection {
    pub(crate) fn accepted(counters: &Arc<ConnectionCounters>) -> Arc<Connection> {
        counters.count_in();
        Arc::new(Connection {
            number: counters.last_number.fetch_add(1, Ordering::SeqCst) + 1,
            counters: Arc::clone(counters),
            carried: AtomicU8::new(NOTHING_YET),
            closing: Notify::new(),
        })
    }

    pub(crate) fn carries_control_call(&self) {
        let swapped = self.carried.compare_exchange(
            NOTHING_YET,
            CONTROL_CALLS,
            Ordering::SeqCst,
            Ordering::SeqCst,
        );
        if swapped.is_ok() {
            self.counters.count_out();
        }
    }

    pub(crate) fn carries_lookup(&self) {
        if self.carried.swap(LOOKUPS, Ordering::SeqCst) == CONTROL_CALLS {
            self.counters.count_in();
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if *self.carried.get_mut() != CONTROL_CALLS {
            self.counters.open.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: &str) -> RecordedRequest {
        RecordedRequest {
            number: 0,
            received_at: 0,
            connection: 1,
            method: "POST".to_owned(),
            path: "/".to_owned(),
            headers: Vec::new(),
            body: body.to_owned(),
            customer_id: None,
            status: Some(200),
            reason: String::new(),
            expected_string_to_sign: None,
            signed_string: None,
            has_good_signature: true,
        }
    }

    fn kept(record: &RequestRecord) -> Vec<u64> {
        record.latest().map(|request| request.number).collect()
    }

    #[test]
    fn latest_ten_thousand_requests_keep_their_numbers() {
        let mut record = RequestRecord::default();
        for at in 1..=10_003 {
            record.add(request(&at.to_string()));
        }
        assert_eq!(record.count(), 10_003);
        assert_eq!(kept(&record), (4..=10_003).collect::<Vec<u64>>());
        assert!(record.numbered(3).is_none());
        assert_eq!(record.numbered(4).unwrap().body, "4");
        assert_eq!(record.numbered(10_003).unwrap().body, "10003");
        assert!(record.numbered(10_004).is_none());
    }

    #[test]
    fn large_requests_push_the_oldest_out() {
        let mut record = RequestRecord::default();
        let body = "x".repeat(KEPT_BYTES / 4);
        for _ in 0..10 {
            record.add(request(&body));
        }
        assert_eq!(kept(&record), [8, 9, 10]);
        assert!(record.bytes <= KEPT_BYTES);
        for _ in 0..100 {
            record.add(request(""));
        }
        assert_eq!(record.latest.len(), 103, "small ones fit beside them");
    }
}
