//! The object store of an application as clients see it: stored objects, downloads and uploads.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;
use wares::catalog::product::entity::Model as Product;
use wares::core::id::TypedId;
use wares::infra::image::Header;
use wares::platform::jobs::Queue;

use super::object_stores::names_in;
use super::sample_image::clean_in_chunks;
use super::{ApiResponse, App, Client, Form};

/// The fields of an image that tests select.
pub const IMAGE: &str = "id url alt width height bytes contentType placeholder srcSet";

impl App {
    /// Returns the sorted keys of all objects in the embedded store.
    pub fn objects(&self) -> Vec<String> {
        let folder = self.state.config.data_dir.join("objects");
        let mut keys = Vec::new();
        collect_keys(&folder.join("wares"), "", &mut keys);
        keys.sort_unstable();
        keys
    }

    /// Returns the keys of original images, without resized versions.
    pub fn original_image_keys(&self) -> Vec<String> {
        let keys = self.objects().into_iter();
        keys.filter(|key| key.split('/').count() == 3).collect()
    }

    /// Returns the names of incomplete files and uploads in the embedded store.
    pub fn unfinished_uploads(&self) -> Vec<String> {
        names_in(&self.state.config.data_dir.join("objects/.uploads"))
    }

    /// Advances the clock past all delays of the outbox, and runs its tasks.
    pub async fn run_all_image_jobs(&self) {
        // If an image is deleted while it is resized, the task is repeated.
        for _ in 0..2 {
            self.advance(Duration::from_hours(2));
            self.run_due_jobs(Queue::IMAGES).await;
        }
    }

    /// Returns the number of outbox tasks for images, due or scheduled.
    pub async fn count_image_jobs(&self) -> i64 {
        let tasks = "SELECT count(*) FROM outbox WHERE kind <> 'email' AND failed_at IS NULL";
        self.sql_number(tasks).await
    }

    /// Fails unless there is no image in the database, the store and the outbox. A refused upload is removed by tasks in the
    /// background, which may not have ended when its response arrives.
    pub async fn assert_no_image(&self) {
        for _ in 0..50 {
            self.run_all_image_jobs().await;
            if self.objects().is_empty()
                && self.unfinished_uploads().is_empty()
                && self.count_image_jobs().await == 0
            {
                break;
            }
            sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(self.count("product_images").await, 0);
        assert_eq!(self.count("avatars").await, 0);
        assert_eq!(self.objects(), [""; 0]);
        assert_eq!(self.unfinished_uploads(), [""; 0]);
        assert_eq!(self.count_image_jobs().await, 0);
    }

    /// Advances the clock to the system time, which the store uses to verify signatures.
    pub fn advance_to_system_time(&self) {
        #[expect(clippy::disallowed_methods, reason = "the store goes by the true time")]
        let today = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let (seconds, _) = self.state.clock.now().since_epoch();
        self.advance(today.saturating_sub(Duration::from_secs(seconds)));
    }

    /// Creates an active product without images.
    pub async fn pan(&self) -> Product {
        let home = self.shop().root("home", 0).await;
        self.shop().product("pan", &home, |_| ()).await
    }
}

impl Client {
    /// Uploads files as images of a product.
    pub async fn upload_images(&self, product: &str, files: &[&[u8]], alts: &Value) -> ApiResponse {
        self.upload(images(product, files, alts).end()).await
    }

    /// Uploads a file that must be accepted, and returns the image.
    pub async fn add_image(&self, product: &Product, file: &[u8]) -> Value {
        let product = product.id.encode();
        let response = self.upload_images(&product, &[file], &Value::Null).await;
        let payload = response.payload("uploadProductImages");
        assert_eq!(payload["userErrors"], json!([]));
        payload["images"][0].clone()
    }

    /// Returns the images of a product that this client can read.
    pub async fn gallery(&self, slug: &str) -> Vec<Value> {
        let query =
            format!("query($slug: String) {{ product(slug: $slug) {{ images {{ {IMAGE} }} }} }}");
        let data = self.data(&query, json!({ "slug": slug })).await;
        data["product"]["images"].as_array().unwrap().clone()
    }
}

impl ApiResponse {
    /// Returns the payload of a mutation without errors.
    pub fn payload(&self, name: &str) -> Value {
        assert_eq!(self.json.get("errors"), None, "{}", self.text);
        self.json["data"][name].clone()
    }
}

/// Returns a multipart request that uploads these files as images of a product, without its final boundary.
pub fn images(product: &str, files: &[&[u8]], alts: &Value) -> Form {
    let form_start = unfinished_images_form(product, files.len(), alts);
    let files = files.iter().enumerate();
    files.fold(form_start, |form, (number, file)| {
        // The declared file name and type are ignored by the server.
        let disposition =
            format!("name=\"{number}\"; filename=\"a.png\"\r\nContent-Type: image/png");
        form.part(&disposition, file)
    })
}

/// Like [`images`], but ends before the first file.
pub fn unfinished_images_form(product: &str, count: usize, alts: &Value) -> Form {
    let query = format!(
        "mutation($input: UploadProductImagesInput!) {{ uploadProductImages(input: $input) {{
            images {{ {IMAGE} }} userErrors {{ code field message }} }} }}"
    );
    let files: Vec<Value> = vec![Value::Null; count];
    let input = json!({ "productId": product, "files": files, "alts": alts });
    let operations = json!({ "query": query, "variables": { "input": input } });
    let variable_path = |number: usize| json!([format!("variables.input.files.{number}")]);
    let map = (0..count).map(|number| (number.to_string(), variable_path(number)));
    Form::new(&operations, &Value::Object(map.collect()))
}

/// A response of the object store.
#[derive(Debug)]
pub struct HttpResponse {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// Returns a header. Empty if it is absent.
    pub fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut values = lines.filter(|(found, _)| found.eq_ignore_ascii_case(name));
        values.next().map_or("", |(_, value)| value)
    }
}

/// Sends a GET request to a URL of the store.
pub async fn read(url: &str) -> HttpResponse {
    send_request("GET", url, &[], b"").await
}

/// Returns the header and bytes of the image at a URL. Fails unless the file is cleaned and cached as immutable.
pub async fn get_image_at(url: &str) -> (Header, Vec<u8>) {
    let reply = read(url).await;
    assert_eq!(reply.status, 200, "{url}");
    assert_eq!(
        reply.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    let (cleaned, header) = clean_in_chunks(&reply.body, reply.body.len().max(1)).unwrap();
    assert!(cleaned == reply.body, "{url} is not clean");
    assert_eq!(reply.header("content-type"), header.kind.content_type());
    (header, reply.body)
}

/// Sends a PUT request with these headers, as pairs of name and value.
pub async fn put(url: &str, headers: &[(String, String)], body: &[u8]) -> HttpResponse {
    send_request("PUT", url, headers, body).await
}

async fn send_request(
    method: &str,
    url: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> HttpResponse {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut head = format!("{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for (name, value) in headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    head += "\r\n";
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    // A server that refuses a file need not read it.
    _ = stream.write_all(body).await;
    let mut response = Vec::new();
    stream.read_to_end(&mut response).await.unwrap();
    let end = response.windows(4).position(|four| four == b"\r\n\r\n");
    let body = response.split_off(end.unwrap() + 4);
    let head = String::from_utf8(response).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    HttpResponse { status, head, body }
}

fn collect_keys(folder: &Path, prefix: &str, keys: &mut Vec<String>) {
    // The folder is absent if there are no objects.
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let entry = entry.unwrap();
        let key = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            collect_keys(&entry.path(), &format!("{key}/"), keys);
        } else {
            keys.push(key);
        }
    }
}
