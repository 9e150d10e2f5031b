//! The embedded object store: an S3 server on the loopback interface that stores files in the data folder.
//!
//! Objects can be read without a signature, for browsers. All other requests must be signed with credentials that the
//! process generates at start. Of several processes with the same folder, the first one serves all of them.

mod access;
mod files;
mod folder_lock;
mod http;
mod parts;

use std::fs::DirBuilder;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use aws_sdk_s3::config::Credentials;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::config::Config;

use self::access::Access;
use self::files::Files;
use self::folder_lock::{FolderLock, ServerLocation};

/// A server in this process, or in another one with the same folder. Stops when this is dropped.
pub(super) struct Embedded {
    location: ServerLocation,
    server: Option<(JoinHandle<()>, FolderLock)>,
}

impl Embedded {
    /// Starts the server. Returns it with the folder of its files.
    ///
    /// # Errors
    /// Returns one line for the operator: the folder can't be created, or the address is in use.
    pub(super) async fn start(config: &Config) -> anyhow::Result<(Self, PathBuf)> {
        config.create_data_folder()?;
        let folder = config.data_dir.join("objects");
        let made = DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder);
        made.with_context(|| format!("can't create the folder {}", folder.display()))?;
        let started = Self::start_in(config, &folder).await;
        let started =
            started.with_context(|| format!("can't serve the images in {}", folder.display()))?;
        Ok((started, folder))
    }

    async fn start_in(config: &Config, folder: &Path) -> anyhow::Result<Self> {
        let folder_lock = match folder_lock::take(folder).await? {
            Ok(folder_lock) => folder_lock,
            Err(location) => {
                let address = location.address;
                tracing::info!(%address, "using the embedded object store of another process");
                return Ok(Self {
                    location,
                    server: None,
                });
            }
        };
        files::clear_leftovers(folder)?;
        let listener = listen(config).await?;
        let location = ServerLocation::new(listener.local_addr()?);
        let mut builder = S3ServiceBuilder::new(Files::new(folder)?);
        builder.set_auth(SimpleAuth::from_single(
            location.id.as_str(),
            location.secret.as_str(),
        ));
        builder.set_access(Access);
        let server = tokio::spawn(http::serve(listener, builder.build()));
        folder_lock.publish(&location)?;
        Ok(Self {
            location,
            server: Some((server, folder_lock)),
        })
    }

    /// Returns the base URL of the server.
    pub(super) fn address(&self) -> String {
        format!("http://{}", self.location.address)
    }

    /// Returns the credentials of the server.
    pub(super) fn keys(&self) -> Credentials {
        let ServerLocation { id, secret, .. } = &self.location;
        Credentials::new(id, secret, None, None, "embedded")
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        if let Some((server, _)) = &self.server {
            server.abort();
        }
    }
}

/// Returns a listener on the configured address. Default: the port after that of the API, which is the same after a
/// restart so that image URLs stay valid, or else any free port.
async fn listen(config: &Config) -> anyhow::Result<TcpListener> {
    if let Some(address) = config.storage.s3_embedded_listen {
        let bound = TcpListener::bind(address).await;
        return bound.with_context(|| format!("can't listen on {address} (S3_EMBEDDED_LISTEN)"));
    }
    let next = match config.listen.port() {
        0 => 0,
        port => port.checked_add(1).unwrap_or_default(),
    };
    for port in [next, 0] {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if let Ok(listener) = TcpListener::bind(address).await {
            return Ok(listener);
        }
    }
    anyhow::bail!("no free port on the loopback interface")
}
