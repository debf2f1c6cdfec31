//! The forward proxy: from the setting, or from the environment if the setting is `environment`.

use std::env;
use std::net::IpAddr;

use ureq::{Proxy, ProxyProtocol};

use crate::endpoint::{Endpoint, has_valid_port};
use crate::error::Error;
use crate::secret::Secret;

/// The value of the setting that uses the environment's proxy.
const FROM_ENVIRONMENT: &str = "environment";

/// The proxy to reach `endpoint` through, if any. An invalid setting is an error even if
/// `endpoint` needs no proxy.
pub(super) fn choose(
    setting: Option<&Secret>,
    endpoint: &Endpoint,
) -> Result<Option<Proxy>, Error> {
    let Some(setting) = setting else {
        return Ok(None);
    };
    let proxy = match std::str::from_utf8(setting.expose()).map(str::trim) {
        Ok("") => None,
        Ok(FROM_ENVIRONMENT) => from_environment(endpoint, |name| env::var(name).ok())?,
        Ok(url) => Some(parse(url, "")?),
        Err(_) => return Err(Error::invalid_config("proxy", "must be valid UTF-8")),
    };
    // Through a proxy, the signed request would leave this machine unencrypted.
    let stays_here = !endpoint.is_tls() && endpoint.is_loopback();
    Ok(proxy.filter(|_| !stays_here))
}

