//! HTTPS in the server itself: accepted and refused connections, and certificates that change while it runs.

use std::{path::Path, sync::Arc, time::Duration};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rollcall_http::{Tls, serve};
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsConnector;
use tokio_util::sync::CancellationToken;

use crate::zoom::World;

/// Longer than the server takes to notice a changed file.
const SOON: Duration = Duration::from_secs(30);

fn certificate() -> CertifiedKey<rcgen::KeyPair> {
    generate_simple_self_signed(["localhost".to_owned()]).unwrap()
}

fn write(folder: &Path, certificate: &CertifiedKey<rcgen::KeyPair>) {
    std::fs::write(folder.join("cert.pem"), certificate.cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), certificate.signing_key.serialize_pem()).unwrap();
}

fn load(folder: &Path) -> Result<Arc<Tls>, rollcall_http::TlsError> {
    Tls::load(&folder.join("cert.pem"), &folder.join("key.pem"))
}

/// Requests the server's health, trusting only `certificate`.
async fn ask(address: std::net::SocketAddr, certificate: &CertifiedKey<rcgen::KeyPair>) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.cert.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let connector = TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth()));
    let stream = TcpStream::connect(address).await?;
    let mut stream = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8(answer).unwrap())
}

#[tokio::test]
async fn a_certificate_that_changes_is_served_to_new_connections_and_a_broken_one_never() {
    let world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (certificate(), certificate());
    write(folder.path(), &first);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let tls = Some(load(folder.path()).unwrap());
    let served = tokio::spawn(serve(Arc::clone(&world.app), listener, tls, stop.clone()));
    assert!(ask(address, &first).await.unwrap().starts_with("HTTP/1.1 200"));
    ask(address, &second).await.unwrap_err();

    // Half a renewal: the new key with the old certificate.
    std::fs::write(folder.path().join("key.pem"), second.signing_key.serialize_pem()).unwrap();
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert!(ask(address, &first).await.unwrap().starts_with("HTTP/1.1 200"));

    write(folder.path(), &second);
    tokio::time::timeout(SOON, async {
        while ask(address, &second).await.is_err() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
    .await
    .unwrap();
    ask(address, &first).await.unwrap_err();

    // A client that speaks plain HTTP here gets no response, and does not affect others.
    let mut plain = TcpStream::connect(address).await.unwrap();
    plain.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"));
    assert!(ask(address, &second).await.unwrap().starts_with("HTTP/1.1 200"));

    stop.cancel();
    tokio::time::timeout(SOON, served).await.unwrap().unwrap().unwrap();
}

#[test]
fn what_cannot_be_served_with_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let problem = |folder: &Path| load(folder).map(|_| ()).unwrap_err().to_string();
    assert!(problem(folder.path()).contains("cert.pem"));
    let (one, other) = (certificate(), certificate());
    write(folder.path(), &one);
    std::fs::write(folder.path().join("key.pem"), other.signing_key.serialize_pem()).unwrap();
    assert!(problem(folder.path()).contains("cannot be used together"));
    std::fs::write(folder.path().join("key.pem"), "no key").unwrap();
    assert!(problem(folder.path()).contains("key.pem contains no private key"));
    std::fs::write(folder.path().join("cert.pem"), "").unwrap();
    assert!(problem(folder.path()).contains("cert.pem contains no certificate"));
}
