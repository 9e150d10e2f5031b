//! The option facet: the products with each value of an option.

use sea_orm::sea_query::{
    Asterisk, BinOper, Expr, ExprTrait, Func, IntoTableRef, JoinType, Query, SelectStatement,
    UnionType,
};
use sea_orm::{DbBackend, Order};

use super::attributes::of_variants;
use super::{FOUND, HIGH, LABEL, LOW};
use crate::catalog::product::entity::Column;
use crate::catalog::product::entity::variant::{self, option, option_value, variant_value};
use crate::catalog::product::list::{
    Filter, MAX_OPTION_GROUPS, MAX_OPTION_PRODUCTS, OptionCondition,
};

/// Separates the name of the option from that of the value in a label. Names consist of one line.
pub const SEPARATOR: char = '\n';

const OPTION_KEY: &str = "option_key";
const OPTION_NAME: &str = "option_name";
const VALUE_KEY: &str = "value_key";
const VALUE_NAME: &str = "value_name";
const PARTS: &str = "parts";
pub(super) const COUNTED: &str = "counted";

/// Counts the products with each value of each option, the most frequent values first, and in a group with the low
/// bound -1 all products.
///
/// A product counts if one active variant has the value and satisfies the conditions on the other options and on attributes. The names of
/// the options of a product are distinct, and so are the values of an option: no product counts twice.
pub(super) fn by_option(base: &str, filter: &Filter, backend: DbBackend) -> SelectStatement {
    // The same spelling on both databases.
    let name = |column: &'static str| match backend {
        DbBackend::Postgres => Expr::cust(format!("min({PARTS}.{column} COLLATE \"C\")")),
        _ => Expr::col((PARTS, column)).min(),
    };
    let separator = Expr::val(SEPARATOR.to_string());
    let label = name(OPTION_NAME).binary(BinOper::Custom("||"), separator);
    let label = label.binary(BinOper::Custom("||"), name(VALUE_NAME));
    let groups = grouped(label, 0)
        .from_subquery(values(base, filter, backend), PARTS)
        .group_by_columns([(PARTS, OPTION_KEY), (PARTS, VALUE_KEY)])
        .order_by(FOUND, Order::Desc)
        .order_by(LABEL, Order::Asc)
        .limit(MAX_OPTION_GROUPS)
        .take();
    let all = grouped(Expr::val(""), -1)
        .from_subquery(counted(base), COUNTED)
        .take();
    Query::select()
        .columns([LABEL, LOW, HIGH, FOUND])
        .from_subquery(groups, "frequent")
        .union(UnionType::All, all)
        .take()
}

/// The products to count, newest first as in the list.
pub(super) fn counted(base: &str) -> SelectStatement {
    Query::select()
        .column(Column::Id)
        .from(base.to_owned())
        .limit(MAX_OPTION_PRODUCTS.unsigned_abs() + 1)
        .take()
}

pub(super) fn grouped(label: Expr, low: i64) -> SelectStatement {
    Query::select()
        .expr_as(label, LABEL)
        .expr_as(Expr::val(low), LOW)
        .expr_as(Expr::val(0_i64), HIGH)
        .expr_as(Func::count(Expr::col(Asterisk)), FOUND)
        .take()
}

