//! The memory of an idle demo shop. Bounds apply to anonymous memory (`RssAnon`): heap, stacks and relocated data. The
//! resident pages of the executable depend on the profile: the unoptimized program of the tests has 70 MB of them.

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, Statement};
use wares::infra::database::{Address, Database};

use crate::harness::Process;

/// The maximum anonymous memory in KiB after a start.
const MAX_IDLE: usize = 24 << 10;
/// The same after all sizes of the demo's images were made: 52 to 61 MiB, and up to 74 beside other tests.
const MAX_AFTER_IMAGES: usize = 88 << 10;
/// The timeout for making the images, which takes the unoptimized program a minute of an idle core.
const IMAGES_TIMEOUT: Duration = Duration::from_mins(10);
/// The timeout for returning freed memory to the system.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Returns the number of jobs that are not finished.
async fn open_jobs(db: &Database) -> i32 {
    let statement = Statement::from_string(db.backend(), "SELECT count(*) FROM outbox");
    let row = db.reader().query_one_raw(statement).await.unwrap();
    row.unwrap().try_get_by_index(0).unwrap()
}

/// Waits until the memory of a server is below `max` KiB.
async fn wait_for_memory_below(server: &Process, max: usize) {
    let begun = Instant::now();
    while server.memory() >= max {
        let memory = server.memory();
        assert!(begun.elapsed() < TIMEOUT, "{memory} KiB of {max}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn an_idle_demo_shop_takes_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Process::serve(folder.path(), &[]);
    let file = folder.path().join("data/wares.db");
    let db = Database::connect(&Address::Sqlite(file), 1).await.unwrap();
    let begun = Instant::now();
    // The first job queues those for the sizes before it logs this.
    while !server.log().contains("stored the images") || open_jobs(&db).await > 0 {
        assert!(begun.elapsed() < IMAGES_TIMEOUT, "{}", server.log());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    db.close().await.unwrap();
    wait_for_memory_below(&server, MAX_AFTER_IMAGES).await;
    server.signal("TERM");
    assert!(server.wait());

    let server = Process::serve(folder.path(), &[]);
    wait_for_memory_below(&server, MAX_IDLE).await;
}

#[test]
fn the_server_uses_no_huge_pages() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::serve(folder.path(), &["--demo=off"]);
    let status = format!("/proc/{}/status", server.id());
    let status = std::fs::read_to_string(status).unwrap();
    assert!(status.contains("THP_enabled:\t0"), "{status}");
}
