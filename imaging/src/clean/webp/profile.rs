//! The colour profile of a WebP file.

use super::super::profile::{self, Profile};
use super::super::stream::Stream;
use super::{State, WebP, write_junk_head};

impl WebP {
    /// Decides by the header and the table of tags whether a colour profile is retained.
    pub(super) fn profile_head(&mut self, length: usize, left: usize, stream: &mut Stream) -> bool {
        if !stream.gather(&mut self.held, length.min(profile::HEAD)) {
            return false;
        }
        let wanted = profile::table_end(&self.held).unwrap_or(0).min(length);
        if !stream.gather(&mut self.held, wanted) {
            return false;
        }
        let mut held = std::mem::take(&mut self.held);
        let left = left - held.len();
        let profile = Profile::read(&held).filter(|profile| profile.size <= length);
        let Some(mut profile) = profile else {
            write_junk_head(length, stream);
            stream.put_zeros(held.len());
            self.state = State::Body { left, keep: false };
            return true;
        };
        stream.put(b"ICCP");
        stream.put(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
        profile.filter(&mut held);
        stream.put(&held);
        let after = left + held.len() - profile.size;
        let left = profile.size - held.len();
        self.profile = Some(profile);
        self.state = State::Profile { left, after };
        true
    }

    /// Writes the retained data of a profile.
    pub(super) fn profile(&mut self, left: usize, after: usize, stream: &mut Stream) -> bool {
        let count = left.min(stream.rest().len());
        let mut bytes = stream.rest()[..count].to_vec();
        if let Some(profile) = &mut self.profile {
            profile.filter(&mut bytes);
        }
        stream.skip(count);
        stream.put(&bytes);
        let left = left - count;
        self.state = State::Profile { left, after };
        if left == 0 {
            let (left, keep) = (after, false);
            self.state = State::Body { left, keep };
        }
        left == 0
    }
}
