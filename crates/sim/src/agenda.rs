//! What happens in a run minute by minute: how many are there, how many show themselves, who shares what.

use crate::attendance::{Attendance, minute_from};

/// What somebody shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shared {
    Desktop,
    Application,
    Whiteboard,
}

/// One stretch of sharing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Share {
    /// The sharer's place in the list of attendances.
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

    /// How many are there at `minute`.
    pub(crate) fn present(&self, minute: u32) -> u32 {
        self.present.get(minute.wrapping_sub(self.first) as usize).copied().unwrap_or(0)
    }

    /// How many cameras are on at `minute`.
    pub(crate) fn cameras(&self, minute: u32) -> u32 {
        self.cameras.get(minute.wrapping_sub(self.first) as usize).copied().unwrap_or(0)
    }

    /// What is shared at `minute`.
    pub(crate) fn share(&self, minute: u32) -> Option<&Share> {
        self.shares.iter().find(|share| (share.from..share.to).contains(&minute))
    }

    /// Whether the attendance at `index` shared such.
    pub(crate) fn shared(&self, index: usize, what: Shared) -> bool {
        self.shares.iter().any(|share| share.by == index && share.what == what)
    }

    pub(crate) fn any_camera(&self) -> bool {
        self.cameras.iter().any(|&count| count > 0)
    }
}
