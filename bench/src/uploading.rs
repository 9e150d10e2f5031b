//! Uploads files to a running server like a client app.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::accounts::PASSWORD;
use crate::http::Client;

/// The account that uploads.
pub const ADMIN: &str = "boss@example.com";

const LOGIN: &str =
    "mutation($input: LoginInput!) { login(input: $input) { accessToken userErrors { code } } }";
const IMPORT: &str = "mutation($file: Upload!) { importProducts(file: $file) {
    report { rows failed } userErrors { code message } } }";
/// Adds an image to a product.
pub const PICTURE: &str =
    "mutation($input: UploadProductImagesInput!) { uploadProductImages(input: $input) {
    images { id } userErrors { field message } } }";
const BOUNDARY: &str = "next-part-of-the-form";
/// Response timeout.
const TIMEOUT: Duration = Duration::from_hours(1);

/// Signs in as [`ADMIN`]. Returns the access token.
pub fn sign_in(address: &str) -> Result<String> {
    let input = json!({"input": {"email": ADMIN, "password": PASSWORD}});
    let response = Client::connect(address)?.query(LOGIN, &input)?;
    let token = response["data"]["login"]["accessToken"].as_str();
    Ok(token
        .with_context(|| format!("sign-in failed: {response}"))?
        .to_owned())
}

/// Imports a product file without failures. Returns the duration until the response.
pub fn upload(address: &str, token: &str, file: &Path) -> Result<Duration> {
    let operations = json!({"query": IMPORT, "variables": {"file": null}});
    let (took, response) = send(address, token, &operations, "variables.file", file)?;
    let payload = &response["data"]["importProducts"];
    ensure!(
        payload["userErrors"] == json!([]) && payload["report"]["failed"] == json!(0),
        "import failed: {response}"
    );
    Ok(took)
}

/// Uploads an image for a product. Returns the duration until the response.
pub fn upload_picture(address: &str, token: &str, product: &str, file: &Path) -> Result<Duration> {
    let input = json!({"productId": product, "files": [null]});
    let operations = json!({"query": PICTURE, "variables": {"input": input}});
    let (took, response) = send(address, token, &operations, "variables.input.files.0", file)?;
    let payload = &response["data"]["uploadProductImages"];
    ensure!(
        payload["userErrors"] == json!([]),
        "upload failed: {response}"
    );
    Ok(took)
}

/// Sends a request with a file. Returns the duration and the response.
fn send(
    address: &str,
    token: &str,
    operations: &Value,
    place: &str,
    file: &Path,
) -> Result<(Duration, Value)> {
    let length = file.metadata()?.len();
    let (before, after) = envelope(token, operations, place, length);
    let mut client = Client::connect(address)?;
    client.set_timeout(TIMEOUT)?;
    let begun = Instant::now();
    let response = client.send_file(&before, File::open(file)?, after.as_bytes())?;
    Ok((begun.elapsed(), response))
}

/// Returns the parts of a multipart request before and after a file of this length.
pub fn envelope(token: &str, operations: &Value, place: &str, length: u64) -> (Vec<u8>, String) {
    let part =
        |name: &str| format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"");
    let before = format!(
        "{}\r\n\r\n{operations}\r\n{}\r\n\r\n{}\r\n{}; filename=\"file\"\r\n\r\n",
        part("operations"),
        part("map"),
        json!({"0": [place]}),
        part("0"),
    );
    let after = format!("\r\n--{BOUNDARY}--\r\n");
    let length = before.len() as u64 + length + after.len() as u64;
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer {token}\r\nApollo-Require-Preflight: true\r\n\
         Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {length}\r\n\r\n{before}"
    );
    (head.into_bytes(), after)
}
