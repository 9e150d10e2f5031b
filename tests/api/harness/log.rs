//! Captures the log of a test.

use std::cell::RefCell;
use std::io;
use std::sync::{Arc, Mutex, Once};

use tracing_subscriber::fmt::MakeWriter;

thread_local! {
    /// The buffer for log lines of this thread, if they are captured.
    static WANTED: RefCell<Option<Lines>> = const { RefCell::new(None) };
}

/// Captures the log lines of this thread until it is dropped.
pub struct Log {
    lines: Lines,
    before: Option<Lines>,
}

impl Log {
    pub fn capture() -> Self {
        // All threads share one subscriber. With one per thread, call sites that a thread without a subscriber
        // reaches first are disabled for all threads.
        static SUBSCRIBER: Once = Once::new();
        SUBSCRIBER.call_once(|| {
            let subscriber = tracing_subscriber::fmt()
                .with_ansi(false)
                .with_writer(ThisThread)
                .finish();
            tracing::subscriber::set_global_default(subscriber).unwrap();
        });
        let lines = Lines::default();
        let before = WANTED.replace(Some(lines.clone()));
        Self { lines, before }
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
        WANTED.set(self.before.take());
    }
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

/// Writes to the buffer of the current thread.
struct ThisThread;

impl io::Write for ThisThread {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        WANTED.with_borrow(|wanted| {
            if let Some(lines) = wanted {
                lines.0.lock().unwrap().extend(bytes);
            }
        });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for ThisThread {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}
