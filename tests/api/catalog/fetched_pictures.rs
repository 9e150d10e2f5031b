//! Downloads of images whose URLs are in imported product files.

use std::fmt::Write;
use std::time::Duration;

use serde_json::json;
use wares::catalog::import_export::service::Options;
use wares::platform::jobs::Queue;

use crate::catalog::importing::{import, import_with, lines};
use crate::harness::picture::{SECRET, jpeg, png, with_gps};
use crate::harness::store::picture_at;
use crate::harness::{App, Form, Log, Web, on_both, on_both_with};

/// The test servers have loopback addresses.
const PRIVATE: &[&str] = &["--fetch-private-addresses=on"];

/// Returns the width and alternative text of each image of a product.
async fn gallery(app: &App, slug: &str) -> Vec<(i64, String)> {
    let images = app.admin().await.gallery(slug).await.into_iter();
    let shown = images.map(|image| {
        let alt = image["alt"].as_str().unwrap().to_owned();
        (image["width"].as_i64().unwrap(), alt)
    });
    shown.collect()
}

fn shown(images: &[(i64, &str)]) -> Vec<(i64, String)> {
    let images = images.iter();
    images
        .map(|(width, alt)| (*width, (*alt).to_owned()))
        .collect()
}

/// Returns a file with one product and an image at this path.
fn pan(web: &Web, path: &str) -> String {
    format!(
        "name,price,slug,categories,image_url\nPan,5,pan,Home,{}\n",
        web.url(path)
    )
}

/// Returns the paths of the requests in order.
fn paths(web: &Web) -> Vec<String> {
    let heads = web.heads().into_iter();
    heads
        .map(|head| head.split(' ').nth(1).unwrap().to_owned())
        .collect()
}

/// Returns a Shopify file with one product and these images: position, path and alternative text.
fn shopify(web: &Web, pictures: &[(&str, &str, &str)]) -> String {
    let mut file =
        "Handle,Title,Published,Variant Price,Image Src,Image Position,Image Alt Text,Status\n"
            .to_owned();
    for (number, (place, path, alt)) in pictures.iter().enumerate() {
        let (first, last) = if number == 0 {
            ("Mug,true,14.50", "active")
        } else {
            (",,", "")
        };
        let url = if path.is_empty() {
            String::new()
        } else {
            web.url(path)
        };
        writeln!(file, "mug,{first},{url},{place},{alt},{last}").unwrap();
    }
    file
}

#[tokio::test]
async fn the_picture_of_a_row_is_fetched_after_the_import() {
    on_both_with(PRIVATE, async |app| {
        let web = Web::start("127.0.0.1").await;
        let photo = with_gps(&jpeg(200, 100));
        web.picture("/pan.jpg", &photo);
        let file = pan(&web, "/pan.jpg");
        // Imports through the API, first as a dry run.
        let import = async |dry: bool| {
            let query = "mutation($file: Upload!, $dry: Boolean) {
                importProducts(file: $file, dryRun: $dry) { report { created errors { message } } userErrors { code } } }";
            let operations = json!({"query": query, "variables": {"file": null, "dry": dry}});
            let form = Form::new(&operations, &json!({"0": ["variables.file"]}));
            let answer = app.admin().await.upload(form.file("0", file.as_bytes()).end()).await;
            let payload = answer.payload("importProducts");
            assert_eq!(payload["report"], json!({"created": 1, "errors": []}));
            assert_eq!(payload["userErrors"], json!([]));
        };
        import(true).await;
        assert_eq!(app.do_due(Queue::IMAGES).await, 0);
        import(false).await;
        assert_eq!(web.visits(), 0, "the import waited for the download");
        app.sql("UPDATE products SET status = 'ACTIVE'").await;
        app.do_due(Queue::IMAGES).await;
        assert_eq!(paths(&web), ["/pan.jpg"]);
        let images = app.admin().await.gallery("pan").await;
        assert_eq!((images.len(), &images[0]["alt"]), (1, &json!("")));
        let (header, bytes) = picture_at(images[0]["url"].as_str().unwrap()).await;
        assert_eq!((header.width, json!(bytes.len())), (200, images[0]["bytes"].clone()));
        assert!(!bytes.windows(SECRET.len()).any(|window| window == SECRET));
        assert_eq!(images[0]["srcSet"].as_str().unwrap().split(", ").count(), 2, "sizes are missing");
    })
    .await;
}

