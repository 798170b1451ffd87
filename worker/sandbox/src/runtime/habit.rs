//! What the next run of a slot is likely to want: what came after such a run before. Runs come in turns, a compile step and some tests.

use crate::process::protocol::{Next, Room};
use crate::workspace::Size;

/// So many kinds of runs are remembered, the last ones.
const MOST_KINDS: usize = 8;

#[derive(Debug, Default)]
pub(super) struct Habit {
    /// The last run.
    last: Option<Room>,
    kinds: Vec<Kind>,
}

/// What came after runs with this room.
#[derive(Debug)]
struct Kind {
    room: Room,
    next: Guess<Room>,
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
        if let Some(last) = self.last.replace(room) {
            match self.kinds.iter().position(|kind| kind.room == last) {
                Some(index) => {
                    let mut kind = self.kinds.remove(index);
                    kind.next.learn(room);
                    kind.work.learn(work);
                    self.kinds.push(kind);
                }
                None => self.kinds.push(Kind { room: last, next: Guess::new(room), work: Guess::new(work) }),
            }
            let surplus = self.kinds.len().saturating_sub(MOST_KINDS);
            self.kinds.drain(..surplus);
        }
        let kind = self.kinds.iter().find(|kind| kind.room == room);
        kind.map_or_else(Next::default, |kind| Next { room: Some(kind.next.usual), work: Some(kind.work.usual) })
    }
}

#[cfg(test)]
mod tests {
    use super::{Habit, MOST_KINDS, Room};
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
        assert_eq!(right([1; 10]), 8, "the first says nothing, and the second nothing of what follows");
        // A compile step and three tests: at each turn only the next compile step is not foreseen.
        assert_eq!(right([1, 2, 2, 2].repeat(10)), 28);
        assert_eq!(right([1, 2].repeat(10)), 17);
        assert_eq!(right(0..100), 0);
        assert_eq!(right((0..100).map(|run| run % (MOST_KINDS as u64 + 1))), 0, "what is too long ago is forgotten");
        assert_eq!(right((0..80).map(|run| run % MOST_KINDS as u64)), 80 - MOST_KINDS - 1);
    }
}
