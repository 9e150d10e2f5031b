//! Exporting products, and importing the exported file.

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use sea_orm::ConnectionTrait;
use tempfile::TempDir;
use wares::catalog::product::Status;
use wares::infra::database::{Address, Database};

use crate::catalog::importing::{counts, errors, export, import, many};
use crate::harness::{App, Backend, Process, database_flag, fresh_database, on_both, refusal};

/// Exports all products and imports the result.
async fn again(app: &App) -> u64 {
    let rows = export(app).await;
    let header = "name,price,sku,slug,description,stock,categories,status\n";
    let report = import(app, &format!("{header}{rows}")).await;
    assert_eq!(errors(&report), Vec::<String>::new());
    assert_eq!((report.categories_created, report.notice_count), (0, 0));
    let [created, updated, unchanged, failed] = counts(&report);
    assert_eq!([created, updated, failed], [0, 0, 0]);
    assert_eq!(export(app).await, rows);
    unchanged
}

#[tokio::test]
async fn importing_what_was_exported_changes_nothing() {
    on_both(async |app| {
        app.fill_demo().await;
        assert_eq!(again(app).await, 62);
        assert_eq!(app.sql_number("SELECT max(version) FROM products").await, 1);
    })
    .await;
}

#[tokio::test]
async fn odd_texts_survive_an_export() {
    on_both(async |app| {
        let shop = app.shop();
        let name = |name: &'static str| {
            move |new: &mut wares::catalog::category::service::NewCategory| {
                name.clone_into(&mut new.name);
            }
        };
        let home = shop
            .category("home", None, 0, name("Home > Kitchen | \"Pots\" \\ Pans"))
            .await;
        let twin = shop
            .category("twin", None, 1, name("Home > Kitchen | \"Pots\" \\ Pans"))
            .await;
        let deep = shop.category("deep", Some(&twin), 0, name("\\>")).await;
        let odd = [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\"quoted\"",
            "a,b;c\td|e>f\\g",
            "Ünïcödé \u{1f375}",
            "'apostrophe",
        ];
        for (number, text) in odd.into_iter().enumerate() {
            let categories = match number % 3 {
                0 => vec![&twin, &home, &deep],
                1 => vec![&deep],
                _ => vec![&home],
            };
            shop.product_in(&format!("p-{number}"), &categories, |product| {
                text.clone_into(&mut product.name.replace('\t', " "));
                product.name = text.replace('\t', " ");
                product.sku = (number % 2 == 0).then(|| text.replace('\t', " "));
                product.description = format!("{text}\n\n  {text}\nend");
                product.status = [Status::Draft, Status::Active, Status::Archived][number % 3];
                product.price = 10_i64.pow(u32::try_from(number).unwrap());
                product.stock = i32::MAX;
            })
            .await;
        }
        assert_eq!(again(app).await, 8);
    })
    .await;
}

#[tokio::test]
async fn an_export_has_pages() {
    on_both(async |app| {
        import(app, &many(2_100)).await;
        assert_eq!(export(app).await.lines().count(), 2_100);
        let statements = app.statements_of(export(app)).await;
        assert!(statements.len() <= 12, "{}", statements.len());
    })
    .await;
}

/// Runs commands on a database of its own.
struct Shop {
    folder: TempDir,
    database: String,
}

impl Shop {
    async fn new(backend: Backend) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = fresh_database(backend, folder.path()).await;
        Self {
            database: database_flag(&address),
            folder,
        }
    }

    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let arguments = [&[self.database.as_str()], arguments].concat();
        let output = Process::run(self.folder.path(), &arguments);
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            output.status.code(),
            text(output.stdout),
            text(output.stderr),
        )
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn files(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.contains("csv")).collect()
    }
}

#[tokio::test]
async fn the_commands_import_and_export_files() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let shop = Shop::new(backend).await;
        shop.write("in.csv", "name,price,categories,image_url\nMug,1,Home,\nCup,x,Home,\nBowl,2,Home,http://x.example\n");
        let (code, said, told) = shop.run(&["import", "--dry-run", "in.csv"]);
        assert_eq!(code, Some(2), "{told}");
        assert!(said.starts_with("Nothing was changed"), "{said}");
        let (code, said, told) = shop.run(&["import", "in.csv", "--all-or-nothing"]);
        assert_eq!(code, Some(2), "{told}");
        assert!(said.starts_with("Nothing was imported"), "{said}");

        let (code, said, told) = shop.run(&["import", "in.csv"]);
        assert_eq!(code, Some(2));
        assert_eq!(
            said,
            "3 rows: 2 products created, 0 updated, 0 unchanged, 1 failed; 1 categories created\n"
        );
        // Progress is shown on terminals only.
        assert_eq!(
            told,
            "line 3, price: The price must be a decimal number such as 19.99.\n"
        );

        let (code, said, told) = shop.run(&["export", "out.csv"]);
        assert_eq!(
            (code, said.as_str(), told.as_str()),
            (Some(0), "2 products\n", "")
        );
        let (_, printed, _) = shop.run(&["export"]);
        let written = std::fs::read_to_string(shop.folder.path().join("out.csv")).unwrap();
        assert_eq!(printed, written);
        let (code, said, _) = shop.run(&["import", "out.csv"]);
        assert_eq!(code, Some(0));
        assert!(
            said.contains(" 0 products created, 0 updated, 2 unchanged"),
            "{said}"
        );
        let mut files = shop.files();
        files.sort();
        assert_eq!(files, ["in.csv", "out.csv"]);
    }
}

