//! Throw-away certificates: a small authority for tests of TLS, here and elsewhere.
//!
//! All keys are ECDSA P-256, made when asked for and kept in memory only.

use std::time::{Duration, SystemTime};

use rcgen::string::Ia5String;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use time::OffsetDateTime;

const DAY: i64 = 24 * 60 * 60;

/// The validity of a certificate, in seconds from now; negative is in the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The start.
    pub not_before: i64,
    /// The end.
    pub not_after: i64,
}

impl Validity {
    /// Since yesterday, for thirty days.
    pub const CURRENT: Validity = Validity {
        not_before: -DAY,
        not_after: 30 * DAY,
    };
    /// Until yesterday.
    pub const EXPIRED: Validity = Validity {
        not_before: -30 * DAY,
        not_after: -DAY,
    };
    /// From tomorrow on.
    pub const NOT_YET: Validity = Validity {
        not_before: DAY,
        not_after: 30 * DAY,
    };
}

/// The contents of a certificate.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// Host names and IP addresses, for a server; any names, for a client.
    pub names: Vec<String>,
    /// Its validity.
    pub validity: Validity,
    /// Whether it is for a client; otherwise for a server.
    pub client: bool,
}

impl Leaf {
    /// A server's certificate, valid now.
    pub fn server(names: &[&str]) -> Leaf {
        Leaf {
            names: names.iter().map(|&name| name.to_owned()).collect(),
            validity: Validity::CURRENT,
            client: false,
        }
    }

    /// A client's certificate, valid now.
    pub fn client(name: &str) -> Leaf {
        Leaf {
            names: vec![name.to_owned()],
            validity: Validity::CURRENT,
            client: true,
        }
    }
}

/// A certificate and the key that belongs to it.
#[derive(Clone)]
pub struct Issued {
    /// The certificate, without its issuer's.
    pub certificate_pem: String,
    /// The key, as PKCS#8.
    pub key_pem: String,
}

/// An authority that signs certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate_pem: String,
}

impl Authority {
    /// Creates an authority with its own key; `name` is its name in error messages.
    pub fn new(name: &str) -> Authority {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        set_validity(&mut params, Validity::CURRENT);

        let key = new_key();
        let certificate = params
            .self_signed(&key)
            .expect("ring signs with a key it has made");
        Authority {
            issuer: Issuer::new(params, key),
            certificate_pem: certificate.pem(),
        }
    }

    /// The authority's own certificate: what a client has to trust.
    pub fn pem(&self) -> &str {
        &self.certificate_pem
    }

    /// Creates a key and a certificate for it.
    ///
    /// # Panics
    ///
    /// If a name is not ASCII, or the validity is outside the supported dates.
    pub fn issue(&self, leaf: &Leaf) -> Issued {
        let key = new_key();
        let certificate = leaf_params(leaf)
            .signed_by(&key, &self.issuer)
            .expect("ring signs with a key it has made");
        Issued {
            certificate_pem: certificate.pem(),
            key_pem: key.serialize_pem(),
        }
    }
}

/// Creates a key and a self-signed certificate.
///
/// # Panics
///
/// Like [`Authority::issue`].
pub fn self_signed(leaf: &Leaf) -> Issued {
    let key = new_key();
    let certificate = leaf_params(leaf)
        .self_signed(&key)
        .expect("ring signs with a key it has made");
    Issued {
        certificate_pem: certificate.pem(),
        key_pem: key.serialize_pem(),
    }
}

/// Whether a certificate can contain this name.
pub(crate) fn is_certificate_name(name: &str) -> bool {
    !name.is_empty() && Ia5String::try_from(name).is_ok()
}

fn new_key() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("the system has random numbers")
}

fn leaf_params(leaf: &Leaf) -> CertificateParams {
    let mut params = CertificateParams::new(leaf.names.clone()).expect("names are ASCII");
    if let Some(name) = leaf.names.first() {
        params
            .distinguished_name
            .push(DnType::CommonName, name.as_str());
    }
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![if leaf.client {
        ExtendedKeyUsagePurpose::ClientAuth
    } else {
        ExtendedKeyUsagePurpose::ServerAuth
    }];
    set_validity(&mut params, leaf.validity);
    params
}

fn set_validity(params: &mut CertificateParams, validity: Validity) {
    let now = SystemTime::now();
    let shifted = |seconds: i64| {
        let distance = Duration::from_secs(seconds.unsigned_abs());
        OffsetDateTime::from(if seconds < 0 {
            now - distance
        } else {
            now + distance
        })
    };
    params.not_before = shifted(validity.not_before);
    params.not_after = shifted(validity.not_after);
}
