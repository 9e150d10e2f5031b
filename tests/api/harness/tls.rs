//! TLS servers with certificates of a test authority, and an HTTP proxy.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// A certificate authority.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// The path of its certificate.
    pub file: PathBuf,
}

/// The validity of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateKind {
    Valid,
    Expired,
    WrongName,
}

impl Authority {
    /// Creates an authority, and writes its certificate to this folder.
    pub fn new(folder: &Path) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let file = folder.join("authority.pem");
        std::fs::write(&file, certificate.pem()).unwrap();
        Self {
            issuer: Issuer::new(params, key),
            file,
        }
    }

    fn server(&self, name: &str, certificate_kind: CertificateKind) -> Arc<ServerConfig> {
        let name = match certificate_kind {
            CertificateKind::WrongName => "another.test",
            _ => name,
        };
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        if certificate_kind == CertificateKind::Expired {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        Arc::new(config)
    }
}

/// A TLS proxy in front of a loopback server without TLS.
pub struct TlsProxy {
    pub port: u16,
}

impl TlsProxy {
    /// Starts a proxy with a certificate for this host. With `starttls`, it begins with the SMTP command
    /// `STARTTLS`.
    pub async fn before(
        server: SocketAddr,
        authority: &Authority,
        (name, certificate_kind): (&str, CertificateKind),
        starttls: bool,
    ) -> Self {
        let acceptor = TlsAcceptor::from(authority.server(name, certificate_kind));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(forward(stream, acceptor.clone(), server, starttls));
            }
        });
        Self { port }
    }
}

async fn forward(
    mut stream: TcpStream,
    acceptor: TlsAcceptor,
    server: SocketAddr,
    starttls: bool,
) -> io::Result<()> {
    let mut server = TcpStream::connect(server).await?;
    if starttls {
        // Skips the greeting of the server, which the proxy sends itself.
        let mut byte = [0];
        while byte != *b"\n" {
            server.read_exact(&mut byte).await?;
        }
        let mut lines = BufReader::new(&mut stream);
        lines
            .get_mut()
            .write_all(b"220 front.test ESMTP\r\n")
            .await?;
        let mut line = String::new();
        lines.read_line(&mut line).await?;
        let capabilities = b"250-front.test\r\n250 STARTTLS\r\n";
        lines.get_mut().write_all(capabilities).await?;
        line.clear();
        lines.read_line(&mut line).await?;
        assert_eq!(line, "STARTTLS\r\n");
        lines.get_mut().write_all(b"220 2.0.0 go ahead\r\n").await?;
    }
    let mut stream = acceptor.accept(stream).await?;
    _ = copy_bidirectional(&mut stream, &mut server).await?;
    Ok(())
}

/// An HTTP proxy that resolves every host to this machine.
pub struct HttpProxy {
    pub address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl HttpProxy {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let seen = heads.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(forward_request(stream, seen.clone()));
            }
        });
        Self { address, heads }
    }

    /// Returns the heads of the requests since the last call.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.heads.lock().unwrap())
    }
}

async fn forward_request(mut client: TcpStream, heads: Arc<Mutex<Vec<String>>>) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    let text = String::from_utf8(head.clone()).unwrap();
    heads.lock().unwrap().push(text.clone());
    let target = text.split(' ').nth(1).unwrap();
    let target = target.strip_prefix("http://").unwrap_or(target);
    let host = target.split('/').next().unwrap();
    let port: u16 = host.rsplit(':').next().unwrap().parse().unwrap();
    let mut server = TcpStream::connect(("127.0.0.1", port)).await?;
    if text.starts_with("CONNECT ") {
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    } else {
        server.write_all(&head).await?;
    }
    _ = copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}
