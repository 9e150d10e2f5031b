//! Validation of uploaded images, independent of their declared type.

use axum::body::{Body, Bytes};
use futures_util::StreamExt;
use png::{BitDepth, ColorType};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use wares::core::id::TypedId;

use crate::harness::sample_image::{
    SECRET, chunk, extended_webp, interlaced_png, jpeg, png, png_of, webp, with_chunk, with_gps,
    with_segment,
};
use crate::harness::store::{get_image_at, images, unfinished_images_form};
use crate::harness::{
    App, Client, chunks, endless, on_both_databases, on_both_databases_with, user_error,
};

const MIB: usize = 1 << 20;

/// Returns an incompressible PNG with this width and a height of 1,000 pixels.
fn noise(width: u32) -> Vec<u8> {
    let mut pixels = vec![0; width as usize * 4_000];
    StdRng::seed_from_u64(7).fill_bytes(&mut pixels);
    png_of(width, 1_000, ColorType::Rgba, BitDepth::Eight, &pixels)
}

/// Pads a PNG to exactly this file size.
fn padded(png: &[u8], size: usize) -> Vec<u8> {
    let room = size - png.len() - 12;
    with_chunk(png, *b"tEXt", &vec![b'x'; room])
}

/// Returns a PNG whose header declares this size without pixels.
fn png_with_declared_size(width: u32, height: u32) -> Vec<u8> {
    let (width, height) = (width.to_be_bytes(), height.to_be_bytes());
    let head = [width.as_slice(), &height, &[8, 6, 0, 0, 0]].concat();
    let whole = png(4, 4);
    [&whole[..8], &chunk(*b"IHDR", &head), &whole[33..]].concat()
}

/// Uploads a file that must be refused, and returns the message.
async fn upload_error(app: &App, admin: &Client, product: &str, file: &[u8]) -> String {
    let response = admin.upload_images(product, &[file], &Value::Null).await;
    let payload = response.payload("uploadProductImages");
    assert_eq!(
        (user_error(&payload), &payload["images"]),
        ("BAD_USER_INPUT", &json!([]))
    );
    let error = &payload["userErrors"][0];
    assert_eq!(error["field"], "files.0");
    assert_eq!(app.objects(), [""; 0]);
    assert_eq!(app.count_image_jobs().await, 0);
    error["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_file_that_is_not_an_image_is_refused_whatever_its_name() {
    on_both_databases(async |app| {
        let (admin, pan) = (app.admin().await, app.pan().await.id.encode());
        let script = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
        let unknown = "This is not a JPEG, PNG or WebP image.";
        for (file, name) in [
            (b"some words".as_slice(), unknown),
            (b"<!doctype html><script>alert(1)</script>", "HTML"),
            (b"%PDF-1.7\n1 0 obj", "PDF"),
            (b"MZ\x90\0\x03\0\0\0", unknown),
            (b"PK\x03\x04\x14\0\0\0", "ZIP"),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "SVG"),
            (script, "SVG"),
            (b"<?xml version=\"1.0\"?><svg/>", "SVG"),
            (b"GIF89a/*\x01\0\0\0*/=1;alert(1)", "GIF"),
            (b"BM\x46\0\0\0\0\0\0\0", unknown),
            (b"\0\0\0\x20ftypavif\0\0\0\0avifmif1", "AVIF"),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
            (b"RIFF\x24\0\0\0WAVEfmt ", unknown),
        ] {
            let reason = upload_error(app, &admin, &pan, file).await;
            assert!(reason.contains(name), "{name}: {reason}");
        }
        assert_eq!(
            upload_error(app, &admin, &pan, b"").await,
            "The file is empty."
        );
        app.assert_no_image().await;
    })
    .await;
}

