//! Rejects requests of foreign web pages.
//!
//! A sandbox listens on a loopback address, which every page in the user's browser can
//! reach. A page of another origin sends its own `Origin`; one that points a host name of
//! its own at 127.0.0.1 (DNS rebinding) sends that name as `Host`. Programs send neither an
//! `Origin` nor `Sec-Fetch-Site`, and their API calls are accepted under any host name, as
//! those of a proxy have to be.

use std::net::IpAddr;

use hyper::Method;
use hyper::header::{HOST, HeaderMap, ORIGIN};
use hyper::http::request::Parts;
use hyper::http::uri::Authority;

/// The host names of this sandbox.
pub(crate) struct Origins {
    scheme: &'static str,
    names: Vec<String>,
}

impl Origins {
    /// Loopback addresses and `localhost` are always among the names.
    pub(crate) fn new(scheme: &'static str, names: Vec<String>) -> Origins {
        Origins { scheme, names }
    }

    /// Accepts a request, or returns why not. `is_control_call`: its path is below `/sandbox/`.
    pub(crate) fn check(&self, request: &Parts, is_control_call: bool) -> Result<(), &'static str> {
        let host = host(request);
        let origin = text(&request.headers, ORIGIN.as_str());
        let site = text(&request.headers, "sec-fetch-site");

        if is_control_call || origin.is_some() {
            let is_own = host.is_none_or(|host| self.is_own_name(host));
            if !is_own {
                return Err("The Host header does not name this sandbox");
            }
        }
        if let Some(origin) = origin {
            let own = host.map(|host| format!("{}://{host}", self.scheme));
            if !own.is_some_and(|own| own.eq_ignore_ascii_case(origin)) {
                return Err("A page of another origin may not call the sandbox");
            }
        }
        let is_foreign = matches!(site, Some("cross-site" | "same-site"));
        if is_foreign && !is_navigation(request) {
            return Err("A page of another site may not call the sandbox");
        }
        Ok(())
    }

    fn is_own_name(&self, host: &str) -> bool {
        let Ok(authority) = host.parse::<Authority>() else {
            return false;
        };
        let name = authority.host();
        let address = name.trim_start_matches('[').trim_end_matches(']');
        let is_loopback = address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
        is_loopback
            || name.eq_ignore_ascii_case("localhost")
            || self.names.iter().any(|own| own.eq_ignore_ascii_case(name))
    }
}

/// A link from elsewhere may lead here: it only reads.
fn is_navigation(request: &Parts) -> bool {
    request.method == Method::GET && text(&request.headers, "sec-fetch-mode") == Some("navigate")
}

fn host(request: &Parts) -> Option<&str> {
    match request.uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => text(&request.headers, HOST.as_str()),
    }
}

/// A value that is not text counts as a foreign one.
fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get(name)
        .map(|value| value.to_str().unwrap_or("not text"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::Request;

    fn check(method: &str, path: &str, headers: &[(&str, &str)]) -> Result<(), &'static str> {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (request, ()) = request.body(()).unwrap().into_parts();
        Origins::new("http", vec!["sandbox.example".to_owned()])
            .check(&request, path.contains("/sandbox/"))
    }

    #[test]
    fn programs_are_accepted() {
        for headers in [
            &[][..],
            &[("host", "127.0.0.1:4859")],
            &[("host", "[::1]:4859")],
            &[("host", "127.9.9.9")],
            &[("host", "LocalHost:4859")],
            &[("host", "sandbox.example:4859")],
        ] {
            assert_eq!(
                check("POST", "/sandbox/sessions", headers),
                Ok(()),
                "{headers:?}"
            );
        }
        let any_name = [("host", "api.bank.example")];
        assert_eq!(check("POST", "/v1/application/x", &any_name), Ok(()));
    }

    #[test]
    fn the_own_page_and_links_to_it_are_accepted() {
        let own = [
            ("host", "127.0.0.1:4859"),
            ("origin", "http://127.0.0.1:4859"),
            ("sec-fetch-site", "same-origin"),
        ];
        assert_eq!(check("POST", "/sandbox/form/start", &own), Ok(()));
        let typed = [("host", "localhost:4859"), ("sec-fetch-site", "none")];
        assert_eq!(check("GET", "/sandbox/", &typed), Ok(()));
        let link = [
            ("host", "localhost:4859"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
        ];
        assert_eq!(check("GET", "/sandbox/", &link), Ok(()));
        assert!(check("POST", "/sandbox/form/start", &link).is_err());
    }

    #[test]
    fn foreign_pages_are_rejected() {
        let own_host = ("host", "127.0.0.1:4859");
        for headers in [
            &[own_host, ("origin", "http://evil.example")][..],
            &[own_host, ("origin", "null")],
            &[own_host, ("origin", "")],
            &[own_host, ("origin", "https://127.0.0.1:4859")],
            &[own_host, ("origin", "http://127.0.0.1:8000")],
            &[own_host, ("origin", "http://localhost:4859")],
            &[own_host, ("sec-fetch-site", "cross-site")],
            &[
                own_host,
                ("sec-fetch-site", "same-site"),
                ("sec-fetch-mode", "no-cors"),
            ],
            // DNS rebinding: host and origin agree, but are not this machine's.
            &[
                ("host", "evil.example:4859"),
                ("origin", "http://evil.example:4859"),
            ],
            &[("origin", "http://127.0.0.1:4859")],
        ] {
            for path in [
                "/sandbox/sessions",
                "/v1/application/iscustomerinonlinehelp",
            ] {
                assert!(check("POST", path, headers).is_err(), "{path} {headers:?}");
            }
        }
        for host in [
            "evil.example",
            "127.0.0.1.evil.example",
            "10.0.0.1",
            "a b",
            "",
        ] {
            assert!(
                check("GET", "/sandbox/", &[("host", host)]).is_err(),
                "{host}"
            );
        }
        assert!(check("GET", "http://evil.example/sandbox/", &[own_host]).is_err());
    }
}
