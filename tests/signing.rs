//! Signing alone, against the published vectors.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use diyalog::{Client, Config, DateZone};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

const VECTORS: &str = include_str!("signing-vectors.json");

/// The signature, computed as the documentation describes it.
fn signature(vector: &Value, secret: &[u8], date: &str) -> String {
    let part = |name: &str| vector[name].as_str().expect("a text");
    let to_sign = [
        part("method"),
        part("content_type"),
        date,
        part("body"),
        part("path"),
    ]
    .join("\n");
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key of any length");
    mac.update(to_sign.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn secret_of(vector: &Value) -> Vec<u8> {
    match vector["secret"].as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => {
            let hex = vector["secret_hex"].as_str().expect("a secret");
            let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
            (0..hex.len()).step_by(2).map(byte).collect()
        }
    }
}

/// The date cannot be chosen: with the vector's own the computation here has to give the published
/// signature, and with the returned one what the client signed.
#[test]
fn sign_agrees_with_every_vector() {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).expect("the vectors are JSON");
    assert_eq!(vectors.len(), 9);
    for vector in vectors {
        let part = |name: &str| vector[name].as_str().expect("a text");
        let secret = secret_of(&vector);
        assert_eq!(
            signature(&vector, &secret, part("date")),
            part("signature"),
            "{}",
            part("name")
        );
        for (zone, suffix) in [(DateZone::Gmt, " GMT"), (DateZone::Numeric, " +0000")] {
            let config = Config::new("https://api.example/base")
                .credentials(part("access_key_id"), &secret)
                .requester_user_id("45186")
                .date_zone(zone);
            let signed = Client::new(&config)
                .expect("valid settings")
                .sign(part("method"), part("path"), part("body").as_bytes())
                .expect("a signature");
            assert!(signed.date.ends_with(suffix), "{}", signed.date);
            assert_eq!(signed.requester_user_id, "45186");
            let expected = signature(&vector, &secret, &signed.date);
            assert_eq!(
                signed.authorization,
                format!("DLGA {}:{expected}", part("access_key_id")),
                "{}",
                part("name")
            );
        }
    }
}
