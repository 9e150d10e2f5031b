//! The rules of postal addresses by country.

use wares::core::country::{Country, CountryCode};
use wares::core::error::Error;
use wares::core::postal_address::{AddressInput, PostalAddress};
use wares::core::validation::Validator;

const TABLE: &str = include_str!("../../../src/core/postal_address/countries.txt");

fn input(country: &str) -> AddressInput {
    let country = async_graphql::Value::from(country);
    AddressInput {
        name: Some("Ann Lee".to_owned()),
        street1: Some("Main Street 1".to_owned()),
        country: <CountryCode as async_graphql::ScalarType>::parse(country).ok(),
        ..AddressInput::default()
    }
}

/// Checks an address. Returns the invalid fields.
fn check(input: AddressInput) -> Result<PostalAddress, Vec<String>> {
    let mut validator = Validator::default();
    let address = input.check(&mut validator, "");
    match validator.finish() {
        Ok(()) => Ok(address.unwrap()),
        Err(Error::Refused(errors)) => Err(errors
            .into_iter()
            .map(|error| error.field.unwrap())
            .collect()),
        Err(other) => panic!("{other:?}"),
    }
}

fn with_code(country: &str, code: &str) -> AddressInput {
    AddressInput {
        city: Some("City".to_owned()),
        region: Some("Region".to_owned()),
        postal_code: Some(code.to_owned()),
        ..input(country)
    }
}

/// Returns the stored form of a postal code, or `None` if it is refused.
fn stored(country: &str, code: &str) -> Option<String> {
    match check(with_code(country, code)) {
        Ok(address) => address.postal_code,
        Err(fields) => {
            assert_eq!(fields, ["postalCode"], "{country} {code}");
            None
        }
    }
}

#[test]
fn every_country_has_rules() {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    let rows: Vec<Vec<_>> = lines.map(|line| line.split(' ').collect()).collect();
    assert_eq!(rows.len(), 249);
    for row in &rows {
        let [code, required, formats] = row[..] else {
            panic!("{row:?}");
        };
        assert!(code.parse::<Country>().is_ok(), "{code}");
        assert!(
            required == "-" || required.chars().all(|letter| "CRP".contains(letter)),
            "{code}"
        );
        let plain = |letter: char| {
            "#@*_-|".contains(letter) || letter.is_ascii_uppercase() || letter.is_ascii_digit()
        };
        assert!(formats.chars().all(plain), "{code}");
    }
    let mut codes: Vec<_> = rows.iter().map(|row| row[0]).collect();
    codes.dedup();
    assert_eq!(codes.len(), rows.len());
    let letters = || 'A'..='Z';
    let all = letters().flat_map(|one| letters().map(move |other| format!("{one}{other}")));
    let known = all.filter(|code| code.parse::<Country>().is_ok()).count();
    assert_eq!(known, rows.len());
}

#[test]
fn postal_codes_are_stored_as_their_country_writes_them() {
    for (country, given, expected) in [
        ("DE", "10115", "10115"),
        ("DE", " 10 115 ", "10115"),
        ("DE", "１０１１５", "10115"),
        ("GB", "sw1a1aa", "SW1A 1AA"),
        ("GB", "M1 1AE", "M1 1AE"),
        ("GB", "ec1y-8sy", "EC1Y 8SY"),
        ("GB", "bfpo 57", "BFPO 57"),
        ("NL", "1234ab", "1234 AB"),
        ("CA", "k1a0b1", "K1A 0B1"),
        ("US", "94103", "94103"),
        ("US", "94103 1234", "94103-1234"),
        ("PT", "1250096", "1250-096"),
        ("PL", "00950", "00-950"),
        ("SE", "11455", "114 55"),
        ("IE", "d02x285", "D02 X285"),
        ("BR", "40301110", "40301-110"),
        ("JP", "1540023", "154-0023"),
        ("LV", "lv-1010", "LV-1010"),
        ("LU", "L-2998", "L-2998"),
        ("FR", "75001", "75001"),
        ("AT", "1010", "1010"),
        ("CH", "8001", "8001"),
        ("SG", "546080", "546080"),
        // No format is known.
        ("QA", "any 1", "ANY 1"),
    ] {
        assert_eq!(
            stored(country, given).as_deref(),
            Some(expected),
            "{country} {given}"
        );
    }
}

#[test]
fn postal_codes_of_other_countries_are_refused() {
    for (country, code) in [
        ("DE", "1010"),
        ("DE", "SW1A 1AA"),
        ("DE", "101156"),
        ("AT", "10115"),
        ("US", "K1A 0B1"),
        ("US", "9410"),
        ("GB", "10115"),
        ("NL", "10115"),
        ("CA", "94103"),
        ("FR", "2000"),
        ("SE", "1234 AB"),
        ("DE", "1011O"),
        ("DE", "*****"),
        ("DE", "#####"),
    ] {
        assert_eq!(stored(country, code), None, "{country} {code}");
    }
}

#[test]
fn required_parts_depend_on_the_country() {
    for (country, missing) in [
        ("DE", vec!["city", "postalCode"]),
        ("US", vec!["city", "region", "postalCode"]),
        ("IE", vec!["city"]),
        ("HK", vec!["region"]),
        ("SG", vec!["postalCode"]),
        ("MO", vec![]),
        ("QA", vec!["city"]),
    ] {
        let found = check(input(country)).err().unwrap_or_default();
        assert_eq!(found, missing, "{country}");
    }
    let empty = check(AddressInput::default()).unwrap_err();
    assert_eq!(empty, ["country", "name", "street1"]);
    assert_eq!(check(input("XX")).unwrap_err(), ["country"]);
    assert_eq!(check(input("GERMANY")).unwrap_err(), ["country"]);
}

#[test]
fn markup_line_breaks_and_directional_characters_are_refused() {
    let long = "x".repeat(10_000);
    for bad in [
        "<script>alert(1)</script>",
        "a < b",
        "Main Street\r\nBcc: all@shop.example",
        "Main\nStreet",
        "Main\tStreet",
        "\u{202e}Main Street",
        "Main \u{2066}Street",
        "Main\0Street",
        &long,
    ] {
        let given = || Some(bad.to_owned());
        let bad_input = AddressInput {
            name: given(),
            company: given(),
            street1: given(),
            street2: given(),
            city: given(),
            region: given(),
            postal_code: given(),
            phone: given(),
            vat_id: given(),
            ..input("QA")
        };
        let expected = [
            "name",
            "company",
            "street1",
            "street2",
            "city",
            "region",
            "postalCode",
            "phone",
            "vatId",
        ];
        assert_eq!(check(bad_input).unwrap_err(), expected, "{bad:.40}");
    }
    // Names of all scripts are fine.
    for name in ["Zoë O'Neill-Łuczak", "山田 太郎", "محمد", "Nguyễn Văn A"] {
        let named = AddressInput {
            name: Some(name.to_owned()),
            ..input("MO")
        };
        assert_eq!(check(named).unwrap().name, name);
    }
}
