//! What the next run of a slot is likely to want: what came after such a run before. Runs come in turns, a compile step and some tests.

use crate::process::protocol::{Next, Room};
use crate::workspace::Size;

/// So many moments are remembered, the last ones.
const MOST_MOMENTS: usize = 32;

/// Runs that are alike and come one after the other are told apart up to this number.
const MOST_ALIKE: u32 = 8;

#[derive(Debug, Default)]
pub(super) struct Habit {
    now: Option<Moment>,
    known: Vec<Known>,
}

/// After a run with this room, which was the first, second... one of that kind in succession.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Moment {
    room: Room,
    alike: u32,
}

/// What came then.
#[derive(Debug)]
struct Known {
    moment: Moment,
    room: Guess<Room>,
    work: Guess<Size>,
}

/// What came last, if it was not the only exception from what came before.
#[derive(Debug)]
struct Guess<T> {
    usual: T,
    is_sure: bool,
}

impl<T: PartialEq + Copy> Guess<T> {
    const fn new(usual: T) -> Self {
        Self { usual, is_sure: false }
    }

    fn learn(&mut self, came: T) {
        match (self.usual == came, self.is_sure) {
            (false, false) => self.usual = came,
            (is_usual, _) => self.is_sure = is_usual,
        }
    }
}

impl Habit {
    /// What is likely after a run with this room and a work directory of this size.
    pub(super) fn after(&mut self, room: Room, work: Size) -> Next {
        let before = self.now;
        let alike = before.filter(|before| before.room == room).map_or(1, |before| before.alike + 1).min(MOST_ALIKE);
        let now = Moment { room, alike };
        self.now = Some(now);
        if let Some(before) = before {
            self.learn(before, room, work);
        }
        // At a moment that is new, what came after fewer that were alike.
        let so_far = self.known.iter().filter(|known| known.moment.room == room && known.moment.alike <= alike);
        let likely = so_far.max_by_key(|known| known.moment.alike);
        likely.map_or_else(Next::default, |known| Next { room: Some(known.room.usual), work: Some(known.work.usual) })
    }

    fn learn(&mut self, moment: Moment, room: Room, work: Size) {
        let known = match self.known.iter().position(|known| known.moment == moment) {
            Some(index) => {
                let mut known = self.known.remove(index);
                known.room.learn(room);
                known.work.learn(work);
                known
            }
            None => Known { moment, room: Guess::new(room), work: Guess::new(work) },
        };
        self.known.push(known);
        let surplus = self.known.len().saturating_sub(MOST_MOMENTS);
        self.known.drain(..surplus);
    }
}

#[cfg(test)]
mod tests {
    use super::{Habit, Room};
    use crate::cgroup::GroupLimits;
    use crate::workspace::Size;

    /// How many of these runs got what was likely, both room and work directory.
    fn right(runs: impl IntoIterator<Item = u64>) -> usize {
        let mut habit = Habit::default();
        let mut likely = None;
        let mut right = 0;
        for run in runs {
            let group = GroupLimits { memory_bytes: run, pids: 1 };
            let (room, work) = (Room { group, tmp_bytes: 1, tmp_inodes: 1 }, Size::for_tests(run));
            right += usize::from(likely == Some((Some(room), Some(work))));
            let next = habit.after(room, work);
            likely = Some((next.room, next.work));
        }
        right
    }

    #[test]
    fn what_came_before_comes_again() {
        assert_eq!(right([1; 100]), 98, "the first says nothing, and the second nothing of what follows");
        assert_eq!(right([1, 2].repeat(10)), 17);
        // A compile step and some tests: all is foreseen from the second time on.
        assert_eq!(right([1, 2, 2].repeat(10)), 30 - 4);
        assert_eq!(right([1, 2, 2, 2].repeat(10)), 40 - 4);
        // More tests than are told apart: the next compile step is not.
        let turn = [[1].as_slice(), &[2; 20]].concat();
        assert_eq!(right(turn.repeat(10)), 210 - 3 - 9);
        assert_eq!(right(0..100), 0);
        assert_eq!(right((0..100).map(|run| run % 33)), 0, "what is too long ago is forgotten");
        assert_eq!(right((0..100).map(|run| run % 32)), 100 - 33);
    }
}
