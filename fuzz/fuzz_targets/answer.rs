//! The body of a 200 answer: what is read agrees with a second, slow reading in both directions.

#![no_main]

use diyalog::{HelpStatus, HelpType};
use libfuzzer_sys::fuzz_target;
use serde::de::{MapAccess, Visitor};
use serde_json::Value;

fuzz_target!(|body: &[u8]| {
    let read = diyalog::fuzzing::read_answer(body);
    match (&read, slowly(body)) {
        (Ok(status), Some(expected)) => assert_eq!(seen(status), expected),
        (Err(fault), None) => assert!(!fault.is_empty()),
        (_, expected) => panic!("{read:?} where a slow reading finds {expected:?}"),
    }
});

/// In help, help type, staff id, error code.
type Seen = (bool, Option<String>, Option<String>, Option<i32>);

fn seen(status: &HelpStatus) -> Seen {
    if let Some(HelpType::Other(text)) = &status.help_type {
        assert!(text != "inbound" && text != "outbound");
    }
    assert_eq!(status.customer_found(), status.error_code != Some(400));
    let help_type = status
        .help_type
        .as_ref()
        .map(|kind| kind.as_str().to_owned());
    (
        status.is_in_help,
        help_type,
        status.staff_id.clone(),
        status.error_code,
    )
}

/// By the rules of the documentation: one object, known fields at most once and of their types.
fn slowly(body: &[u8]) -> Option<Seen> {
    let text = std::str::from_utf8(body).ok()?;
    let Value::Object(fields) = serde_json::from_str(text).ok()? else {
        return None;
    };
    let names = top_level_names(text);
    for known in ["isInHelp", "helpType", "staffId", "errorCode"] {
        if names.iter().filter(|name| *name == known).count() > 1 {
            return None;
        }
    }
    let error_code = match fields.get("errorCode") {
        None | Some(Value::Null) => None,
        Some(code) => Some(i32::try_from(code.as_i64()?).ok()?),
    };
    let is_in_help = match fields.get("isInHelp") {
        None => {
            error_code?;
            false
        }
        Some(value) => value.as_bool()?,
    };
    let text_of = |name: &str| match fields.get(name) {
        None | Some(Value::Null) => Some(None),
        Some(Value::String(text)) if text.is_empty() => Some(None),
        Some(Value::String(text)) if !text.contains('\0') => Some(Some(text.clone())),
        Some(_) => None,
    };
    Some((
        is_in_help,
        text_of("helpType")?,
        text_of("staffId")?,
        error_code,
    ))
}

/// The names of an object's fields, repeated ones too, which a `Value` forgets.
fn top_level_names(text: &str) -> Vec<String> {
    struct Names;
    impl<'de> Visitor<'de> for Names {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Vec<String>, A::Error> {
            let mut names = Vec::new();
            while let Some((name, _)) = fields.next_entry::<String, serde::de::IgnoredAny>()? {
                names.push(name);
            }
            Ok(names)
        }
    }
    let mut json = serde_json::Deserializer::from_str(text);
    serde::Deserializer::deserialize_map(&mut json, Names).expect("it was read before")
}
