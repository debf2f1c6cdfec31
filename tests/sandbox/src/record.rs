//! What has happened: the lookups received and the connections they came over.

use serde::Serialize;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use tokio::sync::Notify;

/// How many requests are kept to be read back; the count goes on beyond it.
const KEPT_REQUESTS: usize = 10_000;

/// One request that was not a control call, as it arrived and as it was answered.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordedRequest {
    /// Number of the connection it came over, counted from 1.
    pub connection: u64,
    /// Method, in upper case.
    pub method: String,
    /// Path and query, as requested.
    pub path: String,
    /// Names in lower case with their values, in the order of arrival except that
    /// headers of one name stand together.
    pub headers: Vec<(String, String)>,
    /// The body; what was not UTF-8 in it shows as replacement characters.
    pub body: String,
    /// The customer asked for, where the body says so.
    pub customer_id: Option<String>,
    /// Status of the answer; none where a fault swallowed it.
    pub status: Option<u16>,
    /// Why it was answered like this.
    pub reason: String,
    /// What should have been signed, where the signature or the key id was wrong.
    pub expected_string_to_sign: Option<String>,
}

impl RecordedRequest {
    /// The first value of a header; the name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// The requests so far.
#[derive(Default)]
pub(crate) struct RequestRecord {
    count: u64,
    latest: VecDeque<RecordedRequest>,
}

impl RequestRecord {
    pub(crate) fn add(&mut self, request: RecordedRequest) {
        self.count += 1;
        if self.latest.len() == KEPT_REQUESTS {
            self.latest.pop_front();
        }
        self.latest.push_back(request);
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn latest(&self) -> Vec<RecordedRequest> {
        self.latest.iter().cloned().collect()
    }
}

/// Counts connections, those of control calls left aside: a test that looks at the
/// counters must not change them.
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
    /// Told when the server is to close the connection by itself.
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
