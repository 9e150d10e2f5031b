//! Creates accounts for measurements through the API and its emails.

use std::collections::HashMap;
use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::http::Client;
use crate::random::Random;
use crate::server::Server;

/// The password of all accounts.
pub const PASSWORD: &str = "what opens every door";
/// A wrong password of the same length.
pub const WRONG_PASSWORD: &str = "what opens not a door";

pub const REGISTER: &str =
    "mutation($input: RegisterInput!) { register(input: $input) { userErrors { code } } }";
const VERIFY: &str =
    "mutation($input: VerifyEmailInput!) { verifyEmail(input: $input) { userErrors { code } } }";

/// Time limit for emails to arrive.
const TIMEOUT: Duration = Duration::from_mins(1);
/// Slightly more than the server's minimum interval between two codes to one address.
const GAP: Duration = Duration::from_millis(1_100);

/// Returns the variables of `register`.
pub fn registration(email: &str) -> Value {
    json!({"input": {"email": email, "password": PASSWORD, "name": "Somebody"}})
}

/// Creates accounts with unverified addresses.
pub fn unverified(server: &Server, random: &mut Random, count: usize) -> Result<Vec<String>> {
    let emails: Vec<_> = (0..count).map(|_| random.email()).collect();
    register(server, &emails)?;
    Ok(emails)
}

/// Creates accounts that can sign in.
pub fn verified(server: &Server, random: &mut Random, count: usize) -> Result<Vec<String>> {
    let emails = unverified(server, random, count)?;
    let codes = codes(server, &emails)?;
    let mut client = Client::connect(&server.address)?;
    for email in &emails {
        let code = codes.get(email).context("an email is missing")?;
        let input = json!({"input": {"email": email, "otp": code}});
        ensure_done(&client.query(VERIFY, &input)?)?;
    }
    Ok(emails)
}

/// Registers the same addresses again, after the interval between two codes.
pub fn register_again(server: &Server, emails: &[String]) -> Result<()> {
    wait_for_limits();
    register(server, emails)
}

/// Waits until another code may be sent to every address.
pub fn wait_for_limits() {
    sleep(GAP);
}

fn register(server: &Server, emails: &[String]) -> Result<()> {
    let mut client = Client::connect(&server.address)?;
    for email in emails {
        ensure_done(&client.query(REGISTER, &registration(email))?)?;
    }
    Ok(())
}

/// Waits for the codes sent to these addresses.
fn codes(server: &Server, emails: &[String]) -> Result<HashMap<String, String>> {
    let begun = Instant::now();
    loop {
        let codes = emailed_codes(&server.log()?);
        if emails.iter().all(|email| codes.contains_key(email)) {
            return Ok(codes);
        }
        ensure!(
            begun.elapsed() < TIMEOUT,
            "the emails did not arrive in time"
        );
        sleep(Duration::from_millis(200));
    }
}

/// Returns the codes of all emails in a log, by address. The log contains the code, the email file the address.
fn emailed_codes(log: &str) -> HashMap<String, String> {
    let codes = log.lines().filter_map(|line| {
        let (_, line) = line.split_once("wrote an email to a file path=")?;
        let (path, code) = line.split_once(" code=\"")?;
        let email_text = fs::read_to_string(path).ok()?;
        let to = email_text
            .lines()
            .find_map(|line| line.strip_prefix("To: "))?;
        Some((to.trim().to_owned(), code.split('"').next()?.to_owned()))
    });
    codes.collect()
}

/// Fails unless a response has data and no user errors.
fn ensure_done(response: &Value) -> Result<()> {
    let data = response["data"].as_object();
    let done = data.is_some_and(|data| {
        let mut payloads = data.values();
        payloads.all(|payload| payload["userErrors"] == json!([]))
    });
    ensure!(done, "request failed: {response}");
    Ok(())
}
