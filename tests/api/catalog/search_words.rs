//! Which words match in a search: typos, case, accents, scripts, plurals, SKUs.

use crate::catalog::search::{found, named, product};
use crate::harness::{App, on_both_databases};

#[tokio::test]
async fn one_typo_is_accepted_in_words_of_5_letters() {
    on_both_databases(async |app| {
        let all = app.shop().root("all", 0).await;
        named(app, &all, "lantern", "Lantern").await;
        named(app, &all, "lamp", "Lamp").await;
        named(app, &all, "x200", "Model x20000").await;
        for typed in [
            "lantern", "lanterns", "lanten", "lantren", "alntern", "lanterm", "antern",
        ] {
            assert_eq!(found(app, typed).await, ["lantern"], "{typed}");
        }
        // Two typos, short words, digits.
        for typed in ["lenter", "lnatrn", "lxxp", "x20001", "2000l"] {
            assert_eq!(found(app, typed).await, [""; 0], "{typed}");
        }
        // Short words that nothing matches.
        for typed in ["lanp", "lapm"] {
            assert_eq!(found(app, typed).await, ["lamp"], "{typed}");
        }
        // A word of four letters with an additional one.
        assert_eq!(found(app, "lammp").await, ["lamp"]);
        // A prefix of a word is not corrected.
        assert_eq!(found(app, "lante").await, ["lantern"]);
        assert_eq!(found(app, "lanet").await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn two_typos_are_accepted_in_words_of_7_letters_that_nothing_matches() {
    on_both_databases(async |app| {
        let all = app.shop().root("all", 0).await;
        named(app, &all, "bicycle", "Bicycle").await;
        named(app, &all, "candlestick", "Candlestick").await;
        for (typed, slug) in [
            ("bycicle", "bicycle"),
            ("bicicel", "bicycle"),
            ("candelstik", "candlestick"),
            ("canddlesticck", "candlestick"),
            ("candlsetikc", "candlestick"),
        ] {
            assert_eq!(found(app, typed).await, [slug], "{typed}");
        }
        // Three typos, another first letter.
        for typed in ["bycicel", "pycycle"] {
            assert_eq!(found(app, typed).await, [""; 0], "{typed}");
        }
        // A product has the word as it was typed.
        named(app, &all, "bycicle", "Bycicle").await;
        assert_eq!(found(app, "bycicle").await, ["bycicle"]);
    })
    .await;
}

#[tokio::test]
async fn words_of_an_older_lexicon_are_found_with_two_typos_once_their_product_is_indexed_again() {
    on_both_databases(async |app| {
        let all = app.shop().root("all", 0).await;
        named(app, &all, "bicycle", "Bicycle").await;
        app.sql("DELETE FROM search_variants WHERE variant LIKE '^%' OR variant LIKE '$%'")
            .await;
        assert_eq!(found(app, "bycicle").await, [""; 0]);
        named(app, &all, "other", "Bicycle").await;
        assert_eq!(found(app, "bycicle").await, ["bicycle", "other"]);
        let variants = app.count("search_variants").await;
        named(app, &all, "third", "Bicycle").await;
        assert_eq!(app.count("search_variants").await, variants);
    })
    .await;
}

#[tokio::test]
async fn case_accents_and_scripts_do_not_matter() {
    on_both_databases(async |app| {
        let all = app.shop().root("all", 0).await;
        for (slug, name) in [
            ("creme", "Crème brûlée"),
            ("uber", "ÜBERGRÖẞE"),
            ("moscow", "Москва"),
            ("beijing", "北京烤鸭"),
            ("women", "Women’s shoes"),
            ("angstrom", "A\u{30a}ngstro\u{308}m"),
        ] {
            named(app, &all, slug, name).await;
        }
        for (typed, slug) in [
            ("CREME BRULEE", "creme"),
            ("brûle", "creme"),
            ("ubergrosse", "uber"),
            ("Übergröße", "uber"),
            ("москва", "moscow"),
            ("Мосвка", "moscow"),
            ("北京", "beijing"),
            ("烤鸭", "beijing"),
            ("womens", "women"),
            ("women's", "women"),
            ("ångström", "angstrom"),
        ] {
            assert_eq!(found(app, typed).await, [slug], "{typed}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_sku_is_found_with_any_separators() {
    on_both_databases(async |app| {
        let all = app.shop().root("all", 0).await;
        product(app, &all, "it", ["Thing", "SKU-3f2a.X", ""]).await;
        product(app, &all, "other", ["Other", "SKU-3f2b", ""]).await;
        for typed in ["sku-3F2A.x", "sku 3f2a", "SKU3F2AX", "sku3f2a"] {
            assert_eq!(found(app, typed).await, ["it"], "{typed}");
        }
    })
    .await;
}

#[tokio::test]
async fn search_operators_are_plain_text() {
    on_both_databases(async |app| {
        let all = app.shop().root("all", 0).await;
        named(app, &all, "drop", "Drop; table: not or 100% near'").await;
        named(app, &all, "star", "Star and moon").await;
        for typed in [
            "\"; DROP TABLE products; --",
            "' OR 1=1",
            "NOT star",
            "star NOT",
            "star AND",
            "(star",
            "star)",
            "name : star",
            "^star",
            "star | moon & !drop",
            "star:*",
            "star <-> moon",
            "NEAR(star moon)",
            "\\",
            "''",
        ] {
            found(app, typed).await;
        }
        assert_eq!(found(app, "star AND moon").await, ["star"]);
        assert_eq!(found(app, "DROP TABLE not or").await, ["drop"]);
        assert_eq!(found(app, "%oo%").await, [""; 0]);
        assert_eq!(found(app, "_oo_").await, [""; 0]);
        assert_eq!(found(app, "100%").await, ["drop"]);
    })
    .await;
}

/// Creates products with these names. Their numbers are their slugs.
async fn names(app: &App, names: &[&str]) {
    let all = app.shop().root("all", 0).await;
    for (number, name) in names.iter().enumerate() {
        named(app, &all, &number.to_string(), name).await;
    }
}

#[tokio::test]
async fn singulars_and_plurals_find_each_other() {
    on_both_databases(async |app| {
        let pairs = [
            ("mugs", "Mug, enamel"),
            ("glasses", "Wine glass"),
            ("boxes", "Tin box"),
            ("knives", "Bread knife"),
            ("shelves", "Wall shelf"),
            ("gloves", "Oven glove"),
            ("berries", "Dried berry"),
            ("cherry", "Cherries in syrup"),
            ("cookies", "Cookie jar"),
            ("tomatoes", "Tomato paste"),
            ("brushes", "Paint brush"),
            ("papeles", "Papel pintado"),
            ("gateaux", "Gâteau au miel"),
            ("tables", "Table, oak"),
            ("lamp", "Lamps, pair"),
            ("quizzes", "Quiz game"),
            ("mouse", "Mice, felt"),
            ("foot", "Feet of rubber"),
            ("man", "Men of tin"),
            ("teeth", "Tooth of amber"),
        ];
        names(app, &pairs.map(|(_, name)| name)).await;
        for (number, (search, name)) in pairs.iter().enumerate() {
            let found = found(app, search).await;
            assert_eq!(found, [number.to_string()], "{search} {name}");
        }
        for search in ["glas ses", "bus"] {
            assert!(
                !found(app, search).await.contains(&"0".to_owned()),
                "{search}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn words_written_apart_or_together_find_each_other() {
    on_both_databases(async |app| {
        names(
            app,
            &[
                "Olive oil 500 ml",
                "Vinegar 500ml",
                "Wi-Fi repeater",
                "Wifi antenna",
                "T-shirt",
                "Tshirt, long",
                "Cable 10 m",
                "E‑mail stamp",
                "AC/DC poster",
                "AT&T phone",
                "U.S.A. flag",
                "Screw M8x40",
                "Bolt M6 x 20",
                "Panel 60×80 cm",
                "iPhone 15 case",
            ],
        )
        .await;
        for (search, expected) in [
            ("500ml", &["0", "1"][..]),
            ("500 ml", &["0", "1"]),
            ("500-ml", &["0", "1"]),
            ("oil 500ml", &["0"]),
            ("wifi", &["2", "3"]),
            ("wi-fi", &["2", "3"]),
            ("WiFi repeater", &["2"]),
            ("tshirt", &["4", "5"]),
            ("t-shirt", &["4", "5"]),
            ("10m", &["6"]),
            ("email", &["7"]),
            ("250ml", &[]),
            ("acdc", &["8"]),
            ("ac dc", &["8"]),
            ("att", &["9"]),
            ("at&t", &["9"]),
            ("usa", &["10"]),
            ("m8 x 40", &["11"]),
            ("m6x20", &["12"]),
            ("60x80", &["13"]),
            ("60 x 80", &["13"]),
            ("iphone15", &["14"]),
            ("iphone 15", &["14"]),
        ] {
            let mut found = found(app, search).await;
            found.sort();
            assert_eq!(found, expected, "{search}");
        }
    })
    .await;
}

#[tokio::test]
async fn russian_words_with_yo_are_found_without_dots() {
    on_both_databases(async |app| {
        names(app, &["Ёлка новогодняя", "Чай зеленый", "Мёд"]).await;
        for (search, expected) in [
            ("елка", "0"),
            ("ёлка", "0"),
            ("ЕЛКА", "0"),
            ("зелёный чай", "1"),
            ("мед", "2"),
        ] {
            assert_eq!(found(app, search).await, [expected], "{search}");
        }
    })
    .await;
}

#[tokio::test]
async fn arabic_and_hebrew_are_found_with_any_form_of_a_letter_and_without_vowel_points() {
    on_both_databases(async |app| {
        let pairs = [
            ("قهوه", "قهوة عربية"),
            ("کتاب", "كتاب"),
            ("علي", "على بابا"),
            ("احمر", "أحمر"),
            ("محمد", "مُحَمَّد"),
            ("שלום", "שָׁלוֹם"),
        ];
        names(app, &pairs.map(|(_, name)| name)).await;
        for (number, (search, name)) in pairs.iter().enumerate() {
            let found = found(app, search).await;
            assert_eq!(found, [number.to_string()], "{search} {name}");
        }
    })
    .await;
}

#[tokio::test]
async fn scripts_without_spaces_are_compared_by_their_characters() {
    on_both_databases(async |app| {
        names(
            app,
            &[
                "绿茶",
                "Чай зелёный",
                "查询",
                "コーヒーカップ",
                "日本茶 cup",
                "한국 커피잔",
                "ｺｰﾋｰ豆",
            ],
        )
        .await;
        for (search, expected) in [
            ("查", &["2"][..]),
            ("茶", &["0", "4"]),
            ("绿茶", &["0"]),
            ("茶绿", &[]),
            ("カップ", &["3"]),
            ("コーヒー", &["3", "6"]),
            ("ｶｯﾌﾟ", &["3"]),
            ("ヒーカ", &["3"]),
            ("かっぷ", &["3"]),
            ("本茶", &["4"]),
            ("茶 cup", &["4"]),
            ("커피", &["5"]),
            ("피잔", &["5"]),
            ("чай", &["1"]),
            ("cha", &[]),
        ] {
            let mut found = found(app, search).await;
            found.sort();
            assert_eq!(found, expected, "{search}");
        }
    })
    .await;
}

#[tokio::test]
async fn unusual_white_space_separates_words() {
    on_both_databases(async |app| {
        names(app, &["Blue mug"]).await;
        for search in [
            "mug\n",
            "\tmug",
            "blue\tmug\r\n",
            "blue\u{a0}mug",
            "mug\u{200b}",
            "\u{feff}mug",
            "mug\u{2028}",
            "blue\u{3000}mug",
            "mug\u{b}\u{c}",
        ] {
            assert_eq!(found(app, search).await, ["0"], "{search:?}");
        }
        let long = format!("mug{}", " ".repeat(200));
        assert_eq!(found(app, &long).await, ["0"]);
        assert_eq!(found(app, "mug\u{7}").await, ["0"]);
    })
    .await;
}

#[tokio::test]
async fn words_end_at_the_end_of_a_line() {
    on_both_databases(async |app| {
        let all = app.shop().root("all", 0).await;
        product(
            app,
            &all,
            "mug",
            ["Mug", "", "for tea\nand coffee\tor\u{a0}milk"],
        )
        .await;
        for typed in ["tea", "and", "coffee", "or", "milk", "tea coffee"] {
            assert_eq!(found(app, typed).await, ["mug"], "{typed}");
        }
    })
    .await;
}
