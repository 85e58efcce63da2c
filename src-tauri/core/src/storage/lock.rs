//! One program at a time: a lock on a file beside the database. It goes with the process, however that ends.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::{Result, StorageError};

/// Holds this lock as long as the answer is kept; none if another program holds it.
pub fn hold(folder: &Path, name: &str) -> Result<Option<File>> {
    let path = folder.join(name);
    let file =
        File::options().create(true).truncate(false).write(true).open(&path).map_err(|source| StorageError::File { path: path.clone(), source })?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) => Err(StorageError::File { path, source }),
    }
}
