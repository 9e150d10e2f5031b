//! The program as a child process.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::NamedTempFile;
use wares::infra::database::Address;

use super::PASSWORD;

/// The timeout of any operation of a test.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A small request that needs no database.
pub const TYPENAME_REQUEST: &str =
    "GET /graphql?query=%7B__typename%7D HTTP/1.1\r\nHost: shop\r\n\r\n";
/// The body of the response to [`TYPENAME_REQUEST`].
pub const TYPENAME_BODY: &str = "{\"data\":{\"__typename\":\"Query\"}}";

/// A running server process. It is killed on drop.
pub struct Process {
    child: Child,
    log: NamedTempFile,
    /// The address at which it listens.
    pub address: String,
}

impl Process {
    /// Returns a command for the program with these arguments, in this working directory and with an empty
    /// environment.
    pub fn command(folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wares"));
        command
            .args(arguments)
            .current_dir(folder)
            .env_clear()
            .stdin(Stdio::null());
        command
    }

    /// Runs the program until it exits.
    pub fn run(folder: &Path, arguments: &[&str]) -> Output {
        Self::command(folder, arguments).output().unwrap()
    }

    /// Starts a server on a free port and waits until it listens.
    pub fn serve(folder: &Path, arguments: &[&str]) -> Self {
        Self::serve_with(folder, arguments, Stdio::null())
    }

    /// Like [`Process::serve`], with another standard output.
    pub fn serve_with(folder: &Path, arguments: &[&str], stdout: Stdio) -> Self {
        let mut command = Self::command(folder, arguments);
        command.stdout(stdout);
        Self::serve_command(folder, command)
    }

    /// Like [`Process::serve`], for a prepared command.
    pub fn serve_command(folder: &Path, command: Command) -> Self {
        Self::serve_on_port(folder, command, 0)
    }

    /// Like [`Process::serve_command`], at this port.
    pub fn serve_on_port(folder: &Path, mut command: Command, port: u16) -> Self {
        let log = NamedTempFile::new_in(folder).unwrap();
        let child = command
            .arg(format!("--listen=127.0.0.1:{port}"))
            .stderr(log.reopen().unwrap())
            .spawn()
            .unwrap();
        let mut process = Self {
            child,
            log,
            address: String::new(),
        };
        let started_at = Instant::now();
        loop {
            let printed = process.log();
            if let Some((_, rest)) = printed.split_once("listening address=") {
                let address = rest.split_whitespace().next().unwrap();
                address.clone_into(&mut process.address);
                return process;
            }
            let ended = process.child.try_wait().unwrap();
            assert!(ended.is_none(), "the server exited: {printed}");
            assert!(
                started_at.elapsed() < TIMEOUT,
                "the server does not start: {printed}"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Returns the standard output of a starting server up to the hint on Ctrl+C. Its log is the file `log` in
    /// the folder.
    pub fn startup_output(folder: &Path, arguments: &[&str]) -> String {
        let mut child = Self::command(folder, arguments)
            .arg("--listen=127.0.0.1:0")
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(folder.join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut printed = String::new();
        let mut stdout = child.stdout.take().unwrap();
        while !printed.contains("Ctrl+C") {
            let mut bytes = [0; 1024];
            let count = stdout.read(&mut bytes).unwrap();
            assert!(count > 0, "{printed}");
            printed.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
        }
        child.kill().unwrap();
        child.wait().unwrap();
        printed
    }

    /// Returns the log so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log.path()).unwrap()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let done = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(done.unwrap().success());
    }

    /// Returns the number of open files and connections.
    pub fn open_files(&self) -> usize {
        let folder = format!("/proc/{}/fd", self.id());
        std::fs::read_dir(folder).unwrap().count()
    }

    /// Returns the number of open sockets.
    pub fn open_sockets(&self) -> usize {
        let folder = format!("/proc/{}/fd", self.id());
        let files = std::fs::read_dir(folder).unwrap();
        let targets = files.filter_map(|file| std::fs::read_link(file.ok()?.path()).ok());
        let is_socket =
            |target: &std::path::PathBuf| target.to_string_lossy().starts_with("socket:");
        targets.filter(is_socket).count()
    }

    /// Returns the anonymous resident memory in KiB, which excludes pages of the executable.
    pub fn memory(&self) -> usize {
        let status = format!("/proc/{}/status", self.id());
        let status = std::fs::read_to_string(status).unwrap();
        let mut lines = status.lines();
        let line = lines.find(|line| line.starts_with("RssAnon")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Logs in and returns the access token.
    pub fn sign_in(&self, email: &str) -> String {
        let login = json!({
            "query": "mutation($input: LoginInput!) { login(input: $input) { accessToken } }",
            "variables": {"input": {"email": email, "password": PASSWORD}},
        });
        let response = http_post(&self.address, &login.to_string());
        let (_, body) = response.split_once("\r\n\r\n").unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        let token = &body["data"]["login"]["accessToken"];
        token.as_str().unwrap().to_owned()
    }

    /// Begins a multipart request whose `Content-Length` is `length`.
    pub fn begin_upload(&self, token: &str, body: &[u8], length: usize) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(TIMEOUT)).unwrap();
        let write_timeout = Some(Duration::from_secs(5));
        stream.set_write_timeout(write_timeout).unwrap();
        let head = upload_head(token, length);
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        stream
    }

    /// Sends a multipart request and returns the response. Returns an empty text if the server closed the
    /// connection before all was sent and the response was lost.
    pub fn upload(&self, token: &str, body: &[u8]) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_mins(2)))
            .unwrap();
        let head = upload_head(token, body.len());
        let head = head.replacen("\r\n", "\r\nConnection: close\r\n", 1);
        stream.write_all(head.as_bytes()).unwrap();
        // A server may respond with an error before it has read the body.
        _ = stream.write_all(body);
        let mut response = Vec::new();
        // A reset connection has no response.
        _ = stream.read_to_end(&mut response);
        String::from_utf8(response).unwrap()
    }

