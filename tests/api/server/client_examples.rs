//! `examples/clients`: the Python client against a server, and the operations as Apollo's mobile clients send them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::harness::sample_image::jpeg;
use crate::harness::{
    Backend, HttpResponse, PASSWORD, Process, database_flag, fetch, fresh_database,
    python_environment, run,
};

const EMAIL: &str = "boss@example.com";

/// The media types that both mobile clients accept.
const ACCEPT: &str =
    "multipart/mixed;deferSpec=20220824, application/graphql-response+json, application/json";

/// Prints the names of the operations. Fails unless all are valid for the schema.
const VALIDATE: &str = "
from graphql import OperationDefinitionNode, validate
from shop import OPERATIONS, SCHEMA, build_schema, parse
document = parse('\\n'.join(file.read_text() for file in OPERATIONS.glob('*.graphql')))
errors = validate(build_schema(SCHEMA.read_text()), document)
assert not errors, errors
print(*(node.name.value for node in document.definitions if isinstance(node, OperationDefinitionNode)))
";

/// Each of these requests finds an expired access token. Then the session ends.
const EXPIRED: &str = "
import sys
from pathlib import Path
from shop import Shop, UserErrors
url, email, password, photo = sys.argv[1:]
shop = Shop(url)
shop.sign_in(email, password)
def expire(): shop._headers['Authorization'] = 'Bearer expired'
product = next(iter(shop.products()))
expire()
assert shop.execute('Me')['me']['email'] == email
expire()
assert shop.upload_avatar(Path(photo)).startswith('http')
expire()
assert shop.upload_product_image(product.id, Path(photo), 'A photo').startswith('http')
token = shop.refresh_token
shop.sign_out()
shop.refresh_token = token
try: shop.refresh()
except UserErrors as error: print(error.errors[0]['code'])
";

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/clients")
}

/// Returns a command for Python with the example's module and packages.
fn python() -> Command {
    let folder = examples().join("python");
    let packages = std::fs::read_to_string(folder.join("requirements.txt")).unwrap();
    let mut command = Command::new(python_environment(packages.trim()).join("bin/python"));
    command
        .env("PYTHONPATH", &folder)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// A server with the demo catalog and an admin.
async fn shop(backend: Backend, folder: &Path) -> Process {
    std::fs::write(folder.join("photo.jpg"), jpeg(80, 60)).unwrap();
    let flag = database_flag(&fresh_database(backend, folder).await);
    let server = Process::serve(folder, &[&flag]);
    let email = format!("--email={EMAIL}");
    let mut create = Process::command(folder, &["admin", "create", &email, &flag])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = create.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, PASSWORD.as_bytes()).unwrap();
    drop(stdin);
    assert!(create.wait().unwrap().success());
    server
}

#[test]
fn example_operations_are_valid_and_have_the_names_of_their_files() {
    let printed = run(python().args(["-c", VALIDATE]), "");
    let mut names: Vec<_> = printed.split_whitespace().collect();
    names.sort_unstable();
    let files = std::fs::read_dir(examples().join("operations")).unwrap();
    let mut files: Vec<_> = files
        .map(|file| file.unwrap().path().file_stem().unwrap().to_owned())
        .filter(|name| name != "ProductCard")
        .collect();
    files.sort_unstable();
    assert_eq!(names, files);
}

#[tokio::test]
async fn python_example_lists_signs_in_refreshes_and_uploads() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let folder = tempfile::tempdir().unwrap();
        let server = shop(backend, folder.path()).await;
        let url = format!("http://{}/graphql", server.address);
        let arguments = [url.as_str(), EMAIL, PASSWORD, "photo.jpg"];
        let script = examples().join("python/example.py");
        let mut example = python();
        example.current_dir(folder.path());
        let printed = run(example.arg(script).args(arguments), "");
        for line in [
            "Beeswax Candle, Tall: 9.80 USD\n",
            "signed in as ",
            "avatar at http://",
        ] {
            assert!(printed.contains(line), "{printed}");
        }
        let mut expired = python();
        expired.current_dir(folder.path()).args(["-c", EXPIRED]);
        assert_eq!(run(expired.args(arguments), ""), "TOKEN_INVALID\n");
    }
}

/// A mobile client.
#[derive(Clone, Copy, PartialEq)]
enum Mobile {
    Kotlin,
    Ios,
}

/// A mobile client with its access token.
struct App {
    url: String,
    mobile: Mobile,
    token: Option<String>,
}

