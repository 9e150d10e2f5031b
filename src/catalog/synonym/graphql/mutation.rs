//! Root fields that change synonyms.

use async_graphql::{Context, Object};

use super::inputs::{
    CreateSearchSynonymInput, CreateSearchSynonymPayload, DeleteSearchSynonymInput,
    DeleteSearchSynonymPayload, ImportSearchSynonymsPayload, UpdateSearchSynonymInput,
    UpdateSearchSynonymPayload,
};
use crate::catalog::synonym::entity::SynonymId;
use crate::catalog::synonym::service::{self, ImportOptions};
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::into_payload;
use crate::graphql::upload::Upload;
use crate::platform::audit::service::Actor;

/// Root fields that change synonyms.
#[derive(Debug, Default)]
pub struct SynonymMutation;

#[Object]
impl SynonymMutation {
    /// Creates a synonym of search words: two-way with `terms`, one-way with `from` and `to`.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field; `CONFLICT` on `terms` if there are 5,000 synonyms.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn create_search_synonym(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The synonym to create.")] input: CreateSearchSynonymInput,
    ) -> Result<CreateSearchSynonymPayload> {
        let admin = ctx.viewer().admin()?;
        into_payload(service::create(ctx.state(), admin, input.into()).await)
    }

    /// Updates a synonym. `terms` make it two-way and clear `from` and `to`; `from` or `to` make it one-way and clear
    /// `terms`. Increases `version` by 1 unless nothing changes.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field; `NOT_FOUND` on `id`; `CONFLICT` on `expectedVersion` with
    /// the `currentVersion`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn update_search_synonym(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The synonym and its new terms.")] input: UpdateSearchSynonymInput,
    ) -> Result<UpdateSearchSynonymPayload> {
        let admin = ctx.viewer().admin()?;
        into_payload(service::update(ctx.state(), admin, input.into()).await)
    }

    /// Deletes a synonym.
    ///
    /// User errors: `BAD_USER_INPUT` for a malformed id; `NOT_FOUND`; `CONFLICT` on `expectedVersion` with the
    /// `currentVersion`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn delete_search_synonym(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The synonym to delete.")] input: DeleteSearchSynonymInput,
    ) -> Result<DeleteSearchSynonymPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let id = SynonymId::parse(&input.id, "id")?;
            service::delete(state, admin, id, input.expected_version).await
        };
        into_payload(done.await)
    }

    /// Imports synonyms from a CSV file with the columns `terms` (two-way), `from` and `to` (one-way). Commas separate
    /// the terms in a cell. A synonym with the same terms as a stored one stays as it is. Nothing is imported if any row
    /// is invalid: see the report. `wares export synonyms.csv` writes such a file.
    ///
    /// User errors: `BAD_USER_INPUT` if the file is not a CSV file of synonyms or has more than 10,000 rows; `CONFLICT`
    /// on `file` if there would be more than 5,000 synonyms. Errors: `PAYLOAD_TOO_LARGE` for a file above the size limit
    /// (1 GiB unless configured otherwise), `BAD_REQUEST` for an incomplete file, `REQUEST_TIMEOUT` for a file that
    /// arrives too slowly.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn import_search_synonyms(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The CSV file, in UTF-8, UTF-16 or Windows-1252.")] file: Upload,
        #[graphql(desc = "Delete the synonyms that the file does not contain. Default: false.")]
        replace: Option<bool>,
        #[graphql(
            desc = "Validate the file and report the result without changing anything. Default: false."
        )]
        dry_run: Option<bool>,
    ) -> Result<ImportSearchSynonymsPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let options = ImportOptions {
            dry_run: dry_run.unwrap_or_default(),
            replace: replace.unwrap_or_default(),
        };
        let done = async {
            let max_bytes = state.config.uploads.import_max_bytes;
            let file = file.open(ctx, "file", max_bytes).await?;
            service::import(state, Actor::Admin(admin), file, options).await
        };
        into_payload(done.await)
    }
}
