//! Opening the file, bringing it to this version's schema, and the one way to write.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use rusqlite_migration::{M, Migrations};

use super::{Result, StorageError, backup};

/// The database's name in its data folder.
pub const FILE: &str = "counterfoil.db";

/// How long a write waits for another to finish. An import is one transaction: a million people take half a minute, and a
/// sale at the same time is recorded right after it rather than refused.
const BUSY_WAIT: Duration = Duration::from_secs(90);
/// How often a waiting write looks whether it may go on.
const BUSY_LOOK: Duration = Duration::from_millis(1);
/// How often it does at first: what the sync writes is written in less than [`BUSY_LOOK`].
const BUSY_LOOK_FIRST: Duration = Duration::from_micros(100);
/// How many looks are the first ones.
const BUSY_LOOKS_FIRST: i32 = 30;
/// What writes part after part leaves so long to a write that waits, which looks every [`BUSY_LOOK`].
const TURN: Duration = Duration::from_millis(2);
/// 16 MiB of pages, enough for the inner nodes of every index over a million people.
const CACHE_KIB: i64 = 16 * 1024;
/// What a change to a large part of the file may use: every index of a million people stays in memory while it grows, instead
/// of being written to the log and read back at each step.
const CACHE_MUCH_KIB: i64 = 192 * 1024;
/// From so many pages (8 MiB) on the write-ahead log is folded into the file, between confirmations and never within one.
const WAL_PAGES_MAX: i64 = 4096;
/// What a long list made of the log goes back to the disk once it is folded.
const WAL_BYTES_KEPT: i64 = 16 * 1024 * 1024;
/// SQLite before this has a bug that loses a reset WAL under two processes.
const SQLITE_VERSION_MIN: i32 = 3_051_003;

