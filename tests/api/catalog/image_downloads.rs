//! Downloads of images whose URLs are in imported product files.

use std::fmt::Write;
use std::time::Duration;

use serde_json::json;
use wares::catalog::import_export::service::Options;
use wares::platform::jobs::Queue;

use crate::harness::csv_files::{import, import_with, lines};
use crate::harness::sample_image::{SECRET, jpeg, png, with_gps};
use crate::harness::store::get_image_at;
use crate::harness::{App, Form, Log, WebServer, on_both_databases, on_both_databases_with};

/// The test servers have loopback addresses.
const ALLOW_PRIVATE_ADDRESSES: &[&str] = &["--fetch-private-addresses=on"];

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
fn pan(web: &WebServer, path: &str) -> String {
    format!(
        "name,price,slug,categories,image_url\nPan,5,pan,Home,{}\n",
        web.url(path)
    )
}

/// Returns the paths of the requests in order.
fn requested_paths(web: &WebServer) -> Vec<String> {
    let heads = web.heads().into_iter();
    heads
        .map(|head| head.split(' ').nth(1).unwrap().to_owned())
        .collect()
}

/// Returns a Shopify file with one product and these images: position, path and alternative text.
fn shopify_file(web: &WebServer, images: &[(&str, &str, &str)]) -> String {
    let mut file =
        "Handle,Title,Published,Variant Price,Image Src,Image Position,Image Alt Text,Status\n"
            .to_owned();
    for (number, (position, path, alt)) in images.iter().enumerate() {
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
        writeln!(file, "mug,{first},{url},{position},{alt},{last}").unwrap();
    }
    file
}

#[tokio::test]
async fn the_image_of_a_row_is_fetched_after_the_import() {
    on_both_databases_with(ALLOW_PRIVATE_ADDRESSES, async |app| {
        let web = WebServer::start("127.0.0.1").await;
        let photo = with_gps(&jpeg(200, 100));
        web.respond_with_file("/pan.jpg", &photo);
        let file = pan(&web, "/pan.jpg");
        // Imports through the API, first as a dry run.
        let import = async |dry: bool| {
            let query = "mutation($file: Upload!, $dry: Boolean) {
                importProducts(file: $file, dryRun: $dry) { report { created errors { message } } userErrors { code } } }";
            let operations = json!({"query": query, "variables": {"file": null, "dry": dry}});
            let form = Form::new(&operations, &json!({"0": ["variables.file"]}));
            let response = app.admin().await.upload(form.file("0", file.as_bytes()).end()).await;
            let payload = response.payload("importProducts");
            assert_eq!(payload["report"], json!({"created": 1, "errors": []}));
            assert_eq!(payload["userErrors"], json!([]));
        };
        import(true).await;
        assert_eq!(app.run_due_jobs(Queue::IMAGES).await, 0);
        import(false).await;
        assert_eq!(web.connection_count(), 0, "the import waited for the download");
        app.sql("UPDATE products SET status = 'ACTIVE'").await;
        app.run_due_jobs(Queue::IMAGES).await;
        assert_eq!(requested_paths(&web), ["/pan.jpg"]);
        let images = app.admin().await.gallery("pan").await;
        assert_eq!((images.len(), &images[0]["alt"]), (1, &json!("")));
        let (header, bytes) = get_image_at(images[0]["url"].as_str().unwrap()).await;
        assert_eq!((header.width, json!(bytes.len())), (200, images[0]["bytes"].clone()));
        assert!(!bytes.windows(SECRET.len()).any(|window| window == SECRET));
        assert_eq!(images[0]["srcSet"].as_str().unwrap().split(", ").count(), 2, "sizes are missing");
    })
    .await;
}

