//! Invisible characters in names and texts.

use serde_json::json;
use wares::core::slug;
use wares::core::text::{check_description, check_name, check_sku};

use crate::harness::csv_files::{counts, export, import};
use crate::harness::on_both_databases;

#[test]
fn invisible_characters_are_removed_from_names() {
    for (typed, name) in [
        ("Mug\u{200b}", "Mug"),
        ("\u{feff}Mug", "Mug"),
        ("Mu\u{ad}g", "Mug"),
        ("Mu\u{2060}g\u{180e}", "Mug"),
        ("Blue\u{a0}mug\u{202f}2", "Blue mug 2"),
        ("Blue\u{b}mug\r\nlarge\t2", "Blue mug large 2"),
        ("Mug\u{7}\u{1f}\u{9d}", "Mug"),
        ("\u{202e}gum\u{202c}", "gum"),
        ("\u{2066}Mug\u{2069}", "Mug"),
        ("Mug\u{200e}\u{200f}", "Mug"),
        ("Auf\u{200c}lage \u{200d}x", "Auflage x"),
        ("Mug\u{e0041}", "Mug"),
        ("e\u{200b}\u{301}", "é"),
        ("Mu\u{3164}g\u{ffa0}", "Mug"),
        ("M\u{115f}u\u{1160}g", "Mug"),
        ("M\u{34f}u\u{fe0f}g\u{180b}\u{e0100}", "Mug"),
        ("Mug\u{2800}2\u{17b4}\u{1d173}\u{1bca0}", "Mug 2"),
        // Characters that a script or an emoji requires are kept.
        ("\u{200f}ספל קפה", "\u{200f}ספל קפה"),
        ("ספל 12\u{200e} ס״מ", "ספל 12\u{200e} ס״מ"),
        ("می\u{200c}خواهم", "می\u{200c}خواهم"),
        ("क्\u{200d}ष", "क्\u{200d}ष"),
        ("👩\u{200d}🍳 apron", "👩\u{200d}🍳 apron"),
        ("❤\u{fe0f}\u{200d}🔥", "❤\u{fe0f}\u{200d}🔥"),
        ("1\u{fe0f}\u{20e3} mug", "1\u{fe0f}\u{20e3} mug"),
        ("辻\u{e0100}茶", "辻\u{e0100}茶"),
        ("ᠠ\u{180b}", "ᠠ\u{180b}"),
        (
            "\u{1112}\u{1160}\u{115f}\u{1175}",
            "\u{1112}\u{1160}\u{115f}\u{1175}",
        ),
        (
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
        ),
    ] {
        assert_eq!(check_name(typed).as_deref(), Ok(name), "{typed:?}");
        assert_eq!(check_name(name).as_deref(), Ok(name), "{name:?}");
    }
    for nothing in [
        "\u{200b}",
        "\u{feff} \u{ad}",
        "\u{200d}",
        "\u{200f}\u{200e}",
        "\u{7}",
        "\u{a0}",
        "\u{2060}\u{301}",
    ] {
        assert_eq!(
            check_name(nothing),
            Err("This must not be empty."),
            "{nothing:?}"
        );
    }
    assert!(check_name("a\0b").is_err());
    assert_eq!(check_sku("\u{feff}M-1\u{200b}").as_deref(), Ok("M-1"));
    let slug = slug::check("\u{200e}blue-\u{200b}mu\u{ad}g\u{feff}");
    assert_eq!(slug.as_deref(), Ok("blue-mug"));
    let text = check_description("One\u{200b}\r\n\ttwo\u{b}three\u{2028}\u{7}four\u{a0}five");
    assert_eq!(text.as_deref(), Ok("One\n\ttwo\nthree\nfour five"));
}

#[test]
fn many_joiners_take_no_longer_than_other_characters() {
    let text = "👩\u{200d}".repeat(300_000);
    // With a repeated lookahead at each joiner, this takes minutes.
    let joiners = format!("a{}b", "\u{200d}".repeat(400_000));
    assert_eq!(check_name(&joiners).as_deref(), Ok("ab"));
    assert!(check_name(&text).is_err());
}

#[tokio::test]
async fn names_of_only_invisible_characters_count_as_empty() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let home = admin
            .run_mutation("createCategory", json!({"name": "Ho\u{200b}me"}), "category { id name }")
            .await;
        assert_eq!(home["category"]["name"], "Home");
        let id = &home["category"]["id"];
        for name in ["\u{200b}", "\u{feff}\u{2060}", "\u{ad}"] {
            let product = json!({"name": name, "price": "1", "categoryId": id});
            for (mutation, input) in [
                ("createCategory", json!({"name": name})),
                ("createProduct", product),
                ("updateMe", json!({"name": name})),
            ] {
                let payload = admin.run_mutation(mutation, input, "").await;
                assert_eq!(payload["userErrors"][0]["field"], "name", "{mutation}");
            }
        }
        let input = json!({"name": "\u{200f}ספל\u{200b}", "sku": "\u{feff}S-1", "price": "1", "categoryId": id});
        let payload = admin.run_mutation("createProduct", input, "product { name sku }").await;
        assert_eq!(payload["product"], json!({"name": "\u{200f}ספל", "sku": "S-1"}));
    })
    .await;
}

#[tokio::test]
async fn cells_are_read_without_invisible_characters() {
    on_both_databases(async |app| {
        let file = "\u{feff}\u{200b}name\u{a0},price,\u{2060}sku,slug,stock,categories,status\n\
            Mug\u{200b},1\u{a0},M\u{ad}-1,mu\u{feff}g,\u{200b}3,Ho\u{200b}me,\u{feff}ACTIVE\n\u{200b},1,,,,Home,\n";
        let report = import(app, file).await;
        assert_eq!((counts(&report), report.notice_count), ([1, 0, 0, 1], 0));
        assert_eq!(report.errors[0].message, "This must not be empty.");
        assert_eq!(export(app).await, "Mug,1.00,M-1,mug,,3,Home,ACTIVE\n");
    })
    .await;
}
