//! The result of a lookup, and parsing it from JSON.

use std::fmt;

use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

/// Whether a customer is in an online help session, and with whom.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HelpStatus {
    /// Whether the customer is in an active online help session right now.
    pub is_in_help: bool,
    /// The kind of session; `None` if the response has none.
    pub help_type: Option<HelpType>,
    /// User id of the staff member in the session; `None` if the response has none.
    pub staff_id: Option<String>,
    /// `errorCode` of the response; 400: no such customer.
    pub error_code: Option<i32>,
}

/// `errorCode` of the documentation's "no customer found in the system".
const NO_SUCH_CUSTOMER: i32 = 400;

impl HelpStatus {
    /// Returns whether the system knows the customer: false if `error_code` is 400.
    pub fn customer_found(&self) -> bool {
        self.error_code != Some(NO_SUCH_CUSTOMER)
    }
}

/// The kind of an online help session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HelpType {
    /// The customer called.
    Inbound,
    /// The staff called.
    Outbound,
    /// A kind that the API's documentation does not list, as received.
    Other(String),
}

impl HelpType {
    /// Returns the text as received: `inbound`, `outbound` or another.
    pub fn as_str(&self) -> &str {
        match self {
            HelpType::Inbound => "inbound",
            HelpType::Outbound => "outbound",
            HelpType::Other(text) => text,
        }
    }

    fn from_text(text: &str) -> Self {
        match text {
            "inbound" => HelpType::Inbound,
            "outbound" => HelpType::Outbound,
            other => HelpType::Other(other.to_owned()),
        }
    }
}

impl fmt::Display for HelpType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Parses the body of a 200 response. The error describes what is wrong with it, and where.
pub(crate) fn from_json(body: &[u8]) -> Result<HelpStatus, String> {
    // Checked first: serde_json checks the encoding only of the strings that it keeps.
    let text = std::str::from_utf8(body).map_err(|_| "it is not UTF-8".to_string())?;
    let mut json = serde_json::Deserializer::from_str(text);
    let status = json
        .deserialize_map(AnswerVisitor)
        .map_err(|error| error.to_string())?;
    json.end().map_err(|error| error.to_string())?;
    Ok(status)
}

struct AnswerVisitor;

impl<'de> Visitor<'de> for AnswerVisitor {
    type Value = HelpStatus;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<HelpStatus, A::Error> {
        let mut is_in_help: Option<bool> = None;
        let mut help_type: Option<Option<HelpTypeText>> = None;
        let mut staff_id: Option<Option<String>> = None;
        let mut error_code: Option<Option<i32>> = None;

        while let Some(field) = fields.next_key::<Field>()? {
            match field {
                Field::IsInHelp => set_once("isInHelp", &mut is_in_help, fields.next_value()?)?,
                Field::HelpType => set_once("helpType", &mut help_type, fields.next_value()?)?,
                Field::StaffId => set_once("staffId", &mut staff_id, fields.next_value()?)?,
                Field::ErrorCode => set_once("errorCode", &mut error_code, fields.next_value()?)?,
                Field::Unknown => {
                    fields.next_value::<Checked>()?;
                }
            }
        }

        let error_code = error_code.flatten();
        Ok(HelpStatus {
            is_in_help: match (is_in_help, error_code) {
                (Some(is_in_help), _) => is_in_help,
                (None, Some(_)) => false,
                (None, None) => return Err(de::Error::missing_field("isInHelp")),
            },
            help_type: match help_type.flatten() {
                Some(HelpTypeText(HelpType::Other(text))) => {
                    some_text("helpType", Some(text))?.map(HelpType::Other)
                }
                known => known.map(|HelpTypeText(known)| known),
            },
            staff_id: some_text("staffId", staff_id.flatten())?,
            error_code,
        })
    }
}

fn set_once<T, E: de::Error>(name: &'static str, field: &mut Option<T>, value: T) -> Result<(), E> {
    match field.replace(value) {
        None => Ok(()),
        Some(_) => Err(E::duplicate_field(name)),
    }
}

/// An empty text counts as none. One with a NUL is rejected, since C could not represent it.
fn some_text<E: de::Error>(name: &'static str, text: Option<String>) -> Result<Option<String>, E> {
    match text {
        Some(text) if text.contains('\0') => Err(E::custom(format!("NUL inside {name}"))),
        Some(text) if text.is_empty() => Ok(None),
        text => Ok(text),
    }
}

enum Field {
    IsInHelp,
    HelpType,
    StaffId,
    ErrorCode,
    Unknown,
}

impl<'de> de::Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldVisitor;
        impl Visitor<'_> for FieldVisitor {
            type Value = Field;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field name")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Field, E> {
                Ok(match name {
                    "isInHelp" => Field::IsInHelp,
                    "helpType" => Field::HelpType,
                    "staffId" => Field::StaffId,
                    "errorCode" => Field::ErrorCode,
                    _ => Field::Unknown,
                })
            }
        }
        deserializer.deserialize_identifier(FieldVisitor)
    }
}

/// The text of a help type. Known kinds are not copied.
struct HelpTypeText(HelpType);

