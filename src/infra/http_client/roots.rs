//! The root certificates that all outgoing connections trust: built-in ones, those of the system, and those in
//! `SSL_CERT_FILE` and `SSL_CERT_DIR`. They are loaded once per process.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use anyhow::{Context, bail};
use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lettre::transport::smtp::client::{Certificate, CertificateStore, TlsParameters};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore, crypto};

/// Bundles of the certificates that systems trust: Debian and Alpine, Fedora and RHEL, SUSE, the BSDs and macOS. The
/// first that exists is loaded.
const SYSTEM: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/var/lib/ca-certificates/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// The trusted root certificates, in the forms that the different clients need.
#[derive(Debug)]
pub struct Roots {
    certificates: Vec<CertificateDer<'static>>,
    config: ClientConfig,
}

static ROOTS: OnceLock<Roots> = OnceLock::new();

/// Loads the certificates at start.
///
/// # Errors
/// When the file of `SSL_CERT_FILE` can't be read, or contains an invalid certificate. The error names the file.
pub(super) fn load() -> anyhow::Result<()> {
    let mut found = Found::of_system();
    found.add_named()?;
    _ = ROOTS.set(found.into());
    Ok(())
}

/// Returns the certificates. Loads them if `load` was not called.
pub fn roots() -> &'static Roots {
    ROOTS.get_or_init(|| {
        let mut found = Found::of_system();
        if let Err(error) = found.add_named() {
            tracing::warn!(error = format!("{error:#}"), "certificate file ignored");
        }
        found.into()
    })
}

impl Roots {
    /// Returns the configuration of HTTPS clients.
    pub fn https(&self) -> ClientConfig {
        self.config.clone()
    }

    /// Returns the configuration of an SMTP client for this host.
    ///
    /// # Errors
    /// When the host is not a name that a certificate could be issued for.
    pub fn smtp(&self, host: String) -> Result<TlsParameters, lettre::transport::smtp::Error> {
        let mut builder = TlsParameters::builder(host).certificate_store(CertificateStore::None);
        for certificate in &self.certificates {
            let certificate = Certificate::from_der(certificate.to_vec())?;
            builder = builder.add_root_certificate(certificate);
        }
        builder.build()
    }

    /// Returns the configuration of the S3 client.
    ///
    /// # Errors
    /// When the library rejects the certificates.
    pub fn object_store(&self) -> anyhow::Result<TlsContext> {
        let store = TrustStore::empty().with_pem_certificate(self.pem());
        let context = TlsContext::builder().with_trust_store(store).build();
        context.context("the object store's client rejected the trusted certificates")
    }

    fn pem(&self) -> String {
        let certificates = self.certificates.iter().map(|certificate| {
            let text = STANDARD.encode(certificate);
            format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
        });
        certificates.collect()
    }
}

impl From<Found> for Roots {
    fn from(found: Found) -> Self {
        let provider = Arc::new(crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider);
        #[expect(
            clippy::expect_used,
            reason = "the provider knows ciphers of both versions"
        )]
        let builder = builder
            .with_safe_default_protocol_versions()
            .expect("TLS 1.2 and 1.3 can be spoken");
        Self {
            certificates: found.certificates,
            config: builder
                .with_root_certificates(found.store)
                .with_no_client_auth(),
        }
    }
}

/// The certificates loaded so far.
struct Found {
    certificates: Vec<CertificateDer<'static>>,
    store: RootCertStore,
}

impl Found {
    /// Loads the built-in certificates and those of the system.
    fn of_system() -> Self {
        let mut found = Self {
            certificates: Vec::new(),
            store: RootCertStore::empty(),
        };
        for certificate in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
            found.add(certificate.clone());
        }
        let system = SYSTEM.iter().map(Path::new).find(|path| path.exists());
        // The operator does not maintain this file, so invalid content does not fail the start.
        for certificate in system
            .and_then(|path| CertificateDer::pem_file_iter(path).ok())
            .into_iter()
            .flatten()
            .flatten()
        {
            found.add(certificate);
        }
        found
    }

    /// Adds the certificates that the operator configured.
    fn add_named(&mut self) -> anyhow::Result<()> {
        if let Some(file) = variable("SSL_CERT_FILE") {
            let file = PathBuf::from(file);
            self.add_file(&file)
                .with_context(|| format!("SSL_CERT_FILE: {}", file.display()))?;
        }
        let folders = variable("SSL_CERT_DIR").unwrap_or_default();
        for folder in env::split_paths(&folders).filter(|path| !path.as_os_str().is_empty()) {
            self.add_folder(&folder);
        }
        Ok(())
    }

    /// Adds the certificates of a file, which must contain at least one, and no invalid one.
    fn add_file(&mut self, file: &Path) -> anyhow::Result<()> {
        let bytes = std::fs::read(file)?;
        let mut count = 0;
        for certificate in CertificateDer::pem_slice_iter(&bytes) {
            count += 1;
            let certificate = certificate.ok();
            if !certificate.is_some_and(|certificate| self.add(certificate)) {
                bail!("certificate {count} is damaged");
            }
        }
        if count == 0 {
            bail!("holds no certificate in PEM format");
        }
        Ok(())
    }

    /// Adds the certificates of a folder, which may contain other files, such as keys and lists.
    fn add_folder(&mut self, folder: &Path) {
        let entries = match folder.read_dir() {
            Ok(entries) => entries,
            Err(error) => {
                let folder = folder.display();
                tracing::warn!(%folder, %error, "a folder of SSL_CERT_DIR can't be read");
                return;
            }
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            if !path.is_file() {
                continue;
            }
            if let Err(error) = self.add_file(&path) {
                let (file, error) = (path.display(), format!("{error:#}"));
                tracing::warn!(%file, error, "a file of SSL_CERT_DIR is ignored");
            }
        }
    }

    /// Adds a certificate unless it is a duplicate. Returns `false` if it is invalid.
    fn add(&mut self, certificate: CertificateDer<'static>) -> bool {
        if self.certificates.contains(&certificate) {
            return true;
        }
        if self.store.add(certificate.clone()).is_err() {
            return false;
        }
        self.certificates.push(certificate);
        true
    }
}

/// Returns an environment variable if it is not empty.
fn variable(name: &str) -> Option<std::ffi::OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}
