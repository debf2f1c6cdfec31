//! Host names to addresses, inside the deadline.
//!
//! Systems offer the query only as a blocking call without a time limit, so it runs on a helper
//! thread. Only a new connection asks at all, answers are kept for a while, and all callers that
//! ask for one name share one query: a name server that never answers holds one thread, not one
//! per call, and no name is given up for a query that was lost.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long an answer serves. Short, since load balancers move names by minutes; the answer is
/// dropped at once when none of its addresses can be connected to.
const TIME_TO_LIVE: Duration = Duration::from_secs(30);

/// A cache of answers, for one client.
#[derive(Debug, Default)]
pub(super) struct Dns {
    queries: Mutex<HashMap<String, Arc<Query>>>,
}

/// One query: under way, or answered.
#[derive(Debug)]
struct Query {
    asked: Instant,
    answer: Mutex<Option<Answer>>,
    answered: Condvar,
}

type Answer = Result<Vec<IpAddr>, String>;

/// Why there is no address.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The deadline passed before there was an answer.
    TimedOut,
    /// The system's words for it.
    NotFound(String),
}

impl Dns {
    /// The addresses of `host`, which is a name or an address without brackets.
    pub(super) fn resolve(
        &self,
        host: &str,
        remaining: Option<Duration>,
    ) -> Result<Vec<IpAddr>, Failure> {
        if let Ok(ip) = host.parse::<IpAddr>() {
            return Ok(vec![ip]);
        }
        let query = self
            .current_query(host)
            .map_err(|error| Failure::NotFound(format!("no thread for the query: {error}")))?;
        let answer = query.wait(remaining).ok_or(Failure::TimedOut)?;
        if answer.is_err() {
            self.forget_query(host, &query);
        }
        answer.map_err(Failure::NotFound)
    }

    /// Drops what is known of `host`: its addresses did not work.
    pub(super) fn forget(&self, host: &str) {
        lock(&self.queries).remove(host);
    }

    /// Puts `first` before the other addresses of `host`: it is the one that worked.
    pub(super) fn prefer(&self, host: &str, first: IpAddr) {
        if let Some(query) = lock(&self.queries).get(host)
            && let Some(Ok(addresses)) = lock(&query.answer).as_mut()
        {
            // A stable sort: the others stay in the system's order.
            addresses.sort_by_key(|address| *address != first);
        }
    }

    /// The query whose answer serves for `host`: one that is fresh or under way, or a new one.
    fn current_query(&self, host: &str) -> io::Result<Arc<Query>> {
        let mut queries = lock(&self.queries);
        if let Some(query) = queries.get(host)
            && query.serves()
        {
            return Ok(Arc::clone(query));
        }
        let query = Query::ask(host)?;
        queries.insert(host.to_owned(), Arc::clone(&query));
        Ok(query)
    }

    fn forget_query(&self, host: &str, query: &Arc<Query>) {
        let mut queries = lock(&self.queries);
        if queries
            .get(host)
            .is_some_and(|current| Arc::ptr_eq(current, query))
        {
            queries.remove(host);
        }
    }
}

impl Query {
    fn ask(host: &str) -> io::Result<Arc<Self>> {
        #[cfg(fuzzing)]
        use crate::fuzzing::ask_system;
        let query = Arc::new(Query {
            asked: Instant::now(),
            answer: Mutex::new(None),
            answered: Condvar::new(),
        });
        let (host, to_answer) = (host.to_owned(), Arc::clone(&query));
        std::thread::Builder::new()
            .name("diyalog-dns".to_owned())
            .spawn(move || {
                let answer = ask_system(&host);
                *lock(&to_answer.answer) = Some(answer);
                to_answer.answered.notify_all();
            })?;
        Ok(query)
    }

    fn serves(&self) -> bool {
        match &*lock(&self.answer) {
            // One without an answer for so long has lost its thread, or may have.
            None | Some(Ok(_)) => self.asked.elapsed() < TIME_TO_LIVE,
            Some(Err(_)) => false,
        }
    }

