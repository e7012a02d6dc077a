//! Hourly quality, for each value of each dimension.
//!
//! A rollup is a sum: cells only contain counts, sums and sketches, so rollups of parts can be merged in any order into
//! the rollup of the whole, rebuilding one from the archive gives the same result, and parts can be subtracted again.

use std::{borrow::Cow, collections::BTreeMap};

use rollcall_model::{Minute, Participant, QosMinute, Text};

use crate::{
    Cell, InvalidBytes, NotCounted, Profile,
    sketch::{push_varint, take_byte, take_varint},
};

/// Properties of participants to group by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// Location of the IP address.
    Location,
    /// Wired, Wi-Fi, …
    NetworkType,
    /// Connection type to the data centre.
    ConnectionType,
    /// The data centre.
    DataCenter,
    /// The client's version.
    ClientVersion,
    /// The kind of device.
    Device,
}

impl Dimension {
    /// Every dimension, in the order of their numbers in the store: append, never reorder.
    pub const ALL: [Self; 6] =
        [Self::Location, Self::NetworkType, Self::ConnectionType, Self::DataCenter, Self::ClientVersion, Self::Device];

    /// Returns its name, which is that of the participant's field.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Location => "location",
            Self::NetworkType => "network_type",
            Self::ConnectionType => "connection_type",
            Self::DataCenter => "data_center",
            Self::ClientVersion => "version",
            Self::Device => "device",
        }
    }

    /// Returns its number in the store.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// Returns the dimension with a number.
    #[must_use]
    pub fn of_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

/// A participant's values, in the order of [`Dimension::ALL`]; blank if unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DimensionValues(pub [Text; Dimension::ALL.len()]);

impl DimensionValues {
    /// Returns the participant's values.
    #[must_use]
    pub fn of(participant: &Participant) -> Self {
        let told = |dimension| match dimension {
            Dimension::Location => &participant.location,
            Dimension::NetworkType => &participant.network_type,
            Dimension::ConnectionType => &participant.connection_type,
            Dimension::DataCenter => &participant.data_center,
            Dimension::ClientVersion => &participant.version,
            Dimension::Device => &participant.device,
        };
        Self(Dimension::ALL.map(|dimension| told(dimension).clone().unwrap_or_default()))
    }
}

/// The key of a cell: hour, dimension and value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellKey {
    /// Hours since 1970 began, in UTC.
    pub hour: u32,
    /// The dimension.
    pub dimension: Dimension,
    /// Its value; blank if unknown.
    pub value: Text,
}

const MINUTES_PER_HOUR: u32 = 60;
const HOURS_PER_DAY: u32 = 24;

/// The period that a cell counts. A trend over a year is read from days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// An hour.
    Hour,
    /// A UTC day. The cell's hour is the day's first.
    Day,
}

impl Step {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Hour, Self::Day];
}

/// Cells by key.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rollup {
    cells: BTreeMap<CellKey, Cell>,
    /// The hour of an attendance that is being counted: minutes mostly arrive in order of time, so cells are looked up
    /// once per hour.
    open: Option<(DimensionValues, u32, Cell)>,
}

impl Rollup {
    /// Increment it whenever a score, a label, a limit of a profile, a measure or a dimension changes.
    const RULES: u32 = 1;

    /// Returns the rules used for counting. Rollups of different rules cannot be added, and are rebuilt.
    #[must_use]
    pub fn rules(profile: &Profile) -> u32 {
        let place = Profile::ALL.iter().position(|one| one == profile).unwrap_or(Profile::ALL.len());
        Self::RULES << 8 | place as u32
    }

