//! In-memory category tree: finds categories by paths of names, and creates missing ones.

use std::collections::{HashMap, HashSet};

use crate::catalog::category::entity::{CategoryId, Model};
use crate::catalog::category::repository::insert_many;
use crate::catalog::category::repository::nodes::{self as repository, TreeRow};
use crate::catalog::category::repository::slugs::taken as slugs_in_use;
use crate::catalog::category::service::tree::{MAX_SIBLINGS, lock};
use crate::catalog::category::service::{NewCategory, build};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::slug;
use crate::infra::database::{Connection, Transaction};

/// Categories per statement. SQLite allows 32,766 parameters, and each category has 21 candidate slugs.
const CHUNK: usize = 1_000;

const TOO_MANY_CHILDREN: &str = "The parent category already has the maximum number of children.";

/// The category tree, indexed by parent and name.
#[derive(Debug, Default)]
pub struct CategoryTree {
    nodes: HashMap<CategoryId, TreeRow>,
    /// By parent and lowercase name, in tree order.
    children: HashMap<(Option<CategoryId>, String), Vec<CategoryId>>,
    /// The next free position below each parent.
    next: HashMap<Option<CategoryId>, i32>,
    /// The maximum of `next`.
    last: i32,
    /// Created categories that are not in the database yet, parents before their children.
    pending: Vec<Model>,
}

impl CategoryTree {
    /// Loads the tree.
    pub async fn read(db: &impl Connection) -> Result<Self> {
        let mut category_tree = Self::default();
        for node in repository::nodes(db).await? {
            category_tree.add(node);
        }
        Ok(category_tree)
    }

    /// Loads the tree and locks it against changes until the transaction ends.
    pub async fn load_locked(transaction: &Transaction) -> Result<Self> {
        lock(transaction).await?;
        Self::read(transaction).await
    }

    /// Whether these categories and their ancestors are unchanged since the tree was loaded.
    pub async fn is_current(
        &self,
        db: &impl Connection,
        ids: impl IntoIterator<Item = CategoryId>,
    ) -> Result<bool> {
        let mut above = HashSet::new();
        for id in ids {
            let mut next = Some(id);
            while let Some(id) = next.filter(|id| above.insert(*id)) {
                next = self.nodes.get(&id).and_then(|node| node.parent_id);
            }
        }
        let above: Vec<_> = above.into_iter().collect();
        for some in above.chunks(CHUNK) {
            let found = repository::find_nodes(db, some).await?;
            let same = |node: &TreeRow| self.nodes.get(&node.id) == Some(node);
            if found.len() != some.len() || !found.iter().all(same) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Returns the path of a category, as a sort key for tree order.
    pub fn path(&self, id: CategoryId) -> Option<&str> {
        self.nodes.get(&id).map(|node| node.path.as_str())
    }

    /// Returns the names from the root down to a category.
    pub fn names(&self, id: CategoryId) -> Vec<&str> {
        let first = self.nodes.get(&id);
        let above = |node: &&TreeRow| node.parent_id.and_then(|parent| self.nodes.get(&parent));
        let chain = std::iter::successors(first, above);
        let mut names: Vec<_> = chain.map(|node| node.name.as_str()).collect();
        names.reverse();
        names
    }

    /// Whether the names from the root down to a category are `names`.
    pub fn has_names(&self, id: CategoryId, names: &[String]) -> bool {
        self.names(id) == names
    }

    /// Returns the category with this path of names. If there are several, the first in tree order.
    pub fn find(&self, names: &[String]) -> Option<CategoryId> {
        let mut level = vec![None];
        for name in names {
            level = self.below(&level, name).into_iter().map(Some).collect();
        }
        level.first().copied().flatten()
    }

    /// Checks that all missing categories of `paths` can be created.
    ///
    /// # Errors
    /// A message if a parent would exceed the maximum number of children.
    pub fn check_child_limits(&self, paths: &[Vec<String>]) -> Result<(), &'static str> {
        if usize::try_from(MAX_SIBLINGS - self.last).is_ok_and(|room| paths.len() <= room) {
            return Ok(());
        }
        let missing = paths.iter().filter_map(|path| self.first_missing(path));
        let missing: HashSet<_> = missing.collect();
        let mut more: HashMap<_, i32> = HashMap::new();
        for (parent, _) in missing {
            *more.entry(parent).or_default() += 1;
        }
        let fits = |(parent, more): (_, i32)| self.next_position(parent) + more <= MAX_SIBLINGS;
        more.into_iter()
            .all(fits)
            .then_some(())
            .ok_or(TOO_MANY_CHILDREN)
    }

    /// Like [`find`](Self::find), but creates missing categories: published, after their siblings. Also returns the
    /// number created.
    ///
    /// # Errors
    /// A message if a parent has the maximum number of children.
    pub fn find_or_create(
        &mut self,
        names: &[String],
        now: Timestamp,
    ) -> Result<(CategoryId, usize), &'static str> {
        const NAME_REQUIRED: &str = "A category name is required.";
        if let Some(id) = self.find(names) {
            return Ok((id, 0));
        }
        let mut level = vec![None];
        let mut created = 0;
        for name in names {
            let below = self.below(&level, name);
            level = if below.is_empty() {
                let parent = level.first().copied().flatten();
                created += 1;
                vec![Some(self.create(parent, name, now)?)]
            } else {
                below.into_iter().map(Some).collect()
            };
        }
        let id = level.first().copied().flatten().ok_or(NAME_REQUIRED)?;
        Ok((id, created))
    }

