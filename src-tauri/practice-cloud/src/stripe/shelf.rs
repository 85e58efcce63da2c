//! Objects of one kind, in the order they were made, found by id and by what Stripe filters by.

use std::collections::HashMap;

use serde_json::Value;

/// What a list may be looked up by without reading all of it; each text begins with the name of its filter.
type Keys = fn(&Value) -> Vec<String>;

/// Objects of one kind.
#[derive(Debug)]
pub(crate) struct Shelf {
    /// Removed ones leave a gap, so that places stay what they are.
    rows: Vec<Option<Value>>,
    places: HashMap<String, usize>,
    keys: Keys,
    by_key: HashMap<String, Vec<usize>>,
}

/// Which page of a list.
#[derive(Debug, Default)]
pub(crate) struct Page<'a> {
    pub(crate) limit: usize,
    pub(crate) starting_after: Option<&'a str>,
    pub(crate) ending_before: Option<&'a str>,
}

/// The cursor names nothing that is there; holds the parameter's name and its value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CursorGone(pub(crate) &'static str, pub(crate) String);

impl Shelf {
    pub(crate) fn new(keys: Keys) -> Shelf {
        Shelf { rows: Vec::new(), places: HashMap::new(), keys, by_key: HashMap::new() }
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Value> {
        self.rows[*self.places.get(id)?].as_ref()
    }

    /// Puts a new object at the end, or the object of the same id in its place.
    pub(crate) fn put(&mut self, object: Value) {
        let Some(id) = object["id"].as_str().map(str::to_owned) else { return };
        let place = self.places.get(&id).copied().unwrap_or_else(|| {
            self.rows.push(None);
            self.places.insert(id, self.rows.len() - 1);
            self.rows.len() - 1
        });
        let keys = (self.keys)(&object);
        let before = self.rows[place].as_ref().map(self.keys).unwrap_or_default();
        self.forget_keys(place, before.iter().filter(|key| !keys.contains(key)));
        for key in keys.into_iter().filter(|key| !before.contains(key)) {
            let places = self.by_key.entry(key).or_default();
            let at = places.partition_point(|known| *known < place);
            places.insert(at, place);
        }
        self.rows[place] = Some(object);
    }

    /// Changes an object where it stands and gives it back as it is now.
    pub(crate) fn change(&mut self, id: &str, change: impl FnOnce(&mut Value)) -> Option<Value> {
        let mut object = self.get(id)?.clone();
        change(&mut object);
        self.put(object.clone());
        Some(object)
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<Value> {
        let place = self.places.remove(id)?;
        let object = self.rows[place].take()?;
        self.forget_keys(place, (self.keys)(&object).iter());
        Some(object)
    }

    fn forget_keys<'k>(&mut self, place: usize, keys: impl Iterator<Item = &'k String>) {
        for key in keys {
            let Some(places) = self.by_key.get_mut(key) else { continue };
            if let Ok(at) = places.binary_search(&place) {
                places.remove(at);
            }
            if places.is_empty() {
                self.by_key.remove(key);
            }
        }
    }

    /// Oldest first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Value> {
        self.rows.iter().flatten()
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// Those with this key, newest first.
    pub(crate) fn with<'a>(&'a self, key: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
        self.by_key.get(key).into_iter().flatten().rev().filter_map(|place| self.rows[*place].as_ref())
    }

    /// One page, newest first, and whether there is more in the direction that was walked.
    ///
    /// `ending_before` gives the page that stands right before the cursor, not the newest one.
    pub(crate) fn page(&self, page: &Page<'_>, key: Option<&str>, fits: impl Fn(&Value) -> bool) -> Result<(Vec<&Value>, bool), CursorGone> {
        let place = |name, id: Option<&str>| match id {
            None => Ok(None),
            Some(id) => self.places.get(id).copied().map(Some).ok_or_else(|| CursorGone(name, id.to_owned())),
        };
        let before = place("starting_after", page.starting_after)?;
        let after = place("ending_before", page.ending_before)?;
        let (first, end) = (after.map_or(0, |at| at + 1), before.unwrap_or(self.rows.len()));

        let keyed = key.map(|key| self.by_key.get(key).map_or(&[][..], Vec::as_slice));
        let places: Box<dyn DoubleEndedIterator<Item = usize>> = match keyed {
            Some(places) => Box::new(places.iter().copied().filter(move |at| (first..end).contains(at))),
            None => Box::new(first..end.max(first)),
        };
        let places: Box<dyn Iterator<Item = usize>> = if after.is_some() { places } else { Box::new(places.rev()) };
        let mut found: Vec<&Value> = places.filter_map(|at| self.rows[at].as_ref()).filter(|row| fits(row)).take(page.limit + 1).collect();
        let more = found.len() > page.limit;
        found.truncate(page.limit);
        if after.is_some() {
            found.reverse();
        }
        Ok((found, more))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shelf() -> Shelf {
        let mut shelf = Shelf::new(|row| vec![format!("parity:{}", row["n"].as_i64().unwrap() % 2)]);
        for n in 1..=6 {
            shelf.put(json!({"id": format!("e{n}"), "n": n}));
        }
        shelf
    }

    #[track_caller]
    fn check(page: Page<'_>, key: Option<&str>, expected: &[i64], more: bool) {
        let shelf = shelf();
        let (rows, has_more) = shelf.page(&page, key, |_| true).unwrap();
        assert_eq!(rows.iter().map(|row| row["n"].as_i64().unwrap()).collect::<Vec<_>>(), expected);
        assert_eq!(has_more, more);
    }

    #[test]
    fn pages_walk_both_ways() {
        check(Page { limit: 2, ..Page::default() }, None, &[6, 5], true);
        check(Page { limit: 9, starting_after: Some("e5"), ..Page::default() }, None, &[4, 3, 2, 1], false);
        check(Page { limit: 2, ending_before: Some("e1"), ..Page::default() }, None, &[3, 2], true);
        check(Page { limit: 3, ending_before: Some("e3"), ..Page::default() }, None, &[6, 5, 4], false);
        check(Page { limit: 1, starting_after: Some("e4"), ..Page::default() }, Some("parity:0"), &[2], false);
        check(Page { limit: 2, ending_before: Some("e6"), ..Page::default() }, None, &[], false);
    }

    #[test]
    fn a_cursor_that_is_gone_is_said_to_be_gone() {
        let mut shelf = shelf();
        shelf.remove("e2");
        let page = Page { limit: 1, ending_before: Some("e2"), ..Page::default() };
        assert_eq!(shelf.page(&page, None, |_| true), Err(CursorGone("ending_before", "e2".to_owned())));
        assert_eq!(shelf.with("parity:0").count(), 2);
    }
}
