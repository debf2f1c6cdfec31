//! The server's address, and the paths below it.

use std::net::IpAddr;

use http::Uri;
use http::uri::Authority;

use crate::error::Error;

/// A valid endpoint.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    /// Without a slash at the end, unless the path is just that slash.
    uri: Uri,
}

impl Endpoint {
    pub(crate) fn parse(url: &str, allow_plain_http: bool) -> Result<Self, Error> {
        let fault = |fault: &str| {
            let fault =
                format!("{fault}; set it to https://host, with :port and a path if there are any");
            Error::invalid_config("endpoint", fault)
        };

        if url.contains(['?', '#']) {
            return Err(fault("must have no query and no fragment"));
        }
        if !url.is_ascii() {
            return Err(fault("must be ASCII (a host name in its xn-- form)"));
        }
        let after_scheme = match url.split_once("://") {
            Some((scheme, rest)) if is_http(scheme) => rest,
            _ => return Err(fault("must begin with https://")),
        };
        if after_scheme.is_empty() || after_scheme.starts_with(['/', ':']) {
            return Err(fault("has no host"));
        }
        let base = url.trim_end_matches('/');
        let uri: Uri = base.parse().map_err(|_| fault("is not a URL"))?;
        let authority = uri.authority().ok_or_else(|| fault("has no host"))?;
        if authority.as_str().contains('@') {
            return Err(fault(
                "must not contain a user name or password (set credentials instead)",
            ));
        }
        if !has_valid_port(authority) {
            return Err(fault("has a port that is not a number from 1 to 65535"));
        }

        let endpoint = Endpoint { uri };
        if is_bracketed(endpoint.uri.host()) && endpoint.ip().is_none() {
            return Err(fault(
                "has brackets around a host that is not an IPv6 address",
            ));
        }
        if !endpoint.is_tls() && !allow_plain_http && !endpoint.is_loopback() {
            let fault = format!(
                "is plain http to {} (requests would cross the network unprotected); use https, or set allow_plain_http",
                endpoint.host()
            );
            return Err(Error::invalid_config("endpoint", fault));
        }
        Ok(endpoint)
    }

    /// The address of a path of the API: the path is appended to the base path.
    ///
    /// Fails with INVALID_ARGUMENT if the path is invalid.
    pub(crate) fn uri_of(&self, path: &str) -> Result<Uri, Error> {
        check_path(path)?;
        let base = self.uri.path().trim_end_matches('/');
        let joined = format!("{base}{path}");
        let mut parts = self.uri.clone().into_parts();
        parts.path_and_query = Some(joined.parse().map_err(|_| not_in_a_path())?);
        Uri::from_parts(parts).map_err(|_| not_in_a_path())
    }

    /// The host name or IP address, without the brackets of IPv6.
    pub(crate) fn host(&self) -> &str {
        bare(self.uri.host().unwrap_or_default())
    }

    /// `host:port` as messages name it.
    pub(crate) fn host_and_port(&self) -> String {
        format!("{}:{}", self.uri.host().unwrap_or_default(), self.port())
    }

    /// The host, with the port if the endpoint has one.
    pub(crate) fn authority(&self) -> &str {
        self.uri
            .authority()
            .map_or("", |authority| authority.as_str())
    }

    fn port(&self) -> u16 {
        let default = if self.is_tls() { 443 } else { 80 };
        self.uri.port_u16().unwrap_or(default)
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.uri.scheme_str() == Some("https")
    }

    /// The host's IP address, if the endpoint has one instead of a name.
    pub(crate) fn ip(&self) -> Option<IpAddr> {
        self.host().parse().ok()
    }

    pub(crate) fn is_loopback(&self) -> bool {
        match self.ip() {
            Some(ip) => ip.is_loopback(),
            None => self.host().eq_ignore_ascii_case("localhost"),
        }
    }
}

