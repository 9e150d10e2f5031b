//! Products of the unpublished root category Winter Market.

use super::{DemoImage, DemoProduct, Motif, PLAIN};
use crate::catalog::product::Status;

pub const PRODUCTS: &[DemoProduct] = &[
    DemoProduct {
        name: "Варежки",
        slug: "varezhki-mittens",
        sku: Some("WIN-0001"),
        description: "Mittens of felted sheep's wool with a long cuff, red with a white star on the back. One size fits most hands.",
        price: 3_400,
        stock: 90,
        category: "warm-things",
        images: &[
            DemoImage {
                alt: "Pair of red mittens with a white star on each",
                motif: Motif::Diamond,
                colours: (0xEAF0F4, 0xB3262E),
            },
            DemoImage {
                alt: "Long ribbed cuff of the mitten",
                motif: Motif::Stripes,
                colours: (0xB3262E, 0xF5F1EA),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Wool Blanket",
        slug: "wool-blanket-snowfall",
        sku: Some("WIN-0002"),
        description: "A double-woven blanket in night blue with white flecks like snow, 150 × 210 cm, bound all round in wool felt. Heavier than its summer sister.",
        price: 13_200,
        stock: 25,
        category: "warm-things",
        also_in: &["blankets-and-cushions"],
        images: &[
            DemoImage {
                alt: "Night-blue blanket with white flecks, folded",
                motif: Motif::Chequers,
                colours: (0x1D2B4A, 0xF3F5F8),
            },
            DemoImage {
                alt: "Felt edge of the blanket, close up",
                motif: Motif::Stripes,
                colours: (0xE6EAF0, 0x26375C),
            },
            DemoImage {
                alt: "The blanket on a bench in the snow",
                motif: Motif::Hills,
                colours: (0xDCE6EE, 0x2A3D66),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Hot-Water Bottle, Knitted Cover",
        slug: "hot-water-bottle-knitted",
        sku: Some("WIN-0003"),
        description: "A two-litre bottle of natural rubber in a cable-knit cover with a roll neck. The cover buttons off for washing.",
        price: 2_900,
        stock: 60,
        status: Status::Draft,
        category: "warm-things",
        images: &[
            DemoImage {
                alt: "Cream cable-knit cover with a roll neck",
                motif: Motif::Stripes,
                colours: (0xD9C8BE, 0xF6EFE2),
            },
            DemoImage {
                alt: "Wooden buttons on the back of the cover",
                motif: Motif::Disc,
                colours: (0xEFE6D6, 0x8A5A35),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "חנוכייה",
        slug: "brass-hanukkiah",
        sku: Some("WIN-0004"),
        description: "A hanukkiah of cast brass with eight lights in a row and the shammash raised behind them, 26 cm wide. Takes candles of up to 10 mm.",
        price: 8_600,
        stock: 15,
        category: "winter-lights",
        also_in: &["candles", "home"],
        images: &[
            DemoImage {
                alt: "Brass candelabrum with nine holders",
                motif: Motif::Stripes,
                colours: (0x27304E, 0xD1A744),
            },
            DemoImage {
                alt: "The eighth evening: all nine candles alight",
                motif: Motif::Diamond,
                colours: (0x171C30, 0xFFC65A),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Straw Stars, Set of Six",
        slug: "straw-stars-set-of-six",
        sku: Some("WIN-0005"),
        description: "Six stars of split rye straw tied with red thread, 8 to 12 cm across, flat in a paper envelope.",
        price: 1_200,
        stock: 300,
        category: "winter-market",
        images: &[
            DemoImage {
                alt: "Six straw stars on dark green paper",
                motif: Motif::Diamond,
                colours: (0x1E3B2E, 0xE4C574),
            },
            DemoImage {
                alt: "Centre of a star with its red thread",
                motif: Motif::Ring,
                colours: (0xE4C574, 0xB12A2A),
            },
            DemoImage {
                alt: "A star hanging on a fir twig",
                motif: Motif::Hills,
                colours: (0xDDE7DE, 0x2E5A3F),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Glühwein Mug",
        slug: "gluehwein-mug",
        sku: Some("WIN-0006"),
        description: "A thick-walled stoneware mug for 250 ml with a handle wide enough for gloves. This year's drawing is still at the engraver's.",
        price: 1_550,
        stock: 400,
        status: Status::Draft,
        category: "winter-market",
        also_in: &["tea-and-coffee"],
        images: &[
            DemoImage {
                alt: "Dark red mug with a wide handle",
                motif: Motif::Disc,
                colours: (0xEDEBE6, 0x7B1E2B),
            },
            DemoImage {
                alt: "Two steaming mugs on a wooden counter",
                motif: Motif::Ring,
                colours: (0x3A2A22, 0xC24A3A),
            },
        ],
        ..PLAIN
    },
];
