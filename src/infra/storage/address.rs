//! Addresses of objects for clients, made without asking the store.

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

/// How long a signed address is good.
const LIFETIME: Duration = Duration::from_hours(2);
/// How long it stays the same.
const STEADY: i64 = 30 * 60;
/// How long before their end keys are fetched anew.
const RENEWAL: Duration = Duration::from_mins(10);
/// How often it is looked whether that is so.
const ROUND: Duration = Duration::from_mins(1);
/// How long whoever gives keys out may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// What stands in a path as it is, as S3 signs paths.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/');

/// How a client puts an object itself: by a PUT to this address with these headers, which are signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresignedPut {
    /// The address; who knows it may use it.
    pub url: String,
    /// The headers to send. Browsers set `content-length` themselves, from the body.
    pub headers: Vec<(String, String)>,
}

/// What addresses are made of.
pub(super) struct Addresses {
    /// Where the store's own addresses begin: up to the `/` before the key.
    base: String,
    region: String,
    /// Where the public reads without a signature, if it may.
    public: Option<String>,
    keys: Arc<Keys>,
}

/// The keys that sign, as they were when they were asked for last.
struct Keys {
    provider: SharedCredentialsProvider,
    kept: RwLock<Credentials>,
    is_renewing: AtomicBool,
}

impl Addresses {
    /// `base` and `public` are addresses of the bucket, without the slash at the end.
    ///
    /// # Errors
    /// When there are no keys to sign with.
    pub(super) async fn new(
        base: String,
        region: String,
        public: Option<String>,
        provider: SharedCredentialsProvider,
    ) -> anyhow::Result<Self> {
        let kept = timeout(PATIENCE, provider.provide_credentials()).await??;
        let do_end = kept.expiry().is_some();
        let keys = Arc::new(Keys {
            provider,
            kept: RwLock::new(kept),
            is_renewing: AtomicBool::new(false),
        });
        if do_end {
            tokio::spawn(keep_fresh(Arc::downgrade(&keys)));
        }
        Ok(Self {
            base,
            region,
            public,
            keys,
        })
    }

    /// Where an object is read.
    pub(super) fn get(&self, key: &str, now: Timestamp) -> String {
        let path = utf8_percent_encode(key, PLAIN);
        if let Some(public) = &self.public {
            return format!("{public}/{path}");
        }
        let steady = Timestamp::from_seconds(now.seconds().div_euclid(STEADY) * STEADY);
        let url = format!("{}/{path}", self.base);
        self.sign("GET", &url, &[], steady, LIFETIME)
            // An address that is refused is better than a list of products that is not there.
            .unwrap_or_else(|error| {
                error.log("an address was not signed");
                url
            })
    }

    /// Where an object is put by somebody else.
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
        let url = format!("{}/{}", self.base, utf8_percent_encode(key, PLAIN));
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
            let value = utf8_percent_encode(value, NON_SLASH);
            _ = write!(url, "{separator}{name}={value}");
        }
        Ok(url)
    }
}

/// What stands in a query as it is.
const NON_SLASH: &AsciiSet = &PLAIN.add(b'/');

impl Keys {
    fn get(self: &Arc<Self>) -> Credentials {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.clone();
        if kept.expiry().is_some_and(ends_soon) {
            self.renew();
        }
        kept
    }

    /// Fetches the keys anew beside what goes on, unless that is being done.
    fn renew(self: &Arc<Self>) {
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        if self.is_renewing.swap(true, Ordering::Relaxed) {
            return;
        }
        let keys = self.clone();
        runtime.spawn(async move {
            let renewed = timeout(PATIENCE, keys.provider.provide_credentials()).await;
            match renewed
                .map_err(anyhow::Error::from)
                .and_then(|fresh| Ok(fresh?))
            {
                Ok(fresh) => {
                    *keys.kept.write().unwrap_or_else(PoisonError::into_inner) = fresh;
                }
                Err(error) => {
                    tracing::warn!(%error, "the keys of the object store were not renewed");
                }
            }
            keys.is_renewing.store(false, Ordering::Relaxed);
        });
    }
}

/// Looks after keys that end, also when no address is made for hours, for as long as somebody has them.
async fn keep_fresh(keys: Weak<Keys>) {
    let mut rounds = interval(ROUND);
    loop {
        rounds.tick().await;
        match keys.upgrade() {
            Some(keys) => _ = keys.get(),
            None => return,
        }
    }
}

fn ends_soon(end: SystemTime) -> bool {
    #[expect(clippy::disallowed_methods, reason = "keys end by the true time")]
    let now = SystemTime::now();
    end < now + RENEWAL
}
