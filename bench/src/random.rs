//! Random numbers without a library: xorshift64* (Marsaglia; Vigna).

use std::hash::{BuildHasher, RandomState};

/// A random number generator, seeded differently in each run, so that a reused database does not know the addresses.
pub struct Random(u64);

impl Random {
    pub fn new() -> Self {
        Self(RandomState::new().hash_one(()) | 1)
    }

    /// Creates a generator that returns the same numbers in each run.
    pub fn seeded(seed: &str) -> Self {
        // FNV-1a, because the standard library's hash may change with its version.
        let hash = seed.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(hash | 1)
    }

    /// Returns a number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from((self.number() >> 16) % end as u64).unwrap_or_default()
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
