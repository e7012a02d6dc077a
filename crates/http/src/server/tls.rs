//! HTTPS in the server itself, with certificates that are taken anew when their files change.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rollcall_model::Timestamp;
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject as _},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use x509_cert::der::Decode as _;

/// How often the files are looked at. They are read and compared whole: renewals swap links, copy over, and keep times.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Why a certificate cannot be served with.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{path}: {error}", path = .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file does not hold what it should.
    #[error("{path} holds no {what} in PEM form: {error}", path = .path.display())]
    NotPem {
        /// Which.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
        /// What is wrong with it.
        error: pem::Error,
    },
    /// Certificate and key do not go together, or the key is of an unknown kind.
    #[error("{cert} and {key} cannot be used together: {error}", cert = .cert.display(), key = .key.display())]
    Unusable {
        /// The certificate's file.
        cert: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// Why not.
        error: rustls::Error,
    },
}

/// What the files hold.
#[derive(PartialEq, Eq)]
struct Pem {
    cert: Vec<u8>,
    key: Vec<u8>,
}

/// The files as they were last found, or why they could not be read.
type Seen = Result<Pem, String>;

/// A certificate and its key, from files that may change while the server runs.
pub struct Tls {
    cert: PathBuf,
    key: PathBuf,
    current: Mutex<Current>,
}

/// The pair that is served.
struct Current {
    acceptor: TlsAcceptor,
    ends: Option<Timestamp>,
}

impl Tls {
    /// Reads the certificate, with the chain behind it, and the key, both PEM.
    ///
    /// # Errors
    /// [`TlsError`], where they cannot be read or do not go together.
    pub fn load(cert: &Path, key: &Path) -> Result<Arc<Self>, TlsError> {
        warn_if_readable(key);
        let current = current(cert, key, &read(cert, key)?)?;
        Ok(Arc::new(Self { cert: cert.to_owned(), key: key.to_owned(), current: Mutex::new(current) }))
    }

    /// What accepts the next connection.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).acceptor.clone()
    }

    /// Returns when the certificate that is served ends. `None` if it does not say so in a form that is understood.
    pub fn ends(&self) -> Option<Timestamp> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).ends
    }

    /// Looks at the files from time to time, and serves new connections with what they hold. What cannot be used is
    /// logged, once, and the last good pair stays: a renewal writes one file after the other.
    pub(super) async fn follow_files(self: Arc<Self>, stop: CancellationToken) {
        let mut seen = Err(String::new());
        while stop.run_until_cancelled(tokio::time::sleep(LOOK_EVERY)).await.is_some() {
            let tls = Arc::clone(&self);
            let look = tokio::task::spawn_blocking(move || tls.look(&seen));
            seen = look.await.unwrap_or_else(|panic| Err(panic.to_string()));
        }
    }

    /// Takes the files' pair where they hold another one than was `seen`, and answers what they hold.
    fn look(&self, seen: &Seen) -> Seen {
        let found = read(&self.cert, &self.key).map_err(|error| error.to_string());
        if found == *seen {
            return found;
        }
        let usable = found.as_ref().map_err(String::clone);
        let current = usable.and_then(|pem| current(&self.cert, &self.key, pem).map_err(|error| error.to_string()));
        match current {
            Ok(current) => {
                *self.current.lock().unwrap_or_else(PoisonError::into_inner) = current;
                tracing::info!(cert = %self.cert.display(), "new connections get this certificate");
            }
            Err(error) => tracing::warn!(error, "new certificate rejected; keeping the current one"),
        }
        found
    }
}

fn read(cert: &Path, key: &Path) -> Result<Pem, TlsError> {
    let read = |path: &Path| std::fs::read(path).map_err(|error| TlsError::Unreadable { path: path.to_owned(), error });
    Ok(Pem { cert: read(cert)?, key: read(key)? })
}

/// Warns if others than its owner may read the key's file.
fn warn_if_readable(key: &Path) {
    #[cfg(unix)]
    if let Ok(metadata) = std::fs::metadata(key) {
        let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
        if mode & 0o007 != 0 {
            tracing::warn!(key = %key.display(), "every user can read the TLS key (mode {mode:03o}): chmod 600 it");
        }
    }
}

/// When a certificate ends.
fn end_of(certificate: &CertificateDer<'_>) -> Option<Timestamp> {
    let certificate = x509_cert::Certificate::from_der(certificate).ok()?;
    let end = certificate.tbs_certificate().validity().not_after.to_unix_duration();
    i64::try_from(end.as_secs()).ok().map(Timestamp::from_seconds)
}

fn current(cert: &Path, key: &Path, pem: &Pem) -> Result<Current, TlsError> {
    let not_pem = |path: &Path, what| {
        let path = path.to_owned();
        move |error| TlsError::NotPem { path, what, error }
    };
    let chain: Vec<_> =
        CertificateDer::pem_slice_iter(&pem.cert).collect::<Result<_, _>>().map_err(not_pem(cert, "certificate"))?;
    if chain.is_empty() {
        return Err(not_pem(cert, "certificate")(pem::Error::NoItemsFound));
    }
    let ends = chain.first().and_then(end_of);
    let private = PrivateKeyDer::from_pem_slice(&pem.key).map_err(not_pem(key, "private key"))?;
    let unusable = |error| TlsError::Unusable { cert: cert.to_owned(), key: key.to_owned(), error };
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(unusable)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Current { acceptor: TlsAcceptor::from(Arc::new(config)), ends })
}
