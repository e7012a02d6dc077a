//! Instances in paths (Zoom reference 5).
//!
//! A UUID is standard base64, so it may contain `/`, `+` and `=`. Callers put it into a path raw, percent-encoded once,
//! or percent-encoded twice, as Zoom requires for some UUIDs.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use rollcall_model::MeetingKind;

/// Decodes one path segment to the id that the caller meant: once, and again if an escape is left.
///
/// A decoded id never contains an escape of `/`, `=` or `+`, so a remaining one comes from encoding twice. A raw `+`
/// stays: only form bodies write a blank that way.
#[must_use]
pub fn decode_id(segment: &str) -> String {
    let once = percent_decode_str(segment).decode_utf8_lossy();
    let left_over = |text: &str| {
        text.as_bytes()
            .windows(3)
            .any(|escape| [b"%2f", b"%3d", b"%2b"].iter().any(|e| escape.eq_ignore_ascii_case(*e)))
    };
    if left_over(&once) { percent_decode_str(&once).decode_utf8_lossy().into_owned() } else { once.into_owned() }
}

/// Paths with an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// `metrics/meetings/…` and `metrics/webinars/…`.
    Metrics(MeetingKind),
    /// `past_meetings/…` and `past_webinars/…`.
    Past(MeetingKind),
    /// `report/meetings/…` and `report/webinars/…`.
    Report(MeetingKind),
}

impl Family {
    const ALL: [Self; 6] = [
        Self::Metrics(MeetingKind::Meeting),
        Self::Metrics(MeetingKind::Webinar),
        Self::Past(MeetingKind::Meeting),
        Self::Past(MeetingKind::Webinar),
        Self::Report(MeetingKind::Meeting),
        Self::Report(MeetingKind::Webinar),
    ];

    /// Returns the path before the id, below the API's base.
    const fn prefix(self) -> &'static str {
        match self {
            Self::Metrics(MeetingKind::Meeting) => "metrics/meetings/",
            Self::Metrics(MeetingKind::Webinar) => "metrics/webinars/",
            Self::Past(MeetingKind::Meeting) => "past_meetings/",
            Self::Past(MeetingKind::Webinar) => "past_webinars/",
            Self::Report(MeetingKind::Meeting) => "report/meetings/",
            Self::Report(MeetingKind::Webinar) => "report/webinars/",
        }
    }

    /// Returns whether `tail` may follow an id in this family.
    fn knows_tail(self, tail: &str) -> bool {
        match self {
            Self::Metrics(_) => match tail.strip_prefix("participants") {
                Some("" | "/qos" | "/qos_summary" | "/sharing" | "/satisfaction") => true,
                Some(rest) => rest
                    .strip_prefix('/')
                    .and_then(|rest| rest.strip_suffix("/qos"))
                    .is_some_and(|participant| !participant.is_empty() && !participant.contains('/')),
                None => false,
            },
            Self::Report(_) => matches!(tail, "participants" | "polls" | "qa" | "survey"),
            Self::Past(_) => matches!(tail, "instances" | "participants" | "polls" | "qa" | "absentees"),
        }
    }
}

/// The parts of a path with an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstancePath<'a> {
    /// The path before the id.
    pub family: Family,
    /// The id as in the path: still encoded, and possibly with raw slashes.
    pub id: &'a str,
    /// The path after the id, without its first slash; may be blank.
    pub tail: &'a str,
}

/// Finds the id in a path below the API's base, such as `metrics/meetings/ab/cd==/participants`.
///
/// `None` if the path does not belong to a [`Family`], or contains no id. The id ends where a complete UUID or number
/// ends; otherwise before the longest tail that the family knows; otherwise at the end of the path.
#[must_use]
pub fn split_instance_path(rest: &str) -> Option<InstancePath<'_>> {
    let (family, rest) =
        Family::ALL.into_iter().find_map(|family| rest.strip_prefix(family.prefix()).map(|rest| (family, rest)))?;
    let end = end_of_whole_id(rest).or_else(|| start_of_tail(family, rest)).unwrap_or(rest.len());
    let (id, tail) = rest.split_at(end);
    if id.is_empty() {
        return None;
    }
    Some(InstancePath { family, id, tail: tail.strip_prefix('/').unwrap_or(tail) })
}

