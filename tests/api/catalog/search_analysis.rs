//! The analysis of texts for the search: which words of a search find which texts, without a database.

use std::collections::HashSet;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use wares::catalog::search::{Analyzer, Document, Search, Term, Texts, Tolerance, marks};

fn analyzer(language: &str) -> Analyzer {
    Analyzer::new(language.parse().unwrap())
}

fn named(language: &str, name: &str) -> Document {
    analyzer(language).document(&Texts {
        name,
        ..Texts::default()
    })
}

fn search(language: &str, typed: &str) -> Search {
    analyzer(language).search(typed).unwrap()
}

/// Whether a document has all words of a search, by the rules of the index.
fn matches(search: &Search, document: &Document) -> bool {
    let words: Vec<&String> = [&document.name, &document.keys, &document.description]
        .into_iter()
        .flatten()
        .collect();
    let has = |word: &String| words.contains(&word);
    let fits = |term: &Term| {
        term.is_stop_word
            || words.iter().any(|word| word.starts_with(&term.word))
            || term.forms.iter().any(has)
            || term.phrases.iter().any(|phrase| phrase.iter().all(has))
    };
    let is_exact = search.exact.as_ref().is_some_and(has);
    is_exact || search.terms.iter().all(fits)
}

#[track_caller]
fn check(language: &str, found: &[(&str, &str)], missed: &[(&str, &str)]) {
    let cases = found.iter().map(|pair| (pair, true));
    for ((typed, name), expected) in cases.chain(missed.iter().map(|pair| (pair, false))) {
        let (search, document) = (search(language, typed), named(language, name));
        assert_eq!(
            matches(&search, &document),
            expected,
            "{language}: {typed} in {name}\n{search:?}\n{document:?}"
        );
    }
}

#[test]
fn english_words_find_their_other_forms() {
    check(
        "en",
        &[
            ("mugs", "Mug, enamel"),
            ("mug", "Mugs"),
            ("pots", "Flower pot"),
            ("pans", "Frying pan"),
            ("jars", "Cookie jar"),
            ("pot", "Pots and pans"),
            ("knives", "Bread knife"),
            ("knife", "Knives, set of 4"),
            ("shelves", "Wall shelf"),
            ("shelf", "Shelves"),
            ("scarf", "Scarves"),
            ("glasses", "Wine glass"),
            ("boxes", "Tin box"),
            ("gloves", "Oven glove"),
            ("berries", "Dried berry"),
            ("cherry", "Cherries in syrup"),
            ("cookies", "Cookie jar"),
            ("tomatoes", "Tomato paste"),
            ("brushes", "Paint brush"),
            ("gateaux", "Gâteau au miel"),
            ("quizzes", "Quiz game"),
            ("quiz", "Quizzes"),
            ("mouse", "Mice, felt"),
            ("feet", "Foot cream"),
            ("men", "Man of tin"),
            ("man", "Men of tin"),
            ("teeth", "Tooth of amber"),
            ("children", "Child seat"),
            ("running", "Shoes to run"),
            ("painted", "Paint"),
            ("waterproof jackets", "Jacket, waterproofed"),
            ("mens", "Men's shoes"),
            ("men's", "Mens shoes"),
            ("men’s shoe", "Men's shoes"),
            ("men", "Men's shoes"),
            ("loreal", "L'Oréal shampoo"),
            ("l'oreal", "Loréal shampoo"),
            ("oreal", "L’Oréal shampoo"),
            ("oneill", "O'Neill"),
            ("mug for tea", "Tea mug"),
            ("the mug", "Mug"),
            ("creme brulee", "Crème brûlée"),
            ("Crème Brûlées", "CREME BRULEE"),
            ("lego", "Lego™ bricks"),
            ("fi\u{ad}re", "ﬁre"),
        ],
        &[
            ("mus", "Bus"),
            ("mugs", "Mugwort"),
            ("mug without handle", "Mug"),
            ("kniga", "книга"),
            ("moskva", "Москва"),
            ("dont", "Onto"),
        ],
    );
}

