//! TLS failures, each with its remedy.

use std::time::{Duration, UNIX_EPOCH};

use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, OtherError};

use super::verify::SelfSigned;
use crate::error::{Error, ErrorCode, printable};

/// The error for a failed TLS session.
pub(super) fn explain(
    reason: &rustls::Error,
    host: &str,
    has_client_certificate: bool,
    certificate_requested: bool,
) -> Error {
    let message = match reason {
        rustls::Error::InvalidCertificate(fault) => certificate_message(fault, host),
        rustls::Error::AlertReceived(alert)
            if certificate_requested && is_about_client_certificate(*alert) =>
        {
            client_certificate_message(*alert, host, has_client_certificate)
        }
        rustls::Error::AlertReceived(alert) => alert_message(*alert, host),
        rustls::Error::InvalidMessage(_) => format!(
            "{host} does not speak TLS on this port ({reason}); check the port of endpoint, and whether it should begin with http://"
        ),
        rustls::Error::PeerIncompatible(_) => nothing_in_common(host, &reason.to_string()),
        _ => format!(
            "the TLS connection to {host} failed ({reason}); report this to the server's administrator"
        ),
    };
    Error::new(ErrorCode::Tls, message)
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
            "the certificate of {host} was not accepted ({}); report this to the server's administrator",
            printable(fault.to_string().as_bytes())
        ),
    }
}

fn is_about_client_certificate(alert: AlertDescription) -> bool {
    matches!(
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
    )
}

fn client_certificate_message(
    alert: AlertDescription,
    host: &str,
    has_client_certificate: bool,
) -> String {
    if has_client_certificate {
        format!(
            "{host} rejected the client certificate ({alert:?}); check that client_certificate_file is current and from a CA that the server trusts"
        )
    } else {
        format!(
            "{host} requires a client certificate ({alert:?}); set client_certificate_file and client_key_file"
        )
    }
}

fn alert_message(alert: AlertDescription, host: &str) -> String {
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
        "{host} and this library have no TLS version or cipher suite in common ({reason}); let the server offer TLS 1.2 or 1.3 with current cipher suites"
    )
}

/// The error for a connection lost after the server requested a certificate. With TLS 1.3 a server
/// checks the certificate after the handshake, and a reset of the connection may discard its alert.
pub(super) fn lost_after_certificate_request(
    lost: Error,
    host: &str,
    has_client_certificate: bool,
) -> Error {
    if has_client_certificate {
        return Error::new(
            lost.code(),
            format!(
                "{lost}, or check client_certificate_file: {host} may have rejected the client certificate"
            ),
        );
    }
    Error::new(
        ErrorCode::Tls,
        format!(
            "{host} requested a client certificate and closed the connection when it got none; set client_certificate_file and client_key_file"
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
    fn a_part_of_many_names_in_a_certificate_is_quoted() {
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
