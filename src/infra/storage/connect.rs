//! Connects to the object store: endpoint, credentials, bucket, timeouts.

use std::path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Builder, Region, RequestChecksumCalculation, ResponseChecksumValidation,
    RuntimeComponents, SharedCredentialsProvider, SharedHttpClient, StalledStreamProtectionConfig,
};
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

use crate::config::Config;

use super::bucket::BucketStatus;
use super::buffer_pool::BufferPool;
use super::embedded::Embedded;
use super::object_url::ObjectUrls;
use super::{Storage, Store};
use crate::infra::http_client::roots;

/// The timeout of connecting to the store.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// The timeout of one attempt until its response begins.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);
/// The maximum number of attempts, and the timeout of all attempts together.
const MAX_ATTEMPTS: u32 = 2;
const OPERATION_TIMEOUT: Duration = Duration::from_secs(12);
/// The maximum time without progress while an object is read.
const STALL_TIMEOUT: Duration = Duration::from_secs(8);

/// The endpoint of a store and how it is reached.
struct Target {
    endpoint: Option<String>,
    /// The endpoint for clients, if it differs.
    public_endpoint: Option<String>,
    region: String,
    path_style: bool,
    keys: SharedCredentialsProvider,
    http: SharedHttpClient,
}

pub(super) async fn connect(
    config: &Config,
    keys: Option<SharedCredentialsProvider>,
) -> anyhow::Result<Storage> {
    let settings = &config.storage;
    let bucket = settings.bucket().to_owned();
    if !settings.is_embedded() {
        let target = Target::to(config, keys).await?;
        let place = match &settings.s3_endpoint {
            Some(endpoint) => format!("bucket {bucket} at {endpoint} (S3_ENDPOINT)"),
            None => format!("bucket {bucket} of AWS (S3_BUCKET)"),
        };
        let public = settings.s3_public_url.clone();
        let may_create = config.is_development();
        return open(target, bucket, public, None, place, may_create).await;
    }
    let (embedded, folder) = Embedded::open(config).await?;
    let url = config.public_url(config.listen);
    if config.has_unreachable_image_urls() {
        tracing::warn!(
            url,
            "image URLs begin with this address, which other machines may not reach: set PUBLIC_URL"
        );
    }
    let target = Target {
        endpoint: Some(url),
        public_endpoint: settings.s3_public_endpoint.clone(),
        region: "us-east-1".to_owned(),
        path_style: true,
        keys: SharedCredentialsProvider::new(embedded.credentials()),
        http: embedded.http_client(),
    };
    let public = settings.s3_public_url.clone();
    let public = public.unwrap_or_else(|| target.base(&bucket));
    let folder = path::absolute(&folder).unwrap_or(folder);
    let place = folder.display().to_string();
    open(target, bucket, Some(public), Some(embedded), place, true).await
}