#[test]
fn words_written_together_or_apart_find_each_other() {
    check(
        "en",
        &[
            ("wifi", "Wi-Fi repeater"),
            ("wi fi", "Wifi antenna"),
            ("wi-fi", "WiFi antenna"),
            ("wi-fi", "Wi Fi antenna"),
            ("wifi", "Wi Fi antenna"),
            ("paintbrush", "Paint brush"),
            ("paint brush", "Paintbrush"),
            ("paint brushes", "Paintbrush"),
            ("paintbrushes", "Paint brush"),
            ("paintbrush", "Paint brushes"),
            ("paint brush", "Paintbrushes"),
            ("paint-brush", "Paintbrush"),
            ("paintbrush", "Paint-brush"),
            ("blue paint brush", "Paintbrush, blue"),
            ("tshirt", "T-Shirt, blue"),
            ("tshirts", "T-Shirt, blue"),
            ("t shirt", "Tshirt"),
            ("t-shirts", "T shirt"),
            ("t-shirt", "Tshirts"),
            ("email", "E‑mail stamp"),
            ("acdc", "AC/DC poster"),
            ("ac dc", "AC/DC poster"),
            ("ac/dc", "ACDC poster"),
            ("at&t", "ATT phone"),
            ("att", "AT&T phone"),
            ("usa", "U.S.A. flag"),
        ],
        &[("wifi", "Wine, fine"), ("paint brush", "Brush")],
    );
}

#[test]
fn numbers_find_each_other_in_any_spelling() {
    check(
        "en",
        &[
            ("500ml", "Olive oil 500 ml"),
            ("500 ml", "Olive oil 500ml"),
            ("500-ml", "Olive oil 500ml"),
            ("oil 500ml", "Olive oil, 500 ML"),
            ("24cm", "Pan 24 cm"),
            ("24 cm", "Pan 24cm"),
            ("1.5 l", "Bottle 1,5 l"),
            ("1,5l", "Bottle 1.5 l"),
            ("1.5l", "Bottle 1.50 l"),
            ("1.5 l", "Bottle 1.5l"),
            ("2 l", "Bottle 2.0l"),
            ("1000", "1,000 nails"),
            ("1,000", "1000 nails"),
            ("2 liter", "Jug 2liter"),
            ("2liter", "Jug 2 liter"),
            ("60x80", "Panel 60×80 cm"),
            ("60x80", "Panel 60 x 80 cm"),
            ("60 x 80", "Panel 60x80 cm"),
            ("60 x 80", "Panel 60x80x40"),
            ("60×80cm", "Panel 60 x 80 cm"),
            ("60x80x40", "Panel 60 x 80 x 40 cm"),
            ("60 x 80 x 40", "Panel 60x80x40cm"),
            ("60x80", "Panel 60x80x40"),
            ("80x40", "Panel 60 × 80 × 40"),
            ("m8 x 40", "Screw M8x40"),
            ("m6x20", "Bolt M6 x 20"),
            ("iphone15", "iPhone 15 case"),
            ("iphone 15", "iPhone15 case"),
            ("iphone15pro", "iPhone 15 Pro"),
            ("10m2", "Foil 10 m²"),
            ("10 m²", "Foil 10m2"),
            ("5", "Size ٥"),
            ("５００ml", "500 ml"),
        ],
        &[
            ("250ml", "Olive oil 500 ml"),
            ("15 l", "Bottle 1.5 l"),
            ("1.5", "Set of 1 and 5"),
            ("60x80", "Panel 80 x 60"),
        ],
    );
    check(
        "ru",
        &[("500мл", "Масло 500 мл"), ("500 мл", "Масло 500мл")],
        &[],
    );
}

