//! What happens in a run minute by minute: how many participants, how many cameras, who shares what.

use crate::attendance::{Attendance, minute_from};

/// What is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shared {
    Desktop,
    Application,
    Whiteboard,
}

/// One period of sharing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Share {
    /// The sharer's index in the list of attendances.
    pub(crate) by: usize,
    pub(crate) from: u32,
    /// The minute after the last.
    pub(crate) to: u32,
    pub(crate) what: Shared,
}

#[derive(Debug)]
pub(crate) struct Agenda {
    first: u32,
    present: Vec<u32>,
    cameras: Vec<u32>,
    pub(crate) shares: Vec<Share>,
}

impl Agenda {
    pub(crate) fn new(start: i64, end: i64, attendances: &[Attendance], shares: Vec<Share>) -> Self {
        let first = minute_from(start);
        let length = (minute_from(end) - first) as usize + 1;
        let (mut present, mut cameras) = (vec![0_i64; length + 1], vec![0_i64; length + 1]);
        for attendance in attendances.iter().filter(|attendance| !attendance.waiting) {
            for (counts, (from, to)) in [(&mut present, attendance.minutes()), (&mut cameras, attendance.camera)] {
                if from < to {
                    counts[(from - first) as usize] += 1;
                    counts[(to - first) as usize] -= 1;
                }
            }
        }
        let total = |counts: Vec<i64>| {
            let mut sum = 0;
            counts
                .into_iter()
                .map(|change| {
                    sum += change;
                    sum as u32
                })
                .collect()
        };
        Self { first, present: total(present), cameras: total(cameras), shares }
    }

    /// Returns the number of participants at `minute`.
    pub(crate) fn present(&self, minute: u32) -> u32 {
        self.present.get(minute.wrapping_sub(self.first) as usize).copied().unwrap_or(0)
    }

    /// Returns the number of cameras that are on at `minute`.
    pub(crate) fn cameras(&self, minute: u32) -> u32 {
        self.cameras.get(minute.wrapping_sub(self.first) as usize).copied().unwrap_or(0)
    }

    /// Returns what is shared at `minute`.
    pub(crate) fn share(&self, minute: u32) -> Option<&Share> {
        self.shares.iter().find(|share| (share.from..share.to).contains(&minute))
    }

    /// Returns whether the attendance at `index` shared this kind of content.
    pub(crate) fn shared(&self, index: usize, what: Shared) -> bool {
        self.shares.iter().any(|share| share.by == index && share.what == what)
    }

    pub(crate) fn any_camera(&self) -> bool {
        self.cameras.iter().any(|&count| count > 0)
    }
}
