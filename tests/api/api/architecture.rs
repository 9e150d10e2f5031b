//! Architecture tests: the rules of `src/lib.rs` and `docs/architecture.md`, checked in the source files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The top-level modules of `src`, lowest first. Each may import from those before it.
const TOP_LEVEL_MODULES: [&str; 12] = [
    "core", "config", "infra", "state", "graphql", "platform", "accounts", "catalog", "sales",
    "api", "server", "cli",
];
/// The layers of a feature, lowest first.
const LAYERS: [&str; 5] = ["entity", "list", "repository", "service", "graphql"];

struct Source {
    /// The path below `src`, such as `catalog/product/service/create.rs`.
    path: String,
    text: String,
}

impl Source {
    fn part(&self, index: usize) -> Option<&str> {
        let part = self.path.split('/').nth(index)?;
        Some(part.trim_end_matches(".rs"))
    }

    fn top_level_module(&self) -> &str {
        self.part(0).unwrap()
    }

    /// Returns the feature, such as `product`. None for the `mod.rs` of a top-level module.
    fn feature(&self) -> Option<&str> {
        self.part(1).filter(|name| *name != "mod")
    }

    /// Returns the layer, if the feature has layers.
    fn layer(&self) -> Option<&'static str> {
        if !["platform", "catalog", "accounts", "sales"].contains(&self.top_level_module()) {
            return None;
        }
        let name = self.part(2)?;
        LAYERS.into_iter().find(|layer| *layer == name)
    }

    /// Returns the lines of code without comments.
    fn code(&self) -> impl Iterator<Item = &str> {
        let lines = self.text.lines().map(str::trim);
        lines.filter(|line| !line.starts_with("//"))
    }

    fn names(&self, what: &str) -> bool {
        self.code().any(|line| line.contains(what))
    }

    /// Returns the imported modules as top-level module and feature.
    fn imports(&self) -> BTreeSet<(String, String)> {
        let code = self.code().flat_map(|line| line.split("crate::").skip(1));
        let paths = code.map(|path| {
            let mut names = path.split(|letter: char| letter != '_' && !letter.is_alphanumeric());
            let top_level_module = names.next().unwrap_or_default().to_owned();
            // `::` leaves an empty part.
            let feature = names.nth(1).unwrap_or_default().to_owned();
            (top_level_module, feature)
        });
        paths.collect()
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let below = path.strip_prefix(&root).unwrap();
                found.push(Source {
                    path: below.to_str().unwrap().to_owned(),
                    text: fs::read_to_string(&path).unwrap(),
                });
            }
        }
    }
    assert!(found.len() > 30, "the sources were not found");
    found
}

fn module_rank(top_level_module: &str) -> Option<usize> {
    TOP_LEVEL_MODULES
        .iter()
        .position(|name| *name == top_level_module)
}

/// Fails if files other than `allowed` contain `what`.
fn assert_only_in(what: &str, allowed: impl Fn(&Source) -> bool) {
    let sources = sources();
    let matching: Vec<_> = sources.iter().filter(|source| source.names(what)).collect();
    assert!(
        !matching.is_empty(),
        "no file contains {what}: the rule is obsolete"
    );
    let violations = matching.into_iter().filter(|source| !allowed(source));
    let violations: Vec<_> = violations.map(|source| source.path.as_str()).collect();
    assert_eq!(
        violations,
        Vec::<&str>::new(),
        "{what} is not allowed in these files"
    );
}

#[test]
fn every_file_is_in_a_module() {
    for source in sources() {
        let is_root = ["lib.rs", "main.rs", "state.rs"].contains(&source.path.as_str());
        let is_in_module =
            module_rank(source.top_level_module()).is_some() && source.path.contains('/');
        assert!(
            is_root || is_in_module,
            "{} is outside of the modules",
            source.path
        );
    }
}

#[test]
fn modules_import_only_from_modules_below() {
    let mut import_count = 0;
    let mut violations = Vec::new();
    for source in sources() {
        let Some(own) = module_rank(source.top_level_module()) else {
            continue;
        };
        for (top_level_module, feature) in source.imports() {
            let Some(other) = module_rank(&top_level_module) else {
                continue;
            };
            import_count += 1;
            if other > own {
                violations.push(format!(
                    "{} imports {top_level_module}::{feature}",
                    source.path
                ));
            }
        }
    }
    assert!(import_count > 500, "only {import_count} imports were found");
    assert_eq!(violations, Vec::<String>::new());
}

