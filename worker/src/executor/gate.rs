//! Who runs beside whom: any number of slots at a time, or one of them alone.
//!
//! A slot has a permission for one run, or for the two of an interaction, never while it asks for another, so every permission
//! that somebody waits for ends by itself. Who wants to be alone goes before those who do not, and has run beside others just
//! before: when all who wait for that have been served nobody can want it but those who were let in after them.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};

/// Whom a run has beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Company {
    /// Whatever the other slots do.
    Others,
    /// No run of another slot.
    Nobody,
}

/// Lets runs begin.
#[derive(Debug, Default)]
pub(super) struct Gate {
    inside: Mutex<Inside>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Inside {
    beside_others: usize,
    is_alone: bool,
    /// How many wait to be alone.
    wanting: usize,
}

impl Gate {
    fn lock(&self) -> MutexGuard<'_, Inside> {
        // Nothing in here panics, and the numbers hold whoever else did.
        self.inside.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn wait_while<'a>(
        &self,
        inside: MutexGuard<'a, Inside>,
        condition: impl Fn(&Inside) -> bool,
    ) -> MutexGuard<'a, Inside> {
        let waited = self.changed.wait_while(inside, |inside| condition(inside));
        waited.unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Waits for the permission to run in this company.
    pub(super) fn enter(self: &Arc<Self>, company: Company) -> Permit {
        let mut inside = self.lock();
        match company {
            Company::Others => {
                inside = self.wait_while(inside, |inside| inside.is_alone || inside.wanting > 0);
                inside.beside_others += 1;
            }
            Company::Nobody => {
                inside.wanting += 1;
                inside = self.wait_while(inside, |inside| inside.is_alone || inside.beside_others > 0);
                inside.wanting -= 1;
                inside.is_alone = true;
            }
        }
        drop(inside);
        Permit { gate: Arc::clone(self), company }
    }
}

/// The permission to run, until it is dropped.
#[derive(Debug)]
pub(super) struct Permit {
    gate: Arc<Gate>,
    company: Company,
}

impl Permit {
    /// Whether somebody waits to be alone.
    pub(super) fn is_awaited(&self) -> bool {
        self.gate.lock().wanting > 0
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut inside = self.gate.lock();
        match self.company {
            Company::Others => inside.beside_others -= 1,
            Company::Nobody => inside.is_alone = false,
        }
        drop(inside);
        self.gate.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::{Company, Gate};

    /// Every thread wants to be alone each second time, all at once: nobody waits for ever, and who is alone is alone.
    #[test]
    fn all_slots_may_want_to_be_alone_at_once() {
        const THREADS: usize = 8;
        const ROUNDS: usize = 500;
        let gate = Arc::new(Gate::default());
        let (running, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    for _ in 0..ROUNDS {
                        for company in [Company::Others, Company::Nobody] {
                            let permit = gate.enter(company);
                            let before = running.fetch_add(1, Ordering::SeqCst);
                            std::thread::yield_now();
                            let after = running.fetch_sub(1, Ordering::SeqCst) - 1;
                            assert!(company == Company::Others || (before == 0 && after == 0), "{before} {after}");
                            drop(permit);
                        }
                        done.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(done.load(Ordering::SeqCst), THREADS * ROUNDS);
    }
}
