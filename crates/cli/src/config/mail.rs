//! `[mail]`: the server through which subscriptions are sent.

use std::net::IpAddr;

use rollcall_mail::{Mailbox, SmtpSettings, TlsMode};
use rollcall_model::Secret;

use super::{
    Config,
    providers::{ReadSecret, SecretPlace, read_secret},
    sections::{MailSection, MailTls},
};
use crate::failure::Failure;

impl Config {
    /// Returns the mail server, with its password; `None` if no mail is sent.
    pub(crate) fn mail(&self) -> Result<Option<SmtpSettings>, Failure> {
        self.mail.read(&self.server.public_url, &read_secret).map_err(Failure::new)
    }
}

impl MailSection {
    /// Checks the settings, and reads the password with `read`. `None` if no mail is sent. `public_url` is the server's.
    pub(super) fn read(&self, public_url: &str, read: ReadSecret<'_>) -> Result<Option<SmtpSettings>, String> {
        if self.server.is_empty() {
            return Ok(None);
        }
        if self.server.chars().any(|char| char.is_control() || char.is_whitespace()) {
            return Err("`mail.server` must be the name of a mail server".to_owned());
        }
        if self.port == 0 {
            return Err("`mail.port` must be at least 1".to_owned());
        }
        let Some(host) = host_of(public_url) else {
            let needs =
                "`mail.server` needs `server.public_url`, such as https://rollcall.example.com: mails have links";
            return Err(needs.to_owned());
        };
        let from: Mailbox = self.from.parse().map_err(|_| {
            format!("`mail.from` ({}) must be an address, such as Rollcall <rollcall@example.com>", self.from)
        })?;
        let tls = match self.tls {
            MailTls::StartTls => TlsMode::StartTls,
            MailTls::Tls => TlsMode::Tls,
            MailTls::None => TlsMode::None,
        };
        if tls == TlsMode::None && !is_this_machine(&self.server) {
            return Err("`mail.tls` can be none only for a server on this machine".to_owned());
        }
        let credentials = self.credentials(read)?;
        let (server, port, hello) = (self.server.clone(), self.port, host.to_owned());
        Ok(Some(SmtpSettings { server, port, tls, from, credentials, hello }))
    }

    fn credentials(&self, read: ReadSecret<'_>) -> Result<Option<(String, Secret)>, String> {
        let has_file = !self.password_file.as_os_str().is_empty();
        let (key, place) = match (self.password_env.as_str(), has_file) {
            ("", false) if self.user.is_empty() => return Ok(None),
            ("", false) => return Err("`mail.user` needs `mail.password_env` or `mail.password_file`".to_owned()),
            _ if self.user.is_empty() => return Err("`mail.user` is missing: whose password is it?".to_owned()),
            ("", true) => ("password_file", SecretPlace::File(&self.password_file)),
            (variable, false) => ("password_env", SecretPlace::Variable(variable)),
            (_, true) => return Err("`mail.password_env` and `mail.password_file` exclude each other".to_owned()),
        };
        let password = read(place).map_err(|problem| format!("`mail.{key}` {problem}"))?;
        Ok(Some((self.user.clone(), password)))
    }
}

/// Returns the host of a URL, without its port.
fn host_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split('/').next()?;
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    (!host.is_empty()).then_some(host)
}

fn is_this_machine(server: &str) -> bool {
    server == "localhost" || server.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &str, public_url: &str) -> Result<Option<SmtpSettings>, String> {
        let all = "server = ''\nport = 587\ntls = 'starttls'\nfrom = 'a@example.com'\nuser = ''\npassword_env = ''\npassword_file = ''";
        let mut table: toml::Table = all.parse().unwrap();
        table.extend(settings.parse::<toml::Table>().unwrap());
        let section: MailSection = table.try_into().unwrap();
        section.read(public_url, &|_| Ok(Secret::new("s3cret".to_owned())))
    }

    #[test]
    fn a_server_needs_a_sender_and_an_address_for_links_and_never_sends_passwords_in_the_clear() {
        let url = "https://rollcall.example.com:8443/";
        assert!(read("from = ''", "").unwrap().is_none());
        let found = read("server = 'mail.example.com'\nuser = 'u'\npassword_env = 'X'", url).unwrap().unwrap();
        assert_eq!((found.hello.as_str(), found.tls, found.port), ("rollcall.example.com", TlsMode::StartTls, 587));
        assert!(found.credentials.is_some_and(|(_, password)| password.expose() == "s3cret"));
        assert!(read("server = '127.0.0.1'\ntls = 'none'", url).unwrap().unwrap().credentials.is_none());
        for (settings, url, told) in [
            ("server = 'mail'", "", "server.public_url"),
            ("server = \"m\\r\"", url, "mail.server"),
            ("server = 'mail'\nport = 0", url, "mail.port"),
            ("server = 'mail'\nfrom = 'nobody'", url, "mail.from"),
            ("server = 'mail'\nfrom = \"a@b.c\\r\\nBcc: d@e.f\"", url, "mail.from"),
            ("server = 'mail'\ntls = 'none'", url, "mail.tls"),
            ("server = 'mail'\nuser = 'u'", url, "mail.password_env"),
            ("server = 'mail'\npassword_env = 'X'", url, "mail.user"),
            ("server = 'mail'\nuser = 'u'\npassword_env = 'X'\npassword_file = 'y'", url, "exclude"),
        ] {
            let problem = read(settings, url).unwrap_err();
            assert!(problem.contains(told), "{settings}: {problem}");
        }
    }
}