    /// Inserts the created categories.
    pub async fn write(&mut self, transaction: &Transaction) -> Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let mut pending = std::mem::take(&mut self.pending);
        let mut in_use = HashSet::new();
        for some in pending.chunks_mut(CHUNK) {
            let candidates: Vec<_> = some.iter().map(|created| slugs(&created.name)).collect();
            in_use.extend(slugs_in_use(transaction, &candidates.concat()).await?);
            for (created, mut candidates) in some.iter_mut().zip(candidates) {
                let free = candidates.iter().position(|slug| !in_use.contains(slug));
                // The last candidate has a random suffix.
                created.slug = candidates.swap_remove(free.unwrap_or(candidates.len() - 1));
                in_use.insert(created.slug.clone());
            }
        }
        Ok(insert_many(transaction, pending).await?)
    }

    fn create(
        &mut self,
        parent: Option<CategoryId>,
        name: &str,
        now: Timestamp,
    ) -> Result<CategoryId, &'static str> {
        let position = self.next_position(parent);
        if position >= MAX_SIBLINGS {
            return Err(TOO_MANY_CHILDREN);
        }
        let new = NewCategory {
            name: name.to_owned(),
            slug: String::new(),
            description: String::new(),
            published: true,
            position,
        };
        let mut created = build(new, None, now);
        if let Some(above) = parent.and_then(|parent| self.nodes.get(&parent)) {
            created.parent_id = parent;
            created.path = Model::path_below(&above.path, position);
            created.visible = above.visible;
        }
        let id = created.id;
        self.add(TreeRow {
            id,
            parent_id: parent,
            position,
            path: created.path.clone(),
            visible: created.visible,
            name: created.name.clone(),
        });
        self.pending.push(created);
        Ok(id)
    }

    /// Returns the next free position below `parent`.
    fn next_position(&self, parent: Option<CategoryId>) -> i32 {
        self.next.get(&parent).copied().unwrap_or_default()
    }

    /// Returns the parent and lowercase name of the first missing category of this path.
    fn first_missing(&self, names: &[String]) -> Option<(Option<CategoryId>, String)> {
        let mut level = vec![None];
        for name in names {
            let below = self.below(&level, name);
            if below.is_empty() {
                return Some((level.first().copied().flatten(), name.to_lowercase()));
            }
            level = below.into_iter().map(Some).collect();
        }
        None
    }

    fn add(&mut self, node: TreeRow) {
        let key = (node.parent_id, node.name.to_lowercase());
        self.children.entry(key).or_default().push(node.id);
        let next = self.next.entry(node.parent_id).or_default();
        *next = (*next).max(node.position + 1);
        self.last = self.last.max(*next);
        self.nodes.insert(node.id, node);
    }

    /// Returns the children of `parents` with this name, or if there is none, those that differ only in case.
    fn below(&self, parents: &[Option<CategoryId>], name: &str) -> Vec<CategoryId> {
        let lower = name.to_lowercase();
        let found = parents
            .iter()
            .filter_map(|parent| self.children.get(&(*parent, lower.clone())));
        let found: Vec<_> = found.flatten().copied().collect();
        let is_exact = |id: &CategoryId| self.nodes.get(id).is_some_and(|node| node.name == name);
        let exact: Vec<_> = found.iter().copied().filter(is_exact).collect();
        if exact.is_empty() { found } else { exact }
    }
}

/// Returns candidate slugs for a category name, best first.
fn slugs(name: &str) -> Vec<String> {
    slug::candidates(&slug::from_name(name, "category"))
}
