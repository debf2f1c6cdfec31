//! The connection pool of a process, and that of a child that it forked.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use ureq::config::Config;
use ureq::{Agent, Proxy};

use super::certificates::Certificates;
use super::connector::{ResolveInConnector, ServerConnector};
use super::dns::Dns;
use super::tls::TlsConnector;
use crate::error::Error;
use crate::os::fork;

/// The largest header of a response that is read.
const MAX_HEADER: usize = 8 * 1024;

/// What is needed to open connections, in this process or in a forked child.
pub(super) struct Blueprint {
    pub(super) host: String,
    pub(super) certificates: Option<Certificates>,
    pub(super) proxy: Option<Proxy>,
    pub(super) settings: Config,
}

/// ureq's settings. Created once per client: ureq reads the proxy variables of the environment when
/// it creates them, which cannot be avoided. Its result is discarded.
pub(super) fn settings(max_idle_connections: usize, max_idle_age: Duration) -> Config {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        // The connector handles the proxy.
        .proxy(None)
        .max_idle_connections(max_idle_connections)
        .max_idle_connections_per_host(max_idle_connections)
        .max_idle_age(max_idle_age)
        .max_response_header_size(MAX_HEADER)
        .user_agent("")
        .accept("")
        .accept_encoding("")
        .build()
}

pub(super) struct Connections {
    generation: u32,
    dns: Arc<Dns>,
    /// `Some` until dropped.
    agent: Option<RwLock<Arc<Agent>>>,
    in_forked_child: OnceLock<Box<Connections>>,
}

impl Connections {
    pub(super) fn new(blueprint: &Blueprint) -> Result<Self, Error> {
        let dns = Arc::default();
        Ok(Connections {
            generation: fork::generation(),
            agent: Some(RwLock::new(Arc::new(blueprint.agent(&dns)?))),
            dns,
            in_forked_child: OnceLock::new(),
        })
    }

    /// Returns the connections of the calling process.
    pub(super) fn of_this_process(&self, blueprint: &Blueprint) -> Result<&Connections, Error> {
        let mut connections = self;
        while connections.generation != fork::generation() {
            let child = &connections.in_forked_child;
            if child.get().is_none() {
                // Created first, then set: a fork during a OnceLock's initialisation would leave it
                // locked in the child.
                let _ = child.set(Box::new(Connections::new(blueprint)?));
            }
            connections = child.get().expect("set above");
        }
        Ok(connections)
    }

    pub(super) fn agent(&self) -> Arc<Agent> {
        let agent = self.lock().read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&agent)
    }

    /// Replaces an agent and its pool, whose connections are dead or whose lock a panic poisoned, from
    /// which ureq does not recover. Calls under way keep the old agent until they end.
    pub(super) fn replace(&self, agent: &Arc<Agent>, blueprint: &Blueprint) {
        let Ok(new) = blueprint.agent(&self.dns) else {
            return;
        };
        let mut current = self.lock().write().unwrap_or_else(PoisonError::into_inner);
        if Arc::ptr_eq(&current, agent) {
            *current = Arc::new(new);
        }
    }

    fn lock(&self) -> &RwLock<Arc<Agent>> {
        self.agent.as_ref().expect("Some until dropped")
    }
}

impl Drop for Connections {
    /// A child does not drop its parent's agent: another thread of the parent may have been changing
    /// it when the process forked.
    fn drop(&mut self) {
        if self.generation != fork::generation() {
            std::mem::forget(self.agent.take());
        }
    }
}

impl Blueprint {
    fn agent(&self, dns: &Arc<Dns>) -> Result<Agent, Error> {
        let tls = match &self.certificates {
            Some(certificates) => Some(TlsConnector::new(certificates, &self.host)?),
            None => None,
        };
        let connector = ServerConnector {
            dns: Arc::clone(dns),
            proxy: self.proxy.clone(),
            tls,
        };
        Ok(Agent::with_parts(
            self.settings.clone(),
            connector,
            ResolveInConnector,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agent_is_dropped_in_the_process_that_created_it_only() {
        let blueprint = Blueprint {
            host: "api.example".to_owned(),
            certificates: None,
            proxy: None,
            settings: settings(1, Duration::from_secs(1)),
        };
        for (of_another_process, owners_left) in [(0, 1), (1, 2)] {
            let mut connections = Connections::new(&blueprint).unwrap();
            connections.generation += of_another_process;
            let agent = connections.agent();
            drop(connections);
            assert_eq!(Arc::strong_count(&agent), owners_left);
        }
    }
}
