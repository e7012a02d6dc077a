//! HTTPS, with certificates that are reloaded when their files change.

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

/// Interval of checks. Files are read and compared completely, because renewals swap links, copy over, and keep times.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Why a certificate cannot be used.
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
    /// A file has invalid content.
    #[error("{path} contains no {what} in PEM format: {error}", path = .path.display())]
    NotPem {
        /// Which.
        path: PathBuf,
        /// The expected content.
        what: &'static str,
        /// What is wrong with it.
        error: pem::Error,
    },
    /// Certificate and key do not match, or the key is of an unknown kind.
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

/// Content of the files.
#[derive(PartialEq, Eq)]
struct Pem {
    cert: Vec<u8>,
    key: Vec<u8>,
}

/// The last content of the files, or why they could not be read.
type Seen = Result<Pem, String>;

/// A certificate and its key, from files that may change while the server runs.
pub struct Tls {
    cert: PathBuf,
    key: PathBuf,
    current: Mutex<Current>,
}

/// The pair in use.
struct Current {
    acceptor: TlsAcceptor,
    ends: Option<Timestamp>,
}

impl Tls {
    /// Reads the certificate chain and the key, both PEM.
    ///
    /// # Errors
    /// [`TlsError`] if they cannot be read or do not match.
    pub fn load(cert: &Path, key: &Path) -> Result<Arc<Self>, TlsError> {
        warn_if_readable(key);
        let current = current(cert, key, &read(cert, key)?)?;
        Ok(Arc::new(Self { cert: cert.to_owned(), key: key.to_owned(), current: Mutex::new(current) }))
    }

    /// Returns what accepts the next connection.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).acceptor.clone()
    }

    /// Returns when the served certificate expires. `None` if that cannot be determined.
    pub fn ends(&self) -> Option<Timestamp> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).ends
    }

    /// Checks the files regularly, and uses their content for new connections. Invalid content is logged once, and the
    /// last valid pair stays in use, because a renewal writes one file after the other.
    pub(super) async fn follow_files(self: Arc<Self>, stop: CancellationToken) {
        let mut seen = Err(String::new());
        while stop.run_until_cancelled(tokio::time::sleep(LOOK_EVERY)).await.is_some() {
            let tls = Arc::clone(&self);
            let look = tokio::task::spawn_blocking(move || tls.look(&seen));
            seen = look.await.unwrap_or_else(|panic| Err(panic.to_string()));
        }
    }

    /// Loads the files' pair if it differs from `seen`, and returns their content.
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

/// Warns if others than its owner may read the key file.
fn warn_if_readable(key: &Path) {
    #[cfg(unix)]
    if let Ok(metadata) = std::fs::metadata(key) {
        let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
        if mode & 0o007 != 0 {
            tracing::warn!(key = %key.display(), "every user can read the TLS key (mode {mode:03o}): chmod 600 it");
        }
    }
}

/// Returns when a certificate expires.
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
