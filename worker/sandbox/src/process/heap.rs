//! Whose turn it is with the heap, and with all else of a process that is in memory (errno, thread-local variables). A launcher, an init and
//! its program's process until that executes the command have one memory, and no locks: one after the other uses it. Any of them may be
//! killed, and who is killed while it uses the heap leaves it in a state that nobody knows. So each says when it begins and when it leaves
//! off; what it waits for it waits for without the heap.

use std::sync::atomic::{AtomicBool, Ordering};

use super::sys;

/// At first by the launcher.
static IS_HELD: AtomicBool = AtomicBool::new(true);

/// Begins to use it. False if somebody did who cannot any more, so that it must not be used.
#[must_use]
pub(super) fn take() -> bool {
    !IS_HELD.swap(true, Ordering::AcqRel)
}

/// Whether somebody does, or did who cannot any more.
pub(super) fn is_held() -> bool {
    IS_HELD.load(Ordering::Acquire)
}

/// Leaves off.
pub(super) fn leave() {
    IS_HELD.store(false, Ordering::Release);
}

/// Waits for something, which uses no heap, while nobody holds it.
pub(super) fn without<T>(wait: impl FnOnce() -> T) -> T {
    leave();
    let result = wait();
    if !take() {
        // It is somebody else's turn, which cannot be.
        sys::exit_now(1);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::{is_held, leave, take, without};

    #[test]
    fn one_has_it_at_a_time() {
        assert!(is_held() && !take(), "the launcher begins with it");
        assert!(!without(is_held) && is_held());
        leave();
        assert!(!is_held() && take() && is_held() && !take());
    }
}
