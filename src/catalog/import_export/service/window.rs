//! How much of a file is read before a transaction begins.

use std::future::pending;

use bytes::Bytes;
use futures_util::Stream;
use tokio::sync::watch;

use super::Options;
use super::mapping::Mapping;
use super::row::Portion;
use super::source::{Source, refuse};
use crate::core::error::Result;
use crate::core::money::Currency;
use crate::platform::audit::service::Actor;

/// Rows of a batch, and about how many bytes they may have.
const BATCH: (usize, usize) = (1_000, 8 * 1024 * 1024);
/// The same of what is read before a transaction begins that is for many batches.
const WINDOW: (u64, usize) = (50_000, 32 * 1024 * 1024);
/// What is said of a file that is too large to be held.
const TOO_LARGE: &str = "With allOrNothing it holds at most 50,000 rows or 32 MiB. The operator's command wares import \
                         takes larger ones.";

/// How much is read in one go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// A batch, which has a transaction of its own.
    Batch,
    /// Many batches, for one transaction.
    Window,
    /// All of the file: a transaction that is kept must not wait for a client.
    Whole,
}

impl Pace {
    pub const fn of(actor: Actor, options: &Options) -> Self {
        match actor {
            Actor::Admin(_) if options.all_or_nothing => Self::Whole,
            _ if options.all_or_nothing || options.dry_run => Self::Window,
            _ => Self::Batch,
        }
    }
}

/// A file in pieces, until somebody says `stop`.
#[derive(Debug)]
pub struct Windows<S> {
    source: Source<S>,
    pace: Pace,
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
        pace: Pace,
        stop: watch::Receiver<bool>,
    ) -> Result<Self> {
        let source = Source::open(file, currency, mapping).await?;
        Ok(Self { source, pace, stop })
    }

    /// Whether somebody has said so.
    pub fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// What is imported next; nothing at the end.
    ///
    /// # Errors
    /// The file can't be read further, or is larger than may be held.
    pub async fn next(&mut self) -> Result<Option<Vec<Portion>>> {
        let mut window = Vec::new();
        let (mut records, mut size) = (0, 0);
        while records < WINDOW.0 && size < WINDOW.1 {
            let Some(portion) = self.batch().await? else {
                break;
            };
            records += portion.records;
            size += portion.size;
            window.push(portion);
            if self.pace == Pace::Batch {
                break;
            }
        }
        if self.pace == Pace::Whole {
            // The end of a file may give what was read of it before, and no row.
            let rest = self.batch().await?;
            if rest.as_ref().is_some_and(|rest| rest.records > 0) {
                return Err(refuse(TOO_LARGE));
            }
            window.extend(rest);
        }
        Ok((!window.is_empty() && !self.is_stopped()).then_some(window))
    }

    async fn batch(&mut self) -> Result<Option<Portion>> {
        tokio::select! {
            biased;
            () = stopped(&mut self.stop) => Ok(None),
            next = self.source.portion(BATCH.0, BATCH.1) => next,
        }
    }
}

/// Waits until somebody says so.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        // Nobody is left who could.
        pending::<()>().await;
    }
}
