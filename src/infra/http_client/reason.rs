//! Describes connection errors without a server's own words, which may contain a secret.

use std::error::Error;
use std::io::{self, ErrorKind};

use rustls::{CertificateError, Error as TlsError};

const NOT_TRUSTED: &str =
    "the certificate is not trusted: add its authority to the file that SSL_CERT_FILE names";
const NOT_FOR_NAME: &str = "the certificate is for another host name";

/// Returns the reason of an error, if it is a known one.
pub fn reason(error: &(dyn Error + 'static)) -> Option<String> {
    let mut proxy = "";
    let mut cause = Some(error);
    while let Some(error) = cause {
        if is_of_proxy(error) {
            proxy = "the proxy: ";
        }
        if let Some(reason) = one(error) {
            return Some(format!("{proxy}{reason}"));
        }
        cause = error.source();
    }
    None
}

fn one(error: &(dyn Error + 'static)) -> Option<&'static str> {
    if let Some(error) = error.downcast_ref::<TlsError>() {
        return Some(of_tls(error));
    }
    if let Some(error) = error.downcast_ref::<io::Error>() {
        // It is not the source of the error that it is wrapped in.
        let inner = error.get_ref();
        let inner = inner.and_then(|inner| inner.downcast_ref::<TlsError>());
        return inner.map(of_tls).or_else(|| of_io(error));
    }
    (is_of_proxy(error) && error.to_string().contains("authorization required"))
        .then_some("it requires authentication")
}

/// Returns whether an error is that the proxy was not reached, or made no tunnel. Its type is private to `hyper-util`.
fn is_of_proxy(error: &(dyn Error + 'static)) -> bool {
    error.to_string().starts_with("tunnel error")
}

fn of_tls(error: &TlsError) -> &'static str {
    let TlsError::InvalidCertificate(error) = error else {
        return match error {
            TlsError::InvalidMessage(_) => "the server does not speak TLS on this port",
            _ => "TLS could not be negotiated",
        };
    };
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the certificate is expired"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the certificate is not valid yet"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            NOT_FOR_NAME
        }
        CertificateError::UnknownIssuer | CertificateError::BadSignature => NOT_TRUSTED,
        // Usually self-signed.
        CertificateError::Other(_) => {
            "the certificate is a CA certificate (CA:TRUE), which servers must not use: issue one that is signed by an authority in SSL_CERT_FILE"
        }
        CertificateError::Revoked => "the certificate is revoked",
        _ => "the certificate is not valid",
    }
}

fn of_io(error: &io::Error) -> Option<&'static str> {
    match error.kind() {
        ErrorKind::ConnectionRefused => Some("connection refused"),
        ErrorKind::TimedOut => Some("connection timed out"),
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof => {
            Some("the server closed the connection")
        }
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => Some("host unreachable"),
        // The resolver's errors have no kind of their own.
        _ if error.to_string().contains("failed to lookup address") => Some("host name not found"),
        _ => None,
    }
}
