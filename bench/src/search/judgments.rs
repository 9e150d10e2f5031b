//! Labeled queries: conditions on the structured attributes of products, with the grade of those that fulfil them.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context, Result, ensure};

use super::catalog::Product;

/// The lowest grade of a product that a customer is content with.
pub const GOOD: u8 = 2;

/// A query with the grades of products. Those not listed have grade 0.
#[derive(Clone, Debug)]
pub struct Query {
    /// The kind of query, such as `plural`.
    pub kind: String,
    pub text: String,
    /// Grades by slug, 1 to 3.
    pub grades: HashMap<String, u8>,
}

impl Query {
    /// Returns all grades, the best first.
    pub fn best(&self) -> Vec<u8> {
        let mut grades: Vec<_> = self.grades.values().copied().collect();
        grades.sort_unstable_by(|one, other| other.cmp(one));
        grades
    }

    pub fn good(&self) -> usize {
        self.grades.values().filter(|grade| **grade >= GOOD).count()
    }
}

/// Attribute, whether its value must differ, and values.
type Condition<'a> = (&'a str, bool, Vec<String>);

/// Parses lines `kind | text | 3 kind=mug & color=blue; 2 kind=mug` and grades the products. A product has the grade of
/// the first part that it fulfils.
pub fn parse(text: &str, products: &[Product]) -> Result<Vec<Query>> {
    let lines = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let (mut queries, mut errors) = (Vec::new(), Vec::new());
    for line in lines {
        match query(line, products) {
            Ok(query) => queries.push(query),
            Err(error) => errors.push(format!("`{line}`: {error}")),
        }
    }
    ensure!(errors.is_empty(), "invalid queries:\n{}", errors.join("\n"));
    Ok(queries)
}

fn query(line: &str, products: &[Product]) -> Result<Query> {
    let mut parts = line.splitn(3, " | ");
    let mut next = || parts.next().context("a line has three parts");
    let (kind, text, grades) = (next()?.trim(), next()?, next()?);
    let mut query = Query {
        kind: kind.to_owned(),
        text: text.to_owned(),
        grades: HashMap::new(),
    };
    for part in grades.split(';') {
        let part = part.trim();
        let (grade, conditions) = part.split_once(' ').context("a grade without condition")?;
        let grade: u8 = grade.parse()?;
        ensure!((1..=3).contains(&grade), "a grade is 1 to 3");
        let conditions = conditions
            .split('&')
            .map(condition)
            .collect::<Result<Vec<_>>>()?;
        let fulfils = |product: &&Product| holds(&product.attributes, &conditions);
        let before = query.grades.len();
        let fulfilling = products.iter().filter(fulfils).inspect(|product| {
            query.grades.entry(product.slug.clone()).or_insert(grade);
        });
        ensure!(fulfilling.count() > 0, "no product fulfils `{part}`");
        ensure!(query.grades.len() > before, "`{part}` adds no product");
    }
    ensure!(query.good() > 0, "the query has no good product");
    Ok(query)
}

fn condition(text: &str) -> Result<Condition<'_>> {
    let (key, values) = text.split_once('=').context("a condition without `=`")?;
    let values = values.split('|').map(|value| value.trim().to_lowercase());
    let key = key.trim();
    let name = key.trim_end_matches('!');
    Ok((name, name != key, values.collect()))
}

fn holds(attributes: &BTreeMap<String, Vec<String>>, conditions: &[Condition<'_>]) -> bool {
    conditions.iter().all(|(key, differs, wanted)| {
        let values = attributes.get(*key).map(Vec::as_slice).unwrap_or_default();
        values.iter().any(|value| wanted.contains(value)) != *differs
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::parse;
    use crate::search::catalog::Product;

    fn product(slug: &str, color: &str) -> Product {
        let attributes = [("kind", "mug"), ("color", color)];
        let attributes = attributes.map(|(key, id)| (key.to_owned(), vec![id.to_owned()]));
        Product {
            slug: slug.to_owned(),
            attributes: BTreeMap::from(attributes),
            ..Product::default()
        }
    }

    #[test]
    fn a_product_has_the_grade_of_the_first_condition_that_it_fulfils() {
        let products = [
            product("a", "blue"),
            product("b", "red"),
            product("c", "green"),
        ];
        let line = "plain | blue mug | 3 kind=mug & color=blue; 1 kind=mug & color!=green";
        let queries = parse(line, &products).expect("a query");
        let grade = |slug| queries[0].grades.get(slug).copied();
        assert_eq!(
            [grade("a"), grade("b"), grade("c")],
            [Some(3), Some(1), None]
        );
    }

    #[test]
    fn a_condition_that_no_product_fulfils_is_an_error() {
        let products = [product("a", "blue")];
        assert!(parse("plain | mug | 3 kind=mug; 2 kind=cup", &products).is_err());
    }
}