/// The values of the options of each product that a variant has which satisfies the conditions.
fn values(base: &str, filter: &Filter, backend: DbBackend) -> SelectStatement {
    use option::Column as OfOption;
    use option_value::Column as OfValue;
    let of_product = Expr::col((option::Entity, OfOption::ProductId)).equals((COUNTED, Column::Id));
    let of_option =
        Expr::col((option_value::Entity, OfValue::OptionId)).equals((option::Entity, OfOption::Id));
    let mut values = Query::select();
    values
        .expr_as(Expr::col((option::Entity, OfOption::NameKey)), OPTION_KEY)
        .expr_as(Expr::col((option::Entity, OfOption::Name)), OPTION_NAME)
        .expr_as(
            Expr::col((option_value::Entity, OfValue::NameKey)),
            VALUE_KEY,
        )
        .expr_as(Expr::col((option_value::Entity, OfValue::Name)), VALUE_NAME)
        .and_where(Expr::exists(variants(filter, backend)));
    if backend == DbBackend::Postgres {
        // PostgreSQL would read the whole tables. `OFFSET 0` prevents it from flattening this subquery into a join.
        values.from(option::Entity).and_where(of_product).offset(0);
        join(&mut values, backend, option_value::Entity, of_option);
        return Query::select()
            .column(("own", Asterisk))
            .from_subquery(counted(base), COUNTED)
            .join_lateral(JoinType::InnerJoin, values, "own", Expr::val(true))
            .take();
    }
    values.from_subquery(counted(base), COUNTED);
    join(&mut values, backend, option::Entity, of_product);
    join(&mut values, backend, option_value::Entity, of_option);
    values
}

/// The active variants with the value that satisfy the conditions on other options and on attributes.
fn variants(filter: &Filter, backend: DbBackend) -> SelectStatement {
    const OWN: &str = "own_value";
    let has_value = Expr::col((OWN, variant_value::Column::ValueId))
        .equals((option_value::Entity, option_value::Column::Id));
    let of_value = Expr::col((variant::Entity, variant::Column::Id))
        .equals((OWN, variant_value::Column::VariantId));
    let mut variants = Query::select()
        .expr(Expr::val(1))
        .from_as(variant_value::Entity, OWN)
        .and_where(has_value)
        .and_where(Expr::col((variant::Entity, variant::Column::Active)).eq(true))
        .take();
    join(&mut variants, backend, variant::Entity, of_value);
    for condition in of_variants(&filter.attributes, None) {
        variants.and_where(Expr::exists(condition));
    }
    for condition in &filter.options {
        let is_own = Expr::col((option::Entity, option::Column::NameKey)).eq(&condition.name);
        variants.and_where(is_own.or(Expr::exists(satisfying(condition, backend))));
    }
    variants
}

/// The values of the variant that satisfy a condition. A variant has a value of each of at most three options.
pub(super) fn satisfying(condition: &OptionCondition, backend: DbBackend) -> SelectStatement {
    const LINK: &str = "other_link";
    const VALUE: &str = "other_value";
    const OPTION: &str = "other_option";
    let of_variant = Expr::col((LINK, variant_value::Column::VariantId))
        .equals((variant::Entity, variant::Column::Id));
    let is_value =
        Expr::col((VALUE, option_value::Column::Id)).equals((LINK, variant_value::Column::ValueId));
    let is_option =
        Expr::col((OPTION, option::Column::Id)).equals((LINK, variant_value::Column::OptionId));
    let mut values = Query::select()
        .expr(Expr::val(1))
        .from_as(variant_value::Entity, LINK)
        .and_where(of_variant)
        .and_where(Expr::col((OPTION, option::Column::NameKey)).eq(&condition.name))
        .and_where(Expr::col((VALUE, option_value::Column::NameKey)).is_in(&condition.values))
        .take();
    let value = option_value::Entity.into_table_ref().alias(VALUE);
    join(&mut values, backend, value, is_value);
    let option = option::Entity.into_table_ref().alias(OPTION);
    join(&mut values, backend, option, is_option);
    values
}

/// Joins a table. SQLite, which knows neither the number of products nor that of their values, preserves the order of a
/// `CROSS JOIN`, which takes no `ON` condition here.
pub(super) fn join(
    query: &mut SelectStatement,
    backend: DbBackend,
    table: impl IntoTableRef,
    on: Expr,
) {
    if backend == DbBackend::Sqlite {
        query.cross_join(table).and_where(on);
    } else {
        query.join(JoinType::InnerJoin, table, on);
    }
}
