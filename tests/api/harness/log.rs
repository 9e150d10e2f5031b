//! Captures the log of a test.

use std::cell::RefCell;
use std::io;
use std::sync::{Arc, Mutex, Once};

use tracing_subscriber::fmt::MakeWriter;

thread_local! {
    /// The buffer for log lines of this thread, if they are captured.
    static CAPTURED: RefCell<Option<Lines>> = const { RefCell::new(None) };
}

/// Captures the log lines of this thread until it is dropped.
pub struct Log {
    lines: Lines,
    previous: Option<Lines>,
}

impl Log {
    pub fn capture() -> Self {
        // All threads share one subscriber. With one per thread, call sites that a thread without a subscriber
        // reaches first are disabled for all threads.
        static SUBSCRIBER: Once = Once::new();
        SUBSCRIBER.call_once(|| {
            let subscriber = tracing_subscriber::fmt()
                .with_ansi(false)
                .with_writer(ThreadWriter)
                .finish();
            tracing::subscriber::set_global_default(subscriber).unwrap();
        });
        let lines = Lines::default();
        let previous = CAPTURED.replace(Some(lines.clone()));
        Self { lines, previous }
    }

    /// Returns the lines that contain this text.
    pub fn lines_with(&self, text: &str) -> Vec<String> {
        let bytes = self.lines.0.lock().unwrap();
        let all = String::from_utf8(bytes.clone()).unwrap();
        let found = all.lines().filter(|line| line.contains(text));
        found.map(ToOwned::to_owned).collect()
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        CAPTURED.set(self.previous.take());
    }
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

/// Writes to the buffer of the current thread.
struct ThreadWriter;

impl io::Write for ThreadWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        CAPTURED.with_borrow(|captured| {
            if let Some(lines) = captured {
                lines.0.lock().unwrap().extend(bytes);
            }
        });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for ThreadWriter {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}
