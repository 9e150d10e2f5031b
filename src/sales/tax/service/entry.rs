//! The audit entries of taxes.

use crate::core::money::Decimal;
use crate::platform::audit::service::Entry;
use crate::sales::tax::entity::{Model, rate};

/// Returns the entry of a change of a tax class. `before` is `None` for a new one, `after` for a deleted one.
pub(super) fn of_class(
    action: &'static str,
    before: Option<&Model>,
    after: Option<&Model>,
) -> Entry {
    let mut entry = Entry::new(action);
    if let Some(class) = after.or(before) {
        entry = entry.about(class.id).called(&class.name);
    }
    let name = |class: &Model| class.name.clone();
    let is_default = |class: &Model| class.is_default.to_string();
    entry
        .change("name", before.map(name), after.map(name))
        .change("isDefault", before.map(is_default), after.map(is_default))
}

/// Returns the entry of a change of a tax rate of this class.
pub(super) fn of_rate(
    action: &'static str,
    class: &str,
    before: Option<&rate::Model>,
    after: Option<&rate::Model>,
) -> Entry {
    let mut entry = Entry::new(action);
    if let Some(rate) = after.or(before) {
        let place = [rate.country.as_str(), &rate.region];
        let place = place.join(" ");
        entry = entry
            .about(rate.id)
            .called(&format!("{class} {}", place.trim_end()));
    }
    let name = |rate: &rate::Model| rate.name.clone();
    let percent = |rate: &rate::Model| {
        let ppm = u32::try_from(rate.ppm).unwrap_or_default();
        Decimal::from_ppm(ppm).to_string()
    };
    entry
        .change("name", before.map(name), after.map(name))
        .change("rate", before.map(percent), after.map(percent))
}
