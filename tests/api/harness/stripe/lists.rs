//! Lists with cursors: newest first, `limit`, `starting_after`, `ending_before` and `created`.

use serde_json::{Value, json};

use super::errors::ApiError;
use super::params::Params;

/// The names of the parameters of each list.
pub const LIST: [&str; 5] = [
    "limit",
    "starting_after",
    "ending_before",
    "created",
    "expand",
];

/// Returns a page of a list. The objects are in the order of their creation; `name` is that of one, for errors.
pub fn page(
    objects: impl DoubleEndedIterator<Item = Value>,
    includes: impl Fn(&Value) -> bool,
    params: &Params,
    name: &str,
    url: &str,
) -> Result<Value, ApiError> {
    let limit = params.integer("limit")?.unwrap_or(10);
    if !(1..=100).contains(&limit) {
        let message = "This value must be between 1 and 100 (inclusive).";
        return Err(ApiError::invalid(message)
            .code("parameter_invalid_integer")
            .param("limit"));
    }
    let limit = usize::try_from(limit).unwrap();
    let all: Vec<Value> = objects.rev().collect();
    let position = |param: &str| {
        let Some(id) = params.get(param) else {
            return Ok(None);
        };
        let found = all.iter().position(|object| object["id"] == id);
        found
            .map(Some)
            .ok_or_else(|| ApiError::missing(400, name, id, param))
    };
    let (after, before) = (position("starting_after")?, position("ending_before")?);
    if after.is_some() && before.is_some() {
        let message =
            "You may only specify one of these parameters: starting_after, ending_before.";
        return Err(ApiError::invalid(message).param("starting_after"));
    }
    let range = match (after, before) {
        (Some(after), _) => &all[after + 1..],
        (None, Some(before)) => &all[..before],
        (None, None) => &all[..],
    };
    let created = created_filter(params)?;
    let fits = |object: &&Value| includes(object) && created(object["created"].as_i64().unwrap());
    let found: Vec<Value> = range.iter().filter(fits).cloned().collect();
    let has_more = found.len() > limit;
    let data = if before.is_some() {
        // The ones next to the cursor, and still newest first.
        found[found.len().saturating_sub(limit)..].to_vec()
    } else {
        found.into_iter().take(limit).collect()
    };
    Ok(json!({ "object": "list", "data": data, "has_more": has_more, "url": url }))
}

fn created_filter(params: &Params) -> Result<impl Fn(i64) -> bool + use<>, ApiError> {
    let exact = params.integer("created")?;
    let above = params.integer("created[gt]")?;
    let from = params.integer("created[gte]")?;
    let below = params.integer("created[lt]")?;
    let until = params.integer("created[lte]")?;
    Ok(move |created: i64| {
        exact.is_none_or(|exact| created == exact)
            && above.is_none_or(|above| created > above)
            && from.is_none_or(|from| created >= from)
            && below.is_none_or(|below| created < below)
            && until.is_none_or(|until| created <= until)
    })
}
