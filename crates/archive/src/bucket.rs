//! Buckets of S3 and compatible services.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    time::Duration,
};

use object_store::{
    ObjectStore, ObjectStoreExt as _, Result, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey},
    path::Path,
};

/// Part size of uploads; S3 requires at least 5 MiB.
const PART_BYTES: u64 = 8 << 20;

/// How long a failed request is retried: somebody may be waiting for a page.
const RETRY_TIMEOUT: Duration = Duration::from_secs(20);

/// Opens a bucket with the settings in the `AWS_…` variables, as named by AWS's own tools.
///
/// # Errors
/// If a setting is missing or invalid. The first request shows whether the bucket responds.
pub fn open(bucket: &str, environment: impl IntoIterator<Item = (String, String)>) -> Result<AmazonS3> {
    // The client uses the process's TLS provider. An existing one stays.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let retry = RetryConfig { max_retries: 5, retry_timeout: RETRY_TIMEOUT, ..RetryConfig::default() };
    let mut builder = AmazonS3Builder::new().with_retry(retry);
    let settings = environment.into_iter().filter(|(name, _)| name.starts_with("AWS_"));
    for (name, value) in settings {
        let Ok(key) = name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>() else { continue };
        // The scheme of an endpoint determines whether it uses plain HTTP.
        if key == AmazonS3ConfigKey::Endpoint && value.starts_with("http://") {
            builder = builder.with_allow_http(true);
        }
        builder = builder.with_config(key, value);
    }
    builder.with_bucket_name(bucket).build()
}

/// Sends a file to a bucket, in parts if it is long; a failed part leaves nothing visible.
pub(crate) async fn send(store: &dyn ObjectStore, key: &Path, mut file: File) -> Result<u64> {
    let failed = |source: io::Error| object_store::Error::Generic { store: "spool", source: source.into() };
    let bytes = file.seek(SeekFrom::End(0)).map_err(failed)?;
    file.rewind().map_err(failed)?;
    if bytes <= PART_BYTES {
        store.put(key, read_part(&mut file).map_err(failed)?.into()).await?;
        return Ok(bytes);
    }
    let mut upload = store.put_multipart(key).await?;
    let sent = async {
        loop {
            let part = read_part(&mut file).map_err(failed)?;
            if part.is_empty() {
                return upload.complete().await;
            }
            upload.put_part(part.into()).await?;
        }
    }
    .await;
    if sent.is_err() {
        // Remaining parts are invisible; a rule of the bucket can remove what this cannot.
        let _ = upload.abort().await;
    }
    sent.map(|_| bytes)
}

fn read_part(file: &mut File) -> io::Result<Vec<u8>> {
    let mut part = Vec::new();
    file.take(PART_BYTES).read_to_end(&mut part)?;
    Ok(part)
}