    fn wait(&self, remaining: Option<Duration>) -> Option<Answer> {
        let answer = lock(&self.answer);
        let (answer, _) = self
            .answered
            .wait_timeout_while(answer, remaining?, |answer| answer.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        answer.clone()
    }
}

fn ask_system(host: &str) -> Answer {
    let addresses = (host, 0)
        .to_socket_addrs()
        .map_err(|error| error.to_string())?;
    let mut distinct: Vec<IpAddr> = Vec::new();
    for address in addresses.map(|address: SocketAddr| address.ip()) {
        if !distinct.contains(&address) {
            distinct.push(address);
        }
    }
    if distinct.is_empty() {
        return Err("the name has no address".to_owned());
    }
    Ok(distinct)
}

/// No code panics while it holds one of these locks, so a poisoned one is still right.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Option<Duration> = Some(Duration::from_secs(5));

    fn answered(addresses: &[&str]) -> Arc<Query> {
        Arc::new(Query {
            asked: Instant::now(),
            answer: Mutex::new(Some(Ok(addresses
                .iter()
                .map(|address| address.parse().unwrap())
                .collect()))),
            answered: Condvar::new(),
        })
    }

    fn dns_with(host: &str, query: Arc<Query>) -> Dns {
        let dns = Dns::default();
        lock(&dns.queries).insert(host.to_owned(), query);
        dns
    }

    #[test]
    fn addresses_need_no_query() {
        let dns = Dns::default();
        assert_eq!(
            dns.resolve("::1", None).unwrap(),
            ["::1".parse::<IpAddr>().unwrap()]
        );
        assert!(lock(&dns.queries).is_empty());
    }

    #[test]
    fn a_name_is_asked_once() {
        let dns = Dns::default();
        let addresses = dns.resolve("localhost", SECOND).unwrap();
        assert!(addresses.iter().all(IpAddr::is_loopback));
        let first = Arc::clone(&lock(&dns.queries)["localhost"]);
        dns.resolve("localhost", SECOND).unwrap();
        assert!(Arc::ptr_eq(&first, &lock(&dns.queries)["localhost"]));
    }

    #[test]
    fn a_query_under_way_is_shared_and_waited_for_until_the_deadline() {
        let query = Arc::new(Query {
            asked: Instant::now(),
            answer: Mutex::new(None),
            answered: Condvar::new(),
        });
        let dns = dns_with("slow.example", Arc::clone(&query));
        let short = Some(Duration::from_millis(20));
        assert_eq!(dns.resolve("slow.example", short), Err(Failure::TimedOut));
        assert_eq!(dns.resolve("slow.example", None), Err(Failure::TimedOut));
        assert!(Arc::ptr_eq(&query, &lock(&dns.queries)["slow.example"]));
    }

    #[test]
    fn a_query_that_is_never_answered_does_not_serve_for_ever() {
        let long_ago = Instant::now().checked_sub(TIME_TO_LIVE).unwrap();
        let query = |asked| Query {
            asked,
            answer: Mutex::new(None),
            answered: Condvar::new(),
        };
        assert!(query(Instant::now()).serves());
        assert!(!query(long_ago).serves());
    }

    #[test]
    fn a_failure_is_told_and_not_kept() {
        let dns = Dns::default();
        let failure = dns.resolve("no-such-host.invalid", SECOND).unwrap_err();
        assert!(matches!(failure, Failure::NotFound(_)), "{failure:?}");
        assert!(lock(&dns.queries).is_empty());
    }

    #[test]
    fn a_panic_while_the_cache_is_locked_stops_nobody() {
        let query = answered(&["192.0.2.1"]);
        let dns = dns_with("api.example", Arc::clone(&query));
        let panics = || {
            let _locked = (dns.queries.lock(), query.answer.lock());
            std::panic::resume_unwind(Box::new("on purpose"));
        };
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(panics)).unwrap_err();
        assert!(dns.queries.is_poisoned() && query.answer.is_poisoned());
        assert_eq!(dns.resolve("api.example", SECOND).unwrap().len(), 1);
        dns.forget("api.example");
        assert!(lock(&dns.queries).is_empty());
    }

    #[test]
    fn the_address_that_worked_comes_first_until_all_is_forgotten() {
        let dns = dns_with(
            "two.example",
            answered(&["2001:db8::1", "192.0.2.1", "192.0.2.2"]),
        );
        dns.prefer("two.example", "192.0.2.2".parse().unwrap());
        let order: Vec<String> = dns
            .resolve("two.example", SECOND)
            .unwrap()
            .iter()
            .map(IpAddr::to_string)
            .collect();
        assert_eq!(order, ["192.0.2.2", "2001:db8::1", "192.0.2.1"]);
        dns.forget("two.example");
        assert!(lock(&dns.queries).is_empty());
    }
}
