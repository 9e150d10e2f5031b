//! URLs of the server for its clients.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::Config;

impl Config {
    /// Returns the public URL of a server that listens on `address`. Without `PUBLIC_URL`, that of a server on all
    /// addresses is its URL for this machine.
    pub fn public_url(&self, mut address: SocketAddr) -> String {
        if address.ip().is_unspecified() {
            address.set_ip(match address.ip() {
                IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
            });
        }
        let url = format!("http://{address}");
        // Clients omit the default port from the Host header, which is signed.
        let url = || url.strip_suffix(":80").unwrap_or(&url).to_owned();
        self.public_url.clone().unwrap_or_else(url)
    }

    /// Returns whether the URLs of embedded images work on this machine only, although others are expected to use it.
    pub fn has_unreachable_image_urls(&self) -> bool {
        let storage = &self.storage;
        let given = [
            &self.public_url,
            &storage.s3_public_endpoint,
            &storage.s3_public_url,
        ];
        let is_local = self.is_development() && self.listen.ip().is_loopback();
        given.into_iter().all(Option::is_none) && !is_local
    }
}