#[tokio::test]
async fn pictures_come_in_their_order_and_once() {
    on_both_with(PRIVATE, async |app| {
        let web = Web::start("127.0.0.1").await;
        for width in [10_u32, 11, 12] {
            web.picture(&format!("/{width}.png"), &png(width, 9));
        }
        let file = shopify(
            &web,
            &[
                ("2", "/11.png", "Second"),
                ("1", "/10.png", "First"),
                ("3", "/12.png", ""),
            ],
        );
        let report = import(app, &file).await;
        assert_eq!((report.created, lines(&report.notices)), (1, vec![]));
        app.do_due(Queue::IMAGES).await;
        let all = shown(&[(10, "First"), (11, "Second"), (12, "")]);
        assert_eq!(gallery(app, "mug").await, all);
        assert_eq!(paths(&web), ["/10.png", "/11.png", "/12.png"]);
        // Existing images are not downloaded again. New ones are appended.
        import(app, &file).await;
        app.settle().await;
        assert_eq!((web.visits(), gallery(app, "mug").await), (3, all));
        web.picture("/13.png", &png(13, 9));
        import(
            app,
            &shopify(
                &web,
                &[("1", "/13.png", "New"), ("2", "/10.png", "Other words")],
            ),
        )
        .await;
        app.settle().await;
        assert_eq!(web.visits(), 4);
        assert_eq!(
            gallery(app, "mug").await,
            shown(&[(10, "First"), (11, "Second"), (12, ""), (13, "New")])
        );
        assert_eq!((app.objects().len(), app.picture_tasks().await), (4, 0));
        // Also if the file is imported twice before the download.
        web.picture("/pan.png", &png(20, 9));
        for _ in 0..2 {
            import(app, &pan(&web, "/pan.png")).await;
        }
        app.settle().await;
        assert_eq!(app.count("product_images").await, 5);
        assert_eq!((app.objects().len(), app.picture_tasks().await), (5, 0));
    })
    .await;
}

#[tokio::test]
async fn pictures_that_are_not_there_or_are_none_are_left_out() {
    on_both_with(PRIVATE, async |app| {
        let web = Web::start("127.0.0.1").await;
        web.picture("/10.png", &png(10, 9));
        web.picture("/12.png", &png(12, 9));
        web.picture("/page", b"<svg><script>alert(1)</script></svg>");
        web.picture("/cut", &png(50, 50)[..80]);
        let file = shopify(
            &web,
            &[
                ("1", "/10.png", ""),
                ("2", "/404", ""),
                ("3", "/page", ""),
                ("4", "/cut", ""),
                ("5", "/12.png", ""),
            ],
        );
        import(app, &file).await;
        let log = Log::capture();
        app.settle().await;
        assert_eq!(gallery(app, "mug").await, shown(&[(10, ""), (12, "")]));
        let told = log.lines_with("image fetch failed");
        let reasons = [
            "the host returned status 404",
            "This is an SVG drawing. Export it as PNG.",
            "The image is truncated.",
        ];
        assert_eq!(told.len(), reasons.len(), "{told:?}");
        for (line, reason) in told.iter().zip(reasons) {
            assert!(line.contains(reason) && line.contains("prod_"), "{line}");
        }
        assert_eq!((app.objects().len(), app.picture_tasks().await), (2, 0));
    })
    .await;
}

#[tokio::test]
async fn a_host_that_fails_is_asked_again() {
    on_both_with(PRIVATE, async |app| {
        let web = Web::start("127.0.0.1").await;
        web.picture("/10.png", &png(10, 9));
        web.answer("/11.png", "HTTP/1.1 503 Busy\r\n\r\n");
        let file = png(11, 9);
        // An interrupted download does not store a truncated image.
        web.answer_bytes(
            "/12.png",
            &[
                b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n",
                &file[..40],
            ]
            .concat(),
        );
        import(
            app,
            &shopify(
                &web,
                &[
                    ("1", "/10.png", ""),
                    ("2", "/11.png", ""),
                    ("3", "/12.png", ""),
                ],
            ),
        )
        .await;
        let log = Log::capture();
        app.do_due(Queue::IMAGES).await;
        assert_eq!(gallery(app, "mug").await, shown(&[(10, "")]));
        assert_eq!(log.lines_with("will be retried").len(), 1);
        web.picture("/11.png", &file);
        web.picture("/12.png", &png(12, 9));
        app.do_due(Queue::IMAGES).await;
        assert_eq!(app.count("product_images").await, 1, "not at once");
        app.advance(Duration::from_mins(1));
        app.do_due(Queue::IMAGES).await;
        assert_eq!(
            gallery(app, "mug").await,
            shown(&[(10, ""), (11, ""), (12, "")])
        );
        let again = ["/10.png", "/11.png", "/12.png", "/11.png", "/12.png"];
        assert_eq!(paths(&web), again, "downloaded images were requested again");
        // A download is given up after a day.
        import(app, &pan(&web, "/busy")).await;
        web.answer("/busy", "HTTP/1.1 500 No\r\n\r\n");
        app.do_due(Queue::IMAGES).await;
        app.advance(Duration::from_hours(25));
        app.do_due(Queue::IMAGES).await;
        assert_eq!(log.lines_with("job expired").len(), 1);
        assert_eq!((app.objects().len(), app.picture_tasks().await), (3, 0));
    })
    .await;
}

