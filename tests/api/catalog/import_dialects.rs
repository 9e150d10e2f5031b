//! CSV dialects of spreadsheets and other programs: separators, numbers, encodings, rows of varying length.

use wares::catalog::import_export::service::Options;

use crate::harness::csv_files::{
    counts, errors, export, import, import_error, lines, sorted_export, try_import,
};
use crate::harness::{on_both_databases, sqlite_app};

#[tokio::test]
async fn a_first_line_names_the_separator() {
    on_both_databases(async |app| {
        for (number, (first, separator)) in [
            ("sep=;\n", ";"),
            ("sep=,\r\n", ","),
            ("SEP=\t\n", "\t"),
            ("sep=|\n", "|"),
            ("Sep=^\n", "^"),
            ("\"sep=;\"\r\n", ";"),
            ("sep=;;;\n", ";"),
            ("sep=\\t\n", "\t"),
            ("sep=\n", ";"),
            ("\"sep=;\",,\n", ","),
            ("\u{feff}sep=~\n", "~"),
            ("\u{feff}\u{feff}", ";"),
            ("", "|"),
        ]
        .into_iter()
        .enumerate()
        {
            let header = ["name", "price", "categories"].join(separator);
            let row = [&*format!("Mug {number}"), "14.50", "Home"].join(separator);
            let bad = ["Cup", "x", "Home"].join(separator);
            let report = import(app, &format!("{first}{header}\n{row}\n{bad}\n")).await;
            assert_eq!(counts(&report), [1, 0, 0, 1], "{first:?}");
            // The separator line is counted.
            let line = if first.trim_start_matches('\u{feff}').is_empty() {
                3
            } else {
                4
            };
            assert_eq!(report.errors[0].line, line, "{first:?}");
        }
        for first in ["sep=§\n", "sep=ab\n", "sep=;,x\n"] {
            let message = import_error(app, format!("{first}name;price\nA;1\n").as_bytes()).await;
            assert!(
                message.contains("single ASCII character"),
                "{first}: {message}"
            );
        }
    })
    .await;
}

/// Returns the imported price and stock with this separator, or the error.
async fn numbers(separator: &str, price: &str, stock: &str) -> Result<String, String> {
    let app = sqlite_app().await;
    let row = ["A", price, stock, "Home"]
        .map(|cell| format!("\"{cell}\""))
        .join(separator);
    let header = ["name", "price", "stock", "categories"].join(separator);
    let report = import(&app, &format!("{header}\n{row}\n")).await;
    if let Some(issue) = report.errors.first() {
        return Err(issue.message.clone());
    }
    let line = export(&app).await;
    let cells: Vec<_> = line.split(',').collect();
    Ok(format!("{} {}", cells[1], cells[5]))
}

#[tokio::test]
async fn numbers_are_read_as_spreadsheets_write_them() {
    for (separator, price, stock, expected) in [
        (";", "14,50", "24", "14.50 24"),
        ("\t", "3,2", "5,0", "3.20 5"),
        (";", "1.234,50", "1.234", "1234.50 1234"),
        (";", "1\u{a0}234,50", "1 234", "1234.50 1234"),
        (";", "1\u{202f}234,5", "3.", "1234.50 3"),
        (";", "1'234.50", "1\u{2019}234", "1234.50 1234"),
        (";", "12.345.678,90", "3,00", "12345678.90 3"),
        (";", "1,234.50", "7", "1234.50 7"),
        (";", "14.50", "3.0", "14.50 3"),
        (";", "0,500", "0", "0.50 0"),
        (";", "1234,500", "12.345.678", "1234.50 12345678"),
        ("\t", "12,34,567.50", "", "1234567.50 0"),
        (",", "14,50", "1,000", "14.50 1"),
        (",", "14.50", "1,000", "14.50 1000"),
        (";", "1,50", "1,000", "1.50 1"),
        (",", "1,234.50", "1,234", "1234.50 1234"),
        (",", "1,234", "3.00", "1234.00 3"),
        (",", "1.500", "3", "1.50 3"),
        (",", "5.", "0.0", "5.00 0"),
        (",", "$14.50", "1", "14.50 1"),
        (";", "1.234,50\u{a0}USD", "1", "1234.50 1"),
        (",", " 19.99\u{200b} ", "\u{feff}3", "19.99 3"),
        (",", "１４．５０", "２４", "14.50 24"),
        (";", "١٬٢٣٤٫٥٠", "٢٤", "1234.50 24"),
        ("\t", "१४.५०", "２４", "14.50 24"),
    ] {
        let read = numbers(separator, price, stock).await;
        assert_eq!(
            read.as_deref(),
            Ok(expected),
            "{separator:?} {price} {stock}"
        );
    }
    for (separator, price, stock, why) in [
        (";", "1.500", "1", "is ambiguous"),
        (";", "1,500", "1", "is ambiguous"),
        (";", "1", "1.000", "is ambiguous"),
        (";", "1E+1", "1", "decimal number"),
        (";", "1", "1E+1", "whole number"),
        (",", "1", "3.5", "whole number"),
        (",", "1", "-1.0", "whole number"),
        (";", "1", "-1.234", "is ambiguous"),
        (";", "12.34,5.6", "1", "decimal number"),
        (";", "1 23,50", "1", "decimal number"),
        (";", ",", "1", "decimal number"),
        (";", "14,505", "1", "is ambiguous"),
        (";", "1234,505", "1", "at most 2 decimals"),
        (",", "1e5", "1", "decimal number"),
        (",", "NaN", "1", "decimal number"),
        (",", "14.50 €", "1", "decimal number"),
        (",", "1", "12 34", "whole number"),
    ] {
        let read = numbers(separator, price, stock).await;
        let message = read.unwrap_err();
        assert!(
            message.contains(why),
            "{separator:?} {price} {stock}: {message}"
        );
    }
}

