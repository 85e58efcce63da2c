//! The shop's own texts, and its mail server.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Result, StorageError};
use crate::domain::mail::{MailServer, Security};
use crate::domain::message::{Channel, Text};

/// The shop's own text for a language and channel; none where it uses ours.
pub fn text(connection: &Connection, language: &str, channel: Channel) -> Result<Option<Text>> {
    Ok(connection
        .prepare_cached("SELECT subject, body FROM message_text WHERE language = ?1 AND channel = ?2")?
        .query_row(params![language, channel.name()], |row| Ok(Text { subject: row.get(0)?, body: row.get(1)? }))
        .optional()?)
}

/// Keeps the shop's own text; with none, ours is used again.
pub fn set_text(tx: &Connection, language: &str, channel: Channel, text: Option<&Text>) -> Result<()> {
    match text {
        Some(text) => tx.execute(
            "INSERT INTO message_text (language, channel, subject, body) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (language, channel) DO UPDATE SET subject = ?3, body = ?4",
            params![language, channel.name(), text.subject, text.body],
        )?,
        None => tx.execute("DELETE FROM message_text WHERE language = ?1 AND channel = ?2", params![language, channel.name()])?,
    };
    Ok(())
}

/// The shop's mail server, if one is set up.
pub fn server(connection: &Connection) -> Result<Option<MailServer>> {
    let mut statement = connection.prepare_cached("SELECT * FROM mail_server")?;
    let mut found = statement.query([])?;
    let Some(row) = found.next()? else { return Ok(None) };
    let security: String = row.get("security")?;
    Ok(Some(MailServer {
        host: row.get("host")?,
        port: row.get("port")?,
        security: Security::from_name(&security).ok_or(StorageError::Stored { what: "mail server" })?,
        user: row.get("user")?,
        from_name: row.get("from_name")?,
        from_address: row.get("from_address")?,
    }))
}

/// Keeps the shop's mail server, or forgets it.
pub fn set_server(tx: &Connection, server: Option<&MailServer>) -> Result<()> {
    tx.execute("DELETE FROM mail_server", [])?;
    if let Some(MailServer { host, port, security, user, from_name, from_address }) = server {
        tx.execute(
            "INSERT INTO mail_server (n, host, port, security, user, from_name, from_address) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)",
            params![host, port, security.name(), user, from_name, from_address],
        )?;
    }
    Ok(())
}
