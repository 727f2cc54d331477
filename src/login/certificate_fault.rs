//! Why a server's certificate is not trusted: what it is, the likely cause, and what to do about it.

use std::fmt;

use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, OtherError, RootCertStore};
use x509_parser::prelude::{ASN1Time, FromDer as _, X509Certificate, X509Version};

/// Subject names and host names that are shown of one certificate.
const MAX_NAMES: usize = 3;

/// The advice that fits a CA which the user knows.
const GIVE_THE_CA: &str = "give the CA's certificate in PEM form with --ca-cert or GENESYS_TOKEN_CA_CERT";

/// Why a server's certificate is not trusted. Names come from the certificates, and are foreign text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CertificateFault {
    /// Signed by its own key.
    SelfSigned {
        subject: String,
    },
    /// The CA at the end of the chain that was sent is not trusted.
    UnknownCa {
        issuer: String,
    },
    /// The certificate was sent alone, and its issuer is not trusted.
    IssuerNotSent {
        issuer: String,
    },
    /// A trusted CA has the issuer's name, but another key.
    OtherKey {
        issuer: String,
    },
    /// The trusted certificate is the server's own.
    OwnAsCa {
        issuer: String,
    },
    /// The server shows the certificate of a CA.
    CaAsOwn {
        subject: String,
    },
    /// Only its common name says which host it is for.
    NoSubjectAltName {
        subject: String,
    },
    WrongHost {
        host: String,
        names: Vec<String>,
    },
    Expired {
        subject: String,
        not_after: ASN1Time,
        now: ASN1Time,
    },
    NotValidYet {
        subject: String,
        not_before: ASN1Time,
        now: ASN1Time,
    },
    /// Anything else, in the verifier's words.
    Other(String),
}

impl CertificateFault {
    /// The fault of this certificate and the `intermediates` sent with it, which the verifier refused with `error`.
    pub(super) fn of(
        error: &CertificateError,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
        roots: &RootCertStore,
    ) -> Self {
        let other = || Self::Other(error.to_string());
        let parse = |der| X509Certificate::from_der(der).ok().map(|(_, parsed)| parsed);
        let Some(own) = parse(certificate) else { return other() };
        let (subject, issuer) = (own.subject().to_string(), own.issuer().to_string());
        let now = i64::try_from(now.as_secs()).ok().and_then(|now| ASN1Time::from_timestamp(now).ok());
        let chain = || [&own].into_iter().cloned().chain(intermediates.iter().filter_map(|der| parse(der)));
        match (error, now) {
            (CertificateError::Expired | CertificateError::ExpiredContext { .. }, Some(now)) => {
                let expired = chain().find(|one| one.validity().not_after < now);
                expired.map_or_else(other, |one| Self::Expired {
                    subject: one.subject().to_string(),
                    not_after: one.validity().not_after,
                    now,
                })
            }
            (CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. }, Some(now)) => {
                let early = chain().find(|one| one.validity().not_before > now);
                early.map_or_else(other, |one| Self::NotValidYet {
                    subject: one.subject().to_string(),
                    not_before: one.validity().not_before,
                    now,
                })
            }
            (CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }, _) => {
                match own.subject_alternative_name() {
                    Ok(Some(names)) => Self::WrongHost {
                        host: name.to_str().into_owned(),
                        names: names.value.general_names.iter().map(named).collect(),
                    },
                    _ => Self::NoSubjectAltName { subject },
                }
            }
            (CertificateError::BadSignature, _) => Self::OtherKey { issuer },
            (CertificateError::UnknownIssuer, _) if own.subject() == own.issuer() => {
                Self::SelfSigned { subject }
            }
            (CertificateError::UnknownIssuer, _) if is_root(certificate, roots) => Self::OwnAsCa { issuer },
            (CertificateError::UnknownIssuer, _) => match intermediates.last().and_then(|der| parse(der)) {
                Some(last) => Self::UnknownCa { issuer: last.issuer().to_string() },
                None => Self::IssuerNotSent { issuer },
            },
            // The verifier reads no older form, which has no place for the names.
            _ if own.version() != X509Version::V3 => Self::NoSubjectAltName { subject },
            _ if own.is_ca() => Self::CaAsOwn { subject },
            _ => other(),
        }
    }

    /// The fault for which a handshake failed, if it was the certificate's.
    pub(crate) fn find(error: &rustls::Error) -> Option<Self> {
        let rustls::Error::InvalidCertificate(error) = error else { return None };
        let explained = match error {
            CertificateError::Other(OtherError(inner)) => inner.downcast_ref().cloned(),
            _ => None,
        };
        Some(explained.unwrap_or_else(|| Self::Other(error.to_string())))
    }

    /// The likely causes, in the order of their fixes.
    pub(crate) fn causes(&self) -> Vec<String> {
        let one = match self {
            Self::SelfSigned { .. } => {
                "a private server or a proxy that intercepts TLS has made it for itself"
            }
            Self::UnknownCa { .. } => {
                "a proxy that intercepts TLS signs with a CA of its own, and so may a private login server"
            }
            Self::IssuerNotSent { .. } => {
                return vec![
                    "that issuer is the CA of a proxy that intercepts TLS, or of a private login server"
                        .to_owned(),
                    "the server does not send its intermediate certificate".to_owned(),
                ];
            }
            Self::OtherKey { .. } => "the CA was renewed, or another CA has the same name",
            Self::OwnAsCa { .. } => "the CA file has the server's own certificate, which vouches for nothing",
            Self::CaAsOwn { .. } => {
                "it was made with CA:TRUE, as openssl req -x509 does, and a CA's certificate is for no server"
            }
            Self::NoSubjectAltName { .. } => {
                "a host name counts only in subjectAltName, and no longer in the common name (RFC 9525)"
            }
            Self::WrongHost { .. } => {
                "another server answers under this name: the URL, a name server or a proxy leads to it"
            }
            Self::Expired { now, .. } => {
                let clock = format!("this machine's clock is ahead: it says {now}");
                return vec![clock, "it was not renewed".to_owned()];
            }
            Self::NotValidYet { now, .. } => {
                return vec![format!("this machine's clock is behind: it says {now}")];
            }
            Self::Other(_) => "the server's certificate, or one of its chain, is not made for this use",
        };
        vec![one.to_owned()]
    }

    /// What to do about it, the likeliest to help first.
    pub(crate) fn fixes(&self) -> Vec<String> {
        const SET_THE_CLOCK: &str = "let NTP set this machine's clock";
        let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
        match self {
            Self::SelfSigned { .. } => texts(&[
                "if it is yours, give this very certificate in PEM form with --ca-cert or GENESYS_TOKEN_CA_CERT",
            ]),
            Self::UnknownCa { .. } => vec![format!("if that CA is yours, {GIVE_THE_CA}")],
            Self::IssuerNotSent { .. } => vec![
                format!("if that CA is yours, {GIVE_THE_CA}"),
                "if that is an intermediate certificate, have the server send its whole chain".to_owned(),
            ],
            Self::OtherKey { .. } => vec![format!("{GIVE_THE_CA}, the one that the CA has now")],
            Self::OwnAsCa { .. } => vec![format!("{GIVE_THE_CA}, not the server's")],
            Self::CaAsOwn { .. } => {
                texts(&["have the CA issue a certificate for the server's host, and show that one"])
            }
            Self::NoSubjectAltName { .. } => {
                texts(&["have it issued again with subjectAltName=DNS: and the server's host"])
            }
            Self::WrongHost { .. } => {
                texts(&["correct the region or the URL", "or have the certificate issued for this host too"])
            }
            Self::Expired { .. } => texts(&[SET_THE_CLOCK, "if it is right, renew the certificate"]),
            Self::NotValidYet { .. } => {
                texts(&[SET_THE_CLOCK, "if it is right, have the certificate issued again"])
            }
            Self::Other(_) => {
                vec!["have it issued again".to_owned(), format!("for a private CA, {GIVE_THE_CA}")]
            }
        }
    }
}

