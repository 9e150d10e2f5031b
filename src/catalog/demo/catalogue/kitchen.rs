//! Products of the root category Kitchen & Table.

use super::{DemoImage, DemoProduct, Motif, PLAIN};
use crate::catalog::product::Status;

pub const PRODUCTS: &[DemoProduct] = &[
    DemoProduct {
        name: "Cast-Iron Skillet Ø 24 cm",
        slug: "cast-iron-skillet-24",
        sku: Some("KIT-0001"),
        description: "A 24 cm skillet cast in one piece and seasoned with linseed oil. Goes from the hob to the oven to the campfire, and weighs 2.1 kg.",
        price: 5_490,
        stock: 84,
        category: "cast-iron",
        old_slugs: &["iron-frying-pan-24"],
        images: &[
            DemoImage {
                alt: "Black cast-iron skillet seen from above",
                motif: Motif::Disc,
                colours: (0xE8E2D6, 0x2B2B2B),
            },
            DemoImage {
                alt: "Close-up of the skillet's handle with its hanging hole",
                motif: Motif::Ring,
                colours: (0xD9CFC0, 0x3A3632),
            },
            DemoImage {
                alt: "Two fried eggs in the skillet on a wooden table",
                motif: Motif::Disc,
                colours: (0x2B2B2B, 0xF4C542),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Cast-Iron Casserole, 4 Litres",
        slug: "cast-iron-casserole-4l",
        sku: Some("KIT-0002"),
        description: "Enamelled bottle green outside and cream inside, with a lid that drips back evenly over the roast. Holds a chicken or soup for six.",
        price: 12_900,
        stock: 31,
        category: "cast-iron",
        images: &[
            DemoImage {
                alt: "Bottle-green casserole with its lid on",
                motif: Motif::Disc,
                colours: (0xEFE9DC, 0x1F4D3A),
            },
            DemoImage {
                alt: "The casserole open, showing the cream enamel inside",
                motif: Motif::Ring,
                colours: (0x1F4D3A, 0xF3EAD3),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "鉄瓶 Tetsubin Kettle",
        slug: "tetsubin-kettle",
        sku: Some("KIT-0003"),
        description: "A cast-iron kettle for 1.2 litres, with a pattern of raised dots and a bronze lid. Made for boiling water on a low flame; dry it while it is still warm.",
        price: 18_400,
        stock: 3,
        category: "cast-iron",
        also_in: &["tea-and-coffee"],
        images: &[
            DemoImage {
                alt: "Black iron kettle with a dotted surface and an arched handle",
                motif: Motif::Chequers,
                colours: (0xD8D3CB, 0x24262B),
            },
            DemoImage {
                alt: "The bronze lid of the kettle with its round knob",
                motif: Motif::Disc,
                colours: (0x24262B, 0xA9762F),
            },
            DemoImage {
                alt: "The kettle steaming on a small charcoal stove",
                motif: Motif::Hills,
                colours: (0xC9C4BA, 0x4A4340),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Copper Sauté Pan Ø 26 cm",
        slug: "copper-saute-pan-26",
        sku: Some("KIT-0004"),
        description: "Two millimetres of copper, lined with tin by hand, on a riveted iron handle. Takes heat quickly and loses it just as quickly.",
        price: 21_900,
        stock: 12,
        category: "copper-pans",
        images: &[
            DemoImage {
                alt: "Polished copper sauté pan on a pale cloth",
                motif: Motif::Disc,
                colours: (0xF2ECE4, 0xB8693D),
            },
            DemoImage {
                alt: "Three rivets joining the iron handle to the copper",
                motif: Motif::Chequers,
                colours: (0xB8693D, 0x5B2E18),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Crème Caramel Pan",
        slug: "creme-caramel-pan",
        sku: Some("KIT-0005"),
        description: "A small unlined copper pan with a pouring lip, for melting up to 300 g of sugar. Not for anything sour.",
        price: 9_800,
        stock: 0,
        category: "copper-pans",
        images: &[
            DemoImage {
                alt: "Small copper pan with a pouring lip, half full of amber caramel",
                motif: Motif::Disc,
                colours: (0xF6E7C8, 0xC4752B),
            },
            DemoImage {
                alt: "Caramel running from the lip of the pan in a thin thread",
                motif: Motif::Stripes,
                colours: (0xFFF3DC, 0xA8551C),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Ελιά Olive-Wood Spoon",
        slug: "olive-wood-spoon",
        sku: Some("KIT-0006"),
        description: "Carved from a single piece of pruned olive wood, 30 cm long, and finished with olive oil. No two have the same grain.",
        price: 1_250,
        stock: 340,
        category: "cookware",
        images: &[
            DemoImage {
                alt: "Olive-wood spoon with a swirling dark grain",
                motif: Motif::Stripes,
                colours: (0xF1EADB, 0x8A6236),
            },
            DemoImage {
                alt: "Five spoons in a stoneware jar, each with a different grain",
                motif: Motif::Hills,
                colours: (0xDDE3D0, 0x6B4A2A),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Gemüsemesser, Small Vegetable Knife",
        slug: "gemuesemesser",
        sku: Some("KIT-0007"),
        description: "A 9 cm blade of carbon steel in a pear-wood handle, for peeling, trimming and topping strawberries. It darkens with use and takes an edge in seconds.",
        price: 2_400,
        stock: 150,
        category: "knives-and-boards",
        old_slugs: &["paring-knife", "small-vegetable-knife"],
        images: &[
            DemoImage {
                alt: "Small knife with a straight blade and a pear-wood handle",
                motif: Motif::Stripes,
                colours: (0xEDE8E0, 0x7A4B32),
            },
            DemoImage {
                alt: "The knife beside a peeled carrot on a board",
                motif: Motif::Diamond,
                colours: (0xE9D9BE, 0xE07B2E),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Smørrebrød Board",
        slug: "smorrebrod-board",
        sku: Some("KIT-0008"),
        description: "An oiled beech board of 18 × 28 cm with a shallow groove, sized for two open sandwiches. Serves equally well as a plate.",
        price: 2_950,
        stock: 67,
        category: "knives-and-boards",
        also_in: &["plates-and-bowls"],
        images: &[
            DemoImage {
                alt: "Beech board with rounded corners seen from above",
                motif: Motif::Stripes,
                colours: (0xF4EEE3, 0xC79A63),
            },
            DemoImage {
                alt: "Two open rye-bread sandwiches on the board",
                motif: Motif::Chequers,
                colours: (0xC79A63, 0xE88A8A),
            },
            DemoImage {
                alt: "A stack of four boards seen from the side",
                motif: Motif::Stripes,
                colours: (0xE3E8E6, 0xA87B48),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "End-Grain Chopping Block",
        slug: "end-grain-chopping-block",
        sku: Some("KIT-0009"),
        description: "Walnut blocks glued end-grain up to a slab of 40 × 30 × 6 cm that is kind to knives. The workshop has retired; these were the last.",
        price: 16_500,
        stock: 7,
        status: Status::Archived,
        category: "knives-and-boards",
        images: &[
            DemoImage {
                alt: "Thick walnut chopping block with a chequered surface",
                motif: Motif::Chequers,
                colours: (0xC89F73, 0x5A3A22),
            },
            DemoImage {
                alt: "Corner of the block showing its six-centimetre edge",
                motif: Motif::Diamond,
                colours: (0xEFE6DA, 0x4B2F1B),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Preserving Jar, 0.5 Litres",
        slug: "preserving-jar-half-litre",
        sku: Some("KIT-0010"),
        description: "Clear glass with a wide mouth, a glass lid and a rubber ring. For jam and gherkins, and for buttons and screws after that.",
        price: 390,
        stock: 1_800,
        category: "kitchen",
        also_in: &["baskets-and-boxes"],
        images: &[
            DemoImage {
                alt: "Empty glass jar with a lid and an orange rubber ring",
                motif: Motif::Ring,
                colours: (0xE6F0EE, 0xE8792B),
            },
            DemoImage {
                alt: "Row of jars filled with plum jam on a shelf",
                motif: Motif::Stripes,
                colours: (0xF3E9E2, 0x5B1F3A),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Café au Lait Bowl",
        slug: "cafe-au-lait-bowl",
        sku: Some("KIT-0011"),
        description: "A footed bowl of white faience with a blue rim, 350 ml. Wide enough to dip a whole slice of bread.",
        price: 1_650,
        stock: 210,
        category: "plates-and-bowls",
        also_in: &["tea-and-coffee"],
        images: &[
            DemoImage {
                alt: "White bowl with a blue rim on a low foot",
                motif: Motif::Ring,
                colours: (0xF8F5EE, 0x2F5D9B),
            },
            DemoImage {
                alt: "The bowl from above, full of milky coffee",
                motif: Motif::Disc,
                colours: (0x2F5D9B, 0xC79A6B),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Provençal Serving Dish",
        slug: "provencal-serving-dish",
        sku: Some("KIT-0012"),
        description: "An oval earthenware dish of 34 cm, glazed in honey yellow. Oven-proof up to 220 °C and just right for a gratin for four.",
        price: 4_200,
        stock: 45,
        category: "plates-and-bowls",
        images: &[
            DemoImage {
                alt: "Oval honey-yellow dish with two small handles",
                motif: Motif::Disc,
                colours: (0xF5EFE0, 0xE0A526),
            },
            DemoImage {
                alt: "Bubbling potato gratin in the dish",
                motif: Motif::Chequers,
                colours: (0xE0A526, 0xFBE7B2),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Everyday Plate, Speckled",
        slug: "everyday-plate-speckled",
        sku: Some("KIT-0013"),
        description: "A 26 cm stoneware plate in oatmeal with brown speckles. Stacks closely and survives the dishwasher.",
        price: 1_400,
        stock: 980,
        category: "plates-and-bowls",
        images: &[
            DemoImage {
                alt: "Oatmeal-coloured plate with fine brown speckles",
                motif: Motif::Disc,
                colours: (0x7F9794, 0xE9DFC9),
            },
            DemoImage {
                alt: "Stack of eight plates seen from the side",
                motif: Motif::Stripes,
                colours: (0xF3EEE4, 0xB7A182),
            },
            DemoImage {
                alt: "Rim of the plate with the glaze breaking to brown",
                motif: Motif::Ring,
                colours: (0xE9DFC9, 0x8C6A45),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "急須 Kyūsu Teapot",
        slug: "kyusu-teapot",
        sku: Some("KIT-0014"),
        description: "A side-handled teapot of unglazed red clay for 280 ml, with a strainer of pierced clay inside. Rinse it with water only: it remembers soap.",
        price: 6_200,
        stock: 17,
        category: "tea-and-coffee",
        images: &[
            DemoImage {
                alt: "Small red-clay teapot with a handle at its side",
                motif: Motif::Disc,
                colours: (0xEDE6DA, 0xA2452F),
            },
            DemoImage {
                alt: "Inside of the pot with the pierced clay strainer",
                motif: Motif::Chequers,
                colours: (0xA2452F, 0x4F1E14),
            },
            DemoImage {
                alt: "Green tea being poured into a white cup",
                motif: Motif::Ring,
                colours: (0xF4F2E8, 0x8FA63E),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Самовар",
        slug: "samovar",
        sku: Some("KIT-0015"),
        description: "A brass samovar for five litres, heated with pine cones or charcoal, with a small teapot to sit on its crown. Tested for tightness before it leaves the shop.",
        price: 48_900,
        stock: 2,
        category: "tea-and-coffee",
        images: &[
            DemoImage {
                alt: "Brass samovar with a turned tap and two handles",
                motif: Motif::Disc,
                colours: (0xF3EBDD, 0xC69A3A),
            },
            DemoImage {
                alt: "The tap of the samovar with its filigree key",
                motif: Motif::Diamond,
                colours: (0xC69A3A, 0x5E4312),
            },
            DemoImage {
                alt: "The samovar on a garden table among cups and a plate of jam",
                motif: Motif::Hills,
                colours: (0xCFE0D0, 0xB0832B),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "دلة Dallah Coffee Pot",
        slug: "dallah-coffee-pot",
        sku: Some("KIT-0016"),
        description: "A long-spouted pot of tinned brass for half a litre of coffee with cardamom. The curved handle stays cool enough to pour without a cloth.",
        price: 7_400,
        stock: 22,
        category: "tea-and-coffee",
        images: &[
            DemoImage {
                alt: "Brass coffee pot with a long curved spout and a pointed lid",
                motif: Motif::Diamond,
                colours: (0xF0E4CF, 0xB98A2E),
            },
            DemoImage {
                alt: "Engraved bands around the waist of the pot",
                motif: Motif::Stripes,
                colours: (0xB98A2E, 0x6A4A12),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Enamel Jug",
        slug: "enamel-jug",
        sku: Some("KIT-0017"),
        description: "A white enamelled jug with a navy rim that holds 1.5 litres of milk, water or lemonade.",
        price: 2_400,
        stock: 120,
        category: "tea-and-coffee",
        images: &[
            DemoImage {
                alt: "White enamel jug with a navy rim",
                motif: Motif::Ring,
                colours: (0xE4ECF2, 0x1F3558),
            },
            DemoImage {
                alt: "The jug with a bunch of cow parsley in it",
                motif: Motif::Hills,
                colours: (0xDCE8DA, 0xFFFFFF),
            },
        ],
        ..PLAIN
    },
    DemoProduct {
        name: "Linen Tea Towel, Blue Stripe",
        slug: "linen-tea-towel-blue-stripe",
        sku: Some("KIT-0018"),
        description: "Half-linen, half-cotton, 50 × 70 cm, with a hanging loop. Dries glasses without lint once it has been washed three times.",
        price: 1_450,
        stock: 600,
        category: "kitchen-linen",
        images: &[
            DemoImage {
                alt: "Folded tea towel with blue stripes",
                motif: Motif::Stripes,
                colours: (0xFAF8F2, 0x3B6EA8),
            },
            DemoImage {
                alt: "The towel hanging on a brass hook",
                motif: Motif::Stripes,
                colours: (0xE9E3D6, 0x2C5486),
            },
        ],
        ..PLAIN
    },
];
