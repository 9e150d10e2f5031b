//! Determines how much of a file is read before a transaction begins.

use std::future::pending;

use bytes::Bytes;
use futures_util::Stream;
use tokio::sync::watch;

use super::Options;
use super::mapping::Mapping;
use super::row::RowChunk;
use super::source::{Source, refuse};
use crate::core::error::Result;
use crate::core::money::Currency;
use crate::platform::audit::service::Actor;

/// Maximum rows and approximate bytes of a batch.
const BATCH: (usize, usize) = (1_000, 8 * 1024 * 1024);
/// Maximum rows and approximate bytes read before a transaction for many batches begins.
const WINDOW: (u64, usize) = (50_000, 32 * 1024 * 1024);
/// Message for a file that is too large to be buffered.
const TOO_LARGE: &str = "With allOrNothing the limit is 50,000 rows or 32 MiB. The command `wares import` \
                         accepts larger files.";

/// How much to read at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadMode {
    /// One batch, with its own transaction.
    Batch,
    /// Many batches for one transaction.
    Window,
    /// The whole file: a transaction must not wait for a client.
    Whole,
}

impl ReadMode {
    pub const fn of(actor: Actor, options: &Options) -> Self {
        match actor {
            Actor::Admin(_) if options.all_or_nothing => Self::Whole,
            _ if options.all_or_nothing || options.dry_run => Self::Window,
            _ => Self::Batch,
        }
    }
}

/// Reads a file in windows until `stop` is set.
#[derive(Debug)]
pub struct Windows<S> {
    source: Source<S>,
    read_mode: ReadMode,
    stop: watch::Receiver<bool>,
}

impl<S: Stream<Item = Result<Bytes>> + Unpin> Windows<S> {
    /// Reads the header.
    ///
    /// # Errors
    /// As for [`Source::open`].
    pub async fn open(
        file: S,
        currency: Currency,
        mapping: &Mapping,
        read_mode: ReadMode,
        stop: watch::Receiver<bool>,
    ) -> Result<Self> {
        let source = Source::open(file, currency, mapping).await?;
        Ok(Self {
            source,
            read_mode,
            stop,
        })
    }

    /// Whether `stop` is set.
    pub fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// Returns the next window, or `None` at the end.
    ///
    /// # Errors
    /// The file can't be read, or is too large to be buffered.
    pub async fn next(&mut self) -> Result<Option<Vec<RowChunk>>> {
        let mut window = Vec::new();
        let (mut records, mut size) = (0, 0);
        while records < WINDOW.0 && size < WINDOW.1 {
            let Some(row_chunk) = self.batch().await? else {
                break;
            };
            records += row_chunk.records;
            size += row_chunk.size;
            window.push(row_chunk);
            if self.read_mode == ReadMode::Batch {
                break;
            }
        }
        if self.read_mode == ReadMode::Whole {
            // At its end a file may yield pending products without further rows.
            while let Some(rest) = self.batch().await? {
                if rest.records > 0 {
                    return Err(refuse(TOO_LARGE));
                }
                window.push(rest);
            }
        }
        Ok((!window.is_empty() && !self.is_stopped()).then_some(window))
    }

    async fn batch(&mut self) -> Result<Option<RowChunk>> {
        tokio::select! {
            biased;
            () = stopped(&mut self.stop) => Ok(None),
            next = self.source.row_chunk(BATCH.0, BATCH.1) => next,
        }
    }
}

/// Waits until `stop` is set.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        // The sender is gone: never stops.
        pending::<()>().await;
    }
}