async fn open(
    target: Target,
    bucket: String,
    public: Option<String>,
    embedded: Option<Embedded>,
    place: String,
    may_create: bool,
) -> anyhow::Result<Storage> {
    let (base, region) = (target.base(&bucket), target.region.clone());
    let endpoint = target.endpoint.as_deref().unwrap_or_default();
    let is_plaintext = endpoint.starts_with("http://") && embedded.is_none();
    let keys = target.keys.clone();
    let object_urls = ObjectUrls::new(base, region, public, keys).await;
    let object_urls = object_urls.context(
        "no credentials for the object store: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    )?;
    let store = Store {
        client: target.client(),
        bucket,
        bucket_status: BucketStatus::new(target.region.clone(), may_create),
        object_urls,
        embedded,
        signs_bodies: is_plaintext,
        buffers: BufferPool::new(),
        place,
    };
    store.check_at_start().await?;
    Ok(Storage(Some(Arc::new(store))))
}

impl Target {
    async fn to(config: &Config, keys: Option<SharedCredentialsProvider>) -> anyhow::Result<Self> {
        let settings = &config.storage;
        let endpoint = settings.s3_endpoint.clone();
        let is_plain = endpoint.as_ref();
        let is_plain = is_plain.is_some_and(|endpoint| endpoint.starts_with("http://"));
        let keys = match keys {
            Some(keys) => keys,
            None => find_credentials(config, &settings.s3_region).await?,
        };
        Ok(Self {
            endpoint,
            public_endpoint: settings.s3_public_endpoint.clone(),
            region: settings.s3_region.clone(),
            path_style: settings.path_style(),
            keys,
            http: http_client(!is_plain)?,
        })
    }

    fn client(&self) -> Client {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(OPERATION_TIMEOUT)
            .build();
        // Some S3 servers support only the checksums of the original protocol. Over plain HTTP the hash of the body
        // is signed all the same.
        let builder = Builder::new()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(self.region.clone()))
            .credentials_provider(self.keys.clone())
            .http_client(self.http.clone())
            .force_path_style(self.path_style)
            .retry_config(RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS))
            .timeout_config(timeouts)
            .stalled_stream_protection(
                StalledStreamProtectionConfig::enabled()
                    .upload_enabled(false)
                    .grace_period(STALL_TIMEOUT)
                    .build(),
            )
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
        let builder = match &self.endpoint {
            Some(endpoint) => builder.endpoint_url(endpoint),
            None => builder,
        };
        Client::from_conf(builder.build())
    }

    /// Returns the URL of the bucket for clients, without a CDN.
    fn base(&self, bucket: &str) -> String {
        let region = &self.region;
        let end = if region.starts_with("cn-") {
            "com.cn"
        } else {
            "com"
        };
        let aws = || format!("https://s3.{region}.amazonaws.{end}");
        let endpoint = self.public_endpoint.as_ref().or(self.endpoint.as_ref());
        let endpoint = endpoint.cloned().unwrap_or_else(aws);
        match endpoint.split_once("://") {
            Some((scheme, host)) if !self.path_style => format!("{scheme}://{bucket}.{host}"),
            _ => format!("{endpoint}/{bucket}"),
        }
    }
}

/// Returns the HTTP client for an external store. It uses the proxies of the environment.
fn http_client(with_tls: bool) -> anyhow::Result<SharedHttpClient> {
    let context = with_tls.then(|| roots().object_store()).transpose()?;
    let builder = aws_smithy_http_client::Builder::new();
    Ok(
        builder.build_with_connector_fn(move |settings, components| {
            let mut builder = Connector::builder().proxy_config(ProxyConfig::from_env());
            builder.set_connector_settings(settings.cloned());
            builder.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
            match &context {
                Some(context) => builder
                    .tls_provider(Provider::Rustls(CryptoMode::Ring))
                    .tls_context(context.clone())
                    .build(),
                None => builder.build_http(),
            }
        }),
    )
}

/// Returns the overrides for a request that takes the store long: one attempt may use the whole timeout.
pub(super) fn single_attempt() -> Builder {
    let timeouts = TimeoutConfig::builder()
        .operation_timeout(OPERATION_TIMEOUT)
        .disable_operation_attempt_timeout();
    Builder::new().timeout_config(timeouts.build())
}

/// Returns the overrides for a request with a large body, which is aborted when it stalls, not when it takes long.
pub(super) fn without_timeout() -> Builder {
    let timeouts = TimeoutConfig::builder()
        .disable_operation_timeout()
        .disable_operation_attempt_timeout();
    Builder::new().timeout_config(timeouts.build())
}

/// Returns the credentials from AWS's default provider chain. In development without the instance metadata service,
/// which takes seconds to time out where it does not exist.
async fn find_credentials(
    config: &Config,
    region: &str,
) -> anyhow::Result<SharedCredentialsProvider> {
    let region = Region::new(region.to_owned());
    let provider = ProviderConfig::without_region()
        .with_region(Some(region))
        .with_http_client(http_client(true)?);
    if config.is_development() {
        let environment = EnvironmentVariableCredentialsProvider::new();
        let profile = ProfileFileCredentialsProvider::builder().configure(&provider);
        let chain = CredentialsProviderChain::first_try("environment", environment);
        let chain = chain.or_else("profile", profile.build());
        return Ok(SharedCredentialsProvider::new(chain));
    }
    let chain = DefaultCredentialsChain::builder().configure(provider);
    Ok(SharedCredentialsProvider::new(chain.build().await))
}
