//! Whom TLS trusts, and what the client shows of itself: from the settings and their PEM files.

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

/// Everything that was read from files and stores, ready to make TLS sessions with.
#[derive(Debug)]
pub(super) struct Trust {
    provider: Arc<CryptoProvider>,
    verifier: Arc<ExplainingVerifier>,
    client_certificate: Arc<ClientCertificate>,
}

/// Shows the client's certificate, if there is one, and notes that the server asked for it.
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

impl Trust {
    pub(super) fn load(config: &Config) -> Result<Self, Error> {
        // Set explicitly: a provider installed for the whole process would win over ring.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots = load_roots(config)?;
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .build()
                .map_err(|error| {
                    Error::invalid_config(format!("no certificate to trust: {error}"))
                })?;
        Ok(Trust {
            client_certificate: Arc::new(load_client_certificate(config, &provider)?),
            verifier: Arc::new(ExplainingVerifier::new(verifier)),
            provider,
        })
    }

    /// A configuration with a session cache of its own.
    pub(super) fn client_config(&self) -> Arc<ClientConfig> {
        let config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()
            .expect("ring has cipher suites for TLS 1.2 and 1.3")
            .dangerous()
            // What is called dangerous is a verifier of one's own; this one leaves every
            // decision to rustls's.
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
        // One bad certificate among a hundred, or a store that cannot be read, is told only
        // where it leaves nothing to trust.
        let system = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(system.certs);
        if roots.is_empty() && config.ca_file.is_none() {
            let reasons: Vec<String> = system.errors.iter().map(ToString::to_string).collect();
            return Err(Error::invalid_config(format!(
                "the system's certificate store holds nothing to trust ({}); install the CA certificates or set ca_file",
                reasons.join("; ")
            )));
        }
    }
    if let Some(path) = &config.ca_file {
        for certificate in read_certificates("ca_file", path)? {
            roots.add(certificate).map_err(|error| {
                file_error(
                    "ca_file",
                    path,
                    &format!("holds a certificate that cannot be used as CA ({error})"),
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
            "client_key_file is not the key of the first certificate in client_certificate_file",
        ),
        error => Error::invalid_config(format!(
            "client_certificate_file and client_key_file cannot be used: {error}"
        )),
    })?;
    Ok(ClientCertificate(Some(SingleCertAndKey::from(certified))))
}

fn read_certificates(setting: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let pem = read_file(setting, path)?;
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|error| file_error(setting, path, damage(&error)))?;
    if certificates.is_empty() {
        return Err(file_error(
            setting,
            path,
            "holds no certificate; it should be PEM, with lines that begin with -----BEGIN CERTIFICATE-----",
        ));
    }
    Ok(certificates)
}

fn read_private_key(setting: &str, path: &Path) -> Result<PrivateKeyDer<'static>, Error> {
    let pem = read_file(setting, path)?;
    PrivateKeyDer::from_pem_slice(&pem).map_err(|error| {
        let is_encrypted = pem
            .windows(b"ENCRYPTED".len())
            .any(|window| window == b"ENCRYPTED");
        match error {
            _ if is_encrypted => file_error(
                setting,
                path,
                "holds an encrypted key, which cannot be used; decrypt it and protect the file instead",
            ),
            PemError::NoItemsFound => file_error(
                setting,
                path,
                "holds no private key; it should be PEM, in PKCS#8, PKCS#1 or SEC1 form",
            ),
            error => file_error(setting, path, damage(&error)),
        }
    })
}

/// What is wrong with a PEM file. The parser's own words are not told: they quote the line, which
/// is the whole key where the line breaks were lost.
fn damage(error: &PemError) -> &'static str {
    match error {
        PemError::IllegalSectionStart { .. } => {
            "is damaged: a -----BEGIN line does not end with five dashes; each of -----BEGIN and -----END needs a line of its own"
        }
        PemError::MissingSectionEnd { .. } => {
            "is damaged: an -----END line is missing; each of -----BEGIN and -----END needs a line of its own"
        }
        PemError::Base64Decode(_) => "is damaged: what it holds is not base64",
        _ => "is damaged",
    }
}

fn read_file(setting: &str, path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    std::fs::read(path)
        .map(Zeroizing::new)
        .map_err(|error| file_error(setting, path, &format!("cannot be read: {error}")))
}

fn file_error(setting: &str, path: &Path, what: &str) -> Error {
    Error::invalid_config(format!("{setting} {} {what}", path.display()))
}
