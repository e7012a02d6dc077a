//! Checks of `doctor` for access by others: file modes, the certificate, the listener.

use std::{fs, io, path::Path};

use rollcall_http::Tls;
use rollcall_model::{Clock as _, SystemClock};

use super::doctor::Findings;
use crate::{config::Config, data::DataDir, failure::Failure};

/// A certificate that expires sooner than this is a problem: renewals happen a month ahead.
const LEAST_CERTIFICATE_DAYS: i64 = 14;
const DAY_SECONDS: i64 = 24 * 3600;
/// Maximum number of exposed files and folders that are listed one by one.
const NAMED: usize = 5;

/// Checks who else can read the stored data.
pub(super) fn check(findings: &mut Findings, config: &Config, data: &DataDir) -> Result<(), Failure> {
    check_modes(findings, config, data)?;
    if let Err(refused) = config.check_listener(config.server.listen) {
        findings.problem(
            "listener",
            &refused.into_message(),
            "set server.tls_cert and server.tls_key, or server.behind_proxy",
        )?;
    }
    match config.tls_files() {
        None => Ok(()),
        Some((cert, key)) => check_certificate(findings, cert, key),
    }
}

fn check_modes(findings: &mut Findings, config: &Config, data: &DataDir) -> Result<(), Failure> {
    let check = "file modes";
    let mut open = Vec::new();
    let archive = match config.archive_location(data.path())? {
        rollcall_archive::Location::Folder(folder) => Some(folder),
        rollcall_archive::Location::S3 { .. } => None,
    };
    let mut folders = vec![data.path().to_owned()];
    folders.extend(archive.filter(|folder| !folder.starts_with(data.path())));
    while let Some(folder) = folders.pop() {
        note_open(&folder, &mut open)?;
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            // A running server deletes files meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(Failure::context(folder.display(), &error)),
        };
        for entry in entries.filter_map(Result::ok) {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() => note_open(&entry.path(), &mut open)?,
                _ => {}
            }
        }
    }
    if open.is_empty() {
        return findings.fine(check, "only this user can read the stored data");
    }
    let named = open.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    let what = format!("other users can read {} files or folders: {named}", open.len());
    findings.problem(check, &what, &format!("chmod -R go= {}", data.path().display()))
}

/// Adds what others can read to `open`, with its mode.
fn note_open(path: &Path, open: &mut Vec<String>) -> Result<(), Failure> {
    #[cfg(unix)]
    match fs::symlink_metadata(path) {
        Ok(metadata) => {
            let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
            if mode & 0o077 != 0 {
                open.push(format!("{} ({mode:03o})", path.display()));
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(Failure::context(path.display(), &error)),
    }
    Ok(())
}

fn check_certificate(findings: &mut Findings, cert: &Path, key: &Path) -> Result<(), Failure> {
    let check = "certificate";
    #[cfg(unix)]
    if let Ok(metadata) = fs::metadata(key) {
        let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
        if mode & 0o007 != 0 {
            let what = format!("every user can read the key {} (mode {mode:03o})", key.display());
            findings.problem(check, &what, &format!("chmod 600 {}", key.display()))?;
        }
    }
    let tls = match Tls::load(cert, key) {
        Ok(tls) => tls,
        Err(error) => {
            return findings.problem(
                check,
                &error.to_string(),
                "set server.tls_cert and server.tls_key to PEM files that match",
            );
        }
    };
    let Some(end) = tls.ends() else { return findings.fine(check, "certificate and key match") };
    let days = (end.as_seconds() - SystemClock.now().as_seconds()).div_euclid(DAY_SECONDS);
    let what = match days {
        ..0 => format!("the certificate expired on {end}"),
        days => format!("the certificate expires in {days} days, on {end}"),
    };
    if days < LEAST_CERTIFICATE_DAYS {
        findings.problem(check, &what, "renew it; a running server loads the new files automatically")
    } else {
        findings.fine(check, &what)
    }
}
