//! Trusted certificates of outgoing TLS, and the errors for others.

use std::path::Path;

use wares::platform::jobs::Queue;

use crate::harness::{App, Authority, Backend, CertificateKind, Log, Process, Smtp, TlsProxy};
use crate::server::check::part;

const NOT_TRUSTED: &str = "the certificate is not trusted";

/// Returns the result of `wares check` for the mail server, with this file of root certificates.
fn check_mail(folder: &Path, url: &str, authorities: Option<&Path>) -> (bool, String) {
    let flag = format!("--smtp-url={url}");
    let mut command = Process::command(folder, &["check", &flag]);
    if let Some(file) = authorities {
        command.env("SSL_CERT_FILE", file);
    }
    let output = command.output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let (is_right, text) = part(&printed, "mail");
    (is_right, text.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn certificate_of_a_configured_authority_is_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path());
    let other = tempfile::tempdir().unwrap();
    let other = Authority::new(other.path());
    let smtp = Smtp::start().await;
    for starttls in [false, true] {
        for (certificate_kind, trusted, expected) in [
            (CertificateKind::Valid, Some(&authority), ""),
            (CertificateKind::Valid, None, NOT_TRUSTED),
            (CertificateKind::Valid, Some(&other), NOT_TRUSTED),
            (
                CertificateKind::Expired,
                Some(&authority),
                "the certificate is expired",
            ),
            (
                CertificateKind::WrongName,
                Some(&authority),
                "the certificate is for another host name",
            ),
        ] {
            let front = TlsProxy::before(
                smtp.address,
                &authority,
                ("localhost", certificate_kind),
                starttls,
            );
            let port = front.await.port;
            let url = if starttls {
                format!("smtp://localhost:{port}?tls=required")
            } else {
                format!("smtps://localhost:{port}")
            };
            let file = trusted.map(|authority| authority.file.as_path());
            let (is_right, text) = check_mail(folder.path(), &url, file);
            assert_eq!(is_right, expected.is_empty(), "{certificate_kind:?} {text}");
            assert!(text.contains(expected), "{certificate_kind:?} {text}");
        }
    }
}

#[tokio::test]
async fn untrusted_certificate_is_logged() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path());
    let smtp = Smtp::start().await;
    let front = TlsProxy::before(
        smtp.address,
        &authority,
        ("localhost", CertificateKind::Valid),
        true,
    );
    let url = format!(
        "--smtp-url=smtp://localhost:{}?tls=required",
        front.await.port
    );
    let app = App::start(Backend::Sqlite, &[&url]).await;
    let log = Log::capture();
    app.anonymous().register("reader@home.example").await;
    app.run_due_jobs(Queue::EMAILS).await;
    let lines = log.lines_with("will be retried");
    assert!(
        lines.len() == 1 && lines[0].contains(NOT_TRUSTED),
        "{lines:?}"
    );
    assert_eq!(log.lines_with("home.example"), Vec::<String>::new());
    app.stop().await;
}

#[test]
fn invalid_certificate_file_fails_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path());
    let good = std::fs::read_to_string(&authority.file).unwrap();
    let (head, rest) = good.split_at(200);
    for (name, content, expected) in [
        ("missing.pem", None, "No such file"),
        (
            "empty.pem",
            Some(String::new()),
            "holds no certificate in PEM format",
        ),
        (
            "text.pem",
            Some("not a certificate".to_owned()),
            "holds no certificate",
        ),
        (
            "damaged.pem",
            Some(format!("{good}{head}AAAA{rest}")),
            "certificate 2 is damaged",
        ),
    ] {
        let file = folder.path().join(name);
        if let Some(content) = content {
            std::fs::write(&file, content).unwrap();
        }
        for arguments in [&["migrate", "status"][..], &["check"], &[]] {
            let mut command = Process::command(folder.path(), arguments);
            let output = command.env("SSL_CERT_FILE", &file).output().unwrap();
            assert!(!output.status.success(), "{name} {arguments:?}");
            let printed = [output.stdout, output.stderr].concat();
            let printed = String::from_utf8(printed).unwrap();
            let reason = format!("SSL_CERT_FILE: {}", file.display());
            assert!(
                printed.contains(&reason) && printed.contains(expected),
                "{printed}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn certificate_folder_may_contain_other_files() {
    let folder = tempfile::tempdir().unwrap();
    let authorities = tempfile::tempdir().unwrap();
    let authority = Authority::new(authorities.path());
    std::fs::write(authorities.path().join("README"), "keys of the shop").unwrap();
    let smtp = Smtp::start().await;
    let front = TlsProxy::before(
        smtp.address,
        &authority,
        ("localhost", CertificateKind::Valid),
        false,
    );
    let flag = format!("--smtp-url=smtps://localhost:{}", front.await.port);
    let mut command = Process::command(folder.path(), &["check", &flag]);
    let folders = format!("/nowhere:{}", authorities.path().display());
    let output = command.env("SSL_CERT_DIR", folders).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(part(&printed, "mail").0, "{printed}");
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(log.contains("README") && log.contains("/nowhere"), "{log}");
}
