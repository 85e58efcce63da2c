//! Copies of the database: one a day and one before each upgrade, the last seven kept; and the way back.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::backup::Backup;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::store::{FILE, schema_known};
use super::{Result, StorageError, Store};

/// The folder of copies beside the database.
pub const FOLDER: &str = "backups";
/// How many copies are kept.
pub const KEPT_MAX: usize = 7;

/// One copy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Copy {
    /// Where it lies.
    pub path: PathBuf,
    /// When it was made: the moment stands in its name.
    pub at: DateTime<Utc>,
    /// Its size.
    pub bytes: u64,
}

/// Copies an open database, also while others write, and lets the oldest copies go.
///
/// The copy is complete before it gets its name, so a copy that can be seen is a copy that can be restored.
pub fn copy(connection: &Connection, database: &Path, now: DateTime<Utc>, why: &str) -> Result<PathBuf> {
    let folder = database.with_file_name(FOLDER);
    let file = |path: &Path| {
        let path = path.to_owned();
        move |source| StorageError::File { path, source }
    };
    std::fs::create_dir_all(&folder).map_err(file(&folder))?;
    let target = folder.join(format!("counterfoil-{}-{why}.db", now.format("%Y%m%dT%H%M%S%3fZ")));
    let unfinished = target.with_extension("part");
    let copied = (|| {
        let mut copy = Connection::open(&unfinished)?;
        Backup::new(connection, &mut copy)?.run_to_completion(1024, Duration::ZERO, None)?;
        // A copy is one file: no log beside it that could be forgotten.
        copy.pragma_update(None, "journal_mode", "DELETE")?;
        copy.close().map_err(|(_, error)| error)
    })();
    if let Err(error) = copied {
        let _ = std::fs::remove_file(&unfinished);
        return Err(error.into());
    }
    std::fs::rename(&unfinished, &target).map_err(file(&target))?;
    // Seven of each kind: copies that somebody asked for don't push out those that came by themselves.
    let same = |copy: &Copy| copy.path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with(&format!("-{why}")));
    for old in list(database)?.into_iter().filter(same).skip(KEPT_MAX) {
        std::fs::remove_file(&old.path).map_err(file(&old.path))?;
    }
    Ok(target)
}

/// All copies of this database, newest first.
pub fn list(database: &Path) -> Result<Vec<Copy>> {
    let folder = database.with_file_name(FOLDER);
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(StorageError::File { path: folder, source }),
    };
    let mut copies: Vec<Copy> = entries
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "db"))
        .filter_map(|entry| Some(Copy { at: moment_in(&entry.path())?, bytes: entry.metadata().ok()?.len(), path: entry.path() }))
        .collect();
    copies.sort_by_key(|copy| std::cmp::Reverse(copy.at));
    Ok(copies)
}

/// The file that SQLite keeps beside a database: its log (`-wal`) or the log's index (`-shm`).
fn beside(database: &Path, part: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(part);
    PathBuf::from(name)
}

/// The moment in the name of a copy; other files in the folder have none.
fn moment_in(path: &Path) -> Option<DateTime<Utc>> {
    let stamp = path.file_name()?.to_str()?.strip_prefix("counterfoil-")?.get(..19)?;
    Some(chrono::NaiveDateTime::parse_from_str(stamp, "%Y%m%dT%H%M%S%3fZ").ok()?.and_utc())
}

/// Makes the day's copy (by UTC) if there is none yet.
pub fn daily(store: &Store, now: DateTime<Utc>) -> Result<Option<PathBuf>> {
    let today = format!("counterfoil-{}", now.format("%Y%m%d"));
    let is_of_today = |copy: &Copy| {
        copy.path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(&today) && name.ends_with("-daily.db"))
    };
    if list(store.path())?.iter().any(is_of_today) {
        return Ok(None);
    }
    copy(store.reader(), store.path(), now, "daily").map(Some)
}

/// Fails where another process has the database open: it would go on writing into the file that is moved away, and what it
/// confirms from then on would be lost. A file that is too damaged to be opened is open nowhere.
fn alone(database: &Path) -> Result<()> {
    if !database.exists() {
        return Ok(());
    }
    let asked = (|| {
        let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        // What is replaced is kept as it is, its log included.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        connection.busy_timeout(Duration::ZERO)?;
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
    })();
    match asked.map_err(StorageError::from) {
        Err(StorageError::Busy(_)) => Err(StorageError::InUse),
        _ => Ok(()),
    }
}