fn from_environment(
    endpoint: &Endpoint,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<Proxy>, Error> {
    let first_of = |names: &[&'static str]| {
        names.iter().find_map(|name| {
            let value = variable(name)?.trim().to_owned();
            (!value.is_empty()).then_some((*name, value))
        })
    };
    // HTTP_PROXY in capitals is left out: a CGI program gets it from a request's Proxy header.
    let url = if endpoint.is_tls() {
        first_of(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
    } else {
        first_of(&["http_proxy", "all_proxy", "ALL_PROXY"])
    };
    let Some((name, url)) = url else {
        return Ok(None);
    };
    if let Some((_, exceptions)) = first_of(&["no_proxy", "NO_PROXY"])
        && is_excepted(endpoint, &exceptions)
    {
        return Ok(None);
    }
    parse(&url, &format!(" (the environment variable {name})")).map(Some)
}

/// Whether a NO_PROXY list names the endpoint's host, as curl reads such a list: `*` alone, or
/// entries between commas or blanks. `*.domain` is accepted for `.domain`.
fn is_excepted(endpoint: &Endpoint, exceptions: &str) -> bool {
    let mut entries = exceptions
        .split(|c: char| c == ',' || c.is_ascii_whitespace())
        .filter(|entry| !entry.is_empty());
    match endpoint.ip() {
        _ if exceptions == "*" => true,
        Some(address) => entries.any(|entry| has_address(entry, address)),
        None => entries.any(|entry| has_name(entry, endpoint.host())),
    }
}

/// Whether an entry is this address, or a block of addresses (`10.0.0.0/8`) that contains it.
fn has_address(entry: &str, address: IpAddr) -> bool {
    let (block, bits) = match entry.split_once('/') {
        Some((block, bits)) => (block, Some(bits)),
        None => (entry, None),
    };
    let bits = match bits.map(str::parse::<u32>) {
        Some(Err(_)) => return false,
        Some(Ok(bits)) => Some(bits),
        None => None,
    };
    match (block.parse(), address) {
        (Ok(IpAddr::V4(block)), IpAddr::V4(address)) => {
            let differing = u32::from(block) ^ u32::from(address);
            let bits = bits.unwrap_or(32);
            bits <= 32 && differing.checked_shr(32 - bits).unwrap_or(0) == 0
        }
        (Ok(IpAddr::V6(block)), IpAddr::V6(address)) => {
            let differing = u128::from(block) ^ u128::from(address);
            let bits = bits.unwrap_or(128);
            bits <= 128 && differing.checked_shr(128 - bits).unwrap_or(0) == 0
        }
        _ => false,
    }
}

/// Whether an entry is this name or a domain that it belongs to.
fn has_name(entry: &str, name: &str) -> bool {
    let without_dot = |name: &str| name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    let (entry, name) = (without_dot(entry), without_dot(name));
    let domain = entry.strip_prefix('*').unwrap_or(&entry);
    let domain = domain.strip_prefix('.').unwrap_or(domain);
    match name.strip_suffix(domain) {
        _ if domain.is_empty() => false,
        Some(before) => before.is_empty() || before.ends_with('.'),
        None => false,
    }
}

/// `origin` follows the name of the setting in messages.
fn parse(url: &str, origin: &str) -> Result<Proxy, Error> {
    // The value is not quoted: it may contain a password.
    let fault = |fault: &str| {
        let fault = format!(
            "{fault}{origin}; set it to http://host:port or http://user:password@host:port, with %XX for special characters"
        );
        Error::invalid_config("proxy", fault)
    };
    let proxy = Proxy::new(url).map_err(|_| fault("is not a URL"))?;
    if proxy.protocol() != ProxyProtocol::Http {
        return Err(fault("must begin with http://"));
    }
    if proxy.host().is_empty() {
        return Err(fault("has no host"));
    }
    if !proxy.uri().authority().is_some_and(has_valid_port) {
        return Err(fault("has a port that is not a number from 1 to 65535"));
    }
    Ok(proxy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(url: &str) -> Endpoint {
        Endpoint::parse(url, true).unwrap()
    }

    fn from(url: &str, variables: &[(&str, &str)]) -> Option<String> {
        let variable = |name: &str| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| value.to_string())
        };
        from_environment(&endpoint(url), variable)
            .unwrap()
            .map(|proxy| proxy.host().to_owned())
    }

    #[test]
    fn the_environment_is_read_by_scheme() {
        let https = "https://api.example";
        assert_eq!(from(https, &[]), None);
        assert_eq!(
            from(https, &[("HTTPS_PROXY", "http://one:1")]).unwrap(),
            "one"
        );
        assert_eq!(
            from(https, &[("https_proxy", "http://two:1")]).unwrap(),
            "two"
        );
        assert_eq!(from(https, &[("ALL_PROXY", "three:1")]).unwrap(), "three");
        assert_eq!(from(https, &[("http_proxy", "http://four:1")]), None);
        assert_eq!(
            from("http://api.example", &[("http_proxy", "http://four:1")]).unwrap(),
            "four"
        );
        assert_eq!(
            from("http://api.example", &[("HTTP_PROXY", "http://five:1")]),
            None
        );
        assert_eq!(
            from(https, &[("https_proxy", " "), ("HTTPS_PROXY", "two:1")]).unwrap(),
            "two"
        );
    }

    /// Whether a host is reached without the proxy, with this NO_PROXY.
    fn is_direct(host: &str, exceptions: &str) -> bool {
        let variables = [("HTTPS_PROXY", "http://one:1"), ("NO_PROXY", exceptions)];
        from(&format!("https://{host}:4859"), &variables).is_none()
    }

    #[test]
    fn no_proxy_has_names_and_domains() {
        for exceptions in [
            "*",
            " * ",
            "api.bank.example",
            "bank.example",
            ".bank.example",
            "*.bank.example",
            "bank.example.",
            ".bank.example.",
            "x, BANK.example",
            "x BANK.example",
            "x\tbank.example,y",
        ] {
            assert!(is_direct("api.bank.example", exceptions), "{exceptions}");
            assert!(is_direct("api.bank.example.", exceptions), "{exceptions}");
        }
        for exceptions in [
            "",
            ",",
            ".",
            "*.",
            "x,*",
            "other.example",
            "pi.bank.example",
            "ank.example",
            "api.bank.example:4859",
            "https://api.bank.example",
            "..bank.example",
            "10.0.0.0/0",
        ] {
            assert!(!is_direct("api.bank.example", exceptions), "{exceptions}");
        }
        let lower = [("HTTPS_PROXY", "http://one:1"), ("no_proxy", "::1")];
        assert_eq!(from("https://[::1]:4859", &lower), None);
    }

    #[test]
    fn no_proxy_has_addresses_and_blocks_of_them() {
        for (host, exceptions) in [
            ("10.1.2.3", "10.1.2.3"),
            ("10.1.2.3", "x 10.1.2.3/32"),
            ("10.1.2.3", "10.0.0.0/8"),
            ("10.1.2.3", "10.255.255.255/8,x"),
            ("10.1.2.3", "0.0.0.0/0"),
            ("[fd00:1::7]", "fd00:1::7"),
            ("[fd00:1::7]", "FD00:0001:0::7"),
            ("[fd00:1::7]", "fd00::/8"),
            ("[fd00:1::7]", "fd00:1::7/128"),
            ("[fd00:1::7]", "::/0"),
        ] {
            assert!(is_direct(host, exceptions), "{host} {exceptions}");
        }
        for (host, exceptions) in [
            // No suffix of an address is a domain of it.
            ("10.1.2.3", "1.2.3"),
            ("10.1.2.3", ".2.3"),
            ("10.1.2.3", "*.2.3"),
            ("10.1.2.3", "3"),
            ("10.1.2.3", "10.1.2.4/32"),
            ("10.1.2.3", "11.0.0.0/8"),
            ("10.1.2.3", "10.1.2.3/33"),
            ("10.1.2.3", "10.1.2.3/"),
            ("10.1.2.3", "10.1.2.3/x"),
            ("10.1.2.3", "10.1.2.3:4859"),
            ("10.1.2.3", "::/0"),
            ("[fd00:1::7]", "fd00:2::/32"),
            ("[fd00:1::7]", "fd00:1::7/129"),
            ("[fd00:1::7]", "0.0.0.0/0"),
        ] {
            assert!(!is_direct(host, exceptions), "{host} {exceptions}");
        }
    }

    #[test]
    fn a_plain_loopback_endpoint_goes_direct_and_everything_else_through_the_proxy() {
        let proxy = Secret::new(b"http://proxy:3128");
        for (url, is_direct) in [
            ("http://127.0.0.1:1", true),
            ("http://[::1]:1", true),
            ("http://localhost", true),
            ("https://127.0.0.1:1", false),
            ("https://localhost", false),
            ("http://api.example", false),
        ] {
            let chosen = choose(Some(&proxy), &endpoint(url)).unwrap();
            assert_eq!(chosen.is_none(), is_direct, "{url}");
        }
        let invalid = Secret::new(b"http://proxy:99999");
        choose(Some(&invalid), &endpoint("http://localhost")).unwrap_err();
    }

    #[test]
    fn other_proxies_are_rejected_without_showing_their_password() {
        let choose = |url: &str| {
            choose(
                Some(&Secret::new(url.as_bytes())),
                &endpoint("https://api.example"),
            )
        };
        assert!(choose("").unwrap().is_none());
        let proxy = choose("http://us%65r:p%40ss@proxy:3128").unwrap().unwrap();
        assert_eq!(
            (proxy.username(), proxy.password()),
            (Some("user"), Some("p@ss"))
        );
        for url in [
            "socks5://u:passw0rd@proxy:1",
            "https://proxy:1",
            "http://",
            "http://u:passw0rd@:1",
            "a b",
            "http://proxy:0",
            "http://proxy:",
            "http://proxy:+80",
            "http://proxy:99999",
            "http://u:passw0rd@proxy:4294967376",
            "proxy:+80",
            "http://[::1]:+80",
        ] {
            let error = choose(url).unwrap_err();
            assert_eq!(error.argument(), Some("proxy"), "{url}: {error}");
            assert!(!error.message().contains("passw0rd"), "{error}");
        }
    }
}
