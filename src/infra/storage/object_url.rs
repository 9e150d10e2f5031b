//! URLs of objects for clients, presigned without a request to the store.

use std::fmt::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::runtime::Handle;
use tokio::time::{interval, timeout};

use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};

/// The lifetime of a presigned URL.
const LIFETIME: Duration = Duration::from_hours(2);
/// The time in seconds for which the same URL is returned for an object.
const URL_ROTATION_SECONDS: i64 = 30 * 60;
/// The time before their expiry at which credentials are renewed.
const RENEW_BEFORE: Duration = Duration::from_mins(10);
/// The interval of checks for that.
const CHECK_INTERVAL: Duration = Duration::from_mins(1);
/// The timeout of the credentials provider.
const CREDENTIALS_TIMEOUT: Duration = Duration::from_secs(10);
/// The characters that are not percent-encoded in a path, as S3 signs paths.
const PATH_ENCODING: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/');

/// A presigned upload: the client sends a PUT to this URL with these signed headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresignedPut {
    /// The URL. It authorizes the upload by itself, so it is a secret.
    pub url: String,
    /// The headers to send. Browsers set `content-length` themselves, from the body.
    pub headers: Vec<(String, String)>,
}

/// Creates the URLs of objects.
pub(super) struct ObjectUrls {
    /// The URL of the bucket, without the slash at the end.
    base: String,
    region: String,
    /// The base URL for public reads without a signature, if they are allowed.
    public: Option<String>,
    keys: Arc<CachedCredentials>,
}

/// The cached signing credentials.
struct CachedCredentials {
    provider: SharedCredentialsProvider,
    cached: RwLock<Credentials>,
    is_renewing: AtomicBool,
}

impl ObjectUrls {
    /// Creates the URLs of a bucket. `base` and `public` are its URLs without the slash at the end.
    ///
    /// # Errors
    /// When there are no credentials.
    pub(super) async fn new(
        base: String,
        region: String,
        public: Option<String>,
        provider: SharedCredentialsProvider,
    ) -> anyhow::Result<Self> {
        let cached = timeout(CREDENTIALS_TIMEOUT, provider.provide_credentials()).await??;
        let do_expire = cached.expiry().is_some();
        let keys = Arc::new(CachedCredentials {
            provider,
            cached: RwLock::new(cached),
            is_renewing: AtomicBool::new(false),
        });
        if do_expire {
            tokio::spawn(renew_periodically(Arc::downgrade(&keys)));
        }
        Ok(Self {
            base,
            region,
            public,
            keys,
        })
    }

    /// Returns the URL for reading an object.
    pub(super) fn get(&self, key: &str, now: Timestamp) -> String {
        let path = utf8_percent_encode(key, PATH_ENCODING);
        if let Some(public) = &self.public {
            return format!("{public}/{path}");
        }
        let signed_at = Timestamp::from_seconds(
            now.seconds().div_euclid(URL_ROTATION_SECONDS) * URL_ROTATION_SECONDS,
        );
        let url = format!("{}/{path}", self.base);
        self.sign("GET", &url, &[], signed_at, LIFETIME)
            // A URL that the store rejects is better than failing a whole list of products.
            .unwrap_or_else(|error| {
                error.log("failed to presign an object URL");
                url
            })
    }

    /// Returns a presigned upload for a client.
    pub(super) fn put(
        &self,
        key: &str,
        content_type: &str,
        bytes: u64,
        lifetime: Duration,
        now: Timestamp,
    ) -> Result<PresignedPut> {
        let headers = vec![
            ("content-length".to_owned(), bytes.to_string()),
            ("content-type".to_owned(), content_type.to_owned()),
        ];
        let url = format!("{}/{}", self.base, utf8_percent_encode(key, PATH_ENCODING));
        let url = self.sign("PUT", &url, &headers, now, lifetime)?;
        Ok(PresignedPut { url, headers })
    }

    fn sign(
        &self,
        method: &str,
        url: &str,
        headers: &[(String, String)],
        now: Timestamp,
        lifetime: Duration,
    ) -> Result<String> {
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(lifetime);
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::NoHeader;
        let identity = self.keys.get().into();
        let (seconds, _) = now.since_epoch();
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("s3")
            .time(UNIX_EPOCH + Duration::from_secs(seconds))
            .settings(settings)
            .build()
            .map_err(Error::internal)?
            .into();
        let headers = headers.iter();
        let headers = headers.map(|(name, value)| (name.as_str(), value.as_str()));
        let body = SignableBody::UnsignedPayload;
        let request = SignableRequest::new(method, url, headers, body).map_err(Error::internal)?;
        let signed = sign(request, &parameters).map_err(Error::internal)?;
        let (instructions, _) = signed.into_parts();
        let mut url = url.to_owned();
        for (index, (name, value)) in instructions.params().iter().enumerate() {
            let separator = if index == 0 { '?' } else { '&' };
            let value = utf8_percent_encode(value, QUERY_ENCODING);
            _ = write!(url, "{separator}{name}={value}");
        }
        Ok(url)
    }
}

/// The characters that are not percent-encoded in a query.
const QUERY_ENCODING: &AsciiSet = &PATH_ENCODING.add(b'/');

impl CachedCredentials {
    fn get(self: &Arc<Self>) -> Credentials {
        let cached = self.cached.read().unwrap_or_else(PoisonError::into_inner);
        let cached = cached.clone();
        if cached.expiry().is_some_and(expires_soon) {
            self.renew();
        }
        cached
    }

    /// Renews the credentials in the background, unless that is being done.
    fn renew(self: &Arc<Self>) {
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        if self.is_renewing.swap(true, Ordering::Relaxed) {
            return;
        }
        let keys = self.clone();
        runtime.spawn(async move {
            let renewed = timeout(CREDENTIALS_TIMEOUT, keys.provider.provide_credentials()).await;
            match renewed
                .map_err(anyhow::Error::from)
                .and_then(|fresh| Ok(fresh?))
            {
                Ok(fresh) => {
                    *keys.cached.write().unwrap_or_else(PoisonError::into_inner) = fresh;
                }
                Err(error) => {
                    tracing::warn!(%error, "failed to renew the object store's credentials");
                }
            }
            keys.is_renewing.store(false, Ordering::Relaxed);
        });
    }
}

/// Renews expiring credentials, also while no URLs are created, until the credentials are dropped.
async fn renew_periodically(keys: Weak<CachedCredentials>) {
    let mut rounds = interval(CHECK_INTERVAL);
    loop {
        rounds.tick().await;
        match keys.upgrade() {
            Some(keys) => _ = keys.get(),
            None => return,
        }
    }
}

fn expires_soon(end: SystemTime) -> bool {
    #[expect(
        clippy::disallowed_methods,
        reason = "credentials expire by the system's clock"
    )]
    let now = SystemTime::now();
    end < now + RENEW_BEFORE
}
