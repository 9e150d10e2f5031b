//! Basic values: IDs, money, texts, ranges.

use async_graphql::{ScalarType, Value};
use uuid::Uuid;
use wares::catalog::product::ProductId;
use wares::core::clock::Timestamp;
use wares::core::id::{TypedId, decode, encode, uuid_v7};
use wares::core::money::{Currency, Decimal, MAX_MINOR};
use wares::core::parallel::map_in_parallel;
use wares::core::text::sort_key;

#[test]
fn ids_sort_by_creation_time_to_the_microsecond() {
    let start = 1_767_225_600_000_000;
    let ids = (start..start + 3_000).map(|micros| uuid_v7(Timestamp(micros)));
    let ids: Vec<_> = ids.collect();
    assert!(ids.is_sorted());
    assert!(ids.iter().all(|id| id.get_version_num() == 7));
    let (seconds, nanos) = ids[1_234].get_timestamp().unwrap().to_unix();
    assert_eq!((seconds, nanos), (1_767_225_600, 1_000_000));
    assert_ne!(uuid_v7(Timestamp(start)), uuid_v7(Timestamp(start)));
}

#[test]
fn ids_follow_the_typeid_specification() {
    // Examples of valid IDs from the specification.
    for (prefix, text, uuid) in [
        (
            "nil",
            "nil_00000000000000000000000000",
            "00000000-0000-0000-0000-000000000000",
        ),
        (
            "one",
            "one_00000000000000000000000001",
            "00000000-0000-0000-0000-000000000001",
        ),
        (
            "ten",
            "ten_0000000000000000000000000a",
            "00000000-0000-0000-0000-00000000000a",
        ),
        (
            "sixteen",
            "sixteen_0000000000000000000000000g",
            "00000000-0000-0000-0000-000000000010",
        ),
        (
            "thirtytwo",
            "thirtytwo_00000000000000000000000010",
            "00000000-0000-0000-0000-000000000020",
        ),
        (
            "max",
            "max_7zzzzzzzzzzzzzzzzzzzzzzzzz",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
        ),
        (
            "prefix",
            "prefix_0123456789abcdefghjkmnpqrs",
            "0110c853-1d09-52d8-d73e-1194e95b5f19",
        ),
        (
            "prefix",
            "prefix_01h455vb4pex5vsknk084sn02q",
            "01890a5d-ac96-774b-bcce-b302099a8057",
        ),
    ] {
        let uuid: Uuid = uuid.parse().unwrap();
        assert_eq!(encode(prefix, uuid), text);
        assert_eq!(decode(text), Some((prefix, uuid)));
    }
}

#[test]
fn ids_sort_by_creation_time() {
    let ids: Vec<_> = (0..100)
        .map(|milli| ProductId::generate(Timestamp(1_767_225_600_000_000 + milli * 1_000)))
        .collect();
    assert!(ids.is_sorted());
    assert!(ids.iter().map(|id| id.encode()).is_sorted());
}

fn amount(text: &str, currency: &str) -> Result<i64, String> {
    let decimal: Decimal = text.parse().map_err(ToOwned::to_owned)?;
    let currency: Currency = currency.parse()?;
    let minor = decimal.to_minor(currency, "price");
    minor.map_err(|error| error.message().to_owned())
}

#[test]
fn amounts_are_exact_or_refused() {
    for (text, currency, expected) in [
        ("19.99", "USD", 1_999),
        ("0.1", "EUR", 10),
        ("-3", "USD", -300),
        ("5", "JPY", 5),
        ("1.234", "KWD", 1_234),
        ("1.50000", "USD", 150),
        ("10000000000.00", "USD", MAX_MINOR),
    ] {
        assert_eq!(amount(text, currency), Ok(expected), "{text}");
    }
    for (text, currency) in [
        ("0.001", "USD"),
        ("0.5", "JPY"),
        ("10000000000.01", "USD"),
        ("9223372036854775808", "USD"),
        ("999999999999999999", "USD"),
        ("1e30", "USD"),
        ("NaN", "USD"),
        ("", "USD"),
        ("-", "USD"),
        (".5", "USD"),
        ("5.", "USD"),
        ("1.2.3", "USD"),
        ("+1", "USD"),
        (" 1", "USD"),
        ("1,50", "USD"),
        ("１", "USD"),
    ] {
        assert!(amount(text, currency).is_err(), "{text}");
    }
}

#[test]
fn amounts_have_the_decimals_of_their_currency() {
    for (minor, currency, expected) in [
        (1_999, "USD", "19.99"),
        (5, "USD", "0.05"),
        (-5, "USD", "-0.05"),
        (0, "EUR", "0.00"),
        (1_234, "JPY", "1234"),
        (1_234, "KWD", "1.234"),
    ] {
        let decimal = Decimal::from_minor(minor, currency.parse().unwrap());
        assert_eq!(decimal.to_value(), Value::from(expected));
    }
}

#[test]
fn invalid_currency_codes_are_refused() {
    for code in ["usd", "XXX", "XAU", "", "EURO", "US"] {
        assert!(code.parse::<Currency>().is_err(), "{code}");
    }
}

#[test]
fn timestamps_are_parsed_in_any_offset_and_returned_in_utc() {
    let parse = |text: &str| Timestamp::parse(Value::from(text)).ok();
    let moment = Timestamp(1_767_225_600_123_456);
    assert_eq!(parse("2026-01-01T00:00:00.123456Z"), Some(moment));
    assert_eq!(parse("2026-01-01T05:30:00.1234567+05:30"), Some(moment));
    assert_eq!(
        moment.to_value(),
        Value::from("2026-01-01T00:00:00.123456Z")
    );
    assert_eq!(parse("1969-12-31T23:59:59.9999999Z"), Some(Timestamp(-1)));
    for wrong in [
        "2026-01-01",
        "2026-13-01T00:00:00Z",
        "2026-01-01T00:00:00",
        "now",
    ] {
        assert_eq!(parse(wrong), None, "{wrong}");
    }
}

#[test]
fn names_are_compared_without_case_accents_and_form() {
    for (name, key) in [
        ("Éclair", "eclair"),
        ("E\u{301}CLAIR", "eclair"),
        ("Ｆｕｌｌ", "full"),
        ("ΩMEGA", "ωmega"),
        ("  İstanbul ", "istanbul"),
        ("水差し", "水差し"),
        ("Йогурт Ё", "иогурт е"),
        // Combining marks that distinguish words are kept.
        ("ガラス", "ガラス"),
        ("カラス", "カラス"),
        ("की", "की"),
        ("का", "का"),
        ("กี", "กี"),
    ] {
        assert_eq!(sort_key(name), key);
    }
    assert_eq!(sort_key(&"\u{fdfa}".repeat(200)).chars().count(), 120);
}

#[test]
fn items_are_computed_by_several_threads_in_their_order() {
    for count in [0, 1, 99, 100, 101, 1_000] {
        let items: Vec<usize> = (0..count).collect();
        assert_eq!(map_in_parallel(&items, |item| *item), items);
    }
}
