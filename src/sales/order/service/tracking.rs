//! Tracking of a shipment.

use url::Url;

use crate::core::patch::Patch;
use crate::core::text;
use crate::core::validation::Validator;
use crate::sales::order::entity::fulfillment::Model;

/// The maximum length of the name of a carrier, and of a number, in characters.
const MAX_LINE: usize = 100;
/// The maximum length of a URL in characters.
const MAX_URL: usize = 2_000;

/// The tracking of a shipment, as a client sent it. Blank texts count as null.
#[derive(Clone, Debug, Default)]
pub struct TrackingInput {
    pub company: Patch<String>,
    pub number: Patch<String>,
    pub url: Patch<String>,
}

/// Valid changes of the tracking of a shipment.
#[derive(Clone, Debug)]
pub struct Tracking {
    company: Patch<String>,
    number: Patch<String>,
    url: Patch<String>,
}

impl TrackingInput {
    /// Checks the texts, and records the errors of all.
    pub fn check(self, validator: &mut Validator) -> Tracking {
        let line = |text: String| text::check_line(&text, MAX_LINE);
        Tracking {
            company: validator.patch("trackingCompany", unless_blank(self.company), line),
            number: validator.patch("trackingNumber", unless_blank(self.number), line),
            url: validator.patch("trackingUrl", unless_blank(self.url), |url| check_url(&url)),
        }
    }
}

impl Tracking {
    /// Applies the changes to a fulfillment.
    pub fn apply(self, row: &mut Model) {
        row.tracking_company = self.company.apply_to(row.tracking_company.take());
        row.tracking_number = self.number.apply_to(row.tracking_number.take());
        row.tracking_url = self.url.apply_to(row.tracking_url.take());
    }
}

fn unless_blank(given: Patch<String>) -> Patch<String> {
    match given {
        Patch::Set(text) if text.trim().is_empty() => Patch::Clear,
        given => given,
    }
}

/// Checks a URL that buyers open: HTTP or HTTPS, without credentials.
fn check_url(text: &str) -> Result<String, String> {
    let text = text::check_line(text, MAX_URL)?;
    let url = Url::parse(&text).ok();
    let url = url.filter(|url| {
        let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
        is_web && url.username().is_empty() && url.password().is_none()
    });
    let url = url.ok_or("This is not a URL that begins with https:// or http://.")?;
    Ok(url.into())
}