#[tokio::test]
async fn images_are_fetched_in_order_and_once() {
    on_both_databases_with(ALLOW_PRIVATE_ADDRESSES, async |app| {
        let web = WebServer::start("127.0.0.1").await;
        for width in [10_u32, 11, 12] {
            web.respond_with_file(&format!("/{width}.png"), &png(width, 9));
        }
        let file = shopify_file(
            &web,
            &[
                ("2", "/11.png", "Second"),
                ("1", "/10.png", "First"),
                ("3", "/12.png", ""),
            ],
        );
        let report = import(app, &file).await;
        assert_eq!((report.created, lines(&report.notices)), (1, vec![]));
        app.run_due_jobs(Queue::IMAGES).await;
        let all = shown(&[(10, "First"), (11, "Second"), (12, "")]);
        assert_eq!(gallery(app, "mug").await, all);
        assert_eq!(requested_paths(&web), ["/10.png", "/11.png", "/12.png"]);
        // Existing images are not downloaded again. New ones are appended.
        import(app, &file).await;
        app.run_all_image_jobs().await;
        assert_eq!(
            (web.connection_count(), gallery(app, "mug").await),
            (3, all)
        );
        web.respond_with_file("/13.png", &png(13, 9));
        import(
            app,
            &shopify_file(
                &web,
                &[("1", "/13.png", "New"), ("2", "/10.png", "Other words")],
            ),
        )
        .await;
        app.run_all_image_jobs().await;
        assert_eq!(web.connection_count(), 4);
        assert_eq!(
            gallery(app, "mug").await,
            shown(&[(10, "First"), (11, "Second"), (12, ""), (13, "New")])
        );
        assert_eq!((app.objects().len(), app.count_image_jobs().await), (4, 0));
        // Also if the file is imported twice before the download.
        web.respond_with_file("/pan.png", &png(20, 9));
        for _ in 0..2 {
            import(app, &pan(&web, "/pan.png")).await;
        }
        app.run_all_image_jobs().await;
        assert_eq!(app.count("product_images").await, 5);
        assert_eq!((app.objects().len(), app.count_image_jobs().await), (5, 0));
    })
    .await;
}

