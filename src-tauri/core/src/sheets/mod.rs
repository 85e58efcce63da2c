//! The shop's lists: tables as tills and shops export them come in as rows of text, our own lists go out as CSV.
//!
//! This room knows files, encodings and column headings. It does not know what a valid code or phone number is,
//! and it keeps nothing: the import asks for rows, decides about them, and stores them.
//!
//! A table walks through it like this: [`Sheet::open`] finds out what kind of file it is and where its heading
//! row stands, [`Sheet::suggest`] says which column means what, a person may correct that, and
//! [`Mapping::record`] turns each of [`Sheet::rows`] into a cleaned [`Record`].

mod book;
mod clean;
mod columns;
mod decode;
mod dialect;
mod error;
mod record;
mod sheet;
mod text;
mod vendor;
mod words;
mod write;

#[cfg(test)]
mod tests;

pub use columns::{Column, Mapping};
pub use error::SheetError;
pub use record::Record;
pub use sheet::{Progress, Row, Rows, Sheet};
pub use vendor::Vendor;
pub use write::{SheetWriter, guard, unguard};
