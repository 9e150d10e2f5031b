//! The settings of Stripe, `wares check`, and the amounts that Stripe takes.

use wares::core::money::Currency;
use wares::infra::stripe::currency::{from_stripe, is_charged, min_amount, min_step, to_stripe};

use crate::harness::{Process, StripeServer, error_line};

/// Those with special cases, without decimals, and some with two.
const CODES: &str = "BHD BIF CLP DJF EUR GNF HUF ISK JOD JPY KMF KRW KWD MGA OMR PYG RWF TND TWD UGX USD VND VUV XAF XOF XPF";

fn currency(code: &str) -> Currency {
    code.parse().unwrap()
}

#[test]
fn amounts_are_converted_to_the_units_of_stripe_and_back() {
    for (code, minor, stripe) in [
        ("USD", 1_234, 1_234),
        ("EUR", 50, 50),
        ("HUF", 17_501, 17_501),
        ("JPY", 500, 500),
        ("KRW", 1_000, 1_000),
        // ISO 4217: no decimals. Stripe: two, which are 0.
        ("ISK", 5, 500),
        ("UGX", 3_000, 300_000),
        // ISO 4217: two decimals. Stripe: none.
        ("MGA", 1_200, 12),
        // Three decimals, of which the last is 0.
        ("KWD", 5_120, 5_120),
        ("TND", 10, 10),
    ] {
        let currency = currency(code);
        assert_eq!(to_stripe(currency, minor), Some(stripe), "{code}");
        assert_eq!(from_stripe(currency, stripe), Some(minor), "{code}");
    }
}

#[test]
fn amounts_that_stripe_can_not_charge_have_no_conversion() {
    for (code, minor) in [
        ("KWD", 5_124),
        ("BHD", 1),
        ("MGA", 1_250),
        // Not charged by Stripe.
        ("BGN", 100),
        ("IRR", 100),
        ("KPW", 100),
    ] {
        assert_eq!(to_stripe(currency(code), minor), None, "{code} {minor}");
    }
    // 1.50 ISK does not exist in a shop.
    assert_eq!(from_stripe(currency("ISK"), 150), None);
    assert_eq!(to_stripe(currency("ISK"), i64::MAX), None);
}

#[test]
fn every_currency_of_iso_4217_is_converted_exactly_or_not_at_all() {
    let letters = || (b'A'..=b'Z').map(char::from);
    let mut count = 0;
    for code in letters()
        .flat_map(|a| letters().flat_map(move |b| letters().map(move |c| format!("{a}{b}{c}"))))
    {
        let Ok(currency) = code.parse::<Currency>() else {
            continue;
        };
        count += usize::from(is_charged(currency));
        for minor in [0, 1, 10, 99, 100, 12_340, 1_000_000_000_000] {
            if let Some(amount) = to_stripe(currency, minor) {
                assert_eq!(from_stripe(currency, amount), Some(minor), "{code}");
            }
        }
    }
    // All that are listed are currencies of ISO 4217.
    assert!((130..=140).contains(&count), "{count}");
}

#[test]
fn only_the_special_cases_of_stripe_have_other_units_than_iso_4217() {
    let mut special = Vec::new();
    for code in CODES.split_whitespace() {
        let currency = currency(code);
        let step = min_step(currency);
        // Divisible by each step.
        if to_stripe(currency, 1_000) != Some(1_000) || step != 1 {
            special.push((code, to_stripe(currency, 1_000).unwrap(), step));
        }
    }
    let expected = [
        ("BHD", 1_000, 10),
        ("ISK", 100_000, 1),
        ("JOD", 1_000, 10),
        ("KWD", 1_000, 10),
        ("MGA", 10, 100),
        ("OMR", 1_000, 10),
        ("TND", 1_000, 10),
        ("UGX", 100_000, 1),
    ];
    assert_eq!(special, expected);
}

#[test]
fn minimum_amounts_are_in_minor_units_of_the_shop() {
    for (code, min) in [
        ("USD", Some(50)),
        ("GBP", Some(30)),
        ("JPY", Some(50)),
        ("HUF", Some(17_500)),
        ("MXN", Some(1_000)),
        ("KRW", Some(50)),
        ("ZAR", Some(50)),
        ("ISK", None),
    ] {
        assert_eq!(min_amount(currency(code)), min, "{code}");
    }
}

#[test]
fn incomplete_and_invalid_keys_are_refused_without_being_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let secret = "--stripe-secret-key=sk_test_hunter2";
    let publishable = "--stripe-publishable-key=pk_test_1";
    for (flags, named) in [
        (vec![secret], "STRIPE_PUBLISHABLE_KEY"),
        (vec![publishable], "STRIPE_SECRET_KEY"),
        (
            vec![secret, "--stripe-publishable-key=pk_live_1"],
            "a test key, the other a live key",
        ),
        (
            vec!["--stripe-secret-key=hunter2", publishable],
            "STRIPE_SECRET_KEY is not a key",
        ),
        (
            vec![secret, "--stripe-publishable-key=sk_test_hunter2"],
            "STRIPE_PUBLISHABLE_KEY is not a key",
        ),
        (
            vec![
                secret,
                publishable,
                "--env=production",
                "--jwt-secrets=nW2kPq7vRz4tYx8cBm3dFg6hJs9aLe1uKiOo",
                "--stripe-api-url=http://stripe.example",
            ],
            "STRIPE_API_URL",
        ),
    ] {
        let flags: Vec<_> = flags.into_iter().chain(["serve"]).collect();
        let line = error_line(&Process::run(folder.path(), &flags));
        assert!(line.contains(named), "{flags:?}: {line}");
        assert!(!line.contains("hunter2"), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn check_names_the_account_and_the_mode_and_refuses_a_currency() {
    let stripe = StripeServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let flags = super::stripe_orders::flags(&stripe);
    let check = |extra: &[&str]| {
        let name = |flag: &str| flag.split('=').next().unwrap_or_default().to_owned();
        let names: Vec<_> = extra.iter().map(|flag| name(flag)).collect();
        let own = flags.iter().map(String::as_str);
        let own = own.filter(|flag| !names.contains(&name(flag)));
        let all: Vec<&str> = own.chain(extra.iter().copied()).chain(["check"]).collect();
        let output = Process::run(folder.path(), &all);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let found = check(&[]);
    assert!(
        found.contains("ok     stripe    test keys; account acct_"),
        "{found}"
    );
    let refused = check(&["--shop-currency=IRR"]);
    assert!(refused.contains("FAILED stripe"), "{refused}");
    assert!(refused.contains("SHOP_CURRENCY=IRR"), "{refused}");
    let wrong = check(&["--stripe-secret-key=sk_test_wrong"]);
    assert!(wrong.contains("FAILED stripe"), "{wrong}");
    assert!(wrong.contains("the API key is refused"), "{wrong}");
    let live = check(&[
        "--stripe-secret-key=sk_live_hunter2",
        "--stripe-publishable-key=pk_live_1",
    ]);
    assert!(live.contains("FAILED stripe"), "{live}");
    assert!(!live.contains("hunter2"), "{live}");
}
