//! The parts of the catalog that the fields of a query read: the dependencies of its cached response.
//!
//! [`reads`] is the list of all fields that anonymous clients may select. A field that is missing there depends on
//! everything. Arguments are up to the resolvers, which record in [`CatalogReads`](crate::graphql::catalog_reads) the
//! products that were found and whether a filter or an order reads the stock.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    BaseType, ExecutableDocument, FieldDefinition, OperationDefinition, Selection, ServiceDocument,
    TypeKind, TypeSystemDefinition,
};

use crate::graphql::catalog_reads::CatalogReads;
use crate::infra::database::Dependencies;

/// The part of the catalog that a field reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldReads {
    /// Only the products that the root fields return, with their images, and categories.
    Found,
    /// Also what a change of the stock alone changes: the stock, and the version and the time of the last change.
    Stock,
    /// Any products, but not what a change of the stock alone changes.
    Lists,
}

/// Returns the part of the catalog that a field reads. `None` if it is unknown.
#[expect(clippy::match_same_arms, reason = "an arm per type")]
pub fn reads(parent: &str, field: &str) -> Option<FieldReads> {
    use FieldReads::{Found, Lists, Stock};
    Some(match (parent, field) {
        ("Query", "product" | "category" | "categories" | "shop") => Found,
        ("Query", "products" | "searchSuggestions") | ("Category", "products") => Lists,
        ("Product", "stock" | "updatedAt" | "version") | ("Variant", "stock" | "maxQuantity") => {
            Stock
        }
        // `inStock` and `availability`: a change of the stock that alters them counts as a change of the product.
        (
            "Product",
            "id" | "name" | "slug" | "sku" | "description" | "price" | "inStock" | "availability"
            | "status" | "category" | "categories" | "image" | "images" | "createdAt" | "brand"
            | "tags" | "seoTitle" | "seoDescription" | "descriptionHtml" | "publishedAt"
            | "availableFrom" | "relatedProducts" | "priceRange" | "compareAtPrice" | "priorPrice"
            | "options" | "variants" | "variant" | "productType" | "attributes",
        ) => Found,
        (
            "Variant",
            "id" | "product" | "options" | "sku" | "barcode" | "price" | "compareAtPrice"
            | "priorPrice" | "availability" | "image" | "weight" | "requiresShipping" | "active"
            | "position" | "taxClassId" | "attributes" | "version" | "createdAt" | "updatedAt",
        ) => Found,
        (
            "Category",
            "id" | "name" | "slug" | "description" | "published" | "level" | "position" | "parent"
            | "ancestors" | "children" | "image" | "createdAt" | "updatedAt" | "version",
        ) => Found,
        (
            "ProductConnection" | "CategoryConnection",
            "edges" | "nodes" | "pageInfo" | "totalCount" | "totalCountIsExact",
        )
        | ("ProductEdge" | "CategoryEdge", "cursor" | "node")
        | ("ProductConnection", "facets" | "searchInfo")
        | ("SearchInfo", "matched" | "corrected" | "ignoredWords")
        | ("SearchSuggestion", "text" | "product" | "category" | "query")
        | (
            "ProductFacets",
            "categories" | "price" | "stock" | "statuses" | "brands" | "options" | "attributes",
        ) => Found,
        (
            "Image"
            | "Money"
            | "PageInfo"
            | "PaymentMethod"
            | "Shop"
            | "ShopCurrency"
            | "ShopLimits"
            | "CategoryFacet"
            | "CategoryFacetValue"
            | "PriceFacet"
            | "PriceBucket"
            | "StockFacet"
            | "StatusFacet"
            | "StatusFacetValue"
            | "PriceRange"
            | "ProductOption"
            | "ProductOptionValue"
            | "SelectedOption"
            | "BrandFacet"
            | "BrandFacetValue"
            | "OptionFacet"
            | "OptionFacetValue"
            | "Attribute"
            | "AttributeChoice"
            | "ProductType"
            | "AttributeValue"
            | "TextValue"
            | "NumberValue"
            | "BooleanValue"
            | "ChoiceValue"
            | "DateValue"
            | "ProductReferenceValue"
            | "CategoryReferenceValue"
            | "AttributeFacet"
            | "AttributeFacetChoice"
            | "AttributeFacetBoolean"
            | "AttributeFacetNumber"
            | "AttributeFacetBucket"
            | "AttributeFacetDate",
            _,
        ) => Found,
        _ => return None,
    })
}

