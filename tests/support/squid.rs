//! Squid as a bank's forward proxy.

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use super::raw::free_port;
use super::{Process, Scratch, command, wait_until};

/// Which clients Squid accepts.
pub enum Access {
    Everybody,
    Nobody,
    /// Those with this name and password.
    User(&'static str, &'static str),
}

pub struct Squid {
    pub port: u16,
    files: Scratch,
    _process: Process,
}

impl Squid {
    pub fn start(access: Access) -> Self {
        // If another process takes the port before Squid does, another port is tried.
        (0..5)
            .find_map(|_| Squid::try_start(&access))
            .expect("Squid starts")
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The result of each CONNECT request, such as `TCP_TUNNEL/200`.
    pub fn results(&self) -> Vec<String> {
        fs::read_to_string(self.files.at("access.log"))
            .unwrap_or_default()
            .lines()
            // A check whether the port is open, without a request.
            .filter(|line| *line != "NONE_NONE/000")
            .map(str::to_owned)
            .collect()
    }

    fn try_start(access: &Access) -> Option<Self> {
        let port = free_port();
        let files = Scratch::new();
        // Started as root, Squid changes to its own user, who has to be able to write here.
        let everybody = fs::Permissions::from_mode(0o777);
        fs::set_permissions(files.path(), everybody).expect("it is our directory");
        let rules = access_rules(access, &files);
        let config = files.write("squid.conf", configuration(port, &rules, files.path()));
        let child = command("squid")
            .args(["-N", "-f"])
            .arg(config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let mut process = Process(child.expect("Squid starts"));
        let mut is_open = false;
        wait_until("Squid opens its port, or gives up", || {
            is_open = TcpStream::connect(("127.0.0.1", port)).is_ok();
            is_open || process.0.try_wait().expect("it is our child").is_some()
        });
        is_open.then_some(Squid {
            port,
            files,
            _process: process,
        })
    }
}

fn configuration(port: u16, rules: &str, directory: &Path) -> String {
    let directory = directory.display();
    format!(
        "http_port 127.0.0.1:{port}
{rules}
cache deny all
cache_mem 1 MB
memory_cache_shared off
pinger_enable off
pid_filename none
coredump_dir {directory}
cache_log {directory}/cache.log
logformat result %Ss/%03>Hs
access_log stdio:{directory}/access.log logformat=result
shutdown_lifetime 0 seconds
"
    )
}

fn access_rules(access: &Access, files: &Scratch) -> String {
    let (name, password) = match access {
        Access::Everybody => return "http_access allow all".to_owned(),
        Access::Nobody => return "http_access deny all".to_owned(),
        Access::User(name, password) => (name, password),
    };
    let hashed = command("openssl")
        .args(["passwd", "-apr1", password])
        .output()
        .expect("openssl hashes a password");
    let hashed = String::from_utf8(hashed.stdout).expect("is text");
    let users = files.write("users", format!("{name}:{hashed}"));
    format!(
        "auth_param basic program /usr/lib/squid/basic_ncsa_auth {}
auth_param basic realm bank
auth_param basic children 1 startup=1 idle=1
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all",
        users.display()
    )
}
