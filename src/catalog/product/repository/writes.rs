//! Statements that write products, and the queries they need.

use std::collections::BTreeMap;

use sea_orm::sea_query::{Expr, LockBehavior, LockType, OnConflict, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, Iterable, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select, Statement,
};
use uuid::Uuid;

use crate::catalog::product::entity::{
    Column, Entity, Model, ProductId, Status, old_slug, product_category, variant,
};
use crate::catalog::search::feed;
use crate::core::clock::Timestamp;
use crate::infra::database::insert::{insert_all, upsert_all};
use crate::infra::database::{Catalog, StockChange, Transaction, slug};

/// Returns a product, locked against changes until the transaction ends.
pub async fn lock(db: &impl ConnectionTrait, id: ProductId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// Returns the existing products of `ids`, locked against changes until the transaction ends. Locks in a fixed order
/// to avoid deadlocks.
pub async fn lock_many(db: &impl ConnectionTrait, ids: &[ProductId]) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(db)
        .await
}

/// Whether a draft is to be published at `now` or earlier.
pub async fn has_due(db: &impl ConnectionTrait, now: Timestamp) -> Result<bool, DbErr> {
    Ok(due(now).one(db).await?.is_some())
}

/// Returns drafts that are to be published at `now` or earlier, locked against changes until the transaction ends. Skips
/// those that other transactions have locked.
pub async fn lock_due(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    due(now)
        .limit(limit)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(db)
        .await
}

fn due(now: Timestamp) -> Select<Entity> {
    Entity::find()
        .filter(Column::AvailableFrom.lte(now))
        .filter(Column::Status.eq(Status::Draft))
        .order_by_asc(Column::AvailableFrom)
        .order_by_asc(Column::Id)
}

/// The keys of a product that others have.
#[derive(Clone, Copy, Debug)]
pub struct Conflicts {
    pub slug: bool,
    /// Whether a variant of another product has the SKU.
    pub sku: bool,
}

/// Returns which keys of this product others have, in one statement.
pub async fn find_conflicts(
    db: &impl ConnectionTrait,
    product: &Model,
) -> Result<Conflicts, DbErr> {
    let slug = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Slug.eq(&product.slug))
        .filter(Column::Id.ne(product.id))
        .into_query();
    let sku = product.sku.as_ref().map(|sku| {
        variant::Entity::find()
            .select_only()
            .column(variant::Column::Id)
            .filter(variant::Column::Sku.eq(sku))
            .filter(variant::Column::ProductId.ne(product.id))
            .into_query()
    });
    let query = Query::select()
        .expr_as(Expr::exists(slug), "slug")
        .expr_as(sku.map_or_else(|| Expr::val(false), Expr::exists), "sku")
        .take();
    let row = db.query_one(&query).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("conflicts".to_owned()))?;
    Ok(Conflicts {
        slug: row.try_get("", "slug")?,
        sku: row.try_get("", "sku")?,
    })
}

/// Returns the slugs among `slugs` that a product has or had.
pub async fn taken_slugs(
    db: &impl ConnectionTrait,
    slugs: &[String],
) -> Result<Vec<String>, DbErr> {
    slug::taken::<Entity, old_slug::Entity>(db, Column::Slug, slugs).await
}

/// Returns the category assignments of these products.
pub async fn links_of(
    db: &impl ConnectionTrait,
    products: &[ProductId],
) -> Result<Vec<product_category::Model>, DbErr> {
    product_category::Entity::find()
        .filter(product_category::Column::ProductId.is_in(products.iter().copied()))
        .order_by_asc(product_category::Column::ProductId)
        .order_by_asc(product_category::Column::CategoryId)
        .all(db)
        .await
}

/// Inserts products, without their variants and their search index: see [`index_many`](super::index_many).
pub async fn insert_many(transaction: &Transaction, products: Vec<Model>) -> Result<(), DbErr> {
    touch(transaction, products.iter().map(|product| product.id));
    if !products.is_empty() {
        transaction.touch_prices();
    }
    insert_all(transaction, products).await
}

/// A stored product that changes.
#[derive(Clone, Debug)]
pub struct ChangedProduct {
    /// As it is stored, and locked by the transaction.
    pub before: Model,
    pub after: Model,
}

