//! Generated products and searches to measure the search with, of two vocabularies.
//!
//! The words are made of syllables with the frequencies of English, so that many begin alike and some end like an English
//! inflection.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use crate::random::Random;

/// How often words occur.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vocabulary {
    /// 20,000 words, each as often as another.
    Uniform,
    /// 50,000 words, as often as those of a text: the word of rank r in proportion to 1 / (r + 2.7), by the law of Zipf and
    /// Mandelbrot.
    Zipf,
}

/// The number of words of names.
const NAME: usize = 3;
/// The number of words of descriptions.
const DESCRIPTION: usize = 20;
const BRANDS: usize = 2_000;
const TAGS: usize = 300;
const CATEGORIES: usize = 50;
/// Added to the rank of words of Zipf's law.
const OFFSET: f64 = 2.7;
/// Words up to this rank have one syllable, and up to the next one two.
const SHORT: usize = 100;
const MIDDLE: usize = 4_000;

/// A product.
pub struct Product {
    pub name: Vec<String>,
    pub slug: String,
    pub sku: String,
    brand: String,
    tags: [String; 2],
    description: String,
    price: usize,
    stock: usize,
    category: usize,
}

impl Vocabulary {
    pub const ALL: [Self; 2] = [Self::Uniform, Self::Zipf];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Zipf => "zipf",
        }
    }

    const fn size(self) -> usize {
        match self {
            Self::Uniform => 20_000,
            Self::Zipf => 50_000,
        }
    }

    /// Returns a word.
    fn word(self, random: &mut Random) -> String {
        let rank = self.rank(self.size(), random);
        match self {
            // Without the short words, which many words begin with.
            Self::Uniform => word("word", rank + SHORT),
            Self::Zipf => word("word", rank),
        }
    }

    /// Returns a number below `end`, by the frequencies of the vocabulary.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "ranks are small and positive"
    )]
    fn rank(self, end: usize, random: &mut Random) -> usize {
        match self {
            Self::Uniform => random.below(end),
            Self::Zipf => {
                // The inverse of the integral of the frequencies.
                let share = random.below(1 << 30) as f64 / f64::from(1 << 30);
                let rank = OFFSET * ((end as f64 + OFFSET) / OFFSET).powf(share) - OFFSET;
                (rank as usize).min(end - 1)
            }
        }
    }

    /// Generates the product with this number.
    pub fn product(self, number: usize) -> Product {
        let random = &mut Random::seeded(&format!("{}-{number}", self.name()));
        let mut name: Vec<String> = Vec::new();
        while name.len() < NAME {
            let word = self.word(random);
            if !name.contains(&word) {
                name.push(word);
            }
        }
        let mut description = String::new();
        for _ in 0..DESCRIPTION {
            let _ = write!(description, "{} ", self.word(random));
        }
        Product {
            slug: format!("{}-{number}", name.join("-")),
            name,
            // Numbers of manufacturers do not ascend with the time of creation.
            sku: format!("{:06X}-{number}", random.below(0xff_ffff)),
            brand: word("brand", MIDDLE + self.rank(BRANDS, random)),
            tags: [(); 2].map(|()| word("tag", SHORT + self.rank(TAGS, random))),
            description: description.trim_end().to_owned(),
            price: 100 + random.below(100_000),
            stock: if random.below(5) == 0 {
                0
            } else {
                random.below(500)
            },
            category: random.below(CATEGORIES),
        }
    }

    /// Writes products to a file of `wares import`.
    pub fn write_file(self, path: &Path, count: usize) -> std::io::Result<()> {
        let mut file = BufWriter::new(File::create(path)?);
        writeln!(
            file,
            "name,price,sku,slug,brand,tags,description,stock,categories,status"
        )?;
        for number in 0..count {
            let product = self.product(number);
            let (whole, cents) = (product.price / 100, product.price % 100);
            writeln!(
                file,
                "{},{whole}.{cents:02},{},{},{},\"{}\",{},{},Shelf {},ACTIVE",
                product.name.join(" "),
                product.sku,
                product.slug,
                product.brand,
                product.tags.join(","),
                product.description,
                product.stock,
                product.category,
            )?;
        }
        file.flush()
    }

    /// Returns a search of this kind for the product with this number, or one whose words stand in no product.
    pub fn search(self, kind: Kind, number: usize) -> String {
        let product = self.product(number);
        let [first, second, ..] = product.name.as_slice() else {
            return String::new();
        };
        let random = &mut Random::seeded(&format!("missing-{number}"));
        let missing = format!(
            "{}qx{}",
            word("missing", random.below(1 << 20)),
            random.below(10)
        );
        let missing = missing.replace(|letter: char| letter.is_ascii_digit(), "z");
        match kind {
            Kind::Missing => missing,
            Kind::Sku => product.sku,
            Kind::Prefix => prefix(first).to_owned(),
            Kind::Words => format!("{first} {second}"),
            Kind::Typo => mistyped(first, second),
            Kind::MissingAndPrefix => format!("{missing} {}", prefix(second)),
            Kind::Prefixes => format!("{} {}", prefix(first), prefix(second)),
            Kind::WordAndPrefix => format!("{first} {}", prefix(second)),
        }
    }
}

