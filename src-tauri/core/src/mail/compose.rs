//! A letter as it goes over the wire (RFC 5322, MIME). Nothing that people typed can begin another header.

use std::time::SystemTime;

use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, Message, MultiPart, SinglePart};
use lettre::{Address, address::AddressError};

use crate::domain::mail::MailServer;
use crate::domain::message::one_line;
use crate::ports::Letter;

/// The letter, and the two addresses of its envelope.
pub struct Composed {
    pub from: Address,
    pub to: Address,
    pub bytes: Vec<u8>,
}

/// Composes it. What can fail is only an address that the mail's own rules don't know.
pub fn compose(server: &MailServer, letter: &Letter, now: SystemTime) -> Result<Composed, AddressError> {
    let from: Address = server.from_address.parse()?;
    let to: Address = letter.to_address.parse()?;
    let named = |name: &str| Some(one_line(name)).filter(|name| !name.is_empty());
    let message = Message::builder()
        .from(Mailbox::new(named(&server.from_name), from.clone()))
        .to(Mailbox::new(named(&letter.to_name), to.clone()))
        .subject(one_line(&letter.subject))
        .message_id(Some(format!("<{}@{}>", letter.id, from.domain())))
        .date(now);
    let text = SinglePart::plain(letter.body.replace('\n', "\r\n"));
    let message = match &letter.pdf {
        None => message.singlepart(text),
        Some(pdf) => {
            let kind = ContentType::parse("application/pdf").unwrap_or(ContentType::TEXT_PLAIN);
            let file = Attachment::new(one_line(&pdf.name)).body(pdf.bytes.clone(), kind);
            message.multipart(MultiPart::mixed().singlepart(text).singlepart(file))
        }
    };
    // With both addresses read, nothing is missing that a message needs.
    let message = message.map_err(|_| AddressError::InvalidInput)?;
    Ok(Composed { from, to, bytes: message.formatted() })
}
