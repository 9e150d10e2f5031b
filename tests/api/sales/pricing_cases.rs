//! Random orders.

use wares::core::pricing::{
    CrossBorder, Discount, DiscountKind, Line, Mode, Shipping, ShippingTax, Tax,
};

/// A reproducible sequence of random numbers (`SplitMix64`).
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number from 0 to `end` - 1.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn pick<T: Clone>(&mut self, choices: &[T]) -> T {
        let index = usize::try_from(self.below(choices.len() as u64)).unwrap();
        choices[index].clone()
    }

    fn amount(&mut self, end: u64) -> i64 {
        i64::try_from(self.below(end)).unwrap()
    }
}

/// An order.
#[derive(Clone, Debug)]
pub struct Order {
    pub lines: Vec<Line>,
    pub shipping: Option<Shipping>,
    pub discounts: Vec<Discount>,
    pub mode: Mode,
}

const PPM: [u32; 9] = [
    0, 1, 50_000, 70_000, 77_777, 81_000, 190_000, 250_000, 1_000_000,
];

impl Order {
    /// Creates a random order.
    pub fn random(random: &mut Random) -> Self {
        // Units of currencies with 0, 2 and 3 decimals; few orders are near the maximum.
        let end = random.pick(&[200, 20_000, 200_000, 2_000_000, 20_000_000_000]);
        let count = match random.below(10) {
            0 => 1 + random.below(100),
            1..=4 => 1 + random.below(12),
            _ => 1 + random.below(4),
        };
        let taxes = Self::taxes(random);
        let lines: Vec<_> = (0..count)
            .map(|_| Self::line(random, end, &taxes))
            .collect();
        let shipping = (random.below(4) > 0).then(|| Shipping {
            price: random.amount(3_000),
            tax: random.pick(&taxes),
            home_ppm: random.pick(&PPM),
        });
        let discounts = (0..random.below(6)).map(|_| Self::discount(random, end, lines.len()));
        let discounts = discounts.collect();
        Self {
            lines,
            shipping,
            discounts,
            mode: Mode {
                prices_include_tax: random.below(2) == 0,
                cross_border: random.pick(&[CrossBorder::KeepGross, CrossBorder::KeepNet]),
                shipping_tax: random.pick(&[ShippingTax::Own, ShippingTax::Proportional]),
            },
        }
    }

    /// A few taxes, so that several lines share one.
    fn taxes(random: &mut Random) -> Vec<Option<Tax>> {
        let mut taxes = Vec::new();
        for _ in 0..=random.below(4) {
            let tax = (random.below(5) > 0).then(|| Tax {
                name: random.pick(&["VAT", "GST"]).to_owned(),
                ppm: random.pick(&PPM),
            });
            taxes.push(tax);
        }
        taxes
    }

    fn line(random: &mut Random, end: u64, taxes: &[Option<Tax>]) -> Line {
        let tax = random.pick(taxes);
        // Mostly that of the destination, which needs no conversion.
        let own = tax.as_ref().map_or(0, |tax| tax.ppm);
        let home_ppm = if random.below(2) == 0 {
            own
        } else {
            random.pick(&PPM)
        };
        let quantity = match random.below(20) {
            0 => 10_000,
            1..=4 => random.below(50),
            _ => 1 + random.below(4),
        };
        Line {
            unit_price: if random.below(12) == 0 {
                0
            } else {
                random.amount(end)
            },
            quantity: u32::try_from(quantity).unwrap(),
            tax,
            home_ppm,
        }
    }

    fn discount(random: &mut Random, end: u64, lines: usize) -> Discount {
        let kind = match random.below(7) {
            0..=2 => DiscountKind::Percent {
                ppm: random.pick(&[1, 33_333, 100_000, 150_000, 500_000, 999_999, 1_000_000]),
            },
            3..=5 => DiscountKind::Fixed {
                amount: random.amount(end * 3),
            },
            _ => DiscountKind::FreeShipping,
        };
        // Also indexes of lines that do not exist, and repeated ones.
        let lines = if random.below(2) == 0 {
            (0..lines).collect()
        } else {
            let some = (0..=random.below(lines as u64 + 2)).map(|_| random.below(lines as u64 + 3));
            some.map(|index| usize::try_from(index).unwrap()).collect()
        };
        Discount { kind, lines }
    }
}