#[tokio::test]
async fn missing_and_invalid_images_are_skipped() {
    on_both_databases_with(ALLOW_PRIVATE_ADDRESSES, async |app| {
        let web = WebServer::start("127.0.0.1").await;
        web.respond_with_file("/10.png", &png(10, 9));
        web.respond_with_file("/12.png", &png(12, 9));
        web.respond_with_file("/page", b"<svg><script>alert(1)</script></svg>");
        web.respond_with_file("/cut", &png(50, 50)[..80]);
        let file = shopify_file(
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
        app.run_all_image_jobs().await;
        assert_eq!(gallery(app, "mug").await, shown(&[(10, ""), (12, "")]));
        let log_lines = log.lines_with("image fetch failed");
        let reasons = [
            "the host returned status 404",
            "This is an SVG drawing. Export it as PNG.",
            "The image is truncated.",
        ];
        assert_eq!(log_lines.len(), reasons.len(), "{log_lines:?}");
        for (line, reason) in log_lines.iter().zip(reasons) {
            assert!(line.contains(reason) && line.contains("prod_"), "{line}");
        }
        assert_eq!((app.objects().len(), app.count_image_jobs().await), (2, 0));
    })
    .await;
}

#[tokio::test]
async fn a_failed_fetch_is_retried() {
    on_both_databases_with(ALLOW_PRIVATE_ADDRESSES, async |app| {
        let web = WebServer::start("127.0.0.1").await;
        web.respond_with_file("/10.png", &png(10, 9));
        web.respond_with("/11.png", "HTTP/1.1 503 Busy\r\n\r\n");
        let file = png(11, 9);
        // An interrupted download does not store a truncated image.
        web.respond_with_bytes(
            "/12.png",
            &[
                b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n",
                &file[..40],
            ]
            .concat(),
        );
        import(
            app,
            &shopify_file(
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
        app.run_due_jobs(Queue::IMAGES).await;
        assert_eq!(gallery(app, "mug").await, shown(&[(10, "")]));
        assert_eq!(log.lines_with("will be retried").len(), 1);
        web.respond_with_file("/11.png", &file);
        web.respond_with_file("/12.png", &png(12, 9));
        app.run_due_jobs(Queue::IMAGES).await;
        assert_eq!(app.count("product_images").await, 1, "not at once");
        app.advance(Duration::from_mins(1));
        app.run_due_jobs(Queue::IMAGES).await;
        assert_eq!(
            gallery(app, "mug").await,
            shown(&[(10, ""), (11, ""), (12, "")])
        );
        let again = ["/10.png", "/11.png", "/12.png", "/11.png", "/12.png"];
        assert_eq!(
            requested_paths(&web),
            again,
            "downloaded images were requested again"
        );
        // A download is given up after a day.
        import(app, &pan(&web, "/busy")).await;
        web.respond_with("/busy", "HTTP/1.1 500 No\r\n\r\n");
        app.run_due_jobs(Queue::IMAGES).await;
        app.advance(Duration::from_hours(25));
        app.run_due_jobs(Queue::IMAGES).await;
        assert_eq!(log.lines_with("job expired").len(), 1);
        assert_eq!((app.objects().len(), app.count_image_jobs().await), (3, 0));
    })
    .await;
}

#[tokio::test]
async fn private_networks_are_refused_unless_allowed() {
    on_both_databases(async |app| {
        let web = WebServer::start("127.0.0.1").await;
        web.respond_with_file("/pan.png", &png(10, 9));
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
        app.run_all_image_jobs().await;
        assert_eq!(web.connection_count(), 0, "a connection was opened");
        assert_eq!(
            log.lines_with("the URL leads to a private network").len(),
            6
        );
        app.assert_no_image().await;
    })
    .await;
}

#[tokio::test]
async fn invalid_image_addresses_are_in_the_report() {
    on_both_databases_with(ALLOW_PRIVATE_ADDRESSES, async |app| {
        let file = "name,price,categories,image_url\nPan,5,Home,ftp://shop.example/a.png\nPot,5,Home,javascript:alert(1)\nMug,5,Home,\n";
        let report = import(app, file).await;
        assert_eq!((report.created, report.failed), (1, 2));
        let columns: Vec<_> = report.errors.iter().map(|error| (error.line, error.column.as_deref())).collect();
        assert_eq!(columns, [(2, Some("image_url")), (3, Some("image_url"))]);
        assert_eq!(app.count_image_jobs().await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_or_full_product_gets_no_image() {
    on_both_databases_with(ALLOW_PRIVATE_ADDRESSES, async |app| {
        let web = WebServer::start("127.0.0.1").await;
        web.respond_with_file("/pan.png", &png(10, 9));
        import(app, &pan(&web, "/pan.png")).await;
        let admin = app.admin().await;
        let found = admin
            .data("{ product(slug: \"pan\") { id } }", json!({}))
            .await;
        admin
            .run_mutation(
                "deleteProduct",
                json!({"id": found["product"]["id"]}),
                "product { id }",
            )
            .await;
        app.run_all_image_jobs().await;
        assert_eq!(web.connection_count(), 0);
        app.assert_no_image().await;

        let home = app.shop().root("pots", 5).await;
        let pot = app.shop().product("pot", &home, |_| ()).await;
        for position in 0..50 {
            app.shop().image(&pot, position).await;
        }
        import(
            app,
            &pan(&web, "/pan.png").replace("Pan,5,pan,Home", "pot,10.00,pot,"),
        )
        .await;
        app.run_all_image_jobs().await;
        assert_eq!(
            (web.connection_count(), app.count("product_images").await),
            (0, 50)
        );
        assert_eq!(app.count_image_jobs().await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_failed_import_or_dry_run_fetches_nothing() {
    on_both_databases_with(ALLOW_PRIVATE_ADDRESSES, async |app| {
        let web = WebServer::start("127.0.0.1").await;
        web.respond_with_file("/pan.png", &png(10, 9));
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
        app.run_all_image_jobs().await;
        assert_eq!(
            (web.connection_count(), app.count("products").await),
            (0, 0)
        );
        app.assert_no_image().await;
    })
    .await;
}
