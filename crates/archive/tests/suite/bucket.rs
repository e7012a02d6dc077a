//! A bucket that does not respond. `tests/clients/test_archive.py` checks with the whole program and an S3 server that
//! a working bucket behaves like a folder.

use rollcall_archive::{Archive, Location};

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
