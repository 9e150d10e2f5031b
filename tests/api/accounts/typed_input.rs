//! Codes and email addresses as people type, dictate and paste them.

use wares::core::email_address::EmailAddress;

use crate::harness::{sqlite_app, user_error};

/// Returns the digits of a script by its zero.
fn script(otp: &str, zero: u32) -> String {
    otp.bytes()
        .map(|digit| char::from_u32(zero + u32::from(digit - b'0')).unwrap())
        .collect()
}

/// Returns the code with text between and around its halves.
fn around(otp: &str, middle: &str) -> String {
    format!("{middle}{}{middle}{}{middle}", &otp[..3], &otp[3..])
}

#[tokio::test]
async fn codes_are_accepted_in_digits_of_any_script_and_with_separators() {
    let app = sqlite_app().await;
    let scripts = [
        0xff10, 0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0x17e0, 0x1810, 0x104a0, 0x1d7ce, 0x1d7f6,
        0x1e950, 0x1fbf0,
    ];
    let separators = [
        " ", "-", "\u{2010}", "\u{2011}", "\u{2013}", "\u{2014}", "\u{2212}", "\u{ff0d}",
        "\u{30fc}", ".", "\u{3002}", "\u{b7}", ",", "\u{200b}", "\u{200d}", "\u{feff}", "\u{200f}",
        "\u{2060}", "\u{a0}", "\u{202f}", "\u{3000}", "\t", "\n", "\"",
    ];
    let scripts = scripts.map(|zero| Box::new(move |otp: &str| script(otp, zero)) as Form);
    let separators =
        separators.map(|middle| Box::new(move |otp: &str| around(otp, middle)) as Form);
    for (number, form) in scripts.into_iter().chain(separators).enumerate() {
        let email = format!("ann{number}@shop.example");
        app.anonymous().register(&email).await;
        let otp = app.code().await;
        let typed = form(&otp);
        let payload = app.anonymous().verify(&email, &typed).await;
        assert_eq!(user_error(&payload), "", "{typed:?}");
    }
    // Other characters make a code invalid.
    let email = "bob@shop.example";
    app.anonymous().register(email).await;
    let otp = app.code().await;
    for typed in [
        format!("{otp}0"),
        format!("a{otp}"),
        otp.replace(&otp[5..], ""),
    ] {
        let payload = app.anonymous().verify(email, &typed).await;
        assert_eq!(user_error(&payload), "OTP_INVALID", "{typed:?}");
    }
}

type Form = Box<dyn Fn(&str) -> String>;

#[test]
fn addresses_are_normalized() {
    for (typed, expected) in [
        ("\u{ff41}\u{ff4e}\u{ff4e}@example.com", "ann@example.com"),
        (
            "\u{ff21}nn\u{ff20}\u{ff45}xample\u{ff0e}com",
            "Ann@example.com",
        ),
        ("ann\u{ff0b}shop@example.com", "ann+shop@example.com"),
        ("\u{3000}ann@example.com\u{3000}", "ann@example.com"),
        ("\u{1d41a}\u{1d427}\u{1d427}@example.com", "ann@example.com"),
        ("\u{24d0}nn@example.com", "ann@example.com"),
        ("\u{200b}ann@example.com\u{feff}", "ann@example.com"),
        ("\u{200d}ann@example.com\u{200c}", "ann@example.com"),
        ("\u{202a}ann@example.com\u{202c}", "ann@example.com"),
        ("\u{2060}ann@example.com\u{3164}", "ann@example.com"),
        // Half-width letters of another script.
        ("\u{ff76}\u{ff9e}@example.com", "\u{30ac}@example.com"),
        // Letters that stay as they are.
        (
            "m\u{e4}rtha@b\u{fc}cher.example",
            "m\u{e4}rtha@b\u{fc}cher.example",
        ),
        ("\u{e04}\u{e33}@example.com", "\u{e04}\u{e33}@example.com"),
        (
            "\u{7528}\u{6237}@\u{4f8b}\u{5b50}.example",
            "\u{7528}\u{6237}@\u{4f8b}\u{5b50}.example",
        ),
        (
            "\u{314b}\u{314b}@example.com",
            "\u{314b}\u{314b}@example.com",
        ),
    ] {
        let parsed = EmailAddress::parse(typed).map(|email| email.address);
        assert_eq!(parsed.as_deref(), Ok(expected), "{typed:?}");
    }
    for typed in [
        "a\u{200d}nn@example.com",
        "ann\u{a0}lee@example.com",
        "\u{ff41}\u{3000}b@example.com",
        "ann\u{ff20}b c@example.com",
        "\u{ff0e}ann@example.com",
        "\u{200b}@example.com",
        "an\u{ad}n@example.com",
        "a\u{3164}nn@example.com",
        "a\u{ffa0}nn@example.com",
        "ann\u{fe0f}@example.com",
        "ann@exam\u{200b}ple.com",
        "ann@example\u{3002}com",
        "ann@example\u{ff61}com",
    ] {
        assert!(EmailAddress::parse(typed).is_err(), "{typed:?}");
    }
    let invisible = EmailAddress::parse("an\u{200b}n@example.com").unwrap_err();
    assert!(invisible.contains("an invisible character"), "{invisible}");
    let folded = EmailAddress::parse("\u{ff21}\u{ff4e}\u{ff4e}@\u{ff25}xample.com").unwrap();
    assert_eq!(folded.key, "ann@example.com");
}
