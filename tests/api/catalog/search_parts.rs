//! Words that find others by a part: compounds by their last part, Arabic words by their consonants, Japanese words without
//! particles.

use serde_json::json;
use wares::catalog::product::service::{maintain_search_index, request_rebuild};

use super::search::{found, named};
use super::search_spellings::check;
use crate::harness::{App, on_both_databases};

#[test]
fn a_compound_is_found_by_its_last_part() {
    check(
        "de",
        &[
            ("topf", "Suppentopf"),
            ("Töpfe", "Suppentopf"),
            ("Topf", "Kochtöpfe"),
            ("Messer", "Brotmesser"),
            ("Gläser", "Weinglas"),
            ("Hut", "Strohhut"),
            ("roter Topf", "Suppentopf, rot"),
            ("Schläuche", "Gartenschlauch"),
        ],
        &[
            ("Suppe", "Kochtopf"),
            ("Koch", "Suppentopf"),
            ("il", "Automobil"),
            ("eis", "Preis"),
        ],
    );
    check("nl", &[("pan", "Braadpan"), ("mes", "Broodmes")], &[]);
    check("sv", &[("lampor", "Bordslampa")], &[]);
    check(
        "en",
        &[("watches", "Smartwatch"), ("house", "Birdhouse")],
        &[("phone", "Xylophonist"), ("one", "Stone age telephone")],
    );
    check("fr", &[], &[("chien", "Superchien")]);
}

#[test]
fn arabic_words_find_their_plurals() {
    check(
        "ar",
        &[
            ("سكاكين", "سكين الخبز"),
            ("فساتين", "فستان سهرة"),
            ("قمصان", "قميص قطن"),
            ("مصابيح", "مصباح مكتب"),
            ("أقلام", "قلم حبر"),
            ("أكواب", "كوب أزرق"),
            ("كتب", "كتاب طبخ"),
            ("حقائب", "حقيبة يد"),
            ("عبايات", "عباية سوداء"),
            ("زجاجات", "زجاجة ماء"),
            ("سيارات", "سيارة لعبة"),
            ("إلكترونيات", "الإلكترونيات"),
            ("الكترونيات", "الإلكترونيات"),
            ("العاب", "الألعاب"),
            ("ألعاب", "لعبة تركيب"),
            ("والشاي", "شاي أخضر"),
            ("للحديقة", "حديقة"),
            ("كوب زرقاء", "كوب أزرق"),
        ],
        &[("سكين", "سكر"), ("قلم", "قميص"), ("كوب", "كتاب")],
    );
}

#[test]
fn japanese_particles_need_not_be_in_a_text() {
    check(
        "ja",
        &[
            ("木製の箸", "箸 木製 21cm"),
            ("鉄のフライパン", "鉄フライパン"),
            ("レディースのセーター", "セーター レディース"),
            ("ねこの絵本", "絵本 ねこ"),
            ("携帯ケース", "ケース 携帯"),
            ("お米 5kg", "米 5kg"),
            ("猫のための皿", "皿 猫"),
            ("の", "猫の皿"),
            ("湯のみ", "湯のみ茶碗"),
            ("折りたたみ傘", "折りたたみ傘"),
            ("ﾈｺﾉ皿", "ネコノ皿"),
        ],
        &[("木製の箸", "箸 竹"), ("湯のみ", "湯 みかん")],
    );
}

#[tokio::test]
async fn compounds_rank_after_the_word_and_before_words_that_begin_with_it() {
    on_both_databases(async |app| {
        let settings = ["--shop-language", "de"];
        let german = App::on_database(app.backend, app.address.clone(), &settings).await;
        let all = german.shop().root("all", 0).await;
        for (slug, name) in [
            ("lid", "Topfdeckel"),
            ("stock", "Suppentopf"),
            ("spoon", "Kochlöffel"),
            ("pot", "Topf aus Stahl"),
        ] {
            named(&german, &all, slug, name).await;
        }
        assert_eq!(found(&german, "topf").await, ["pot", "stock", "lid"]);
        assert_eq!(found(&german, "töpfe").await, ["stock", "pot"]);
        // By a synonym, too.
        let admin = german.admin().await;
        let input = json!({"terms": ["Kessel", "Topf"]});
        admin
            .run_mutation("createSearchSynonym", input, "searchSynonym { id }")
            .await;
        assert_eq!(found(&german, "kessel").await, ["stock", "pot"]);
        german.stop().await;
    })
    .await;
}

#[tokio::test]
async fn an_index_of_the_previous_analysis_is_rebuilt() {
    on_both_databases(async |app| {
        let all = app.shop().root("all", 0).await;
        named(app, &all, "watch", "Smartwatch").await;
        request_rebuild(&app.state).await.unwrap();
        app.sql("UPDATE search_generation SET version = 'en-1'")
            .await;
        request_rebuild(&app.state).await.unwrap();
        maintain_search_index(&app.state).await.unwrap();
        let sql = "SELECT CAST(active AS BIGINT) FROM search_generation";
        assert_eq!(app.sql_number(sql).await, 2);
        assert_eq!(found(app, "watches").await, ["watch"]);
    })
    .await;
}
