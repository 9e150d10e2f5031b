//! Price buckets with round bounds.

use super::{FacetGroup, is_exact};
use crate::core::money::MAX_MINOR;

/// Maximum number of buckets.
const MAX_BUCKETS: usize = 10;
/// If fewer buckets than this contain products, finer bounds are tried.
const MIN_FILLED_BUCKETS: usize = 5;

/// Bounds within a decade, in tenths of it, coarsest first. Cells end at each of these bounds.
const BUCKET_BOUNDS: [&[i64]; 4] = [
    &[10, 20, 50],
    &[10, 15, 20, 30, 50, 70],
    &[
        10, 12, 14, 16, 18, 20, 25, 30, 35, 40, 45, 50, 60, 70, 80, 90,
    ],
    &[
        10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 42, 44,
        46, 48, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95,
    ],
];

/// Price facet, in minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prices {
    /// Lowest and highest price. `None` without products.
    pub ends: Option<(i64, i64)>,
    /// In ascending order, without gaps.
    pub buckets: Vec<Bucket>,
    pub is_exact: bool,
}

/// Number of products with a price from `from` to `to`, both inclusive, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    pub from: i64,
    pub to: i64,
    pub count: i64,
}

/// Computes the price facet.
pub fn prices(cells: &[FacetGroup]) -> Prices {
    let low = cells.iter().map(|cell| cell.low).min();
    let high = cells.iter().map(|cell| cell.high).max();
    Prices {
        ends: low.zip(high),
        buckets: low
            .zip(high)
            .map_or_else(Vec::new, |ends| fill_buckets(cells, ends, MAX_MINOR)),
        is_exact: is_exact(cells),
    }
}

/// Returns adjacent ranges with round bounds, of numbers from 0 to `max`.
pub(super) fn fill_buckets(cells: &[FacetGroup], ends: (i64, i64), max: i64) -> Vec<Bucket> {
    let mut buckets = Vec::new();
    for tenth_bounds in BUCKET_BOUNDS {
        buckets = empty_buckets(tenth_bounds, ends, max);
        for cell in cells {
            let index = buckets.partition_point(|bucket| bucket.to < cell.low);
            if let Some(bucket) = buckets.get_mut(index) {
                bucket.count += cell.found;
            }
        }
        if buckets.iter().filter(|bucket| bucket.count > 0).count() >= MIN_FILLED_BUCKETS {
            break;
        }
    }
    while buckets.len() > MAX_BUCKETS {
        merge_smallest(&mut buckets);
    }
    buckets
}

/// Returns buckets without products, from the one with the lowest price to the one with the highest.
fn empty_buckets(tenth_bounds: &[i64], (low, high): (i64, i64), max: i64) -> Vec<Bucket> {
    let mut buckets = Vec::new();
    let mut from = 0;
    let mut decade = 1;
    while from <= high {
        // Below ten minor units, some bounds would be fractions.
        let bounds = tenth_bounds.iter().map(|tenths| tenths * decade);
        for bound in bounds.filter(|bound| bound % 10 == 0) {
            let next = bound / 10;
            if next > low && from <= high {
                buckets.push(Bucket {
                    from,
                    to: (next - 1).min(max),
                    count: 0,
                });
            }
            from = next;
        }
        decade *= 10;
    }
    buckets
}

/// Merges the two adjacent buckets with the fewest products together.
fn merge_smallest(buckets: &mut Vec<Bucket>) {
    let both = |index: &usize| buckets[*index].count + buckets[index + 1].count;
    if let Some(index) = (0..buckets.len() - 1).min_by_key(both) {
        let next = buckets.remove(index + 1);
        buckets[index].to = next.to;
        buckets[index].count += next.count;
    }
}