    /// Waits until the process exits. Returns whether it succeeded.
    pub fn wait(&mut self) -> bool {
        let started_at = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.success();
            }
            assert!(started_at.elapsed() < TIMEOUT, "the server does not exit");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn upload_head(token: &str, length: usize) -> String {
    format!(
        "POST /graphql HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer {token}\r\napollo-require-preflight: true\r\n\
         Content-Type: multipart/form-data; boundary=seam\r\nContent-Length: {length}\r\n\r\n"
    )
}

/// Returns the single error line that a failed start prints to standard error.
pub fn error_line(output: &Output) -> String {
    assert!(!output.status.success());
    let printed = String::from_utf8(output.stderr.clone()).unwrap();
    let lines: Vec<_> = printed
        .lines()
        .filter(|line| line.starts_with("wares: "))
        .collect();
    assert_eq!(lines.len(), 1, "{printed}");
    // Trace logs of other threads may follow the error line.
    let mut lines_before_error = printed.lines().filter(|line| !line.contains(" TRACE "));
    assert_eq!(lines_before_error.next_back(), Some(lines[0]));
    lines[0].to_owned()
}

/// Returns the flag for a database with its address, including the password.
pub fn database_flag(address: &Address) -> String {
    match address {
        Address::Sqlite(path) => format!("--database-url=sqlite://{}", path.display()),
        Address::Postgres(url) => format!("--database-url={}", url.expose()),
    }
}

/// Sends a GET request and returns the head and body of the response.
pub fn http_get(address: &str, path: &str) -> String {
    let head = format!("GET {path} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n");
    exchange(address, &head)
}

/// Sends a GraphQL request and returns the head and body of the response.
pub fn http_post(address: &str, body: &str) -> String {
    http_post_with(address, "", body)
}

/// Like [`http_post`], with additional headers, each with its line end.
pub fn http_post_with(address: &str, extra_headers: &str, body: &str) -> String {
    let length = body.len();
    let request = format!(
        "POST /graphql HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nContent-Type: application/json\r\n{extra_headers}Content-Length: {length}\r\n\r\n{body}"
    );
    exchange(address, &request)
}

/// Sends a GraphQL request with this access token and returns the response body. Returns `None` if the connection
/// fails.
pub fn post_with_token(address: &str, token: &str, body: &Value) -> Option<Value> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(TIMEOUT)).ok()?;
    let body = body.to_string();
    let length = body.len();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all([head, body].concat().as_bytes()).ok()?;
    let mut response = String::new();
    stream.read_to_string(&mut response).ok()?;
    let (_, body) = response.split_once("\r\n\r\n")?;
    serde_json::from_str(body).ok()
}

/// Sends [`TYPENAME_REQUEST`] on a keep-alive connection. Returns the response with its head in lower case, or `None` if
/// the connection was closed.
pub fn send_keep_alive(mut stream: &TcpStream) -> Option<String> {
    stream.write_all(TYPENAME_REQUEST.as_bytes()).ok()?;
    let mut got = Vec::new();
    while !got.ends_with(TYPENAME_BODY.as_bytes()) {
        let mut bytes = [0; 1024];
        match stream.read(&mut bytes) {
            Ok(0) => return None,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::ConnectionReset);
                return None;
            }
            Ok(count) => got.extend_from_slice(&bytes[..count]),
        }
    }
    Some(String::from_utf8(got).unwrap().to_lowercase())
}

fn exchange(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}
