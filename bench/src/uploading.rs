//! An import by a server that runs, as an app would ask for it.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::accounts::PASSWORD;
use crate::http::Client;

/// Who imports.
pub const ADMIN: &str = "boss@example.com";

const LOGIN: &str =
    "mutation($input: LoginInput!) { login(input: $input) { accessToken userErrors { code } } }";
const IMPORT: &str = "mutation($file: Upload!) { importProducts(file: $file) {
    report { rows failed } userErrors { code message } } }";
const BOUNDARY: &str = "next-part-of-the-form";
/// How long an import may take.
const PATIENCE: Duration = Duration::from_hours(1);

/// Signs [`ADMIN`] in, and gives the access token.
pub fn sign_in(address: &str) -> Result<String> {
    let input = json!({"input": {"email": ADMIN, "password": PASSWORD}});
    let answer = Client::connect(address)?.ask(LOGIN, &input)?;
    let token = answer["data"]["login"]["accessToken"].as_str();
    Ok(token
        .with_context(|| format!("no sign-in: {answer}"))?
        .to_owned())
}

/// Sends a file of products, of which none may fail: how long it took until the answer was there.
pub fn upload(address: &str, token: &str, file: &Path) -> Result<Duration> {
    let operations = json!({"query": IMPORT, "variables": {"file": null}});
    let part =
        |name: &str| format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"");
    let before = format!(
        "{}\r\n\r\n{operations}\r\n{}\r\n\r\n{}\r\n{}; filename=\"products.csv\"\r\nContent-Type: text/csv\r\n\r\n",
        part("operations"),
        part("map"),
        json!({"0": ["variables.file"]}),
        part("0"),
    );
    let after = format!("\r\n--{BOUNDARY}--\r\n");
    let file = File::open(file)?;
    let length = before.len() as u64 + file.metadata()?.len() + after.len() as u64;
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer {token}\r\nApollo-Require-Preflight: true\r\n\
         Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {length}\r\n\r\n{before}"
    );
    let mut client = Client::connect(address)?;
    client.wait_up_to(PATIENCE)?;
    let begun = Instant::now();
    let answer = client.send_file(head.as_bytes(), file, after.as_bytes())?;
    let took = begun.elapsed();
    let payload = &answer["data"]["importProducts"];
    ensure!(
        payload["userErrors"] == json!([]) && payload["report"]["failed"] == json!(0),
        "not imported: {answer}"
    );
    Ok(took)
}
