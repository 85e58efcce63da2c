//! What can be wrong with the file, told apart by what a person can do about it.

use std::path::PathBuf;

use rusqlite::ErrorCode;
use thiserror::Error;

/// Why the database did not do what it was asked. Nothing was changed.
#[derive(Debug, Error)]
pub enum StorageError {
    /// Somebody else writes; trying again helps.
    #[error("the database is busy")]
    Busy(#[source] rusqlite::Error),
    /// Somebody else has the file open, which must not be taken from under them.
    #[error("the database is in use")]
    InUse,
    /// The file is not, or no longer, a sound database.
    #[error("the database is damaged")]
    Damaged(#[source] rusqlite::Error),
    /// File or folder can't be written.
    #[error("the database can't be written")]
    ReadOnly(#[source] rusqlite::Error),
    /// No room is left on the disk.
    #[error("the disk is full")]
    Full(#[source] rusqlite::Error),
    /// A later version of Counterfoil wrote this file.
    #[error("the database has schema {found}, this program knows {known}")]
    Newer {
        /// Schema of the file.
        found: i64,
        /// Newest schema that this program knows.
        known: i64,
    },
    /// There is no database at this path yet.
    #[error("there is no database at {0}")]
    Missing(PathBuf),
    /// The stored value is not what the schema promises.
    #[error("a stored {what} is not readable")]
    Stored {
        /// Of which kind.
        what: &'static str,
    },
    /// Reading or writing a file beside the database.
    #[error("{path}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The migration did not go through; the file is as it was.
    #[error("the database could not be brought to this version")]
    Migration(#[source] rusqlite_migration::Error),
    /// A person cancelled.
    #[error("cancelled")]
    Cancelled,
    /// Anything else that SQLite says: a defect of this program.
    #[error("the database refused")]
    Sql(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for StorageError {
    fn from(error: rusqlite::Error) -> StorageError {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StorageError::Busy(error),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StorageError::Damaged(error),
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => StorageError::ReadOnly(error),
            Some(ErrorCode::DiskFull) => StorageError::Full(error),
            _ => StorageError::Sql(error),
        }
    }
}

impl From<rusqlite_migration::Error> for StorageError {
    fn from(error: rusqlite_migration::Error) -> StorageError {
        match error {
            rusqlite_migration::Error::RusqliteError { err, .. } => err.into(),
            other => StorageError::Migration(other),
        }
    }
}
