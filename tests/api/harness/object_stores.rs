//! Object stores: the embedded server, and moto.

use std::net::SocketAddr;
use std::path::Path;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Region};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::OnceCell;
use uuid::Uuid;
use wares::config::Config;
use wares::core::clock::Timestamp;
use wares::infra::storage::Storage;

use super::moto::Moto;
use super::settings::config;

/// An empty object store.
pub struct Store {
    pub storage: Storage,
    /// Whether it is the embedded server.
    pub is_embedded: bool,
    pub bucket: String,
    /// The address of the embedded server.
    address: Option<SocketAddr>,
    folder: TempDir,
}

impl Store {
    /// Returns the folder in which the embedded server stores its files.
    pub fn folder(&self) -> std::path::PathBuf {
        self.folder.path().join("objects")
    }

    /// Returns the names of incomplete files and uploads of the embedded server.
    pub fn leftovers(&self) -> Vec<String> {
        let mut names = names_in(&self.folder().join(".uploads"));
        names.sort();
        names
    }

    /// Returns an S3 client that does not use the code of Wares.
    pub fn client(&self) -> Client {
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .force_path_style(true)
            .region(Region::new("us-east-1"))
            .http_client(aws_smithy_http_client::Builder::new().build_http());
        let config = match self.address {
            Some(address) => {
                let [id, secret] = embedded_keys(&self.folder());
                let keys = Credentials::new(id, secret, None, None, "tests");
                let endpoint = format!("http://{address}");
                config.credentials_provider(keys).endpoint_url(endpoint)
            }
            None => config
                .credentials_provider(keys())
                .endpoint_url(self.storage.place().rsplit(' ').nth(1).unwrap()),
        };
        Client::from_conf(config.build())
    }

    /// Stops the embedded server and starts a new one for the same objects.
    pub async fn restart(self) -> Self {
        assert!(self.is_embedded);
        let Self {
            storage,
            folder,
            bucket,
            ..
        } = self;
        drop(storage);
        let mut config = config_in_folder(folder.path(), &[]);
        Self {
            storage: serve_embedded(&mut config).await,
            is_embedded: true,
            address: Some(config.listen),
            bucket,
            folder,
        }
    }
}

/// Runs a test on both stores, each time with a new bucket.
pub async fn on_both_stores(test: impl AsyncFn(&Store)) {
    for is_embedded in [true, false] {
        let store = if is_embedded {
            embedded_store().await
        } else {
            moto_store().await
        };
        let print_store = PrintStoreOnPanic(is_embedded);
        test(&store).await;
        drop(print_store);
    }
}

/// Prints the store of a failing test.
struct PrintStoreOnPanic(bool);

impl Drop for PrintStoreOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("store: {}", if self.0 { "embedded" } else { "moto" });
        }
    }
}

/// Starts an embedded server without objects.
pub async fn embedded_store() -> Store {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config_in_folder(folder.path(), &[]);
    Store {
        storage: serve_embedded(&mut config).await,
        is_embedded: true,
        address: Some(config.listen),
        bucket: "wares".to_owned(),
        folder,
    }
}

/// Opens the embedded store of these settings and serves it at a free port, which becomes the listen address.
pub async fn serve_embedded(config: &mut Config) -> Storage {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    config.listen = listener.local_addr().unwrap();
    let storage = Storage::connect(config).await.unwrap();
    let service = storage.object_service().unwrap().clone();
    let respond = move |request: Request| {
        let service = service.clone();
        async move { service.respond(request).await.map(Body::new) }
    };
    let router = Router::new().fallback(respond);
    tokio::spawn(async move { axum::serve(listener, router).await });
    storage
}

/// Returns the id and the secret of the credentials of an embedded store.
pub fn embedded_keys(folder: &Path) -> [String; 2] {
    let keys = std::fs::read(folder.join(".server")).unwrap();
    let keys: Value = serde_json::from_slice(&keys).unwrap();
    ["id", "secret"].map(|name| keys[name].as_str().unwrap().to_owned())
}

/// Returns the names of the entries of a folder.
pub fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// Creates a bucket in moto.
pub async fn moto_store() -> Store {
    let bucket = format!("wares-{}", Uuid::now_v7().simple());
    let setting = format!("--s3-bucket={bucket}");
    let endpoint = format!("--s3-endpoint={}", moto().await);
    let folder = tempfile::tempdir().unwrap();
    let config = config_in_folder(folder.path(), &[&setting, &endpoint]);
    Store {
        storage: Storage::connect_with(&config, keys()).await.unwrap(),
        is_embedded: false,
        address: None,
        bucket,
        folder,
    }
}

/// Returns the address of moto. Starts it at the first call.
pub async fn moto() -> &'static str {
    static MOTO: OnceCell<Moto> = OnceCell::const_new();
    let start = async || tokio::task::spawn_blocking(Moto::start).await.unwrap();
    &MOTO.get_or_init(start).await.endpoint
}

/// Returns settings with this data folder and a random port.
pub fn config_in_folder(folder: &Path, settings: &[&str]) -> Config {
    let data = format!("--data-dir={}", folder.display());
    let fixed = [data.as_str(), "--listen=127.0.0.1:0"];
    config(&[&fixed[..], settings].concat())
}

/// Returns credentials for moto, which accepts any.
pub fn keys() -> SharedCredentialsProvider {
    let keys = Credentials::new("AKIDTESTS", "a secret of the tests", None, None, "tests");
    SharedCredentialsProvider::new(keys)
}

/// Returns the system time, which object stores use to verify signatures.
#[expect(
    clippy::disallowed_methods,
    reason = "servers of objects know no other"
)]
pub fn system_time() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    Timestamp(i64::try_from(since.unwrap().as_micros()).unwrap())
}