    /// Counts an attendance's minutes, in any order, once for each dimension.
    pub fn add<'a>(
        &mut self,
        participant: &Participant,
        minutes: impl IntoIterator<Item = &'a QosMinute>,
        profile: &Profile,
    ) {
        self.begin(DimensionValues::of(participant));
        minutes.into_iter().for_each(|minute| self.count(minute, profile));
        self.close();
    }

    /// Starts an attendance, whose minutes [`Self::count`] then counts.
    pub fn begin(&mut self, values: DimensionValues) {
        self.close();
        self.open = Some((values, 0, Cell::default()));
    }

    /// Counts a minute of the current attendance; without one, it is not counted.
    pub fn count(&mut self, minute: &QosMinute, profile: &Profile) {
        let Minute(number) = minute.minute;
        let hour = number / MINUTES_PER_HOUR;
        if self.open.as_ref().is_some_and(|(_, open, cell)| *open != hour && cell.minutes > 0) {
            let values = self.open.as_ref().map(|(values, ..)| values.clone());
            self.close();
            self.open = values.map(|values| (values, hour, Cell::default()));
        }
        if let Some((_, open, cell)) = &mut self.open {
            *open = hour;
            cell.add(minute, profile);
        }
    }

    /// Stores the latest counts in their cell.
    fn close(&mut self) {
        let Some((values, hour, cell)) = self.open.take() else { return };
        if cell.minutes == 0 {
            return;
        }
        for (dimension, value) in Dimension::ALL.into_iter().zip(values.0) {
            self.cells.entry(CellKey { hour, dimension, value }).or_default().merge(&cell);
        }
    }

    /// Returns the rollup after its last attendance has ended.
    #[must_use]
    pub fn finish(mut self) -> Self {
        self.close();
        self
    }

    /// Adds another rollup.
    pub fn merge(&mut self, other: &Self) {
        for (key, cell) in &other.cells {
            self.cells.entry(key.clone()).or_default().merge(cell);
        }
    }

    /// Subtracts a rollup that was added before.
    ///
    /// # Errors
    /// [`NotCounted`] if it was not; it may be partly subtracted then.
    pub fn subtract(&mut self, other: &Self) -> Result<(), NotCounted> {
        for (key, cell) in &other.cells {
            let mine = self.cells.get_mut(key).ok_or(NotCounted)?;
            mine.subtract(cell)?;
            if mine.minutes == 0 {
                self.cells.remove(key);
            }
        }
        Ok(())
    }

    /// Converts an hourly rollup to daily cells.
    #[must_use]
    pub fn by(&self, step: Step) -> Cow<'_, Self> {
        match step {
            Step::Hour => Cow::Borrowed(self),
            Step::Day => {
                let mut days = Self::default();
                for (CellKey { hour, dimension, value }, cell) in &self.cells {
                    let key =
                        CellKey { hour: hour - hour % HOURS_PER_DAY, dimension: *dimension, value: value.clone() };
                    days.cells.entry(key).or_default().merge(cell);
                }
                Cow::Owned(days)
            }
        }
    }

    /// Returns the cells, by hour, then dimension, then value.
    pub fn cells(&self) -> impl Iterator<Item = (&CellKey, &Cell)> {
        self.cells.iter()
    }

    /// Returns the cell of a key.
    #[must_use]
    pub fn cell(&self, key: &CellKey) -> Option<&Cell> {
        self.cells.get(key)
    }

    /// Returns the number of cells.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Returns whether it is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Returns the rollup in a compact form.
    #[must_use]
    pub fn pack(&self) -> PackedRollup {
        let mut out = Vec::new();
        for (CellKey { hour, dimension, value }, cell) in &self.cells {
            push_varint(&mut out, u64::from(*hour));
            out.push(dimension.number());
            push_varint(&mut out, value.len() as u64);
            out.extend_from_slice(value.as_bytes());
            cell.write_to(&mut out);
        }
        PackedRollup(out)
    }

    /// Adds a compact rollup.
    ///
    /// # Errors
    /// [`InvalidBytes`] if it was written by another version; it may be partly added then.
    pub fn merge_packed(&mut self, PackedRollup(bytes): &PackedRollup) -> Result<(), InvalidBytes> {
        let mut bytes = bytes.as_slice();
        while !bytes.is_empty() {
            let hour = u32::try_from(take_varint(&mut bytes)?).map_err(|_| InvalidBytes)?;
            let dimension = Dimension::of_number(take_byte(&mut bytes)?).ok_or(InvalidBytes)?;
            let length = usize::try_from(take_varint(&mut bytes)?).map_err(|_| InvalidBytes)?;
            let (value, rest) = bytes.split_at_checked(length).ok_or(InvalidBytes)?;
            bytes = rest;
            let value = Text::from_utf8(value).map_err(|_| InvalidBytes)?;
            let cell = Cell::read_from(&mut bytes)?;
            self.cells.entry(CellKey { hour, dimension, value }).or_default().merge(&cell);
        }
        Ok(())
    }
}

/// A rollup in a compact form: that of an instance of an hour and ten people takes about twenty kilobytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PackedRollup(Vec<u8>);

impl PackedRollup {
    /// Returns whether it is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
