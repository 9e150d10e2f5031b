//! The house rules of `src/lib.rs`, held by reading the sources.

use std::fs;
use std::path::{Path, PathBuf};

/// Features, lowest first: each may use those before it.
const FEATURES: [&str; 15] = [
    "audit",
    "outbox",
    "throttle",
    "idempotency",
    "media",
    "category",
    "product",
    "product_image",
    "import_export",
    "user",
    "avatar",
    "auth",
    "identity",
    "shop",
    "demo",
];
/// The files of a feature, lowest first.
const LAYERS: [&str; 5] = ["entity", "list", "repository", "service", "graphql"];
/// Plumbing that puts features together.
const ASSEMBLY: [&str; 6] = [
    "lib.rs",
    "schema.rs",
    "server.rs",
    "cli.rs",
    "viewer.rs",
    "work.rs",
];

struct Source {
    /// Below `src`, such as `product/service.rs`.
    path: String,
    text: String,
}

impl Source {
    fn feature(&self) -> Option<&'static str> {
        let (folder, _) = self.path.split_once('/')?;
        FEATURES.into_iter().find(|feature| *feature == folder)
    }

    fn layer(&self) -> Option<&'static str> {
        let file = self.path.split('/').nth(1)?;
        let name = file.trim_end_matches(".rs");
        LAYERS.into_iter().find(|layer| *layer == name)
    }

    /// The lines of code that name this, comments left out.
    fn names(&self, what: &str) -> bool {
        let mut code = self.text.lines().map(str::trim);
        code.any(|line| !line.starts_with("//") && line.contains(what))
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

/// Fails with the files that name `what` and are none of `allowed`.
fn only_in(what: &str, allowed: impl Fn(&Source) -> bool) {
    let sources = sources();
    let naming: Vec<_> = sources.iter().filter(|source| source.names(what)).collect();
    assert!(
        !naming.is_empty(),
        "nothing names {what}: is the rule still about anything?"
    );
    let wrong = naming.into_iter().filter(|source| !allowed(source));
    let wrong: Vec<_> = wrong.map(|source| source.path.as_str()).collect();
    assert_eq!(wrong, Vec::<&str>::new(), "{what} has no place there");
}

#[test]
fn async_graphql_is_known_to_the_graphql_layer_and_its_plumbing() {
    let plumbing = [
        "access.rs",
        "clock.rs",
        "error/mod.rs",
        "loader.rs",
        "money.rs",
        "patch.rs",
        "range.rs",
        "root.rs",
        "schema.rs",
        "secrets.rs",
        "upload/mod.rs",
        "user_error.rs",
        "viewer.rs",
    ];
    only_in("async_graphql", |source| {
        source.layer() == Some("graphql")
            || plumbing.contains(&source.path.as_str())
            || source.path.starts_with("pagination/")
            || source.path.starts_with("http/")
    });
}

#[test]
fn sql_is_known_to_repositories_and_entities() {
    let plumbing = ["clock.rs", "error/mod.rs", "id.rs"];
    only_in("sea_orm::", |source| {
        matches!(source.layer(), Some("repository" | "entity"))
            || plumbing.contains(&source.path.as_str())
            || source.path.starts_with("database/")
            || source.path.starts_with("search/")
    });
}

#[test]
fn axum_is_known_to_http() {
    only_in("axum::", |source| source.path.starts_with("http/"));
}

#[test]
fn resolvers_return_our_own_error() {
    let leaky = ["async_graphql::Result", "async_graphql::Error"];
    // Where the library will have its own: the conversion to it, and its trait of guards.
    let exempt = ["error/mod.rs", "viewer.rs"];
    for source in sources() {
        for what in leaky {
            assert!(
                !source.names(what) || exempt.contains(&source.path.as_str()),
                "{} names {what}: what it carries reaches the client",
                source.path
            );
        }
    }
}

#[test]
fn a_layer_knows_only_those_below_it() {
    for source in sources() {
        let (Some(feature), Some(layer)) = (source.feature(), source.layer()) else {
            continue;
        };
        let depth = LAYERS.iter().position(|name| *name == layer).unwrap();
        for above in &LAYERS[depth + 1..] {
            for spelling in [format!("super::{above}"), format!("{feature}::{above}")] {
                assert!(!source.names(&spelling), "{} knows {spelling}", source.path);
            }
        }
    }
}

#[test]
fn a_feature_knows_only_those_before_it() {
    for source in sources() {
        let Some(feature) = source.feature() else {
            continue;
        };
        // Types of the API name each other freely: a graph has cycles.
        if source.layer() == Some("graphql") {
            continue;
        }
        let place = FEATURES.iter().position(|name| *name == feature).unwrap();
        for later in &FEATURES[place + 1..] {
            for end in ["::", ";", "}"] {
                let spelling = format!("crate::{later}{end}");
                assert!(!source.names(&spelling), "{} knows {later}", source.path);
            }
        }
    }
}

#[test]
fn plumbing_knows_no_feature() {
    for source in sources() {
        let assembles =
            ASSEMBLY.contains(&source.path.as_str()) || source.path.starts_with("http/");
        if source.feature().is_some() || assembles {
            continue;
        }
        for feature in FEATURES {
            let spelling = format!("crate::{feature}::");
            assert!(!source.names(&spelling), "{} knows {feature}", source.path);
        }
    }
}

#[test]
fn a_table_is_written_by_its_own_repository() {
    // Whatever writes needs sea-orm, which only repositories, entities and the database's plumbing know (see above).
    only_in("insert_all(", |source| {
        source.layer() == Some("repository") || source.path == "database/insert.rs"
    });
    for source in sources() {
        // What a repository knows of another feature is to be read: no writing function of its repository or entity.
        let others = FEATURES
            .iter()
            .filter(|name| Some(**name) != source.feature());
        for other in others {
            for verb in ["insert", "update", "delete"] {
                for path in ["repository::", "entity::Entity::", "Entity::"] {
                    let spelling = format!("{other}::{path}{verb}");
                    let own = format!("_{spelling}");
                    let named = source.names(&spelling) && !source.names(&own);
                    assert!(!named, "{} writes {other}", source.path);
                }
            }
        }
    }
}

#[test]
fn no_file_outgrows_a_reader() {
    for source in sources() {
        // Data is not read from top to bottom.
        let limit = if source.path.starts_with("demo/catalogue") {
            600
        } else {
            300
        };
        let lines = source.text.lines().count();
        assert!(lines <= limit, "{} has {lines} lines", source.path);
    }
}
