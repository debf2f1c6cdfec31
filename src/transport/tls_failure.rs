//! TLS failures, each with its remedy.

use std::io;
use std::time::{Duration, UNIX_EPOCH};

use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, OtherError};

use super::verify::SelfSigned;
use super::{call, failure};
use crate::error::{Error, ErrorCode, printable};

/// An I/O error of a TLS session: rustls's become TLS errors, others stay what they are.
pub(super) fn explain(error: io::Error, host: &str, knows_our_certificate: bool) -> ureq::Error {
    match failure::inner::<rustls::Error>(&error) {
        Some(reason) => failure::carry(Error::new(
            ErrorCode::Tls,
            message(reason, host, knows_our_certificate),
        )),
        None => match error.into() {
            ureq::Error::Io(error) => failure::broken(error),
            carried => carried,
        },
    }
}

fn message(reason: &rustls::Error, host: &str, knows_our_certificate: bool) -> String {
    match reason {
        rustls::Error::InvalidCertificate(fault) => certificate_message(fault, host),
        rustls::Error::AlertReceived(alert) => alert_message(*alert, host, knows_our_certificate),
        rustls::Error::InvalidMessage(_) => format!(
            "{host} does not speak TLS on this port ({reason}); check the endpoint's port, or whether it should begin with http://"
        ),
        rustls::Error::PeerIncompatible(_) => nothing_in_common(host, &reason.to_string()),
        _ => format!("the TLS connection to {host} failed: {reason}"),
    }
}

fn certificate_message(fault: &CertificateError, host: &str) -> String {
    match fault {
        CertificateError::UnknownIssuer => format!(
            "the certificate of {host} is from an issuer that is not trusted (unknown issuer); set ca_file to the PEM file of your organisation's CA, or let the server send its intermediate certificates"
        ),
        CertificateError::Other(OtherError(inner)) if inner.is::<SelfSigned>() => format!(
            "the certificate of {host} is self-signed; let the server have one from your organisation's CA, and set ca_file to that CA's PEM file"
        ),
        CertificateError::BadSignature
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => format!(
            "the certificate of {host} is from an issuer that has the name, but not the key, of a CA that is trusted ({fault}); set ca_file to the PEM file of the issuer's current certificate"
        ),
        CertificateError::NotValidForNameContext { presented, .. } => format!(
            "the certificate of {host} has the wrong name: it is for {}; set endpoint to a name it is for, or let the server have one for {host}",
            if presented.is_empty() {
                "no name".to_owned()
            } else {
                printable(presented.join(", ").as_bytes())
            }
        ),
        CertificateError::ExpiredContext { not_after, .. } => format!(
            "the certificate of {host} expired on {}; let the server renew it, or set this machine's clock right",
            date(*not_after)
        ),
        CertificateError::NotValidYetContext { not_before, .. } => format!(
            "the certificate of {host} is not yet valid: it begins on {}; set this machine's clock right, or let the server use a current one",
            date(*not_before)
        ),
        _ => format!(
            "the certificate of {host} was not accepted: {}; let the server's administrator look at it",
            printable(fault.to_string().as_bytes())
        ),
    }
}

fn alert_message(alert: AlertDescription, host: &str, knows_our_certificate: bool) -> String {
    let is_about_client_certificate = call::is_certificate_wanted()
        && matches!(
            alert,
            AlertDescription::CertificateRequired
                | AlertDescription::HandshakeFailure
                | AlertDescription::BadCertificate
                | AlertDescription::UnsupportedCertificate
                | AlertDescription::CertificateRevoked
                | AlertDescription::CertificateExpired
                | AlertDescription::CertificateUnknown
                | AlertDescription::UnknownCA
                | AlertDescription::AccessDenied
        );
    if is_about_client_certificate {
        return if knows_our_certificate {
            format!(
                "{host} did not accept the client certificate ({alert:?}); check that client_certificate_file is current and from a CA that the server trusts"
            )
        } else {
            format!(
                "{host} wants a client certificate ({alert:?}); set client_certificate_file and client_key_file"
            )
        };
    }
    match alert {
        AlertDescription::HandshakeFailure
        | AlertDescription::ProtocolVersion
        | AlertDescription::InsufficientSecurity => nothing_in_common(host, &format!("{alert:?}")),
        _ => format!(
            "{host} ended the TLS handshake with the alert {alert:?}; check that endpoint is the address of the API"
        ),
    }
}

fn nothing_in_common(host: &str, reason: &str) -> String {
    format!(
        "{host} offers no TLS that this library takes ({reason}); the server must offer TLS 1.2 or 1.3 with current cipher suites"
    )
}

/// The connection was lost after the handshake in which the server asked for a certificate. From
/// TLS 1.3 on that is when the server says what it thinks of the one it got, and a reset of the
/// connection may swallow what it says.
pub(super) fn lost_after_certificate_request(
    lost: Error,
    host: &str,
    knows_our_certificate: bool,
) -> Error {
    if knows_our_certificate {
        return Error::new(
            lost.code(),
            format!(
                "{lost}; or {host} did not accept the client certificate: then check client_certificate_file"
            ),
        );
    }
    Error::new(
        ErrorCode::Tls,
        format!(
            "{host} asked for a client certificate and ended the connection when it got none; set client_certificate_file and client_key_file"
        ),
    )
}

fn date(time: UnixTime) -> String {
    let seconds = time.as_secs().min(253_402_300_799);
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::pki_types::ServerName;

    #[test]
    fn of_the_names_in_a_certificate_a_part_is_told() {
        let fault = CertificateError::NotValidForNameContext {
            expected: ServerName::try_from("api.example").unwrap(),
            presented: vec!["DnsName(\"other.example\")\n".to_owned(); 1000],
        };
        let message = certificate_message(&fault, "api.example");
        assert!(message.contains("other.example"), "{message}");
        assert!(message.len() < 512 + 200, "{message}");
        assert!(!message.contains('\n'), "{message}");
    }
}
