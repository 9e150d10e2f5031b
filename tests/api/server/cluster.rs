//! `tests/cluster/run`: three servers on a PostgreSQL cluster with replicas, failover and a connection pooler.

use std::path::Path;
use std::process::Command;

use crate::harness::{python_environment, run};

const ADVICE: &str = "The tests need etcd, HAProxy, PgBouncer and iproute2.";
const PYTHON_PACKAGES: &str = include_str!("../../cluster/requirements.txt");

/// It has a network of its own, so its ports disturb no other test.
#[test]
fn servers_keep_serving_through_switchovers_failover_and_restarts_of_the_pooler() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let programs = ["etcd", "haproxy", "pgbouncer", "ip"];
    run(
        Command::new(tests.join("programs.sh")).args(programs),
        ADVICE,
    );
    let python = python_environment(PYTHON_PACKAGES).join("bin/python");
    let mut command = Command::new(python);
    command.arg(tests.join("cluster/run"));
    // Other tests run at the same time.
    command.args([env!("CARGO_BIN_EXE_wares"), "essential", "--slack", "2"]);
    let printed = run(&mut command, "The figures of the cluster:");
    assert!(printed.contains("5 rows in "), "{printed}");
    println!("{printed}");
}
