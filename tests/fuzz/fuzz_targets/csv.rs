//! Product files: an export can be imported without loss, and the result does not depend on chunk boundaries.

#![no_main]

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use libfuzzer_sys::fuzz_target;
use wares::catalog::import_export::service::fuzzing::{
    EXPORTED, Mapping, Reader, RowChunk, Source, format, parse, to_text, write,
};
use wares::core::error::Error;
use wares::core::money::Currency;
use wares::core::text;

/// Maximum size of a row chunk in bytes. Small, so that files have several.
const CHUNK_SIZE: usize = 64;

fuzz_target!(|bytes: &[u8]| {
    let Some((cut, file)) = bytes.split_first() else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let whole = import(chunks(file, usize::MAX)).await;
        let cut = import(chunks(file, usize::from(*cut) + 1)).await;
        assert_eq!(whole, cut, "the result depends on chunk boundaries");
    });
    let text = String::from_utf8_lossy(file);
    runtime.block_on(export_round_trips(&text, usize::from(*cut) + 1));
    paths_round_trip(&text);
    converts_to_plain_text(&text);
});

fn chunks(file: &[u8], size: usize) -> impl Stream<Item = Result<Bytes, Error>> + Unpin {
    let chunks = file.chunks(size.min(file.len().max(1)));
    let chunks: Vec<_> = chunks.map(Bytes::copy_from_slice).map(Ok).collect();
    stream::iter(chunks)
}

/// Returns the whole result of an import.
async fn import(file: impl Stream<Item = Result<Bytes, Error>> + Unpin) -> Vec<String> {
    let currency: Currency = "USD".parse().unwrap();
    let mut source = match Source::open(file, currency, &Mapping::default()).await {
        Ok(source) => source,
        Err(error) => {
            let Error::Refused(errors) = error else {
                panic!("an import failed with an internal error: {error:?}");
            };
            is_sentence(&errors[0].message);
            return errors.iter().map(|error| error.message.clone()).collect();
        }
    };
    let mut all = Vec::new();
    while let Some(row_chunk) = source.row_chunk(usize::MAX, CHUNK_SIZE).await.unwrap() {
        check(&row_chunk);
        all.push(format!("{row_chunk:?}"));
    }
    assert!(
        source
            .row_chunk(usize::MAX, CHUNK_SIZE)
            .await
            .unwrap()
            .is_none()
    );
    all
}

fn check(row_chunk: &RowChunk) {
    for row in &row_chunk.rows {
        let product = &row.product.fields;
        let name = product.name.as_ref().unwrap();
        assert_eq!(text::check_name(name).as_ref(), Ok(name));
        assert!((1..=1_000).contains(&row.product.variants.len()));
        for variant in &row.product.variants {
            let fields = &variant.fields;
            let is_price = |price: i64| (0..=wares::core::money::MAX_MINOR).contains(&price);
            assert!(fields.price.is_none_or(is_price));
            assert!(fields.stock.is_none_or(|stock| stock >= 0));
            assert!(variant.line >= row.line);
        }
        assert!(row.line > 0);
    }
    for issue in row_chunk.errors.iter().chain(&row_chunk.notices) {
        is_sentence(&issue.message);
        assert!(issue.line > 0);
    }
}

fn is_sentence(message: &str) {
    assert!(message.ends_with(['.', '?']), "{message}");
    assert!(message.len() < 2_000 && !message.contains(char::is_control));
}

/// Exports the text, split into cells, and reads it back.
async fn export_round_trips(text: &str, size: usize) {
    let cells: Vec<&str> = text.split('\u{1f}').collect();
    let rows: Vec<_> = cells
        .chunks(EXPORTED.len())
        .map(|row| {
            // A product has a name; blank rows are skipped.
            let mut row = row.to_vec();
            row.resize(EXPORTED.len(), "x");
            row
        })
        .collect();
    let mut file = Vec::new();
    write(&mut file, EXPORTED.iter().copied());
    for row in &rows {
        write(&mut file, row.iter().copied());
    }
    let mut reader = Reader::open(chunks(&file, size)).await.unwrap().unwrap();
    let header = reader.next().await.unwrap().unwrap();
    assert!(
        header
            .fields()
            .eq(EXPORTED.iter().map(|name| name.as_bytes()))
    );
    for row in &rows {
        let is_blank = row
            .iter()
            .all(|cell| cell.bytes().all(|byte| byte.is_ascii_whitespace()));
        if is_blank {
            continue;
        }
        let record = reader.next().await.unwrap().expect("a row is missing");
        assert_eq!(record.error, None);
        assert!(record.fields().eq(row.iter().map(|cell| cell.as_bytes())));
    }
    assert!(reader.next().await.unwrap().is_none());
}

fn paths_round_trip(cell: &str) {
    let Ok(paths) = parse(cell) else {
        return;
    };
    let names: Vec<Vec<&str>> = paths
        .iter()
        .map(|path| path.iter().map(String::as_str).collect())
        .collect();
    let written = format(names.iter().map(Vec::as_slice));
    assert_eq!(parse(&written), Ok(paths), "{written}");
}

/// Converts HTML to plain text, which must not be longer than twice the HTML.
fn converts_to_plain_text(html: &str) {
    let plain = to_text(html);
    assert_eq!(plain.trim(), plain);
    // A list item gets a hyphen and a line of its own.
    assert!(plain.len() <= html.len() * 2);
}
