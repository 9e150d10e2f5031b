//! The log of a test, to read what an operator would.

use std::cell::RefCell;
use std::io;
use std::sync::{Arc, Mutex, Once};

use tracing_subscriber::fmt::MakeWriter;

thread_local! {
    /// Where this thread's lines go, when a test wants them.
    static WANTED: RefCell<Option<Lines>> = const { RefCell::new(None) };
}

/// Collects what is logged on this thread until it is dropped.
pub struct Log {
    lines: Lines,
    before: Option<Lines>,
}

impl Log {
    pub fn capture() -> Self {
        // One subscriber for all threads: with one each, what a thread without any logs first is off for all others.
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

    /// The lines that hold this text.
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

/// Writes for whoever wants the lines of the thread that it is on.
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
