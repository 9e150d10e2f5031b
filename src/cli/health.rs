//! `wares health`: checks the health of a server. For container images, which have no other HTTP client.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use crate::config::Config;
use anyhow::{Context, ensure};
use clap::Args;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::HOST;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::print_output;

/// The timeout of the request.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The maximum size of the response body in bytes.
const MAX_BODY: usize = 16 << 10;

/// The arguments of `wares health`.
#[derive(Clone, Copy, Debug, Args)]
pub struct Health {
    /// Check only whether the process is alive.
    #[arg(long)]
    live: bool,
    /// Address of the server. Default: `OPERATOR_LISTEN`, otherwise `WARES_LISTEN`.
    #[arg(long)]
    at: Option<SocketAddr>,
}

/// Requests the health, prints it, and returns failure unless the status is 200.
pub async fn check_health(config: &Config, health: Health) -> anyhow::Result<ExitCode> {
    let configured = || config.operator_listen.unwrap_or(config.listen);
    let address = reachable(health.at.unwrap_or_else(configured));
    ensure!(
        address.port() != 0,
        "the configured port is 0: pass the server's address with --at"
    );
    let path = if health.live {
        "/health/live"
    } else {
        "/health/ready"
    };
    let response = timeout(TIMEOUT, get(address, path)).await;
    let response = response.context("no response within 5 seconds").flatten();
    let (status, body) = response.with_context(|| format!("health check of {address} failed"))?;
    let text_of = |name: &str| body[name].as_str().unwrap_or("missing").to_owned();
    let line = match body.get("problem") {
        Some(_) => format!("{}: {}\n", text_of("status"), text_of("problem")),
        None => format!("{}\n", text_of("status")),
    };
    print_output(&line)?;
    Ok(if status == StatusCode::OK {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Replaces the unspecified address by the loopback address.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        });
    }
    address
}

async fn get(address: SocketAddr, path: &str) -> anyhow::Result<(StatusCode, Value)> {
    let stream = TcpStream::connect(address).await?;
    let (mut client, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = Request::get(path).header(HOST, address.to_string());
    let response = client
        .send_request(request.body(Empty::<Bytes>::new())?)
        .await?;
    let status = response.status();
    let body = Limited::new(response.into_body(), MAX_BODY).collect().await;
    let body = body.map_err(|_| anyhow::anyhow!("the response is incomplete or too large"))?;
    let body = serde_json::from_slice(&body.to_bytes());
    Ok((status, body.context("the response is not from Wares")?))
}
