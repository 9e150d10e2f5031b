//! The attribute facet: the products with each choice and truth value, and with numbers and dates in cells.

use sea_orm::sea_query::{
    Asterisk, BinOper, Expr, ExprTrait, Func, JoinType, Query, SelectStatement, UnionType,
};
use sea_orm::{DbBackend, Order};

use super::options::{self, COUNTED, SEPARATOR};
use super::{FOUND, HIGH, LABEL, LOW, PART, STEP};
use crate::catalog::attribute::entity as attribute;
use crate::catalog::attribute::entity::AttributeId;
use crate::catalog::attribute::entity::Owner;
use crate::catalog::attribute::entity::value::{Column as OfValue, Entity as Value};
use crate::catalog::attribute::list::AttributeCondition;
use crate::catalog::attribute::repository::owners_with;
use crate::catalog::product::entity::Column;
use crate::catalog::product::entity::variant;
use crate::catalog::product::list::{Filter, MAX_ATTRIBUTE_GROUPS};
use crate::core::money::MAX_MILLIONTHS;

const PRODUCT: &str = "counted_product";
const ATTRIBUTE: &str = "attribute_key";
const CHOICE: &str = "choice_key";
/// The number, the day, or 0 or 1 for a truth value.
const NUMBER: &str = "number_key";
/// The number that is divided into cells.
const CELL: &str = "cell_key";

/// Counts the products with each value of one attribute, or of all filterable ones without a condition, and in a group with
/// an empty label all products.
///
/// A product counts for a value of a variant if the variant is active and satisfies the conditions on options and on other
/// attributes of variants.
pub(super) fn by_attribute(
    base: &str,
    filter: &Filter,
    only: Option<AttributeId>,
    backend: DbBackend,
) -> SelectStatement {
    let steps = Query::select()
        .column(Asterisk)
        .expr_as(step(), STEP)
        .from_subquery(values(base, filter, only, backend), "parts")
        .take();
    let part = Expr::col(CELL).div(Expr::col(STEP));
    let parts = Query::select()
        .column(Asterisk)
        .expr_as(part, PART)
        .from_subquery(steps, "steps")
        .take();
    let number = || Func::coalesce([Expr::col(NUMBER), Expr::val(0_i64)]);
    let groups = Query::select()
        .expr_as(label(backend), LABEL)
        .expr_as(Expr::expr(number()).min(), LOW)
        .expr_as(Expr::expr(number()).max(), HIGH)
        .expr_as(Func::count_distinct(Expr::col(PRODUCT)), FOUND)
        .from_subquery(parts, "cells")
        .group_by_columns([ATTRIBUTE, CHOICE, STEP, PART])
        .order_by(FOUND, Order::Desc)
        .order_by(LABEL, Order::Asc)
        .limit(MAX_ATTRIBUTE_GROUPS)
        .take();
    let all = options::grouped(Expr::val(""), -1)
        .from_subquery(options::counted(base), COUNTED)
        .take();
    Query::select()
        .columns([LABEL, LOW, HIGH, FOUND])
        .from_subquery(groups, "frequent")
        .union(UnionType::All, all)
        .take()
}

/// Returns the size of the cell of a number: cells are numbers with the same first two digits.
fn step() -> Expr {
    let size_of = || Expr::expr(Func::abs(Expr::col(CELL)));
    let mut step = Expr::case(size_of().lt(100_i64), 1_i64);
    let mut size = 10_i64;
    while size * 100 <= MAX_MILLIONTHS {
        step = step.case(size_of().lt(size * 100), size);
        size *= 10;
    }
    step.finally(size).into()
}

/// Returns the UUIDs of the attribute and the choice as text.
fn label(backend: DbBackend) -> Expr {
    let text = |column: &'static str| match backend {
        DbBackend::Postgres => Expr::cust(format!("CAST({column} AS text)")),
        _ => Expr::cust(format!("hex({column})")),
    };
    let choice = Func::coalesce([text(CHOICE), Expr::val("")]);
    let label = text(ATTRIBUTE).binary(BinOper::Custom("||"), Expr::val(SEPARATOR.to_string()));
    label.binary(BinOper::Custom("||"), Expr::expr(choice))
}

