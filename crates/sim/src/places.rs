//! Cities, buildings, access points, providers and data centres.

use rollcall_model::Text;

use crate::dice::mix;

/// Where people live and work.
#[derive(Debug)]
pub(crate) struct City {
    pub(crate) name: &'static str,
    /// In Zoom's format of a location.
    pub(crate) location: &'static str,
    pub(crate) country: &'static str,
    pub(crate) dial_code: &'static str,
    pub(crate) language: &'static str,
    pub(crate) timezone: &'static str,
    /// A fixed offset: time zone databases differ from machine to machine, and the world must not.
    pub(crate) offset_minutes: i64,
    pub(crate) data_center: &'static str,
    pub(crate) full_data_center: &'static str,
    /// The media site's code in gateway names.
    pub(crate) site: &'static str,
    /// The round trip to the data centre.
    pub(crate) round_trip_ms: u32,
    /// Two providers of home connections.
    pub(crate) providers: [&'static str; PROVIDERS_PER_CITY],
}

pub(crate) const PROVIDERS_PER_CITY: usize = 2;

#[rustfmt::skip]
pub(crate) const CITIES: [City; 8] = [
    City { name: "San Jose", location: "San Jose (US)", country: "US", dial_code: "+1", language: "en-US", timezone: "America/Los_Angeles", offset_minutes: -480, data_center: "United States (SC Top)", full_data_center: "United States (SC Top);", site: "US03_SC", round_trip_ms: 18, providers: ["Bayline Fiber", "Westlink Cable"] },
    City { name: "New York", location: "New York (US)", country: "US", dial_code: "+1", language: "en-US", timezone: "America/New_York", offset_minutes: -300, data_center: "United States (NY Top)", full_data_center: "United States (NY Top);", site: "US05_NY", round_trip_ms: 22, providers: ["Hudson Broadband", "Metro Cable"] },
    City { name: "London", location: "London (GB)", country: "GB", dial_code: "+44", language: "en-GB", timezone: "Europe/London", offset_minutes: 0, data_center: "Netherlands (AM Top)", full_data_center: "Netherlands (AM Top);Germany (FR Top);", site: "EU01_AM", round_trip_ms: 28, providers: ["Thames Net", "Albion Cable"] },
    City { name: "Berlin", location: "Berlin (DE)", country: "DE", dial_code: "+49", language: "de-DE", timezone: "Europe/Berlin", offset_minutes: 60, data_center: "Germany (FR Top)", full_data_center: "Germany (FR Top);", site: "EU02_FR", round_trip_ms: 24, providers: ["Spree DSL", "Nordkabel"] },
    City { name: "Bengaluru", location: "Bengaluru (IN)", country: "IN", dial_code: "+91", language: "en-US", timezone: "Asia/Kolkata", offset_minutes: 330, data_center: "India (MB Top)", full_data_center: "India (MB Top);Singapore (SG Top);", site: "IN01_MB", round_trip_ms: 46, providers: ["Deccan Fibernet", "Nandi Broadband"] },
    City { name: "Tokyo", location: "Tokyo (JP)", country: "JP", dial_code: "+81", language: "ja-JP", timezone: "Asia/Tokyo", offset_minutes: 540, data_center: "Japan (TY Top)", full_data_center: "Japan (TY Top);", site: "JP01_TY", round_trip_ms: 14, providers: ["Sumida Hikari", "Musashi Net"] },
    City { name: "São Paulo", location: "São Paulo (BR)", country: "BR", dial_code: "+55", language: "pt-PT", timezone: "America/Sao_Paulo", offset_minutes: -180, data_center: "Brazil (SP Top)", full_data_center: "Brazil (SP Top);United States (NY Top);", site: "BR01_SP", round_trip_ms: 38, providers: ["Paulista Fibra", "Tietê Net"] },
    City { name: "Cairo", location: "Cairo (EG)", country: "EG", dial_code: "+20", language: "en-US", timezone: "Africa/Cairo", offset_minutes: 120, data_center: "Germany (FR Top)", full_data_center: "Germany (FR Top);Netherlands (AM Top);", site: "EU02_FR", round_trip_ms: 72, providers: ["Nile DSL", "Delta Link"] },
];

/// Weights of [`CITIES`] for the account's people.
pub(crate) const CITY_WEIGHTS: [u32; CITIES.len()] = [26, 8, 20, 14, 16, 10, 4, 2];

/// An office.
#[derive(Debug)]
pub(crate) struct Building {
    pub(crate) name: &'static str,
    pub(crate) code: &'static str,
    pub(crate) city: u8,
}

pub(crate) const BUILDINGS: [Building; 6] = [
    Building { name: "Almaden Park North", code: "sjc1", city: 0 },
    Building { name: "Almaden Park South", code: "sjc2", city: 0 },
    Building { name: "Finsbury Yard", code: "lon1", city: 2 },
    Building { name: "Haus Spreebogen", code: "ber1", city: 3 },
    Building { name: "Indiranagar Tower", code: "blr1", city: 4 },
    Building { name: "Sumida Office", code: "tyo1", city: 5 },
];

/// Wi-Fi access points in each building.
pub(crate) const ACCESS_POINTS: u8 = 3;

/// An access point's name: building, floor.
pub(crate) fn access_point_name(building: u8, access_point: u8) -> String {
    format!("{}-ap{}", BUILDINGS[usize::from(building)].code, access_point + 1)
}

/// A provider's number: two for each city.
pub(crate) const fn provider(city: u8, which: u8) -> u16 {
    city as u16 * PROVIDERS_PER_CITY as u16 + which as u16
}

pub(crate) fn provider_name(provider: u16) -> &'static str {
    let provider = usize::from(provider);
    CITIES[provider / PROVIDERS_PER_CITY].providers[provider % PROVIDERS_PER_CITY]
}

