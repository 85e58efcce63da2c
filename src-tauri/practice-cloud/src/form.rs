//! `a[b][c]=v` to nested values, as Stripe reads bodies and queries. Every leaf is still a text.

use serde_json::{Map, Value};

/// Decodes a form. A part that is no `name[inner][]=value` is said to be so.
pub(crate) fn decode(text: &[u8]) -> Result<Map<String, Value>, String> {
    let mut all = Map::new();
    for (name, value) in form_urlencoded::parse(text) {
        let (first, rest) = name.split_once('[').unwrap_or((&name, ""));
        let mut steps = vec![first.to_owned()];
        if first.is_empty() || name.ends_with('[') {
            return Err(format!("no parameter is called `{name}`"));
        }
        if !rest.is_empty() {
            let inner = rest.strip_suffix(']').ok_or_else(|| format!("`{name}` has no closing bracket"))?;
            steps.extend(inner.split("][").map(str::to_owned));
        }
        put(&mut all, &steps, value.into_owned()).map_err(|why| format!("`{name}`: {why}"))?;
    }
    Ok(all.into_iter().map(|(name, value)| (name, lists(value))).collect())
}

/// An empty step, `a[]`, takes the next number.
fn put(into: &mut Map<String, Value>, steps: &[String], value: String) -> Result<(), &'static str> {
    let Some((first, rest)) = steps.split_first() else { return Err("empty") };
    let name = if first.is_empty() { into.len().to_string() } else { first.clone() };
    if rest.is_empty() {
        return match into.insert(name, Value::String(value)) {
            None => Ok(()),
            Some(_) => Err("given twice"),
        };
    }
    match into.entry(name).or_insert_with(|| Value::Object(Map::new())) {
        Value::Object(inner) => put(inner, rest, value),
        _ => Err("a value and a group at once"),
    }
}

/// A group whose names are 0, 1, 2… is a list.
fn lists(value: Value) -> Value {
    match value {
        Value::Object(inner) if (0..inner.len()).all(|n| inner.contains_key(&n.to_string())) && !inner.is_empty() => {
            let mut inner = inner;
            (0..inner.len()).filter_map(|n| inner.remove(&n.to_string())).map(lists).collect()
        }
        Value::Object(inner) => Value::Object(inner.into_iter().map(|(name, value)| (name, lists(value))).collect()),
        leaf => leaf,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(form: &str, expected: Value) {
        assert_eq!(decode(form.as_bytes()).map(Value::Object), Ok(expected));
    }

    #[test]
    fn brackets_nest() {
        check("promotion[type]=coupon&promotion[coupon]=a%20b+c", json!({"promotion": {"type": "coupon", "coupon": "a b c"}}));
        check("expand[]=data.customer&expand[]=x", json!({"expand": ["data.customer", "x"]}));
        check("discounts[0][coupon]=A&discounts[1][coupon]=B", json!({"discounts": [{"coupon": "A"}, {"coupon": "B"}]}));
        check("metadata[till]=1&metadata[sale]=", json!({"metadata": {"till": "1", "sale": ""}}));
        check("", json!({}));
    }

    #[test]
    fn what_is_no_form_is_refused() {
        for wrong in ["a[b=c", "a=1&a=2", "a=1&a[b]=2", "[]=1"] {
            assert!(decode(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
