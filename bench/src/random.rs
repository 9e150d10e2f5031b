//! Random numbers without a library: xorshift64* (Marsaglia; Vigna).

use std::hash::{BuildHasher, RandomState};

/// A random number generator, seeded differently in each run, so that a reused database does not know the addresses.
pub struct Random(u64);

impl Random {
    pub fn new() -> Self {
        Self(RandomState::new().hash_one(()) | 1)
    }

    pub fn number(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Returns an email address. All have the same length and are spread over the indexes.
    pub fn email(&mut self) -> String {
        format!("{:016x}@example.com", self.number())
    }

    /// Shuffles the items (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            let other = self.number() % (end as u64 + 1);
            items.swap(end, usize::try_from(other).unwrap_or(end));
        }
    }
}