/// Whether the authority has no port, or one from 1 to 65535 in digits. `Authority` itself ignores a
/// port that it cannot parse, and parses `+80`.
pub(crate) fn has_valid_port(authority: &Authority) -> bool {
    let (_, after_user) = authority
        .as_str()
        .rsplit_once('@')
        .unwrap_or(("", authority.as_str()));
    match after_user[authority.host().len()..].strip_prefix(':') {
        None => true,
        Some(port) => {
            port.bytes().all(|byte| byte.is_ascii_digit())
                && port.parse::<u16>().is_ok_and(|port| port != 0)
        }
    }
}

/// Checks a path, which is signed and sent unchanged: visible ASCII that begins with a slash, without
/// a query.
pub(crate) fn check_path(path: &str) -> Result<(), Error> {
    if !path.starts_with('/') {
        return Err(Error::invalid_argument("path", "must begin with /"));
    }
    if path.contains(['?', '#']) {
        return Err(Error::invalid_argument(
            "path",
            "must have no query and no fragment; send values in the body",
        ));
    }
    match path.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(()),
        false => Err(not_in_a_path()),
    }
}

fn not_in_a_path() -> Error {
    Error::invalid_argument(
        "path",
        "has a character that a URL path cannot contain; write it as %XX",
    )
}

fn is_http(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")
}

fn is_bracketed(host: Option<&str>) -> bool {
    host.is_some_and(|host| host.starts_with('['))
}

/// A URI's host without the brackets that IPv6 addresses have there.
pub(crate) fn bare(host: &str) -> &str {
    host.strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Endpoint {
        Endpoint::parse(url, false).unwrap_or_else(|error| panic!("{url}: {error}"))
    }

    #[test]
    fn the_path_follows_the_base_path() {
        let lookup = "/v1/application/iscustomerinonlinehelp";
        for (url, path) in [
            ("https://gw.example", lookup.to_string()),
            ("https://gw.example/", lookup.to_string()),
            ("https://gw.example/diyalog", format!("/diyalog{lookup}")),
            ("https://gw.example/diyalog/", format!("/diyalog{lookup}")),
            ("https://gw.example:4859/a/b//", format!("/a/b{lookup}")),
            ("HTTPS://gw.example", lookup.to_string()),
        ] {
            assert_eq!(parse(url).uri_of(lookup).unwrap().path(), path, "{url}");
        }
    }

    #[test]
    fn names_and_ip_addresses_are_accepted() {
        assert_eq!(parse("https://[2001:db8::1]:4859").host(), "2001:db8::1");
        assert_eq!(
            parse("https://[2001:db8::1]:4859").host_and_port(),
            "[2001:db8::1]:4859"
        );
        assert_eq!(parse("https://a.example").host_and_port(), "a.example:443");
        for loopback in [
            "http://127.0.0.1:1",
            "http://[::1]",
            "http://localhost:80/x",
        ] {
            assert!(!parse(loopback).is_tls());
        }
        assert!(Endpoint::parse("http://api.example", true).is_ok());
    }

    #[test]
    fn everything_else_is_rejected() {
        for url in [
            "",
            "api.example",
            "https://",
            "https:///path",
            "https://:443",
            "https://[]",
            "https://[api.example]",
            "ftp://api.example",
            "https://api.example?x=1",
            "https://api.example/#top",
            "https://user:password@api.example",
            "https://api.example:0",
            "https://api.example:65536",
            "https://api.example:port",
            "https://api.example:",
            "https://api.example:+80",
            "https://api.example:-80",
            "https://api.example:99999",
            "https://api.example:4294967376",
            "https://[::1]:+80",
            "https://api example",
            "https://api.example/a b",
            "https://müşteri.example",
            "http://api.example",
            "http://127.0.0.1.example",
        ] {
            let error = Endpoint::parse(url, false).expect_err(url);
            assert_eq!(error.argument(), Some("endpoint"), "{url}: {error}");
            assert!(!error.message().contains("password@"), "{error}");
        }
    }
}
