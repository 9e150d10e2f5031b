//! Values as text, for the audit log and files.

use std::collections::HashMap;

use uuid::Uuid;

use super::Typed;
use crate::catalog::attribute::entity::{ChoiceId, choice};
use crate::catalog::category::CategoryId;
use crate::core::date::Date;
use crate::core::id::{TypedId, encode};
use crate::core::money::Decimal;

/// The choices that values refer to.
pub type Definitions = HashMap<ChoiceId, choice::Model>;

/// Separates several values of an attribute.
const SEPARATOR: &str = "; ";
/// The prefix of the ids of products, which belong to the feature `product`.
const PRODUCT: &str = "prod";

/// Returns values as one text: names of choices, ids of referenced objects. `None` for no values.
pub fn text_of(values: &[Typed], choices: &Definitions) -> Option<String> {
    let name = |id: ChoiceId| {
        let choice = choices.get(&id);
        choice.map_or_else(|| id.encode(), |choice| choice.name.clone())
    };
    let product = |id| encode(PRODUCT, id);
    let category = |id| CategoryId::from(id).encode();
    let found = texts(values, name, product, category);
    (!found.is_empty()).then(|| found.join(SEPARATOR))
}

/// Returns the text of each value. The functions return those of choices and of referenced objects.
pub fn texts(
    values: &[Typed],
    choice: impl Fn(ChoiceId) -> String,
    product: impl Fn(Uuid) -> String,
    category: impl Fn(Uuid) -> String,
) -> Vec<String> {
    let texts = values.iter().map(|value| match value {
        Typed::Text(text) => text.clone(),
        Typed::Number(number) => Decimal::from_millionths(*number).to_string(),
        Typed::Boolean(value) => value.to_string(),
        Typed::Choice(id) => choice(*id),
        Typed::Date(days) => Date::from_days(*days).map_or_else(String::new, |day| day.to_string()),
        Typed::Product(id) => product(*id),
        Typed::Category(id) => category(*id),
    });
    texts.collect()
}
