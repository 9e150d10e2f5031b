//! Each mutation either ends cached responses or does not change the catalogue.

use serde_json::{Value, json};
use wares::core::id::TypedId;
use wares::platform::jobs::Queue;

use crate::catalog::category_images::upload;
use crate::catalog::direct_uploads::{admin_and_product, announce, complete, input, send};
use crate::harness::csv_files::import;
use crate::harness::sample_image::jpeg;
use crate::harness::{App, Client, Form, on_both_databases};
use crate::infra::read_cache_fresh::changes;

/// Runs a mutation that is to change the catalogue; gives its payload.
async fn step(
    (app, admin, tried): (&App, &Client, &mut Vec<String>),
    name: &str,
    input: Value,
    select: &str,
) -> Value {
    let mut done = Value::Null;
    let work = async { done = admin.run_mutation(name, input, select).await };
    assert!(changes(app, work).await, "{name}: {done}");
    assert_eq!(done["userErrors"], json!([]), "{name}");
    tried.push(name.to_owned());
    done
}

/// The mutations that do not change the catalogue.
const OTHERS: [&str; 57] = [
    "addCartLines",
    // Gives back the stock, as `placeOrder` reserves it.
    "cancelOrder",
    "capturePayment",
    "addOrderNote",
    // The stock of orders: see the tests of sales.
    "cancelFulfillment",
    "cancelOrderLines",
    "changeEmail",
    "changePassword",
    "claimCart",
    "confirmEmailChange",
    "createAddress",
    "createCart",
    "createDiscount",
    // An announced upload is not visible.
    "createImageUpload",
    "createPayment",
    "createTaxClass",
    "deleteAddress",
    "deleteAvatar",
    "deleteDiscount",
    "deleteMe",
    "deleteTaxClass",
    "deleteTaxRate",
    "deleteUser",
    "exchangeOAuthCode",
    "finishTestPayment",
    "forgotPassword",
    "fulfillOrder",
    "inviteUser",
    "linkGoogle",
    "login",
    "logout",
    "logoutAll",
    // Reserves stock, which ends only responses that show it.
    "placeOrder",
    "recordPayment",
    "refreshToken",
    "refundOrder",
    "register",
    "resendOtp",
    "resetPassword",
    "retryJob",
    "revokeSession",
    "sendOrderLink",
    "setTaxRate",
    "signInWithGoogle",
    "syncPayment",
    "unlinkIdentity",
    "updateAddress",
    "updateCart",
    "updateCartLines",
    "updateDiscount",
    "updateFulfillment",
    "updateMe",
    "updateOrderAddress",
    "updateTaxClass",
    "updateUser",
    "uploadAvatar",
    "verifyEmail",
];

#[tokio::test]
async fn every_catalogue_mutation_invalidates() {
    on_both_databases(async |app| {
        let (admin, pan) = admin_and_product(app).await;
        let mut tried = Vec::new();
        let id = |thing: &Value| thing["id"].as_str().unwrap().to_owned();
        let made = json!({"name": "Chairs", "published": true});
        let made = step((app, &admin, &mut tried), "createCategory", made, "category { id }").await;
        let category = id(&made["category"]);
        let chair = json!({"name": "Chair", "price": "10.00", "categoryId": category});
        let made = step((app, &admin, &mut tried), "createProduct", chair, "product { id }").await;
        let chair = id(&made["product"]);
        for (name, input, select) in [
            ("updateCategory", json!({"id": category, "name": "Seats"}), "category { id }"),
            ("moveCategory", json!({"id": category, "position": 0}), "category { id }"),
            ("updateProduct", json!({"id": chair, "status": "ACTIVE"}), "product { id }"),
            ("adjustStock", json!({"id": chair, "delta": 3}), "product { id }"),
            ("updateProducts", json!({"ids": [chair], "pricePercent": "10"}), "results { id }"),
        ] {
            step((app, &admin, &mut tried), name, input, select).await;
        }
        change_variants((app, &admin, &mut tried), &chair).await;
        change_category_page((app, &admin, &mut tried), &category, &chair).await;
        for (name, input, select) in [
            ("deleteProduct", json!({"id": chair}), "product { id }"),
            ("deleteCategory", json!({"id": category}), "category { id }"),
        ] {
            step((app, &admin, &mut tried), name, input, select).await;
        }

        let file = jpeg(640, 480);
        let mut images = Value::Null;
        let upload = async {
            let response = admin.upload_images(&pan.id.encode(), &[&file, &file], &Value::Null).await;
            images = response.json["data"]["uploadProductImages"]["images"].clone();
        };
        assert!(changes(app, upload).await);
        tried.push("uploadProductImages".to_owned());
        let (first, second) = (id(&images[0]), id(&images[1]));
        let sizes = async { assert!(app.run_due_jobs(Queue::IMAGES).await > 0) };
        assert!(changes(app, sizes).await);
        let order = json!({"productId": pan.id.encode(), "imageIds": [second, first]});
        for (name, input, select) in [
            ("updateProductImage", json!({"id": first, "alt": "A pan"}), "image { id }"),
            ("reorderProductImages", order, "images { id }"),
            ("deleteProductImage", json!({"id": first}), "imageId"),
        ] {
            step((app, &admin, &mut tried), name, input, select).await;
        }
        let mut upload = Value::Null;
        let announced = async {
            upload = announce(&admin, input(&pan, "image/jpeg", file.len())).await;
        };
        assert!(!changes(app, announced).await);
        assert_eq!(send(&upload, &file).await.status, 200);
        assert!(changes(app, complete(&admin, &upload)).await);
        tried.push("completeImageUpload".to_owned());

        let query = "mutation($file: Upload!) { importProducts(file: $file) { report { created } userErrors { message } } }";
        let operations = json!({"query": query, "variables": {"file": null}});
        let form = Form::new(&operations, &json!({"0": ["variables.file"]}));
        let form = form.file("0", b"name,price,categories\nTable,10.00,Tables\n").end();
        let mut response = None;
        let imported = async { response = Some(admin.upload(form).await) };
        assert!(changes(app, imported).await, "{response:?}");
        tried.push("importProducts".to_owned());
        assert!(changes(app, import(app, "name,price,categories\nSofa,10.00,Tables\n")).await);

        change_synonyms((app, &admin, &mut tried)).await;
        change_attributes((app, &admin, &mut tried), &pan.id.encode()).await;
        change_shipping((app, &admin, &mut tried)).await;
        let query = "{ __schema { mutationType { fields { name } } } }";
        let data = admin.data(query, json!({})).await;
        let all = data["__schema"]["mutationType"]["fields"].as_array().unwrap();
        let all = all.iter().map(|field| field["name"].as_str().unwrap());
        let left: Vec<_> = all
            .filter(|name| !tried.iter().any(|tried| tried == name) && !OTHERS.contains(name))
            .collect();
        // A new mutation must be added to this test or to the list above.
        assert!(left.is_empty(), "{left:?}");
    })
    .await;
}

