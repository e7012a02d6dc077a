use rollcall_model::{InstanceId, Timestamp};

/// What a sheet was printed from: an instance, and counters that change with its data, its participants and the
/// summaries of their minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SheetKey {
    /// The instance.
    pub instance: InstanceId,
    /// Number of changes of the instance and its participants.
    pub changes: u64,
    /// Time of the last seal; `None` if the instance was never sealed.
    pub sealed_at: Option<Timestamp>,
}

const EXTENSION: &str = ".sheet";
const NEVER_SEALED: &str = "hot";

impl SheetKey {
    pub(crate) fn file_name(&self, form: u64) -> String {
        let sealed = self.sealed_at.map_or_else(|| NEVER_SEALED.to_owned(), |at| at.as_millis().to_string());
        format!("{}-{}-{sealed}-{form:016x}{EXTENSION}", self.instance, self.changes)
    }

    /// Returns the key and the form in a file name.
    pub(crate) fn parse(file_name: &str) -> Option<(Self, u64)> {
        let mut parts = file_name.strip_suffix(EXTENSION)?.split('-');
        let key = Self {
            instance: InstanceId(parts.next()?.parse().ok()?),
            changes: parts.next()?.parse().ok()?,
            sealed_at: match parts.next()? {
                NEVER_SEALED => None,
                millis => Some(Timestamp::from_millis(millis.parse().ok()?)),
            },
        };
        let form = u64::from_str_radix(parts.next()?, 16).ok()?;
        // Only names that this program writes: `+1` parses as a number, too.
        (parts.next().is_none() && key.file_name(form) == file_name).then_some((key, form))
    }
}
