//! Products of the root category Home & Living.

use super::{DemoImage, DemoProduct, Motif, PLAIN};
use crate::catalog::product::Status;

pub const PRODUCTS: &[DemoProduct] = &[
    DemoProduct {
        name: "Brass Reading Lamp",
        slug: "brass-reading-lamp",
        sku: Some("HOM-0001"),
        description: "A jointed arm of brushed brass on a weighted foot, 48 cm high, with a fabric cable of two metres. Takes an E14 bulb of up to 25 W.",
        price: 13_900,
        stock: 14,
        category: "lamps",
        also_in: &["on-the-desk"],
        images: &[
            DemoImage {
                alt: "Brass lamp with a jointed arm and a dome shade",
                motif: Motif::Disc,
                colours: (0xEDE7DB, 0xC29A45),
            },
            DemoImage {
                alt: "The joint of the arm with its knurled screw",
                motif: Motif::Ring,
                colours: (0x3A3530, 0xC29A45),
            },
            DemoImage {
                alt: "The lamp lighting an open book at night",
                motif: Motif::Hills,
                colours: (0x26221E, 0xF6D98A),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Paper Globe Lamp",
        slug: "paper-globe-lamp",
        sku: Some("HOM-0002"),
        description: "A hanging shade of mulberry paper over thin wire hoops, 45 cm across. Arrives flat and unfolds in a minute.",
        price: 4_800,
        stock: 95,
        category: "lamps",
        images: &[
            DemoImage {
                alt: "Round white paper shade, lit from within",
                motif: Motif::Disc,
                colours: (0xD9D3C7, 0xFFF8E6),
            },
            DemoImage {
                alt: "The wire hoops shining through the paper",
                motif: Motif::Stripes,
                colours: (0xFFF4DC, 0xD8C9A8),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "فانوس",
        slug: "fanous-lantern",
        sku: Some("HOM-0003"),
        description: "A tin lantern with panes of coloured glass and a ring to carry it by, 32 cm high. Holds a tea light or a short candle.",
        price: 5_600,
        stock: 19,
        category: "lighting",
        also_in: &["winter-lights", "garden"],
        images: &[
            DemoImage {
                alt: "Tin lantern with red, green and blue glass panes",
                motif: Motif::Chequers,
                colours: (0x2A2440, 0xE3A72F),
            },
            DemoImage {
                alt: "The lantern hanging in a doorway at dusk",
                motif: Motif::Diamond,
                colours: (0x3B3560, 0xF2C14E),
            },
            DemoImage {
                alt: "Coloured patches of light thrown on a white wall",
                motif: Motif::Chequers,
                colours: (0xF4EFE6, 0xC8443C),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Beeswax Candle, Tall",
        slug: "beeswax-candle-tall",
        sku: Some("HOM-0004"),
        description: "Dipped from pure beeswax, 30 cm by 22 mm, with a cotton wick. Burns for about ten hours and smells of the hive.",
        price: 980,
        stock: 760,
        category: "candles",
        also_in: &["winter-lights"],
        images: &[
            DemoImage {
                alt: "Two tall honey-coloured candles joined by their wick",
                motif: Motif::Stripes,
                colours: (0xF3EDE2, 0xD9A032),
            },
            DemoImage {
                alt: "Flame of a burning candle, close up",
                motif: Motif::Diamond,
                colours: (0x2E241A, 0xFFC95C),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Wool Blanket",
        slug: "wool-blanket",
        sku: Some("HOM-0005"),
        description: "Woven from new wool in grey and cream herringbone, 140 × 200 cm, with a short fringe. Airing it is usually washing enough.",
        price: 11_500,
        stock: 38,
        category: "blankets-and-cushions",
        old_slugs: &["herringbone-throw"],
        images: &[
            DemoImage {
                alt: "Folded grey and cream blanket with a fringe",
                motif: Motif::Stripes,
                colours: (0xEAE6DF, 0x8C8A88),
            },
            DemoImage {
                alt: "Herringbone weave of the blanket, close up",
                motif: Motif::Diamond,
                colours: (0xD8D3CA, 0x77757A),
            },
            DemoImage {
                alt: "The blanket over the arm of a sofa",
                motif: Motif::Stripes,
                colours: (0xB9C2BC, 0xEFEAE0),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Velvet Cushion, Ochre",
        slug: "velvet-cushion-ochre",
        sku: Some("HOM-0006"),
        description: "Cotton velvet with a piped edge and a hidden zip, 45 × 45 cm. Comes with its feather filling.",
        price: 3_600,
        stock: 72,
        category: "blankets-and-cushions",
        images: &[
            DemoImage {
                alt: "Square ochre velvet cushion with a piped edge",
                motif: Motif::Diamond,
                colours: (0xEFE8DC, 0xC98B1F),
            },
            DemoImage {
                alt: "Corner of the cushion with the hidden zip half open",
                motif: Motif::Chequers,
                colours: (0xC98B1F, 0x8A5B10),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Longcase Clock, Cherrywood",
        slug: "longcase-clock-cherrywood",
        description: "An eight-day clock in a plain cherrywood case, 198 cm tall, that strikes the hours on a coil. Built to order by one clockmaker; delivered and set up in person.",
        price: 489_000,
        stock: 1,
        category: "home",
        images: &[
            DemoImage {
                alt: "Tall cherrywood clock against a white wall",
                motif: Motif::Stripes,
                colours: (0xF4F1EA, 0x8E4A2A),
            },
            DemoImage {
                alt: "White dial with black numerals and blued hands",
                motif: Motif::Ring,
                colours: (0xF8F6EF, 0x24365E),
            },
            DemoImage {
                alt: "Brass pendulum behind the glass of the case",
                motif: Motif::Disc,
                colours: (0x5A2D18, 0xD2A445),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Willow Log Basket",
        slug: "willow-log-basket",
        sku: Some("HOM-0007"),
        description: "Woven from unpeeled willow with two rope handles, 50 cm across and 40 cm high. Carries an evening's worth of firewood.",
        price: 6_800,
        stock: 24,
        category: "baskets-and-boxes",
        also_in: &["warm-things"],
        images: &[
            DemoImage {
                alt: "Round willow basket with rope handles",
                motif: Motif::Chequers,
                colours: (0xEAE3D5, 0x6F5232),
            },
            DemoImage {
                alt: "The basket filled with birch logs beside a stove",
                motif: Motif::Disc,
                colours: (0x4A3B2C, 0xD9CDB8),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Round Seagrass Basket",
        slug: "round-seagrass-basket",
        sku: Some("HOM-0008"),
        description: "A soft basket of twisted seagrass, 30 cm across, that folds flat when it has nothing to do. For wool, toys or a potted fern.",
        price: 2_400,
        stock: 130,
        category: "baskets-and-boxes",
        also_in: &["pots-and-planters"],
        images: &[
            DemoImage {
                alt: "Belly-shaped seagrass basket with two loops",
                motif: Motif::Disc,
                colours: (0xF0EBDD, 0xB59A5E),
            },
            DemoImage {
                alt: "A fern standing in the basket by a window",
                motif: Motif::Hills,
                colours: (0xE4EDE0, 0x5E7F45),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "風呂敷 Furoshiki Cloth",
        slug: "furoshiki-cloth",
        sku: Some("HOM-0009"),
        description: "A square of printed cotton, 70 × 70 cm, for wrapping lunch, books or presents. A folding guide with eight knots is included.",
        price: 1_900,
        stock: 220,
        category: "baskets-and-boxes",
        also_in: &["kitchen-linen"],
        images: &[
            DemoImage {
                alt: "Indigo cloth with white waves, spread flat",
                motif: Motif::Stripes,
                colours: (0x23395D, 0xF2F0E8),
            },
            DemoImage {
                alt: "A box wrapped in the cloth, knotted on top",
                motif: Motif::Diamond,
                colours: (0xEDE8DE, 0x2D4A7A),
            },
            DemoImage {
                alt: "Two bottles tied up in one cloth",
                motif: Motif::Chequers,
                colours: (0xF5F1E7, 0x36598F),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Paper Folding Screen",
        slug: "paper-folding-screen",
        description: "Three panels of pine lattice and paper, each 60 × 170 cm, on double-acting hinges. No longer made: the paper mill has closed.",
        price: 39_000,
        stock: 0,
        status: Status::Archived,
        category: "home",
        images: &[
            DemoImage {
                alt: "Three-panelled screen half unfolded",
                motif: Motif::Chequers,
                colours: (0xF4EFE3, 0xA98557),
            },
            DemoImage {
                alt: "Detail of the lattice and the double hinge",
                motif: Motif::Stripes,
                colours: (0xFBF8F0, 0x7D5F3A),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Oil Lamp, Green Glass",
        slug: "oil-lamp-green-glass",
        sku: Some("HOM-0010"),
        description: "A lamp with a font of pressed green glass, a flat wick and a clear chimney, 36 cm high. Waiting for its safety certificate.",
        price: 6_400,
        stock: 40,
        status: Status::Draft,
        category: "lamps",
        images: &[
            DemoImage {
                alt: "Oil lamp with a green glass font and a clear chimney",
                motif: Motif::Disc,
                colours: (0xEDF0E6, 0x2F6B4A),
            },
            DemoImage {
                alt: "Brass burner with the wheel for the wick",
                motif: Motif::Ring,
                colours: (0x2F6B4A, 0xCFA24A),
            },
        ],
        ..PLAIN
    },
];