/// Runs each mutation of the image and the order of a category with one product.
async fn change_category_page(
    (app, admin, tried): (&App, &Client, &mut Vec<String>),
    category: &str,
    product: &str,
) {
    let order = json!({"categoryId": category, "productIds": [product]});
    step(
        (app, admin, tried),
        "reorderCategoryProducts",
        order,
        "category { id }",
    )
    .await;
    let mut response = None;
    let uploaded = async {
        response = Some(upload(admin, category, &jpeg(640, 480), &Value::Null).await);
    };
    assert!(changes(app, uploaded).await, "{response:?}");
    tried.push("uploadCategoryImage".to_owned());
    let sizes = async { assert!(app.run_due_jobs(Queue::IMAGES).await > 0) };
    assert!(changes(app, sizes).await);
    let alt = json!({"categoryId": category, "alt": "Seats"});
    step(
        (app, admin, tried),
        "updateCategoryImage",
        alt,
        "image { id }",
    )
    .await;
    let category = json!({"categoryId": category});
    step(
        (app, admin, tried),
        "deleteCategoryImage",
        category,
        "imageId",
    )
    .await;
}

/// Runs each mutation of synonyms, which searches apply.
async fn change_synonyms((app, admin, tried): (&App, &Client, &mut Vec<String>)) {
    let select = "searchSynonym { id }";
    let input = json!({"terms": ["sofa", "couch"]});
    let made = step((app, admin, tried), "createSearchSynonym", input, select).await;
    let id = made["searchSynonym"]["id"].clone();
    for (name, input) in [
        (
            "updateSearchSynonym",
            json!({"id": id, "terms": ["sofa", "settee"]}),
        ),
        ("deleteSearchSynonym", json!({"id": id})),
    ] {
        step((app, admin, tried), name, input, select).await;
    }
    let query =
        "mutation($file: Upload!) { importSearchSynonyms(file: $file) { report { created } } }";
    let operations = json!({"query": query, "variables": {"file": null}});
    let form = Form::new(&operations, &json!({"0": ["variables.file"]}));
    let form = form.file("0", b"terms\n\"sofa, couch\"\n").end();
    let mut response = None;
    let imported = async { response = Some(admin.upload(form).await) };
    assert!(changes(app, imported).await, "{response:?}");
    tried.push("importSearchSynonyms".to_owned());
}

