//! Measures of a ranked list.

/// Number of results that are judged.
pub const DEPTH: usize = 10;

/// Returns the normalized discounted cumulative gain of the first [`DEPTH`] results, 0 to 1: gains are 2^grade - 1, the
/// discount is the binary logarithm of the rank plus 1, and the norm is the gain of the best possible list.
///
/// `ranked` are the grades of the results; `best` those of all products, the best first.
pub fn ndcg(ranked: &[u8], best: &[u8]) -> f64 {
    let ideal = gain(best);
    if ideal == 0.0 {
        0.0
    } else {
        gain(ranked) / ideal
    }
}

/// Returns the share of the good products that are among the first [`DEPTH`] results, of those that can be.
pub fn recall(ranked: &[u8], good: usize, threshold: u8) -> f64 {
    let found = ranked
        .iter()
        .take(DEPTH)
        .filter(|grade| **grade >= threshold);
    ratio(found.count(), good.min(DEPTH))
}

fn gain(grades: &[u8]) -> f64 {
    let ranks = (2_u32..).map(|rank| f64::from(rank).log2());
    let gains = grades
        .iter()
        .take(DEPTH)
        .map(|grade| f64::from(*grade).exp2() - 1.0);
    gains
        .zip(ranks)
        .map(|(gain, discount)| gain / discount)
        // Not `sum`, which is -0 for nothing.
        .fold(0.0, |sum, gain| sum + gain)
}

/// Returns a share, 0 of nothing.
#[expect(clippy::cast_precision_loss, reason = "the numbers are small")]
pub fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

/// Returns the mean, 0 of nothing.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() * ratio(1, values.len())
}

#[cfg(test)]
mod tests {
    use super::{ndcg, recall};

    fn is_close(one: f64, other: f64) -> bool {
        (one - other).abs() < 0.0005
    }

    #[test]
    fn the_best_list_has_ndcg_1() {
        assert!(is_close(ndcg(&[3, 3, 1], &[3, 3, 1]), 1.0));
    }

    #[test]
    fn a_good_product_in_the_second_place_counts_less() {
        // 7 / log2(3), of 7 / log2(2).
        assert!(is_close(ndcg(&[0, 3], &[3]), 0.6309));
        // 3 / 1 + 7 / 1.585, of 7 / 1 + 3 / 1.585.
        assert!(is_close(ndcg(&[2, 3], &[3, 2]), 0.8340));
    }

    #[test]
    fn an_empty_list_has_ndcg_and_recall_0() {
        assert!(is_close(ndcg(&[], &[3]), 0.0));
        assert!(is_close(recall(&[], 1, 2), 0.0));
    }

    #[test]
    fn results_after_the_tenth_do_not_count() {
        let ranked = [[0; 10].as_slice(), &[3]].concat();
        assert!(is_close(ndcg(&ranked, &[3]), 0.0));
        assert!(is_close(recall(&ranked, 1, 2), 0.0));
    }

    #[test]
    fn recall_counts_at_most_as_many_products_as_fit_a_page() {
        assert!(is_close(recall(&[2; 10], 30, 2), 1.0));
        assert!(is_close(recall(&[2, 1, 0], 4, 2), 0.25));
    }
}
