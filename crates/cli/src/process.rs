//! Process-wide settings: private files and enough descriptors.

use std::{fs, io, path::Path};

use rustix::{
    fs::Mode,
    process::{Resource, Rlimit, geteuid, getrlimit, setrlimit, umask},
};
use tracing::warn;

/// Descriptors reserved for stores, listeners and the process itself; the others can be connections.
const KEPT_DESCRIPTORS: u64 = 512;
/// Minimum number of connections worth serving.
const LEAST_CONNECTIONS: u64 = 16;

/// Makes files that this process creates from now on readable only by its user.
pub(crate) fn make_files_private() {
    umask(Mode::RWXG | Mode::RWXO);
}

/// Removes other users' access to a folder of this program. An earlier version may have granted it.
pub(crate) fn close_folder(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let closed = fs::metadata(folder).and_then(|metadata| {
        if metadata.permissions().mode() & 0o077 == 0 {
            return Ok(());
        }
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
    });
    match closed {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => {
            warn!(folder = %folder.display(), %error, "other users can read this folder; run chmod 700 on it");
        }
    }
}

/// Warns if the server runs as root, which is never necessary.
pub(crate) fn warn_if_root() {
    if geteuid().is_root() {
        warn!("running as root: run Rollcall as a separate user that owns the data folder");
    }
}

/// Raises the soft limit on open files to the hard one. Returns how many connections fit beside other open files, at
/// most `wanted`.
pub(crate) fn connections_that_fit(wanted: usize) -> usize {
    let limits = getrlimit(Resource::Nofile);
    let raised = match (limits.current, limits.maximum) {
        (Some(current), Some(maximum)) if current >= maximum => Some(current),
        (_, maximum) => match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
            Ok(()) => maximum,
            Err(_) => limits.current,
        },
    };
    let fitting = connections_within(raised, wanted);
    if fitting < wanted {
        let limit = raised.unwrap_or(u64::MAX);
        warn!(
            limit,
            connections = fitting,
            "fewer connections than server.max_connections: raise the limit on open files"
        );
    }
    fitting
}

/// Returns how many of `wanted` connections a limit on open files allows; `None` means no limit.
fn connections_within(descriptors: Option<u64>, wanted: usize) -> usize {
    let Some(descriptors) = descriptors else { return wanted };
    // If there are few descriptors, half of them are reserved.
    let free = descriptors.saturating_sub(KEPT_DESCRIPTORS.min(descriptors / 2)).max(LEAST_CONNECTIONS);
    usize::try_from(free).unwrap_or(usize::MAX).min(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_are_kept_for_the_stores() {
        assert_eq!(connections_within(None, 4_096), 4_096);
        assert_eq!(connections_within(Some(1_048_576), 4_096), 4_096);
        assert_eq!(connections_within(Some(4_096), 4_096), 3_584);
        assert_eq!(connections_within(Some(1_024), 4_096), 512);
        assert_eq!(connections_within(Some(256), 4_096), 128);
        assert_eq!(connections_within(Some(8), 4_096), 16);
    }
}