/// Runs each mutation of shipping zones and methods, on which `Query.shop` depends.
async fn change_shipping((app, admin, tried): (&App, &Client, &mut Vec<String>)) {
    let id = |thing: &Value| thing["id"].clone();
    let input = json!({"name": "Europe", "countries": [{"country": "DE"}]});
    let select = "shippingZone { id }";
    let made = step((app, admin, tried), "createShippingZone", input, select).await;
    let zone = id(&made["shippingZone"]);
    let brackets = json!([{"from": "0", "price": "4.90"}]);
    let input = json!({"zoneId": zone, "name": "Parcel", "brackets": brackets});
    let select = "shippingMethod { id }";
    let made = step((app, admin, tried), "createShippingMethod", input, select).await;
    let method = id(&made["shippingMethod"]);
    for (name, input, select) in [
        (
            "updateShippingZone",
            json!({"id": zone, "name": "EU"}),
            "shippingZone { id }",
        ),
        (
            "updateShippingMethod",
            json!({"id": method, "active": false}),
            select,
        ),
        (
            "deleteShippingMethod",
            json!({"id": method}),
            "shippingMethodId",
        ),
        ("deleteShippingZone", json!({"id": zone}), "shippingZoneId"),
    ] {
        step((app, admin, tried), name, input, select).await;
    }
}

/// Runs each mutation of attributes, and of the values of a product and its only variant.
async fn change_attributes((app, admin, tried): (&App, &Client, &mut Vec<String>), product: &str) {
    let id = |thing: &Value| thing["id"].clone();
    let mut attributes = Vec::new();
    for (name, owner) in [("Color", "PRODUCT"), ("Finish", "VARIANT")] {
        let input = json!({"name": name, "type": "CHOICE", "owner": owner, "searchable": true});
        let select = "attribute { id }";
        let made = step((app, admin, tried), "createAttribute", input, select).await;
        attributes.push(id(&made["attribute"]));
    }
    let mut choices = Vec::new();
    for (attribute, name) in [(0, "Red"), (0, "Blue"), (1, "Matt")] {
        let input = json!({"attributeId": attributes[attribute], "name": name});
        let select = "choice { id }";
        let made = step((app, admin, tried), "createAttributeChoice", input, select).await;
        choices.push(id(&made["choice"]));
    }
    let input = json!({"name": "Pans", "attributeIds": attributes});
    let select = "productType { id }";
    let made = step((app, admin, tried), "createProductType", input, select).await;
    let kind = id(&made["productType"]);
    let variant = product.replace("prod_", "var_");
    let own = json!({"productId": product, "values": [{"code": "color", "choices": ["red"]}]});
    let of_variant =
        json!({"variantId": variant, "values": [{"code": "finish", "choices": ["matt"]}]});
    for (name, input, select) in [
        ("setProductAttributes", own, "product { id }"),
        ("setVariantAttributes", of_variant, "variant { id }"),
        (
            "updateAttribute",
            json!({"id": attributes[0], "name": "Colour"}),
            "attribute { id }",
        ),
        (
            "updateAttributeChoice",
            json!({"id": choices[0], "swatch": "#ff0000"}),
            "choice { id }",
        ),
        (
            "updateProductType",
            json!({"id": kind, "name": "All pans"}),
            "productType { id }",
        ),
        (
            "reorderAttributes",
            json!({"attributeIds": [attributes[1], attributes[0]]}),
            "attributes { id }",
        ),
        (
            "reorderAttributeChoices",
            json!({"attributeId": attributes[0], "choiceIds": [choices[1], choices[0]]}),
            "attribute { id }",
        ),
        (
            "deleteAttributeChoice",
            json!({"id": choices[0]}),
            "choiceId",
        ),
        (
            "deleteAttribute",
            json!({"id": attributes[0]}),
            "attributeId",
        ),
        ("deleteProductType", json!({"id": kind}), "productTypeId"),
    ] {
        step((app, admin, tried), name, input, select).await;
    }
}

/// Runs each mutation of variants on a product without options.
async fn change_variants((app, admin, tried): (&App, &Client, &mut Vec<String>), product: &str) {
    let size = |value: &str| json!([{"name": "Size", "value": value}]);
    let options =
        json!({"productId": product, "options": [{"name": "Size", "values": [{"name": "S"}]}]});
    let select = "product { variants { id } }";
    let made = step((app, admin, tried), "updateProductOptions", options, select).await;
    let small = made["product"]["variants"][0]["id"].clone();
    let large = json!({"productId": product, "options": size("L")});
    let made = step(
        (app, admin, tried),
        "createVariant",
        large,
        "variant { id }",
    )
    .await;
    let large = made["variant"]["id"].clone();
    for (name, input, select) in [
        (
            "updateVariant",
            json!({"id": large, "price": "12.00"}),
            "variant { id }",
        ),
        (
            "updateVariants",
            json!({"variants": [{"id": large, "weight": 3}]}),
            "results { id }",
        ),
        (
            "setStock",
            json!({"variantId": large, "quantity": 8}),
            "variant { id }",
        ),
        (
            "reorderVariants",
            json!({"productId": product, "variantIds": [large, small]}),
            "product { id }",
        ),
        ("deleteVariant", json!({"id": large}), "variantId"),
    ] {
        step((app, admin, tried), name, input, select).await;
    }
}
