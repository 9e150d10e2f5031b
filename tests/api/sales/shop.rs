//! The `shop` field.

use serde_json::{Value, json};

use crate::harness::{App, Backend, on_both_databases_with};

const SHOP: &str = "{ shop { name currency { code decimals } lowStock signInMethods googleClientId limits {
    passwordMinLength passwordMaxLength emailMaxLength nameMaxLength slugMaxLength skuMaxLength descriptionMaxLength
    altMaxLength searchMaxLength imageTypes imageMaxBytes directImageMaxBytes avatarMaxBytes imageMaxPixels
    filesPerUpload imagesPerProduct pageSizeDefault pageSizeMax } } }";

#[tokio::test]
async fn shop_returns_form_settings_without_a_statement() {
    let settings = [
        "--shop-name=Tea & Co",
        "--shop-currency=JPY",
        "--password-min-length=12",
        "--image-max-bytes=1000000",
    ];
    on_both_databases_with(&settings, async |app| {
        let ask = app.anonymous();
        let mut shop = Value::Null;
        let statements = app.record_statements(async {
            shop = ask.data(SHOP, json!({})).await["shop"].clone();
        });
        assert_eq!(statements.await.len(), 0);
        assert_eq!(
            shop,
            json!({"name": "Tea & Co", "currency": {"code": "JPY", "decimals": 0}, "lowStock": 5,
                "signInMethods": ["PASSWORD"], "googleClientId": null,
                "limits": {"passwordMinLength": 12, "passwordMaxLength": 128, "emailMaxLength": 254,
                    "nameMaxLength": 200, "slugMaxLength": 200, "skuMaxLength": 100, "descriptionMaxLength": 20000,
                    "altMaxLength": 500, "searchMaxLength": 100,
                    "imageTypes": ["image/jpeg", "image/png", "image/webp"],
                    "imageMaxBytes": 1_000_000, "directImageMaxBytes": 20 << 20, "avatarMaxBytes": 1_000_000,
                    "imageMaxPixels": 25_000_000, "filesPerUpload": 5, "imagesPerProduct": 50,
                    "pageSizeDefault": 20, "pageSizeMax": 100}})
        );
    })
    .await;
}

#[tokio::test]
async fn shop_returns_the_google_client_id() {
    let settings = [
        "--google-client-id=1234.apps.googleusercontent.com",
        "--google-client-secret=GOCSPX-very-secret",
        "--public-url=http://127.0.0.1:8000",
    ];
    let app = App::start(Backend::Sqlite, &settings).await;
    let response = app.anonymous().send(SHOP, json!({})).await;
    let shop = &response.json["data"]["shop"];
    assert_eq!(shop["signInMethods"], json!(["PASSWORD", "GOOGLE"]));
    assert_eq!(shop["googleClientId"], "1234.apps.googleusercontent.com");
    assert!(!response.text.contains("GOCSPX"), "{}", response.text);
}