impl<'de> de::Deserialize<'de> for HelpTypeText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct HelpTypeVisitor;
        impl Visitor<'_> for HelpTypeVisitor {
            type Value = HelpTypeText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<HelpTypeText, E> {
                Ok(HelpTypeText(HelpType::from_text(text)))
            }
        }
        deserializer.deserialize_str(HelpTypeVisitor)
    }
}

/// The value of an unknown field: any JSON, validated and dropped.
///
/// serde's `IgnoredAny` would skip it without checking escapes, surrogates or depth.
struct Checked;

impl<'de> de::Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CheckedVisitor;
        impl<'de> Visitor<'de> for CheckedVisitor {
            type Value = Checked;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }

            fn visit_bool<E>(self, _: bool) -> Result<Checked, E> {
                Ok(Checked)
            }
            fn visit_i64<E>(self, _: i64) -> Result<Checked, E> {
                Ok(Checked)
            }
            fn visit_u64<E>(self, _: u64) -> Result<Checked, E> {
                Ok(Checked)
            }
            fn visit_f64<E>(self, _: f64) -> Result<Checked, E> {
                Ok(Checked)
            }
            fn visit_str<E>(self, _: &str) -> Result<Checked, E> {
                Ok(Checked)
            }
            fn visit_unit<E>(self) -> Result<Checked, E> {
                Ok(Checked)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Checked, A::Error> {
                while items.next_element::<Checked>()?.is_some() {}
                Ok(Checked)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Checked, A::Error> {
                while fields.next_entry::<Checked, Checked>()?.is_some() {}
                Ok(Checked)
            }
        }
        deserializer.deserialize_any(CheckedVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> HelpStatus {
        from_json(json.as_bytes()).unwrap_or_else(|error| panic!("{json}: {error}"))
    }

    #[test]
    fn the_documented_example_is_parsed() {
        let status = read(r#"{"isInHelp": true, "helpType": "inbound", "staffId": "45001"}"#);
        assert_eq!(
            status,
            HelpStatus {
                is_in_help: true,
                help_type: Some(HelpType::Inbound),
                staff_id: Some("45001".into()),
                error_code: None,
            }
        );
        assert!(status.customer_found());
    }

    #[test]
    fn absent_null_and_empty_fields_are_none() {
        for json in [
            r#"{"isInHelp":false}"#,
            r#"{"isInHelp":false,"helpType":null,"staffId":null,"errorCode":null}"#,
            r#"{"isInHelp":false,"helpType":"","staffId":""}"#,
        ] {
            let status = read(json);
            assert!(!status.is_in_help);
            assert_eq!((status.help_type, status.staff_id), (None, None));
            assert_eq!(status.error_code, None);
        }
    }

    #[test]
    fn an_error_code_alone_is_a_result() {
        let status = read(r#"{"errorCode":400}"#);
        assert!(!status.is_in_help && !status.customer_found());
        assert_eq!(status.error_code, Some(400));
        assert!(read(r#"{"errorCode":-2147483648}"#).customer_found());
    }

    #[test]
    fn unknown_fields_are_ignored_and_unknown_kinds_kept() {
        let json = r#"{"new":{"a":[1,2.5,null,true,"x"]},"isInHelp":true,"helpType":"şube"}"#;
        assert_eq!(read(json).help_type, Some(HelpType::Other("şube".into())));
        assert_eq!(read(" \n{\"isInHelp\":true}\r\n").staff_id, None);
    }

    #[test]
    fn anything_else_is_rejected() {
        let nested = format!(
            r#"{{"isInHelp":true,"x":{}{}}}"#,
            "[".repeat(30_000),
            "]".repeat(30_000)
        );
        for json in [
            "",
            "null",
            "[]",
            "true",
            "<html>",
            "{}",
            r#"{"helpType":"inbound"}"#,
            r#"{"isInHelp":null}"#,
            r#"{"isInHelp":null,"errorCode":400}"#,
            r#"{"isInHelp":"true"}"#,
            r#"{"isInHelp":1}"#,
            r#"{"isInHelp":true,"isInHelp":true}"#,
            r#"{"isInHelp":true,"staffId":"1","staffId":"2"}"#,
            r#"{"isInHelp":true,"staffId":45001}"#,
            r#"{"isInHelp":true,"helpType":["inbound"]}"#,
            r#"{"isInHelp":true,"errorCode":"400"}"#,
            r#"{"isInHelp":true,"errorCode":400.0}"#,
            r#"{"isInHelp":true,"errorCode":2147483648}"#,
            r#"{"isInHelp":true,"staffId":"4\u0000"}"#,
            r#"{"isInHelp":true,"staffId":"\ud800"}"#,
            r#"{"isInHelp":true,"x":"\ud800"}"#,
            r#"{"isInHelp":true}}"#,
            r#"{"isInHelp":true} x"#,
            r#"{"isInHelp":true"#,
            r#"{"isInHelp":true,"x":tru}"#,
            "\u{feff}{\"isInHelp\":true}",
            &nested,
        ] {
            let shown = &json[..json.len().min(60)];
            assert!(from_json(json.as_bytes()).is_err(), "{shown}");
        }
        assert!(from_json(b"{\"isInHelp\":true,\"x\":\"\xff\"}").is_err());
    }
}
