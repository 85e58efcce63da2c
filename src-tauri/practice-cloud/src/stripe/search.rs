//! Customer search: a copy that lags behind, as Stripe's does, and the small language it is asked in.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use super::refusal::Refusal;

/// What search knows of customers: the truth of some time ago.
#[derive(Debug)]
pub(crate) struct SearchCopy {
    lag_millis: i64,
    /// When it becomes visible, whose it is, and what it is then; none for a deleted one.
    coming: VecDeque<(i64, String, Option<Value>)>,
    seen: BTreeMap<String, Value>,
}

impl SearchCopy {
    pub(crate) fn new(lag_millis: i64) -> SearchCopy {
        SearchCopy { lag_millis, coming: VecDeque::new(), seen: BTreeMap::new() }
    }

    pub(crate) fn hear(&mut self, now_millis: i64, id: &str, customer: Option<&Value>) {
        self.coming.push_back((now_millis + self.lag_millis, id.to_owned(), customer.cloned()));
    }

    /// Customers as far as search has heard, newest first.
    pub(crate) fn find(&mut self, now_millis: i64, query: &str) -> Result<Vec<Value>, Refusal> {
        while self.coming.front().is_some_and(|(at, _, _)| *at <= now_millis) {
            match self.coming.pop_front() {
                Some((_, id, Some(customer))) => self.seen.insert(id, customer),
                Some((_, id, None)) => self.seen.remove(&id),
                None => None,
            };
        }
        let query = parse(query)
            .map_err(|why| Refusal { violation: true, ..Refusal::invalid("query", format!("We were unable to parse your search query: {why}")) })?;
        let mut found: Vec<Value> = self.seen.values().filter(|customer| query.fits(customer)).cloned().collect();
        found.sort_by_key(|customer| std::cmp::Reverse(customer["created"].as_i64()));
        Ok(found)
    }
}

#[derive(Debug)]
struct Query {
    any: bool,
    clauses: Vec<Clause>,
}

#[derive(Debug)]
struct Clause {
    not: bool,
    field: String,
    /// For `metadata["name"]`.
    name: Option<String>,
    part: bool,
    value: String,
}

impl Query {
    fn fits(&self, customer: &Value) -> bool {
        if self.any { self.clauses.iter().any(|clause| clause.fits(customer)) } else { self.clauses.iter().all(|clause| clause.fits(customer)) }
    }
}

impl Clause {
    fn fits(&self, customer: &Value) -> bool {
        let field = &customer[&self.field];
        let text = self.name.as_ref().map_or(field, |name| &field[name]).as_str().unwrap_or_default().to_lowercase();
        let wanted = self.value.to_lowercase();
        (if self.part { text.contains(&wanted) } else { text == wanted }) != self.not
    }
}

/// `email:"a@b.c" AND -metadata["lead"]:"7"`, and `~` for a part of at least three characters. AND and OR don't mix.
fn parse(text: &str) -> Result<Query, &'static str> {
    let mut rest = text.trim();
    let mut query = Query { any: false, clauses: Vec::new() };
    let mut joined = None;
    while !rest.is_empty() {
        if !query.clauses.is_empty() {
            let join = ["AND ", "OR "].into_iter().find(|join| rest.to_uppercase().starts_with(join));
            if let Some(join) = join {
                rest = rest[join.len()..].trim_start();
            }
            let any = join == Some("OR ");
            if joined.is_some_and(|before| before != any) {
                return Err("AND and OR can't be combined");
            }
            joined = Some(any);
            query.any = any;
        }
        let (clause, after) = clause(rest)?;
        query.clauses.push(clause);
        rest = after.trim_start();
    }
    if query.clauses.is_empty() { Err("it is empty") } else { Ok(query) }
}

fn clause(text: &str) -> Result<(Clause, &str), &'static str> {
    let (not, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').ok_or("a field has no value")?;
    let (field, mut rest) = text.split_at(end);
    if !["email", "name", "phone", "metadata"].contains(&field) {
        return Err("this field can't be searched for");
    }
    let mut name = None;
    if let Some(inside) = rest.strip_prefix('[') {
        let (quoted, after) = quoted(inside)?;
        name = Some(quoted);
        rest = after.strip_prefix(']').ok_or("a bracket is not closed")?;
    }
    if (field == "metadata") != name.is_some() {
        return Err("metadata is asked for as metadata[\"name\"]");
    }
    let part = rest.starts_with('~');
    let rest = rest.strip_prefix([':', '~']).ok_or("a field is followed by : or ~")?;
    let (value, rest) = quoted(rest)?;
    if part && value.chars().count() < 3 {
        return Err("a part has at least three characters");
    }
    Ok((Clause { not, field: field.to_owned(), name, part, value }, rest))
}

/// A text in single or double quotes, with a backslash before a quote that belongs to it.
fn quoted(text: &str) -> Result<(String, &str), &'static str> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\'')).ok_or("a text stands in quotes")?;
    let mut inside = String::new();
    let mut letters = text.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => inside.extend(letters.next().map(|(_, escaped)| escaped)),
            letter if letter == quote => return Ok((inside, &text[at + 1..])),
            letter => inside.push(letter),
        }
    }
    Err("a quote is not closed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(query: &str, expected: &[&str]) {
        let mut copy = SearchCopy::new(10);
        copy.hear(0, "a", Some(&json!({"id": "a", "email": "Ann@shop.com", "metadata": {"lead": "7"}, "created": 2})));
        copy.hear(0, "b", Some(&json!({"id": "b", "email": "ben@shop.com", "name": "Ben \"B\" O'Neil", "metadata": {}, "created": 1})));
        assert!(copy.find(9, query).unwrap().is_empty(), "too early");
        let found = copy.find(10, query).unwrap();
        assert_eq!(found.iter().map(|row| row["id"].as_str().unwrap()).collect::<Vec<_>>(), expected, "{query}");
    }

    #[test]
    fn search_finds_what_it_has_heard_of() {
        check("metadata['lead']:'7'", &["a"]);
        check("email:\"ann@SHOP.com\"", &["a"]);
        check("email~\"shop\"", &["a", "b"]);
        check("email~\"shop\" AND -metadata[\"lead\"]:\"7\"", &["b"]);
        check("email:'ann@shop.com' OR email:'ben@shop.com'", &["a", "b"]);
        check(r#"name:"ben \"b\" o'neil""#, &["b"]);
    }

    #[test]
    fn a_query_that_is_none_is_refused() {
        for wrong in ["", "email", "email:ann", "email:'a", "shoe:'7'", "metadata:'7'", "email~'ab'", "email:'a' AND email:'b' OR email:'c'"] {
            assert!(SearchCopy::new(0).find(0, wrong).is_err(), "{wrong}");
        }
    }
}