/// What it is.
impl fmt::Display for CertificateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SelfSigned { subject } => write!(f, "its certificate is self-signed, by {subject}"),
            Self::UnknownCa { issuer } => {
                write!(f, "its certificate is of a CA that is not trusted, {issuer}")
            }
            Self::IssuerNotSent { issuer } => {
                write!(f, "the issuer of its certificate is neither trusted nor sent along, {issuer}")
            }
            Self::OtherKey { issuer } => {
                write!(
                    f,
                    "the CA of its certificate has another key than the trusted CA of that name, {issuer}"
                )
            }
            Self::OwnAsCa { issuer } => {
                write!(
                    f,
                    "its own certificate is trusted as if it were a CA's, and its issuer is not, {issuer}"
                )
            }
            Self::CaAsOwn { subject } => write!(f, "its certificate is one of a CA, {subject}"),
            Self::NoSubjectAltName { subject } => {
                write!(f, "its certificate has no subjectAltName, only the subject {subject}")
            }
            Self::WrongHost { host, names } => {
                let more = if names.len() > MAX_NAMES { " and others" } else { "" };
                let names = names.iter().take(MAX_NAMES).map(String::as_str).collect::<Vec<_>>().join(", ");
                write!(f, "its certificate is for {names}{more}, not for {host}")
            }
            Self::Expired { subject, not_after, .. } => {
                write!(f, "the certificate of {subject} expired on {not_after}")
            }
            Self::NotValidYet { subject, not_before, .. } => {
                write!(f, "the certificate of {subject} is not valid until {not_before}")
            }
            Self::Other(error) => f.write_str(error),
        }
    }
}

impl std::error::Error for CertificateFault {}

/// Whether `certificate` itself is trusted as a CA.
fn is_root(certificate: &CertificateDer<'_>, roots: &RootCertStore) -> bool {
    let mut own = RootCertStore::empty();
    own.add(certificate.clone().into_owned()).is_ok() && roots.roots.contains(&own.roots[0])
}

/// A host as `subjectAltName` has it.
fn named(name: &x509_parser::extensions::GeneralName<'_>) -> String {
    use x509_parser::extensions::GeneralName;
    match name {
        GeneralName::DNSName(name) => (*name).to_owned(),
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(|bytes| std::net::IpAddr::from(bytes).to_string());
            let v6 = || <[u8; 16]>::try_from(*bytes).map(|bytes| std::net::IpAddr::from(bytes).to_string());
            v4.or_else(|_| v6()).unwrap_or_else(|_| "an address".to_owned())
        }
        other => other.to_string(),
    }
}
