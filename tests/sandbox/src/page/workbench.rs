//! The signature workbench: string to sign, headers and a curl command for any request.
//!
//! It signs with the server half's own reading of the specification. What is typed into it,
//! the secret above all, lives as long as the answer takes: it is in no record and in no log.

use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use maud::{Markup, html};

use super::difference::visible;
use super::forms::Form;
use super::layout;
use crate::clock::http_date;
use crate::options::DEFAULT_ACCESS_KEY_SECRET;
use crate::platform;
use crate::state::State;
use crate::verify::{self, AUTHORIZATION, DATE, REQUESTER_USER_ID, SignedParts};

/// The form, filled in for the lookup of a known customer.
pub(super) fn form(state: &State) -> Markup {
    let first = platform::calls().next().expect("the lookup");
    let is_default = state.key.secret == DEFAULT_ACCESS_KEY_SECRET.as_bytes();
    let secret = if is_default {
        DEFAULT_ACCESS_KEY_SECRET
    } else {
        ""
    };
    html! {
        form #workbench-form method="post" action="form/sign" autocomplete="off" {
            label { "Method" input name="method" value="POST" required; }
            label.two { "Path"
                input name="path" list="calls" value={ (state.base_path) (first.path) } required spellcheck="false";
            }
            datalist #calls {
                @for call in platform::calls() {
                    option value={ (state.base_path) (call.path) } data-body=(call.example) {}
                }
            }
            label { "Content type" input name="contentType" value="application/json" required; }
            label { "Date, empty for now" input name="date" placeholder=(http_date(state.clock.now())); }
            label { "Requester user id" input name="requester" value="45186" required; }
            label.wide { "Body" textarea name="body" rows="3" spellcheck="false" { (first.example) } }
            label.two { "Access key id" input name="accessKeyId" value=(state.key.id) required spellcheck="false"; }
            label { "Access key secret" input name="secret" type="password" value=(secret) autocomplete="off"; }
            p.wide {
                button { "Sign" }
                span.note {
                    " The sandbox signs it by its own reading of the API's documentation. Nothing typed here "
                    "is stored or logged."
                }
            }
        }
    }
}

/// A request as the form describes it.
struct Request<'a> {
    method: &'a str,
    path: &'a str,
    content_type: &'a str,
    date: String,
    requester: &'a str,
    body: String,
    access_key_id: &'a str,
    secret: &'a str,
}

/// Signs the request of a filled-in form; the error is a sentence.
pub(super) fn sign(state: &State, form: &Form) -> Result<Markup, String> {
    let request = read(state, form)?;
    let string_to_sign = SignedParts {
        method: request.method.as_bytes().into(),
        content_type: request.content_type.as_bytes().into(),
        date: request.date.as_bytes().into(),
        body: request.body.as_bytes().into(),
        path: request.path.as_bytes().into(),
    }
    .string_to_sign();
    let signature = verify::signature(request.secret.as_bytes(), &string_to_sign);
    let headers = [
        ("content-type", request.content_type.to_owned()),
        (DATE, request.date.clone()),
        (REQUESTER_USER_ID, request.requester.to_owned()),
        (
            AUTHORIZATION,
            format!("DLGA {}:{signature}", request.access_key_id),
        ),
    ];
    let verdict = verdict(state, &request, &headers)?;
    let article = html! {
        h3 { "String to sign" }
        pre #string-to-sign { (visible(&String::from_utf8_lossy(&string_to_sign))) }
        h3 { "Headers" }
        pre #signed-headers { @for (name, value) in &headers { (name) ": " (value) "\n" } }
        h3 { "curl" }
        pre #curl { (curl(state, &request, &headers)) }
        p.note { (verdict) }
        @if state.origin.starts_with("https:") {
            p.note { "ca.pem is the file that --ca-file wrote." }
        }
        @if request.secret.trim() != request.secret {
            p.warning { "The secret has white space around it, which is part of the key here." }
        }
    };
    Ok(layout::article("Signed request", &article))
}

fn read<'a>(state: &State, form: &'a Form) -> Result<Request<'a>, String> {
    let date = match form.text("date") {
        "" => http_date(state.clock.now()),
        date => date.to_owned(),
    };
    let request = Request {
        method: form.text("method"),
        path: form.text("path"),
        content_type: form.text("contentType"),
        date,
        requester: form.text("requester"),
        // Browsers send each line end of a text area as CR LF.
        body: form.text("body").replace("\r\n", "\n"),
        access_key_id: form.text("accessKeyId"),
        secret: form.text("secret"),
    };
    let is_method =
        !request.method.is_empty() && request.method.bytes().all(|byte| byte.is_ascii_uppercase());
    if !is_method {
        return Err("The method has to be in capital letters, such as POST.".to_owned());
    }
    let is_path = request.path.starts_with('/')
        && request
            .path
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'#');
    if !is_path {
        return Err(
            "The path has to start with / and to be ASCII without spaces and without #.".to_owned(),
        );
    }
    for (name, value) in [
        ("content type", request.content_type),
        ("date", &request.date),
        ("requester user id", request.requester),
    ] {
        if value.trim() != value || value.chars().any(char::is_control) {
            return Err(format!(
                "The {name} has white space around it or a control character in it, which a header loses."
            ));
        }
    }
    if request.access_key_id.chars().any(char::is_control) {
        return Err("The access key id has a control character in it.".to_owned());
    }
    if request.body.contains('\0') {
        return Err("The body has a NUL in it, which no command line can carry.".to_owned());
    }
    Ok(request)
}

/// What this sandbox would say to the signature.
fn verdict(
    state: &State,
    request: &Request,
    headers: &[(&'static str, String); 4],
) -> Result<String, String> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let value = HeaderValue::from_bytes(value.as_bytes())
            .map_err(|_| format!("HTTP cannot carry this value of {name}."))?;
        let name = match *name {
            "content-type" => CONTENT_TYPE,
            name => HeaderName::from_static(name),
        };
        map.insert(name, value);
    }
    let verified = verify::verify(
        request.method,
        request.path,
        &map,
        request.body.as_bytes(),
        &state.key,
        state.clock.now(),
    );
    Ok(match verified {
        Ok(()) => "This sandbox accepts the signature until 15 minutes after its date.".to_owned(),
        Err(refusal) => format!(
            "This sandbox would answer {} \"{}\": {}.",
            refusal.status, refusal.text, refusal.reason
        ),
    })
}

/// A command for a POSIX shell that sends exactly this.
fn curl(state: &State, request: &Request, headers: &[(&str, String)]) -> String {
    let mut command = "curl --noproxy '*' --path-as-is --globoff".to_owned();
    if state.origin.starts_with("https:") {
        command.push_str(" --cacert ca.pem");
    }
    if request.method != "POST" {
        command.push_str(&format!(" -X {}", request.method));
    }
    command.push(' ');
    command.push_str(&quoted(&format!("{}{}", state.origin, request.path)));
    for (name, value) in headers {
        command.push_str(&format!(
            " \\\n  -H {}",
            quoted(&format!("{name}: {value}"))
        ));
    }
    command.push_str(&format!(" \\\n  --data-raw {}", quoted(&request.body)));
    command
}

/// One word for a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
