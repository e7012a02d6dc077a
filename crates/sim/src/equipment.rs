//! What people join with: machines, client versions, devices, and the network of that day.

use rollcall_model::Text;

use crate::{
    calendar,
    dice::mix,
    incidents,
    people::Person,
    places::{Access, CITIES},
};

/// A kind of client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Windows,
    Mac,
    Ios,
    Android,
    Browser,
    /// A thin client in front of a virtual desktop.
    Vdi,
    ZoomRoom,
    /// H.323 or SIP.
    RoomSystem,
    /// A telephone.
    Pstn,
    /// An application built on the SDK.
    Sdk,
}

impl Endpoint {
    pub(crate) const fn is_desktop(self) -> bool {
        matches!(self, Self::Windows | Self::Mac)
    }

    pub(crate) const fn is_mobile(self) -> bool {
        matches!(self, Self::Ios | Self::Android)
    }

    /// Whether it can share its screen.
    pub(crate) const fn can_share(self) -> bool {
        matches!(self, Self::Windows | Self::Mac | Self::Browser | Self::Vdi | Self::RoomSystem)
    }

    pub(crate) const fn has_camera(self) -> bool {
        !matches!(self, Self::Pstn)
    }
}

/// A person's equipment and network for one attendance.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setup {
    pub(crate) endpoint: Endpoint,
    pub(crate) access: Access,
    pub(crate) city: u8,
    /// The week whose faulty client version this machine has, if any.
    pub(crate) faulty_week: Option<i64>,
}

/// Returns what `person` joins with at `join`. It stays the same for the day.
pub(crate) fn setup(seed: u64, person: &Person, join: i64, forced: Option<Endpoint>, incidents: bool) -> Setup {
    let day = calendar::local_day(join, &CITIES[usize::from(person.city)]);
    let hash = mix(seed ^ person.hash, day.cast_unsigned(), 1);
    let roll = |shift: u32| hash >> shift & 0x3FF;
    let home_wifi = person.hash & 3 != 0;
    let provider = person.provider;
    let home = match (home_wifi, roll(0)) {
        (_, 0..=70) if person.is_member() => Access::Vpn { provider },
        (true, _) => Access::HomeWifi { provider },
        (false, _) => Access::HomeWired { provider },
    };
    let mut access = match person.desk {
        Some((building, _)) if matches!(person.endpoint, Endpoint::ZoomRoom | Endpoint::RoomSystem) => {
            Access::Wired { building }
        }
        Some((building, access_point)) if roll(10) < 620 => {
            if person.hash & 12 == 0 {
                Access::Wired { building }
            } else {
                Access::Wifi { building, access_point }
            }
        }
        _ => home,
    };
    let mut endpoint = person.endpoint;
    if person.is_member() && endpoint.is_desktop() {
        endpoint = match roll(20) {
            0..=40 => Endpoint::Ios,
            41..=65 => Endpoint::Android,
            66..=95 => Endpoint::Browser,
            _ => endpoint,
        };
    }
    endpoint = forced.unwrap_or(endpoint);
    if endpoint.is_mobile() && roll(30) < 500 {
        access = Access::Cellular;
    }
    let faulty = incidents && endpoint.is_desktop() && person.is_member();
    let faulty_week = faulty.then(|| incidents::faulty_version_week(seed, join, person.ring)).flatten();
    Setup { endpoint, access, city: person.city, faulty_week }
}

/// Returns the version that `setup` reports for a join at `join`.
pub(crate) fn version(setup: &Setup, join: i64, hash: u64) -> Text {
    match setup.faulty_week {
        Some(week) => faulty_version(week),
        None => ordinary_version(setup.endpoint, join, hash),
    }
}

/// Returns the version number of a week's faulty release, which no other release has.
pub(crate) fn faulty_version(week: i64) -> Text {
    format!("6.{}.11.{}", week / 9 % 12, 70_000 + week % 10_000).into()
}

/// Returns the version in use without an incident: one release per week, adopted within three weeks.
pub(crate) fn ordinary_version(endpoint: Endpoint, at: i64, hash: u64) -> Text {
    if endpoint == Endpoint::RoomSystem {
        return Text::const_new("4.1.4814.1203|H323");
    }
    let week = calendar::week(calendar::utc_day(at)) - (hash % 3).cast_signed();
    let kind = endpoint as i64;
    format!("6.{}.{}.{}", week / 9 % 12, week % 9, 20_000 + (week * 37 + kind * 1_111) % 40_000).into()
}

/// What a client reports about itself. `None` if that kind of client does not report it.
#[derive(Debug, Default)]
pub(crate) struct Description {
    pub(crate) device: &'static str,
    pub(crate) os: Option<&'static str>,
    pub(crate) os_version: Option<&'static str>,
    pub(crate) browser: Option<(&'static str, &'static str)>,
    pub(crate) device_name: Option<&'static str>,
    pub(crate) client: Option<&'static str>,
    pub(crate) microphone: &'static str,
    pub(crate) speaker: &'static str,
    pub(crate) camera: &'static str,
}