/// The values of the counted products and of their variants.
fn values(
    base: &str,
    filter: &Filter,
    only: Option<AttributeId>,
    backend: DbBackend,
) -> SelectStatement {
    let product = || Expr::col((COUNTED, Column::Id));
    let mut own = selected(filter, only, product(), backend);
    let of_product = Expr::col((Value, OfValue::ProductId)).equals((COUNTED, Column::Id));
    let mut of_theirs = selected(filter, only, product(), backend);
    restrict_variants(&mut of_theirs, filter, only, backend);
    let of_value =
        Expr::col((Value, OfValue::VariantId)).equals((variant::Entity, variant::Column::Id));
    let of_this =
        Expr::col((variant::Entity, variant::Column::ProductId)).equals((COUNTED, Column::Id));
    if backend == DbBackend::Postgres {
        // PostgreSQL would read the whole tables. `OFFSET 0` prevents it from flattening this subquery into a join.
        own.from(Value).and_where(of_product).offset(0);
        join_attribute(&mut own, backend);
        of_theirs.from(variant::Entity).and_where(of_this).offset(0);
        options::join(&mut of_theirs, backend, Value, of_value);
        join_attribute(&mut of_theirs, backend);
        let both = Query::select()
            .column(("own", Asterisk))
            .from_subquery(own, "own")
            .union(
                UnionType::All,
                Query::select()
                    .column(("own", Asterisk))
                    .from_subquery(of_theirs, "own")
                    .take(),
            )
            .take();
        return Query::select()
            .column(("both_owners", Asterisk))
            .from_subquery(options::counted(base), COUNTED)
            .join_lateral(JoinType::InnerJoin, both, "both_owners", Expr::val(true))
            .take();
    }
    own.from_subquery(options::counted(base), COUNTED);
    options::join(&mut own, backend, Value, of_product);
    join_attribute(&mut own, backend);
    of_theirs.from_subquery(options::counted(base), COUNTED);
    options::join(&mut of_theirs, backend, variant::Entity, of_this);
    options::join(&mut of_theirs, backend, Value, of_value);
    join_attribute(&mut of_theirs, backend);
    own.union(UnionType::All, of_theirs).take()
}

fn join_attribute(query: &mut SelectStatement, backend: DbBackend) {
    let is_attribute =
        Expr::col((attribute::Entity, attribute::Column::Id)).equals((Value, OfValue::AttributeId));
    options::join(query, backend, attribute::Entity, is_attribute);
}

/// Selects the keys of values, of one attribute or of all filterable ones without a condition.
fn selected(
    filter: &Filter,
    only: Option<AttributeId>,
    product: Expr,
    backend: DbBackend,
) -> SelectStatement {
    let of = |column| Expr::col((Value, column));
    let truth = Expr::case(of(OfValue::BooleanValue).eq(true), 1_i64)
        .case(of(OfValue::BooleanValue).eq(false), 0_i64)
        .finally(Expr::val(Option::<i64>::None));
    let truth = match backend {
        // The type of a null is unknown there.
        DbBackend::Postgres => Expr::expr(truth).cast_as("bigint"),
        _ => Expr::expr(truth),
    };
    let number = Func::coalesce([of(OfValue::NumberValue), of(OfValue::DateValue), truth]);
    let mut query = Query::select()
        .expr_as(product, PRODUCT)
        .expr_as(of(OfValue::AttributeId), ATTRIBUTE)
        .expr_as(of(OfValue::ChoiceId), CHOICE)
        .expr_as(number, NUMBER)
        // All dates are in one cell, and each truth value in its own.
        .expr_as(
            Expr::case(
                of(OfValue::DateValue).is_null(),
                Func::coalesce([
                    of(OfValue::NumberValue),
                    Expr::case(of(OfValue::BooleanValue).eq(true), 1_i64)
                        .finally(0_i64)
                        .into(),
                ]),
            )
            .finally(0_i64),
            CELL,
        )
        .and_where(Expr::col((attribute::Entity, attribute::Column::Filterable)).eq(true))
        .and_where(
            of(OfValue::TextValue)
                .is_null()
                .and(of(OfValue::ReferencedProductId).is_null())
                .and(of(OfValue::ReferencedCategoryId).is_null()),
        )
        .take();
    match only {
        Some(id) => query.and_where(of(OfValue::AttributeId).eq(id)),
        None if filter.attributes.is_empty() => &mut query,
        None => {
            let restricted = filter.attributes.iter().map(|one| one.attribute);
            query.and_where(of(OfValue::AttributeId).is_not_in(restricted))
        }
    };
    query
}

/// Restricts variants to active ones that satisfy the conditions on options and on other attributes.
fn restrict_variants(
    variants: &mut SelectStatement,
    filter: &Filter,
    only: Option<AttributeId>,
    backend: DbBackend,
) {
    variants.and_where(Expr::col((variant::Entity, variant::Column::Active)).eq(true));
    for condition in &filter.options {
        variants.and_where(Expr::exists(options::satisfying(condition, backend)));
    }
    for condition in of_variants(&filter.attributes, only) {
        variants.and_where(Expr::exists(condition));
    }
}

/// Subqueries of the values by which a variant satisfies the conditions on attributes of variants, without those on one
/// attribute.
pub(super) fn of_variants(
    conditions: &[AttributeCondition],
    except: Option<AttributeId>,
) -> impl Iterator<Item = SelectStatement> {
    let others = conditions
        .iter()
        .filter(move |one| one.owner == Owner::Variant && Some(one.attribute) != except);
    others.map(|condition| {
        let is_this =
            Expr::col((Value, OfValue::VariantId)).equals((variant::Entity, variant::Column::Id));
        owners_with(condition).and_where(is_this).take()
    })
}
