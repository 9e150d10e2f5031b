//! Products of the root category Garden & Balcony.

use super::{DemoImage, DemoProduct, Motif, PLAIN};
use crate::catalog::product::Status;

pub const PRODUCTS: &[DemoProduct] = &[
    DemoProduct {
        name: "Copper Trowel",
        slug: "copper-trowel",
        sku: Some("GAR-0001"),
        description: "A blade of hammered copper alloy on a beech handle, 31 cm long. Stays sharp, does not rust and comes clean with a wipe.",
        price: 4_900,
        stock: 40,
        category: "hand-tools",
        images: &[
            DemoImage {
                alt: "Copper trowel with a beech handle",
                motif: Motif::Diamond,
                colours: (0xE6EBDD, 0xB4673A),
            },
            DemoImage {
                alt: "The trowel standing in dark soil",
                motif: Motif::Hills,
                colours: (0xDCE6D2, 0x4A3323),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Secateurs, Ash Handle",
        slug: "secateurs-ash-handle",
        sku: Some("GAR-0002"),
        description: "Forged bypass blades with ash grips and a leather closing loop, for branches of up to 20 mm. Every part can be replaced.",
        price: 5_200,
        stock: 28,
        category: "hand-tools",
        images: &[
            DemoImage {
                alt: "Closed secateurs with pale wooden grips",
                motif: Motif::Diamond,
                colours: (0xEAE8DC, 0x5C6266),
            },
            DemoImage {
                alt: "Blades cutting a rose stem",
                motif: Motif::Stripes,
                colours: (0xE3EFDF, 0xB03A4A),
            },
            DemoImage {
                alt: "All nine parts of the secateurs laid out in order",
                motif: Motif::Chequers,
                colours: (0xF3F0E7, 0x6F6F6B),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Beech Dibber",
        slug: "beech-dibber",
        sku: Some("GAR-0003"),
        description: "A turned beech dibber with grooves every two centimetres for holes of even depth, 27 cm long.",
        price: 1_100,
        stock: 140,
        category: "hand-tools",
        also_in: &["seeds-and-bulbs"],
        images: &[
            DemoImage {
                alt: "Pointed beech dibber with burnt depth rings",
                motif: Motif::Stripes,
                colours: (0xEFEBDD, 0xBB8A55),
            },
            DemoImage {
                alt: "Row of holes in a seed bed, the dibber in the last",
                motif: Motif::Hills,
                colours: (0xCFDBC0, 0x5B4029),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Gießkanne, Zinc Watering Can",
        slug: "giesskanne-zinc",
        sku: Some("GAR-0004"),
        description: "A hot-dip galvanised can for nine litres with a brass rose that unscrews. Balanced to be carried full in one hand.",
        price: 4_600,
        stock: 35,
        category: "watering",
        old_slugs: &["zinc-watering-can"],
        images: &[
            DemoImage {
                alt: "Zinc watering can with a long spout",
                motif: Motif::Hills,
                colours: (0xDFE8DC, 0x8D989E),
            },
            DemoImage {
                alt: "Brass rose of the can with fine holes",
                motif: Motif::Chequers,
                colours: (0xC9A24D, 0x4D3F1C),
            },
            DemoImage {
                alt: "Water falling from the can on a lettuce bed",
                motif: Motif::Stripes,
                colours: (0xCFE3C2, 0x6FA3C4),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Enamel Jug",
        slug: "enamel-jug-for-the-garden",
        sku: Some("GAR-0005"),
        description: "A leaf-green enamelled jug for two litres with a narrow lip that reaches under the leaves. Also holds tulips.",
        price: 2_600,
        stock: 48,
        category: "watering",
        also_in: &["pots-and-planters", "tableware"],
        images: &[
            DemoImage {
                alt: "Leaf-green enamel jug with a narrow lip",
                motif: Motif::Ring,
                colours: (0xEDF2E4, 0x4C8A3F),
            },
            DemoImage {
                alt: "The jug watering a pot of basil",
                motif: Motif::Hills,
                colours: (0xE1EDD8, 0x2F6A33),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Plant Mister",
        slug: "plant-mister",
        sku: Some("GAR-0006"),
        description: "Amber glass with a brass pump, 300 ml, for ferns and orchids. The finest of our ways to water.",
        price: 2_400,
        stock: 77,
        category: "watering",
        images: &[
            DemoImage {
                alt: "Amber glass mister with a brass pump",
                motif: Motif::Disc,
                colours: (0xF1EEE2, 0xA86423),
            },
            DemoImage {
                alt: "Fine mist over the fronds of a fern",
                motif: Motif::Hills,
                colours: (0xE7F1EA, 0x4F8A5B),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Terracotta Pot Ø 14 cm",
        slug: "terracotta-pot-14",
        sku: Some("GAR-0007"),
        description: "A plain frost-hardened flower pot with a drainage hole, 14 cm across and 13 cm high. The saucer is sold separately.",
        price: 480,
        stock: 1_500,
        category: "pots-and-planters",
        images: &[
            DemoImage {
                alt: "Plain terracotta flower pot",
                motif: Motif::Hills,
                colours: (0xECE7DB, 0xC0623A),
            },
            DemoImage {
                alt: "Stacks of pots in a greenhouse",
                motif: Motif::Stripes,
                colours: (0xDCE7D6, 0xB05530),
            },
            DemoImage {
                alt: "The pot from below with its drainage hole",
                motif: Motif::Ring,
                colours: (0xC0623A, 0x3A2A22),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Blütentopf, Glazed Planter",
        slug: "bluetentopf-glazed-planter",
        sku: Some("GAR-0008"),
        description: "A stoneware planter in running sea-blue glaze, 24 cm across, with a saucer fired onto it. May stay outside at minus ten.",
        price: 3_800,
        stock: 16,
        category: "pots-and-planters",
        images: &[
            DemoImage {
                alt: "Sea-blue planter with glaze running down its side",
                motif: Motif::Disc,
                colours: (0xEFEDE4, 0x2A6F8E),
            },
            DemoImage {
                alt: "The planter with a white geranium",
                motif: Motif::Hills,
                colours: (0xDDEBE6, 0x3C7F5A),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Jalapeño Seeds",
        slug: "jalapeno-seeds",
        sku: Some("GAR-0009"),
        description: "Fifteen seeds of an early, medium-hot chilli for pots and greenhouses. Sow indoors in March and harvest green or red from August.",
        price: 290,
        stock: 420,
        category: "seeds-and-bulbs",
        images: &[
            DemoImage {
                alt: "Seed packet with a drawing of green chillies",
                motif: Motif::Diamond,
                colours: (0xF6F1DF, 0x3F8F3A),
            },
            DemoImage {
                alt: "Ripe red and green chillies in a bowl",
                motif: Motif::Disc,
                colours: (0xEFE8D8, 0xC3272B),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Ρίγανη Greek Oregano Seeds",
        slug: "greek-oregano-seeds",
        sku: Some("GAR-0010"),
        description: "Two hundred seeds of a white-flowered, very aromatic oregano that likes sun and poor soil. Perennial and easy to dry.",
        price: 260,
        stock: 0,
        category: "seeds-and-bulbs",
        also_in: &["kitchen"],
        images: &[
            DemoImage {
                alt: "Seed packet with a sprig of white-flowering oregano",
                motif: Motif::Diamond,
                colours: (0xF4F2E6, 0x6E8B4E),
            },
            DemoImage {
                alt: "Dried oregano in a small bowl",
                motif: Motif::Disc,
                colours: (0xE9E2CF, 0x76804A),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Тюльпан Striped Tulip Bulbs",
        slug: "striped-tulip-bulbs",
        sku: Some("GAR-0011"),
        description: "Ten bulbs of a late tulip, white with raspberry flames, 45 cm tall. Plant 15 cm deep in October; the new harvest is being counted.",
        price: 690,
        stock: 0,
        status: Status::Draft,
        category: "seeds-and-bulbs",
        ..PLAIN
    },
    DemoProduct {
        name: "Oak Garden Bench",
        slug: "oak-garden-bench",
        description: "A bench for three of untreated oak, 160 cm wide, pegged without a single screw. Turns silver after its second winter.",
        price: 64_000,
        stock: 4,
        category: "garden",
        also_in: &["home"],
        images: &[
            DemoImage {
                alt: "Oak bench under an apple tree",
                motif: Motif::Hills,
                colours: (0xD6E5C8, 0x9C7443),
            },
            DemoImage {
                alt: "Pegged joint of arm and leg",
                motif: Motif::Chequers,
                colours: (0xB98C57, 0x5B3F22),
            },
            DemoImage {
                alt: "The same bench, weathered to silver grey",
                motif: Motif::Stripes,
                colours: (0xDDE3DA, 0x9A9C98),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Kneeling Mat",
        slug: "kneeling-mat",
        sku: Some("GAR-0012"),
        description: "Two layers of coconut fibre and rubber, 45 × 25 cm, with a handle cut into it. Replaced by nothing yet.",
        price: 1_700,
        stock: 0,
        status: Status::Archived,
        category: "garden-tools",
        images: &[
            DemoImage {
                alt: "Brown fibre mat with a cut-out handle",
                motif: Motif::Chequers,
                colours: (0xE6EADD, 0x7A5A38),
            },
            DemoImage {
                alt: "Underside of the mat with its rubber ribs",
                motif: Motif::Stripes,
                colours: (0x8B6B45, 0x2A2A2A),
            },
        ],
        ..PLAIN
    },
];