#[tokio::test]
async fn the_decimal_separator_is_learnt_from_unambiguous_numbers() {
    on_both_databases(async |app| {
        let file =
            "name;price;stock;categories\nA;1.500;1;Home\nB;14,50;2;Home\nC;1.500;1.000;Home\n";
        let report = import(app, file).await;
        assert_eq!(
            errors(&report),
            ["2 price 1.500 is ambiguous. Write thousands without a separator."]
        );
        assert!(export(app).await.contains("C,1500.00,,c,,1000,"));
    })
    .await;
}

#[tokio::test]
async fn missing_or_additional_empty_cells_at_the_end_are_accepted() {
    on_both_databases(async |app| {
        let file = "name,price,sku,stock,categories,status\nMug,14.50,MUG-1,24,Home\n\
            Cup,3.20,CUP-1,5,Home,ACTIVE,,,\nBowl,1,,,Home,DRAFT, ,\u{a0}\nPan,1\nPot,1,,,Home,,x\n";
        let report = import(app, file).await;
        assert_eq!(counts(&report), [3, 0, 0, 2]);
        assert_eq!(
            errors(&report),
            [
                "5 categories A new product requires a category.",
                "6 - The row has 7 columns, the header has 6.",
            ]
        );
        // Image rows of Shopify without trailing empty cells, as spreadsheets save them.
        let file = "Handle,Title,Variant Price,Image Src,Status\nmug,Mug,1,https://x.example/1.jpg\nmug,,,https://x.example/2.jpg\n";
        assert_eq!(counts(&import(app, file).await), [0, 1, 0, 0]);
    })
    .await;
}

/// Encodes a text as UTF-16.
fn utf_16(text: &str, mark: bool, encode: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let mark = mark.then_some(0xfeff);
    let units = mark.into_iter().chain(text.encode_utf16());
    units.flat_map(encode).collect()
}

#[tokio::test]
async fn files_are_read_in_the_encodings_of_spreadsheets() {
    on_both_databases(async |app| {
        let file = "name;price;categories\r\nBlåbærsyltetøj;14,50;Küche\r\nЧай;3;Küche\r\n";
        for encoded in [
            utf_16(file, true, u16::to_le_bytes),
            utf_16(file, false, u16::to_le_bytes),
            utf_16(file, true, u16::to_be_bytes),
            utf_16(file, false, u16::to_be_bytes),
            file.as_bytes().to_vec(),
        ] {
            let report = try_import(app, &encoded, Options::default()).await.unwrap();
            assert_eq!((report.rows, report.failed, report.notice_count), (2, 0, 0));
            let names = sorted_export(app).await.join("\n");
            assert!(
                names.contains("Blåbærsyltetøj,14.50") && names.contains("Чай,3.00"),
                "{names}"
            );
        }
        let file =
            b"name;price;categories\r\nCr\xe8me \x96 br\xfbl\xe9e \x80;1;K\xfcche\r\n\x8d;1;x\r\n";
        let report = try_import(app, file, Options::default()).await.unwrap();
        assert_eq!(counts(&report), [1, 0, 0, 1]);
        assert_eq!(
            lines(&report.notices),
            ["2 - The file is not UTF-8: it was read as Windows-1252."]
        );
        assert!(errors(&report)[0].starts_with("3 name The text is not valid"));
        assert!(export(app).await.contains("Crème – brûlée €,1.00"));
    })
    .await;
}

