//! The object store of a shop as it is seen from outside: which objects are there, and what clients read and write.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wares::catalog::product::entity::Model as Product;
use wares::core::id::TypedId;
use wares::infra::image::Header;
use wares::platform::jobs::Queue;

use super::picture::clean_by;
use super::{Answer, App, Client, Form};

/// What the tests ask of a picture.
pub const IMAGE: &str = "id url alt width height bytes contentType placeholder srcSet";

impl App {
    /// The keys of all objects in the store inside the process, in the order of texts.
    pub fn objects(&self) -> Vec<String> {
        let folder = self.state.config.data_dir.join("objects");
        let mut keys = Vec::new();
        collect(&folder.join("wares"), "", &mut keys);
        keys.sort_unstable();
        keys
    }

    /// The keys of those that are no sizes.
    pub fn whole_pictures(&self) -> Vec<String> {
        let keys = self.objects().into_iter();
        keys.filter(|key| key.split('/').count() == 3).collect()
    }

    /// The files that the store keeps beside objects: of these, and of uploads that are under way.
    pub fn notes_of_store(&self) -> Vec<String> {
        let folder = self.state.config.data_dir.join("objects");
        let entries = std::fs::read_dir(folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names
            .filter(|name| name.starts_with(".bucket-") || name.starts_with(".upload"))
            .collect()
    }

    /// Lets all time pass that the outbox waits for, and does what it holds.
    pub async fn settle(&self) {
        // Of a picture that goes while its sizes are made, they are tried again.
        for _ in 0..2 {
            self.advance(Duration::from_hours(2));
            self.do_due(Queue::IMAGES).await;
        }
    }

    /// How much there is still to be done about pictures, now or later.
    pub async fn picture_tasks(&self) -> i64 {
        let tasks = "SELECT count(*) FROM outbox WHERE kind <> 'email' AND failed_at IS NULL";
        self.sql_number(tasks).await
    }

    /// Fails unless no picture is anywhere: in no row, in no object, in nothing that is still to be done.
    pub async fn assert_no_picture(&self) {
        self.settle().await;
        assert_eq!(self.count("product_images").await, 0);
        assert_eq!(self.count("avatars").await, 0);
        assert_eq!(self.objects(), [""; 0]);
        assert_eq!(self.notes_of_store(), [""; 0]);
        assert_eq!(self.picture_tasks().await, 0);
    }

    /// Lets time pass up to today, by which the store judges signatures.
    pub fn come_to_today(&self) {
        #[expect(clippy::disallowed_methods, reason = "the store goes by the true time")]
        let today = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let (seconds, _) = self.state.clock.now().since_epoch();
        self.advance(today.saturating_sub(Duration::from_secs(seconds)));
    }

    /// A published product that has no picture.
    pub async fn pan(&self) -> Product {
        let home = self.shop().root("home", 0).await;
        self.shop().product("pan", &home, |_| ()).await
    }
}

impl Client {
    /// Uploads files as pictures of a product.
    pub async fn upload_images(&self, product: &str, files: &[&[u8]], alts: &Value) -> Answer {
        self.upload(images(product, files, alts).end()).await
    }

    /// The same for one that is taken; gives the picture.
    pub async fn add_image(&self, product: &Product, file: &[u8]) -> Value {
        let product = product.id.encode();
        let answer = self.upload_images(&product, &[file], &Value::Null).await;
        let payload = answer.payload("uploadProductImages");
        assert_eq!(payload["userErrors"], json!([]));
        payload["images"][0].clone()
    }

    /// The pictures of a product, as this client sees them.
    pub async fn gallery(&self, slug: &str) -> Vec<Value> {
        let query =
            format!("query($slug: String) {{ product(slug: $slug) {{ images {{ {IMAGE} }} }} }}");
        let data = self.data(&query, json!({ "slug": slug })).await;
        data["product"]["images"].as_array().unwrap().clone()
    }
}

impl Answer {
    /// What a mutation answered that went through.
    pub fn payload(&self, name: &str) -> Value {
        assert_eq!(self.json.get("errors"), None, "{}", self.text);
        self.json["data"][name].clone()
    }
}

/// A request that uploads these files as pictures of a product, up to its end.
pub fn images(product: &str, files: &[&[u8]], alts: &Value) -> Form {
    let begun = begun_images(product, files.len(), alts);
    let files = files.iter().enumerate();
    files.fold(begun, |form, (number, file)| {
        // What a client says of a file counts for nothing.
        let disposition =
            format!("name=\"{number}\"; filename=\"a.png\"\r\nContent-Type: image/png");
        form.part(&disposition, file)
    })
}

/// The same up to the first file.
pub fn begun_images(product: &str, count: usize, alts: &Value) -> Form {
    let query = format!(
        "mutation($input: UploadProductImagesInput!) {{ uploadProductImages(input: $input) {{
            images {{ {IMAGE} }} userErrors {{ code field message }} }} }}"
    );
    let files: Vec<Value> = vec![Value::Null; count];
    let input = json!({ "productId": product, "files": files, "alts": alts });
    let operations = json!({ "query": query, "variables": { "input": input } });
    let place = |number: usize| json!([format!("variables.input.files.{number}")]);
    let map = (0..count).map(|number| (number.to_string(), place(number)));
    Form::new(&operations, &Value::Object(map.collect()))
}

/// An answer of the store.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
}

impl Reply {
    /// A header, empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut values = lines.filter(|(found, _)| found.eq_ignore_ascii_case(name));
        values.next().map_or("", |(_, value)| value)
    }
}

/// What an address of the store leads to, as a browser reads it.
pub async fn read(url: &str) -> Reply {
    ask("GET", url, &[], b"").await
}

/// The picture that an address leads to: what it is, and its bytes.
pub async fn picture_at(url: &str) -> (Header, Vec<u8>) {
    let reply = read(url).await;
    assert_eq!(reply.status, 200, "{url}");
    assert_eq!(
        reply.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    let (kept, header) = clean_by(&reply.body, reply.body.len().max(1)).unwrap();
    assert!(kept == reply.body, "{url} is not clean");
    assert_eq!(reply.header("content-type"), header.kind.content_type());
    (header, reply.body)
}

/// Sends a file to an address with these headers: pairs of name and value.
pub async fn put(url: &str, headers: &[(String, String)], body: &[u8]) -> Reply {
    ask("PUT", url, headers, body).await
}

async fn ask(method: &str, url: &str, headers: &[(String, String)], body: &[u8]) -> Reply {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut head = format!("{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for (name, value) in headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    head += "\r\n";
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    // Who refuses a file need not read it.
    _ = stream.write_all(body).await;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let body = answer.split_off(end.unwrap() + 4);
    let head = String::from_utf8(answer).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Reply { status, head, body }
}

fn collect(folder: &Path, prefix: &str, keys: &mut Vec<String>) {
    // Without an object there may be no folder.
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let entry = entry.unwrap();
        let key = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), &format!("{key}/"), keys);
        } else {
            keys.push(key);
        }
    }
}