#[tokio::test]
async fn damaged_and_oversized_images_are_refused() {
    on_both_databases(async |app| {
        let (admin, pan) = (app.admin().await, app.pan().await.id.encode());
        let (photo, drawing, web) = (jpeg(90, 60), png(90, 60), webp(90, 60));
        let mut damaged = drawing.clone();
        // In the last pixels, and in the checksum.
        let at = damaged.len() - 20;
        damaged[at] ^= 1;
        let mut head = drawing.clone();
        head[30] ^= 1;
        let mut frames = 10_000_u32.to_be_bytes().to_vec();
        frames.extend([0; 4]);
        let animated_png = with_chunk(&drawing, *b"acTL", &frames);
        let animated_webp = extended_webp(&web, (90, 60), 2, &[]);
        for (file, expected) in [
            (&drawing[..8], "The image is truncated."),
            (&photo[..photo.len() / 2], "The image is truncated."),
            (&drawing[..drawing.len() / 2], "The image is truncated."),
            (&web[..web.len() / 2], "The image is truncated."),
            (&damaged, "The image is damaged."),
            (&head, "The image is damaged."),
            (&animated_png, "Animated images are not supported."),
            (&animated_webp, "Animated images are not supported."),
            (
                &png_with_declared_size(50_000, 50_000),
                "The image has 50000 x 50000 pixels. The maximum width and height is 16384.",
            ),
            (
                &png_with_declared_size(5_000, 5_001),
                "The image has 5000 x 5001 pixels. The maximum in total is 25000000.",
            ),
            (&png_with_declared_size(0, 5), "The image is damaged."),
            (
                &png_with_declared_size(5_000, 5_000),
                "The image is damaged.",
            ),
        ] {
            let reason = upload_error(app, &admin, &pan, file).await;
            assert_eq!(reason, expected, "{:?}", &file[..file.len().min(40)]);
        }
        app.assert_no_image().await;
    })
    .await;
}

#[tokio::test]
async fn metadata_of_an_image_is_removed() {
    on_both_databases(async |app| {
        let (admin, pan) = (app.admin().await, app.pan().await);
        let page = [
            b"<html><script>alert(1)</script>PK\x03\x04".as_slice(),
            SECRET,
        ]
        .concat();
        let photo = with_segment(&with_gps(&jpeg(90, 60)), 0xFE, &page);
        let drawing = with_chunk(&png(90, 60), *b"tEXt", &page);
        let mut meta: Vec<(&[u8; 4], &[u8])> = vec![(b"EXIF", &page)];
        meta.push((b"XMP ", &page));
        let web = extended_webp(&webp(90, 60), (90, 60), 0x0C, &meta);
        for (kind, file) in [
            ("image/jpeg", photo),
            ("image/png", drawing),
            ("image/webp", web),
        ] {
            let file = [file.as_slice(), &page].concat();
            let image = admin.add_image(&pan, &file).await;
            assert_eq!(image["contentType"], kind);
            let (_, bytes) = get_image_at(image["url"].as_str().unwrap()).await;
            for gone in [SECRET, b"script", b"PK\x03\x04"] {
                assert!(
                    !bytes.windows(gone.len()).any(|window| window == gone),
                    "{kind}"
                );
            }
        }
    })
    .await;
}

#[tokio::test]
async fn one_invalid_file_refuses_all_and_each_invalid_file_is_named() {
    on_both_databases(async |app| {
        let (admin, pan) = (app.admin().await, app.pan().await.id.encode());
        let (good, truncated) = (png(50, 50), &png(50, 50)[..70]);
        let files: [&[u8]; 5] = [&good, b"words", &good, truncated, &good];
        let response = admin.upload_images(&pan, &files, &Value::Null).await;
        let payload = response.payload("uploadProductImages");
        let errors = payload["userErrors"].as_array().unwrap();
        let fields: Vec<_> = errors.iter().map(|error| &error["field"]).collect();
        assert_eq!(fields, ["files.1", "files.3"]);
        assert_eq!(payload["images"], json!([]));
        app.assert_no_image().await;
    })
    .await;
}

