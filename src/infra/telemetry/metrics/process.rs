//! Resource use of the process, on Linux only.

use std::fs;

use super::Text;

/// Page size and clock ticks per second of `/proc`, which are the same on all platforms that Wares is built for.
const PAGE: u64 = 4_096;
const TICKS: u64 = 100;

/// Writes memory use, open files and the start time, as far as they are available.
pub fn write(text: &mut Text) {
    let numbers = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let pages = numbers("/proc/self/statm");
    if let Some(pages) = pages.split(' ').nth(1).and_then(|n| n.parse::<u64>().ok()) {
        let name = "process_resident_memory_bytes";
        text.gauge(name, "Memory that the process has in use.", pages * PAGE);
    }
    if let Ok(files) = fs::read_dir("/proc/self/fd") {
        text.gauge("process_open_fds", "Open files.", files.count());
    }
    // The program's name is in parentheses and may contain anything; only numbers follow it.
    let stat = numbers("/proc/self/stat");
    let after = stat.rsplit_once(") ").map(|(_, after)| after);
    let ticks = after.and_then(|after| after.split(' ').nth(19)?.parse::<u64>().ok());
    let system = numbers("/proc/stat");
    let boot = system.lines().find_map(|line| line.strip_prefix("btime "));
    let boot = boot.and_then(|boot| boot.trim().parse::<u64>().ok());
    if let (Some(ticks), Some(boot)) = (ticks, boot) {
        let name = "process_start_time_seconds";
        let help = "When the process was started, in seconds since 1970.";
        text.gauge(name, help, boot + ticks / TICKS);
    }
}
