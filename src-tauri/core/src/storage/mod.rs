//! The truth, in SQLite. All SQL text of the product lives in this folder.
//!
//! One file, one writer at a time: what decides a write is read inside the same `BEGIN IMMEDIATE`, and a write is confirmed
//! after its one fsync (WAL with `synchronous=FULL`).

pub mod audit;
pub mod backup;
pub mod batches;
pub mod brand;
pub mod campaigns;
pub mod cards;
pub mod catalogue;
pub mod conflicts;
pub mod destinations;
pub mod error;
pub mod handouts;
pub mod handover;
pub mod leads;
pub mod ledger;
pub mod operations;
pub mod outbox;
pub mod recording;
pub mod rows;
pub mod search;
pub mod store;
pub mod uploads;
pub mod verify;

pub use error::StorageError;
pub use store::Store;

/// What reading and writing gives.
pub type Result<T> = std::result::Result<T, StorageError>;