#[tokio::test]
async fn an_image_over_5_mib_is_refused() {
    on_both_databases(async |app| {
        let (admin, pan) = (app.admin().await, app.pan().await.id.encode());
        let small = png(9, 9);
        for (file, fits) in [
            (padded(&noise(1_200), 5 * MIB), true),
            (padded(&small, 5 * MIB + 1), false),
        ] {
            let body = images(&pan, &[&file], &Value::Null).end();
            let response = admin
                .upload(Body::from_stream(chunks(&body, 64 << 10)))
                .await;
            if fits {
                assert_eq!(
                    response.payload("uploadProductImages")["userErrors"],
                    json!([])
                );
                assert_eq!(app.objects().len(), 1);
                continue;
            }
            assert_eq!(
                (response.status.as_u16(), response.code()),
                (200, "PAYLOAD_TOO_LARGE")
            );
            assert_eq!(response.field(), "files.0");
        }
        // Endless files are read up to a limit only.
        let head = &small[..33];
        let huge = [head, &u32::MAX.to_be_bytes()[..], b"tEXt"].concat();
        for begin in [head.to_vec(), huge] {
            let begin = unfinished_images_form(&pan, 1, &Value::Null)
                .begin("name=\"0\"")
                .raw(&begin);
            let (body, taken) = endless(begin.open(), false);
            let response = admin.upload(body).await;
            assert_eq!(response.status, 200);
            let taken = taken.load(std::sync::atomic::Ordering::Relaxed);
            assert!(taken < 6 * MIB, "{taken} bytes were read");
        }
        assert_eq!(app.count("product_images").await, 1);
        assert_eq!(app.objects().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_large_image_is_a_multipart_upload_and_leaves_nothing_when_refused() {
    on_both_databases_with(&["--image-max-bytes=13000000"], async |app| {
        let (admin, pan) = (app.admin().await, app.pan().await.id.encode());
        let whole = noise(3_000);
        assert!(whole.len() > 12_000_000);
        let upload = async |file: &[u8], end: usize| {
            let body = images(&pan, &[file], &Value::Null).end();
            let body = &body[..body.len() - end];
            admin
                .upload(Body::from_stream(chunks(body, 256 << 10)))
                .await
        };
        // Too large, truncated, cancelled by the client, damaged at the end.
        let large = [whole.as_slice(), &vec![0; 1_000_000]].concat();
        assert_eq!(upload(&large, 0).await.code(), "PAYLOAD_TOO_LARGE");
        assert_eq!(upload(&whole, 1_000_000).await.code(), "BAD_REQUEST");
        let body = images(&pan, &[&whole], &Value::Null).end();
        let begun = chunks(&body[..9_000_000], 256 << 10);
        let gone = futures_util::stream::iter([Err(std::io::Error::other("reset"))]);
        let response = admin.upload(Body::from_stream(begun.chain(gone))).await;
        assert_eq!(response.code(), "BAD_REQUEST");
        let mut damaged = whole.clone();
        let at = damaged.len() - 30;
        damaged[at] ^= 1;
        let payload = upload(&damaged, 0).await.payload("uploadProductImages");
        assert_eq!(user_error(&payload), "BAD_USER_INPUT");
        let truncated = upload(&whole[..9_000_000], 0)
            .await
            .payload("uploadProductImages");
        assert_eq!(user_error(&truncated), "BAD_USER_INPUT");
        app.assert_no_image().await;

        let admin = app.admin().await;
        let response = admin
            .upload_images(&pan, &[&whole, &png(9, 9)], &Value::Null)
            .await;
        let payload = response.payload("uploadProductImages");
        let (header, bytes) = get_image_at(payload["images"][0]["url"].as_str().unwrap()).await;
        assert_eq!((header.width, bytes == whole), (3_000, true));
        assert_eq!(app.objects().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_large_damaged_image_is_refused_while_it_arrives() {
    on_both_databases_with(&["--image-max-bytes=20000000"], async |app| {
        let (admin, pan) = (app.admin().await, app.pan().await.id.encode());
        // The chunks are valid, but the pixels cannot be decoded.
        let whole = png_of(
            2_000,
            2_000,
            ColorType::Rgba,
            BitDepth::Eight,
            &vec![7; 16_000_000],
        );
        let broken = chunk(*b"IDAT", &vec![0xA5; 18_000_000]);
        let broken = [&whole[..33], &broken, &chunk(*b"IEND", &[])].concat();
        let body = images(&pan, &[&broken], &Value::Null).end();
        // The rest is never sent.
        let most = body.len() - 1_000;
        let begun = chunks(&body[..most], 256 << 10).chain(futures_util::stream::pending());
        let response = admin.upload(Body::from_stream(begun)).await;
        let payload = response.payload("uploadProductImages");
        assert_eq!(user_error(&payload), "BAD_USER_INPUT");
        app.assert_no_image().await;
    })
    .await;
}

#[tokio::test]
async fn a_large_progressive_or_interlaced_image_is_accepted() {
    on_both_databases_with(&["--image-max-bytes=20000000"], async |app| {
        let (admin, pan) = (app.admin().await, app.pan().await.id.encode());
        let mut pixels = vec![0; 1_500 * 1_000 * 4];
        StdRng::seed_from_u64(8).fill_bytes(&mut pixels);
        let whole = interlaced_png(1_500, 1_000, &pixels);
        let mut damaged = interlaced_png(1_500, 1_001, &[pixels.clone(), vec![0; 6_000]].concat());
        // One row more than declared.
        damaged[8..33].copy_from_slice(&whole[8..33]);
        let file = |file: &[u8]| images(&pan, &[file], &Value::Null).end();
        let response = admin.upload(Body::from(file(&damaged))).await;
        let payload = response.payload("uploadProductImages");
        assert_eq!(user_error(&payload), "BAD_USER_INPUT");
        app.assert_no_image().await;

        let response = app.admin().await.upload(Body::from(file(&whole))).await;
        let payload = response.payload("uploadProductImages");
        let (header, bytes) = get_image_at(payload["images"][0]["url"].as_str().unwrap()).await;
        assert_eq!((header.width, bytes == whole), (1_500, true));
    })
    .await;
}

#[tokio::test]
async fn files_and_alt_texts_are_limited() {
    on_both_databases(async |app| {
        let (admin, pan) = (app.admin().await, app.pan().await.id.encode());
        let file = png(9, 9);
        let nobody = "prod_01kb00000000000000000000zz";
        for (product, count, alts, code, field) in [
            (pan.as_str(), 1, json!(["a", "b"]), "BAD_USER_INPUT", "alts"),
            (&pan, 2, json!(["a", "x".repeat(501)]), "BAD_USER_INPUT", "alts.1"),
            (&pan, 1, json!(["a\nb"]), "BAD_USER_INPUT", "alts.0"),
            (nobody, 1, Value::Null, "NOT_FOUND", "productId"),
            ("x", 1, Value::Null, "BAD_USER_INPUT", "productId"),
        ] {
            let files = vec![file.as_slice(); count];
            let response = admin.upload_images(product, &files, &alts).await;
            let payload = response.payload("uploadProductImages");
            assert_eq!((user_error(&payload), &payload["userErrors"][0]["field"]), (code, &json!(field)));
        }
        // A request without files is not multipart.
        let query = "mutation($input: UploadProductImagesInput!) { uploadProductImages(input: $input) { userErrors { code field } } }";
        let none = admin.send(query, json!({"input": {"productId": pan, "files": []}})).await;
        let payload = none.payload("uploadProductImages");
        assert_eq!((user_error(&payload), &payload["userErrors"][0]["field"]), ("BAD_USER_INPUT", &json!("files")));
        let six = admin.upload_images(&pan, &[file.as_slice(); 6], &Value::Null).await;
        six.assert_refused(413, "PAYLOAD_TOO_LARGE");
        app.assert_no_image().await;

        let admin = app.admin().await;
        let most = admin.upload_images(&pan, &[file.as_slice(); 5], &json!(["x".repeat(500), "", "third"])).await;
        let images = most.payload("uploadProductImages")["images"].clone();
        let alts: Vec<_> = images.as_array().unwrap().iter().map(|image| image["alt"].as_str().unwrap().len()).collect();
        assert_eq!(alts, [500, 0, 5, 0, 0]);
    })
    .await;
}

#[tokio::test]
async fn unauthorized_image_uploads_are_not_read() {
    on_both_databases(async |app| {
        let pan = app.pan().await.id.encode();
        let nobody = "prod_01kb00000000000000000000zz";
        let admin = app.admin().await;
        for (client, product, code) in [
            (app.anonymous(), pan.as_str(), "UNAUTHENTICATED"),
            (app.customer().await, pan.as_str(), "FORBIDDEN"),
            (admin, nobody, "NOT_FOUND"),
        ] {
            let form = unfinished_images_form(product, 1, &Value::Null)
                .begin("name=\"0\"")
                .raw(&png(9, 9)[..40]);
            let begun =
                futures_util::stream::iter([Ok::<_, std::io::Error>(Bytes::from(form.open()))]);
            let body = Body::from_stream(begun.chain(futures_util::stream::pending()));
            let response =
                tokio::time::timeout(std::time::Duration::from_secs(5), client.upload(body)).await;
            assert!(response.unwrap().text.contains(code));
        }
        app.assert_no_image().await;
    })
    .await;
}
