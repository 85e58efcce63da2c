//! The shop's own mail server: where letters are handed in, and as whom.

use thiserror::Error;

use super::message::one_line;
use super::people::Email;

/// Longest name of a computer (RFC 1035).
const HOST_CHARS_MAX: usize = 253;
/// Longest user or sender's name that makes sense.
const NAME_CHARS_MAX: usize = 200;

/// How the way to the server is closed to others.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Security {
    /// TLS from the first byte (port 465).
    Tls,
    /// TLS after `STARTTLS`, which must be offered (port 587).
    Starttls,
    /// Open, and so only to this computer itself.
    Plain,
}

impl Security {
    /// All of them.
    pub const ALL: [Security; 3] = [Security::Tls, Security::Starttls, Security::Plain];

    /// Its name in the records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Security::Tls => "tls",
            Security::Starttls => "starttls",
            Security::Plain => "plain",
        }
    }

    /// The one with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Security> {
        Security::ALL.into_iter().find(|security| security.name() == name)
    }
}

/// A mail server, and who writes through it. Its password lies in the keyring.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MailServer {
    /// A name or an address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way there is closed to others.
    pub security: Security,
    /// Whom it knows us as; none where it asks for nobody.
    pub user: Option<String>,
    /// The sender's name, as people see it.
    pub from_name: String,
    /// The sender's address, where answers go.
    pub from_address: String,
}

/// Why a mail server can't be used.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum MailServerError {
    /// Not the name of a computer.
    #[error("{0:?} is not a server's name")]
    Host(String),
    /// Not an e-mail address.
    #[error("{0:?} is not an e-mail address")]
    Address(String),
    /// Letters and passwords would go over a network in the open.
    #[error("{0} is not this computer")]
    InTheOpen(String),
}

impl MailServer {
    /// Reads what somebody typed.
    pub fn parse(
        host: &str,
        port: u16,
        security: Security,
        user: Option<&str>,
        from_name: &str,
        from_address: &str,
    ) -> Result<MailServer, MailServerError> {
        let host = host.trim().trim_matches(['[', ']']).to_lowercase();
        let named = host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | ':' | '_'));
        if host.is_empty() || !named || host.chars().count() > HOST_CHARS_MAX || port == 0 {
            return Err(MailServerError::Host(host));
        }
        if security == Security::Plain && !is_this_computer(&host) {
            return Err(MailServerError::InTheOpen(host));
        }
        let address = Email::parse(from_address).map_err(|_| MailServerError::Address(from_address.to_owned()))?;
        let short = |text: &str| one_line(text).chars().take(NAME_CHARS_MAX).collect::<String>();
        let user = user.map(short).filter(|user| !user.is_empty());
        Ok(MailServer { host, port, security, user, from_name: short(from_name), from_address: address.text().to_owned() })
    }
}

/// Whether what is sent there never leaves this computer.
#[must_use]
pub fn is_this_computer(host: &str) -> bool {
    host == "localhost" || host.parse::<core::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_over_a_network_in_the_open() {
        let parse = |host, security| MailServer::parse(host, 25, security, None, "Salon", "salon@shop.example").map(|server| server.host);
        for here in ["localhost", "127.0.0.1", "::1", "[::1]", "127.8.0.1"] {
            assert!(parse(here, Security::Plain).is_ok(), "{here}");
        }
        for there in ["mail.shop.example", "192.168.1.4", "localhost.shop.example", "0.0.0.0"] {
            assert_eq!(parse(there, Security::Plain), Err(MailServerError::InTheOpen(there.to_owned())));
            assert!(parse(there, Security::Tls).is_ok() && parse(there, Security::Starttls).is_ok(), "{there}");
        }
    }

    #[test]
    fn what_is_no_server_or_address_is_refused() {
        let parse = |host, port, from| MailServer::parse(host, port, Security::Tls, Some(" "), "A\r\nBcc: b", from);
        for host in ["", "a b", "https://mail.example", "mail.example/x", "a\r\nb"] {
            assert!(matches!(parse(host, 465, "a@b.example"), Err(MailServerError::Host(_))), "{host:?}");
        }
        assert!(matches!(parse("mail.example", 0, "a@b.example"), Err(MailServerError::Host(_))));
        assert!(matches!(parse("mail.example", 465, "a@b.example\r\nBcc: x@y.example"), Err(MailServerError::Address(_))));
        let server = parse("Mail.Example", 465, "a@b.example").unwrap();
        assert_eq!((server.host.as_str(), server.user, server.from_name.as_str()), ("mail.example", None, "A Bcc: b"));
    }
}
