//! The statuses of error responses, the first sentence of each error, and the tracking id of every response.
//!
//! The statuses are those that Webex's reference lists for every operation, and 413 for a body over this server's limit.

use std::fmt;

use rollcall_model::Timestamp;

macro_rules! statuses {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $message:literal;)+) => {
        /// The status of an error response.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Status {
            $($(#[$doc])* $variant,)+
        }

        impl Status {
            /// All of them, ascending.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The HTTP status code.
            #[must_use]
            pub const fn code(self) -> u16 {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            /// Returns the sentence for `message` in the error body: the same for every response with this status.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self {
                    $(Self::$variant => $message,)+
                }
            }
        }
    };
}

statuses! {
    /// The request is wrong.
    BadRequest = 400, "The request is malformed or breaks a rule; 'errors' lists what to fix.";
    /// The token is missing or invalid.
    Unauthorized = 401, "The request needs a valid access token in the Authorization header.";
    /// The token is valid but insufficient.
    Forbidden = 403, "The request was understood but refused, because of a missing scope, a role or a setting.";
    /// The path or resource does not exist.
    NotFound = 404, "This address or the resource that it names does not exist.";
    /// The path exists, but not with this method.
    MethodNotAllowed = 405, "This address does not support the request's method.";
    /// It contradicts what is stored.
    Conflict = 409, "The request conflicts with something that already exists.";
    /// It existed earlier.
    Gone = 410, "The requested resource is no longer available.";
    /// The body is too large.
    PayloadTooLarge = 413, "The request's body is larger than this server accepts.";
    /// The body's type is missing or not supported.
    UnsupportedMediaType = 415, "The request has no content type, or one that is not supported.";
    /// Temporarily.
    Locked = 423, "The requested resource is temporarily locked; wait for the time in Retry-After, if it is sent.";
    /// A file that was not scanned.
    PreconditionRequired = 428, "The file was not scanned for malware and is sent only on explicit request.";
    /// Too often.
    TooManyRequests = 429, "There were too many requests in a short time; wait for the time in Retry-After.";
    /// A fault of the server.
    InternalServerError = 500, "The server failed; its log has the cause under the tracking id.";
    /// A fault of a server behind it.
    BadGateway = 502, "An upstream server sent an invalid response; try again later.";
    /// Overloaded or stopping.
    ServiceUnavailable = 503, "The server is overloaded; try again later.";
    /// Too slow.
    GatewayTimeout = 504, "The response took too long; if the request has 'max', request fewer entries.";
}

impl fmt::Display for Status {
    /// Returns the code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.code().fmt(f)
    }
}

/// The id of one response in the log: 32 upper-case hex digits, `_`, and milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TrackingId(String);

impl TrackingId {
    /// Creates an id from 16 random bytes and the time of the request.
    #[must_use]
    pub fn new(random: [u8; 16], at: Timestamp) -> Self {
        Self(format!("{:032X}_{}", u128::from_be_bytes(random), at.as_millis()))
    }

    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TrackingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_of_the_reference_has_its_own_sentence() {
        let codes: Vec<u16> = Status::ALL.iter().map(|status| status.code()).collect();
        assert_eq!(codes, [400, 401, 403, 404, 405, 409, 410, 413, 415, 423, 428, 429, 500, 502, 503, 504]);
        for (index, status) in Status::ALL.iter().enumerate() {
            assert!(Status::ALL[..index].iter().all(|earlier| earlier.message() != status.message()));
        }
    }

    #[test]
    fn a_tracking_id_is_hex_and_milliseconds() {
        let id = TrackingId::new([0x0A; 16], Timestamp::from_millis(1_661_400_232_754));
        assert_eq!(id.as_str(), "0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A_1661400232754");
        let id = TrackingId::new([0; 16], Timestamp::from_millis(1));
        assert_eq!(id.to_string(), "00000000000000000000000000000000_1");
    }
}
