use serde::{Deserialize, Serialize};

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub $inner);
    };
}

quantity! {
    /// A bitrate, in bits per second.
    BitrateBps(u32)
}
quantity! {
    /// A latency (round trip) or a jitter, in milliseconds.
    Millis(u32)
}
quantity! {
    /// A packet loss, in hundredths of a percent: the wire shows up to two decimals of a percent.
    LossPermyriad(u16)
}
quantity! {
    /// A load, in whole percent. More than 100 is possible if a source adds up cores.
    Percent(u16)
}
quantity! {
    /// A frame rate, in hundredths of a frame per second: Webex reports fractions, Zoom whole frames.
    FrameRateCentiFps(u16)
}

/// A resolution in pixels. `0*0` is Zoom's value for a share without a picture, and is not the same as absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Resolution {
    /// Width in pixels.
    pub width: u16,
    /// Height in pixels.
    pub height: u16,
}
