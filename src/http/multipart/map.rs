//! The part `map`: which file takes which place.

use async_graphql::{Value as ConstValue, Variables};
use serde_json::{Map, Value};

use crate::http::reply::Refusal;
use crate::upload::Upload;

/// Which file takes which place: the name of its part, and the path of the variable.
pub struct FileMap(Vec<(String, String)>);

impl FileMap {
    /// Reads the JSON of the part: an object of names, each with an array of one path.
    ///
    /// # Errors
    /// Whatever is no such object. A file with several paths is refused too: it can be read only once.
    pub fn parse(json: &[u8]) -> Result<Self, Refusal> {
        let entries: Map<String, Value> = serde_json::from_slice(json)
            .map_err(|_| Refusal::bad_request("The part `map` is not a JSON object."))?;
        let entries = entries.into_iter().map(|(name, paths)| {
            let Value::Array(paths) = paths else {
                return Err("An entry of `map` is not an array of paths.");
            };
            match <[Value; 1]>::try_from(paths) {
                Ok([Value::String(path)]) => Ok((name, path)),
                Ok(_) => Err("A path of `map` is not a text."),
                Err(paths) if paths.is_empty() => Err("An entry of `map` has no path."),
                Err(_) => Err("A file can be used in one place. Send it once for each."),
            }
        });
        entries
            .collect::<Result<_, _>>()
            .map(Self)
            .map_err(Refusal::bad_request)
    }

    /// How many files there are.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Puts the files into their places among the variables; gives the names of their parts.
    ///
    /// # Errors
    /// A path that does not lead to a null.
    pub fn place(self, variables: &mut Variables) -> Result<Vec<String>, Refusal> {
        let mut names = Vec::new();
        for (index, (name, path)) in (0..).zip(self.0) {
            let place = find(variables, &path).filter(|place| **place == ConstValue::Null);
            let place = place.ok_or_else(|| {
                Refusal::bad_request("A path of `map` does not lead to a variable that is null.")
            })?;
            *place = Upload::variable(index);
            names.push(name);
        }
        Ok(names)
    }
}

/// The place that a path such as `variables.input.files.0` leads to.
fn find<'a>(variables: &'a mut Variables, path: &str) -> Option<&'a mut ConstValue> {
    let mut segments = path.split('.');
    let (Some("variables"), Some(name)) = (segments.next(), segments.next()) else {
        return None;
    };
    let variable = variables.get_mut(name)?;
    segments.try_fold(variable, |value, segment| match value {
        ConstValue::Object(fields) => fields.get_mut(segment),
        ConstValue::List(items) => items.get_mut(segment.parse::<usize>().ok()?),
        _ => None,
    })
}
