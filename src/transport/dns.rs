//! Resolves host names inside the deadline.
//!
//! Operating systems offer a lookup only as a blocking call without a time limit, so it runs on a
//! helper thread. Only a new connection needs one, results are cached for a while, and all callers
//! of one name share one query: a name server that never responds holds one thread.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::wait::{self, Stopped};

/// How long a result is cached. Short, since load balancers move names within minutes. A result is
/// dropped at once if none of its addresses can be connected to.
const TIME_TO_LIVE: Duration = Duration::from_secs(30);

/// The names that one client has looked up.
#[derive(Debug, Default)]
pub(super) struct Dns {
    names: Mutex<HashMap<String, Name>>,
}

#[derive(Debug, Default)]
struct Name {
    query: Option<Arc<Query>>,
    /// The address that was connected to last. Outlives the query: an unreachable address costs a
    /// share of the deadline each time it is tried first.
    preferred: Option<IpAddr>,
}

/// One query, under way or done.
#[derive(Debug)]
struct Query {
    started: Instant,
    result: Mutex<Option<Addresses>>,
    done: Condvar,
}

type Addresses = Result<Vec<IpAddr>, String>;

/// Why a name has no address.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unresolved {
    Stopped(Stopped),
    /// The system's reason.
    NotFound(String),
}

impl Dns {
    /// Returns the addresses of `host`, which is a name or an IP address without brackets.
    pub(super) fn resolve(&self, host: &str, until: Instant) -> Result<Vec<IpAddr>, Unresolved> {
        if let Ok(ip) = host.parse::<IpAddr>() {
            return Ok(vec![ip]);
        }
        let query = self
            .current_query(host)
            .map_err(|error| Unresolved::NotFound(format!("no thread for the query: {error}")))?;
        let mut addresses = query
            .wait(until)
            .map_err(Unresolved::Stopped)?
            .map_err(Unresolved::NotFound)?;
        if let Some(preferred) = lock(&self.names).get(host).and_then(|name| name.preferred) {
            // A stable sort: the others stay in the system's order.
            addresses.sort_by_key(|address| *address != preferred);
        }
        Ok(addresses)
    }

    /// Drops the result for `host`: its addresses did not work. A query under way stays, so that
    /// an outage does not start one per call.
    pub(super) fn forget(&self, host: &str) {
        if let Some(name) = lock(&self.names).get_mut(host) {
            name.query = name.query.take().filter(|query| query.is_under_way());
        }
    }

    /// Tries this address of `host` first from now on: it worked.
    pub(super) fn prefer(&self, host: &str, address: IpAddr) {
        if let Some(name) = lock(&self.names).get_mut(host) {
            name.preferred = Some(address);
        }
    }

    /// The query for `host` that is under way or recent, or a new one.
    fn current_query(&self, host: &str) -> io::Result<Arc<Query>> {
        let mut names = lock(&self.names);
        let name = names.entry(host.to_owned()).or_default();
        if let Some(query) = &name.query
            && (query.is_under_way() || query.is_recent())
        {
            return Ok(Arc::clone(query));
        }
        let query = Query::start(host)?;
        name.query = Some(Arc::clone(&query));
        Ok(query)
    }
}

impl Query {
    fn start(host: &str) -> io::Result<Arc<Self>> {
        #[cfg(fuzzing)]
        use crate::fuzzing::ask_system;
        let query = Arc::new(Query {
            started: Instant::now(),
            result: Mutex::new(None),
            done: Condvar::new(),
        });
        let (host, unfinished) = (host.to_owned(), Unfinished(Arc::clone(&query)));
        std::thread::Builder::new()
            .name("diyalog-dns".to_owned())
            .spawn(move || unfinished.finish(ask_system(&host)))?;
        Ok(query)
    }

    fn is_under_way(&self) -> bool {
        lock(&self.result).is_none()
    }

    fn is_recent(&self) -> bool {
        matches!(&*lock(&self.result), Some(Ok(_))) && self.started.elapsed() < TIME_TO_LIVE
    }

    fn wait(&self, until: Instant) -> Result<Addresses, Stopped> {
        let mut result = lock(&self.result);
        loop {
            if let Some(result) = &*result {
                return Ok(result.clone());
            }
            let wait = wait::next(until)?;
            let (unlocked, timeout) = self
                .done
                .wait_timeout(result, wait)
                .unwrap_or_else(PoisonError::into_inner);
            // The interrupt callback runs with no lock held.
            drop(unlocked);
            if timeout.timed_out() {
                wait::ended();
            }
            result = lock(&self.result);
        }
    }
}

/// Ends the query when dropped, so that it ends even if its thread panics.
struct Unfinished(Arc<Query>);

impl Unfinished {
    fn finish(self, addresses: Addresses) {
        *lock(&self.0.result) = Some(addresses);
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        lock(&self.0.result).get_or_insert_with(|| Err("the query's thread ended".to_owned()));
        self.0.done.notify_all();
    }
}