const MIGRATIONS: &[M<'static>] = &[M::up(include_str!("migrations/0001.sql"))];

/// The newest schema that this program knows.
pub(super) fn schema_known() -> i64 {
    MIGRATIONS.len() as i64
}

/// An open database.
pub struct Store {
    connection: Connection,
    path: PathBuf,
}

impl Store {
    /// Opens the database in this folder, after copying it if it must be migrated.
    pub fn open(folder: &Path, now: DateTime<Utc>) -> Result<Store> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Err(StorageError::Missing(path));
        }
        Store::connect(path, now, MIGRATIONS)
    }

    /// Makes a new database in this folder, or opens the one that is there.
    pub fn create(folder: &Path, now: DateTime<Utc>) -> Result<Store> {
        private_folder(folder).map_err(|source| StorageError::File { path: folder.to_owned(), source })?;
        Store::connect(folder.join(FILE), now, MIGRATIONS)
    }

    fn connect(path: PathBuf, now: DateTime<Utc>, migrations: &[M<'static>]) -> Result<Store> {
        assert!(rusqlite::version_number() >= SQLITE_VERSION_MIN, "built with an SQLite that can lose a write-ahead log");
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(&path, flags)?;
        connection.busy_handler(Some(patience))?;
        connection.set_prepared_statement_cache_capacity(128);
        // Every statement means the same plan whatever is bound: SQLite would plan many of them anew at each use.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        let known = migrations.len() as i64;
        let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if found > known {
            return Err(StorageError::Newer { found, known });
        }
        // Of a new file. A sale touches some fifteen pages and each goes to the log whole: smaller ones are less to wait for.
        connection.pragma_update(None, "page_size", 2048)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        connection.pragma_update(None, "journal_size_limit", WAL_BYTES_KEPT)?;
        if found < known {
            if found > 0 {
                backup::copy(&connection, &path, now, "before-upgrade")?;
            }
            Migrations::from_slice(migrations).to_latest(&mut connection)?;
        }
        Ok(Store { connection, path })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The connection, for reading what one statement can answer.
    #[must_use]
    pub fn reader(&self) -> &Connection {
        &self.connection
    }

    /// A number that differs once another connection has committed something.
    pub fn changes_seen(&self) -> Result<i64> {
        Ok(self.connection.pragma_query_value(None, "data_version", |row| row.get(0))?)
    }

    /// Reads one state of the file in several statements.
    pub fn read<T, E: From<StorageError>>(&self, ask: impl FnOnce(&Connection) -> std::result::Result<T, E>) -> std::result::Result<T, E> {
        let snapshot = self.connection.unchecked_transaction().map_err(StorageError::from)?;
        ask(&snapshot)
    }

    /// Writes all or nothing. When this returns `Ok`, a power cut loses nothing of it.
    pub fn write<T, E: From<StorageError>>(
        &mut self,
        change: impl FnOnce(&Transaction<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StorageError::from)?;
        let done = change(&transaction)?;
        transaction.commit().map_err(StorageError::from)?;
        Ok(done)
    }

    /// [`Store::write`] for a change to a large part of the file.
    pub fn write_much<T, E: From<StorageError>>(
        &mut self,
        change: impl FnOnce(&Transaction<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        self.with_room(|store| store.write(change))
    }

    /// Writes part after part, each in a transaction of its own: a sale must not wait for all of them. What came before an error or a
    /// crash is written.
    pub fn write_in_turns<P, E: From<StorageError>>(
        &mut self,
        parts: impl IntoIterator<Item = P>,
        mut change: impl FnMut(&Transaction<'_>, P) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        for part in parts {
            self.write(|tx| change(tx, part))?;
            self.fold_log()?;
            std::thread::sleep(TURN);
        }
        Ok(())
    }

    fn with_room<T, E: From<StorageError>>(&mut self, job: impl FnOnce(&mut Store) -> std::result::Result<T, E>) -> std::result::Result<T, E> {
        self.connection.pragma_update(None, "cache_size", -CACHE_MUCH_KIB).map_err(StorageError::from)?;
        let done = job(self);
        // The memory goes back; where that fails, the change stands all the same.
        let _ = self.connection.pragma_update(None, "cache_size", -CACHE_KIB);
        let _ = self.connection.release_memory();
        done
    }

    /// Does what [`Store::write`] would, and takes all of it back: for a look at what would happen.
    pub fn rehearse<T, E: From<StorageError>>(
        &mut self,
        change: impl FnOnce(&Transaction<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        self.with_room(|store| {
            let transaction = store.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StorageError::from)?;
            let done = change(&transaction)?;
            transaction.rollback().map_err(StorageError::from)?;
            Ok(done)
        })
    }

    /// Folds a large write-ahead log into the file. Called after a confirmation, so that none waits for it.
    ///
    /// The file of the log keeps its size when it is begun anew, so its pages are asked for, not its length.
    pub fn fold_log(&self) -> Result<()> {
        let (_, pages, folded) = self.log("NOOP")?;
        if pages - folded < WAL_PAGES_MAX {
            return Ok(());
        }
        // Somebody reading an older state only postpones it.
        let (_, pages, folded) = self.log("PASSIVE")?;
        if pages == folded {
            // The head of a new log has a wait of its own: written now, the next sale does not pay for it.
            let version: i64 = self.connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
            self.connection.pragma_update(None, "user_version", version)?;
        }
        Ok(())
    }

    /// Checkpoints in this way. Gives whether somebody was in the way, the pages of the log, and how many of them are in the file.
    fn log(&self, how: &str) -> Result<(i64, i64, i64)> {
        Ok(self.connection.query_row(&format!("PRAGMA wal_checkpoint({how})"), [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?)
    }
}

/// Looks again soon whether the database is free. SQLite's own patience sleeps up to a tenth of a second between two looks, which a
/// customer at the till would feel whenever the sync writes a line.
fn patience(looks: i32) -> bool {
    std::thread::sleep(if looks < BUSY_LOOKS_FIRST { BUSY_LOOK_FIRST } else { BUSY_LOOK });
    BUSY_LOOK * looks.unsigned_abs() < BUSY_WAIT
}

/// Makes the folder, for this user alone: customers' names are nobody else's business. A folder that is there keeps its rights.
fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_go_through_from_an_empty_file() {
        Migrations::from_slice(MIGRATIONS).validate().unwrap();
    }

    /// A file with a day's sales, as the next version of the program finds it.
    fn before_the_upgrade() -> (tempfile::TempDir, PathBuf, DateTime<Utc>) {
        let (folder, now) = (tempfile::tempdir().unwrap(), Utc::now());
        let path = folder.path().join(FILE);
        std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/schemas/0001.db"), &path).unwrap();
        drop(Store::open(folder.path(), now).unwrap());
        (folder, path, now)
    }

    fn upgrade_by(sql: &'static str) -> Vec<M<'static>> {
        MIGRATIONS.iter().cloned().chain([M::up(sql)]).collect()
    }

    /// The day's three sales are there, and the schema is this many steps beyond today's.
    #[track_caller]
    fn assert_whole(store: &Store, steps: i64) {
        let number = |sql| store.reader().query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!((number("SELECT count(*) FROM redemption"), number("PRAGMA user_version")), (3, schema_known() + steps));
        assert_eq!(number("SELECT count(*) FROM sqlite_schema WHERE name = 'later'"), steps);
    }

    #[test]
    fn an_upgrade_copies_the_file_first_and_the_copy_comes_back() {
        let (folder, path, now) = before_the_upgrade();
        let next = upgrade_by("CREATE TABLE later (n INTEGER PRIMARY KEY) STRICT; UPDATE referral_code SET uses = uses + 1;");
        assert_whole(&Store::connect(path.clone(), now, &next).unwrap(), 1);
        let copies = backup::list(&path).unwrap();
        assert!(copies.len() == 1 && copies[0].path.to_string_lossy().ends_with("-before-upgrade.db"), "{copies:?}");
        // Opened once more, nothing is upgraded and nothing copied.
        assert_whole(&Store::connect(path.clone(), now, &next).unwrap(), 1);
        assert_eq!(backup::list(&path).unwrap(), copies);
        // Somebody goes back to the version before: it leaves the file alone, and the copy has every sale.
        assert!(matches!(Store::open(folder.path(), now), Err(StorageError::Newer { .. })));
        backup::restore(folder.path(), &copies[0].path, now).unwrap();
        assert_whole(&Store::open(folder.path(), now).unwrap(), 0);
    }

    #[test]
    fn an_upgrade_that_fails_leaves_the_file_as_it_was() {
        let (folder, path, now) = before_the_upgrade();
        let before = std::fs::read(&path).unwrap();
        let broken =
            upgrade_by("CREATE TABLE later (n INTEGER PRIMARY KEY) STRICT; UPDATE referral_code SET uses = 99; INSERT INTO nowhere VALUES (1);");
        assert!(matches!(Store::connect(path.clone(), now, &broken), Err(StorageError::Sql(_))));
        assert_eq!(std::fs::read(&path).unwrap(), before);
        assert_eq!(backup::list(&path).unwrap().len(), 1);
        assert_whole(&Store::open(folder.path(), now).unwrap(), 0);
    }

    #[test]
    fn a_later_schema_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        Store::create(folder.path(), Utc::now()).unwrap();
        let path = folder.path().join(FILE);
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
        let before = std::fs::read(&path).unwrap();
        assert!(matches!(Store::open(folder.path(), Utc::now()), Err(StorageError::Newer { found: 99, known: 1 })));
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }

    #[test]
    fn a_damaged_file_is_said_to_be_damaged_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        std::fs::write(&path, "this was a database once ".repeat(400)).unwrap();
        let before = std::fs::read(&path).unwrap();
        assert!(matches!(Store::open(folder.path(), Utc::now()), Err(StorageError::Damaged(_))));
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }
}
