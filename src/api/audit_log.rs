//! The audit log in the schema.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use crate::accounts::user::UserId;
use crate::accounts::user::graphql::{ById as UserById, User};
use crate::api::schema::{Node, find_node};
use crate::catalog::category::CategoryId;
use crate::catalog::product::ProductId;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Nullable, Result};
use crate::core::id::{self, TypedId};
use crate::core::pagination::{Connection, Count, PageArgs, Sort, SortDirection, Total};
use crate::core::range::DateTimeRange;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::platform::audit::entity::{AuditEntryId, Model};
use crate::platform::audit::list::{Filter, List, SortField, check_actions};
use crate::platform::audit::service;
use crate::platform::media::ImageId;

/// A row as the API shows it.
#[derive(Clone, Debug)]
pub struct AuditEntry(pub Model);

/// Something that an admin, or an operator on the command line, has changed.
#[Object(cache_control(private))]
impl AuditEntry {
    /// Opaque and stable: `audit_...`.
    pub async fn id(&self) -> ID {
        self.0.id.encode().into()
    }

    /// When it was done.
    async fn at(&self) -> Timestamp {
        self.0.at
    }

    /// Who did it. Null for the operator's command line, and when the account is gone: then `actorId` still tells them
    /// apart.
    async fn actor(&self, ctx: &Context<'_>) -> Nullable<User> {
        let user = ctx.load(UserById(self.0.actor_id?.into())).await;
        user.map(|user| user.map(User)).transpose()
    }

    /// The id of who did it; null for the operator's command line.
    async fn actor_id(&self) -> Option<ID> {
        let actor: UserId = self.0.actor_id?.into();
        Some(actor.encode().into())
    }

    /// The name of the mutation that was executed, such as `updateProduct`; `createAdmin` and `fillDemo` for the command
    /// line. An open set, not an enum: entries are stored for years, and are read by older and newer servers. Show a name
    /// that you do not know as it is.
    async fn action(&self) -> &str {
        &self.0.action
    }

    /// What it was done to, as it is now. Null when it is gone, and when there was not one thing.
    async fn subject(&self, ctx: &Context<'_>) -> Nullable<Node> {
        let id = self.0.subject_id.as_deref()?;
        find_node(ctx, id, "subjectId").await.transpose()
    }

    /// The id of what it was done to.
    async fn subject_id(&self) -> Option<ID> {
        self.0.subject_id.clone().map(ID)
    }

    /// What that was called then. Null for people.
    async fn subject_name(&self) -> Option<&str> {
        self.0.subject_name.as_deref()
    }

    /// The fields that changed.
    async fn changes(&self) -> Vec<AuditChange> {
        let changes = service::changes(&self.0).into_iter();
        let shown = changes.map(|change| AuditChange {
            field: change.field,
            before: change.before,
            after: change.after,
        });
        shown.collect()
    }
}

/// A field that was changed.
#[derive(Debug, SimpleObject)]
pub struct AuditChange {
    /// Which one, such as `price`.
    field: String,
    /// What was there before, as a text; null when nothing was, and for the names of people. Of long texts the beginning.
    before: Option<String>,
    /// What is there since.
    after: Option<String>,
}

/// Which entries of the audit log. Everything given must be true of them.
#[derive(Debug, Default, InputObject)]
pub struct AuditLogFilter {
    /// Those of this user.
    actor_id: Option<ID>,
    /// Those about this product, category, user or image.
    subject_id: Option<ID>,
    /// Those of one of these mutations, such as `updateProduct`; at most 50.
    actions: Option<Vec<String>>,
    /// Those of this time.
    at: Option<DateTimeRange>,
}

impl AuditLogFilter {
    fn check(self) -> Result<Filter> {
        let actor = self
            .actor_id
            .map(|id| UserId::parse(&id, "filter.actorId"))
            .transpose()?;
        let subject = self.subject_id.map(|id| id.0);
        if let Some(subject) = &subject {
            check_subject(subject, "filter.subjectId")?;
        }
        let actions = self
            .actions
            .map(|actions| check_actions(actions, "filter.actions"));
        let at = self.at.map(|at| at.check("filter.at")).transpose()?;
        Ok(Filter {
            actor: actor.map(Into::into),
            subject,
            actions: actions.transpose()?,
            at: at.unwrap_or_default(),
        })
    }
}

/// Refuses what is not the id of anything that entries are about. Whether it still exists does not matter: the entries of a
/// deleted product remain.
fn check_subject(id: &str, field: &str) -> Result<()> {
    let kinds = [
        ProductId::PREFIX,
        CategoryId::PREFIX,
        UserId::PREFIX,
        ImageId::PREFIX,
    ];
    match id::decode(id) {
        Some((prefix, _)) if kinds.contains(&prefix) => Ok(()),
        _ => Err(Error::bad_input(field, "This is not the id of a subject.")),
    }
}

/// A page of the audit log.
pub type AuditEntryConnection = Connection<AuditEntry, Filter>;

impl Count for Filter {
    async fn count(&self, ctx: &Context<'_>) -> Result<Total> {
        service::count(&ctx.state().db, ctx.viewer().admin()?, self).await
    }
}

/// The root field that reads the audit log.
#[derive(Debug, Default)]
pub struct AuditQuery;

#[Object]
impl AuditQuery {
    /// Who changed what, and when: the changes that admins and operators made, the newest first. It has no `search`:
    /// entries are found by actor, subject, action and time. An id that nothing has (any more) finds the entries about it,
    /// or none.
    ///
    /// Errors: `BAD_USER_INPUT` as for other lists.
    #[graphql(directive = auth::apply(Access::Admin), cache_control(private))]
    async fn audit_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "How many to give, from 1 to 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Give those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many to give from the end, from 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Give those before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which entries.")] filter: Option<AuditLogFilter>,
    ) -> Result<AuditEntryConnection> {
        let page = PageArgs::new(first, after, last, before);
        let sort = Sort {
            field: SortField::At,
            direction: SortDirection::Desc,
        };
        let query = List::parse(filter.unwrap_or_default().check()?, sort, page)?;
        let found = service::list(&ctx.state().db, ctx.viewer().admin()?, &query).await?;
        Ok(Connection::new(found, query, AuditEntry))
    }
}

/// One entry, for `node`. Only admins see any.
pub async fn find(ctx: &Context<'_>, id: AuditEntryId) -> Result<Option<AuditEntry>> {
    let Ok(admin) = ctx.viewer().admin() else {
        return Ok(None);
    };
    let mut found = service::find_many(&ctx.state().db, admin, &[id]).await?;
    Ok(found.remove(&id).map(AuditEntry))
}