/// The network path from a client to the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// A cable in a building.
    Wired { building: u8 },
    /// An access point of a building.
    Wifi { building: u8, access_point: u8 },
    /// A cable at home.
    HomeWired { provider: u16 },
    /// A wireless router at home.
    HomeWifi { provider: u16 },
    /// The company's VPN, from home.
    Vpn { provider: u16 },
    /// A mobile network.
    Cellular,
}

impl Access {
    pub(crate) const fn network_type(self) -> &'static str {
        match self {
            Self::Wired { .. } | Self::HomeWired { .. } => "Wired",
            Self::Wifi { .. } | Self::HomeWifi { .. } => "Wifi",
            Self::Vpn { .. } => "PPP",
            Self::Cellular => "Cellular",
        }
    }

    pub(crate) const fn is_wireless(self) -> bool {
        matches!(self, Self::Wifi { .. } | Self::HomeWifi { .. })
    }

    /// The provider whose brownout has an effect; a building has two uplinks and is not affected.
    pub(crate) const fn provider(self) -> Option<u16> {
        match self {
            Self::HomeWired { provider } | Self::HomeWifi { provider } | Self::Vpn { provider } => Some(provider),
            Self::Wired { .. } | Self::Wifi { .. } | Self::Cellular => None,
        }
    }

    /// Usual distance from a perfect path, on the scale of [`crate::quality`].
    pub(crate) const fn base_condition(self) -> f32 {
        match self {
            Self::Wired { .. } => 0.01,
            Self::HomeWired { .. } => 0.03,
            Self::Wifi { .. } => 0.05,
            Self::HomeWifi { .. } => 0.07,
            Self::Vpn { .. } => 0.09,
            Self::Cellular => 0.16,
        }
    }

    /// Latency that the path adds to the round trip.
    pub(crate) const fn latency_ms(self) -> f32 {
        match self {
            Self::Wired { .. } => 1.0,
            Self::Wifi { .. } => 4.0,
            Self::HomeWired { .. } => 8.0,
            Self::HomeWifi { .. } => 13.0,
            Self::Vpn { .. } => 31.0,
            Self::Cellular => 48.0,
        }
    }

    /// The public address; `who` distinguishes households and phones.
    pub(crate) fn ip_address(self, who: u64) -> Text {
        match self {
            Self::Wired { building } | Self::Wifi { building, .. } => format!("198.51.100.{}", 10 + building).into(),
            Self::HomeWired { .. } | Self::HomeWifi { .. } => format!("203.0.113.{}", 1 + who % 254).into(),
            Self::Vpn { .. } => format!("192.0.2.{}", 1 + who % 8).into(),
            Self::Cellular => format!("2001:db8:{:x}::{:x}", 1 + who % 0xFFE, 1 + (who >> 16) % 0xFFFE).into(),
        }
    }

    /// The local addresses of the machine.
    pub(crate) fn internal_ip_addresses(self, who: u64) -> Vec<Text> {
        let host = 2 + (who >> 8) % 250;
        match self {
            Self::Wired { building } => vec![format!("10.{}.0.{host}", 20 + building).into()],
            Self::Wifi { building, access_point } => {
                vec![format!("10.{}.{}.{host}", 20 + building, 10 + access_point).into()]
            }
            Self::HomeWired { .. } | Self::HomeWifi { .. } => {
                vec![format!("192.168.{}.{host}", who % 3).into()]
            }
            Self::Vpn { .. } => {
                vec![format!("192.168.{}.{host}", who % 3).into(), format!("172.16.{}.{host}", who % 16).into()]
            }
            Self::Cellular => vec![format!("10.{}.{}.{host}", 100 + who % 100, who % 255).into()],
        }
    }
}

/// Load of a building's access point or a city's providers at a local hour: 0 at night, about 1 at the peak.
pub(crate) fn load(access: Access, local_minute_of_day: u32, seed: u64) -> f32 {
    // Office networks fill from nine to five, homes again in the evening.
    const OFFICE: [u8; 24] = [0, 0, 0, 0, 0, 0, 5, 20, 45, 80, 95, 90, 60, 75, 100, 90, 70, 45, 25, 10, 5, 0, 0, 0];
    const HOME: [u8; 24] =
        [20, 10, 5, 5, 5, 10, 20, 30, 40, 45, 45, 45, 50, 45, 45, 50, 55, 60, 75, 90, 100, 95, 70, 40];
    let (table, key) = match access {
        Access::Wired { .. } => return 0.0,
        Access::Wifi { building, access_point } => (&OFFICE, u64::from(building) * 16 + u64::from(access_point)),
        Access::HomeWired { provider } | Access::HomeWifi { provider } | Access::Vpn { provider } => {
            (&HOME, 1_000 + u64::from(provider))
        }
        Access::Cellular => (&HOME, 9_999),
    };
    let hour = (local_minute_of_day / 60 % 24) as usize;
    let next = (hour + 1) % 24;
    let within = (local_minute_of_day % 60) as f32 / 60.0;
    let base = f32::from(table[hour]) * (1.0 - within) + f32::from(table[next]) * within;
    // Some are always fuller than others.
    let own = 0.6 + (mix(seed, key, 7) % 1000) as f32 / 1250.0;
    base / 100.0 * own
}
