//! Matching imported rows with existing products and categories.

use std::fmt::Write;

use crate::catalog::importing::{ALL, DRY_RUN};
use crate::harness::csv_files::{counts, errors, export, import, import_with, sorted_export};
use crate::harness::{Backend, on_both_databases};

#[tokio::test]
async fn products_are_matched_by_sku_then_slug_then_name() {
    on_both_databases(async |app| {
        let start = "name,price,sku,slug,categories\nMug,1,M-1,mug,Home\nCup,1,,cup,Home\nBowl,1,,bowl,Home\n";
        import(app, start).await;
        // Matched by SKU, with a new name and slug; by slug, with a new SKU; by name.
        let file = "name,price,sku,slug\nBig mug,1,M-1,big-mug\nTea cup,1,C-1,cup\nBowl,2,,\n";
        let report = import(app, file).await;
        assert_eq!((counts(&report), errors(&report)), ([0, 3, 0, 0], vec![]));
        assert_eq!(
            sorted_export(app).await,
            [
                "Big mug,1.00,M-1,big-mug,,0,Home,DRAFT",
                "Bowl,2.00,,bowl,,0,Home,DRAFT",
                "Tea cup,1.00,C-1,cup,,0,Home,DRAFT",
            ]
        );
        assert_eq!(app.sql_number("SELECT min(version) FROM products").await, 2);
        // The former slug still resolves, until another product takes it.
        let old = "SELECT count(*) FROM product_slugs WHERE slug = 'mug'";
        assert_eq!(app.sql_number(old).await, 1);
        let report = import(app, "name,price,slug,categories\nMug,1,mug,Home\n").await;
        assert_eq!(counts(&report), [1, 0, 0, 0]);
        assert_eq!(app.sql_number(old).await, 0);
    })
    .await;
}

