//! The options of curl and their meaning.

/// How to handle an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// It does not affect the request, or every program does it.
    Nothing,
    /// The same, with a value.
    Ignored,
    /// Brackets and braces in the URL are literal.
    OneAddress,
    /// Programs omit it, with a warning.
    Warns(&'static str),
    WarnsWithValue(&'static str),
    /// The request would differ without it.
    Refused,
    Method,
    Head,
    Get,
    Url,
    Header,
    HeaderNamed(&'static str),
    Cookie,
    Data,
    DataRaw,
    DataBinary,
    DataEncoded,
    UrlQuery,
    Json,
    Form,
    FormString,
    User,
    Token,
    Upload,
}

use Takes::{
    Cookie, Data, DataBinary, DataEncoded, DataRaw, Form, FormString, Get, Head, Header, HeaderNamed, Ignored, Json,
    Method, Nothing, OneAddress, Refused, Token, Upload, Url, UrlQuery, User, Warns, WarnsWithValue,
};

const CHECKED: &str = "programs check certificates";
const PROXY: &str = "set HTTPS_PROXY in the environment, if the library reads it";

/// Letter (`\0` if there is none), name, meaning.
const OPTIONS: &[(char, &str, Takes)] = &[
    ('X', "--request", Method),
    ('I', "--head", Head),
    ('G', "--get", Get),
    ('\0', "--url", Url),
    ('H', "--header", Header),
    ('A', "--user-agent", HeaderNamed("User-Agent")),
    ('e', "--referer", HeaderNamed("Referer")),
    ('r', "--range", HeaderNamed("Range")),
    ('b', "--cookie", Cookie),
    ('d', "--data", Data),
    ('\0', "--data-ascii", Data),
    ('\0', "--data-raw", DataRaw),
    ('\0', "--data-binary", DataBinary),
    ('\0', "--data-urlencode", DataEncoded),
    ('\0', "--url-query", UrlQuery),
    ('\0', "--json", Json),
    ('F', "--form", Form),
    ('\0', "--form-string", FormString),
    ('u', "--user", User),
    ('\0', "--oauth2-bearer", Token),
    ('T', "--upload-file", Upload),
    ('k', "--insecure", Warns(CHECKED)),
    ('x', "--proxy", WarnsWithValue(PROXY)),
    ('U', "--proxy-user", Ignored),
    ('\0', "--noproxy", Ignored),
    ('\0', "--cacert", WarnsWithValue("programs trust the system's certificates")),
    ('\0', "--capath", WarnsWithValue("programs trust the system's certificates")),
    ('c', "--cookie-jar", WarnsWithValue("programs store no cookies")),
    ('s', "--silent", Nothing),
    ('S', "--show-error", Nothing),
    ('L', "--location", Nothing),
    ('\0', "--location-trusted", Nothing),
    ('i', "--include", Nothing),
    ('\0', "--show-headers", Nothing),
    ('v', "--verbose", Nothing),
    ('f', "--fail", Nothing),
    ('\0', "--fail-with-body", Nothing),
    ('\0', "--fail-early", Nothing),
    ('\0', "--compressed", Nothing),
    ('\0', "--http1.1", Nothing),
    ('0', "--http1.0", Nothing),
    ('\0', "--http2", Nothing),
    ('\0', "--http2-prior-knowledge", Nothing),
    ('\0', "--http3", Nothing),
    ('#', "--progress-bar", Nothing),
    ('\0', "--no-progress-meter", Nothing),
    ('g', "--globoff", OneAddress),
    ('N', "--no-buffer", Nothing),
    ('q', "--disable", Nothing),
    ('j', "--junk-session-cookies", Nothing),
    ('J', "--remote-header-name", Nothing),
    ('O', "--remote-name", Nothing),
    ('4', "--ipv4", Nothing),
    ('6', "--ipv6", Nothing),
    ('1', "--tlsv1", Nothing),
    ('\0', "--tlsv1.2", Nothing),
    ('\0', "--tlsv1.3", Nothing),
    ('\0', "--ssl-no-revoke", Nothing),
    ('\0', "--path-as-is", Nothing),
    ('\0', "--basic", Nothing),
    ('\0', "--create-dirs", Nothing),
    ('\0', "--retry-all-errors", Nothing),
    ('\0', "--retry-connrefused", Nothing),
    ('\0', "--tcp-nodelay", Nothing),
    ('o', "--output", Ignored),
    ('\0', "--output-dir", Ignored),
    ('m', "--max-time", Ignored),
    ('\0', "--connect-timeout", Ignored),
    ('\0', "--max-redirs", Ignored),
    ('\0', "--retry", Ignored),
    ('\0', "--retry-delay", Ignored),
    ('\0', "--retry-max-time", Ignored),
    ('\0', "--keepalive-time", Ignored),
    ('\0', "--limit-rate", Ignored),
    ('w', "--write-out", Ignored),
    ('D', "--dump-header", Ignored),
    ('\0', "--stderr", Ignored),
    ('\0', "--trace", Ignored),
    ('\0', "--trace-ascii", Ignored),
    ('y', "--speed-time", Ignored),
    ('Y', "--speed-limit", Ignored),
    ('E', "--cert", Refused),
    ('\0', "--key", Refused),
    ('\0', "--digest", Refused),
    ('\0', "--ntlm", Refused),
    ('\0', "--negotiate", Refused),
    ('\0', "--anyauth", Refused),
    ('\0', "--aws-sigv4", Refused),
    ('n', "--netrc", Refused),
    ('\0', "--netrc-file", Refused),
    ('K', "--config", Refused),
    ('\0', "--resolve", Refused),
    ('\0', "--connect-to", Refused),
    ('\0', "--interface", Refused),
    ('\0', "--unix-socket", Refused),
    ('\0', "--request-target", Refused),
    (':', "--next", Refused),
    ('Z', "--parallel", Refused),
    ('z', "--time-cond", Refused),
    ('C', "--continue-at", Refused),
    ('\0', "--socks5", Refused),
    ('\0', "--socks5-hostname", Refused),
];

impl Takes {
    fn has_value(self) -> bool {
        !matches!(self, Nothing | Warns(_) | Refused | Head | Get)
    }
}

/// Returns the option with this name, `--name`.
pub(super) fn option_of(name: &str) -> Option<Takes> {
    OPTIONS.iter().find(|(_, known, _)| *known == name).map(|(_, _, takes)| *takes)
}

/// Returns the options in a word such as `-fsSL` or `-XPOST`, each with its letter and a value in the same word. The
/// error is the unknown option.
pub(super) fn short_options(word: &str) -> Result<Vec<(String, Takes, Option<String>)>, String> {
    let mut found = Vec::new();
    for (at, letter) in word.char_indices().skip(1) {
        let known = OPTIONS.iter().find(|(known, _, _)| *known == letter).map(|(_, _, takes)| *takes);
        let takes = known.ok_or_else(|| format!("-{letter}"))?;
        let rest = &word[at + letter.len_utf8()..];
        if takes.has_value() {
            found.push((format!("-{letter}"), takes, (!rest.is_empty()).then(|| rest.to_owned())));
            break;
        }
        found.push((format!("-{letter}"), takes, None));
    }
    Ok(found)
}
