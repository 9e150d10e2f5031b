//! Settings of payments.

use anyhow::{bail, ensure};
use clap::{Args, ValueEnum};
use url::Url;

use super::values::{Choice, http_address, within};
use super::{Config, is_confidential};
use crate::core::secret::Secret;

/// The instructions for payments on account in development.
const SAMPLE_INSTRUCTIONS: &str = "Transfer the amount to the shop's bank account.";

/// Settings of payments.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Payments")]
pub struct Payments {
    /// Instructions for buyers who pay on account, such as a bank account. Payment on account is disabled if empty.
    /// Default: a sample text in development, empty in production.
    #[arg(long, env = "MANUAL_PAYMENTS")]
    pub manual_payments: Option<String>,

    /// Payments with a simulated provider, which moves no money. `auto`: in development. A server in production does not
    /// start with `on`.
    #[arg(long, env = "TEST_PAYMENTS", value_enum, default_value = "auto")]
    pub test_payments: Choice,

    /// Capture of payments: `automatic` when the buyer pays, `manual` when an admin captures the authorized amount.
    #[arg(
        long,
        env = "PAYMENT_CAPTURE",
        value_enum,
        ignore_case = true,
        default_value = "automatic"
    )]
    pub payment_capture: Capture,

    /// Maximum number of concurrent requests to payment providers.
    #[arg(long, env = "PAYMENTS_AT_ONCE", default_value_t = 32, value_parser = within(1..=1_000))]
    pub payments_at_once: u32,

    /// Secret API key of the Stripe account: `sk_...`, or a restricted key `rk_...`. Payments with Stripe are disabled without
    /// it.
    #[arg(long, env = "STRIPE_SECRET_KEY", hide_env_values = true)]
    pub stripe_secret_key: Option<Secret>,

    /// Publishable API key of the same Stripe account and mode: `pk_...`. Storefronts read it.
    #[arg(long, env = "STRIPE_PUBLISHABLE_KEY")]
    pub stripe_publishable_key: Option<String>,

    /// URL of the Stripe API, for a proxy or a simulation. `http` is only allowed on loopback in production.
    #[arg(long, env = "STRIPE_API_URL", default_value = "https://api.stripe.com", value_parser = http_address)]
    pub stripe_api_url: String,
}

/// The API keys of a Stripe account.
#[derive(Clone, Debug)]
pub struct StripeKeys {
    pub secret: Secret,
    pub publishable: String,
    /// Whether they move money.
    pub is_live: bool,
}

/// The time of the capture of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Capture {
    /// When the buyer pays.
    Automatic,
    /// When an admin captures it.
    Manual,
}

impl Payments {
    /// Validates settings that depend on the environment.
    ///
    /// # Errors
    /// One line for the operator.
    pub fn check(&self, config: &Config) -> anyhow::Result<()> {
        ensure!(
            self.test_payments != Choice::On || config.is_development(),
            "TEST_PAYMENTS=on is not allowed in production, because test payments move no money"
        );
        if self.stripe_keys()?.is_some() && !config.is_development() {
            let url = Url::parse(&self.stripe_api_url);
            ensure!(
                url.is_ok_and(|url| is_confidential(&url)),
                "in production STRIPE_API_URL must be https, or http on loopback"
            );
        }
        Ok(())
    }

    /// Returns the API keys of Stripe; `None` if payments with Stripe are disabled.
    ///
    /// # Errors
    /// One line for the operator, without the keys, if they are incomplete or are not such keys.
    pub fn stripe_keys(&self) -> anyhow::Result<Option<StripeKeys>> {
        let secret = self.stripe_secret_key.as_ref().map(Secret::expose);
        let secret = secret.map(str::trim).filter(|key| !key.is_empty());
        let publishable = self.stripe_publishable_key.as_deref().map(str::trim);
        let publishable = publishable.filter(|key| !key.is_empty());
        let (secret, publishable) = match (secret, publishable) {
            (Some(secret), Some(publishable)) => (secret, publishable),
            (None, None) => return Ok(None),
            (Some(_), None) => {
                bail!("STRIPE_SECRET_KEY requires STRIPE_PUBLISHABLE_KEY: set both")
            }
            (None, Some(_)) => {
                bail!("STRIPE_PUBLISHABLE_KEY requires STRIPE_SECRET_KEY: set both")
            }
        };
        let Some(is_live) = mode(secret, &["sk", "rk"]) else {
            bail!("STRIPE_SECRET_KEY is not a key such as sk_test_... or rk_live_...");
        };
        match mode(publishable, &["pk"]) {
            Some(mode) if mode == is_live => {}
            Some(_) => bail!(
                "of STRIPE_SECRET_KEY and STRIPE_PUBLISHABLE_KEY one is a test key, the other a live key"
            ),
            None => bail!("STRIPE_PUBLISHABLE_KEY is not a key such as pk_test_... or pk_live_..."),
        }
        Ok(Some(StripeKeys {
            secret: secret.to_owned().into(),
            publishable: publishable.to_owned(),
            is_live,
        }))
    }
}

/// Returns whether a key of Stripe with one of these prefixes is a live key; `None` if it is not such a key.
fn mode(key: &str, prefixes: &[&str]) -> Option<bool> {
    let (prefix, rest) = key.split_once('_')?;
    let (mode, rest) = rest.split_once('_')?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_key = prefixes.contains(&prefix) && !rest.is_empty() && rest.bytes().all(is_plain);
    match mode {
        "live" if is_key => Some(true),
        "test" if is_key => Some(false),
        _ => None,
    }
}

impl Config {
    /// Returns the instructions for payments on account, if they are enabled.
    pub fn manual_payments(&self) -> Option<&str> {
        let sample = self.is_development().then_some(SAMPLE_INSTRUCTIONS);
        let given = self.payments.manual_payments.as_deref().or(sample);
        given.map(str::trim).filter(|text| !text.is_empty())
    }

    /// Returns whether test payments are enabled.
    pub fn has_test_payments(&self) -> bool {
        self.is_on(self.payments.test_payments)
    }
}