#[test]
fn german_words_find_their_other_spellings_and_forms() {
    check(
        "de",
        &[
            ("käse", "Kaese"),
            ("kaese", "Käse"),
            ("kase", "Käse"),
            ("Kaesemesser", "Käsemesser"),
            ("grosse", "Große Tasse"),
            ("GRÖẞE", "Grösse 42"),
            ("größe", "GROESSE 42"),
            ("mäntel", "Mantel"),
            ("mantel", "Mäntel"),
            ("tassen", "Tasse"),
            ("tasse", "Tassen"),
            ("messer für käse", "Käse-Messer"),
            ("bücher", "Buch"),
            ("häuser", "Haus"),
            ("rotes kleid", "Rote Kleider"),
            ("kaffee tasse", "Kaffeetasse"),
            ("kaffeetasse", "Kaffee-Tasse"),
        ],
        &[("kase", "Kaese")],
    );
}

#[test]
fn french_words_find_their_other_forms() {
    check(
        "fr",
        &[
            ("huile", "L'huile d'olive"),
            ("huile olive", "Huile d’olive"),
            ("l'huile d'olive", "Huile olive"),
            ("gateaux", "Gâteau"),
            ("gâteau", "Gateaux"),
            ("chevaux", "Cheval"),
            ("brulees", "Crème brûlée"),
            ("coeur", "Cœur"),
            ("tasses à café", "Tasse café"),
            ("chaussures de course", "Chaussure, course"),
        ],
        &[("chat", "Chien")],
    );
}

#[test]
fn turkish_and_polish_letters_are_folded() {
    check(
        "tr",
        &[
            ("IŞIK", "ışık"),
            ("isik", "Işık"),
            ("ISPARTA", "ısparta"),
            ("istanbul", "İSTANBUL"),
            ("bardaklar", "Bardak"),
            ("tabak", "Tabaklar"),
            ("çay bardağı", "Cay bardagi"),
        ],
        &[],
    );
    check(
        "pl",
        &[
            ("lodz", "Łódź"),
            ("łyżka", "Lyzka"),
            ("zolty", "Żółty kubek"),
            ("kubek do kawy", "Kubek, kawy"),
        ],
        &[],
    );
    check(
        "da",
        &[
            ("rodgrod", "Rødgrød"),
            ("roedgroed", "Rødgrød"),
            ("blabaer", "Blåbær"),
            ("blaabaer", "Blåbær"),
        ],
        &[],
    );
    check("vi", &[("ca phe", "Cà phê"), ("duong", "Đường")], &[]);
}

#[test]
fn greek_and_cyrillic_words_find_their_other_forms() {
    check(
        "ru",
        &[
            ("елка", "Ёлка новогодняя"),
            ("ЁЛКИ", "Елка новогодняя"),
            ("зелёный чай", "Чай зеленый"),
            ("кружки", "Кружка"),
            ("кружка", "Кружки для чая"),
            ("ножи", "Нож"),
            ("чай", "Чая"),
            ("замок", "за́мок"),
            ("mugs", "Кружка (mug)"),
            ("чашка с блюдцем", "Блюдце и чашка"),
        ],
        &[("чаи", "Часы"), ("cha", "Чай")],
    );
    check(
        "uk",
        &[("мята", "М'ята"), ("грунт", "ґрунт")],
        &[("ії", "Її")],
    );
    check(
        "el",
        &[
            ("καφες", "Καφές"),
            ("ΚΑΦΈΣ", "καφές"),
            ("φλιτζανια", "Φλιτζάνι"),
        ],
        &[],
    );
}

#[test]
fn arabic_persian_and_hebrew_letters_are_folded() {
    check(
        "ar",
        &[
            ("قهوه", "قهوة عربية"),
            ("کتاب", "كتاب"),
            ("الكتاب", "كتاب"),
            ("علي", "على بابا"),
            ("احمر", "أحمر"),
            ("محمد", "مُحَمَّد"),
            ("كتاب", "كتـــاب"),
            ("٣ اكواب", "3 أكواب"),
            ("لا", "ﻻ"),
        ],
        &[("كتاب", "قهوة")],
    );
    check(
        "fa",
        &[
            ("کتابها", "کتاب\u{200c}ها"),
            ("کتاب ها", "کتابها"),
            ("چای", "چاي"),
        ],
        &[],
    );
    check(
        "he",
        &[
            ("שלום", "שָׁלוֹם"),
            ("כוסות", "כוסות תה"),
            ("שלומ", "שלום"),
            ("ממ", "10 מ\"מ"),
            ("cups", "Cup כוס"),
        ],
        &[],
    );
}

