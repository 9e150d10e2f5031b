//! `wares health`: what a server says of itself. For container images, which have nothing else to ask with.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

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
use wares::config::Config;

use super::say;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many bytes it may have.
const MOST: usize = 16 << 10;

/// Whom to ask what.
#[derive(Clone, Copy, Debug, Args)]
pub struct Health {
    /// Ask only whether the process lives.
    #[arg(long)]
    live: bool,
    /// Where the server listens. Default: `OPERATOR_LISTEN`, or else `WARES_LISTEN`.
    #[arg(long)]
    at: Option<SocketAddr>,
}

/// Asks, prints what was answered, and fails unless that was good.
pub async fn ask(config: &Config, health: Health) -> anyhow::Result<ExitCode> {
    let configured = || config.operator_listen.unwrap_or(config.listen);
    let address = reachable(health.at.unwrap_or_else(configured));
    ensure!(
        address.port() != 0,
        "the server takes a free port: say which with --at"
    );
    let path = if health.live {
        "/health/live"
    } else {
        "/health/ready"
    };
    let answer = timeout(PATIENCE, get(address, path)).await;
    let answer = answer.context("it does not answer").flatten();
    let (status, body) = answer.with_context(|| format!("can't ask {address}"))?;
    let told = |name: &str| body[name].as_str().unwrap_or("no words for it").to_owned();
    let line = match body.get("problem") {
        Some(_) => format!("{}: {}\n", told("status"), told("problem")),
        None => format!("{}\n", told("status")),
    };
    say(&line)?;
    Ok(if status == StatusCode::OK {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// One that listens on all addresses is asked on this machine's own.
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
    let answer = client
        .send_request(request.body(Empty::<Bytes>::new())?)
        .await?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), MOST).collect().await;
    let body = body.map_err(|_| anyhow::anyhow!("it broke off"))?;
    let body = serde_json::from_slice(&body.to_bytes());
    Ok((status, body.context("this is no server of ours")?))
}
