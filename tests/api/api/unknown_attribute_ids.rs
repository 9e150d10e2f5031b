//! Mutations of attributes with an unknown ID: see [`unknown_ids`](super::unknown_ids).

pub const ATTRIBUTES: [(&str, &str, &str, &str); 13] = [
    (
        "setProductAttributes",
        "prod",
        "productId",
        r#"{"productId": "@", "values": []}"#,
    ),
    (
        "setVariantAttributes",
        "var",
        "variantId",
        r#"{"variantId": "@", "values": []}"#,
    ),
    (
        "createProduct",
        "ptype",
        "productTypeId",
        r#"{"name": "x", "price": "1", "categoryId": "CAT", "productTypeId": "@"}"#,
    ),
    (
        "updateProduct",
        "ptype",
        "productTypeId",
        r#"{"id": "PROD", "productTypeId": "@"}"#,
    ),
    (
        "updateAttribute",
        "attr",
        "id",
        r#"{"id": "@", "name": "x"}"#,
    ),
    ("deleteAttribute", "attr", "id", r#"{"id": "@"}"#),
    (
        "createAttributeChoice",
        "attr",
        "attributeId",
        r#"{"attributeId": "@", "name": "x"}"#,
    ),
    (
        "updateAttributeChoice",
        "attrc",
        "id",
        r#"{"id": "@", "name": "x"}"#,
    ),
    ("deleteAttributeChoice", "attrc", "id", r#"{"id": "@"}"#),
    (
        "reorderAttributeChoices",
        "attr",
        "attributeId",
        r#"{"attributeId": "@", "choiceIds": []}"#,
    ),
    (
        "createProductType",
        "attr",
        "attributeIds",
        r#"{"name": "x", "attributeIds": ["@"]}"#,
    ),
    (
        "updateProductType",
        "ptype",
        "id",
        r#"{"id": "@", "name": "x"}"#,
    ),
    ("deleteProductType", "ptype", "id", r#"{"id": "@"}"#),
];
