//! The audit log in the schema. It is here and not in `platform/audit`, because entries refer to `Node`.

pub mod graphql;