/// Returns where the id at the beginning of `rest` ends, if its format determines that.
fn end_of_whole_id(rest: &str) -> Option<usize> {
    const UUID_LENGTH: usize = 24;
    let ends_at = |end: usize| matches!(rest.as_bytes().get(end), None | Some(b'/'));
    if let Some(uuid) = rest.as_bytes().get(..UUID_LENGTH) {
        let (body, padding) = uuid.split_at(UUID_LENGTH - 2);
        let base64 = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
        if padding == b"==" && body.iter().all(base64) && ends_at(UUID_LENGTH) {
            return Some(UUID_LENGTH);
        }
    }
    let segment = rest.split('/').next().unwrap_or(rest);
    let number = !segment.is_empty() && segment.bytes().all(|b| b.is_ascii_digit());
    (number || decode_id(segment).ends_with("==")).then_some(segment.len())
}

/// Returns the position of the slash before the longest tail that `family` knows.
fn start_of_tail(family: Family, rest: &str) -> Option<usize> {
    rest.match_indices('/').map(|(at, _)| at).find(|at| *at > 0 && family.knows_tail(&rest[at + 1..]))
}

/// Returns the path that a client meant: without trailing slashes, with single slashes, and with an encoded UUID.
/// `None` if the path is already in this form.
#[must_use]
pub fn tidy(path: &str) -> Option<String> {
    let has_spare = path.len() > 1 && (path.ends_with('/') || path.contains("//"));
    if !has_spare {
        return canonical(path);
    }
    let trimmed = format!("/{}", path.trim_matches('/'));
    // An instance's id may contain two slashes in a row, so it is encoded before others are merged.
    let (version, rest) = trimmed.split_at(trimmed[1..].find('/').map_or(trimmed.len(), |at| at + 1));
    let joined = if rest.is_empty() { trimmed.clone() } else { format!("{version}/{}", rest.trim_start_matches('/')) };
    let mut tidy = canonical(&joined).unwrap_or(joined);
    while tidy.contains("//") {
        tidy = tidy.replace("//", "/");
    }
    (tidy != path).then_some(tidy)
}

/// Returns the path with the id's slashes encoded. `None` if there are none.
///
/// `path` is a request's path without its query, with or without `/v2`. The meaning stays the same: [`decode_id`]
/// returns the same id for both.
#[must_use]
pub fn canonical(path: &str) -> Option<String> {
    let rest = below_base(path);
    let InstancePath { family, id, .. } = split_instance_path(rest)?;
    if !id.contains('/') {
        return None;
    }
    let start = path.len() - rest.len() + family.prefix().len();
    Some(format!("{}{}{}", &path[..start], id.replace('/', "%2F"), &path[start + id.len()..]))
}

/// Returns the path below the API's base: without leading slash and `v2`.
pub(crate) fn below_base(path: &str) -> &str {
    let path = path.strip_prefix('/').unwrap_or(path);
    path.strip_prefix("v2/").unwrap_or(path)
}

/// Returns the segments of a path below the base, decoded as ids, with an instance's id as one segment.
pub(crate) fn segments(path: &str) -> Vec<String> {
    let path = canonical(path).map_or(Cow::Borrowed(path), Cow::Owned);
    below_base(&path).trim_end_matches('/').split('/').map(decode_id).collect()
}

#[cfg(test)]
mod tests {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    use super::*;

    const PATH_SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

    #[test]
    fn spare_slashes_are_taken_away_but_not_those_of_an_id() {
        for (path, meant) in [
            ("/v2/users", None),
            ("/", None),
            ("/v2/users/", Some("/v2/users")),
            ("//v2//users//", Some("/v2/users")),
            ("/v1//meetings/", Some("/v1/meetings")),
            ("/v2/metrics/meetings/ab//cd==/participants/", Some("/v2/metrics/meetings/ab%2F%2Fcd==/participants")),
            ("/v2//past_meetings/123/", Some("/v2/past_meetings/123")),
        ] {
            assert_eq!(tidy(path).as_deref(), meant, "{path}");
        }
    }

    fn encoded(text: &str) -> String {
        utf8_percent_encode(text, PATH_SEGMENT).to_string()
    }

