//! Statistics of samples.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "samples are few, and places among them small and positive"
)]

/// Returns a quantile of sorted samples, interpolated between the two nearest ones.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let place = last as f64 * share;
    let below = sorted[place.floor() as usize];
    let above = sorted[place.ceil() as usize];
    below + (above - below) * place.fract()
}

/// Returns the median of samples in any order.
pub fn median(samples: &[f64]) -> f64 {
    quantile(&sorted(samples), 0.5)
}

/// Returns the samples in ascending order.
pub fn sorted(samples: &[f64]) -> Vec<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// Returns the probability that two samples differ this much by chance: the two-sided Mann-Whitney U test in normal
/// approximation, corrected for ties and continuity.
pub fn p_value(one: &[f64], other: &[f64]) -> f64 {
    let mut all: Vec<_> = one.iter().map(|value| (*value, true)).collect();
    all.extend(other.iter().map(|value| (*value, false)));
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut ranks, mut ties, mut before) = (0.0, 0.0, 0.0);
    for equal in all.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let count = equal.len() as f64;
        let of_one = equal.iter().filter(|(_, is_one)| *is_one).count() as f64;
        ranks += of_one * (before + f64::midpoint(count, 1.0));
        ties += count.powi(3) - count;
        before += count;
    }
    let (n1, n2) = (one.len() as f64, other.len() as f64);
    let n = n1 + n2;
    let u = ranks - n1 * (n1 + 1.0) / 2.0;
    let variance = n1 * n2 / 12.0 * (n + 1.0 - ties / (n * (n - 1.0)));
    if variance <= 0.0 {
        return 1.0;
    }
    let distance = ((u - n1 * n2 / 2.0).abs() - 0.5).max(0.0);
    both_tails(distance / variance.sqrt())
}

/// Returns the two-sided tail probability of the standard normal distribution, by Simpson's rule.
fn both_tails(z: f64) -> f64 {
    const STEPS: u32 = 1_000;
    let density = |x: f64| (-x * x / 2.0).exp();
    let width = z / f64::from(STEPS);
    let inner: f64 = (1..STEPS)
        .map(|step| f64::from(2 + step % 2 * 2) * density(f64::from(step) * width))
        .sum();
    let integral = (density(0.0) + inner + density(z)) * width / 3.0;
    let inside = integral * (2.0 / std::f64::consts::PI).sqrt();
    (1.0 - inside).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::{both_tails, median, p_value, quantile};

    fn is_near(value: f64, expected: f64) -> bool {
        (value - expected).abs() < 5e-5
    }

    #[test]
    fn quantile_interpolates_between_samples() {
        assert!(is_near(median(&[4.0, 1.0, 3.0, 2.0]), 2.5));
        assert!(is_near(quantile(&[1.0, 2.0, 3.0], 0.75), 2.5));
    }

    #[test]
    fn both_tails_matches_published_tables() {
        assert!(is_near(both_tails(1.959_964), 0.05));
        assert!(is_near(both_tails(2.575_829), 0.01));
        assert!(is_near(both_tails(0.0), 1.0));
    }

    #[test]
    fn p_value_is_small_only_for_different_samples() {
        let low: Vec<_> = (0..20).map(f64::from).collect();
        let high: Vec<_> = (20..40).map(f64::from).collect();
        assert!(p_value(&low, &high) < 1e-6);
        assert!(is_near(p_value(&low, &low), 1.0));
        assert!(is_near(p_value(&[1.0; 9], &[1.0; 9]), 1.0));
    }

    #[test]
    fn p_value_averages_the_ranks_of_ties() {
        // By hand: ranks 1, 2.5, 4 and 2.5, 5, 6; U = 1.5, mean 4.5, variance 9/12 * (7 - 6/30) = 5.1.
        let p = p_value(&[1.0, 2.0, 3.0], &[2.0, 4.0, 5.0]);
        assert!(is_near(p, both_tails(2.5 / 5.1_f64.sqrt())));
    }
}
