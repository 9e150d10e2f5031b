//! Products of the root category Paper & Desk.

use super::{DemoImage, DemoProduct, Motif, PLAIN};
use crate::catalog::product::Status;

pub const PRODUCTS: &[DemoProduct] = &[
    DemoProduct {
        name: "和紙ノート",
        slug: "washi-notebook",
        sku: Some("PAP-0001"),
        description: "Sixty-four leaves of thin mulberry paper, folded double and sewn with four stitches, in B6. Soft under a brush and surprisingly strong.",
        price: 2_800,
        stock: 64,
        category: "notebooks",
        images: &[
            DemoImage {
                alt: "Thin notebook with an indigo cover and a stitched spine",
                motif: Motif::Stripes,
                colours: (0xF3EEE2, 0x2B3F66),
            },
            DemoImage {
                alt: "Fibres in the paper, held against the light",
                motif: Motif::Hills,
                colours: (0xFBF7EA, 0xE2D7BA),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Pocket Notebook, Dotted",
        slug: "pocket-notebook-dotted",
        sku: Some("PAP-0002"),
        description: "Ninety-six dotted pages in A6 with rounded corners and a sewn spine that opens flat. The last twelve pages tear out.",
        price: 850,
        stock: 1_200,
        category: "notebooks",
        old_slugs: &["dotted-notebook-a6"],
        images: &[
            DemoImage {
                alt: "Small brick-red notebook with rounded corners",
                motif: Motif::Diamond,
                colours: (0xEFEAE0, 0xA5402D),
            },
            DemoImage {
                alt: "Open spread with a fine grid of dots",
                motif: Motif::Chequers,
                colours: (0xFBFAF5, 0xC9C7C0),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "מחברת Right-to-Left Notebook",
        slug: "right-to-left-notebook",
        sku: Some("PAP-0003"),
        description: "A lined A5 notebook of 120 pages that is bound on the right. The margin and the page numbers follow suit.",
        price: 1_150,
        stock: 85,
        category: "notebooks",
        images: &[
            DemoImage {
                alt: "Sea-green notebook bound on the right",
                motif: Motif::Stripes,
                colours: (0xF1EFE7, 0x2E7F7A),
            },
            DemoImage {
                alt: "First page with its margin on the right",
                motif: Motif::Stripes,
                colours: (0xFCFBF6, 0x8FB6C9),
            },
            DemoImage {
                alt: "Three notebooks in a fan",
                motif: Motif::Diamond,
                colours: (0xE5EDEB, 0x1E5B58),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Fountain Pen, Tortoiseshell",
        slug: "fountain-pen-tortoiseshell",
        sku: Some("PAP-0004"),
        description: "Turned from mottled brown resin, with a steel nib in medium and a screw converter. No tortoise was asked to take part.",
        price: 7_800,
        stock: 21,
        category: "pens-and-ink",
        images: &[
            DemoImage {
                alt: "Capped fountain pen with mottled brown barrel",
                motif: Motif::Stripes,
                colours: (0xF2ECE0, 0x7A4A1E),
            },
            DemoImage {
                alt: "Steel nib with a heart-shaped breather hole",
                motif: Motif::Diamond,
                colours: (0x7A4A1E, 0xD9DCDF),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Été Blue Ink",
        slug: "ete-blue-ink",
        sku: Some("PAP-0005"),
        description: "A bright blue for fountain pens, 50 ml in a square bottle with an inner well for the last drops. Washes out of most shirts.",
        price: 1_350,
        stock: 180,
        category: "pens-and-ink",
        images: &[
            DemoImage {
                alt: "Square bottle of bright blue ink",
                motif: Motif::Disc,
                colours: (0xF5F3EC, 0x1F6FD1),
            },
            DemoImage {
                alt: "Swatch of the ink fading from dark to light",
                motif: Motif::Stripes,
                colours: (0xFDFCF7, 0x3D8BE8),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Glass Dip Pen",
        slug: "glass-dip-pen",
        sku: Some("PAP-0006"),
        description: "Drawn from clear glass with a violet twist, 17 cm long. One dip writes half a page; a rinse makes it ready for the next colour.",
        price: 2_400,
        stock: 44,
        category: "pens-and-ink",
        also_in: &["on-the-desk"],
        images: &[
            DemoImage {
                alt: "Glass pen with a violet spiral, lying on paper",
                motif: Motif::Stripes,
                colours: (0xF7F5F0, 0x7B4FA8),
            },
            DemoImage {
                alt: "Grooved tip of the pen carrying a drop of ink",
                motif: Motif::Diamond,
                colours: (0xECE8F3, 0x4B2E83),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Cedar Pencil, HB",
        slug: "cedar-pencil-hb",
        sku: Some("PAP-0007"),
        description: "An unpainted hexagonal pencil of cedar with a graphite core in HB. Sold singly and already sharpened.",
        price: 45,
        stock: 2_500,
        category: "pencils",
        images: &[
            DemoImage {
                alt: "Single unpainted pencil with a sharp point",
                motif: Motif::Stripes,
                colours: (0xF8F4EA, 0xB9794A),
            },
            DemoImage {
                alt: "Ends of thirty pencils seen from the front",
                motif: Motif::Chequers,
                colours: (0xC98F5E, 0x2E2E30),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Carpenter's Pencil",
        slug: "carpenters-pencil",
        sku: Some("PAP-0008"),
        description: "Flat, so that it does not roll off the roof, and 24 cm long. Its broad lead marks rough timber, stone and seed trays.",
        price: 120,
        stock: 480,
        category: "pencils",
        also_in: &["hand-tools"],
        images: &[
            DemoImage {
                alt: "Flat red pencil with a broad lead",
                motif: Motif::Stripes,
                colours: (0xEFE7D8, 0xB3261E),
            },
            DemoImage {
                alt: "The pencil marking a line on a plank",
                motif: Motif::Hills,
                colours: (0xD9B98A, 0x3B2A1C),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Pencil Roll, Waxed Canvas",
        slug: "pencil-roll-waxed-canvas",
        sku: Some("PAP-0009"),
        description: "A roll of olive waxed canvas with sixteen slots and a leather tie, 22 cm high. Keeps points sharp in any bag.",
        price: 2_650,
        stock: 0,
        category: "writing",
        also_in: &["on-the-desk"],
        images: &[
            DemoImage {
                alt: "Rolled olive canvas case tied with leather",
                motif: Motif::Ring,
                colours: (0xEBE6D8, 0x5A5F35),
            },
            DemoImage {
                alt: "The roll laid open with sixteen coloured pencils",
                motif: Motif::Stripes,
                colours: (0x5A5F35, 0xE2B23A),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Brass Ruler, 20 cm",
        slug: "brass-ruler-20",
        sku: Some("PAP-0010"),
        description: "Solid brass, 2 mm thick, with the centimetres engraved and filled in black. Heavy enough to hold a page open.",
        price: 1_800,
        stock: 92,
        category: "on-the-desk",
        images: &[
            DemoImage {
                alt: "Brass ruler with black engraved marks",
                motif: Motif::Stripes,
                colours: (0xF1ECE1, 0xC6A04B),
            },
            DemoImage {
                alt: "Bevelled edge of the ruler, close up",
                motif: Motif::Diamond,
                colours: (0xC6A04B, 0x2C2A26),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Piña Paperweight",
        slug: "pina-paperweight",
        sku: Some("PAP-0011"),
        description: "A bronze pine cone cast from a real one, 6 cm across, with felt underneath. The mould wore out after 200 pieces.",
        price: 2_100,
        stock: 11,
        status: Status::Archived,
        category: "on-the-desk",
        images: &[
            DemoImage {
                alt: "Bronze pine cone on a pile of letters",
                motif: Motif::Chequers,
                colours: (0xF4F0E6, 0x7C5A2B),
            },
            DemoImage {
                alt: "Green felt on the underside of the paperweight",
                motif: Motif::Disc,
                colours: (0x9A7439, 0x2F5B3C),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Wall Calendar, Twelve Birds",
        slug: "wall-calendar-twelve-birds",
        sku: Some("PAP-0012"),
        description: "Twelve linocuts of garden birds, printed in two colours on uncoated paper, 30 × 42 cm. There is a line for every day to write on.",
        price: 1_950,
        stock: 700,
        category: "calendars",
        images: &[
            DemoImage {
                alt: "January page with a robin on a spade handle",
                motif: Motif::Disc,
                colours: (0xF3EFE4, 0xC8502E),
            },
            DemoImage {
                alt: "June page with two swifts above the roofs",
                motif: Motif::Diamond,
                colours: (0xDCE8F0, 0x2B2F3A),
            },
            DemoImage {
                alt: "All twelve pages laid out in a grid",
                motif: Motif::Chequers,
                colours: (0xFAF7EF, 0x5D7A5A),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Tear-Off Calendar",
        slug: "tear-off-calendar",
        sku: Some("PAP-0013"),
        description: "One small leaf for each day of the year, 6 × 9 cm, on a wooden back to stand or hang. The backs of the leaves are blank for shopping lists.",
        price: 1_600,
        stock: 500,
        category: "calendars",
        also_in: &["on-the-desk"],
        images: &[
            DemoImage {
                alt: "Block calendar on a wooden back showing a large 1",
                motif: Motif::Diamond,
                colours: (0xF2EDE2, 0xB0302A),
            },
            DemoImage {
                alt: "A torn-off leaf with a shopping list on the back",
                motif: Motif::Stripes,
                colours: (0xFBF9F3, 0x4A4A52),
            },
        ],
        ..PLAIN
    },
];
