//! Whose turn it is with the heap. A launcher, an init and its program's process until that executes the command have one memory, and
//! no locks: one after the other uses the heap. Any of them may be killed, and who is killed while it uses the heap leaves it in a
//! state that nobody knows. So each says when it begins and when it leaves off; what it waits for it waits for without the heap.

use std::sync::atomic::{AtomicBool, Ordering};

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
    // Nobody else had it meanwhile but who waits for this process.
    IS_HELD.store(true, Ordering::Release);
    result
}
