//! A mix of requests of customers and admins, as in a busy hour.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::accounts::PASSWORD;
use crate::http::{Client, request, request_as};
use crate::products::{product, write_file};
use crate::server::{Folder, Server};
use crate::speed::queries::{PAGE, PRODUCT, SEARCH};
use crate::target::Target;
use crate::uploading::{ADMIN, PICTURE, envelope, sign_in};

/// Number of products in the shop.
pub const PRODUCTS: usize = 5_000;
/// Number of products that are changed.
const CHANGED: usize = 100;
/// Width and height of an image in pixels.
const SIDE: u32 = 320;

/// The account that signs in repeatedly. It is not the admin of the mix, because only the latest sessions of a user
/// are kept.
const VISITOR: &str = "visitor@example.com";

const IDS: &str = "{ products(first: 100) { nodes { id } } }";
const ME: &str = "{ me { id email name role } }";
const STOCK: &str = "mutation($input: AdjustStockInput!) { adjustStock(input: $input) {
    product { id stock version } userErrors { code } } }";
const NAME: &str = "mutation($input: UpdateProductInput!) { updateProduct(input: $input) {
    product { id name version } userErrors { code } } }";
const LOGIN: &str = "mutation($input: LoginInput!) { login(input: $input) {
    accessToken user { email } userErrors { code } } }";
const REFUSED: &str =
    "{ products { nodes { category { products { nodes { category { products { nodes {
    category { products { nodes { category { id } } } } } } } } } } } }";

/// Data for the requests to a shop.
pub struct Mix {
    token: String,
    ids: Vec<String>,
    picture: Vec<u8>,
}

/// Recreates the database with [`PRODUCTS`] products and an admin.
pub fn fill(target: &Target, folder: &Folder) -> Result<()> {
    target.recreate()?;
    target.create_admin(ADMIN)?;
    target.create_admin(VISITOR)?;
    let file = folder.path().join("products.csv");
    write_file(&file, 0, PRODUCTS)?;
    crate::importing::import(target, &file).map(drop)
}

/// Returns a list page request, different for each number.
pub fn page(number: usize) -> Vec<u8> {
    request(PAGE, &json!({ "after": null, "number": number % 1_000 }))
}

impl Mix {
    pub fn new(server: &Server) -> Result<Self> {
        let response = Client::connect(&server.address)?.query(IDS, &json!({}))?;
        let nodes = response["data"]["products"]["nodes"].as_array();
        let nodes = nodes.with_context(|| format!("no products: {response}"))?;
        let id = |node: &Value| node["id"].as_str().map(ToOwned::to_owned);
        Ok(Self {
            token: sign_in(&server.address)?,
            ids: nodes.iter().filter_map(id).take(CHANGED).collect(),
            picture: picture()?,
        })
    }

    /// Returns the request with this number. Of 1,000 requests, 600 are lists, 200 products, 80 searches, 50 `me`, 48
    /// changes, 5 sign-ins, 2 image uploads and 15 are rejected.
    pub fn request(&self, number: usize) -> Vec<u8> {
        let random = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
        let thing = product(random % PRODUCTS);
        let id = &self.ids[random % self.ids.len()];
        match random % 1_000 {
            0..600 => page(random),
            600..800 => request(PRODUCT, &json!({"slug": thing.slug})),
            800..880 => request(SEARCH, &json!({"search": &thing.name[..9]})),
            880..930 => request_as(&self.token, ME, &json!({})),
            930..970 => {
                let input = json!({"input": {"id": id, "delta": 1}});
                request_as(&self.token, STOCK, &input)
            }
            970..978 => {
                let name = format!("Thing {} of today", random % 10_000);
                request_as(
                    &self.token,
                    NAME,
                    &json!({"input": {"id": id, "name": name}}),
                )
            }
            978..983 => {
                let input = json!({"input": {"email": VISITOR, "password": PASSWORD}});
                request(LOGIN, &input)
            }
            983..985 => self.upload(id),
            985..990 => request(REFUSED, &json!({})),
            990..995 => request("{ products { nodes { nothing } } }", &json!({})),
            _ => request("{ products { nodes { id }", &json!({})),
        }
    }

    fn upload(&self, product: &str) -> Vec<u8> {
        let input = json!({"productId": product, "files": [null]});
        let operations = json!({"query": PICTURE, "variables": {"input": input}});
        let length = self.picture.len() as u64;
        let target = "variables.input.files.0";
        let (before, after) = envelope(&self.token, &operations, target, length);
        [&before, &self.picture, after.as_bytes()].concat()
    }
}

/// Draws an image with many colors.
fn picture() -> Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, SIDE, SIDE);
    encoder.set_color(png::ColorType::Rgb);
    let pixels: Vec<u8> = (0..SIDE * SIDE)
        .flat_map(|pixel| {
            (pixel.wrapping_mul(2_654_435_761))
                .to_be_bytes()
                .into_iter()
                .take(3)
        })
        .collect();
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(file)
}
