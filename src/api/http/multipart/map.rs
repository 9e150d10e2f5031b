//! The part `map`, which assigns files to variables.

use async_graphql::{Value as ConstValue, Variables};
use serde_json::{Map, Value};

use crate::api::http::reply::Refusal;
use crate::graphql::upload::Upload;

/// The maximum number of variables that the files of a request are assigned to.
const MAX_PATHS: usize = 20;

/// The files of a request: the part name of each, and the paths of its variables.
pub struct FileMap(Vec<(String, Vec<String>)>);

impl FileMap {
    /// Parses the JSON of the part: an object with an array of paths for each name.
    ///
    /// # Errors
    /// If the JSON has another form, or too many paths.
    pub fn parse(json: &[u8]) -> Result<Self, Refusal> {
        let entries: Map<String, Value> = serde_json::from_slice(json)
            .map_err(|_| Refusal::bad_request("The part `map` is not a JSON object."))?;
        let mut count = 0;
        let entries = entries.into_iter().map(|(name, paths)| {
            let Value::Array(paths) = paths else {
                return Err("An entry of `map` is not an array of paths.".to_owned());
            };
            if paths.is_empty() {
                return Err("An entry of `map` has no path.".to_owned());
            }
            count += paths.len();
            if count > MAX_PATHS {
                return Err(format!("`map` has more than {MAX_PATHS} paths."));
            }
            let paths = paths.into_iter().map(|path| match path {
                Value::String(path) => Ok(path),
                _ => Err("A path of `map` is not a string.".to_owned()),
            });
            Ok((name, paths.collect::<Result<_, _>>()?))
        });
        entries
            .collect::<Result<_, _>>()
            .map(Self)
            .map_err(Refusal::bad_request)
    }

    /// Returns the number of files.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Assigns the files to their variables. Returns the part name for each variable.
    ///
    /// # Errors
    /// If a path does not lead to a null.
    pub fn place(self, variables: &mut Variables) -> Result<Vec<String>, Refusal> {
        let mut names = Vec::new();
        let paths = self.0.into_iter().flat_map(|(name, paths)| {
            let paths = paths.into_iter();
            paths.map(move |path| (name.clone(), path))
        });
        for (index, (name, path)) in (0..).zip(paths) {
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

/// Returns the value at a path such as `variables.input.files.0`.
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
