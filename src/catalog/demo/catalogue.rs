//! The demo catalogue: the categories and products an empty development shop is filled with.
//! The data is invented but consistent, and meant to exercise what a real shop has: three levels
//! of categories, unpublished branches, old slugs, drafts, empty stock, equal prices and names in
//! many scripts. The categories are here, the products in one file per root category. Everything
//! refers to everything else by slug.

#![expect(clippy::unreadable_literal, reason = "colours read best as 0xRRGGBB")]

mod garden;
mod home;
mod kitchen;
mod paper;
mod winter;

use crate::catalog::product::Status;

/// A category with its descendants.
pub struct DemoCategory {
    pub slug: &'static str,
    pub name: &'static str,
    pub description: &'static str,
    /// Former slugs. They still find the category.
    pub old_slugs: &'static [&'static str],
    pub published: bool,
    pub children: &'static [DemoCategory],
}

/// A product with its categories.
pub struct DemoProduct {
    pub name: &'static str,
    pub slug: &'static str,
    pub sku: Option<&'static str>,
    pub description: &'static str,
    /// In hundredths of the shop's currency.
    pub price: i64,
    pub stock: i32,
    pub status: Status,
    /// Slug of the primary category.
    pub category: &'static str,
    /// Slugs of the additional categories.
    pub also_in: &'static [&'static str],
    /// Former slugs. They still find the product.
    pub old_slugs: &'static [&'static str],
    pub images: &'static [DemoImage],
}

/// A drawn placeholder image.
pub struct DemoImage {
    pub alt: &'static str,
    pub motif: Motif,
    /// Background and foreground, as `0xRRGGBB`.
    pub colours: (u32, u32),
}

/// The figure of a drawn image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Motif {
    Disc,
    Ring,
    Stripes,
    Chequers,
    Diamond,
    Hills,
}

/// Defaults of a category: published, a leaf, without former slugs.
const NODE: DemoCategory = DemoCategory {
    slug: "",
    name: "",
    description: "",
    old_slugs: &[],
    published: true,
    children: &[],
};

/// Defaults of a product: active, in one category, without former slugs.
const PLAIN: DemoProduct = DemoProduct {
    name: "",
    slug: "",
    sku: None,
    description: "",
    price: 0,
    stock: 0,
    status: Status::Active,
    category: "",
    also_in: &[],
    old_slugs: &[],
    images: &[],
};

/// The products, one slice per root category.
pub const PRODUCTS: &[&[DemoProduct]] = &[
    kitchen::PRODUCTS,
    home::PRODUCTS,
    paper::PRODUCTS,
    garden::PRODUCTS,
    winter::PRODUCTS,
];

