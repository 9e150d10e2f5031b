//! An object store, and a way to it on which requests come to grief as a test says.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use wares::infra::storage::Storage;

use super::settings::config;

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The connection is closed, and the store hears nothing.
    Breaks,
    /// Nobody answers, and the store hears nothing.
    Hangs,
    /// It is answered with a 500, and the store hears nothing.
    Fails,
    /// The store does it, and the connection is closed in the place of an answer.
    LosesAnswer,
    /// The store does it, and its answer never comes.
    WithholdsAnswer,
    /// The store gets it when all is well again, though whoever sent it may be gone.
    ComesLate,
}

/// A store in the process of the tests. It is reached by a way that can be troubled.
pub struct TroubledStore {
    endpoint: String,
    desk: Arc<Desk>,
    keys: [(&'static str, String); 2],
    folder: TempDir,
    _server: Storage,
}

/// Whether a request, given by its first line, is troubled.
type Judge = Box<dyn FnMut(&str) -> bool + Send>;

struct Desk {
    trouble: Mutex<Option<(Trouble, Judge)>>,
    /// The first lines of the requests.
    seen: Mutex<Vec<String>>,
    /// Of those whose answers have passed.
    answered: Mutex<Vec<String>>,
    /// Counts the times that all was well again.
    mended: watch::Sender<usize>,
    /// Counts the answers that were lost or withheld, and the requests that come late.
    lost: watch::Sender<usize>,
}

impl TroubledStore {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = format!("--data-dir={}", folder.path().display());
        let server = Storage::connect(&config(&[&data, "--listen=127.0.0.1:0"])).await;
        let place = std::fs::read(folder.path().join("objects/.server")).unwrap();
        let place: Value = serde_json::from_slice(&place).unwrap();
        let text = |name: &str| place[name].as_str().unwrap().to_owned();
        let desk = Arc::new(Desk {
            trouble: Mutex::default(),
            seen: Mutex::default(),
            answered: Mutex::default(),
            mended: watch::Sender::new(0),
            lost: watch::Sender::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let address: SocketAddr = text("address").parse().unwrap();
        tokio::spawn(listen(listener, address, desk.clone()));
        Self {
            endpoint,
            desk,
            keys: [
                ("AWS_ACCESS_KEY_ID", text("id")),
                ("AWS_SECRET_ACCESS_KEY", text("secret")),
            ],
            folder,
            _server: server.unwrap(),
        }
    }

    /// The settings of a server that uses this store.
    pub fn flags(&self) -> [String; 2] {
        let endpoint = format!("--s3-endpoint={}", self.endpoint);
        [endpoint, "--s3-bucket=wares".to_owned()]
    }

    /// The keys, as variables.
    pub fn variables(&self) -> &[(&'static str, String)] {
        &self.keys
    }

    /// The same for a shop in this process.
    pub fn keys(&self) -> SharedCredentialsProvider {
        let [(_, id), (_, secret)] = &self.keys;
        SharedCredentialsProvider::new(Credentials::new(id, secret, None, None, "tests"))
    }

    /// Troubles the requests whose first lines the judge names, such as `PUT /wares/products/...?partNumber=1... HTTP/1.1`.
    pub fn trouble(&self, trouble: Trouble, judge: impl FnMut(&str) -> bool + Send + 'static) {
        *self.desk.trouble.lock().unwrap() = Some((trouble, Box::new(judge)));
    }

    /// From now on all is well. What hangs is closed.
    pub fn mend(&self) {
        *self.desk.trouble.lock().unwrap() = None;
        self.desk.mended.send_modify(|count| *count += 1);
    }

    /// Waits until an answer was lost or withheld, or all of a request is there that comes late, so many times in all.
    pub async fn has_lost(&self, times: usize) {
        let mut lost = self.desk.lost.subscribe();
        lost.wait_for(|count| *count >= times).await.unwrap();
    }

    /// How many requests have come whose first lines contain this.
    pub fn requests(&self, containing: &str) -> usize {
        let seen = self.desk.seen.lock().unwrap();
        seen.iter().filter(|line| line.contains(containing)).count()
    }

    /// How many of them have been answered.
    pub fn answers(&self, containing: &str) -> usize {
        let answered = self.desk.answered.lock().unwrap();
        answered
            .iter()
            .filter(|line| line.contains(containing))
            .count()
    }

    /// The keys of the objects in it, in order.
    pub fn objects(&self) -> Vec<String> {
        let bucket = self.folder.path().join("objects/wares");
        let mut files = Vec::new();
        walk(&bucket, &mut files);
        let keys = files.iter().map(|path| path.strip_prefix(&bucket).unwrap());
        let mut keys: Vec<_> = keys.map(|key| key.display().to_string()).collect();
        keys.sort();
        keys
    }

    /// What is left of uploads in parts, and what is kept beside objects: the names of the files.
    pub fn leftovers(&self) -> Vec<String> {
        let folder = std::fs::read_dir(self.folder.path().join("objects")).unwrap();
        let names = folder.map(|entry| entry.unwrap().file_name().display().to_string());
        names
            .filter(|name| name != "wares" && name != ".server")
            .collect()
    }

    /// Whether there is nothing in it, not even a part of an upload.
    pub fn is_empty(&self) -> bool {
        self.objects().is_empty() && self.leftovers().is_empty()
    }
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    // A folder may be removed meanwhile.
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            walk(&path, files);
        } else {
            files.push(path);
        }
    }
}

async fn listen(listener: TcpListener, server: SocketAddr, desk: Arc<Desk>) {
    while let Ok((client, _)) = listener.accept().await {
        let desk = desk.clone();
        // Who hangs up has his reasons.
        tokio::spawn(async move { _ = carry(client, server, &desk).await });
    }
}

/// Carries the requests of a connection, one after another, and their answers.
async fn carry(mut client: TcpStream, server: SocketAddr, desk: &Desk) -> std::io::Result<()> {
    let mut mended = desk.mended.subscribe();
    let mut server = TcpStream::connect(server).await?;
    let (mut up, mut down) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    let (mut troubled, mut asked) = (None, None);
    loop {
        tokio::select! {
            count = client.read(&mut up) => {
                let bytes = &up[..count?];
                if bytes.is_empty() {
                    return Ok(());
                }
                if let Some(line) = first_line(bytes) {
                    troubled = desk.judge(&line);
                    asked = Some(line);
                }
                match troubled {
                    Some(Trouble::Breaks) => return Ok(()),
                    Some(Trouble::Hangs) => {
                        mended.mark_unchanged();
                        _ = mended.changed().await;
                        return Ok(());
                    }
                    Some(Trouble::ComesLate) => {
                        let mut request = bytes.to_vec();
                        while !is_whole(&request) && client.read_buf(&mut request).await? > 0 {}
                        mended.mark_unchanged();
                        desk.lost.send_modify(|count| *count += 1);
                        _ = mended.changed().await;
                        server.write_all(&request).await?;
                        _ = server.read(&mut down).await?;
                        desk.answered.lock().unwrap().extend(asked);
                        return Ok(());
                    }
                    Some(Trouble::Fails) => return fail(&mut client).await,
                    _ => server.write_all(bytes).await?,
                }
            }
            count = server.read(&mut down) => {
                let bytes = &down[..count?];
                if bytes.is_empty() {
                    return Ok(());
                }
                if let Some(trouble) = troubled {
                    mended.mark_unchanged();
                    desk.lost.send_modify(|count| *count += 1);
                    if trouble == Trouble::WithholdsAnswer {
                        _ = mended.changed().await;
                    }
                    return Ok(());
                }
                client.write_all(bytes).await?;
                desk.answered.lock().unwrap().extend(asked.take());
            }
        }
    }
}

/// Answers, and takes what is still sent, so that the answer is read.
async fn fail(client: &mut TcpStream) -> std::io::Result<()> {
    let answer =
        "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    client.write_all(answer.as_bytes()).await?;
    client.shutdown().await?;
    tokio::io::copy(client, &mut tokio::io::sink()).await?;
    Ok(())
}

/// The first line, when a request begins here.
fn first_line(bytes: &[u8]) -> Option<String> {
    let line = bytes.split(|byte| *byte == b'\r').next()?;
    let line = std::str::from_utf8(line).ok()?;
    line.ends_with(" HTTP/1.1").then(|| line.to_owned())
}

/// Whether all of a request is there.
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

impl Desk {
    fn judge(&self, line: &str) -> Option<Trouble> {
        self.seen.lock().unwrap().push(line.to_owned());
        let mut trouble = self.trouble.lock().unwrap();
        let (trouble, judge) = trouble.as_mut()?;
        judge(line).then_some(*trouble)
    }
}
