//! The discounts of a cart: those whose conditions it meets, and the problems of codes.

use std::collections::{HashMap, HashSet};

use super::{QuoteLine, QuoteProblem, QuoteProblemCode, QuoteRequest};
use crate::catalog::category::{self, CategoryId};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::pricing::{Discount as PricingDiscount, DiscountKind};
use crate::infra::database::Connection;
use crate::sales::discount::entity::{Kind, Model, Target};
use crate::sales::discount::list::code_key;
use crate::sales::discount::service::{Candidates, Discount};

/// A discount whose conditions a cart meets.
#[derive(Clone, Debug)]
pub(super) struct Eligible {
    pub discount: Model,
    pub pricing: PricingDiscount,
}

/// The discounts of a cart.
#[derive(Debug, Default)]
pub(super) struct Evaluated {
    /// In the order of their calculation: percentages, amounts, free shipping; each kind by age.
    pub eligible: Vec<Eligible>,
    pub problems: Vec<QuoteProblem>,
}

/// Returns the distinct codes for comparison.
pub(super) fn code_keys(codes: &[String]) -> Vec<String> {
    let mut seen = HashSet::new();
    let keys = codes.iter().map(|code| code_key(code));
    keys.filter(|key| seen.insert(key.clone())).collect()
}

/// Evaluates the conditions of the candidates, with at most one statement.
pub(super) async fn evaluate(
    db: &impl Connection,
    request: &QuoteRequest,
    candidates: Candidates,
    now: Timestamp,
) -> Result<Evaluated> {
    let paths = paths(db, request, &candidates).await?;
    let mut evaluated = Evaluated::default();
    let mut refused: HashMap<String, QuoteProblemCode> = HashMap::new();
    for discount in &candidates.discounts {
        let is_used_up = candidates.is_used_up_by_customer(discount);
        match conditions(discount, &request.lines, &paths, is_used_up, now) {
            Ok(lines) => evaluated.eligible.push(Eligible {
                pricing: pricing(&discount.row, lines),
                discount: discount.row.clone(),
            }),
            Err(problem) => {
                refused.extend(discount.row.code_key.clone().map(|key| (key, problem)));
            }
        }
    }
    evaluated
        .eligible
        .sort_by_key(|eligible| (eligible.discount.kind, eligible.discount.id));
    let known = |key: &str| {
        let mut eligible = evaluated.eligible.iter();
        eligible.any(|eligible| eligible.discount.code_key.as_deref() == Some(key))
    };
    let problems = request.codes.iter().filter_map(|code| {
        let key = code_key(code);
        if known(&key) {
            return None;
        }
        let unknown = QuoteProblemCode::DiscountUnknown;
        Some(QuoteProblem {
            code: refused.get(&key).copied().unwrap_or(unknown),
            discount_code: Some(code.clone()),
        })
    });
    let problems = problems.collect();
    evaluated.problems = problems;
    Ok(evaluated)
}

/// Returns the problems of codes whose discounts do not belong to the set that applies.
pub(super) fn losers(
    codes: &[String],
    eligible: &[Eligible],
    set: &[&Eligible],
) -> Vec<QuoteProblem> {
    let losers = codes.iter().filter(|code| {
        let key = code_key(code);
        let has_code = |one: &Eligible| one.discount.code_key.as_ref() == Some(&key);
        eligible.iter().any(has_code) && !set.iter().any(|one| has_code(one))
    });
    let problem = |code: &String| QuoteProblem {
        code: QuoteProblemCode::DiscountNotCombinable,
        discount_code: Some(code.clone()),
    };
    losers.map(problem).collect()
}

/// Returns the indexes of the lines that a discount applies to, or the condition that is not met.
fn conditions(
    discount: &Discount,
    lines: &[QuoteLine],
    paths: &HashMap<CategoryId, String>,
    is_used_up_by_customer: bool,
    now: Timestamp,
) -> Result<Vec<usize>, QuoteProblemCode> {
    let row = &discount.row;
    if row.starts_at.is_some_and(|start| start > now) {
        return Err(QuoteProblemCode::DiscountUnknown);
    }
    if row.ends_at.is_some_and(|end| end <= now) {
        return Err(QuoteProblemCode::DiscountEnded);
    }
    if row.usage_limit.is_some_and(|limit| row.used >= limit) {
        return Err(QuoteProblemCode::DiscountUsedUp);
    }
    if is_used_up_by_customer {
        return Err(QuoteProblemCode::DiscountUsedByCustomer);
    }
    let targets: Vec<usize> = (0..lines.len())
        .filter(|index| is_target(discount, &lines[*index], paths))
        .collect();
    if targets.is_empty() {
        return Err(QuoteProblemCode::DiscountNotApplicable);
    }
    let (mut amount, mut quantity) = (0_i128, 0_i64);
    for line in targets.iter().map(|index| &lines[*index]) {
        amount += i128::from(line.unit_price) * i128::from(line.quantity);
        quantity += i64::from(line.quantity);
    }
    let is_below = row.min_amount.is_some_and(|min| amount < min.into())
        || row.min_quantity.is_some_and(|min| quantity < min.into());
    if is_below {
        return Err(QuoteProblemCode::DiscountMinimumNotMet);
    }
    Ok(targets)
}

fn is_target(discount: &Discount, line: &QuoteLine, paths: &HashMap<CategoryId, String>) -> bool {
    match discount.row.target {
        Target::Order => true,
        Target::Products => discount.products.contains(&line.product),
        Target::Categories => discount.categories.iter().any(|target| {
            let Some(above) = paths.get(target) else {
                return false;
            };
            let mut own = line.categories.iter().filter_map(|id| paths.get(id));
            own.any(|path| path.starts_with(above))
        }),
    }
}

/// Returns the paths of all categories that matter: those of discounts and those of the lines.
async fn paths(
    db: &impl Connection,
    request: &QuoteRequest,
    candidates: &Candidates,
) -> Result<HashMap<CategoryId, String>> {
    let targets = candidates.discounts.iter();
    let targets: HashSet<_> = targets.flat_map(|discount| &discount.categories).collect();
    if targets.is_empty() {
        return Ok(HashMap::new());
    }
    let own = request.lines.iter().flat_map(|line| &line.categories);
    let all: HashSet<_> = own.chain(targets).copied().collect();
    let all: Vec<_> = all.into_iter().collect();
    category::service::paths(db, &all).await
}

fn pricing(row: &Model, lines: Vec<usize>) -> PricingDiscount {
    let kind = match row.kind {
        Kind::Percent => DiscountKind::Percent {
            ppm: u32::try_from(row.value).unwrap_or_default(),
        },
        Kind::Fixed => DiscountKind::Fixed { amount: row.value },
        Kind::FreeShipping => DiscountKind::FreeShipping,
    };
    PricingDiscount { kind, lines }
}