/// Types of the API may refer to each other: a graph has cycles. In `accounts`, deleting an account deletes its
/// avatar, and storing an avatar requires the account. All other imports must be acyclic.
#[test]
fn features_of_a_module_have_no_import_cycles() {
    let sources = sources();
    let mut imports: BTreeMap<(&str, &str), BTreeSet<(String, String)>> = BTreeMap::new();
    for source in &sources {
        let (top_level_module, Some(feature)) = (source.top_level_module(), source.feature())
        else {
            continue;
        };
        if source.layer() == Some("graphql")
            || matches!(top_level_module, "api" | "cli" | "accounts")
        {
            continue;
        }
        let others = source.imports().into_iter();
        let others = others.filter(|(to, name)| to == top_level_module && name != feature);
        imports
            .entry((top_level_module, feature))
            .or_default()
            .extend(others);
    }
    assert!(imports.len() > 30, "the features were not found");
    for start in imports.keys() {
        let mut reachable = BTreeSet::new();
        let mut open: Vec<_> = imports[start].iter().collect();
        while let Some(next) = open.pop() {
            if reachable.insert(next) {
                let further = imports.get(&(next.0.as_str(), next.1.as_str()));
                open.extend(further.into_iter().flatten());
            }
        }
        let own = (start.0.to_owned(), start.1.to_owned());
        assert!(
            !reachable.contains(&own),
            "import cycle: {start:?} through {reachable:?}"
        );
    }
}

#[test]
fn async_graphql_is_imported_by_graphql_files_and_scalars() {
    // Scalars and inputs that are also core values.
    let values = [
        "core/clock.rs",
        "core/country.rs",
        "core/date.rs",
        "core/error/user_error.rs",
        "core/money/mod.rs",
        "core/patch.rs",
        "core/range.rs",
    ];
    assert_only_in("async_graphql", |source| {
        source.layer() == Some("graphql")
            || values.contains(&source.path.as_str())
            || source.path.starts_with("core/pagination/")
            || matches!(source.top_level_module(), "graphql" | "api")
    });
}

#[test]
fn sea_orm_is_imported_by_repositories_and_entities() {
    let values = ["core/clock.rs", "core/id.rs", "core/viewer.rs"];
    assert_only_in("sea_orm::", |source| {
        matches!(source.layer(), Some("repository" | "entity"))
            || values.contains(&source.path.as_str())
            || source.path.starts_with("infra/database/")
            || source.path.starts_with("catalog/search/")
    });
}

#[test]
fn axum_is_imported_by_http_and_server() {
    assert_only_in("axum::", |source| {
        source.path.starts_with("api/http/") || source.top_level_module() == "server"
    });
}

#[test]
fn resolvers_return_our_own_error() {
    let leaky = ["async_graphql::Result", "async_graphql::Error"];
    // The conversion to the library's error, and the trait of guards.
    let exempt = ["graphql/error.rs", "graphql/guard.rs"];
    for source in sources() {
        for what in leaky {
            assert!(
                !source.names(what) || exempt.contains(&source.path.as_str()),
                "{} uses {what}, whose messages would be returned to clients",
                source.path
            );
        }
    }
}

#[test]
fn layers_of_a_feature_import_only_those_below() {
    let mut checked = 0;
    for source in sources() {
        let (Some(feature), Some(layer)) = (source.feature(), source.layer()) else {
            continue;
        };
        checked += 1;
        let depth = LAYERS.iter().position(|name| *name == layer).unwrap();
        for above in &LAYERS[depth + 1..] {
            for spelling in [format!("super::{above}"), format!("{feature}::{above}")] {
                assert!(!source.names(&spelling), "{} names {spelling}", source.path);
            }
        }
    }
    assert!(checked > 100, "only {checked} files have a layer");
}

#[test]
fn a_table_is_written_by_its_own_repository() {
    // Writing requires sea-orm, which only repositories, entities and the files of `infra/database` import (see
    // above).
    assert_only_in("insert_all(", |source| {
        source.layer() == Some("repository") || source.path == "infra/database/insert.rs"
    });
    let sources = sources();
    let features: BTreeSet<_> = sources
        .iter()
        .filter(|source| source.layer() == Some("repository"))
        .filter_map(Source::feature)
        .collect();
    assert!(features.len() > 8, "the repositories were not found");
    for source in &sources {
        // A repository may read tables of other features, but not write them.
        let others = features
            .iter()
            .filter(|name| Some(**name) != source.feature());
        for other in others {
            for verb in ["insert", "update", "delete"] {
                for path in ["repository::", "entity::Entity::", "Entity::"] {
                    let spelling = format!("{other}::{path}{verb}");
                    let longer = format!("_{spelling}");
                    let named = source.names(&spelling) && !source.names(&longer);
                    assert!(!named, "{} writes {other}", source.path);
                }
            }
        }
    }
}

#[test]
fn files_have_at_most_300_lines() {
    for source in sources() {
        let lines = source.text.lines().count();
        assert!(lines <= 300, "{} has {lines} lines", source.path);
    }
}