#[test]
fn texts_without_spaces_are_found_by_their_parts() {
    check(
        "ja",
        &[
            ("カップ", "コーヒーカップ"),
            ("ｶｯﾌﾟ", "コーヒーカップ"),
            ("かっぷ", "コーヒーカップ"),
            ("ヒーカ", "コーヒーカップ"),
            ("茶", "日本茶 cup"),
            ("本茶", "日本茶 cup"),
            ("茶 cups", "日本茶 cup"),
            ("コーヒーカップホルダー", "木製コーヒーカップホルダー"),
            ("㍿", "株式会社"),
            ("500ml", "水５００ｍｌ"),
            ("葛飾区", "葛\u{e0100}飾区"),
        ],
        &[("プカ", "コーヒーカップ"), ("茶本", "日本茶")],
    );
    check(
        "zh",
        &[("查", "查询"), ("绿茶", "有机绿茶"), ("书", "书店")],
        &[("查", "绿茶"), ("书", "树"), ("茶绿", "绿茶")],
    );
    check(
        "ko",
        &[
            ("커피", "한국 커피잔"),
            ("피잔", "커피잔"),
            ("커피잔", "커피잔을"),
            ("컵", "머그컵"),
        ],
        &[("잔커", "커피잔")],
    );
    check(
        "th",
        &[
            ("กาแฟ", "แก้วกาแฟ"),
            ("แก้ว", "แก้วกาแฟ"),
            ("ชา", "ถ้วยชา"),
            ("น้ำ", "แก้วน้ำ"),
            ("iphone", "เคสiPhone"),
        ],
        &[("ชา", "กาแฟ")],
    );
    check("km", &[("កាហ្វេ", "កែវកាហ្វេ")], &[]);
    check("lo", &[("ກາເຟ", "ຈອກກາເຟ")], &[]);
    check("my", &[("ကော်ဖီ", "ကော်ဖီခွက်")], &[]);
}

#[test]
fn indic_vowels_and_digits_are_kept() {
    check(
        "hi",
        &[("किताब", "किताब"), ("चाय", "चाय कप"), ("१०", "10 कप")],
        &[("काताब", "किताब"), ("कताब", "किताब")],
    );
    check("ta", &[("புத்தகம்", "புத்தகங்கள்")], &[]);
}

#[test]
fn codes_are_found_however_they_are_divided() {
    let document = analyzer("en").document(&Texts {
        name: "Thing",
        codes: vec!["SKU-3f2a.X", "4006381333931", "702.611.50", "ÄB-1.50"],
        labels: vec!["Acme Mugs", "blue"],
        ..Texts::default()
    });
    for typed in [
        "sku-3F2A.x",
        "sku 3f2a",
        "SKU3F2AX",
        "sku3f2a",
        "sku3f2a x",
        "sku 3f2ax",
        "4006381333931",
        "4 006381 333931",
        "400638",
        "70261150",
        "702 611 50",
        "702.611.50",
        "702-611-50",
        "ab150",
        "äb-1.50",
        "ab 1 50",
        "acme",
        "mug",
        "BLUE",
    ] {
        assert!(
            matches(&search("en", typed), &document),
            "{typed} {document:?}"
        );
    }
    for typed in [
        "3f2ax sku",
        "3f2b",
        "sku3f2ax4006381333931",
        "x4006381333931",
    ] {
        assert!(
            !matches(&search("en", typed), &document),
            "{typed} {document:?}"
        );
    }
    for code in [
        "=sku3f2ax",
        "=4006381333931",
        "=70261150",
        "=ab150",
        "sku3f2ax",
    ] {
        assert!(
            document.keys.iter().any(|key| key == code),
            "{code} {document:?}"
        );
    }
    let correctable: Vec<_> = document.correctable_words().collect();
    assert_eq!(correctable, ["thing", "acme", "mugs", "blue"]);
}

