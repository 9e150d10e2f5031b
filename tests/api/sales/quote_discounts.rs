//! The discounts that apply to a cart.

use serde_json::{Value, json};
use wares::core::id::TypedId;
use wares::sales::discount::service::claim;
use wares::sales::quote::QuoteProblemCode::{
    self, DiscountEnded, DiscountMinimumNotMet, DiscountNotApplicable, DiscountNotCombinable,
    DiscountUnknown, DiscountUsedByCustomer, DiscountUsedUp,
};
use wares::sales::quote::{QuoteLine, QuoteRequest};

use super::discounts::discount;
use super::placed_orders::order;
use super::quotes::{line, problems, quote};
use crate::harness::{App, Client, on_both_databases};

/// Prices two products with these codes. Returns the discount and the problems.
async fn discounted(
    app: &App,
    lines: &[QuoteLine],
    codes: &[&str],
) -> (i64, Vec<QuoteProblemCode>) {
    let request = QuoteRequest {
        lines: lines.to_vec(),
        codes: codes.iter().map(|code| (*code).to_owned()).collect(),
        customer_key: Some("ann".to_owned()),
        ..QuoteRequest::default()
    };
    let quote = quote(app, &request).await;
    let amounts: i64 = quote.discounts.iter().map(|applied| applied.amount).sum();
    assert_eq!(amounts, quote.prices.totals.discount);
    (amounts, problems(&quote))
}

pub async fn create(admin: &Client, code: Option<&str>, fields: Value) -> Value {
    let mut input = json!({"name": code.unwrap_or("Automatic"), "code": code, "kind": "PERCENT", "percent": "10"});
    for (field, value) in fields.as_object().unwrap() {
        input[field] = value.clone();
    }
    discount(admin, input).await
}

#[tokio::test]
async fn a_discount_applies_if_its_conditions_are_met() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let shop = app.shop();
        let home = shop.root("home", 0).await;
        let kitchen = shop.category("kitchen", Some(&home), 0, |_| ()).await;
        let garden = shop.root("garden", 1).await;
        let pan = shop.product("pan", &kitchen, |_| ()).await;
        let rake = shop.product("rake", &garden, |_| ()).await;
        let none = json!({});
        create(&admin, Some("ALL"), none).await;
        create(
            &admin,
            Some("HOME"),
            json!({"categoryIds": [home.id.encode()]}),
        )
        .await;
        create(
            &admin,
            Some("RAKE"),
            json!({"productIds": [rake.id.encode()]}),
        )
        .await;
        create(&admin, Some("OVER30"), json!({"minAmount": "30"})).await;
        create(&admin, Some("FOUR"), json!({"minQuantity": 4})).await;
        create(
            &admin,
            Some("SOON"),
            json!({"startsAt": "2026-01-02T00:00:00Z"}),
        )
        .await;
        create(
            &admin,
            Some("OVER"),
            json!({"endsAt": "2026-01-01T00:00:00Z"}),
        )
        .await;
        create(&admin, Some("OFF"), json!({"active": false})).await;
        let once = create(&admin, Some("ONCE"), json!({"usageLimit": 1})).await;
        let mine = create(&admin, Some("MINE"), json!({"perCustomerLimit": 1})).await;
        let lines = [line(&pan, 2), line(&rake, 1)];
        for (codes, amount, expected) in [
            (vec!["ALL"], 300, vec![]),
            (vec![" all ", "ALL"], 300, vec![]),
            // Also products of categories below.
            (vec!["HOME"], 200, vec![]),
            (vec!["RAKE"], 100, vec![]),
            (vec!["OVER30"], 300, vec![]),
            (vec!["FOUR"], 0, vec![DiscountMinimumNotMet]),
            (vec!["ONCE"], 300, vec![]),
            (vec!["MINE"], 300, vec![]),
            // A code that does not apply yet is as unknown as one that does not exist.
            (vec!["SOON"], 0, vec![DiscountUnknown]),
            (vec!["NONE"], 0, vec![DiscountUnknown]),
            (vec!["OFF"], 0, vec![DiscountUnknown]),
            (vec!["OVER"], 0, vec![DiscountEnded]),
            (vec!["RAKE", "HOME"], 200, vec![DiscountNotCombinable]),
        ] {
            assert_eq!(
                discounted(app, &lines, &codes).await,
                (amount, expected),
                "{codes:?}"
            );
        }
        let few = [line(&pan, 1)];
        assert_eq!(
            discounted(app, &few, &["RAKE"]).await,
            (0, vec![DiscountNotApplicable])
        );
        assert_eq!(
            discounted(app, &few, &["OVER30"]).await,
            (0, vec![DiscountMinimumNotMet])
        );
        assert_eq!(
            discounted(app, &[], &["ALL"]).await,
            (0, vec![DiscountNotApplicable])
        );
        for (id, limit) in [(once, None), (mine, Some(1))] {
            let id = TypedId::parse(id.as_str().unwrap(), "id").unwrap();
            let order = order(app, Vec::new(), |_| ()).await.order.id.0;
            let transaction = app.state.db.begin().await.unwrap();
            let now = app.state.clock.now();
            let claims = [(id, limit)];
            let claimed = claim(&transaction, &claims, order, "ann", now);
            assert!(claimed.await.unwrap().is_empty());
            transaction.commit().await.unwrap();
        }
        assert_eq!(
            discounted(app, &lines, &["ONCE"]).await,
            (0, vec![DiscountUsedUp])
        );
        assert_eq!(
            discounted(app, &lines, &["MINE"]).await,
            (0, vec![DiscountUsedByCustomer])
        );
    })
    .await;
}

#[tokio::test]
async fn the_discounts_apply_that_make_the_order_cheapest() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let pan = app.pan().await;
        let lines = [line(&pan, 10)];
        let both = json!({"combinable": true});
        create(&admin, None, json!({"percent": "5", "combinable": true})).await;
        assert_eq!(discounted(app, &lines, &[]).await, (500, vec![]));
        create(&admin, Some("TEN"), both).await;
        create(
            &admin,
            Some("FIXED"),
            json!({"kind": "FIXED", "percent": null, "amount": "20", "combinable": true}),
        )
        .await;
        create(&admin, Some("ALONE"), json!({"percent": "14"})).await;
        create(&admin, Some("HALF"), json!({"percent": "50"})).await;
        // 5 %, 10 % of the rest, then 20.00: whatever the order of the codes.
        assert_eq!(
            discounted(app, &lines, &["FIXED", "TEN"]).await,
            (500 + 950 + 2_000, vec![])
        );
        assert_eq!(
            discounted(app, &lines, &["TEN", "FIXED"]).await,
            (3_450, vec![])
        );
        // 14.5 % together are more than 14 % alone.
        assert_eq!(
            discounted(app, &lines, &["ALONE", "TEN"]).await,
            (1_450, vec![DiscountNotCombinable])
        );
        assert_eq!(discounted(app, &lines, &["ALONE"]).await, (1_400, vec![]));
        let all = ["TEN", "HALF", "FIXED"];
        assert_eq!(
            discounted(app, &lines, &all).await,
            (5_000, vec![DiscountNotCombinable; 2])
        );
    })
    .await;
}