/// The kinds of searches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Missing,
    Sku,
    Prefix,
    Words,
    Typo,
    MissingAndPrefix,
    Prefixes,
    WordAndPrefix,
}

impl Kind {
    pub const ALL: [Self; 8] = [
        Self::Missing,
        Self::Sku,
        Self::Prefix,
        Self::Words,
        Self::Typo,
        Self::MissingAndPrefix,
        Self::Prefixes,
        Self::WordAndPrefix,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "a word that no product has",
            Self::Sku => "a SKU",
            Self::Prefix => "the first three letters of a word",
            Self::Words => "two words",
            Self::Typo => "two words with a typo",
            Self::MissingAndPrefix => "a word that no product has, and three letters",
            Self::Prefixes => "the first three letters of two words",
            Self::WordAndPrefix => "a word, and three letters",
        }
    }
}

fn prefix(word: &str) -> &str {
    word.get(..3).unwrap_or(word)
}

/// Returns two words, the longer one with two adjacent letters swapped.
fn mistyped(first: &str, second: &str) -> String {
    let mut words = [first.to_owned(), second.to_owned()];
    let longer = usize::from(second.len() > first.len());
    let mut letters: Vec<char> = words[longer].chars().collect();
    let differing = (2..letters.len()).find(|index| letters[*index] != letters[index - 1]);
    if let Some(index) = differing {
        letters.swap(index - 1, index);
    }
    words[longer] = letters.into_iter().collect();
    words.join(" ")
}

/// Returns the word of a kind with this number. Different numbers rarely have the same word.
fn word(kind: &str, number: usize) -> String {
    const FIRST: [&str; 24] = [
        "b", "br", "c", "ch", "d", "f", "fl", "g", "h", "j", "k", "l", "m", "n", "p", "pr", "r",
        "s", "sh", "st", "t", "tr", "v", "w",
    ];
    const VOWELS: [&str; 10] = ["a", "a", "e", "e", "e", "i", "i", "o", "o", "u"];
    const LAST: [&str; 14] = [
        "", "", "d", "ck", "l", "ll", "m", "n", "n", "nt", "r", "s", "t", "t",
    ];
    const ENDINGS: [&str; 8] = ["", "", "", "", "er", "ing", "y", "s"];
    let random = &mut Random::seeded(&format!("{kind}-{number}"));
    let syllables = match number {
        ..SHORT => 1,
        SHORT..MIDDLE => 2,
        _ => 2 + random.below(2),
    };
    let mut word = String::new();
    for _ in 0..syllables {
        for letters in [&FIRST[..], &VOWELS[..], &LAST[..]] {
            word.push_str(letters[random.below(letters.len())]);
        }
    }
    if syllables > 1 {
        word.push_str(ENDINGS[random.below(ENDINGS.len())]);
    }
    word
}
