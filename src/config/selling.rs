//! Settings of prices and taxes.

use anyhow::ensure;
use clap::Args;

use super::values::{Switch, country};
use crate::core::country::Country;
use crate::core::pricing::{CrossBorder, Mode, ShippingTax};

/// Settings of prices and taxes.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Selling")]
pub struct Selling {
    /// Whether all prices include tax. Otherwise tax is added to them.
    #[arg(long, env = "PRICES_INCLUDE_TAX", value_enum, default_value = "off")]
    pub prices_include_tax: Switch,

    /// Country of the shop: an ISO 3166-1 code such as `DE`. Its tax rates are contained in prices that include tax, and
    /// they apply until the buyer's country is known.
    #[arg(long, env = "SHOP_COUNTRY", value_parser = country)]
    pub shop_country: Option<Country>,

    /// Price that stays the same in countries with other tax rates than `SHOP_COUNTRY`, if prices include tax: `keep_gross` the
    /// price with tax, `keep_net` the price without it.
    #[arg(
        long,
        env = "CROSS_BORDER",
        value_enum,
        ignore_case = true,
        default_value = "keep_gross"
    )]
    pub cross_border: CrossBorder,

    /// Tax of shipping: `own` is that of the tax class of the shipping method, `proportional` that of the goods, in
    /// proportion to their amounts.
    #[arg(
        long,
        env = "SHIPPING_TAX",
        value_enum,
        ignore_case = true,
        default_value = "own"
    )]
    pub shipping_tax: ShippingTax,
}

impl Selling {
    /// Validates settings that depend on each other.
    ///
    /// # Errors
    /// One line for the operator.
    pub fn check(self) -> anyhow::Result<()> {
        ensure!(
            self.cross_border == CrossBorder::KeepGross || self.shop_country.is_some(),
            "CROSS_BORDER=keep_net requires SHOP_COUNTRY, whose tax the prices contain"
        );
        Ok(())
    }

    /// Returns the rules by which prices are calculated.
    pub fn mode(self) -> Mode {
        Mode {
            prices_include_tax: self.prices_include_tax.is_on(),
            cross_border: self.cross_border,
            shipping_tax: self.shipping_tax,
        }
    }
}
