//! Creates catalog data for tests.

use wares::catalog::category;
use wares::catalog::category::entity::{Model as Category, old_slug as category_slug};
use wares::catalog::category::service::NewCategory;
use wares::catalog::product::entity::{Model as Product, old_slug as product_slug};
use wares::catalog::product::service::{Details, NewProduct};
use wares::catalog::product::{self, Status};
use wares::catalog::product_image;
use wares::catalog::product_image::entity::Model as Image;
use wares::core::id::TypedId;
use wares::core::text;
use wares::platform::media::ImageId;

use super::App;

/// Creates catalog data through the services.
#[derive(Clone, Copy)]
pub struct Shop<'a> {
    app: &'a App,
}

impl<'a> Shop<'a> {
    pub fn new(app: &'a App) -> Self {
        Self { app }
    }

    /// Creates a published top-level category with this slug and position.
    pub async fn root(&self, slug: &str, position: i32) -> Category {
        self.category(slug, None, position, |_| ()).await
    }

    /// Creates a category. `change` alters the defaults: published, and the slug as its name.
    pub async fn category(
        &self,
        slug: &str,
        parent: Option<&Category>,
        position: i32,
        change: impl FnOnce(&mut NewCategory),
    ) -> Category {
        let mut new = NewCategory {
            name: slug.to_owned(),
            slug: slug.to_owned(),
            description: String::new(),
            published: true,
            position,
        };
        change(&mut new);
        let category = category::service::build(new, parent, self.app.state.clock.now());
        let transaction = self.app.state.db.begin().await.unwrap();
        category::service::insert_catalog(&transaction, vec![category.clone()], vec![])
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        category
    }

    /// Creates a product. `change` alters the defaults: active, a stock of 5, a price of 10.00, and the slug as
    /// its name.
    pub async fn product(
        &self,
        slug: &str,
        category: &Category,
        change: impl FnOnce(&mut Product),
    ) -> Product {
        self.product_in(slug, &[category], change).await
    }

    /// Creates a product in several categories. The first is the primary one.
    pub async fn product_in(
        &self,
        slug: &str,
        categories: &[&Category],
        change: impl FnOnce(&mut Product),
    ) -> Product {
        let now = self.app.state.clock.now();
        let new = NewProduct {
            name: slug.to_owned(),
            slug: slug.to_owned(),
            sku: None,
            description: String::new(),
            price: 1_000,
            stock: 5,
            status: Status::Active,
            category: categories[0].id,
            additional: categories[1..].iter().map(|category| category.id).collect(),
            created_at: now,
            details: Details::default(),
        };
        let (mut product, links) = product::service::build(new, now);
        change(&mut product);
        product.name_key = text::sort_key(&product.name);
        let transaction = self.app.state.db.begin().await.unwrap();
        product::service::insert_catalog(&transaction, vec![product.clone()], links, vec![])
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        product
    }

    /// Creates an image of a product without its object.
    pub async fn image(&self, product: &Product, position: i32) -> Image {
        let id = ImageId::generate(self.app.state.clock.now());
        let image = Image {
            id,
            product_id: product.id,
            position,
            object_key: format!("products/{}.png", id.encode()),
            content_type: "image/png".to_owned(),
            width: 640,
            height: 480,
            bytes: 1_234,
            alt: format!("{} from side {position}", product.name),
            placeholder: None,
            sized_at: None,
            source_url: None,
            created_at: self.app.state.clock.now(),
        };
        let transaction = self.app.state.db.begin().await.unwrap();
        product_image::repository::insert_many(&transaction, vec![image.clone()])
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        image
    }

    /// Creates a former slug of a product.
    pub async fn old_product_slug(&self, product: &Product, slug: &str) {
        let row = product_slug::Model {
            slug: slug.to_owned(),
            product_id: product.id,
            created_at: self.app.state.clock.now(),
        };
        let transaction = self.app.state.db.begin().await.unwrap();
        product::service::insert_catalog(&transaction, vec![], vec![], vec![row])
            .await
            .unwrap();
        transaction.commit().await.unwrap();
    }

    /// Creates a former slug of a category.
    pub async fn old_category_slug(&self, category: &Category, slug: &str) {
        let row = category_slug::Model {
            slug: slug.to_owned(),
            category_id: category.id,
            created_at: self.app.state.clock.now(),
        };
        let transaction = self.app.state.db.begin().await.unwrap();
        category::service::insert_catalog(&transaction, vec![], vec![row])
            .await
            .unwrap();
        transaction.commit().await.unwrap();
    }
}
