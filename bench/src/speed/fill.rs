//! Fills a database with a generated shop, as fast as hand-written statements can.

use anyhow::{Result, ensure};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait, Value};

use super::shop::{CHILDREN, IMAGES, Product, ROOTS, category, id, product};
use crate::loading::{LINK, NOW, PRODUCT, insert};

/// Products per statement. SQLite allows 32,766 parameters.
const ROWS: usize = 1_000;
/// Statements per transaction.
const STATEMENTS: usize = 20;
const CATEGORY: [&str; 13] = [
    "id",
    "parent_id",
    "position",
    "path",
    "visible",
    "name",
    "name_key",
    "slug",
    "description",
    "published",
    "version",
    "created_at",
    "updated_at",
];
const IMAGE: [&str; 13] = [
    "id",
    "product_id",
    "position",
    "object_key",
    "content_type",
    "width",
    "height",
    "bytes",
    "alt",
    "placeholder",
    "sized_at",
    "source_url",
    "created_at",
];

/// Counts the products.
pub async fn count(db: &DatabaseConnection) -> Result<usize> {
    let count = "SELECT count(*) AS number FROM products";
    let count = Statement::from_string(db.get_database_backend(), count);
    let row = db.query_one_raw(count).await?;
    let number: Option<i64> = row.map(|row| row.try_get("", "number")).transpose()?;
    Ok(usize::try_from(number.unwrap_or_default())?)
}

/// Fills a migrated, empty database.
pub async fn fill(db: &DatabaseConnection, products: usize) -> Result<()> {
    ensure!(
        count(db).await? == 0,
        "the database already contains products"
    );
    if db.get_database_backend() == DbBackend::Sqlite {
        // Durability is not needed: an incomplete shop is rebuilt.
        let fast = "PRAGMA cache_size = -524288; PRAGMA synchronous = OFF";
        db.execute_unprepared(fast).await?;
    }
    insert(db, "categories", &CATEGORY, categories()).await?;
    let mut numbers = 0..products;
    while !numbers.is_empty() {
        let transaction = db.begin().await?;
        for _ in 0..STATEMENTS {
            let rows: Vec<_> = numbers.by_ref().take(ROWS).collect();
            if rows.is_empty() {
                break;
            }
            write(&transaction, &rows).await?;
        }
        transaction.commit().await?;
    }
    analyse(db).await
}

/// Updates the planner statistics.
pub async fn analyse(db: &DatabaseConnection) -> Result<()> {
    let known = match db.get_database_backend() {
        DbBackend::Postgres => "VACUUM ANALYZE",
        _ => "ANALYZE",
    };
    db.execute_unprepared(known).await?;
    Ok(())
}

fn categories() -> Vec<Value> {
    let mut values = Vec::new();
    let mut row = |number: usize, parent: Option<usize>, position: usize, path: String| {
        let name = category(number);
        let parent = parent.map(|parent| id(parent, 2));
        let position = i32::try_from(position).unwrap_or_default();
        let fixed: [Value; CATEGORY.len()] = [
            id(number, 2).into(),
            parent.into(),
            position.into(),
            path.into(),
            true.into(),
            name.clone().into(),
            name.to_lowercase().into(),
            format!("shelf-{number}").into(),
            "".into(),
            true.into(),
            1.into(),
            NOW.into(),
            NOW.into(),
        ];
        values.extend(fixed);
    };
    for root in 0..ROOTS {
        row(ROOTS * CHILDREN + root, None, root, format!("{root:04x}"));
    }
    for root in 0..ROOTS {
        for child in 0..CHILDREN {
            let parent = Some(ROOTS * CHILDREN + root);
            let path = format!("{root:04x}{child:04x}");
            row(root * CHILDREN + child, parent, child, path);
        }
    }
    values
}

async fn write(db: &impl ConnectionTrait, numbers: &[usize]) -> Result<()> {
    let (mut products, mut links, mut images) = (Vec::new(), Vec::new(), Vec::new());
    for number in numbers {
        let row = product(*number);
        for category in &row.categories {
            links.extend([Value::from(row.id), Value::from(id(*category, 2))]);
        }
        for (position, image) in (0_i32..).zip(0..IMAGES) {
            let image = id(*number * IMAGES + image, 3);
            images.extend(image_values(image, &row, position));
        }
        products.extend(product_values(row, *number)?);
    }
    insert(db, "products", &PRODUCT, products).await?;
    insert(db, "product_categories", &LINK, links).await?;
    insert(db, "product_images", &IMAGE, images).await
}

fn product_values(row: Product, number: usize) -> Result<[Value; PRODUCT.len()]> {
    let made = NOW + i64::try_from(number)? * 1_000;
    let key = row.name.to_lowercase();
    Ok([
        row.id.into(),
        row.name.into(),
        key.into(),
        row.slug.into(),
        row.sku.into(),
        row.description.into(),
        row.price.into(),
        row.stock.into(),
        "ACTIVE".into(),
        id(row.categories[0], 2).into(),
        1.into(),
        made.into(),
        made.into(),
    ])
}

fn image_values(image: uuid::Uuid, row: &Product, position: i32) -> [Value; IMAGE.len()] {
    [
        image.into(),
        row.id.into(),
        position.into(),
        format!("products/{}/{}.png", row.id.simple(), image.simple()).into(),
        "image/png".into(),
        1_200.into(),
        900.into(),
        180_000.into(),
        row.name.clone().into(),
        // The length of a typical placeholder.
        format!("data:image/png;base64,{}", "A".repeat(240)).into(),
        Some(NOW).into(),
        None::<String>.into(),
        NOW.into(),
    ]
}
