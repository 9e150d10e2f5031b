//! An object store behind a proxy that injects failures.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use wares::infra::storage::Storage;

use super::object_stores::{embedded_keys, names_in, serve_embedded};
use super::settings::config;

/// The failure of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreFailure {
    /// The connection is closed before the store receives the request.
    Breaks,
    /// No response is sent, and the store does not receive the request.
    Hangs,
    /// The proxy responds with 500, and the store does not receive the request.
    Fails,
    /// The store executes the request, and the connection is closed instead of a response.
    LosesResponse,
    /// The store executes the request, and its response is never sent.
    WithholdsResponse,
    /// The store receives the request after [`FailingStore::end_failure`], even if the client has disconnected.
    DelaysRequest,
}

/// An embedded object store that is accessed through the proxy.
pub struct FailingStore {
    endpoint: String,
    state: Arc<FaultState>,
    keys: [(&'static str, String); 2],
    folder: TempDir,
    _server: Storage,
}

/// Whether a request fails, given its first line.
type RequestFilter = Box<dyn FnMut(&str) -> bool + Send>;

struct FaultState {
    failure: Mutex<Option<(StoreFailure, RequestFilter)>>,
    /// The first lines of all requests.
    requests: Mutex<Vec<String>>,
    /// The first lines of the requests whose responses were forwarded.
    answered: Mutex<Vec<String>>,
    /// Incremented when the failure ends.
    ended: watch::Sender<usize>,
    /// Counts responses that were lost or withheld, and delayed requests.
    failed: watch::Sender<usize>,
}

impl FailingStore {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = format!("--data-dir={}", folder.path().display());
        let mut config = config(&[&data]);
        let server = serve_embedded(&mut config).await;
        let [id, secret] = embedded_keys(&folder.path().join("objects"));
        let state = Arc::new(FaultState {
            failure: Mutex::default(),
            requests: Mutex::default(),
            answered: Mutex::default(),
            ended: watch::Sender::new(0),
            failed: watch::Sender::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(listen(listener, config.listen, state.clone()));
        Self {
            endpoint,
            state,
            keys: [("AWS_ACCESS_KEY_ID", id), ("AWS_SECRET_ACCESS_KEY", secret)],
            folder,
            _server: server,
        }
    }

    /// Returns the settings of a server that uses this store.
    pub fn flags(&self) -> [String; 2] {
        let endpoint = format!("--s3-endpoint={}", self.endpoint);
        [endpoint, "--s3-bucket=wares".to_owned()]
    }

    /// Returns the credentials as environment variables.
    pub fn variables(&self) -> &[(&'static str, String)] {
        &self.keys
    }

    /// Returns the credentials for an application in this process.
    pub fn keys(&self) -> SharedCredentialsProvider {
        let [(_, id), (_, secret)] = &self.keys;
        SharedCredentialsProvider::new(Credentials::new(id, secret, None, None, "tests"))
    }

    /// Lets requests fail whose first lines match, such as `PUT /wares/products/...?partNumber=1... HTTP/1.1`.
    pub fn inject_failure(
        &self,
        failure: StoreFailure,
        filter: impl FnMut(&str) -> bool + Send + 'static,
    ) {
        *self.state.failure.lock().unwrap() = Some((failure, Box::new(filter)));
    }

    /// Ends the failure. Hanging connections are closed.
    pub fn end_failure(&self) {
        *self.state.failure.lock().unwrap() = None;
        self.state.ended.send_modify(|count| *count += 1);
    }

    /// Waits until this many responses were lost or withheld, or delayed requests were received, since the start.
    pub async fn wait_for_failures(&self, times: usize) {
        let mut failed = self.state.failed.subscribe();
        failed.wait_for(|count| *count >= times).await.unwrap();
    }

    /// Returns the number of received requests whose first lines contain this text.
    pub fn count_requests(&self, containing: &str) -> usize {
        let requests = self.state.requests.lock().unwrap();
        requests
            .iter()
            .filter(|line| line.contains(containing))
            .count()
    }

    /// Returns the number of answered requests whose first lines contain this text.
    pub fn count_responses(&self, containing: &str) -> usize {
        let answered = self.state.answered.lock().unwrap();
        answered
            .iter()
            .filter(|line| line.contains(containing))
            .count()
    }

    /// Returns the sorted keys of the objects.
    pub fn objects(&self) -> Vec<String> {
        let bucket = self.folder.path().join("objects/wares");
        let mut files = Vec::new();
        list_files(&bucket, &mut files);
        let keys = files.iter().map(|path| path.strip_prefix(&bucket).unwrap());
        let mut keys: Vec<_> = keys.map(|key| key.display().to_string()).collect();
        keys.sort();
        keys
    }

    /// Returns the names of incomplete files and uploads.
    pub fn leftovers(&self) -> Vec<String> {
        names_in(&self.folder.path().join("objects/.uploads"))
    }

    /// Whether there are no objects and no parts of uploads.
    pub fn is_empty(&self) -> bool {
        self.objects().is_empty() && self.leftovers().is_empty()
    }
}

fn list_files(folder: &Path, files: &mut Vec<PathBuf>) {
    // A folder may be deleted concurrently.
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            list_files(&path, files);
        } else {
            files.push(path);
        }
    }
}

async fn listen(listener: TcpListener, server: SocketAddr, state: Arc<FaultState>) {
    while let Ok((client, _)) = listener.accept().await {
        let state = state.clone();
        // Errors of disconnected clients are expected.
        tokio::spawn(async move { _ = forward_connection(client, server, &state).await });
    }
}

/// Forwards the requests of a connection and their responses one after another.
async fn forward_connection(
    mut client: TcpStream,
    server: SocketAddr,
    state: &FaultState,
) -> std::io::Result<()> {
    let mut ended = state.ended.subscribe();
    let mut server = TcpStream::connect(server).await?;
    let (mut up, mut down) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    let (mut current_failure, mut request_line) = (None, None);
    loop {
        tokio::select! {
            count = client.read(&mut up) => {
                let bytes = &up[..count?];
                if bytes.is_empty() {
                    return Ok(());
                }
                if let Some(line) = first_line(bytes) {
                    current_failure = state.filter(&line);
                    request_line = Some(line);
                }
                match current_failure {
                    Some(StoreFailure::Breaks) => return Ok(()),
                    Some(StoreFailure::Hangs) => {
                        ended.mark_unchanged();
                        _ = ended.changed().await;
                        return Ok(());
                    }
                    Some(StoreFailure::DelaysRequest) => {
                        let mut request = bytes.to_vec();
                        while !is_whole(&request) && client.read_buf(&mut request).await? > 0 {}
                        ended.mark_unchanged();
                        state.failed.send_modify(|count| *count += 1);
                        _ = ended.changed().await;
                        server.write_all(&request).await?;
                        _ = server.read(&mut down).await?;
                        state.answered.lock().unwrap().extend(request_line);
                        return Ok(());
                    }
                    Some(StoreFailure::Fails) => return fail(&mut client).await,
                    _ => server.write_all(bytes).await?,
                }
            }
            count = server.read(&mut down) => {
                let bytes = &down[..count?];
                if bytes.is_empty() {
                    return Ok(());
                }
                if let Some(failure) = current_failure {
                    ended.mark_unchanged();
                    state.failed.send_modify(|count| *count += 1);
                    if failure == StoreFailure::WithholdsResponse {
                        _ = ended.changed().await;
                    }
                    return Ok(());
                }
                client.write_all(bytes).await?;
                state.answered.lock().unwrap().extend(request_line.take());
            }
        }
    }
}

/// Responds with 500, and reads the rest of the request so that the client can read the response.
async fn fail(client: &mut TcpStream) -> std::io::Result<()> {
    let response =
        "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    client.write_all(response.as_bytes()).await?;
    client.shutdown().await?;
    tokio::io::copy(client, &mut tokio::io::sink()).await?;
    Ok(())
}

/// Returns the first line if a request begins here.
fn first_line(bytes: &[u8]) -> Option<String> {
    let line = bytes.split(|byte| *byte == b'\r').next()?;
    let line = std::str::from_utf8(line).ok()?;
    line.ends_with(" HTTP/1.1").then(|| line.to_owned())
}

/// Whether the request was received completely.
fn is_whole(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&request[..end]).to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.map_or(0, |length| length.parse().unwrap());
    request.len() >= end + 4 + length
}

impl FaultState {
    fn filter(&self, line: &str) -> Option<StoreFailure> {
        self.requests.lock().unwrap().push(line.to_owned());
        let mut failure = self.failure.lock().unwrap();
        let (failure, filter) = failure.as_mut()?;
        filter(line).then_some(*failure)
    }
}
