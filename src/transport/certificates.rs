//! The certificates of the settings: the CAs to trust, and the client's own for mutual TLS.

use std::path::Path;
use std::sync::Arc;

use rustls::client::{ResolvesClientCert, WebPkiServerVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, RootCertStore, SignatureScheme};
use zeroize::Zeroizing;

use super::current_call;
use super::verify::ExplainingVerifier;
use crate::config::Config;
use crate::error::Error;

/// The contents of the PEM files and of the system's store, ready for TLS sessions.
#[derive(Debug)]
pub(super) struct Certificates {
    provider: Arc<CryptoProvider>,
    verifier: Arc<ExplainingVerifier>,
    client_certificate: Arc<ClientCertificate>,
}

/// Sends the client's certificate, if there is one, and notes that the server requested it.
#[derive(Debug)]
struct ClientCertificate(Option<SingleCertAndKey>);

impl ResolvesClientCert for ClientCertificate {
    fn resolve(&self, issuers: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        current_call::set_certificate_requested();
        self.0.as_ref()?.resolve(issuers, schemes)
    }

    fn has_certs(&self) -> bool {
        self.0.is_some()
    }
}

impl Certificates {
    pub(super) fn load(config: &Config) -> Result<Self, Error> {
        // Explicit, since a provider installed for the whole process would win over ring.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots = load_roots(config)?;
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .build()
                .map_err(|error| {
                    let fault = format!("contains no usable CA certificate ({error})");
                    Error::invalid_config("ca_file", fault)
                })?;
        Ok(Certificates {
            client_certificate: Arc::new(load_client_certificate(config, &provider)?),
            verifier: Arc::new(ExplainingVerifier::new(verifier)),
            provider,
        })
    }

    /// Returns a configuration with a session cache of its own.
    pub(super) fn client_config(&self) -> Arc<ClientConfig> {
        let config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()
            .expect("ring has cipher suites for TLS 1.2 and 1.3")
            .dangerous()
            // rustls calls every custom verifier dangerous. This one leaves the decision to rustls's
            // own and only explains it.
            .with_custom_certificate_verifier(Arc::clone(&self.verifier) as _)
            .with_client_cert_resolver(Arc::clone(&self.client_certificate) as _);
        Arc::new(config)
    }

    pub(super) fn has_client_certificate(&self) -> bool {
        self.client_certificate.has_certs()
    }
}

fn load_roots(config: &Config) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    if config.system_trust {
        // A damaged certificate or an unreadable store is reported only if nothing is left to
        // trust.
        let system = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(system.certs);
        if roots.is_empty() && config.ca_file.is_none() {
            let reasons: Vec<String> = system.errors.iter().map(ToString::to_string).collect();
            let fault = format!(
                "is not set and the system's certificate store is empty ({}); set it, or install the system's CA certificates",
                reasons.join("; ")
            );
            return Err(Error::invalid_config("ca_file", fault));
        }
    }
    if let Some(path) = &config.ca_file {
        for certificate in read_certificates("ca_file", path)? {
            roots.add(certificate).map_err(|error| {
                file_error(
                    "ca_file",
                    path,
                    &format!(
                        "contains a certificate that cannot be used as CA ({error}); remove it"
                    ),
                )
            })?;
        }
    }
    Ok(roots)
}

fn load_client_certificate(
    config: &Config,
    provider: &Arc<CryptoProvider>,
) -> Result<ClientCertificate, Error> {
    let (Some(certificate_file), Some(key_file)) =
        (&config.client_certificate_file, &config.client_key_file)
    else {
        return Ok(ClientCertificate(None));
    };
    let chain = read_certificates("client_certificate_file", certificate_file)?;
    let key = read_private_key("client_key_file", key_file)?;
    let certified = CertifiedKey::from_der(chain, key, provider).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => Error::invalid_config(
            "client_key_file",
            "is not the key of the first certificate in client_certificate_file; set both to a pair",
        ),
        error => Error::invalid_config(
            "client_certificate_file",
            format!("and client_key_file are not usable ({error}); set both to a valid pair"),
        ),
    })?;
    Ok(ClientCertificate(Some(SingleCertAndKey::from(certified))))
}

fn read_certificates(
    setting: &'static str,
    path: &Path,
) -> Result<Vec<CertificateDer<'static>>, Error> {
    let pem = read_file(setting, path)?;
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|error| file_error(setting, path, damage(&error)))?;
    if certificates.is_empty() {
        return Err(file_error(
            setting,
            path,
            "contains no certificate; it must be PEM, with -----BEGIN CERTIFICATE----- at the beginning of a line",
        ));
    }
    let found = announced(&pem);
    if found != certificates.len() {
        // The parser skips what it does not know without an error.
        let fault = format!(
            "contains {found} certificates, but only {} can be read (the others are not plain CERTIFICATE sections on lines of their own); convert each with openssl x509",
            certificates.len()
        );
        return Err(file_error(setting, path, &fault));
    }
    Ok(certificates)
}