/// The types of all fields.
#[derive(Debug, Default)]
pub struct CatalogFields {
    /// The name of the type of each field, by the name of its own type.
    types: HashMap<String, HashMap<String, String>>,
}

/// The parts of the catalog that the fields of an operation read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SelectedFields {
    lists: bool,
    stock: bool,
    has_others: bool,
}

impl CatalogFields {
    /// Reads the types of the fields of a schema.
    pub fn read(schema: &ServiceDocument) -> Self {
        let mut types = HashMap::new();
        for definition in &schema.definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let fields = match &definition.node.kind {
                TypeKind::Object(object) => &object.fields,
                TypeKind::Interface(interface) => &interface.fields,
                _ => continue,
            };
            let fields = fields.iter().map(|field| output(&field.node));
            types.insert(definition.node.name.node.to_string(), fields.collect());
        }
        Self { types }
    }

    /// Returns the parts that the fields of a query read. The document may be invalid.
    pub fn select(
        &self,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
    ) -> SelectedFields {
        let mut selected = SelectedFields::default();
        let mut seen = HashSet::new();
        let mut open = vec![("Query", &operation.selection_set.node)];
        while let Some((parent, set)) = open.pop() {
            for selection in &set.items {
                match &selection.node {
                    Selection::Field(field) => {
                        let name = field.node.name.node.as_str();
                        if name == "__typename" {
                            continue;
                        }
                        selected.add(parent, name);
                        let fields = self.types.get(parent);
                        if let Some(output) = fields.and_then(|fields| fields.get(name)) {
                            open.push((output, &field.node.selection_set.node));
                        }
                    }
                    Selection::InlineFragment(fragment) => {
                        let condition = fragment.node.type_condition.as_ref();
                        let on = condition.map_or(parent, |on| on.node.on.node.as_str());
                        open.push((on, &fragment.node.selection_set.node));
                    }
                    Selection::FragmentSpread(spread) => {
                        let name = &spread.node.fragment_name.node;
                        let fragment = document.fragments.get(name);
                        if let Some(fragment) = fragment.filter(|_| seen.insert(name)) {
                            let on = fragment.node.type_condition.node.on.node.as_str();
                            open.push((on, &fragment.node.selection_set.node));
                        }
                    }
                }
            }
        }
        selected
    }
}

impl SelectedFields {
    fn add(&mut self, parent: &str, field: &str) {
        match reads(parent, field) {
            Some(FieldReads::Found) => {}
            Some(FieldReads::Stock) => self.stock = true,
            Some(FieldReads::Lists) => self.lists = true,
            None => {
                *self = Self {
                    lists: true,
                    stock: true,
                    has_others: true,
                };
            }
        }
    }

    /// Whether all fields are public fields of the catalog.
    pub const fn is_catalog(self) -> bool {
        !self.has_others
    }

    /// Returns the dependencies of the response, with what the resolvers have recorded.
    pub fn dependencies(self, reads: &CatalogReads) -> Dependencies {
        reads.dependencies(self.lists, self.stock)
    }
}

/// Returns the name of a field and of its type, without lists and nullability.
fn output(field: &FieldDefinition) -> (String, String) {
    let mut output = &field.ty.node.base;
    while let BaseType::List(item) = output {
        output = &item.base;
    }
    let output = match output {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(_) => String::new(),
    };
    (field.name.node.to_string(), output)
}
