//! TLS for a sandbox: its certificates and the configuration of rustls.

use std::io;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::options::TlsOptions;
use crate::pki::{self, Authority, Leaf};

/// The server's TLS configuration, and the certificate that a client has to trust.
pub(crate) struct Tls {
    pub(crate) acceptor: TlsAcceptor,
    pub(crate) ca_pem: String,
}

pub(crate) fn set_up(options: &TlsOptions) -> io::Result<Tls> {
    let leaf = Leaf {
        names: options.server_names.clone(),
        validity: options.validity,
        client: false,
    };
    check_names(&leaf.names)?;
    let (issued, ca_pem) = if options.self_signed {
        let issued = pki::self_signed(&leaf);
        let own_certificate = issued.certificate_pem.clone();
        (issued, own_certificate)
    } else {
        let authority = Authority::new("Diyalog sandbox throw-away CA");
        (authority.issue(&leaf), authority.pem().to_owned())
    };

    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(invalid)?;
    let builder = match &options.require_client_certificate {
        None => builder.with_no_client_auth(),
        Some(ca_pem) => builder.with_client_cert_verifier(client_verifier(ca_pem, provider)?),
    };
    let certificate = CertificateDer::from_pem_slice(issued.certificate_pem.as_bytes());
    let key = PrivateKeyDer::from_pem_slice(issued.key_pem.as_bytes());
    let config = builder
        .with_single_cert(vec![certificate.map_err(invalid)?], key.map_err(invalid)?)
        .map_err(invalid)?;
    Ok(Tls {
        acceptor: TlsAcceptor::from(Arc::new(config)),
        ca_pem,
    })
}

fn check_names(names: &[String]) -> io::Result<()> {
    if names.is_empty() {
        return Err(invalid("a certificate needs at least one server name"));
    }
    match names.iter().find(|name| !pki::is_certificate_name(name)) {
        Some(name) => Err(invalid(format!(
            "\"{name}\" cannot be a name on a certificate"
        ))),
        None => Ok(()),
    }
}

fn client_verifier(
    ca_pem: &str,
    provider: Arc<CryptoProvider>,
) -> io::Result<Arc<dyn ClientCertVerifier>> {
    let mut authorities = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(ca_pem.as_bytes()) {
        authorities
            .add(certificate.map_err(invalid)?)
            .map_err(invalid)?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(authorities), provider)
        .build()
        .map_err(|problem| invalid(format!("client certificate authority: {problem}")))
}

fn invalid(problem: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, problem)
}
