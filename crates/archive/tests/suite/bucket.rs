//! A bucket does what a folder does. `tests/clients/test_archive.py` runs this against an S3 server that it starts.

use rollcall_archive::{Archive, ArchiveError, FileInfo, Location};
use rollcall_model::{BitrateBps, Millis, Minute, QosMinute, StreamQos, StreamState};

use crate::world::{begin, list, numbered, partition, read, write_numbered};

/// The archive under a prefix of its own in the bucket `rollcall` of the server that the environment names.
fn bucket(prefix: &str) -> Archive {
    let location: Location = format!("s3://rollcall/{prefix}").parse().unwrap();
    Archive::open(&location).unwrap()
}

#[tokio::test]
#[ignore = "needs an S3 server"]
async fn a_bucket_keeps_files_as_a_folder_does() {
    let archive = bucket("kept/here");
    let FileInfo { path, rows, bytes } = write_numbered(&archive, "a==", 0..5_000).await;
    assert_eq!(list(&archive).await, std::slice::from_ref(&path));
    let expected: Vec<_> = (2_000..2_100).map(|n| (u64::from(n), numbered(n))).collect();
    assert_eq!(read(&archive, &path, std::slice::from_ref(&(2_000..2_100))).await, expected);
    let verified = bucket("kept/here").verify(&path).await.unwrap();
    assert_eq!((verified.rows, verified.bytes), (rows, bytes));
    assert_eq!(list(&bucket("kept/elsewhere")).await, []);
    archive.delete(&path).await.unwrap();
    archive.delete(&path).await.unwrap();
    assert!(matches!(archive.verify(&path).await, Err(ArchiveError::Missing { .. })));
    assert_eq!(list(&archive).await, []);
}

/// A minute that packs badly.
fn noisy(n: u32) -> QosMinute {
    let mut minute = QosMinute::new(Minute(n));
    let mut noise = n;
    let mut next = || {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        noise
    };
    for state in &mut minute.streams {
        *state = StreamState::Measured(StreamQos {
            bitrate: Some(BitrateBps(next())),
            latency: Some(Millis(next())),
            jitter: Some(Millis(next())),
            ..StreamQos::default()
        });
    }
    minute
}

#[tokio::test]
#[ignore = "needs an S3 server"]
async fn a_long_file_is_sent_in_parts() {
    let archive = bucket("long");
    let mut writer = archive.minute_writer(&partition()).await.unwrap();
    begin(&mut writer, "a==", "1");
    for n in 0..60_000 {
        writer.write(&noisy(n)).unwrap();
    }
    let info = writer.finish().await.unwrap();
    assert!(info.bytes > 8 << 20, "{}", info.bytes);
    let expected: Vec<_> = (59_000..59_010).map(|n| (u64::from(n), noisy(n))).collect();
    assert_eq!(read(&bucket("long"), &info.path, std::slice::from_ref(&(59_000..59_010))).await, expected);
    let dropped = archive.minute_writer(&partition()).await.unwrap();
    drop(dropped);
    assert_eq!(list(&archive).await, [info.path]);
}

#[tokio::test]
async fn a_bucket_that_does_not_answer_is_named() {
    let location: Location = "s3://rollcall/nowhere".parse().unwrap();
    let environment = [
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
        ("AWS_ACCESS_KEY_ID", "id"),
        ("AWS_SECRET_ACCESS_KEY", "a secret"),
        ("AWS_REGION", "us-east-1"),
    ];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let archive = Archive::open_in(&location, environment).unwrap();
    let path = "qos_minutes/account=a/day=2026-03-01/x.parquet".parse().unwrap();
    let error = archive.verify(&path).await.unwrap_err();
    let told = format!("{error}: {error:?}");
    assert!(told.contains("reading qos_minutes/account=a/day=2026-03-01/x.parquet"), "{told}");
    assert!(!told.contains("a secret"), "{told}");
}
