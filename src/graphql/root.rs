//! The root objects `Query` and `Mutation`: a failed field is null, and the other fields of the request keep their
//! data.
//!
//! [`Root`] makes every mutation and every guarded query nullable, in the schema and in the execution, whatever type
//! its resolver returns. This covers guards, arguments, resolvers, panics and timeouts.

use std::borrow::Cow;
use std::panic::AssertUnwindSafe;

use async_graphql::parser::types::Field;
use async_graphql::registry::{MetaType, Registry};
use async_graphql::resolver_utils::ContainerType;
use async_graphql::{
    Context, ContextSelectionSet, ObjectType, OutputType, Positioned, ServerResult, Value,
};
use futures_util::FutureExt;
use tokio::time::{Instant, timeout_at};

use crate::core::error::Error;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::error;
use crate::graphql::guard::Access;

/// A root object whose nullable fields fail independently.
#[derive(Debug, Default)]
pub struct Root<T>(T);

impl<T> Root<T> {
    /// Wraps a root object.
    pub const fn new(root: T) -> Self {
        Self(root)
    }
}

/// The time at which the root fields of a request are aborted. Fields completed before keep their data.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(pub Instant);

impl<T: ObjectType> OutputType for Root<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let created = T::create_type_info(registry);
        let name = T::type_name();
        if let Some(MetaType::Object { fields, .. }) = registry.types.get_mut(name.as_ref()) {
            let mutates = name == "Mutation";
            for field in fields.values_mut() {
                if let Some(nullable) = field.ty.strip_suffix('!')
                    && (mutates || Access::of(field) != Access::Anyone)
                {
                    field.ty = nullable.to_owned();
                }
            }
        }
        created
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        self.0.resolve(ctx, field).await
    }
}

impl<T: ObjectType> ContainerType for Root<T> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let types = &ctx.schema_env.registry.types;
        let root = types.get(T::type_name().as_ref());
        let field = root.and_then(|root| root.field_by_name(&ctx.item.node.name.node));
        let allowed = match field.map_or(Access::Anyone, Access::of) {
            Access::Anyone => Ok(()),
            access => access.check(ctx.viewer()),
        };
        let resolved = match allowed {
            Ok(()) => resolve(&self.0, ctx).await,
            Err(error) => Err(ctx.set_error_path(error::at(error, ctx.item.pos))),
        };
        match resolved {
            Err(error) if field.is_some_and(|field| !field.ty.ends_with('!')) => {
                ctx.add_error(error);
                Ok(Some(Value::Null))
            }
            resolved => resolved,
        }
    }
}

impl<T: ObjectType> ObjectType for Root<T> {}

/// Resolves a field. A panic or a timeout becomes an error of the field.
async fn resolve<T: ObjectType>(root: &T, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
    // Boxed: in debug builds each frame above would hold copies of it, a tenth of a thread's stack.
    let future = AssertUnwindSafe(Box::pin(root.resolve_field(ctx))).catch_unwind();
    let outcome = match ctx.data_opt::<Deadline>() {
        None => Ok(future.await),
        // Not started: a future that was polled once may already have written.
        Some(Deadline(end)) if *end <= Instant::now() => Err(Error::TimedOut),
        Some(Deadline(end)) => timeout_at(*end, future).await.map_err(|_| Error::TimedOut),
    };
    let error = match outcome {
        Ok(Ok(resolved)) => return resolved,
        // The panic hook has logged the cause.
        Ok(Err(_)) => Error::Panicked,
        Err(error) => {
            tracing::warn!(field = %ctx.item.node.name.node, "request timed out");
            error
        }
    };
    Err(ctx.set_error_path(error::at(error, ctx.item.pos)))
}