fn ask_system(host: &str) -> Addresses {
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

/// No code panics while it changes a locked value, so that of a poisoned lock is still valid.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_5_s() -> Instant {
        Instant::now() + Duration::from_secs(5)
    }

    fn query(result: Option<Addresses>) -> Arc<Query> {
        Arc::new(Query {
            started: Instant::now(),
            result: Mutex::new(result),
            done: Condvar::new(),
        })
    }

    fn found(addresses: &[&str]) -> Option<Addresses> {
        let parse = |address: &&str| address.parse().unwrap();
        Some(Ok(addresses.iter().map(parse).collect()))
    }

    fn dns_with(host: &str, query: &Arc<Query>) -> Dns {
        let dns = Dns::default();
        let name = Name {
            query: Some(Arc::clone(query)),
            preferred: None,
        };
        lock(&dns.names).insert(host.to_owned(), name);
        dns
    }

    fn query_of(dns: &Dns, host: &str) -> Option<Arc<Query>> {
        lock(&dns.names).get(host)?.query.clone()
    }

    #[test]
    fn addresses_need_no_query() {
        let dns = Dns::default();
        let own: IpAddr = "::1".parse().unwrap();
        assert_eq!(dns.resolve("::1", Instant::now()).unwrap(), [own]);
        assert!(lock(&dns.names).is_empty());
    }

    #[test]
    fn a_name_is_looked_up_once() {
        let dns = Dns::default();
        let addresses = dns.resolve("localhost", in_5_s()).unwrap();
        assert!(addresses.iter().all(IpAddr::is_loopback));
        let first = query_of(&dns, "localhost").unwrap();
        dns.resolve("localhost", in_5_s()).unwrap();
        assert!(Arc::ptr_eq(&first, &query_of(&dns, "localhost").unwrap()));
    }

    #[test]
    fn a_query_under_way_is_shared_and_outlives_deadlines_and_failures() {
        let under_way = query(None);
        let dns = dns_with("slow.example", &under_way);
        for wait in [0, 20] {
            let until = Instant::now() + Duration::from_millis(wait);
            let unresolved = dns.resolve("slow.example", until).unwrap_err();
            assert_eq!(unresolved, Unresolved::Stopped(Stopped::TimedOut));
            dns.forget("slow.example");
            assert!(Arc::ptr_eq(
                &under_way,
                &query_of(&dns, "slow.example").unwrap()
            ));
        }
    }

    #[test]
    fn a_query_whose_thread_panics_fails() {
        let lost = query(None);
        let thread = Unfinished(Arc::clone(&lost));
        std::thread::spawn(move || {
            let _unfinished = thread;
            std::panic::resume_unwind(Box::new("on purpose"));
        })
        .join()
        .unwrap_err();
        assert!(lost.wait(in_5_s()).unwrap().is_err());
    }

    #[test]
    fn an_old_result_and_a_failure_are_looked_up_again() {
        let old = Query {
            started: Instant::now().checked_sub(TIME_TO_LIVE).unwrap(),
            result: Mutex::new(found(&["192.0.2.1"])),
            done: Condvar::new(),
        };
        assert!(!old.is_recent());
        assert!(query(found(&["192.0.2.1"])).is_recent());
        assert!(!query(Some(Err("no".to_owned()))).is_recent());
        let dns = Dns::default();
        let unresolved = dns.resolve("no-such-host.invalid", in_5_s()).unwrap_err();
        assert!(
            matches!(unresolved, Unresolved::NotFound(_)),
            "{unresolved:?}"
        );
        assert!(!query_of(&dns, "no-such-host.invalid").unwrap().is_recent());
    }

    #[test]
    fn a_poisoned_lock_does_not_stop_later_calls() {
        let query = query(found(&["192.0.2.1"]));
        let dns = dns_with("api.example", &query);
        let panics = || {
            let _locked = (dns.names.lock(), query.result.lock());
            std::panic::resume_unwind(Box::new("on purpose"));
        };
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(panics)).unwrap_err();
        assert!(dns.names.is_poisoned() && query.result.is_poisoned());
        assert_eq!(dns.resolve("api.example", in_5_s()).unwrap().len(), 1);
        dns.forget("api.example");
        assert!(query_of(&dns, "api.example").is_none());
    }

    #[test]
    fn the_address_that_worked_stays_first_after_another_query() {
        let addresses = ["2001:db8::1", "192.0.2.1", "192.0.2.2"];
        let dns = dns_with("two.example", &query(found(&addresses)));
        dns.prefer("two.example", "192.0.2.2".parse().unwrap());
        let order = || -> Vec<String> {
            let addresses = dns.resolve("two.example", in_5_s()).unwrap();
            addresses.iter().map(IpAddr::to_string).collect()
        };
        assert_eq!(order(), ["192.0.2.2", "2001:db8::1", "192.0.2.1"]);
        dns.forget("two.example");
        assert!(query_of(&dns, "two.example").is_none());
        lock(&dns.names).get_mut("two.example").unwrap().query = Some(query(found(&addresses)));
        assert_eq!(order(), ["192.0.2.2", "2001:db8::1", "192.0.2.1"]);
    }
}
