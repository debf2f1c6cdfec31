use super::*;
use serde_json::Value;

const VECTORS: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../signing-vectors.json"
));

/// A request as a vector has it, to be spoilt piece by piece.
struct Sample {
    headers: HeaderMap,
    method: String,
    path: String,
    body: String,
    key: KeyPair,
    now: i64,
}

impl Sample {
    fn from_vector(vector: &Value) -> Sample {
        let text = |name: &str| vector[name].as_str().unwrap().to_owned();
        let mut sample = Sample {
            headers: HeaderMap::new(),
            method: text("method"),
            path: text("path"),
            body: text("body"),
            key: KeyPair {
                id: text("access_key_id"),
                secret: secret_of(vector),
            },
            now: parse_request_date(&text("date")).unwrap(),
        };
        sample.set("content-type", &text("content_type"));
        sample.set(DATE, &text("date"));
        sample.set(REQUESTER_USER_ID, "45186");
        sample.set(AUTHORIZATION, &text(AUTHORIZATION));
        sample
    }

    fn first() -> Sample {
        Sample::from_vector(&vectors()[0])
    }

    fn set(&mut self, name: &'static str, value: &str) {
        self.headers.insert(name, value.parse().unwrap());
    }

    fn verify(&self) -> Result<(), Rejection> {
        let Sample {
            headers,
            method,
            path,
            body,
            key,
            now,
        } = self;
        verify(method, path, headers, body.as_bytes(), key, *now)
    }

    fn rejection(&self) -> (u16, &'static str) {
        let rejection = self.verify().unwrap_err();
        (rejection.status, rejection.text)
    }
}

fn vectors() -> Vec<Value> {
    serde_json::from_str(VECTORS).unwrap()
}

fn secret_of(vector: &Value) -> Vec<u8> {
    match vector["secret_hex"].as_str() {
        Some(hex) => (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
            .collect(),
        None => vector["secret"].as_str().unwrap().as_bytes().to_vec(),
    }
}

const HEADERS_MISSING: (u16, &str) = (400, "Required headers not found");
const AUTHORIZATION_FORMAT: (u16, &str) =
    (400, "Authorization failed due to data format not valid");
const DATE_FORMAT: (u16, &str) = (400, "Authorization failed due to date not valid");
const UNAUTHORIZED: (u16, &str) = (401, "Authorization failed");
const REQUEST_TIME: (u16, &str) = (403, "Request time may not be correct.");

#[test]
fn every_vector_is_let_in_and_its_string_to_sign_is_the_one_expected() {
    for vector in vectors() {
        let mut sample = Sample::from_vector(&vector);
        assert!(sample.verify().is_ok(), "{}", vector["name"]);

        sample.key.id.push('x');
        let rejection = sample.verify().unwrap_err();
        assert_eq!(
            rejection.expected_string_to_sign.as_deref(),
            vector["string_to_sign"].as_str(),
            "{}",
            vector["name"]
        );
    }
}

#[test]
fn every_piece_that_is_signed_is_checked() {
    type Spoil = fn(&mut Sample);
    let spoils: [(&str, Spoil); 7] = [
        ("method", |sample| sample.method = "PUT".to_owned()),
        ("content type", |sample| {
            sample.set("content-type", "application/json; charset=utf-8")
        }),
        ("date", |sample| {
            sample.set(DATE, "Tue, 09 Mar 2021 13:28:33 GMT")
        }),
        ("zone", |sample| {
            sample.set(DATE, "Tue, 09 Mar 2021 13:28:32 +0000")
        }),
        ("body", |sample| sample.body.push(' ')),
        ("path", |sample| sample.path.push('/')),
        ("secret", |sample| sample.key.secret.push(b'!')),
    ];
    for (name, spoil) in spoils {
        let mut sample = Sample::first();
        spoil(&mut sample);
        assert_eq!(sample.rejection(), UNAUTHORIZED, "{name}");
    }
}

#[test]
fn a_missing_header_is_noticed_first() {
    for name in [DATE, REQUESTER_USER_ID, AUTHORIZATION] {
        let mut sample = Sample::first();
        sample.set(AUTHORIZATION, "nonsense");
        sample.set(DATE, "nonsense");
        sample.headers.remove(name);
        assert_eq!(sample.rejection(), HEADERS_MISSING, "{name}");
    }
}

#[test]
fn the_form_of_the_authorization_is_checked_before_the_date() {
    let signature = "AHhu2OQAMfW7SWy/o4AuEVZZDE/VN83o7ZCfmiFz8Ns=";
    for malformed in [
        "".to_owned(),
        "DLGA".to_owned(),
        "DLGA ".to_owned(),
        format!("DLGA {signature}"),
        format!("dlga id:{signature}"),
        format!("DLGAid:{signature}"),
        format!("TSA id:{signature}"),
        format!("id:{signature}"),
    ] {
        let mut sample = Sample::first();
        sample.set(DATE, "nonsense");
        sample.set(AUTHORIZATION, &malformed);
        assert_eq!(sample.rejection(), AUTHORIZATION_FORMAT, "{malformed}");
    }
}

#[test]
fn the_form_of_the_date_is_checked_before_the_signature() {
    let mut sample = Sample::first();
    sample.set(DATE, "2021-03-09T13:28:32Z");
    sample.set(AUTHORIZATION, "DLGA id:nonsense");
    assert_eq!(sample.rejection(), DATE_FORMAT);
}

#[test]
fn the_signature_is_checked_before_the_time() {
    let mut sample = Sample::first();
    sample.now += 7200;
    assert_eq!(sample.rejection(), REQUEST_TIME);
    sample.body.push(' ');
    assert_eq!(sample.rejection(), UNAUTHORIZED);
}

#[test]
fn fifteen_minutes_are_allowed_on_either_side() {
    for (difference, allowed) in [(0, true), (900, true), (901, false), (7200, false)] {
        for side in [-1, 1] {
            let mut sample = Sample::first();
            sample.now += side * difference;
            assert_eq!(sample.verify().is_ok(), allowed, "{side} x {difference}");
        }
    }
    let mut slow_clock = Sample::first();
    slow_clock.now -= 1000;
    let reason = slow_clock.verify().unwrap_err().reason;
    assert_eq!(
        reason,
        "x-dlg-date is 1000 seconds ahead of the sandbox's clock"
    );
}

#[test]
fn the_log_learns_that_the_key_id_is_unknown_and_never_the_secret() {
    let mut sample = Sample::first();
    sample.key.id = "another".to_owned();
    let rejection = sample.verify().unwrap_err();
    assert!(
        rejection.reason.contains("1234567-8ABC"),
        "{}",
        rejection.reason
    );
    assert!(
        rejection.reason.ends_with("is unknown"),
        "{}",
        rejection.reason
    );
    assert!(!format!("{rejection:?}").contains("s3cr3t"));
}
