//! What a document may cost, asked before the library looks at it: its validation takes exponential time and memory over
//! fragments that spread one another.

use std::collections::HashMap;

use async_graphql::Name;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

/// How long a document may be, in bytes. GraphiQL's own fits several times.
pub const MAX_DOCUMENT: usize = 15_000;
/// How deep brackets may nest in a document. The parser recurses, so this is asked of the text.
pub const MAX_NESTING: usize = 64;
/// How many fields an operation may select when its fragments are written out.
pub const MAX_SELECTIONS: usize = 1_000;

/// How deep brackets nest at the deepest, texts and comments left out.
pub fn nesting(document: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut rest = document.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        rest = match byte {
            b'"' => after_text(rest),
            b'#' => after_line(tail),
            _ => tail,
        };
        match byte {
            b'{' | b'(' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b')' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// What follows the text that `document` begins with: `"..."` on one line, or `"""..."""` over several.
fn after_text(document: &[u8]) -> &[u8] {
    const BLOCK: &[u8] = b"\"\"\"";
    if let Some(mut rest) = document.strip_prefix(BLOCK) {
        loop {
            if let Some(after) = rest.strip_prefix(BLOCK) {
                return after;
            }
            let escaped = rest
                .strip_prefix(br"\")
                .and_then(|rest| rest.strip_prefix(BLOCK));
            let Some(after) = escaped.or_else(|| rest.get(1..)) else {
                return rest;
            };
            rest = after;
        }
    }
    let mut rest = &document[1..];
    while let Some((byte, after)) = rest.split_first() {
        rest = match byte {
            b'"' | b'\n' | b'\r' => return after,
            b'\\' => after.get(1..).unwrap_or_default(),
            _ => after,
        };
    }
    rest
}

fn after_line(rest: &[u8]) -> &[u8] {
    let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
    end.map_or(&[], |end| &rest[end..])
}

/// How many selections the largest operation or fragment makes when its fragments are written out. Each fragment is
/// counted once, so this takes time in proportion to the document, whatever its fragments multiply to.
pub fn selections(document: &ExecutableDocument) -> usize {
    let mut counter = Counter {
        document,
        counted: HashMap::new(),
    };
    let operations = document.operations.iter();
    let operations = operations.map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values();
    let fragments = fragments.map(|fragment| &fragment.node.selection_set.node);
    let sets = operations.chain(fragments);
    sets.map(|set| counter.count(set)).max().unwrap_or_default()
}

struct Counter<'a> {
    document: &'a ExecutableDocument,
    /// What each fragment comes to; nothing while it is being counted. One that spreads itself is for validation to
    /// refuse.
    counted: HashMap<&'a Name, usize>,
}

impl<'a> Counter<'a> {
    fn count(&mut self, set: &'a SelectionSet) -> usize {
        let mut sum = 0_usize;
        for selection in &set.items {
            let below = match &selection.node {
                Selection::Field(field) => self.count(&field.node.selection_set.node),
                Selection::InlineFragment(fragment) => {
                    self.count(&fragment.node.selection_set.node)
                }
                Selection::FragmentSpread(spread) => {
                    self.count_fragment(&spread.node.fragment_name.node)
                }
            };
            sum = sum.saturating_add(1).saturating_add(below);
        }
        sum
    }

    fn count_fragment(&mut self, name: &'a Name) -> usize {
        if let Some(counted) = self.counted.get(name) {
            return *counted;
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            return 0;
        };
        self.counted.insert(name, 0);
        let count = self.count(&fragment.node.selection_set.node);
        self.counted.insert(name, count);
        count
    }
}
