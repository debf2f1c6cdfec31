//! The body of a call, checked against the fields that its documentation lists.

use serde_json::{Map, Value};

/// What the value of a field has to be.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Text,
    /// Text of at most so many bytes.
    ShortText(usize),
    /// A whole number; milliseconds since 1970 for dates.
    Integer,
    /// A whole number in this range, ends included.
    IntegerIn(i64, i64),
    Flag,
    OneOf(&'static [&'static str]),
    /// An array of texts.
    Texts,
    /// A text or an array of texts: the documentation says one and shows the other.
    TextOrTexts,
    Object,
}

/// One documented field.
pub(crate) struct Field {
    name: &'static str,
    kind: Kind,
    is_required: bool,
}

pub(crate) const fn required(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        is_required: true,
    }
}

pub(crate) const fn optional(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        is_required: false,
    }
}

impl Kind {
    fn accepts(self, value: &Value) -> bool {
        match self {
            Kind::Text => value.is_string(),
            Kind::ShortText(most) => value.as_str().is_some_and(|text| text.len() <= most),
            Kind::Integer => value.is_i64(),
            Kind::IntegerIn(least, most) => value
                .as_i64()
                .is_some_and(|number| (least..=most).contains(&number)),
            Kind::Flag => value.is_boolean(),
            Kind::OneOf(texts) => value.as_str().is_some_and(|text| texts.contains(&text)),
            Kind::Texts => value
                .as_array()
                .is_some_and(|values| values.iter().all(Value::is_string)),
            Kind::TextOrTexts => Kind::Text.accepts(value) || Kind::Texts.accepts(value),
            Kind::Object => value.is_object(),
        }
    }

    fn noun(self) -> String {
        match self {
            Kind::Text => "a string".to_owned(),
            Kind::ShortText(most) => format!("a string of at most {most} bytes as"),
            Kind::Integer => "an integer".to_owned(),
            Kind::IntegerIn(least, most) => format!("an integer from {least} to {most} as"),
            Kind::Flag => "a boolean".to_owned(),
            Kind::OneOf(texts) => format!("one of {} as", texts.join(", ")),
            Kind::Texts => "an array of strings as".to_owned(),
            Kind::TextOrTexts => "a string or an array of strings as".to_owned(),
            Kind::Object => "an object as".to_owned(),
        }
    }
}

/// A body whose documented fields have the documented types. Other fields are ignored, and
/// null counts as absent.
#[derive(Debug)]
pub(crate) struct Body(Map<String, Value>);

impl Body {
    /// Reads a body; the error is the sentence that the sandbox answers.
    pub(crate) fn read(body: &[u8], fields: &[Field]) -> Result<Body, String> {
        let mut json = match serde_json::from_slice(body) {
            Ok(Value::Object(json)) => json,
            _ => return Err(sentence(&fields[0])),
        };
        json.retain(|_, value| !value.is_null());
        for field in fields {
            match json.get(field.name) {
                Some(value) if !field.kind.accepts(value) => return Err(sentence(field)),
                None if field.is_required => return Err(sentence(field)),
                _ => {}
            }
        }
        Ok(Body(json))
    }

    /// A text; empty if absent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.optional_text(name).unwrap_or_default()
    }

    pub(crate) fn optional_text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// A whole number; 0 if absent.
    pub(crate) fn integer(&self, name: &str) -> i64 {
        self.0.get(name).and_then(Value::as_i64).unwrap_or_default()
    }

    /// A flag; false if absent.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool) == Some(true)
    }

    /// An array of texts; empty if absent.
    pub(crate) fn texts(&self, name: &str) -> Vec<&str> {
        let values = self.0.get(name).and_then(Value::as_array);
        values
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }
}

fn sentence(field: &Field) -> String {
    format!(
        "The body has to be a JSON object with {} {}",
        field.kind.noun(),
        field.name
    )
}
