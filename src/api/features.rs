//! The macro that assembles the API from the list of features in [`schema`](super::schema).

/// Assembles the features. A line per feature:
///
/// ```text
/// module::feature: query(Type, ...) mutation(Type) node(Type, ...) background(register);
/// ```
///
/// - `query` and `mutation`: objects with root fields, in the feature's `graphql` module.
/// - `node`: types of the interface `Node`, also there. They implement [`NodeType`](crate::graphql::node::NodeType).
/// - `background`: the function in the feature's `mod.rs` that registers its jobs and clean-ups.
///
/// Each part may be omitted. The macro defines `Query`, `Mutation`, `Node`, `load_node` and `registry`.
macro_rules! features {
    (
        $(#[$query_doc:meta])* query;
        $(#[$mutation_doc:meta])* mutation;
        $(#[$node_doc:meta])* node;
        $(
            $room:ident :: $feature:ident :
            $(query($($query:ident),+))?
            $(mutation($($mutation:ident),+))?
            $(node($($node:ident),+))?
            $(background($register:ident))?
        );+ $(;)?
    ) => {
        $(#[$query_doc])*
        #[derive(Debug, Default, async_graphql::MergedObject)]
        pub struct Query(
            $($($(crate::$room::$feature::graphql::$query,)+)?)+
            NodeQuery,
        );

        $(#[$mutation_doc])*
        #[derive(Debug, Default, async_graphql::MergedObject)]
        pub struct Mutation(
            $($($(crate::$room::$feature::graphql::$mutation,)+)?)+
        );

        $(#[$node_doc])*
        #[derive(Clone, Debug, async_graphql::Interface)]
        #[graphql(field(
            name = "id",
            ty = "ID",
            desc = "Opaque, stable id. The prefix before `_` identifies the type."
        ))]
        pub enum Node {
            $($($($node(crate::$room::$feature::graphql::$node),)+)?)+
        }

        /// Loads an object by the prefix of its id and its UUID. The outer option is `None` if no type has the prefix.
        pub async fn load_node(
            ctx: &async_graphql::Context<'_>,
            prefix: &str,
            uuid: uuid::Uuid,
        ) -> crate::core::error::Result<Option<Option<Node>>> {
            use crate::graphql::node::NodeType;
            Ok(match prefix {
                $($($(
                    <crate::$room::$feature::graphql::$node as NodeType>::PREFIX => {
                        let found = crate::$room::$feature::graphql::$node::load(ctx, uuid).await?;
                        Some(found.map(Node::$node))
                    }
                )+)?)+
                _ => None,
            })
        }

        /// The jobs and clean-ups of all features.
        pub fn registry() -> crate::platform::jobs::Registry {
            let mut registry = crate::platform::jobs::Registry::default();
            $($(crate::$room::$feature::$register(&mut registry);)?)+
            registry
        }
    };
}

pub(super) use features;