#[tokio::test]
async fn rows_that_name_two_products_are_refused() {
    on_both_databases(async |app| {
        let start = "name,price,sku,slug,categories\nMug,1,M-1,mug,Home\nMug,1,M-2,mug-2,Home\n";
        import(app, start).await;
        let file = "name,price,sku,slug\nMug,2,M-1,mug-2\nMug,2,,\nMug,2,,mug\n";
        let report = import(app, file).await;
        insta::allow_duplicates! { insta::assert_snapshot!(errors(&report).join("\n"), @r"
        2 slug The product with this slug has another SKU.
        3 name Several products have this name. Identify the product by SKU or slug.
        "); }
        // The third row is matched by its slug, and its SKU is removed.
        assert_eq!(counts(&report), [0, 1, 0, 2]);
        assert_eq!(
            sorted_export(app).await,
            [
                "Mug,1.00,M-2,mug-2,,0,Home,DRAFT",
                "Mug,2.00,,mug,,0,Home,DRAFT"
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn absent_columns_leave_fields_unchanged() {
    on_both_databases(async |app| {
        let start = "name,price,sku,slug,description,stock,categories,status\n\
            Mug,1,M-1,mug,Fine,7,Home | Sale,ACTIVE\n";
        import(app, start).await;
        assert_eq!(
            counts(&import(app, "sku,name,price\nM-1,Mug,1.00\n").await),
            [0, 0, 1, 0]
        );
        let empty = "name,price,sku,slug,stock,categories,status\nMug,1,M-1,,,,\n";
        assert_eq!(counts(&import(app, empty).await), [0, 0, 1, 0]);
        // An empty description replaces the existing one.
        let report = import(app, "name,price,sku,description\nMug,1,M-1,\n").await;
        assert_eq!(counts(&report), [0, 1, 0, 0]);
        assert_eq!(
            export(app).await,
            "Mug,1.00,M-1,mug,,7,Home | Sale,ACTIVE\n"
        );
    })
    .await;
}

#[tokio::test]
async fn a_repeated_product_is_updated_again() {
    on_both_databases(async |app| {
        let file = "name,price,sku,slug,categories\n\
            Mug,1,M-1,mug,Home\nMug,2,M-1,big-mug,Home\nCup,1,,,Home\nCup,3,,,Home\nMug,1,X-1,mug,Home\n";
        let report = import(app, file).await;
        assert_eq!((counts(&report), errors(&report)), ([3, 2, 0, 0], vec![]));
        assert_eq!(
            sorted_export(app).await,
            [
                "Cup,3.00,,cup,,0,Home,DRAFT",
                "Mug,1.00,X-1,mug,,0,Home,DRAFT",
                "Mug,2.00,M-1,big-mug,,0,Home,DRAFT",
            ]
        );
        assert_eq!(app.count("product_slugs").await, 0);
    })
    .await;
}

#[tokio::test]
async fn an_sku_given_up_by_one_row_is_free_for_the_next() {
    on_both_databases(async |app| {
        let mut start = "name,price,sku,slug,categories\n".to_owned();
        let (mut file, mut expected) = (start.clone(), Vec::new());
        for number in 0..20 {
            writeln!(start, "A,1,S-{number},s-{number},Home").unwrap();
            // Each row takes the slug of the previous row. A single statement cannot do this in any order.
            let slug = if number == 0 { 99 } else { number - 1 };
            writeln!(file, "A,1,S-{number},s-{slug},Home").unwrap();
            expected.push(format!("A,1.00,S-{number},s-{slug},,0,Home,DRAFT"));
        }
        import(app, &start).await;
        for options in [DRY_RUN, ALL] {
            let report = import_with(app, &file, options).await;
            assert_eq!((counts(&report), errors(&report)), ([0, 20, 0, 0], vec![]));
        }
        expected.sort();
        assert_eq!(sorted_export(app).await, expected);
        assert_eq!(app.count("product_slugs").await, 1);
        // In reverse.
        assert_eq!(counts(&import(app, &start).await), [0, 1, 0, 19]);
    })
    .await;
}

#[tokio::test]
async fn generated_slugs_avoid_current_and_previous_ones() {
    on_both_databases(async |app| {
        let start = "name,price,sku,slug,categories\nX,1,S-0,mug,Home\nY,1,S-1,mug-2,Home\n";
        import(app, start).await;
        import(app, "name,price,sku,slug\nY,1,S-1,y\n").await;
        let mut file = "name,price,sku,categories\n".to_owned();
        for number in 0..40 {
            writeln!(file, "Mug,1,N-{number},Home").unwrap();
        }
        assert_eq!(counts(&import(app, &file).await), [40, 0, 0, 0]);
        assert_eq!(
            app.sql_number("SELECT count(*) FROM products WHERE slug LIKE 'mug%'")
                .await,
            41
        );
        assert_eq!(
            app.sql_number("SELECT count(*) FROM products WHERE slug = 'mug-2'")
                .await,
            0
        );
        assert_eq!(
            app.sql_number("SELECT count(*) FROM products WHERE slug = 'mug-3'")
                .await,
            1
        );
        assert_eq!(counts(&import(app, &file).await), [0, 0, 40, 0]);
    })
    .await;
}

#[tokio::test]
async fn categories_are_matched_by_name() {
    on_both_databases(async |app| {
        let shop = app.shop();
        let home = shop
            .category("home", None, 0, |new| new.name = "Home".to_owned())
            .await;
        let twin = shop
            .category("home-2", None, 1, |new| new.name = "Home".to_owned())
            .await;
        let kitchen = shop
            .category("kitchen", Some(&twin), 0, |new| {
                new.name = "Kitchen".to_owned();
            })
            .await;
        let secret = |new: &mut wares::catalog::category::service::NewCategory| {
            new.name = "Secret".to_owned();
            new.published = false;
        };
        let secret = shop.category("secret", None, 2, secret).await;
        shop.product("one", &twin, |_| ()).await;
        let file = "name,price,slug,categories\n\
            one,10,one,Home\n\
            two,1,two,HOME > kitchen\n\
            three,1,three,Home | home\n\
            four,1,four,Secret > Deep\n\
            five,1,five,A \\> B \\| \\\\C\\D >E\n";
        let report = import(app, file).await;
        assert_eq!(errors(&report), Vec::<String>::new());
        // The first product is assigned to the category of the same name; the second finds the kitchen below the
        // other one.
        assert_eq!(
            (counts(&report), report.categories_created),
            ([4, 0, 1, 0], 3)
        );
        for (slug, category) in [("two", kitchen.id), ("three", home.id)] {
            let id = category.0.simple();
            let literal = match app.backend {
                Backend::Sqlite => format!("x'{id}'"),
                Backend::Postgres => format!("'{id}'::uuid"),
            };
            let sql = format!(
                "SELECT count(*) FROM products WHERE slug = '{slug}' AND category_id = {literal}"
            );
            assert_eq!(app.sql_number(&sql).await, 1, "{slug}");
        }
        // Categories created below a hidden one are hidden.
        assert!(!secret.visible);
        let deep =
            "SELECT count(*) FROM categories WHERE name = 'Deep' AND NOT visible AND published";
        assert_eq!(app.sql_number(deep).await, 1);
        assert!(export(app).await.contains(",A \\> B \\| \\\\C\\\\D > E,"));
    })
    .await;
}
