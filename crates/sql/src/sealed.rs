//! Archive files, read through the store for the account of a query.

use std::ops::Range;

use bytes::Bytes;
use rollcall_archive::{ArchiveError, FilePath, ReadBytes, Result};
use rollcall_model::AccountId;

use crate::{SqlError, source::ReadMinutes};

/// Bytes requested at a time: fewer than fit into a frame between processes.
const MAX_BYTES: u64 = 4 << 20;

/// The archive files of an account.
pub(crate) struct FilesOf<'f> {
    pub(crate) minutes: &'f dyn ReadMinutes,
    pub(crate) account: AccountId,
}

impl FilesOf<'_> {
    fn unless_missing<T>(file: &FilePath, read: Result<Option<T>, SqlError>) -> Result<T> {
        match read {
            Ok(Some(read)) => Ok(read),
            Ok(None) => Err(ArchiveError::Missing { file: file.to_string() }),
            Err(error) => Err(ArchiveError::Backend { doing: format!("reading {file}"), source: Box::new(error) }),
        }
    }
}

impl ReadBytes for FilesOf<'_> {
    fn end(&self, file: &FilePath, bytes: u64) -> Result<(Bytes, u64)> {
        Self::unless_missing(file, self.minutes.file_end(self.account, &file.to_string(), bytes))
    }

    fn ranges(&self, file: &FilePath, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        let path = file.to_string();
        let mut read = Vec::with_capacity(ranges.len());
        let mut waiting: Vec<Range<u64>> = Vec::new();
        let mut bytes = 0;
        let mut ask = |waiting: &mut Vec<Range<u64>>| -> Result<()> {
            if !waiting.is_empty() {
                let parts = self.minutes.file_ranges(self.account, &path, waiting);
                read.extend(Self::unless_missing(file, parts)?);
                waiting.clear();
            }
            Ok(())
        };
        for range in ranges {
            bytes += range.end - range.start;
            if bytes > MAX_BYTES {
                ask(&mut waiting)?;
                bytes = range.end - range.start;
            }
            waiting.push(range.clone());
        }
        ask(&mut waiting)?;
        Ok(read)
    }
}
