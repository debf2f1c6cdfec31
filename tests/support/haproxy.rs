//! HAProxy in front of a sandbox, where it terminates TLS as in a bank.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::Stdio;

use diyalog_sandbox::pki::{Authority, Issued, Leaf};

use super::raw::free_port;
use super::{Process, Scratch, command, wait_until};

/// A running HAProxy.
pub struct Haproxy {
    pub port: u16,
    listening: Listening,
    files: Scratch,
    /// The last one serves; those before it finish their connections.
    processes: Vec<Process>,
}

/// Which process listens on the port.
enum Listening {
    /// This process, which passes it to each HAProxy, as a systemd socket unit does. The port stays
    /// open while none runs.
    Inherited(TcpListener),
    /// HAProxy: connections are refused while none runs.
    Own,
}

impl Haproxy {
    /// `bind` is what follows the address in the configuration, such as `ssl crt FILE`.
    pub fn start(bind: &str, backend: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("has an address").port();
        let files = configuration("fd@0", bind, backend);
        let mut haproxy = Haproxy {
            port,
            listening: Listening::Inherited(listener),
            files,
            processes: Vec::new(),
        };
        haproxy.launch(&[]);
        haproxy
    }

    /// The same, but HAProxy itself listens on the port.
    pub fn start_on_own_port(bind: &str, backend: SocketAddr) -> Self {
        // If another process takes the port before HAProxy does, another port is tried.
        for _ in 0..10 {
            let port = free_port();
            let mut haproxy = Haproxy {
                port,
                listening: Listening::Own,
                files: configuration(&format!("127.0.0.1:{port}"), bind, backend),
                processes: Vec::new(),
            };
            haproxy.launch(&[]);
            if haproxy.opens_its_port() {
                return haproxy;
            }
        }
        panic!("HAProxy does not start: no port is free");
    }

    pub fn url(&self, scheme: &str) -> String {
        format!("{scheme}://localhost:{}", self.port)
    }

    /// Ends HAProxy at once, with all its connections.
    pub fn stop(&mut self) {
        self.processes.clear();
    }

    /// Starts it again after a stop.
    pub fn start_again(&mut self) {
        self.launch(&[]);
        assert!(self.opens_its_port(), "HAProxy has its port back");
    }

    /// Starts a new process that takes over, while the old one finishes its connections (`-sf`).
    pub fn reload(&mut self) {
        let old = self.processes.last().expect("one is running").0.id();
        self.launch(&["-sf", &old.to_string()]);
        let before = self.processes.len() - 2;
        let leaving = &mut self.processes[before];
        wait_until("the old HAProxy ends", || {
            leaving.0.try_wait().expect("it is our child").is_some()
        });
        self.processes.remove(before);
    }

    /// Waits until it has logged this many responses, since it logs one after sending it.
    pub fn statuses_of(&self, answers: usize) -> Vec<u16> {
        super::wait_until("the answers to be noted", || {
            self.statuses().len() >= answers
        });
        self.statuses()
    }

    /// The status of each response that it logged.
    fn statuses(&self) -> Vec<u16> {
        fs::read_to_string(self.files.at("log"))
            .expect("the log is there")
            .lines()
            .filter_map(|line| line.trim().strip_prefix("status ")?.parse().ok())
            .collect()
    }

    fn launch(&mut self, arguments: &[&str]) {
        let log = File::options()
            .append(true)
            .create(true)
            .open(self.files.at("log"))
            .expect("a log");
        let stdin = match &self.listening {
            Listening::Inherited(listener) => {
                let listener = listener.try_clone().expect("a copy of the socket");
                Stdio::from(OwnedFd::from(listener))
            }
            Listening::Own => Stdio::null(),
        };
        let child = command("haproxy")
            .args(["-db", "-f"])
            .arg(self.files.at("haproxy.cfg"))
            .args(arguments)
            .stdin(stdin)
            .stdout(log.try_clone().expect("a copy of the file"))
            .stderr(log)
            .spawn();
        self.processes.push(Process(child.expect("HAProxy starts")));
    }

    fn opens_its_port(&mut self) -> bool {
        let mut is_open = false;
        let (port, process) = (self.port, self.processes.last_mut().expect("was launched"));
        wait_until("HAProxy opens its port, or gives up", || {
            is_open = TcpStream::connect(("127.0.0.1", port)).is_ok();
            is_open || process.0.try_wait().expect("it is our child").is_some()
        });
        is_open
    }
}

fn configuration(address: &str, bind: &str, backend: SocketAddr) -> Scratch {
    let files = Scratch::new();
    files.write(
        "haproxy.cfg",
        format!(
            "global
    log stdout format raw local0
    hard-stop-after 5s
defaults
    mode http
    log global
    log-format \"status %ST\"
    option dontlognull
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    retries 0
frontend bank
    bind {address} {bind}
    default_backend api
backend api
    server sandbox {backend}
"
        ),
    );
    files
}

/// A bank's certificate authority and its files.
pub struct Pki {
    pub authority: Authority,
    files: Scratch,
}

impl Pki {
    pub fn new() -> Self {
        let files = Scratch::new();
        let authority = Authority::new("The Bank's Own CA");
        files.write("ca.pem", authority.pem());
        Pki { authority, files }
    }

    /// The authority's certificate, for `ca_file`.
    pub fn ca_file(&self) -> PathBuf {
        self.files.at("ca.pem")
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        self.files.write(name, content)
    }

    /// `ssl crt FILE` with a certificate for localhost.
    pub fn bind(&self) -> String {
        self.bind_with(&self.authority.issue(&Leaf::server(&["localhost"])))
    }

    /// `ssl crt FILE` with this certificate.
    pub fn bind_with(&self, issued: &Issued) -> String {
        let both = format!("{}{}", issued.certificate_pem, issued.key_pem);
        format!("ssl crt {}", self.write("server.pem", both).display())
    }

    /// Certificate and key of a client, as files.
    pub fn client_files(&self, issued: &Issued) -> (PathBuf, PathBuf) {
        (
            self.write("client.pem", &issued.certificate_pem),
            self.write("client.key", &issued.key_pem),
        )
    }
}