impl App {
    /// Returns the document of an operation with its fragments, as the client's generator writes it.
    fn document(&self, operation: &str) -> String {
        let read = |name: &str| {
            let file = examples().join(format!("operations/{name}.graphql"));
            std::fs::read_to_string(file).unwrap()
        };
        let mut text = read(operation);
        if text.contains("...ProductCard") {
            text.push_str(&read("ProductCard"));
        }
        let mut document = String::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            document = format!("{document}{line}\n");
            let is_root = line.starts_with("query") || line.starts_with("mutation");
            // Apollo Kotlin adds the name only where there are fragments.
            if line.ends_with('{') && !is_root && self.mobile == Mobile::Ios {
                document.push_str("__typename\n");
            }
        }
        document.replace("...ProductCard", "__typename ...ProductCard")
    }

    fn body(&self, operation: &str, variables: &Value) -> Value {
        let query = self.document(operation);
        let mut body = json!({"operationName": operation, "query": query, "variables": variables});
        if self.mobile == Mobile::Ios {
            let library = json!({"name": "apollo-ios", "version": "2.4.0"});
            body["extensions"] = json!({"clientLibrary": library});
        }
        body
    }

    /// Sends an operation, and returns the status and the body of the response.
    async fn send(&self, operation: &str, variables: &Value) -> (u16, Value) {
        let body = self.body(operation, variables).to_string();
        self.post("application/json", ACCEPT, body.as_bytes()).await
    }

    /// Sends `UploadAvatar` with a file.
    async fn upload(&self, file: &[u8]) -> (u16, Value) {
        let operations = self
            .body("UploadAvatar", &json!({"file": null}))
            .to_string();
        let map = r#"{"0":["variables.file"]}"#;
        let (begin, end, accept) = match self.mobile {
            Mobile::Kotlin => {
                let part = |name: &str, text: &str| {
                    let length = text.len();
                    format!(
                        "--seam\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\
                         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{text}\r\n"
                    )
                };
                let head = format!(
                    "--seam\r\nContent-Disposition: form-data; name=\"0\"; filename=\"photo.jpg\"\r\n\
                     Content-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n",
                    file.len()
                );
                let begin = part("operations", &operations) + &part("map", map) + &head;
                (begin, "\r\n--seam--\r\n", ACCEPT)
            }
            Mobile::Ios => {
                let part = |name: &str, text: &str| {
                    format!(
                        "--seam\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n"
                    )
                };
                let head = "--seam\r\nContent-Disposition: form-data; name=\"0\"; filename=\"photo.jpg\"\r\n\
                            Content-Type: image/jpeg\r\n\r\n";
                let begin = part("operations", &operations) + &part("map", map) + head;
                // The last line has no end.
                (begin, "\r\n--seam--", "*/*")
            }
        };
        let body = [begin.as_bytes(), file, end.as_bytes()].concat();
        let content_type = "multipart/form-data; boundary=seam";
        self.post(content_type, accept, &body).await
    }

    async fn post(&self, content_type: &str, accept: &str, body: &[u8]) -> (u16, Value) {
        let mut headers = vec![
            ("Content-Type", content_type.to_owned()),
            ("Accept", accept.to_owned()),
            ("Content-Length", body.len().to_string()),
        ];
        // Apollo Kotlin adds this header to multipart requests, the iOS example to all.
        if self.mobile == Mobile::Ios || content_type.starts_with("multipart") {
            headers.push(("Apollo-Require-Preflight", "true".to_owned()));
        }
        if let Some(token) = &self.token {
            headers.push(("Authorization", format!("Bearer {token}")));
        }
        let response = request("POST", &self.url, &headers, body).await;
        // Never multipart, which both accept too.
        let sent = response.header("content-type").unwrap();
        assert!(sent.contains("json"), "{sent}");
        let body = serde_json::from_slice(&response.body).unwrap();
        (response.status, body)
    }

    /// Takes the tokens of a response and returns the refresh token.
    fn take_tokens(&mut self, response: &(u16, Value), field: &str) -> String {
        let payload = &response.1["data"][field];
        assert_eq!(payload["userErrors"], json!([]), "{response:?}");
        self.token = Some(payload["accessToken"].as_str().unwrap().to_owned());
        payload["refreshToken"].as_str().unwrap().to_owned()
    }
}