/// Describes `endpoint`; the same `hash` has the same devices.
pub(crate) fn describe(endpoint: Endpoint, hash: u64) -> Description {
    fn pick<T: Copy>(items: &[T], hash: u64, shift: u32) -> T {
        items[((hash >> shift) % items.len() as u64) as usize]
    }
    const HEADSETS: [&str; 6] = [
        "Headset Microphone (Jabra Evolve2 65)",
        "Microphone Array (Realtek(R) Audio)",
        "Yeti Stereo Microphone",
        "Poly Voyager Focus 2",
        "Mikrofon (USB-Audiogerät)",
        "ヘッドセット マイク",
    ];
    const SPEAKERS: [&str; 5] = [
        "Headset Earphone (Jabra Evolve2 65)",
        "Speakers (Realtek(R) Audio)",
        "Poly Voyager Focus 2",
        "Lautsprecher (USB-Audiogerät)",
        "DELL U2720Q (Intel(R) Display Audio)",
    ];
    const CAMERAS: [&str; 4] = ["Integrated Webcam", "Logitech BRIO", "HD Pro Webcam C920", "OBS Virtual Camera"];
    const BROWSERS: [(&str, &str); 4] = [("Chrome", "142"), ("Firefox", "133"), ("Edge", "141"), ("Safari", "18.3")];
    let desktop = |device, os, os_version, device_name, client| Description {
        device,
        os: Some(os),
        os_version: Some(os_version),
        browser: None,
        device_name: Some(device_name),
        client: Some(client),
        microphone: pick(&HEADSETS, hash, 3),
        speaker: pick(&SPEAKERS, hash, 5),
        camera: pick(&CAMERAS, hash, 8),
    };
    match endpoint {
        Endpoint::Windows => desktop(
            "Windows",
            "Windows",
            pick(&["11 (22631)", "10 (19045)"], hash, 12),
            pick(&["ThinkPad T14 Gen 4", "Latitude 7440", "EliteBook 840 G10"], hash, 14),
            "Zoom Workplace",
        ),
        Endpoint::Vdi => desktop("Windows", "Windows", "10 (19045)", "Wyse 5070", "Zoom VDI"),
        Endpoint::Mac => Description {
            microphone: pick(&["MacBook Pro Microphone", "AirPods Pro", "Yeti Stereo Microphone"], hash, 3),
            speaker: pick(&["MacBook Pro Speakers", "AirPods Pro", "Studio Display Speakers"], hash, 5),
            camera: pick(&["FaceTime HD Camera", "Studio Display Camera", "Logitech BRIO"], hash, 8),
            ..desktop(
                "Mac",
                "macOS",
                pick(&["15.3.1", "14.7.4"], hash, 12),
                pick(&["MacBook Pro 14\"", "MacBook Air M3", "Mac mini"], hash, 14),
                "Zoom Workplace",
            )
        },
        Endpoint::Ios => Description {
            device: "iOS",
            os: Some("iOS"),
            os_version: Some(pick(&["18.3", "17.7", "16.5"], hash, 12)),
            device_name: Some(pick(&["iPhone 15", "iPad Air", "iPhone 7 Global"], hash, 14)),
            client: Some("Zoom Workplace"),
            microphone: "Built-in Microphone",
            speaker: "Built-in Speaker",
            camera: "Front Camera",
            ..Description::default()
        },
        Endpoint::Android => Description {
            device: "Android",
            os: Some("Android"),
            os_version: Some(pick(&["15", "14", "13"], hash, 12)),
            device_name: Some(pick(&["Pixel 8", "Galaxy S24", "Fairphone 5"], hash, 14)),
            client: Some("Zoom Workplace"),
            microphone: "Built-in Microphone",
            speaker: "Built-in Speaker",
            camera: "Front Camera",
            ..Description::default()
        },
        Endpoint::Browser => {
            let browser = pick(&BROWSERS, hash, 3);
            Description { browser: Some(browser), ..desktop("Web", "Windows", "11 (22631)", "PC", "Web client") }
        }
        Endpoint::ZoomRoom => Description {
            camera: "Logitech Rally Bar",
            microphone: "Logitech Rally Bar",
            speaker: "Logitech Rally Bar",
            ..desktop("Zoom Rooms", "Windows", "10 (19044)", "NUC 11", "Zoom Rooms")
        },
        Endpoint::RoomSystem => Description { device: "H.323/SIP", ..Description::default() },
        Endpoint::Pstn => Description { device: "Phone", ..Description::default() },
        Endpoint::Sdk => desktop("Windows", "Windows", "11 (22631)", "Kiosk 3", "Web Meeting SDK 2.18"),
    }
}
