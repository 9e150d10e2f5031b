//! Accounts of a shop.

use anyhow::Result;
use uuid::Uuid;

use super::shops::Shop;
use crate::accounts::PASSWORD;
use crate::by_hand;
use crate::clock::now;
use crate::loading::{self, insert};
use crate::uploading::ADMIN;

/// Returns the email address of a customer.
pub fn email(number: usize) -> String {
    format!("customer{number}@example.com")
}

/// Creates an admin and customers, all with [`PASSWORD`].
pub fn create(shop: &Shop, customers: usize) -> Result<()> {
    let columns = [
        "id",
        "email",
        "email_key",
        "name",
        "name_key",
        "role",
        "password_hash",
        "verified_at",
        "created_at",
        "updated_at",
    ];
    let hash = by_hand::hash(PASSWORD)?;
    let mut values: Vec<sea_orm::Value> = Vec::new();
    let customers = (0..customers).map(|number| (email(number), "CUSTOMER"));
    for (email, role) in customers.chain([(ADMIN.to_owned(), "ADMIN")]) {
        let row: [sea_orm::Value; 10] = [
            Uuid::now_v7().into(),
            email.clone().into(),
            email.into(),
            "Somebody".into(),
            "somebody".into(),
            role.into(),
            hash.clone().into(),
            now().into(),
            now().into(),
            now().into(),
        ];
        values.extend(row);
    }
    shop.runtime.block_on(async {
        let db = loading::connect(&shop.url).await?;
        insert(&db, "users", &columns, values).await?;
        Ok(db.close().await?)
    })
}