    #[test]
    fn rewrites_only_what_needs_it() {
        for path in [
            "/v2/metrics/meetings/93201235621/participants",
            "/v2/metrics/meetings/gm8s9L+PTEC+FG3sFbd1Cw==/participants/qos",
            "/v2/metrics/meetings/%2Fm8s9L%2BPTEC+FG3sFbd1Cw%3D%3D",
            "/v2/metrics/meetings",
            "/v2/users/a/b",
            "/v2/past_meetings/93201235621/instances",
            "/dashboard/metrics/meetings/a/b",
        ] {
            assert_eq!(canonical(path), None, "{path}");
        }
        for (path, expected) in [
            ("/v2/metrics/meetings//m8s9L/PTEC+FG3sFbd1Cw==", "/v2/metrics/meetings/%2Fm8s9L%2FPTEC+FG3sFbd1Cw=="),
            (
                "/v2/metrics/webinars/gm8s9L/PTEC//G3sFbd1Cw==/participants/33/qos",
                "/v2/metrics/webinars/gm8s9L%2FPTEC%2F%2FG3sFbd1Cw==/participants/33/qos",
            ),
            (
                "/metrics/webinars/gm8s9L/PTEC+FG3sFbd1Cw%3D%3D/participants",
                "/metrics/webinars/gm8s9L%2FPTEC+FG3sFbd1Cw%3D%3D/participants",
            ),
            ("past_meetings/a/b/instances", "past_meetings/a%2Fb/instances"),
            // A UUID may look like a tail; its length determines its end.
            (
                "/v2/metrics/meetings/abcde/participants/qosA==/participants",
                "/v2/metrics/meetings/abcde%2Fparticipants%2FqosA==/participants",
            ),
        ] {
            assert_eq!(canonical(path).as_deref(), Some(expected), "{path}");
        }
    }

    #[test]
    fn takes_a_path_apart() {
        let split = split_instance_path("metrics/webinars/ab/cd==/participants/20161536/qos").unwrap();
        assert_eq!(split.family, Family::Metrics(MeetingKind::Webinar));
        assert_eq!((split.id, split.tail), ("ab/cd==", "participants/20161536/qos"));
        assert_eq!(split_instance_path("metrics/webinars/"), None);
        assert_eq!(split_instance_path("metrics/quality"), None);
        assert_eq!(split_instance_path("past_webinars/123").unwrap().tail, "");
        let report = split_instance_path("report/webinars/Wab/cdefghijklmnopqrst==/qa").unwrap();
        assert_eq!((report.id, report.tail), ("Wab/cdefghijklmnopqrst==", "qa"));
        assert_eq!(split_instance_path("metrics/meetings/123/unheard/of").unwrap().tail, "unheard/of");
    }

    #[test]
    fn decodes_as_often_as_it_was_encoded() {
        assert_eq!(decode_id("%252Fab%252Bc%253D%253D"), "/ab+c==");
        assert_eq!(decode_id("%2fab+c%3d%3D"), "/ab+c==");
        assert_eq!(decode_id("93201235621"), "93201235621");
        assert_eq!(decode_id("jchill%40example.com"), "jchill@example.com");
        assert_eq!(decode_id("100%25"), "100%");
    }

    proptest! {
        #[test]
        fn a_uuid_is_the_same_however_it_is_encoded(
            uuid in "[A-Za-z0-9+/]{22}==",
            family in prop::sample::select(vec!["metrics/meetings", "metrics/webinars"]),
            tail in prop::sample::select(vec!["", "/participants", "/participants/qos", "/participants/33/qos"]),
        ) {
            let once = encoded(&uuid);
            let twice = encoded(&once);
            let expected: Vec<String> = format!("{family}\0{uuid}{tail}")
                .split_once('\0')
                .map(|(head, _)| head.split('/').map(str::to_owned))
                .into_iter()
                .flatten()
                .chain([uuid.clone()])
                .chain(tail.split('/').skip(1).map(str::to_owned))
                .collect();
            for spelt in [&uuid, &once, &twice] {
                prop_assert_eq!(&segments(&format!("/v2/{family}/{spelt}{tail}")), &expected);
            }
        }

        #[test]
        fn no_path_panics(path in "(/v2)?/?(metrics/meetings|past_webinars)?/\\PC*") {
            let _ = canonical(&path);
            let _ = segments(&path);
        }
    }
}
