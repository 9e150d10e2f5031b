//! Processor time of processes, from `/proc`.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use sea_orm::{ConnectionTrait, Statement};

use crate::loading;

/// Returns the processor time of a process and of its ended children, with a resolution of 10 ms.
pub fn processor_time(process: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let fields = fields(&stat).context("unexpected format of /proc/PID/stat")?;
    // utime, stime, cutime and cstime: see proc_pid_stat(5).
    let ticks = fields.iter().skip(11).take(4);
    let ticks: u64 = ticks.map(|ticks| ticks.parse().unwrap_or(0)).sum();
    Ok(Duration::from_millis(ticks * 10))
}

/// Returns the fields after the name, which may contain any character.
fn fields(stat: &str) -> Option<Vec<&str>> {
    let (_, fields) = stat.rsplit_once(')')?;
    Some(fields.split_whitespace().collect())
}

/// Returns the processor time of a process and of all its children.
pub fn family_time(parent: u32) -> Result<Duration> {
    let mut sum = processor_time(parent)?;
    let name = parent.to_string();
    for entry in fs::read_dir("/proc")? {
        let Ok(process) = entry?.file_name().to_string_lossy().parse::<u32>() else {
            continue;
        };
        // Processes that end meanwhile are counted with their parent.
        let Ok(stat) = fs::read_to_string(format!("/proc/{process}/stat")) else {
            continue;
        };
        if fields(&stat).is_some_and(|fields| fields.get(1) == Some(&name.as_str())) {
            sum += processor_time(process).unwrap_or_default();
        }
    }
    Ok(sum)
}

/// Returns the main process of the PostgreSQL server. `None` if it runs on another machine, and for SQLite.
pub async fn postgres(url: &str) -> Result<Option<u32>> {
    if url.starts_with("sqlite:") {
        return Ok(None);
    }
    let db = loading::connect(url).await?;
    let sql = "SELECT pg_backend_pid() AS pid";
    let row = db
        .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
        .await?;
    let process: i32 = row.context("no row")?.try_get("", "pid")?;
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let parent = stat
        .contains("(postgres)")
        .then(|| fields(&stat)?.get(1)?.parse().ok());
    db.close().await?;
    Ok(parent.flatten())
}