#[tokio::test]
async fn nothing_is_fetched_from_private_networks_unless_that_is_allowed() {
    on_both(async |app| {
        let web = Web::start("127.0.0.1").await;
        web.picture("/pan.png", &png(10, 9));
        let log = Log::capture();
        let mut file = pan(&web, "/pan.png");
        let port = web.address.port();
        for (number, host) in [
            "localhost",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "169.254.169.254",
            "2130706433",
        ]
        .iter()
        .enumerate()
        {
            let name = format!("Pan {number},5,pan-{number},Home");
            writeln!(file, "{name},http://{host}:{port}/pan.png").unwrap();
        }
        let report = import(app, &file).await;
        assert_eq!(report.created, 6);
        app.settle().await;
        assert_eq!(web.visits(), 0, "a connection was opened");
        assert_eq!(
            log.lines_with("the URL leads to a private network").len(),
            6
        );
        app.assert_no_picture().await;
    })
    .await;
}

#[tokio::test]
async fn what_can_not_be_an_address_is_told_in_the_report() {
    on_both_with(PRIVATE, async |app| {
        let file = "name,price,categories,image_url\nPan,5,Home,ftp://shop.example/a.png\nPot,5,Home,javascript:alert(1)\nMug,5,Home,\n";
        let report = import(app, file).await;
        assert_eq!((report.created, report.failed), (1, 2));
        let columns: Vec<_> = report.errors.iter().map(|error| (error.line, error.column.as_deref())).collect();
        assert_eq!(columns, [(2, Some("image_url")), (3, Some("image_url"))]);
        assert_eq!(app.picture_tasks().await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_product_that_is_gone_or_full_gets_no_picture() {
    on_both_with(PRIVATE, async |app| {
        let web = Web::start("127.0.0.1").await;
        web.picture("/pan.png", &png(10, 9));
        import(app, &pan(&web, "/pan.png")).await;
        let admin = app.admin().await;
        let found = admin
            .data("{ product(slug: \"pan\") { id } }", json!({}))
            .await;
        admin
            .done(
                "deleteProduct",
                json!({"id": found["product"]["id"]}),
                "product { id }",
            )
            .await;
        app.settle().await;
        assert_eq!(web.visits(), 0);
        app.assert_no_picture().await;

        let home = app.shop().root("pots", 5).await;
        let pot = app.shop().product("pot", &home, |_| ()).await;
        for place in 0..50 {
            app.shop().image(&pot, place).await;
        }
        import(
            app,
            &pan(&web, "/pan.png").replace("Pan,5,pan,Home", "pot,10.00,pot,"),
        )
        .await;
        app.settle().await;
        assert_eq!((web.visits(), app.count("product_images").await), (0, 50));
        assert_eq!(app.picture_tasks().await, 0);
    })
    .await;
}

#[tokio::test]
async fn an_import_that_fails_or_only_tries_fetches_nothing() {
    on_both_with(PRIVATE, async |app| {
        let web = Web::start("127.0.0.1").await;
        web.picture("/pan.png", &png(10, 9));
        let dry_run = Options {
            dry_run: true,
            ..Options::default()
        };
        let all_or_nothing = Options {
            all_or_nothing: true,
            ..Options::default()
        };
        import_with(app, &pan(&web, "/pan.png"), dry_run).await;
        let report = import_with(
            app,
            &(pan(&web, "/pan.png") + "Pot,much,pot,Home,\n"),
            all_or_nothing,
        )
        .await;
        assert_eq!(report.failed, 1);
        app.settle().await;
        assert_eq!((web.visits(), app.count("products").await), (0, 0));
        app.assert_no_picture().await;
    })
    .await;
}
