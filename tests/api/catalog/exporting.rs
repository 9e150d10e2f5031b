//! Exporting products, and importing the exported file.

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use sea_orm::ConnectionTrait;
use tempfile::TempDir;
use wares::catalog::import_export::service::ExportFormat;
use wares::catalog::product::Status;
use wares::infra::database::{Address, Database};

use crate::harness::csv_files::{counts, errors, export, export_file, import, many};
use crate::harness::{
    App, Backend, Process, database_flag, error_line, fresh_database, on_both_databases,
};

/// Exports all products and imports the result.
async fn reimport(app: &App) -> u64 {
    let file = export_file(app, ExportFormat::Wares).await;
    let report = import(app, &file).await;
    assert_eq!(errors(&report), Vec::<String>::new());
    assert_eq!((report.categories_created, report.notice_count), (0, 0));
    let [created, updated, unchanged, failed] = counts(&report);
    assert_eq!([created, updated, failed], [0, 0, 0]);
    assert_eq!(export_file(app, ExportFormat::Wares).await, file);
    unchanged
}

#[tokio::test]
async fn importing_an_export_changes_nothing() {
    on_both_databases(async |app| {
        app.create_demo_catalog().await;
        assert_eq!(reimport(app).await, 62);
        assert_eq!(app.sql_number("SELECT max(version) FROM products").await, 1);
    })
    .await;
}

#[tokio::test]
async fn special_characters_survive_export_and_import() {
    on_both_databases(async |app| {
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
                product.brand = Some(text.replace('\t', " "));
                product.seo_title = Some(text.replace('\t', " "));
            })
            .await;
        }
        assert_eq!(reimport(app).await, 8);
    })
    .await;
}

#[tokio::test]
async fn an_export_is_read_in_pages() {
    on_both_databases(async |app| {
        import(app, &many(2_100)).await;
        assert_eq!(export(app).await.lines().count(), 2_100);
        let statements = app.record_statements(export(app)).await;
        assert!(statements.len() <= 24, "{}", statements.len());
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
        let (code, stdout, stderr) = shop.run(&["import", "--dry-run", "in.csv"]);
        assert_eq!(code, Some(2), "{stderr}");
        assert!(stdout.starts_with("Nothing was changed"), "{stdout}");
        let (code, stdout, stderr) = shop.run(&["import", "in.csv", "--all-or-nothing"]);
        assert_eq!(code, Some(2), "{stderr}");
        assert!(stdout.starts_with("Nothing was imported"), "{stdout}");

        let (code, stdout, stderr) = shop.run(&["import", "in.csv"]);
        assert_eq!(code, Some(2));
        assert_eq!(
            stdout,
            "3 rows: 2 products created, 0 updated, 0 unchanged, 1 failed; 1 categories created\n"
        );
        // Progress is shown on terminals only.
        assert_eq!(
            stderr,
            "line 3, price: The price must be a decimal number such as 19.99.\n"
        );

        let (code, stdout, stderr) = shop.run(&["export", "out.csv"]);
        assert_eq!(
            (code, stdout.as_str(), stderr.as_str()),
            (Some(0), "2 products\n", "")
        );
        let (_, printed, _) = shop.run(&["export"]);
        let written = std::fs::read_to_string(shop.folder.path().join("out.csv")).unwrap();
        assert_eq!(printed, written);
        let (code, stdout, _) = shop.run(&["import", "out.csv"]);
        assert_eq!(code, Some(0));
        assert!(
            stdout.contains(" 0 products created, 0 updated, 2 unchanged"),
            "{stdout}"
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
async fn a_file_that_cannot_be_imported_is_refused_in_one_line() {
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
        let line = error_line(&output);
        assert!(line.contains(why), "{line}");
    }
    let output = Process::run(
        shop.folder.path(),
        &[&shop.database, "export", "no/such/folder.csv"],
    );
    assert!(error_line(&output).contains("no/such/folder.csv"));
}

#[tokio::test]
async fn export_follows_symbolic_links_and_writes_to_pipes() {
    let shop = Shop::new(Backend::Sqlite).await;
    shop.write("in.csv", "name,price,categories\nMug,1,Home\n");
    shop.run(&["import", "in.csv"]);
    shop.write("target.csv", "before");
    let path_of = |name: &str| shop.folder.path().join(name);
    let closed = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(path_of("target.csv"), closed).unwrap();
    symlink("target.csv", path_of("link.csv")).unwrap();
    symlink("new.csv", path_of("dangling.csv")).unwrap();
    for (to, written) in [("link.csv", "target.csv"), ("dangling.csv", "new.csv")] {
        let (code, stdout, stderr) = shop.run(&["export", to]);
        assert_eq!(
            (code, stdout.as_str()),
            (Some(0), "1 products\n"),
            "{stderr}"
        );
        assert!(path_of(to).is_symlink());
        let text = std::fs::read_to_string(path_of(written)).unwrap();
        assert!(text.contains("Mug,1.00"), "{text}");
    }
    let mode = std::fs::metadata(path_of("target.csv")).unwrap().mode();
    assert_eq!(mode & 0o777, 0o600);
    let (code, stdout, stderr) = shop.run(&["export", "/dev/stdout"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.ends_with(",true,,,\r\n1 products\n"), "{stdout}");
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
async fn an_interrupted_import_reports_its_progress() {
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
    for (arguments, stdout) in [
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
        assert_eq!(String::from_utf8(output.stdout.clone()).unwrap(), stdout);
        assert!(error_line(&output).contains("no more"));
    }
}
