//! Buckets of S3, and of what speaks as it does.

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

/// How much is sent at once; S3 takes parts of 5 MiB and more.
const PART_BYTES: u64 = 8 << 20;

/// For how long a request that fails is repeated: somebody may wait for a page.
const RETRY_TIMEOUT: Duration = Duration::from_secs(20);

/// Opens a bucket with the settings of the `AWS_…` variables, as AWS's own tools call them.
///
/// # Errors
/// If a setting is missing or makes no sense. Whether the bucket answers shows with the first request.
pub fn open(bucket: &str, environment: impl IntoIterator<Item = (String, String)>) -> Result<AmazonS3> {
    // The client takes the process's provider of ciphers. One that is set already stays.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let retry = RetryConfig { max_retries: 5, retry_timeout: RETRY_TIMEOUT, ..RetryConfig::default() };
    let mut builder = AmazonS3Builder::new().with_retry(retry);
    let settings = environment.into_iter().filter(|(name, _)| name.starts_with("AWS_"));
    for (name, value) in settings {
        let Ok(key) = name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>() else { continue };
        // An endpoint that is named with its scheme says by it whether it speaks in the clear.
        if key == AmazonS3ConfigKey::Endpoint && value.starts_with("http://") {
            builder = builder.with_allow_http(true);
        }
        builder = builder.with_config(key, value);
    }
    builder.with_bucket_name(bucket).build()
}

/// Sends a file to a bucket, in parts where it is long; a part's failure leaves nothing to be seen.
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
        // Parts that stay behind cannot be seen; a rule of the bucket removes what this cannot.
        let _ = upload.abort().await;
    }
    sent.map(|_| bytes)
}

fn read_part(file: &mut File) -> io::Result<Vec<u8>> {
    let mut part = Vec::new();
    file.take(PART_BYTES).read_to_end(&mut part)?;
    Ok(part)
}