/// The root categories.
pub const CATEGORIES: &[DemoCategory] = &[
    DemoCategory {
        slug: "kitchen",
        name: "Kitchen & Table",
        description: "Everything between the market bag and the last cup of coffee.",
        old_slugs: &["kitchenware"],
        children: &[
            DemoCategory {
                slug: "cookware",
                name: "Pots & Pans",
                description: "Pans and pots that are bought once and handed on.",
                children: &[
                    DemoCategory {
                        slug: "cast-iron",
                        name: "Cast Iron",
                        description: "Heavy, slow and forgiving: skillets, casseroles and kettles of cast iron.",
                        ..NODE
                    },
                    DemoCategory {
                        slug: "copper-pans",
                        name: "Copper",
                        description: "Copper for sauces, for sugar and for anyone who likes to polish.",
                        ..NODE
                    },
                ],
                ..NODE
            },
            DemoCategory {
                slug: "knives-and-boards",
                name: "Knives & Boards",
                description: "Sharp things and the wood to use them on.",
                old_slugs: &["knives"],
                ..NODE
            },
            DemoCategory {
                slug: "tableware",
                name: "Tableware",
                description: "Plates, bowls, pots and jugs for every day and for Sundays.",
                children: &[
                    DemoCategory {
                        slug: "plates-and-bowls",
                        name: "Plates & Bowls",
                        description: "Stoneware and earthenware that may go in the oven and on the table.",
                        ..NODE
                    },
                    DemoCategory {
                        slug: "tea-and-coffee",
                        name: "Tea & Coffee",
                        description: "Pots, jugs and cups from every corner where people sit and talk.",
                        ..NODE
                    },
                ],
                ..NODE
            },
            DemoCategory {
                slug: "kitchen-linen",
                name: "Kitchen Linen",
                description: "Towels and cloths that get better with every wash.",
                ..NODE
            },
        ],
        ..NODE
    },
    DemoCategory {
        slug: "home",
        name: "Home & Living",
        description: "Light, warmth and a place to put things.",
        children: &[
            DemoCategory {
                slug: "lighting",
                name: "Lighting",
                description: "Lamps, lanterns and candles for reading, eating and doing nothing.",
                children: &[
                    DemoCategory {
                        slug: "lamps",
                        name: "Lamps",
                        description: "Table and hanging lamps with sockets for ordinary bulbs.",
                        ..NODE
                    },
                    DemoCategory {
                        slug: "candles",
                        name: "Candles",
                        description: "Candles of beeswax and the things that hold them.",
                        ..NODE
                    },
                ],
                ..NODE
            },
            DemoCategory {
                slug: "blankets-and-cushions",
                name: "Blankets & Cushions",
                description: "Wool, cotton and velvet for sofas, beds and window seats.",
                ..NODE
            },
            DemoCategory {
                slug: "baskets-and-boxes",
                name: "Baskets & Boxes",
                description: "Woven, folded and knotted ways of keeping a room tidy.",
                ..NODE
            },
        ],
        ..NODE
    },
    DemoCategory {
        slug: "paper-and-desk",
        name: "Paper & Desk",
        description: "Good paper, and what it takes to fill it.",
        children: &[
            DemoCategory {
                slug: "notebooks",
                name: "Notebooks",
                description: "Sewn notebooks that lie flat and open from either side.",
                ..NODE
            },
            DemoCategory {
                slug: "writing",
                name: "Writing",
                description: "Pens, pencils and ink for people who still write by hand.",
                children: &[
                    DemoCategory {
                        slug: "pens-and-ink",
                        name: "Pens & Ink",
                        description: "Fountain pens, dip pens and the bottles they drink from.",
                        ..NODE
                    },
                    DemoCategory {
                        slug: "pencils",
                        name: "Pencils",
                        description: "Pencils for drawing, for sums and for the workbench.",
                        ..NODE
                    },
                ],
                ..NODE
            },
            DemoCategory {
                slug: "on-the-desk",
                name: "On the Desk",
                description: "Rulers, weights and other small things within reach.",
                ..NODE
            },
            DemoCategory {
                slug: "calendars",
                name: "Calendars for Next Year",
                description: "Wall and desk calendars, on sale from September.",
                published: false,
                ..NODE
            },
        ],
        ..NODE
    },
    DemoCategory {
        slug: "garden",
        name: "Garden & Balcony",
        description: "Tools, pots and seeds for four acres or one window sill.",
        children: &[
            DemoCategory {
                slug: "garden-tools",
                name: "Garden Tools",
                description: "Tools with wooden handles that can be replaced.",
                children: &[
                    DemoCategory {
                        slug: "hand-tools",
                        name: "Hand Tools",
                        description: "Trowels, secateurs and dibbers for work at close range.",
                        ..NODE
                    },
                    DemoCategory {
                        slug: "watering",
                        name: "Watering",
                        description: "Cans, jugs and misters, from a flood to a light fog.",
                        ..NODE
                    },
                ],
                ..NODE
            },
            DemoCategory {
                slug: "pots-and-planters",
                name: "Pots & Planters",
                description: "Terracotta and stoneware, with a hole where a hole should be.",
                ..NODE
            },
            DemoCategory {
                slug: "seeds-and-bulbs",
                name: "Seeds & Bulbs",
                description: "Open-pollinated seeds and bulbs, packed for this season.",
                ..NODE
            },
        ],
        ..NODE
    },
    DemoCategory {
        slug: "winter-market",
        name: "Winter Market",
        description: "The winter season in preparation: it opens with the first frost.",
        published: false,
        children: &[
            DemoCategory {
                slug: "warm-things",
                name: "Warm Things",
                description: "Wool for hands, laps and cold feet.",
                ..NODE
            },
            DemoCategory {
                slug: "winter-lights",
                name: "Winter Lights",
                description: "Lights and lanterns for the shortest days of the year.",
                ..NODE
            },
        ],
        ..NODE
    },
];