#[tokio::test]
async fn an_import_reads_standard_input() {
    let shop = Shop::new(Backend::Sqlite).await;
    shop.write("in.csv", "name;price;categories\nMug;1;Home\n");
    let file = std::fs::File::open(shop.folder.path().join("in.csv")).unwrap();
    let output = Process::command(shop.folder.path(), &[&shop.database, "import", "-"])
        .stdin(file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .starts_with("1 rows: 1 products created")
    );
}

#[tokio::test]
async fn a_file_that_cannot_be_imported_is_refused_in_a_line() {
    let shop = Shop::new(Backend::Sqlite).await;
    shop.write("empty.csv", "");
    shop.write("other.csv", "a,b\n1,2\n");
    for (file, why) in [
        ("missing.csv", "missing.csv"),
        (".", "folder"),
        ("empty.csv", "It is empty."),
        ("other.csv", "no column called name"),
    ] {
        let output = Process::run(shop.folder.path(), &[&shop.database, "import", file]);
        assert_eq!(output.status.code(), Some(1));
        let line = refusal(&output);
        assert!(line.contains(why), "{line}");
    }
    let output = Process::run(
        shop.folder.path(),
        &[&shop.database, "export", "no/such/folder.csv"],
    );
    assert!(refusal(&output).contains("no/such/folder.csv"));
}

#[tokio::test]
async fn an_export_goes_where_a_link_leads_and_straight_into_pipes() {
    let shop = Shop::new(Backend::Sqlite).await;
    shop.write("in.csv", "name,price,categories\nMug,1,Home\n");
    shop.run(&["import", "in.csv"]);
    shop.write("target.csv", "before");
    let place = |name: &str| shop.folder.path().join(name);
    let closed = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(place("target.csv"), closed).unwrap();
    symlink("target.csv", place("link.csv")).unwrap();
    symlink("new.csv", place("dangling.csv")).unwrap();
    for (to, written) in [("link.csv", "target.csv"), ("dangling.csv", "new.csv")] {
        let (code, said, told) = shop.run(&["export", to]);
        assert_eq!((code, said.as_str()), (Some(0), "1 products\n"), "{told}");
        assert!(place(to).is_symlink());
        let text = std::fs::read_to_string(place(written)).unwrap();
        assert!(text.contains("Mug,1.00"), "{text}");
    }
    let mode = std::fs::metadata(place("target.csv")).unwrap().mode();
    assert_eq!(mode & 0o777, 0o600);
    let (code, said, told) = shop.run(&["export", "/dev/stdout"]);
    assert_eq!(code, Some(0), "{told}");
    assert!(said.ends_with("DRAFT\r\n1 products\n"), "{said}");
    let mut files = shop.files();
    files.sort();
    assert_eq!(
        files,
        [
            "dangling.csv",
            "in.csv",
            "link.csv",
            "new.csv",
            "target.csv"
        ]
    );
}

#[tokio::test]
async fn an_import_that_breaks_off_says_what_it_did() {
    let shop = Shop::new(Backend::Sqlite).await;
    shop.write("in.csv", &many(1_500));
    let address = Address::Sqlite(shop.folder.path().join("wares.db"));
    let db = Database::connect(&address, 2).await.unwrap();
    let transaction = db.begin().await.unwrap();
    let fail = "CREATE TRIGGER fail BEFORE INSERT ON products WHEN NEW.name = 'Thing 1200'
        BEGIN SELECT RAISE(ABORT, 'no more'); END";
    transaction.execute_unprepared(fail).await.unwrap();
    transaction.commit().await.unwrap();
    db.close().await.unwrap();
    for (arguments, said) in [
        (
            &["import", "--dry-run", "in.csv"][..],
            "Aborted: nothing was changed.\n",
        ),
        (
            &["import", "in.csv"],
            "Aborted: 1500 rows: 1000 products created, 0 updated, 0 unchanged, 0 failed; 11 categories created\n",
        ),
    ] {
        let output = Process::run(
            shop.folder.path(),
            &[&[shop.database.as_str()], arguments].concat(),
        );
        assert_eq!(output.status.code(), Some(3));
        assert_eq!(String::from_utf8(output.stdout.clone()).unwrap(), said);
        assert!(refusal(&output).contains("no more"));
    }
}