impl ChangedProduct {
    /// Returns the part of the catalog that the change affects.
    fn part(&self) -> Catalog {
        let Model {
            stock,
            version,
            updated_at,
            ..
        } = self.after;
        let restocked = Model {
            stock,
            version,
            updated_at,
            ..self.before.clone()
        };
        let id = self.after.id.into();
        if restocked != self.after {
            return Catalog::Product(id);
        }
        let before = self.before.stock;
        let after = stock;
        Catalog::Stock(id, StockChange { before, after })
    }
}

/// Gives up the SKUs of products that get others, so that they can be exchanged. Call it before writing their variants:
/// triggers of the migration carry the change to them.
pub async fn release_skus(
    transaction: &Transaction,
    changed: &[ChangedProduct],
) -> Result<(), DbErr> {
    let has_other = |product: &&ChangedProduct| product.before.sku != product.after.sku;
    let ids: Vec<_> = changed
        .iter()
        .filter(has_other)
        .map(|product| product.after.id)
        .collect();
    if ids.len() < 2 {
        return Ok(());
    }
    touch(transaction, ids.iter().copied());
    Entity::update_many()
        .col_expr(Column::Sku, Expr::val(Option::<String>::None))
        .filter(Column::Id.is_in(ids))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Updates stored products, without their search index: see [`index_many`](super::index_many).
pub async fn save_many(
    transaction: &Transaction,
    changed: Vec<ChangedProduct>,
) -> Result<(), DbErr> {
    if changed.is_empty() {
        return Ok(());
    }
    transaction.touch_prices();
    for product in &changed {
        transaction.touch(product.part());
    }
    let products = changed.into_iter().map(|product| product.after).collect();
    let columns = Column::iter().filter(|column| !matches!(column, Column::Id));
    let in_its_place = OnConflict::column(Column::Id)
        .update_columns(columns)
        .to_owned();
    upsert_all(transaction, products, &in_its_place).await
}

/// Deletes a product with its category links and its former slugs.
pub async fn delete(transaction: &Transaction, id: ProductId) -> Result<(), DbErr> {
    transaction.touch(Catalog::Product(id.into()));
    transaction.touch_prices();
    let delete = Statement::from_sql_and_values(
        transaction.get_database_backend(),
        "DELETE FROM products WHERE id = $1 RETURNING EXISTS (SELECT 1 FROM search_engine) AS has_engine",
        [Uuid::from(id).into()],
    );
    let deleted = transaction.query_one_raw(delete).await?;
    let has_engine = deleted.map_or(Ok(false), |row| row.try_get("", "has_engine"))?;
    if has_engine {
        feed::add_deleted(transaction, id.into()).await?;
    }
    Ok(())
}

/// Marks a product as changed whose variants change: nothing of it that is stored in its own row has to.
pub fn touch_product(transaction: &Transaction, product: ProductId) {
    transaction.touch(Catalog::Product(product.into()));
}

pub(super) fn touch(transaction: &Transaction, products: impl IntoIterator<Item = ProductId>) {
    for id in products {
        transaction.touch(Catalog::Product(id.into()));
    }
}

/// Inserts category assignments.
pub async fn insert_categories(
    transaction: &Transaction,
    links: Vec<product_category::Model>,
) -> Result<(), DbErr> {
    touch(transaction, links.iter().map(|link| link.product_id));
    insert_all(transaction, links).await
}

/// Deletes category assignments.
pub async fn delete_categories(
    transaction: &Transaction,
    links: &[product_category::Model],
) -> Result<(), DbErr> {
    touch(transaction, links.iter().map(|link| link.product_id));
    // In a fixed order to avoid deadlocks.
    let mut by_category: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for link in links {
        let products = by_category.entry(link.category_id).or_default();
        products.push(link.product_id);
    }
    for (category, products) in by_category {
        product_category::Entity::delete_many()
            .filter(product_category::Column::CategoryId.eq(category))
            .filter(product_category::Column::ProductId.is_in(products))
            .exec(transaction)
            .await?;
    }
    Ok(())
}

/// Stores slugs that products had until now.
pub async fn insert_old_slugs(
    transaction: &Transaction,
    slugs: Vec<old_slug::Model>,
) -> Result<(), DbErr> {
    touch(transaction, slugs.iter().map(|slug| slug.product_id));
    slug::insert_former(transaction, slugs).await
}

/// Deletes these slugs from the history of all products.
pub async fn delete_old_slugs(transaction: &Transaction, slugs: &[String]) -> Result<(), DbErr> {
    if slug::delete_former::<old_slug::Entity>(transaction, slugs).await? > 0 {
        transaction.touch(Catalog::All);
    }
    Ok(())
}