#[tokio::test]
async fn rows_in_an_unknown_encoding_are_rejected() {
    on_both_databases(async |app| {
        for name in [
            // "Чай зелёный" in Windows-1251 and KOI8-R, "Τσάι" in Windows-1253.
            &b"\xd7\xe0\xe9 \xe7\xe5\xeb\xb8\xed\xfb\xe9"[..],
            b"\xfe\xc1\xca \xda\xc5\xcc\xa3\xce\xd9\xca",
            b"\xd4\xf3\xdc\xe9",
            // "お茶のカップ" in Shift JIS, "绿茶" in GBK, "녹차" in EUC-KR.
            b"\x82\xa8\x92\x83\x82\xcc\x83J\x83b\x83v",
            b"\xc2\xcc\xb2\xe8",
            b"\xb3\xec\xc2\xf7",
        ] {
            let file = [b"name,price,categories\nMug,1,Home\n", name, b",1,Home\n"].concat();
            let report = try_import(app, &file, Options::default()).await.unwrap();
            let errors = errors(&report);
            assert_eq!(report.failed, 1, "{errors:?}");
            assert!(
                errors[0].starts_with("3 name The text is not valid"),
                "{errors:?}"
            );
        }
        // Repeated characters decorate a name in Windows-1252.
        let file =
            b"name,price,categories\n\x95\x95\x95\x95\x95 Caf\xe9 \x93\xc9t\xe9\x94,1,Home\n";
        let report = try_import(app, file, Options::default()).await.unwrap();
        assert_eq!(
            (report.created, report.failed, report.notice_count),
            (1, 0, 1)
        );
    })
    .await;
}

#[tokio::test]
async fn one_invalid_byte_does_not_change_the_detected_encoding() {
    on_both_databases(async |app| {
        let mut file = "name,price,description,categories\nA,1,café,Home\n"
            .as_bytes()
            .to_vec();
        file.extend_from_slice(b"B,1,caf\xe9,Home\n");
        let report = try_import(app, &file, Options::default()).await.unwrap();
        assert_eq!((counts(&report), report.notice_count), ([1, 0, 0, 1], 0));
        // The first non-ASCII character may be far into the file.
        let mut file = b"name,price,categories\n".to_vec();
        for number in 0..8_000 {
            file.extend_from_slice(format!("Thing {number},1,Home\n").as_bytes());
        }
        file.extend_from_slice(b"Caf\xe9,1,Home\n");
        let report = try_import(app, &file, Options::default()).await.unwrap();
        assert_eq!(
            (report.created, report.failed, report.notice_count),
            (8_001, 0, 1)
        );
        assert_eq!(
            app.sql_number("SELECT count(*) FROM products WHERE name = 'Café'")
                .await,
            1
        );
    })
    .await;
}

/// Returns a ZIP archive with entries of these names.
fn zip(names: &[&str]) -> Vec<u8> {
    let mut archive = Vec::new();
    for name in names {
        archive.extend_from_slice(b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
        archive.extend_from_slice(&u16::try_from(name.len()).unwrap().to_le_bytes());
        archive.extend_from_slice(b"\0\0");
        archive.extend_from_slice(name.as_bytes());
        archive.extend_from_slice(&[7; 300]);
    }
    archive
}

#[tokio::test]
async fn a_file_of_another_type_is_named_in_the_error() {
    let app = sqlite_app().await;
    let mut ods = zip(&["mimetype"]);
    ods.extend_from_slice(b"application/vnd.oasis.opendocument.spreadsheet");
    for (file, kind) in [
        (
            zip(&["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"]),
            "Excel workbook",
        ),
        (
            zip(&["docProps/app.xml", "xl/theme/theme1.xml"]),
            "Excel workbook",
        ),
        (ods, "OpenDocument"),
        (zip(&["Index/Document.iwa"]), "Numbers"),
        (zip(&["word/document.xml"]), "Word"),
        (zip(&["products.csv"]), "ZIP archive"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0".to_vec(),
            "Excel 97-2003 workbook",
        ),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(), "PDF"),
        (
            b"\n<!DOCTYPE html>\n<html><body>Sign in</body></html>".to_vec(),
            "HTML",
        ),
        (b"\xef\xbb\xbf<html lang=\"en\">".to_vec(), "HTML"),
        (
            utf_16(
                "<table><tr><td>name</td></tr></table>",
                true,
                u16::to_le_bytes,
            ),
            "HTML",
        ),
        (b"<?xml version=\"1.0\"?>\n<products/>".to_vec(), "XML"),
        (
            b"<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?>".to_vec(),
            "Excel workbook",
        ),
        (b"{\"products\": [{\"name\": \"Mug\"}]}".to_vec(), "JSON"),
        (b"[\n  {\"name\": \"Mug\"}\n]".to_vec(), "JSON"),
        (b"\x1f\x8b\x08\0\0\0\0\0".to_vec(), "compressed"),
        (b"\x89PNG\r\n\x1a\n".to_vec(), "image"),
        (b"n\0\0\0a\0\0\0m\0\0\0".to_vec(), "not text"),
    ] {
        let message = import_error(&app, &file).await;
        assert!(message.contains(kind), "{kind}: {message}");
        assert!(message.ends_with(['.', '?']));
    }
}
