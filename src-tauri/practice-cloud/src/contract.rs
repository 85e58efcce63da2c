//! Stripe's own description as the judge of both sides: what callers send and what the stand-in answers. Only with the feature `strict`.

#[cfg(not(feature = "strict"))]
pub(crate) use lenient::{check_answer, check_refusal, check_request};
#[cfg(feature = "strict")]
pub(crate) use strict::{check_answer, check_refusal, check_request};

#[cfg(not(feature = "strict"))]
mod lenient {
    use crate::stripe::refusal::Refusal;
    use serde_json::{Map, Value};

    // Same shape as the judge that is not here.
    #[expect(clippy::unnecessary_wraps)]
    pub(crate) fn check_request(_method: &str, _path: &str, _given: &Map<String, Value>) -> Result<(), Refusal> {
        Ok(())
    }

    #[expect(clippy::unnecessary_wraps)]
    pub(crate) fn check_answer(_method: &str, _path: &str, _answer: &Value) -> Result<(), String> {
        Ok(())
    }

    #[expect(clippy::unnecessary_wraps)]
    pub(crate) fn check_refusal(_method: &str, _path: &str, _answer: &[u8]) -> Result<(), String> {
        Ok(())
    }
}

#[cfg(feature = "strict")]
mod strict {
    use std::collections::HashMap;
    use std::sync::{Arc, LazyLock, Mutex};

    use jsonschema::{Draft, Registry, Validator};
    use serde_json::{Map, Value, json};

    use crate::stripe::refusal::Refusal;

    /// The name that the description has among schemas.
    const NAME: &str = "urn:stripe";