#[test]
fn exact_is_the_whole_search_text() {
    for (typed, name) in [
        ("wine glass", "Wine Glass"),
        ("wineglass", "Wine glass!"),
        (" Wine-Glass ", "Wine glass"),
        ("コーヒー カップ", "コーヒーカップ"),
        ("bottle 1,50 l", "Bottle 1.50 l"),
    ] {
        let exact = search("en", typed).exact.unwrap();
        assert!(exact.starts_with(marks::WHOLE));
        assert!(named("en", name).name.contains(&exact), "{typed} {exact}");
    }
    let long = "glass ".repeat(30);
    assert!(
        !named("en", &long)
            .name
            .iter()
            .any(|word| word.starts_with(marks::WHOLE))
    );
    let exact = search("en", "wine").exact.unwrap();
    assert!(!named("en", "Wine glass").name.contains(&exact));
}

#[test]
fn stop_words_are_marked_unless_the_search_has_no_other() {
    let words = |language: &str, typed: &str| -> Vec<(String, bool)> {
        let terms = search(language, typed).terms.into_iter();
        terms.map(|term| (term.word, term.is_stop_word)).collect()
    };
    let of = |word: &str, is_stop: bool| (word.to_owned(), is_stop);
    assert_eq!(
        words("en", "mug for tea"),
        [of("mug", false), of("for", true), of("tea", false)]
    );
    assert_eq!(words("en", "for the"), [of("for", false), of("the", false)]);
    assert_eq!(words("de", "messer für käse")[1], of("fur", true));
    assert_eq!(words("de", "the")[0], of("the", false));
    assert_eq!(
        words("fr", "l'huile d'olive"),
        [
            of("l", true),
            of("huile", false),
            of("d", true),
            of("olive", false)
        ]
    );
    assert_eq!(words("ru", "чашка для чая")[1], of("для", true));
}

#[test]
fn long_and_pasted_texts_are_cut() {
    let words = |typed: &str| -> Vec<String> {
        search("en", typed)
            .terms
            .into_iter()
            .map(|term| term.word)
            .collect()
    };
    for typed in [
        "mug\n",
        "\tmug",
        "mug\u{200b}",
        "\u{feff}mug",
        "mug\u{2028}",
        "mug\u{7}",
        "\0mug\0",
        "mug mug MUG",
    ] {
        assert_eq!(words(typed), ["mug"], "{typed:?}");
    }
    assert_eq!(words("blue\u{a0}\u{0}\u{3000}mug"), ["blue", "mug"]);
    let spaces = " ".repeat(200);
    assert_eq!(words(&format!("{spaces}blue{spaces}mug")), ["blue", "mug"]);
    assert_eq!(words("a1 b2 c3 d4 e5 f6 g7 h8 i9 j0").len(), 8);
    let long = format!("{} tea", "mug ".repeat(30));
    assert_eq!(words(&long), ["mug"]);
    assert_eq!(words(&"é".repeat(10_000)), ["e".repeat(40)]);
    for nothing in ["", "   ", "%", "_-!?", "'", "\u{301}", "\u{200c}", "™"] {
        assert_eq!(analyzer("en").search(nothing), None, "{nothing:?}");
    }
}

#[test]
fn a_word_occurs_once_among_the_terms_with_the_forms_of_both() {
    let search = search("en", "paint brush paint roller");
    let words: Vec<_> = search.terms.iter().map(|term| term.word.as_str()).collect();
    assert_eq!(words, ["paint", "brush", "roller"]);
    for form in ["paintbrush", "brushpaint", "paintroller"] {
        assert!(
            search.terms[0].forms.iter().any(|other| other == form),
            "{form}"
        );
    }
    let distinct: HashSet<_> = search.terms[0].forms.iter().collect();
    assert_eq!(distinct.len(), search.terms[0].forms.len());
}

