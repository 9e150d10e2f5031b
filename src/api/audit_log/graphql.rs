//! The audit log in the schema.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use uuid::Uuid;

use crate::accounts::user::UserId;
use crate::accounts::user::graphql::{ById as UserById, User};
use crate::api::schema::{Node, load_node};
use crate::catalog::category::CategoryId;
use crate::catalog::product::ProductId;
use crate::catalog::product_image::ImageUploadId;
use crate::catalog::synonym::SynonymId;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Nullable, Result};
use crate::core::id::{self, TypedId};
use crate::core::pagination::{Connection, Count, PageArgs, Sort, SortDirection, Total};
use crate::core::range::DateTimeRange;
use crate::core::text::check_filter_names;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::node::NodeType;
use crate::platform::audit::entity::{AuditEntryId, Model};
use crate::platform::audit::list::{Filter, List, SortField};
use crate::platform::audit::service;
use crate::platform::jobs::JobId;
use crate::platform::media::ImageId;
use crate::sales::discount::DiscountId;
use crate::sales::order_id::OrderId;
use crate::sales::shipping::{ShippingMethodId, ShippingZoneId};
use crate::sales::tax::{TaxClassId, TaxRateId};

/// An audit entry in the API.
#[derive(Clone, Debug)]
pub struct AuditEntry(pub Model);

/// A change made by an admin, by an operator on the command line, or by the server at a scheduled time.
#[Object(cache_control(private))]
impl AuditEntry {
    /// Opaque, stable id: `audit_...`.
    pub async fn id(&self) -> ID {
        self.0.id.encode().into()
    }

    /// The time of the change.
    async fn at(&self) -> Timestamp {
        self.0.at
    }

    /// The user who made the change. Null for the operator's command line and the server, and if the account was
    /// deleted; in the last case `actorId` is not null.
    async fn actor(&self, ctx: &Context<'_>) -> Nullable<User> {
        let user = ctx.load(UserById(self.0.actor_id?.into())).await;
        user.map(|user| user.map(User)).transpose()
    }

    /// The id of the user who made the change. Null for the operator's command line and the server.
    async fn actor_id(&self) -> Option<ID> {
        let actor: UserId = self.0.actor_id?.into();
        Some(actor.encode().into())
    }

    /// The name of the mutation that was executed, such as `updateProduct`; `createAdmin` and `fillDemo` for the
    /// command line; `publishProduct` for the scheduled publication of a product. An open set, not an enum: entries are stored for years and read by older and newer servers.
    /// Display unknown names unchanged.
    async fn action(&self) -> &str {
        &self.0.action
    }

    /// The changed object in its current state. Null if it was deleted, or if the change has no single subject.
    async fn subject(&self, ctx: &Context<'_>) -> Nullable<Node> {
        let id = self.0.subject_id.as_deref()?;
        let (prefix, uuid) = id::decode(id)?;
        // Not every subject is a `Node`: an announced upload is not.
        let found = load_node(ctx, prefix, uuid).await;
        found.map(Option::flatten).transpose()
    }

    /// The id of the changed object. Null if the change has no single subject.
    async fn subject_id(&self) -> Option<ID> {
        self.0.subject_id.clone().map(ID)
    }

    /// The name of the changed object at that time. Null for users.
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

/// A changed field of an audit entry.
#[derive(Debug, SimpleObject)]
pub struct AuditChange {
    /// The name of the field, such as `price`.
    field: String,
    /// The previous value as text. Null if there was none, and for names of users. Long texts are truncated.
    before: Option<String>,
    /// The new value as text. Null if there is none, and for names of users. Long texts are truncated.
    after: Option<String>,
}

/// Filter of the audit log. All given conditions must match.
#[derive(Debug, Default, InputObject)]
pub struct AuditLogFilter {
    /// Return only entries of this actor.
    actor_id: Option<ID>,
    /// Return only entries about this object, such as a product, a user or a discount.
    subject_id: Option<ID>,
    /// Return only entries recorded by these mutations, such as `updateProduct`. At most 50.
    actions: Option<Vec<String>>,
    /// Return only entries of this time range.
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
            .map(|actions| check_filter_names(actions, "actions", "filter.actions"));
        let at = self.at.map(|at| at.check("filter.at")).transpose()?;
        Ok(Filter {
            actor: actor.map(Into::into),
            subject,
            actions: actions.transpose()?,
            at: at.unwrap_or_default(),
        })
    }
}

/// Refuses a text that is not an id of a type that entries are about. The object need not exist: the entries of a
/// deleted product remain.
fn check_subject(id: &str, field: &str) -> Result<()> {
    let kinds = [
        ProductId::PREFIX,
        CategoryId::PREFIX,
        UserId::PREFIX,
        ImageId::PREFIX,
        ImageUploadId::PREFIX,
        JobId::PREFIX,
        OrderId::PREFIX,
        DiscountId::PREFIX,
        SynonymId::PREFIX,
        ShippingMethodId::PREFIX,
        ShippingZoneId::PREFIX,
        TaxClassId::PREFIX,
        TaxRateId::PREFIX,
    ];
    match id::decode(id) {
        Some((prefix, _)) if kinds.contains(&prefix) => Ok(()),
        _ => Err(Error::bad_input(
            field,
            "This is not the id of an object that admins change, such as a product.",
        )),
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
    /// Returns the changes that admins and operators made, newest first. There is no `search`: filter by actor,
    /// subject, action and time. Entries about a deleted object are still found by its id; an unknown id matches
    /// nothing.
    ///
    /// Errors: `BAD_USER_INPUT` for a page size out of bounds, for `first` together with `last`, for a cursor of
    /// another list, for a malformed id, for a range whose lower bound exceeds the upper, and for more than 50
    /// `actions`.
    #[graphql(directive = auth::apply(Access::Admin), cache_control(private))]
    async fn audit_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Maximum number of items to return from the start of the list, 1 to 100. Default: 20, unless `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Maximum number of items to return from the end of the list, 1 to 100.")]
        last: Option<i32>,
        #[graphql(desc = "Return the items before this cursor.")] before: Option<String>,
        #[graphql(desc = "Filter of the list.")] filter: Option<AuditLogFilter>,
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

impl NodeType for AuditEntry {
    const PREFIX: &'static str = AuditEntryId::PREFIX;

    async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let Ok(admin) = ctx.viewer().admin() else {
            return Ok(None);
        };
        let id = AuditEntryId::from(id);
        let mut found = service::find_many(&ctx.state().db, admin, &[id]).await?;
        Ok(found.remove(&id).map(Self))
    }
}
