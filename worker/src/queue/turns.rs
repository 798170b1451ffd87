//! Whose turn it is: the order in which lanes are asked for their next message. Knows no messages.

use std::collections::HashMap;

use super::{Class, Lane};

/// One delivery in so many is offered to bulk lanes first, so that interactive ones cannot shut them out.
const BULK_FIRST: u64 = 8;

/// Who was served when.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// Counts deliveries.
    clock: u64,
    tenants: HashMap<(Class, String), u64>,
    lanes: HashMap<Lane, u64>,
}

impl Turns {
    /// The lanes in the order in which they are to be asked: by class, then the tenant that has waited longest, then the lane
    /// of that tenant that has.
    pub(super) fn order<'a>(&self, lanes: impl IntoIterator<Item = &'a Lane>) -> Vec<&'a Lane> {
        let bulk_first = self.clock % BULK_FIRST == BULK_FIRST - 1;
        let mut ordered: Vec<&Lane> = lanes.into_iter().collect();
        ordered.sort_by_cached_key(|lane| {
            let tenant = self.tenants.get(&(lane.class, lane.tenant.clone())).copied().unwrap_or(0);
            let own = self.lanes.get(*lane).copied().unwrap_or(0);
            ((lane.class == Class::Bulk) != bulk_first, tenant, own, (*lane).clone())
        });
        ordered
    }

    /// Notes that a message of this lane was delivered.
    pub(super) fn served(&mut self, lane: &Lane) {
        self.clock += 1;
        self.tenants.insert((lane.class, lane.tenant.clone()), self.clock);
        self.lanes.insert(lane.clone(), self.clock);
    }
}

#[cfg(test)]
mod tests {
    use super::{Class, Lane, Turns};

    fn lane(class: Class, tenant: &str, code: &str) -> Lane {
        Lane { class, tenant: tenant.into(), code: code.into() }
    }

    #[test]
    fn tenants_take_turns_whatever_number_of_lanes_they_have() {
        let lanes = [
            lane(Class::Bulk, "a", "c"),
            lane(Class::Bulk, "a", "cpp"),
            lane(Class::Bulk, "a", "java"),
            lane(Class::Bulk, "b", "c"),
        ];
        let mut turns = Turns::default();
        let served: Vec<String> = (0..6)
            .map(|_| {
                let next = turns.order(&lanes)[0].clone();
                turns.served(&next);
                next.tenant
            })
            .collect();
        assert_eq!(served, ["a", "b", "a", "b", "a", "b"]);
    }

    #[test]
    fn interactive_goes_first_and_does_not_shut_bulk_out() {
        let lanes = [lane(Class::Bulk, "", "c"), lane(Class::Interactive, "", "c")];
        let mut turns = Turns::default();
        let mut bulk = 0;
        for _ in 0..80 {
            let next = turns.order(&lanes)[0].clone();
            turns.served(&next);
            bulk += usize::from(next.class == Class::Bulk);
        }
        assert_eq!(bulk, 10);
    }
}
