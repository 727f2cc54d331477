//! The system calls that neither the standard library nor rustix offers as safe functions.

use std::alloc::{GlobalAlloc, Layout, System};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::raw::{c_int, c_short};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use zeroizing_alloc::ZeroAlloc;

static WIPES_FREED_MEMORY: AtomicBool = AtomicBool::new(false);

/// From now on, overwrites all memory that is freed: also what libraries copy, which no type of ours can wipe.
pub(crate) fn wipe_freed_memory() {
    WIPES_FREED_MEMORY.store(true, Ordering::Relaxed);
}

/// The system's allocator, which can wipe what is freed. A process that ends at once need not: its memory goes with it.
pub struct WipingAllocator;

// SAFETY: every call goes to the system's allocator as it is, also by way of `ZeroAlloc`, which frees what that one has
// allocated, overwritten.
unsafe impl GlobalAlloc for WipingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are the same.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are the same.
        unsafe {
            if WIPES_FREED_MEMORY.load(Ordering::Relaxed) {
                ZeroAlloc(System).dealloc(block, layout);
            } else {
                System.dealloc(block, layout);
            }
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller's promises are the same.
        unsafe {
            if WIPES_FREED_MEMORY.load(Ordering::Relaxed) {
                ZeroAlloc(System).realloc(block, layout, new_size)
            } else {
                System.realloc(block, layout, new_size)
            }
        }
    }
}

/// Whether this process ignores `signal`.
pub(crate) fn is_ignored(signal: c_int) -> bool {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: without a new action the call only fills in `action`, which is valid for writes and, being
    // plain data, initialised by its zeroes even if the call fails.
    unsafe {
        libc::sigaction(signal, ptr::null(), action.as_mut_ptr()) == 0
            && action.assume_init().sa_sigaction == libc::SIG_IGN
    }
}

/// Restores the default action of `signal`.
pub(crate) fn restore_default(signal: c_int) {
    // SAFETY: the default action runs no code of ours; replacing a handler is sound in any thread.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
    }
}

/// Ignores `signal`, as a process that this one becomes then does too. A plain system call: safe between `fork` and
/// `exec`.
pub(crate) fn ignore(signal: c_int) {
    // SAFETY: to ignore a signal runs no code of ours; replacing a handler is sound in any thread.
    unsafe {
        libc::signal(signal, libc::SIG_IGN);
    }
}

/// The signals that stay pending until they are unblocked. Inherited, also through `exec`.
#[derive(Clone, Copy)]
pub(crate) struct Blocked(libc::sigset_t);

/// Unblocks `signals` for this thread and the threads it will start, and returns what was blocked before.
pub(crate) fn unblock(signals: &[c_int]) -> Blocked {
    change_blocked(libc::SIG_UNBLOCK, signals)
}

/// Blocks `signals` too for this thread, and returns what was blocked before.
pub(crate) fn block(signals: &[c_int]) -> Blocked {
    change_blocked(libc::SIG_BLOCK, signals)
}

fn change_blocked(how: c_int, signals: &[c_int]) -> Blocked {
    let mut before = MaybeUninit::<libc::sigset_t>::zeroed();
    let mut set = MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: both sets are valid for writes, and plain data that its zeroes initialise.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        for &signal in signals {
            libc::sigaddset(set.as_mut_ptr(), signal);
        }
        libc::pthread_sigmask(how, set.as_ptr(), before.as_mut_ptr());
        Blocked(before.assume_init())
    }
}

/// Blocks these signals and no others, for this thread. A plain system call: safe between `fork` and `exec`.
pub(crate) fn set_blocked(blocked: &Blocked) {
    // SAFETY: the set is one that the system gave.
    unsafe {
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const blocked.0, ptr::null_mut());
    }
}

/// Runs `step` in the child, between `fork` and `exec`. It may only make system calls: no allocation, no lock.
pub(crate) fn before_exec(
    command: &mut Command,
    step: impl FnMut() -> io::Result<()> + Send + Sync + 'static,
) {
    // SAFETY: the callers keep to async-signal-safe system calls, as required above.
    unsafe {
        command.pre_exec(step);
    }
}

/// Another descriptor of the file that is open under this number, closed when a command starts.
pub(crate) fn duplicate(number: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: the call takes any number; what it returns is new, and nobody else's.
    unsafe {
        match libc::fcntl(number, libc::F_DUPFD_CLOEXEC, 0) {
            -1 => Err(io::Error::last_os_error()),
            new => Ok(OwnedFd::from_raw_fd(new)),
        }
    }
}

/// Waits until something happens to one of `files`, and says to which; to none at the end of `patience` or on
/// a signal.
pub(crate) fn poll<const N: usize>(
    files: [(BorrowedFd<'_>, c_short); N],
    patience: Option<Duration>,
) -> io::Result<[bool; N]> {
    let mut entries = files.map(|(fd, events)| libc::pollfd { fd: fd.as_raw_fd(), events, revents: 0 });
    // Rounded up, so that the time is over when nothing has happened.
    let timeout =
        patience.map_or(-1, |left| c_int::try_from(left.as_micros().div_ceil(1000)).unwrap_or(c_int::MAX));
    // SAFETY: `entries` is an array of as many entries as we say, and its files are borrowed for the call.
    let count = unsafe { libc::poll(entries.as_mut_ptr(), N as libc::nfds_t, timeout) };
    if count < 0 {
        let error = io::Error::last_os_error();
        return if error.kind() == io::ErrorKind::Interrupted { Ok([false; N]) } else { Err(error) };
    }
    Ok(entries.map(|entry| entry.revents != 0))
}