    static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| {
        let text = include_str!("../../../tests/fixtures/stripe/openapi.json");
        let mut description = serde_json::from_str(text).expect("Stripe's description is JSON");
        allow_null(&mut description);
        description
    });

    static REGISTRY: LazyLock<Registry<'static>> = LazyLock::new(|| {
        let registry = Registry::new().draft(Draft::Draft202012).add(NAME, &*DESCRIPTION).expect("a URN is a URI");
        registry.prepare().expect("Stripe's description refers to nothing outside of itself")
    });

    /// Compiling one takes a tenth of a second in a debug build, so each is compiled when it is first needed.
    static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

    /// `nullable: true` means "or null" everywhere, beside `enum` and `anyOf` too.
    fn allow_null(value: &mut Value) {
        match value {
            Value::Array(values) => values.iter_mut().for_each(allow_null),
            Value::Object(fields) => {
                fields.values_mut().for_each(allow_null);
                if fields.get("nullable") == Some(&Value::Bool(true)) {
                    fields.remove("nullable");
                    let inner = Value::Object(std::mem::take(fields));
                    *value = json!({"anyOf": [inner, {"type": "null"}]});
                }
            }
            _ => {}
        }
    }

    /// The description's own path for a call's path: `/v1/customers/{customer}`.
    fn template(method: &str, path: &str) -> Option<&'static str> {
        let paths = DESCRIPTION["paths"].as_object()?;
        let fits = |template: &str| {
            let (wanted, given): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
            wanted.len() == given.len() && wanted.iter().zip(&given).all(|(wanted, given)| wanted == given || wanted.starts_with('{'))
        };
        // Words before placeholders, so that `customers/search` is no customer.
        let mut fitting: Vec<&String> =
            paths.iter().filter(|(path, methods)| fits(path) && methods.get(method).is_some()).map(|(path, _)| path).collect();
        fitting.sort_by_key(|path| path.matches('{').count());
        fitting.first().map(|path| path.as_str())
    }

    fn validator(schema: Value) -> Arc<Validator> {
        let name = schema.to_string();
        let mut validators = VALIDATORS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        validators
            .entry(name)
            .or_insert_with(|| {
                let options = jsonschema::options().with_draft(Draft::Draft202012).with_registry(&REGISTRY);
                Arc::new(options.build(&schema).expect("Stripe's schemas compile"))
            })
            .clone()
    }

    fn complaints(validator: &Validator, value: &Value) -> Option<String> {
        let all: Vec<String> = validator.iter_errors(value).take(5).map(|error| format!("{}: {error}", error.instance_path())).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }

    /// A reference is a URI, where braces are written as numbers.
    fn reference(at: &str) -> Value {
        json!({"$ref": format!("{NAME}#{at}").replace('{', "%7B").replace('}', "%7D")})
    }

    fn pointer(parts: &[&str]) -> String {
        parts.iter().map(|part| format!("/{}", part.replace('~', "~0").replace('/', "~1"))).collect()
    }

    pub(crate) fn check_request(method: &str, path: &str, given: &Map<String, Value>) -> Result<(), Refusal> {
        let method = method.to_lowercase();
        let template = template(&method, path).ok_or_else(|| Refusal::no_such_url(&method, path))?;
        let operation = &DESCRIPTION["paths"][template][&method];
        let (schema, compiled) = if method == "post" {
            let at = pointer(&["paths", template, &method, "requestBody", "content", "application/x-www-form-urlencoded", "schema"]);
            let schema = DESCRIPTION.pointer(&at).cloned().unwrap_or_else(|| json!({"type": "object", "additionalProperties": false}));
            (schema, reference(&at))
        } else {
            let mut properties = Map::new();
            for parameter in operation["parameters"].as_array().into_iter().flatten().filter(|parameter| parameter["in"] == "query") {
                properties.insert(parameter["name"].as_str().unwrap_or_default().to_owned(), parameter["schema"].clone());
            }
            let schema = json!({"type": "object", "additionalProperties": false, "properties": properties});
            (schema.clone(), schema)
        };
        if let Some(unknown) = given.keys().find(|name| schema["properties"].get(name.as_str()).is_none()) {
            return Err(Refusal::unknown_parameter(unknown));
        }
        let given = coerce(&schema, &Value::Object(given.clone())).unwrap_or_else(|| Value::Object(given.clone()));
        match complaints(&validator(compiled), &given) {
            None => Ok(()),
            Some(why) => Err(Refusal::violation(format!("{method} {path} is not as Stripe describes it: {why}"))),
        }
    }

    pub(crate) fn check_answer(method: &str, path: &str, answer: &Value) -> Result<(), String> {
        let method = method.to_lowercase();
        let template = template(&method, path).ok_or("Stripe's description has no such operation")?;
        let at = pointer(&["paths", template, &method, "responses", "200", "content", "application/json", "schema"]);
        complaints(&validator(reference(&at)), answer).map_or(Ok(()), Err)
    }

    /// An answer that is no success, against what the description says of all of those.
    pub(crate) fn check_refusal(method: &str, path: &str, answer: &[u8]) -> Result<(), String> {
        let answer: Value = serde_json::from_slice(answer).map_err(|error| error.to_string())?;
        let method = method.to_lowercase();
        // Where there is no such operation, it is said in the same form.
        let described = template(&method, path).and_then(|template| {
            let at = pointer(&["paths", template, &method, "responses", "default", "content", "application/json", "schema", "$ref"]);
            DESCRIPTION.pointer(&at)?.as_str()
        });
        let schema = described.unwrap_or("#/components/schemas/error");
        complaints(&validator(reference(schema.trim_start_matches('#'))), &answer).map_or(Ok(()), Err)
    }

    /// A form's texts as what the schema says they are; none where they can't be that.
    fn coerce(schema: &Value, given: &Value) -> Option<Value> {
        if let Some(name) = schema["$ref"].as_str() {
            return coerce(DESCRIPTION.pointer(name.trim_start_matches('#'))?, given);
        }
        if let Some(choices) = schema["anyOf"].as_array() {
            return choices.iter().find_map(|choice| coerce(choice, given));
        }
        if let Some(values) = schema["enum"].as_array() {
            return values.contains(given).then(|| given.clone());
        }
        match (schema["type"].as_str(), given) {
            (Some("object"), Value::Object(fields)) => {
                let inner =
                    |name: &str| schema["properties"].get(name).or_else(|| schema.get("additionalProperties").filter(|more| more.is_object()));
                // What can't be read stays a text, and the validator says where it stands.
                let read = |(name, value): (&String, &Value)| {
                    (name.clone(), inner(name).and_then(|schema| coerce(schema, value)).unwrap_or_else(|| value.clone()))
                };
                Some(Value::Object(fields.iter().map(read).collect()))
            }
            (Some("array"), Value::Array(values)) => {
                Some(values.iter().map(|value| coerce(&schema["items"], value).unwrap_or_else(|| value.clone())).collect())
            }
            (Some("integer"), Value::String(text)) => text.parse::<i64>().ok().map(Value::from),
            (Some("number"), Value::String(text)) => text.parse::<f64>().ok().map(Value::from),
            (Some("boolean"), Value::String(text)) => text.parse::<bool>().ok().map(Value::from),
            (Some("string"), Value::String(_)) => Some(given.clone()),
            _ => None,
        }
    }
}
