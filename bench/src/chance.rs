//! Chance that needs no library: xorshift64* (Marsaglia; Vigna).

use std::hash::{BuildHasher, RandomState};

/// A source of numbers, another one each time the program runs: a database that is used again knows no address yet.
pub struct Chance(u64);

impl Chance {
    pub fn new() -> Self {
        Self(RandomState::new().hash_one(()) | 1)
    }

    pub fn number(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// An address like all others: none is longer, and they lie all over the indexes.
    pub fn email(&mut self) -> String {
        format!("{:016x}@example.com", self.number())
    }

    /// Brings items into a random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            let other = self.number() % (end as u64 + 1);
            items.swap(end, usize::try_from(other).unwrap_or(end));
        }
    }
}