async fn request(method: &str, url: &str, headers: &[(&str, String)], body: &[u8]) -> HttpResponse {
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    fetch(method, url, &headers, body).await
}

#[tokio::test]
async fn mobile_examples_list_sign_in_refresh_and_upload() {
    for mobile in [Mobile::Kotlin, Mobile::Ios] {
        let folder = tempfile::tempdir().unwrap();
        let server = shop(Backend::Sqlite, folder.path()).await;
        let mut app = App {
            url: format!("http://{}/graphql", server.address),
            mobile,
            token: None,
        };
        let product = list_products(&app).await;
        let (_, response) = app.send("Me", &json!({})).await;
        assert_eq!(code(&response), "UNAUTHENTICATED");

        let credentials = json!({"email": EMAIL, "password": "not this one"});
        let (_, response) = app.send("SignIn", &credentials).await;
        let error = &response["data"]["login"]["userErrors"][0]["code"];
        assert_eq!(*error, "INVALID_CREDENTIALS");
        let credentials = json!({"email": EMAIL, "password": PASSWORD});
        let response = app.send("SignIn", &credentials).await;
        let refresh_token = app.take_tokens(&response, "login");

        // Clients refresh after status 401.
        app.token = Some("expired".to_owned());
        let file = jpeg(80, 60);
        for (status, response) in [app.send("Me", &json!({})).await, app.upload(&file).await] {
            assert_eq!((status, code(&response)), (401, "UNAUTHENTICATED"));
        }
        app.token = None;
        let response = app
            .send("Refresh", &json!({"refreshToken": refresh_token}))
            .await;
        let refresh_token = app.take_tokens(&response, "refreshToken");

        let (status, response) = app.upload(&file).await;
        assert_eq!(status, 200);
        let payload = &response["data"]["uploadAvatar"];
        assert_eq!(payload["userErrors"], json!([]), "{response}");
        let (_, response) = app.send("Me", &json!({})).await;
        let url = response["data"]["me"]["avatar"]["url"].as_str().unwrap();
        assert_eq!(request("GET", url, &[], b"").await.status, 200);

        upload_directly(&app, &product, &file).await;

        let token = json!({"refreshToken": refresh_token});
        let (_, response) = app.send("SignOut", &token).await;
        assert_eq!(response["data"]["logout"]["userErrors"], json!([]));
        let (status, _) = app.send("Me", &json!({})).await;
        assert_eq!(status, 401);
        app.token = None;
        let (_, response) = app.send("Refresh", &token).await;
        let payload = &response["data"]["refreshToken"];
        assert_eq!(payload["userErrors"][0]["code"], "TOKEN_INVALID");
    }
}

fn code(response: &Value) -> &str {
    response["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap()
}

/// Reads two pages of products, and returns the id of a product.
async fn list_products(app: &App) -> String {
    let (status, response) = app.send("Products", &json!({"first": 2})).await;
    assert_eq!(status, 200);
    let first = &response["data"]["products"];
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
    let after = &first["pageInfo"]["endCursor"];
    let variables = json!({"first": 100, "after": after, "search": null});
    let (_, response) = app.send("Products", &variables).await;
    let second = &response["data"]["products"];
    assert_eq!(second["pageInfo"]["hasNextPage"], false);
    let nodes = second["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), 46);
    assert!(nodes[0]["price"]["amount"].is_string());
    assert_eq!(nodes[0]["__typename"], "Product");
    nodes[0]["id"].as_str().unwrap().to_owned()
}

/// Uploads an image of a product to the store.
async fn upload_directly(app: &App, product: &str, file: &[u8]) {
    let variables = json!({
        "productId": product, "contentType": "image/jpeg", "bytes": file.len(), "alt": "A photo",
    });
    let (_, response) = app.send("CreateImageUpload", &variables).await;
    let upload = &response["data"]["createImageUpload"]["upload"];
    let mut headers = Vec::new();
    for header in upload["headers"].as_array().unwrap() {
        let value = header["value"].as_str().unwrap();
        headers.push((header["name"].as_str().unwrap(), value.to_owned()));
    }
    let url = upload["url"].as_str().unwrap();
    assert_eq!(request("PUT", url, &headers, file).await.status, 200);
    let (_, response) = app
        .send("CompleteImageUpload", &json!({"id": upload["id"]}))
        .await;
    let image = &response["data"]["completeImageUpload"]["image"];
    assert_eq!(image["alt"], "A photo", "{response}");
}
