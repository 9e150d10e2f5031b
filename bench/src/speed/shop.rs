//! A generated shop: products with enough distinct words for searches, in a small category tree, with two images
//! each.

use std::fmt::Write as _;

use uuid::Uuid;

/// Number of root categories.
pub const ROOTS: usize = 10;
/// Number of children per root.
pub const CHILDREN: usize = 5;
/// Number of images per product.
pub const IMAGES: usize = 2;
/// Vocabulary sizes of the first, second and third word of a name.
const WORDS: [u64; 3] = [400, 120, 900];
/// Vocabulary size of descriptions.
const PROSE: u64 = 6_000;

/// A product.
pub struct Product {
    pub id: Uuid,
    pub name: String,
    pub slug: String,
    pub sku: String,
    pub description: String,
    /// In minor units.
    pub price: i64,
    pub stock: i32,
    /// Numbers of the child categories that contain it, the primary one first.
    pub categories: Vec<usize>,
}

/// Generates the product with this number. As in real shops, sorting by creation does not correlate with other
/// orders.
pub fn product(number: usize) -> Product {
    let mut random = Random(number as u64);
    let name: Vec<_> = WORDS.iter().map(|most| random.skewed(*most)).collect();
    let name: Vec<_> = name.into_iter().zip(0..).map(capital).collect();
    let name = name.join(" ");
    let mut description = String::new();
    for _ in 0..24 {
        let _ = write!(description, "{} ", word(random.skewed(PROSE), 3));
    }
    description.pop();
    let children = (ROOTS * CHILDREN) as u64;
    let mut categories = vec![random.below(children)];
    if random.below(4) == 0 {
        let other = random.below(children);
        if !categories.contains(&other) {
            categories.push(other);
        }
    }
    let small = |number: u64| i32::try_from(number).unwrap_or_default();
    Product {
        id: id(number, 1),
        slug: format!("{}-{number}", name.to_lowercase().replace(' ', "-")),
        sku: format!("{:05X}-{number}", random.below(0xfffff)),
        name,
        description,
        price: i64::from(small(random.below(100_000))) + 100,
        stock: if random.below(5) == 0 {
            0
        } else {
            small(random.below(500))
        },
        categories: categories
            .into_iter()
            .filter_map(|number| usize::try_from(number).ok())
            .collect(),
    }
}

/// Returns an ID that sorts by creation and is the same in each shop.
pub fn id(number: usize, kind: u64) -> Uuid {
    let low = (kind << 48) | number as u64 | (1 << 63);
    Uuid::from_u64_pair(((number as u64) << 16) | 0x7000, low)
}

/// Returns the ID of a category.
pub fn category_id(number: usize) -> Uuid {
    id(number, 2)
}

/// Returns the name of a category.
pub fn category(number: usize) -> String {
    let mut random = Random(number as u64 + 7);
    format!("{} {number}", capital((random.below(200), 3)))
}

fn capital((number, kind): (u64, u64)) -> String {
    let mut word = word(number, kind);
    word[..1].make_ascii_uppercase();
    word
}

/// Returns a word of at least five letters.
fn word(number: u64, kind: u64) -> String {
    const FIRST: [&str; 16] = [
        "ba", "co", "da", "fe", "gi", "ho", "ja", "ke", "lu", "mo", "na", "pe", "ri", "so", "tu",
        "vi",
    ];
    const LAST: [&str; 8] = ["ran", "let", "mis", "dor", "kel", "tun", "vas", "ber"];
    let mut mixed = Random(number.wrapping_mul(31).wrapping_add(kind << 32));
    let syllables = 1 + mixed.below(2);
    let mut word = String::new();
    for _ in 0..=syllables {
        word.push_str(FIRST[place(mixed.below(16))]);
    }
    word.push_str(LAST[place(mixed.below(8))]);
    word
}

fn place(number: u64) -> usize {
    usize::try_from(number).unwrap_or_default()
}

/// Deterministic pseudo-random numbers: `SplitMix64` (Steele, Lea and Flood).
struct Random(u64);

impl Random {
    fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, most: u64) -> u64 {
        self.number() % most
    }

    /// Returns small numbers more often than large ones, like word frequencies in real texts.
    fn skewed(&mut self, most: u64) -> u64 {
        let (one, other) = (self.below(most), self.below(most));
        one.min(other)
    }
}
