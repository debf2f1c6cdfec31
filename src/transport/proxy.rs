//! The forward proxy: from the setting, or from the environment where asked for.

use std::env;

use ureq::{Proxy, ProxyProtocol};

use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::secret::Secret;

/// The setting that asks for the environment's proxy.
const FROM_ENVIRONMENT: &str = "environment";

/// The proxy that the way to `endpoint` leads through, if any.
pub(super) fn choose(
    setting: Option<&Secret>,
    endpoint: &Endpoint,
) -> Result<Option<Proxy>, Error> {
    let Some(setting) = setting else {
        return Ok(None);
    };
    match std::str::from_utf8(setting.expose()).map(str::trim) {
        Ok("") => Ok(None),
        Ok(FROM_ENVIRONMENT) => from_environment(endpoint, |name| env::var(name).ok()),
        Ok(url) => parse(url, "proxy").map(Some),
        Err(_) => Err(Error::invalid_config("proxy is not valid UTF-8")),
    }
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
    // HTTP_PROXY in capitals is left out: a CGI program has it from a request's Proxy header.
    let url = if endpoint.is_tls() {
        first_of(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
    } else {
        first_of(&["http_proxy", "ALL_PROXY", "all_proxy"])
    };
    let Some((name, url)) = url else {
        return Ok(None);
    };
    if let Some((_, exceptions)) = first_of(&["NO_PROXY", "no_proxy"])
        && is_excepted(endpoint, &exceptions)
    {
        return Ok(None);
    }
    parse(&url, name).map(Some)
}

/// Whether a NO_PROXY list names the endpoint's host: `*`, a host, `.domain` or `*.domain`. A bare
/// domain stands for the hosts below it too, as with curl.
fn is_excepted(endpoint: &Endpoint, exceptions: &str) -> bool {
    let host = endpoint.host().to_ascii_lowercase();
    exceptions.split(',').any(|entry| {
        let entry = entry.trim().to_ascii_lowercase();
        let domain = entry.trim_start_matches('*').trim_start_matches('.');
        let is_below = |host: &str| {
            host.strip_suffix(domain)
                .is_some_and(|before| before.ends_with('.'))
        };
        entry == "*" || (!domain.is_empty() && (host == domain || is_below(&host)))
    })
}

fn parse(url: &str, setting: &str) -> Result<Proxy, Error> {
    // The value is not quoted: it may hold a password.
    let fault = |what: &str| {
        Error::invalid_config(format!(
            "{setting} {what}; it should read http://host:port or http://user:password@host:port (with %XX for special characters)"
        ))
    };
    let proxy = Proxy::new(url).map_err(|_| fault("is not a proxy's URL"))?;
    if proxy.protocol() != ProxyProtocol::Http {
        return Err(fault("must begin with http://"));
    }
    if proxy.host().is_empty() || proxy.port() == 0 {
        return Err(fault("names no host or no port"));
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
            from(https, &[("HTTPS_PROXY", " "), ("https_proxy", "two:1")]).unwrap(),
            "two"
        );
    }

    #[test]
    fn no_proxy_names_hosts_and_domains() {
        let direct = |exceptions| {
            let variables = [("HTTPS_PROXY", "http://one:1"), ("NO_PROXY", exceptions)];
            from("https://api.bank.example:4859", &variables).is_none()
        };
        for exceptions in [
            "*",
            "api.bank.example",
            ".bank.example",
            "*.bank.example",
            "x, BANK.example",
        ] {
            assert!(direct(exceptions), "{exceptions}");
        }
        for exceptions in [
            "",
            ",",
            ".",
            "other.example",
            "pi.bank.example",
            "ank.example",
        ] {
            assert!(!direct(exceptions), "{exceptions}");
        }
        let lower = [("HTTPS_PROXY", "http://one:1"), ("no_proxy", "::1")];
        assert_eq!(from("https://[::1]:4859", &lower), None);
    }

    #[test]
    fn only_http_proxies_are_taken_and_no_password_is_shown() {
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
        ] {
            let error = choose(url).unwrap_err();
            assert!(error.message().starts_with("proxy "), "{url}: {error}");
            assert!(!error.message().contains("passw0rd"), "{error}");
        }
    }
}
