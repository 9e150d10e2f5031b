//! Settings of payments.

use anyhow::ensure;
use clap::{Args, ValueEnum};

use super::Config;
use super::values::{Choice, within};

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
        Ok(())
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
