//! `docs/payments.md`: its script in a browser, with a card at the simulated Stripe. The server is killed between the steps.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{
    Backend, PASSWORD, Process, StripeServer, database_flag, free_port, fresh_database,
    npm_packages, post_with_token, write_atomically,
};

const GUIDE: &str = include_str!("../../../docs/payments.md");
const SCRIPT: &str = include_str!("../../stripe/guide.mjs");
const ADMIN: &str = "boss@example.com";

// The simulated Stripe responds while the test waits for the browser.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_script_of_the_guide_pays_with_a_card_while_the_server_is_killed() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let folder = tempfile::tempdir().unwrap();
        let database = database_flag(&fresh_database(backend, folder.path()).await);
        let stripe = StripeServer::start().await;
        let port = free_port();
        let start = || {
            let mut command = Process::command(folder.path(), &[&database]);
            command.stdout(Stdio::null()).envs(stripe.settings());
            Process::serve_on_port(folder.path(), command, port)
        };
        let mut server = start();
        let restart = |server: &mut Process| {
            server.signal("KILL");
            server.wait();
            *server = start();
        };
        create_admin(folder.path(), &database);

        let mut browser = Browser::open(folder.path(), port, &stripe);
        browser.wait_for("placed");
        browser.resume();
        browser.wait_for("declined");
        assert_eq!(stripe.intents()[0].status, "requires_payment_method");
        browser.resume();
        browser.wait_for("paid");
        // Stripe has the money, and Wares does not know it yet.
        restart(&mut server);
        browser.resume();
        browser.wait_for("confirmed");

        let token = server.sign_in(ADMIN);
        let order = first_order(&server, &token);
        let captured = &order["captured"]["amount"];
        let [payment] = &stripe.intents()[..] else {
            panic!("{:?}", stripe.intents())
        };
        let half = payment.captured / 2;
        let amount = format!("{}.{:02}", half / 100, half % 100);
        assert_eq!(
            captured,
            &format!("{}.{:02}", payment.amount / 100, payment.amount % 100)
        );
        let refund = json!({
            "query": "mutation($input: RefundOrderInput!) { refundOrder(input: $input) { userErrors { message } } }",
            "variables": {"input": {"orderId": order["id"], "amount": amount}},
        });
        let refunded = post_with_token(&server.address, &token, &refund).unwrap();
        assert_eq!(refunded["data"]["refundOrder"]["userErrors"], json!([]));
        restart(&mut server);
        let started = Instant::now();
        while first_order(&server, &token)["paymentStatus"] != "PARTIALLY_REFUNDED" {
            assert!(started.elapsed() < Duration::from_mins(2), "no refund");
            std::thread::sleep(Duration::from_millis(100));
        }
        let [payment] = &stripe.intents()[..] else {
            panic!("{:?}", stripe.intents())
        };
        assert_eq!((payment.captured, payment.refunded), (payment.amount, half));
        assert_eq!(stripe.refunds(&payment.id).len(), 1);
        drop(server);
        let verified = Process::run(folder.path(), &["verify", &database]);
        assert!(verified.status.success(), "{verified:?}");
    }
}

/// Returns the only order.
fn first_order(server: &Process, token: &str) -> Value {
    let orders = json!({"query": "{ orders(first: 2) { nodes {
        id paymentStatus captured { amount } refunded { amount } } } }"});
    let response = post_with_token(&server.address, token, &orders).unwrap();
    let nodes = response["data"]["orders"]["nodes"].as_array();
    let nodes = nodes.unwrap_or_else(|| panic!("{response}"));
    assert_eq!(nodes.len(), 1);
    nodes[0].clone()
}

fn create_admin(folder: &Path, database: &str) {
    let mut command = Process::command(folder, &["admin", "create", "--email", ADMIN, database]);
    command.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut admin = command.spawn().unwrap();
    let mut password = admin.stdin.take().unwrap();
    password.write_all(PASSWORD.as_bytes()).unwrap();
    drop(password);
    assert!(admin.wait().unwrap().success());
}

/// A browser with the page of the guide. It is killed on drop.
struct Browser {
    node: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Browser {
    fn open(folder: &Path, port: u16, stripe: &StripeServer) -> Self {
        let packages = npm_packages(&["node", "npm", "chromium"]);
        let script = write_atomically(&packages, "guide.mjs", SCRIPT.as_bytes());
        let blocks = GUIDE.split("```js\n").skip(1);
        let blocks: String = blocks
            .map(|part| part.split("```").next().unwrap())
            .collect();
        let page = write_atomically(folder, "page.js", blocks.as_bytes());
        let mut node = Command::new("node")
            .arg(script)
            .arg(format!("http://127.0.0.1:{port}"))
            .arg(format!("{}/stripe.js", stripe.url()))
            .arg(page)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            input: node.stdin.take().unwrap(),
            output: BufReader::new(node.stdout.take().unwrap()),
            node,
        }
    }

    /// Waits until the payment has this state.
    fn wait_for(&mut self, state: &str) {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        assert_eq!(line.trim(), state, "the browser failed: see above");
    }

    /// Continues with the next step.
    fn resume(&mut self) {
        self.input.write_all(b"\n").unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        _ = self.node.kill();
        _ = self.node.wait();
    }
}
