//! The operations of the platform's API, one file each: path, body, reading the response.

mod online_help;
mod post;

use http::Uri;

pub(crate) use online_help::OnlineHelp;
pub(crate) use post::Post;
pub use post::Response;

/// One request of the platform's API, and how to read the response.
pub(crate) trait Operation {
    /// The result of a successful call.
    type Output;

    /// The whole address. Its path is signed.
    fn uri(&self) -> &Uri;

    /// The JSON that is signed and sent, byte for byte.
    fn body(&self) -> &[u8];

    /// Whether the server may receive the request twice without harm.
    fn is_repeatable(&self) -> bool;

    /// The largest body of a 200 response that is read.
    fn max_response_body(&self) -> usize;

    /// Parses the body of a 200 response. The error describes what is wrong with it, and where.
    fn read(&self, body: Vec<u8>) -> Result<Self::Output, String>;
}
