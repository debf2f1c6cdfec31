//! Any other endpoint of the platform: JSON text out and in.

use http::Uri;
use serde::de::IgnoredAny;

use super::Operation;
use crate::endpoint::Endpoint;
use crate::error::Error;

/// The largest body that is sent, and the largest of a response that is read.
const MAX_BODY: usize = 1024 * 1024;

/// What an endpoint of the platform responded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Response {
    /// 200: other responses are errors.
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
        // The parser's message quotes nothing of the text.
        Err(error) => Err(Error::invalid_argument(
            "json",
            format!("is not valid JSON ({error})"),
        )),
    }
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
        let paths = [
            "", "v1", "/a?b=c", "/a#b", "/a b", "/a\tb", "/a\0", "/ş", "/a`b", "/a<b", "//",
        ];
        for path in paths {
            match post(path, "{}") {
                Err(error) => assert_eq!(error.argument(), Some("path"), "{path:?}: {error}"),
                Ok(_) => assert_eq!(path, "//", "{path:?}"),
            }
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
}