#[test]
fn typos_are_tolerated_by_the_length_of_the_word() {
    for (typed, expected) in [
        ("mg", Tolerance::Never),
        ("mgu", Tolerance::IfNothingElse),
        ("чай", Tolerance::IfNothingElse),
        ("lapm", Tolerance::IfNothingElse),
        ("lmaps", Tolerance::Always),
        ("кружк", Tolerance::Always),
        ("m8x40", Tolerance::Never),
        ("茶碗", Tolerance::Never),
    ] {
        assert_eq!(search("en", typed).terms[0].tolerates, expected, "{typed}");
    }
}

const SCRIPTS: [(u32, u32); 22] = [
    (0x20, 0x7e),
    (0x20, 0x7e),
    (0x30, 0x39),
    (0xa0, 0x24f),
    (0x300, 0x36f),
    (0x370, 0x3ff),
    (0x400, 0x52f),
    (0x590, 0x5ff),
    (0x600, 0x6ff),
    (0x900, 0x97f),
    (0xb80, 0xbff),
    (0xe00, 0xe7f),
    (0x1000, 0x109f),
    (0x1100, 0x11ff),
    (0x1780, 0x17ff),
    (0x1e00, 0x1fff),
    (0x2000, 0x218f),
    (0x3000, 0x30ff),
    (0x4e00, 0x4fff),
    (0xac00, 0xad00),
    (0xfb00, 0xffff),
    (0, 0x10_ffff),
];

/// Returns a text of up to 60 characters of a few scripts.
fn random_text(random: &mut SmallRng) -> String {
    let scripts = [0; 3].map(|_| SCRIPTS[random.random_range(0..SCRIPTS.len())]);
    let length = random.random_range(0..60);
    let letter = |random: &mut SmallRng| {
        let (first, last) = scripts[random.random_range(0..scripts.len())];
        match random.random_range(0..8) {
            0 => ' ',
            1 => ['.', ',', '-', '\'', 'x', '1'][random.random_range(0..6)],
            _ => char::from_u32(random.random_range(first..=last)).unwrap_or('a'),
        }
    };
    (0..length).map(|_| letter(random)).collect()
}

fn is_plain(word: &str) -> bool {
    let is_mark = unicode_normalization::char::is_combining_mark;
    !word.is_empty()
        && word
            .chars()
            .all(|letter| letter.is_alphanumeric() || is_mark(letter))
}

#[test]
fn any_text_is_found_by_itself_and_words_have_only_letters_digits_and_marks() {
    let mut random = SmallRng::seed_from_u64(22);
    let languages = [
        "ar", "da", "de", "el", "en", "es", "fi", "fr", "he", "hu", "it", "ja", "nl", "no", "pt",
        "ro", "ru", "sv", "ta", "th", "tr",
    ];
    for _ in 0..20_000 {
        let analyzer = analyzer(languages[random.random_range(0..languages.len())]);
        let text = random_text(&mut random);
        let document = analyzer.document(&Texts {
            name: &text,
            codes: vec![&text],
            labels: vec![&text],
            description: &text,
        });
        for word in [&document.name, &document.keys, &document.description]
            .into_iter()
            .flatten()
        {
            let marks = [marks::STEM, marks::JOINED, marks::WHOLE];
            assert!(
                is_plain(word.strip_prefix(marks).unwrap_or(word)),
                "{text:?} {word:?}"
            );
            assert!(word.chars().count() <= 101, "{text:?} {word:?}");
        }
        let Some(search) = analyzer.search(&text) else {
            assert!(document.name.is_empty(), "{text:?} {document:?}");
            continue;
        };
        assert!(
            matches(&search, &document),
            "{text:?} {search:?} {document:?}"
        );
        for term in &search.terms {
            let forms = term.forms.iter().chain(term.phrases.iter().flatten());
            for word in forms.chain([&term.word]) {
                assert!(
                    is_plain(word.trim_start_matches(['~', '+'])),
                    "{text:?} {word:?}"
                );
            }
            let again = analyzer.search(&term.word).unwrap();
            assert_eq!(again.terms[0].word, term.word, "{text:?}");
        }
    }
}
