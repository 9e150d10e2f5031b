//! Detects whether response times reveal which addresses have an account.
//!
//! Each group is one request with one response, sent for known and for unknown addresses. Each run sends all cases of
//! a group in random order, so that other load affects all alike. Each request uses a different address, because a
//! second request for the same address finds different rows.

use anyhow::{Result, ensure};
use serde_json::json;

use crate::Arguments;
use crate::accounts::{
    REGISTER, WRONG_PASSWORD, register_again, registration, unverified, verified, wait_for_limits,
};
use crate::http::{Client, request};
use crate::random::Random;
use crate::server::{Database, Folder, Server};
use crate::stats::{median, p_value};

/// Default number of requests per case.
const RUNS: usize = 200;
/// Warm-up requests per case, so that connections are open and statements prepared.
const WARM_UP: usize = 10;

/// Two cases may differ by less than this share of the shorter one,
const MAX_SHARE: f64 = 0.05;
/// by less than this many milliseconds,
const MAX_MS: f64 = 2.0;
/// and not significantly at this level.
const MIN_P: f64 = 0.01;

const LOGIN: &str =
    "mutation($input: LoginInput!) { login(input: $input) { userErrors { code } } }";
const FORGOT: &str = "mutation($input: ForgotPasswordInput!) {
    forgotPassword(input: $input) { userErrors { code } } }";
const RESEND: &str =
    "mutation($input: ResendOtpInput!) { resendOtp(input: $input) { userErrors { code } } }";

/// A request whose response time must not reveal anything.
struct Group {
    name: &'static str,
    cases: Vec<Case>,
}

/// A kind of address.
struct Case {
    name: &'static str,
    /// One request per run, including the warm-up.
    requests: Vec<Vec<u8>>,
}

/// Measures all groups on one database and prints the results.
pub fn measure(database: &Database, order: &Arguments) -> Result<()> {
    let runs = order.runs.unwrap_or(RUNS);
    println!("\n# {}: {runs} runs", database.name());
    let folder = Folder::new()?;
    let server = Server::start(&folder, database, &order.flags)?;
    let mut random = Random::new();
    let groups = groups(&server, &mut random, WARM_UP + runs)?;
    let mut client = Client::connect(&server.address)?;
    for group in &groups {
        wait_for_limits();
        let samples = sample(&mut client, &mut random, group)?;
        print(group, &samples);
    }
    Ok(())
}

/// Creates the accounts and all requests. No group affects accounts of later groups.
fn groups(server: &Server, random: &mut Random, count: usize) -> Result<Vec<Group>> {
    let proved = verified(server, random, count)?;
    let proved_too = verified(server, random, count)?;
    let told = verified(server, random, count)?;
    let waiting = unverified(server, random, count)?;
    let waiting_too = unverified(server, random, count)?;
    register_again(server, &told)?;
    let mut strangers = || (0..count).map(|_| random.email()).collect::<Vec<_>>();

    let login = |name, emails: &[String]| {
        Case::new(name, emails, |email| {
            let input = json!({"input": {"email": email, "password": WRONG_PASSWORD}});
            request(LOGIN, &input)
        })
    };
    let register = |name, emails: &[String]| {
        Case::new(name, emails, |email| {
            request(REGISTER, &registration(email))
        })
    };
    let forgot = |name, emails: &[String]| Case::by_email(name, emails, FORGOT);
    let resend = |name, emails: &[String]| Case::by_email(name, emails, RESEND);
    let group = |name, cases: Vec<Case>| Group { name, cases };
    Ok(vec![
        group(
            "login with a wrong password",
            vec![
                login("unknown address", &strangers()),
                login("verified account", &proved),
                login("unverified account", &waiting),
            ],
        ),
        group(
            "register",
            vec![
                register("new address", &strangers()),
                register("verified account", &proved),
                register("verified account, told before", &told),
                register("unverified account", &waiting),
            ],
        ),
        group(
            "forgotPassword",
            vec![
                forgot("unknown address", &strangers()),
                forgot("verified account", &proved),
            ],
        ),
        group(
            "resendOtp",
            vec![
                resend("unknown address", &strangers()),
                resend("unverified account", &waiting_too),
                resend("verified account", &proved_too),
            ],
        ),
    ])
}

impl Case {
    fn new(name: &'static str, emails: &[String], request: impl Fn(&str) -> Vec<u8>) -> Self {
        let requests = emails.iter().map(|email| request(email)).collect();
        Self { name, requests }
    }

    /// A case whose only input is the address.
    fn by_email(name: &'static str, emails: &[String], query: &str) -> Self {
        Self::new(name, emails, |email| {
            request(query, &json!({"input": {"email": email}}))
        })
    }
}

/// Returns the durations of each case in milliseconds.
fn sample(client: &mut Client, random: &mut Random, group: &Group) -> Result<Vec<Vec<f64>>> {
    let mut order: Vec<_> = (0..group.cases.len()).collect();
    let mut samples = vec![Vec::new(); order.len()];
    let mut expected = None;
    for run in 0..group.cases[0].requests.len() {
        random.shuffle(&mut order);
        for &case in &order {
            let response = client.send(&group.cases[case].requests[run])?;
            if run >= WARM_UP {
                samples[case].push(response.took.as_secs_f64() * 1_000.0);
            }
            // Different responses would reveal the account directly, or be due to a rate limit.
            let expected = expected.get_or_insert_with(|| response.body.clone());
            let said = String::from_utf8_lossy(&response.body);
            ensure!(
                response.body == *expected,
                "{}: different response: {said}",
                group.name
            );
        }
    }
    Ok(samples)
}

fn print(group: &Group, samples: &[Vec<f64>]) {
    let medians: Vec<_> = samples.iter().map(|case| median(case)).collect();
    println!(
        "\n{:<32} {:>9} {:>7} {:>9} {:>8}",
        group.name, "median ms", "ratio", "more ms", "p"
    );
    for (index, case) in group.cases.iter().enumerate() {
        let (first, here) = (medians[0], medians[index]);
        print!("  {:<30} {here:>9.3} {:>7.4}", case.name, here / first);
        if index > 0 {
            let p = p_value(&samples[0], &samples[index]);
            print!(" {:>+9.3} {p:>8.4}", here - first);
        }
        println!();
    }
    let mut even = true;
    for (one, first) in group.cases.iter().enumerate() {
        for (other, second) in group.cases.iter().enumerate().skip(one + 1) {
            let difference = (medians[one] - medians[other]).abs();
            let share = difference / medians[one].min(medians[other]);
            let p = p_value(&samples[one], &samples[other]);
            if difference >= MAX_MS || share >= MAX_SHARE || p <= MIN_P {
                even = false;
                let percent = share * 100.0;
                // A large difference without a small p is noise, or the number of runs is too small.
                let verdict = if p <= MIN_P {
                    "DIFFERENT"
                } else {
                    "inconclusive"
                };
                println!(
                    "  {verdict}: {} and {}: {difference:.3} ms, {percent:.2} %, p {p:.4}",
                    first.name, second.name
                );
            }
        }
    }
    if even {
        println!("  equal: all pairs differ by < 5 % and < 2 ms, with p > 0.01");
    }
}
