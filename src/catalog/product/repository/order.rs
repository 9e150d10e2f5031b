//! Sort columns of product lists.

use crate::catalog::product::entity::Column;
use crate::catalog::product::list::{Filter, List, SortField};
use crate::core::pagination::Paging;
use crate::infra::database::keyset;

/// Returns the filter and page of a list, with redundant conditions merged: a range filter on the sort column and the
/// cursor become one.
pub(super) fn merge_cursor_into_filter(list: &List) -> (Filter, Paging) {
    let (mut filter, mut paging) = (list.filter.clone(), list.paging.clone());
    let direction = list.sort.direction;
    match list.sort.field {
        SortField::Name | SortField::Relevance | SortField::Position => {}
        SortField::Price => {
            keyset::drop_redundant_bound(&mut filter.price, &mut paging, direction, |minor| *minor);
        }
        SortField::CreatedAt => {
            keyset::drop_redundant_bound(&mut filter.created_at, &mut paging, direction, |at| at.0);
        }
        SortField::UpdatedAt => {
            keyset::drop_redundant_bound(&mut filter.updated_at, &mut paging, direction, |at| at.0);
        }
    }
    (filter, paging)
}

/// Returns the sort column. Relevance and the position in a category have none.
pub(super) const fn sort_column(field: SortField) -> Option<Column> {
    match field {
        SortField::Name => Some(Column::NameKey),
        SortField::Price => Some(Column::Price),
        SortField::CreatedAt => Some(Column::CreatedAt),
        SortField::UpdatedAt => Some(Column::UpdatedAt),
        SortField::Relevance | SortField::Position => None,
    }
}