/// How many certificates a PEM file seems to contain: of OpenSSL's other kinds (TRUSTED
/// CERTIFICATE, X509 CERTIFICATE), indented, or behind a byte order mark too.
fn announced(pem: &[u8]) -> usize {
    String::from_utf8_lossy(pem)
        .split("-----BEGIN ")
        .skip(1)
        .filter_map(|section| section.split_once("-----"))
        .filter(|(label, _)| label.ends_with("CERTIFICATE"))
        .count()
}

fn read_private_key(setting: &'static str, path: &Path) -> Result<PrivateKeyDer<'static>, Error> {
    let pem = read_file(setting, path)?;
    PrivateKeyDer::from_pem_slice(&pem).map_err(|error| {
        let is_encrypted = pem
            .windows(b"ENCRYPTED".len())
            .any(|window| window == b"ENCRYPTED");
        match error {
            _ if is_encrypted => file_error(
                setting,
                path,
                "contains an encrypted key; decrypt it and protect the file instead",
            ),
            PemError::NoItemsFound => file_error(
                setting,
                path,
                "contains no private key; it must be PEM, in PKCS#8, PKCS#1 or SEC1 form",
            ),
            error => file_error(setting, path, damage(&error)),
        }
    })
}

/// Describes the damage of a PEM file. The parser's own message is not used: it quotes the line, which
/// is the whole key if the line breaks were lost.
fn damage(error: &PemError) -> &'static str {
    match error {
        PemError::IllegalSectionStart { .. } => {
            "is damaged (a -----BEGIN line does not end with five dashes); put each of -----BEGIN and -----END on a line of its own"
        }
        PemError::MissingSectionEnd { .. } => {
            "is damaged (an -----END line is missing); put each of -----BEGIN and -----END on a line of its own"
        }
        PemError::Base64Decode(_) => "is damaged (its content is not base64); copy it again",
        _ => "is damaged; copy it again",
    }
}

/// Reads a file, without the byte order mark that Windows editors put before its text.
fn read_file(setting: &'static str, path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut content = std::fs::read(path).map(Zeroizing::new).map_err(|error| {
        let fault = format!("cannot be read ({error}); check its name and permissions");
        file_error(setting, path, &fault)
    })?;
    if content.starts_with("\u{feff}".as_bytes()) {
        content[..3].fill(b'\n');
    }
    Ok(content)
}

fn file_error(setting: &'static str, path: &Path, fault: &str) -> Error {
    Error::invalid_config(setting, format!("{} {fault}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;
    use diyalog_sandbox::{Options, Sandbox, TlsOptions};

    fn ca_pem() -> String {
        let tls = Some(TlsOptions::default());
        let options = Options {
            tls,
            ..Options::default()
        };
        Sandbox::start(options).unwrap().ca_pem().to_owned()
    }

    /// How many certificates are read from a file with this content.
    fn read(name: &str, content: &str) -> Result<usize, Error> {
        let name = format!("diyalog-certificates-{}-{name}.pem", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, content).unwrap();
        let certificates = read_certificates("ca_file", &path);
        std::fs::remove_file(&path).unwrap();
        certificates.map(|certificates| certificates.len())
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        let pem = ca_pem();
        let content = format!("\u{feff}{pem}{pem}");
        assert_eq!(read("mark", &content).unwrap(), 2);
        let windows = format!("\u{feff}{}", pem.replace('\n', "\r\n"));
        assert_eq!(read("windows", &windows).unwrap(), 1);
    }

    #[test]
    fn a_certificate_that_would_be_skipped_is_reported() {
        let pem = ca_pem();
        let trusted = pem.replace(" CERTIFICATE", " TRUSTED CERTIFICATE");
        let old = pem.replace(" CERTIFICATE", " X509 CERTIFICATE");
        let indented = pem.replace("-----BEGIN", "  -----BEGIN");
        let marked = format!("\u{feff}{pem}");
        let unended = pem.replace("-----END", "END");
        for (name, skipped) in [
            ("trusted", trusted),
            ("old", old),
            ("indented", indented),
            ("marked", marked),
            ("unended", unended),
        ] {
            let error = read(name, &format!("{pem}{skipped}{pem}")).unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidConfig, "{error}");
            assert_eq!(error.argument(), Some("ca_file"));
        }
    }

    #[test]
    fn comments_and_other_sections_are_ignored() {
        let pem = ca_pem();
        let request = pem.replace(" CERTIFICATE", " CERTIFICATE REQUEST");
        let content = format!("# The bank's CA\n{pem}\nsubject=CN = CA\n{request}{pem}");
        assert_eq!(read("comments", &content).unwrap(), 2);
    }
}
