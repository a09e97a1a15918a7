//! Lists in parts: `Range: version ..; max=15, order=desc`, answered with `Next-Range`
//! (devcenter, "Platform API reference", Ranges).

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::world::Refusal;

const DEFAULT_MAX: usize = 200;
const LIMIT: usize = 1_000;

/// What a client wants of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    attribute: String,
    start: Option<String>,
    start_excluded: bool,
    end: Option<String>,
    max: usize,
    descending: bool,
}

/// Answers with the wanted part of `items`, which can be sorted by `attributes`, by default by
/// the first.
pub(super) fn list(headers: &HeaderMap, attributes: &[&str], items: Vec<Value>) -> Response {
    let wanted = match headers.get(header::RANGE).map(|value| value.to_str()) {
        None => Ok(Wanted::all(attributes[0])),
        Some(text) => text.ok().and_then(parse).ok_or(()),
    };
    match wanted {
        Ok(wanted) if attributes.contains(&wanted.attribute.as_str()) => {
            answer(&wanted, attributes, items)
        }
        _ => Refusal::new(
            416,
            "requested_range_not_satisfiable",
            format!(
                "Range is not valid. Sortable attributes: {}.",
                attributes.join(", ")
            ),
        )
        .into_response(),
    }
}

fn answer(wanted: &Wanted, attributes: &[&str], items: Vec<Value>) -> Response {
    let (part, next) = cut(wanted, items);
    let mut response = Json(part).into_response();
    if let Some(next) = next.and_then(|next| HeaderValue::from_str(&next).ok()) {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        response.headers_mut().insert("Next-Range", next);
    }
    if let Ok(accepted) = HeaderValue::from_str(&attributes.join(", ")) {
        response
            .headers_mut()
            .insert(header::ACCEPT_RANGES, accepted);
    }
    response
}

fn cut(wanted: &Wanted, mut items: Vec<Value>) -> (Vec<Value>, Option<String>) {
    let key = |item: &Value| Key::of(&item[&wanted.attribute]);
    items.sort_by_key(key);
    if wanted.descending {
        items.reverse();
    }
    let beyond = |item: &Value, bound: &str| {
        let (key, bound) = (key(item), Key::parse(bound));
        if wanted.descending {
            bound.cmp(&key)
        } else {
            key.cmp(&bound)
        }
    };
    items.retain(|item| {
        let after = wanted.start.as_deref().is_none_or(|start| {
            let order = beyond(item, start);
            order.is_gt() || (order.is_eq() && !wanted.start_excluded)
        });
        after
            && wanted
                .end
                .as_deref()
                .is_none_or(|end| beyond(item, end).is_le())
    });
    if items.len() <= wanted.max {
        return (items, None);
    }
    items.truncate(wanted.max);
    let next = items.last().map(|last| wanted.from(&key(last).to_string()));
    (items, next)
}

impl Wanted {
    fn all(attribute: &str) -> Self {
        Self {
            attribute: attribute.to_owned(),
            start: None,
            start_excluded: false,
            end: None,
            max: DEFAULT_MAX,
            descending: false,
        }
    }

    /// The range that goes on after `last`.
    fn from(&self, last: &str) -> String {
        let order = if self.descending { ", order=desc" } else { "" };
        let end = self.end.as_deref().unwrap_or_default();
        format!("{} ]{last}..{end}; max={}{order}", self.attribute, self.max)
    }
}

fn parse(text: &str) -> Option<Wanted> {
    let (range, options) = text.split_once(';').unwrap_or((text, ""));
    let (attribute, bounds) = range.trim().split_once(' ').unwrap_or((range.trim(), ".."));
    let (start, end) = bounds.trim().split_once("..")?;
    let bound = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let mut wanted = Wanted {
        start_excluded: start.starts_with(']'),
        start: bound(start.trim_start_matches(['[', ']'])),
        end: bound(end.trim_end_matches(['[', ']'])),
        ..Wanted::all(attribute)
    };
    for option in options
        .split([',', ';'])
        .map(str::trim)
        .filter(|option| !option.is_empty())
    {
        match option.split_once('=')? {
            ("max", max) => {
                wanted.max = max.parse().ok().filter(|max| (1..=LIMIT).contains(max))?
            }
            ("order", "desc") => wanted.descending = true,
            ("order", "asc") => {}
            _ => return None,
        }
    }
    Some(wanted)
}

/// Numbers sort as numbers, everything else as text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Number(i64),
    Text(String),
}

impl Key {
    fn of(value: &Value) -> Self {
        match value {
            Value::String(text) => Self::Text(text.clone()),
            other => other
                .as_i64()
                .map_or_else(|| Self::Text(other.to_string()), Self::Number),
        }
    }

    fn parse(text: &str) -> Self {
        text.parse()
            .map_or_else(|_| Self::Text(text.to_owned()), Self::Number)
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(count: i64) -> Vec<Value> {
        (1..=count)
            .map(|version| serde_json::json!({ "version": version }))
            .collect()
    }

    fn shown(items: &[Value]) -> Vec<i64> {
        items
            .iter()
            .filter_map(|item| item["version"].as_i64())
            .collect()
    }

    #[test]
    fn the_newest_come_first_when_asked_for() {
        let wanted = parse("version ..; max=2, order=desc").unwrap();
        let (items, next) = cut(&wanted, versions(12));
        assert_eq!(shown(&items), [12, 11]);
        assert_eq!(next.as_deref(), Some("version ]11..; max=2, order=desc"));
    }

    #[test]
    fn following_next_range_meets_every_item_once() {
        for (first, expected) in [
            ("version ..; max=5", (1..=12).collect::<Vec<_>>()),
            ("version ..; order=desc,max=5;", (1..=12).rev().collect()),
        ] {
            let mut range = Some(first.to_owned());
            let mut all = Vec::new();
            while let Some(text) = range {
                let (items, next) = cut(&parse(&text).unwrap(), versions(12));
                all.extend(shown(&items));
                range = next;
            }
            assert_eq!(all, expected);
        }
    }

    #[test]
    fn nonsense_is_not_satisfiable() {
        for text in [
            "version 1; max=5",
            "version ..; max=0",
            "version ..; max=5000",
            "id ..; x",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
