//! A post to any endpoint of the platform: sends JSON text and returns JSON text.

use http::Uri;
use serde::de::IgnoredAny;

use super::Operation;
use crate::endpoint::Endpoint;
use crate::error::Error;

/// The largest body that is sent, and the largest response body that is read.
const MAX_BODY: usize = 1024 * 1024;

/// The deepest nesting of an accepted response. Users' parsers recurse, and serde_json, which parses
/// lookups, has the same limit.
const MAX_DEPTH: usize = 128;

/// The response of an endpoint of the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Response {
    /// Always 200: all other responses are errors.
    pub http_status: u16,
    /// The JSON, as received.
    pub body: String,
}

/// One request to one endpoint.
#[derive(Debug)]
pub(crate) struct Post<'a> {
    uri: Uri,
    json: &'a str,
    is_repeatable: bool,
}

impl<'a> Post<'a> {
    pub(crate) fn new(
        endpoint: &Endpoint,
        path: &str,
        json: &'a str,
        is_repeatable: bool,
    ) -> Result<Self, Error> {
        check_json(json)?;
        Ok(Post {
            uri: endpoint.uri_of(path)?,
            json,
            is_repeatable,
        })
    }
}

impl Operation for Post<'_> {
    type Output = Response;

    fn uri(&self) -> &Uri {
        &self.uri
    }

    fn body(&self) -> &[u8] {
        self.json.as_bytes()
    }

    fn is_repeatable(&self) -> bool {
        self.is_repeatable
    }

    fn max_response_body(&self) -> usize {
        MAX_BODY
    }

    fn read(&self, body: Vec<u8>) -> Result<Response, String> {
        let body = String::from_utf8(body).map_err(|_| "it is not UTF-8".to_owned())?;
        serde_json::from_str::<IgnoredAny>(&body).map_err(|error| error.to_string())?;
        if depth(&body) > MAX_DEPTH {
            return Err(format!("it is nested deeper than {MAX_DEPTH} levels"));
        }
        Ok(Response {
            http_status: 200,
            body,
        })
    }
}

fn check_json(json: &str) -> Result<(), Error> {
    if json.len() > MAX_BODY {
        return Err(Error::invalid_argument(
            "json",
            format!("is larger than {MAX_BODY} bytes; send less in one request"),
        ));
    }
    match serde_json::from_str::<IgnoredAny>(json) {
        Ok(_) => Ok(()),
        // The parser's message does not quote the text.
        Err(error) => Err(Error::invalid_argument(
            "json",
            format!("is not valid JSON ({error}); pass one JSON value"),
        )),
    }
}

/// How deep the arrays and objects of valid JSON are nested.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest) = (0, 0);
    let mut bytes = json.bytes();
    let mut is_in_string = false;
    while let Some(byte) = bytes.next() {
        match (is_in_string, byte) {
            (true, b'\\') => drop(bytes.next()),
            (_, b'"') => is_in_string = !is_in_string,
            (false, b'[' | b'{') => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (false, b']' | b'}') => depth -= 1,
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(path: &str, json: &str) -> Result<String, Error> {
        let endpoint = Endpoint::parse("https://gw.example/base/", false).unwrap();
        Post::new(&endpoint, path, json, false).map(|post| post.uri().path().to_owned())
    }

    #[test]
    fn the_path_follows_the_base_path() {
        let path = post("/v1/reporting/getcalllist", "{}").unwrap();
        assert_eq!(path, "/base/v1/reporting/getcalllist");
    }

    #[test]
    fn an_invalid_path_is_rejected_by_name() {
        for path in [
            "", "v1", "/a?b=c", "/a#b", "/a b", "/a\tb", "/a\0", "/ş", "/a`b", "/a<b",
        ] {
            let error = post(path, "{}").unwrap_err();
            assert_eq!(error.argument(), Some("path"), "{path:?}: {error}");
        }
    }

    #[test]
    fn json_is_checked_and_not_changed() {
        for json in ["{}", " [1, 2.50, \"\\u0000\"]\n", "null", "1"] {
            post("/v1", json).unwrap();
        }
        let large = format!("\"{}\"", "a".repeat(MAX_BODY));
        for json in ["", "{", "{} {}", "{'a':1}", "\0", "{}\0", &large] {
            let error = post("/v1", json).unwrap_err();
            assert_eq!(error.argument(), Some("json"), "{error}");
        }
    }

    #[test]
    fn a_response_is_valid_json_in_utf8() {
        let endpoint = Endpoint::parse("https://gw.example", false).unwrap();
        let post = Post::new(&endpoint, "/v1", "{}", false).unwrap();
        let body = "{ \"callId\" : -9223372036854775808 }";
        assert_eq!(post.read(body.into()).unwrap().body, body);
        for body in [&b""[..], b"<html>", b"\"\xff\"", b"{}{}"] {
            post.read(body.to_vec()).unwrap_err();
        }
    }

    #[test]
    fn a_response_that_is_nested_too_deeply_is_rejected() {
        let endpoint = Endpoint::parse("https://gw.example", false).unwrap();
        let post = Post::new(&endpoint, "/v1", "{}", false).unwrap();
        let nested = |depth| [b"[".repeat(depth), b"]".repeat(depth)].concat();
        post.read(nested(MAX_DEPTH)).unwrap();
        let fault = post.read(nested(MAX_DEPTH + 1)).unwrap_err();
        assert!(fault.contains("128"), "{fault}");
        for flat in [r#"["\"[[[", {"\\": "}{"}]"#, "[[], [], {}]"] {
            assert_eq!(depth(flat), 2, "{flat}");
        }
    }
}
