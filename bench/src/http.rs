//! A minimal HTTP/1.1 client: one persistent connection and one request at a time, to keep measured times precise.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

/// Response timeout.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A connection.
pub struct Client(BufReader<TcpStream>);

/// A response, and its duration from the first byte sent to the last received.
pub struct Response {
    pub took: Duration,
    pub status: u16,
    pub body: Vec<u8>,
}

impl Client {
    pub fn connect(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).context("connecting to the server failed")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends a request created by [`request`].
    pub fn send(&mut self, request: &[u8]) -> Result<Response> {
        let begun = Instant::now();
        self.0.get_mut().write_all(request)?;
        let (status, body) = self.read()?;
        let took = begun.elapsed();
        Ok(Response { took, status, body })
    }

    /// Sends a query and returns the response.
    pub fn query(&mut self, query: &str, variables: &Value) -> Result<Value> {
        self.send(&request(query, variables))?.json()
    }

    /// Sends a query with an access token and returns the response.
    pub fn query_as(&mut self, token: &str, query: &str, variables: &Value) -> Result<Value> {
        self.send(&request_as(token, query, variables))?.json()
    }

    /// Sets the response timeout.
    pub fn set_timeout(&self, timeout: Duration) -> Result<()> {
        Ok(self.0.get_ref().set_read_timeout(Some(timeout))?)
    }

    /// Streams a request with a file in its body and returns the response.
    pub fn send_file(&mut self, before: &[u8], mut file: File, after: &[u8]) -> Result<Value> {
        let stream = self.0.get_mut();
        stream.write_all(before)?;
        io::copy(&mut file, stream)?;
        stream.write_all(after)?;
        serde_json::from_slice(&self.read()?.1).context("the response is not JSON")
    }

    /// Reads the status and the body of a response.
    fn read(&mut self) -> Result<(u16, Vec<u8>)> {
        let mut length = None;
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        let status = line
            .split(' ')
            .nth(1)
            .context("the server closed the connection")?
            .parse()?;
        loop {
            line.clear();
            ensure!(
                self.0.read_line(&mut line)? > 0,
                "the server closed the connection"
            );
            if line == "\r\n" {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = Some(value.trim().parse()?);
            }
        }
        let mut body = vec![0; length.context("the response has no content length")?];
        self.0.read_exact(&mut body)?;
        Ok((status, body))
    }
}

impl Response {
    pub fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body).context("the response is not JSON")
    }
}

/// Encodes a request. Called before the measured time starts.
pub fn request(query: &str, variables: &Value) -> Vec<u8> {
    encode("", query, variables)
}

/// Encodes a request with an access token.
pub fn request_as(token: &str, query: &str, variables: &Value) -> Vec<u8> {
    encode(
        &format!("\r\nAuthorization: Bearer {token}"),
        query,
        variables,
    )
}

fn encode(more: &str, query: &str, variables: &Value) -> Vec<u8> {
    post_json(
        "/graphql",
        more,
        &json!({"query": query, "variables": variables}),
    )
}

/// Encodes a request with a JSON body. `more` are additional headers, each after a line break.
pub fn post_json(path: &str, more: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    let length = body.len();
    let head = "HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json";
    format!("POST {path} {head}{more}\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
}