/// Whether this copy is a shop's database that this program can open. An empty file is a sound database too, but nobody's shop.
fn sound(copy: &Path) -> Result<()> {
    let look = Connection::open(copy).and_then(|connection| {
        // Folds a log in that lies beside the copy, so that the copy is one file.
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        let answer: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        let schema: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        Ok((answer == "ok" && connection.table_exists(None, "shop")?, schema))
    });
    let known = schema_known();
    match look.map_err(StorageError::from) {
        Ok((true, found)) if found > known => Err(StorageError::Newer { found, known }),
        Ok((true, _)) => Ok(()),
        Ok((false, _)) | Err(StorageError::Damaged(_)) => Err(StorageError::Stored { what: "copy" }),
        Err(error) => Err(error),
    }
}

/// Puts a copy in the database's place. What was there is kept beside it under a name that says so; its path is returned.
///
/// The copy is opened and checked first: a damaged copy replaces nothing.
pub fn restore(folder: &Path, copy: &Path, now: DateTime<Utc>) -> Result<Option<PathBuf>> {
    let database = folder.join(FILE);
    let file = |path: &Path| {
        let path = path.to_owned();
        move |source| StorageError::File { path, source }
    };
    if !copy.exists() {
        return Err(StorageError::Missing(copy.to_owned()));
    }
    std::fs::create_dir_all(folder).map_err(file(folder))?;
    let incoming = database.with_extension("incoming");
    std::fs::copy(copy, &incoming).map_err(file(copy))?;
    // What was put aside after a power cut has its last sales in the log beside it.
    let (log, incoming_log) = (beside(copy, "-wal"), beside(&incoming, "-wal"));
    if log.exists() {
        std::fs::copy(&log, &incoming_log).map_err(file(&log))?;
    }
    let looked = sound(&incoming);
    let _ = (std::fs::remove_file(&incoming_log), std::fs::remove_file(beside(&incoming, "-shm")));
    if let Err(error) = looked {
        let _ = std::fs::remove_file(&incoming);
        return Err(error);
    }
    std::fs::File::open(&incoming).and_then(|incoming| incoming.sync_all()).map_err(file(&incoming))?;
    if let Err(error) = alone(&database) {
        let _ = std::fs::remove_file(&incoming);
        return Err(error);
    }
    let kept = database.with_file_name(format!("counterfoil-replaced-{}.db", now.format("%Y%m%dT%H%M%S%3fZ")));
    let was_there = database.exists();
    if was_there {
        // The log belongs to the file it lies beside: they move together.
        for part in ["", "-wal", "-shm"] {
            let (from, to) = (beside(&database, part), beside(&kept, part));
            if from.exists() {
                std::fs::rename(&from, &to).map_err(file(&from))?;
            }
        }
    }
    std::fs::rename(&incoming, &database).map_err(file(&database))?;
    Ok(was_there.then_some(kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_shop_comes_back_and_only_where_nobody_works() {
        let folder = tempfile::tempdir().unwrap();
        let now = Utc::now();
        let store = Store::create(folder.path(), now).unwrap();
        let good = copy(store.reader(), store.path(), now, "asked").unwrap();
        let restore = |copy: &Path| restore(folder.path(), copy, now);
        let database = || std::fs::read(folder.path().join(FILE)).unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };

        let as_it_was = database();
        assert!(matches!(restore(&good), Err(StorageError::InUse)));
        assert_eq!(database(), as_it_was);
        drop(store);

        let as_it_was = database();
        for other in [file("empty.db", b""), file("list.csv", b"Name,Email\n".repeat(400).as_slice())] {
            assert!(matches!(restore(&other), Err(StorageError::Stored { what: "copy" })), "{other:?}");
        }
        let newer = folder.path().join("newer.db");
        std::fs::copy(&good, &newer).unwrap();
        Connection::open(&newer).unwrap().pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(restore(&newer), Err(StorageError::Newer { found: 99, .. })));
        assert_eq!(database(), as_it_was);

        assert!(restore(&good).unwrap().unwrap().exists());
        Store::open(folder.path(), now).unwrap();
    }
}
