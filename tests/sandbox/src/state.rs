//! The state that the connections of one sandbox share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::clock::Clock;
use crate::customers::Customers;
use crate::faults::FaultQueue;
use crate::options::{Event, Observer};
use crate::origin::Origins;
use crate::platform::Pushes;
use crate::record::{ConnectionCounters, RequestRecord};
use crate::verify::KeyPair;
use tokio::sync::watch;

pub(crate) struct State {
    pub(crate) key: KeyPair,
    /// Empty, or begins with a slash and does not end with one.
    pub(crate) base_path: String,
    /// Scheme and address, as in a URL.
    pub(crate) origin: String,
    /// Which web pages may call it.
    pub(crate) origins: Origins,
    /// Identifies this run of the sandbox among others at the same address.
    pub(crate) run: String,
    /// Notifies open pages of changes.
    pub(crate) changes: watch::Sender<()>,
    pub(crate) clock: Clock,
    pub(crate) connections: Arc<ConnectionCounters>,
    pub(crate) observer: Option<Observer>,
    customers: Mutex<Customers>,
    faults: Mutex<FaultQueue>,
    requests: Mutex<RequestRecord>,
    pushes: Mutex<Pushes>,
}

impl State {
    pub(crate) fn new(
        key: KeyPair,
        base_path: String,
        origin: String,
        origins: Origins,
        clock: Clock,
        observer: Option<Observer>,
    ) -> State {
        State {
            key,
            base_path,
            origin,
            origins,
            run: run(),
            changes: watch::Sender::new(()),
            clock,
            connections: Arc::default(),
            observer,
            customers: Mutex::new(Customers::at_start()),
            faults: Mutex::default(),
            requests: Mutex::default(),
            pushes: Mutex::default(),
        }
    }

    pub(crate) fn customers(&self) -> MutexGuard<'_, Customers> {
        lock(&self.customers)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, FaultQueue> {
        lock(&self.faults)
    }

    pub(crate) fn requests(&self) -> MutexGuard<'_, RequestRecord> {
        lock(&self.requests)
    }

    pub(crate) fn pushes(&self) -> MutexGuard<'_, Pushes> {
        lock(&self.pushes)
    }

    /// Notifies open pages of a change.
    pub(crate) fn has_changed(&self) {
        self.changes.send_replace(());
    }

    pub(crate) fn tell(&self, event: &Event) {
        if let Some(observer) = &self.observer {
            observer(event);
        }
    }
}

fn run() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_nanos().to_string()
}

/// A panic with the lock held leaves nothing half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
