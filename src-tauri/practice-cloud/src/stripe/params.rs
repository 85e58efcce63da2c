//! Parameters of one call, read with Stripe's own complaints.

use serde_json::{Map, Value};

use super::refusal::Refusal;
use super::shelf::Page;

type Result<T> = std::result::Result<T, Refusal>;

/// The decoded query or body of one call, or a group in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params {
    values: Map<String, Value>,
    /// `restrictions[` for a group, so that complaints name the whole path.
    above: String,
}

impl Params {
    pub(crate) fn new(values: Map<String, Value>) -> Params {
        Params { values, above: String::new() }
    }

    pub(crate) fn values(&self) -> &Map<String, Value> {
        &self.values
    }

    pub(crate) fn path(&self, name: &str) -> String {
        if self.above.is_empty() { name.to_owned() } else { format!("{}[{name}]", self.above) }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Nothing but these may be given.
    pub(crate) fn only(&self, names: &[&str]) -> Result<()> {
        match self.values.keys().find(|name| !names.contains(&name.as_str())) {
            Some(unknown) => Err(Refusal::unknown_parameter(&self.path(unknown))),
            None => Ok(()),
        }
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>> {
        match self.values.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Refusal { violation: true, ..Refusal::invalid(&self.path(name), "Invalid string") }),
        }
    }

    pub(crate) fn needed(&self, name: &str) -> Result<&str> {
        self.text(name)?.filter(|text| !text.is_empty()).ok_or_else(|| Refusal::missing_parameter(&self.path(name)))
    }

    /// A text that must not be longer than this.
    pub(crate) fn short(&self, name: &str, chars_max: usize) -> Result<Option<&str>> {
        let text = self.text(name)?;
        match text.map(|text| text.chars().count()) {
            Some(chars) if chars > chars_max => Err(Refusal {
                violation: true,
                ..Refusal::invalid(
                    &self.path(name),
                    format!(
                        "Invalid string: {}; must be at most {chars_max} characters",
                        text.unwrap_or_default().chars().take(20).collect::<String>()
                    ),
                )
            }),
            _ => Ok(text),
        }
    }

    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>> {
        self.parsed(name, "integer")
    }

    pub(crate) fn decimal(&self, name: &str) -> Result<Option<f64>> {
        self.parsed(name, "decimal")
    }

    pub(crate) fn boolean(&self, name: &str) -> Result<Option<bool>> {
        self.parsed(name, "boolean")
    }

    fn parsed<T: std::str::FromStr>(&self, name: &str, what: &str) -> Result<Option<T>> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        text.parse().map(Some).map_err(|_| Refusal { violation: true, ..Refusal::invalid(&self.path(name), format!("Invalid {what}: {text}")) })
    }

    /// `name[inner]=…` as parameters of their own; none when absent.
    pub(crate) fn group(&self, name: &str) -> Result<Params> {
        match self.values.get(name) {
            None => Ok(Params { values: Map::new(), above: self.path(name) }),
            Some(Value::Object(values)) => Ok(Params { values: values.clone(), above: self.path(name) }),
            Some(_) => Err(Refusal { violation: true, ..Refusal::invalid(&self.path(name), "Invalid object") }),
        }
    }

    pub(crate) fn list(&self, name: &str) -> Result<Vec<&str>> {
        let wrong = || Refusal { violation: true, ..Refusal::invalid(&self.path(name), "Invalid array") };
        match self.values.get(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(values)) => values.iter().map(|value| value.as_str().ok_or_else(wrong)).collect(),
            Some(_) => Err(wrong()),
        }
    }

    pub(crate) fn page(&self) -> Result<Page<'_>> {
        let limit = self.integer("limit")?.unwrap_or(10);
        if !(1..=100).contains(&limit) {
            return Err(Refusal {
                violation: true,
                ..Refusal::invalid("limit", format!("Invalid integer: {limit}; limit must be between 1 and 100"))
            });
        }
        let page = Page {
            limit: usize::try_from(limit).unwrap_or(100),
            starting_after: self.text("starting_after")?,
            ending_before: self.text("ending_before")?,
        };
        if page.starting_after.is_some() && page.ending_before.is_some() {
            return Err(Refusal::violation("You may only specify one of these parameters: starting_after, ending_before."));
        }
        Ok(page)
    }

    /// `created=…` or `created[gte]=…`: whether a moment is within it.
    pub(crate) fn created(&self) -> Result<impl Fn(&Value) -> bool + use<>> {
        let exact = if matches!(self.values.get("created"), Some(Value::String(_))) { self.integer("created")? } else { None };
        let range = if exact.is_some() { Params::default() } else { self.group("created")? };
        range.only(&["gt", "gte", "lt", "lte"])?;
        let (gt, gte, lt, lte) = (range.integer("gt")?, range.integer("gte")?, range.integer("lt")?, range.integer("lte")?);
        Ok(move |row: &Value| {
            let at = row["created"].as_i64().unwrap_or_default();
            exact.is_none_or(|x| at == x)
                && gt.is_none_or(|x| at > x)
                && gte.is_none_or(|x| at >= x)
                && lt.is_none_or(|x| at < x)
                && lte.is_none_or(|x| at <= x)
        })
    }

    /// Metadata as it is after this call: an empty value takes a key away, an empty `metadata` takes all away.
    pub(crate) fn metadata(&self, before: &Value) -> Result<Value> {
        let mut metadata = before.as_object().cloned().unwrap_or_default();
        match self.values.get("metadata") {
            None => {}
            Some(Value::String(text)) if text.is_empty() => metadata.clear(),
            // Keys 0, 1, 2 read as a list; as metadata they are names.
            Some(Value::Array(values)) => {
                for (name, value) in values.iter().enumerate() {
                    metadata.insert(name.to_string(), value.clone());
                }
            }
            Some(Value::Object(given)) => {
                for (name, value) in given {
                    let Some(text) = value.as_str() else {
                        return Err(Refusal { violation: true, ..Refusal::invalid(&format!("metadata[{name}]"), "Metadata values must be strings") });
                    };
                    if name.chars().count() > 40 {
                        let message = "Metadata keys must be at most 40 characters long.";
                        return Err(Refusal { violation: true, ..Refusal::invalid(&format!("metadata[{name}]"), message) });
                    }
                    if text.chars().count() > 500 {
                        let message = "Metadata values can have up to 500 characters.";
                        return Err(Refusal { violation: true, ..Refusal::invalid(&format!("metadata[{name}]"), message) });
                    }
                    if text.is_empty() {
                        metadata.remove(name);
                    } else {
                        metadata.insert(name.clone(), value.clone());
                    }
                }
            }
            Some(_) => return Err(Refusal { violation: true, ..Refusal::invalid("metadata", "Invalid hash") }),
        }
        if metadata.len() > 50 {
            return Err(Refusal { violation: true, ..Refusal::invalid("metadata", "You can only specify up to 50 metadata keys.") });
        }
        Ok(Value::Object(metadata))
    }
}
