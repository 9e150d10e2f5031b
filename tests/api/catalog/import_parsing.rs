//! Reading imported CSV files: dialects, line numbers, invalid and unreadable rows.

use wares::catalog::import_export::service::Options;

use crate::harness::csv_files::{counts, errors, import, import_error, sorted_export, try_import};
use crate::harness::on_both_databases;

#[tokio::test]
async fn invalid_rows_are_reported_and_the_others_imported() {
    on_both_databases(async |app| {
        let long = "x".repeat(201);
        let file = format!(
            "name,price,sku,slug,description,stock,categories,status\n\
             Good,1,,,,,Home,\n\
             A,-1,,,,,Home,\n\
             A,0.001,,,,,Home,\n\
             A,1e30,,,,,Home,\n\
             A,NaN,,,,,Home,\n\
             A,,,,,,Home,\n\
             A,9223372036854775808,,,,,Home,\n\
             A,99999999999.99,,,,,Home,\n\
             A,1,,,,-1,Home,\n\
             A,1,,,,2147483648,Home,\n\
             A,1,,,,+1,Home,\n\
             A\0B,1,,,,,Home,\n\
             A,1,,,a\0b,,Home,\n\
             A,1,a\0b,,,,Home,\n\
             A,1,,Not a slug,,,Home,\n\
             ,1,,,,,Home,\n\
             {long},1,,,,,Home,\n\
             A,1,,,,,Home,GONE\n\
             A,1,,,,,Home > > Kitchen,\n\
             A,1,,,,,1>2>3>4>5>6>7>8>9,\n\
             A,1,,,,,,\n\
             A,1\n\
             A,1,,,,,Home,,x\n\
             \"A\"B,1,,,,,Home,\n\
             ,x,,,,y,Home,\n\
             Good too,1,,,,,Home,\n\
             \"A,1,,,,,Home,\n"
        );
        let report = import(app, &file).await;
        assert_eq!((report.rows, counts(&report)), (27, [2, 0, 0, 25]));
        insta::allow_duplicates! { insta::assert_snapshot!(errors(&report).join("\n"), @r"
        3 price A price must not be negative.
        4 price An amount in this shop's currency has at most 2 decimals.
        5 price The price must be a decimal number such as 19.99.
        6 price The price must be a decimal number such as 19.99.
        7 price The price must be a decimal number such as 19.99.
        8 price The price must be a decimal number such as 19.99.
        9 price This amount is too large.
        10 stock The stock must be a whole number from 0 to 2147483647.
        11 stock The stock must be a whole number from 0 to 2147483647.
        12 stock The stock must be a whole number from 0 to 2147483647.
        13 name Control characters are not allowed.
        14 description Control characters are not allowed.
        15 sku Control characters are not allowed.
        16 slug A slug consists of lower-case letters and digits, with single hyphens between words.
        17 name This must not be empty.
        18 name At most 200 characters are allowed.
        19 status The status must be DRAFT, ACTIVE or ARCHIVED.
        20 categories Category name: This must not be empty.
        21 categories Categories can be nested at most 8 levels deep.
        22 categories A new product requires a category.
        23 categories A new product requires a category.
        24 - The row has 9 columns, the header has 8.
        25 - Text follows a closing quote. Double the quotes within a quoted field.
        26 name This must not be empty.
        26 price The price must be a decimal number such as 19.99.
        26 stock The stock must be a whole number from 0 to 2147483647.
        28 - A quoted field is not closed.
        "); }
        assert_eq!(report.categories_created, 1);
        assert_eq!(app.count("categories").await, 1);
        assert_eq!(app.count("products").await, 2);
    })
    .await;
}

#[tokio::test]
async fn csv_dialects_are_read_alike() {
    on_both_databases(async |app| {
        for (number, file) in [
            "name,price,description,categories\nA 0,1,\"b, c\",Home\n",
            "\u{feff}name,price,description,categories\nA 1,1,\"b, c\",Home\n",
            "name;price;description;categories\nA 2;1;b, c;Home\n",
            "name\tprice\tdescription\tcategories\nA 3\t1\tb, c\tHome\n",
            "name,price,description,categories\r\nA 4,1,\"b, c\",Home\r\n",
            "name,price,description,categories\rA 5,1,\"b, c\",Home\r",
            "name,price,description,categories\nA 6,1,\"b, c\",Home",
            "\n\r\nNAME , Price,\"Description\",CATEGORIES\n\n\n\"A 7\",\"1\",\"b, c\",\"Home\"\n\n,,,\n\n",
            "\u{feff}\"name\";\"price\";\"description\";\"categories\"\r\n\"A 8\";\"1\";\"b, c\";\"Home\"",
        ]
        .into_iter()
        .enumerate()
        {
            let report = import(app, file).await;
            assert_eq!((report.rows, counts(&report)), (1, [1, 0, 0, 0]), "{file:?}");
            assert_eq!(report.notice_count, 0);
            let line = format!("A {number},1.00,,a-{number},\"b, c\",0,Home,DRAFT");
            assert!(sorted_export(app).await.contains(&line), "{file:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn lines_are_counted_as_an_editor_does() {
    on_both_databases(async |app| {
        for end in ["\n", "\r\n", "\r"] {
            let lines = [
                "",
                "name,price,description",
                "A,x,\"one",
                "two",
                "",
                "four\"",
                "",
                "A,y,",
                "A,z,",
            ];
            let report = import(app, &lines.join(end)).await;
            let error_lines: Vec<_> = report.errors.iter().map(|issue| issue.line).collect();
            assert_eq!(error_lines, [3, 8, 9], "{end:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_not_csv_is_refused() {
    on_both_databases(async |app| {
        for (file, why) in [
            (b"".as_slice(), "It is empty."),
            (b"\n\r\n\n", "It is empty."),
            (b"\xef\xbb\xbf", "It is empty."),
            (b"price,sku\n1,2\n", "no column called name"),
            (b"name,sku\n1,2\n", "no column called price"),
            (b"name,price,Name\n1,2,3\n", "two columns called name"),
            (
                b"n\xe4me,price\n1,2\n",
                "Its columns are: n\u{e4}me, price.",
            ),
            (b"\xff\xfen\0a\0m\0e\0,\0", "no column called price"),
            (b"n\0a\0m\0e\0,\0p\0r\0i\0c\0\n\0", "no column called price"),
            (b"PK\x03\x04\x14\0\0\0\x08\0\n", "ZIP archive"),
            (b"\"name,price\nA,1\n", "quoted field is not closed"),
        ] {
            let message = import_error(app, file).await;
            assert!(message.contains(why), "{file:?}: {message}");
        }
        assert_eq!(app.count("products").await, 0);
    })
    .await;
}

#[tokio::test]
async fn an_unreadable_row_does_not_affect_the_others() {
    on_both_databases(async |app| {
        let mut file = "name,price,description,categories\nA,1,caf\u{e9},Home\n"
            .as_bytes()
            .to_vec();
        file.extend_from_slice(b"B,1,caf\xe9,Home\n");
        file.extend_from_slice(b"C,1,\"x\" y,Home\n");
        file.extend_from_slice(b"D,1,");
        file.extend(std::iter::repeat_n(b'x', 1_100_000));
        file.extend_from_slice(b",Home\nE,1,,Home\n");
        let report = try_import(app, &file, Options::default()).await.unwrap();
        assert_eq!(counts(&report), [2, 0, 0, 3]);
        insta::allow_duplicates! { insta::assert_snapshot!(errors(&report).join("\n"), @r"
        3 description The text is not valid in the encoding of the file: save it as CSV (UTF-8).
        4 - Text follows a closing quote. Double the quotes within a quoted field.
        5 - The row exceeds 1 MiB. A quoted field may be unclosed.
        "); }
    })
    .await;
}

#[tokio::test]
async fn a_too_long_row_is_not_split_into_rows() {
    on_both_databases(async |app| {
        let mut file = b"name,price,description,categories\n".to_vec();
        file.extend_from_slice(b"A,1,\"");
        for _ in 0..30_000 {
            file.extend_from_slice(b"Forged,0.01,\"\"like a row\"\",Home\n");
        }
        file.extend_from_slice(b"\",\"Home\"\nB,1,,Home\n");
        let report = try_import(app, &file, Options::default()).await.unwrap();
        assert_eq!((counts(&report), report.rows), ([1, 0, 0, 1], 2));
        assert_eq!(report.errors[0].line, 2);
        // An unclosed quote extends to the end of the file.
        let mut file = b"name,price,description,categories\nC,1,\"x,Home\n".to_vec();
        for number in 0..60_000 {
            file.extend_from_slice(format!("Swallowed {number},0.01,,Home\n").as_bytes());
        }
        let report = try_import(app, &file, Options::default()).await.unwrap();
        assert_eq!((counts(&report), report.rows), ([0, 0, 0, 1], 1));
        assert_eq!(app.count("products").await, 1);
    })
    .await;
}
