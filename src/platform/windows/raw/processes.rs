//! Processes: jobs, the console's events, and which handles are one.

use std::os::windows::io::{AsRawHandle as _, BorrowedHandle, FromRawHandle as _, OwnedHandle};
use std::ptr::null;
use std::thread;
use std::time::Duration;

use windows_sys::Win32::Foundation::CompareObjectHandles;
use windows_sys::Win32::System::Console::{CTRL_CLOSE_EVENT, CTRL_SHUTDOWN_EVENT, SetConsoleCtrlHandler};
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT, JOB_OBJECT_LIMIT_BREAKAWAY_OK,
    JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, JOBOBJECT_EXTENDED_LIMIT_INFORMATION,
    JobObjectExtendedLimitInformation, SetInformationJobObject,
};
use windows_sys::Win32::System::Threading::GetCurrentProcess;

/// A job that this process is in, with everything that it starts: if this process is killed, all of them are. A command
/// that asks for it may start processes outside.
pub(crate) struct Job(OwnedHandle);

impl Job {
    /// Enters a new job; `None` where the system does not allow it: then a kill of this process spares the command.
    pub(crate) fn enter() -> Option<Self> {
        // SAFETY: without attributes and without a name: no pointer is read. Nobody inherits the handle.
        let handle = unsafe { CreateJobObjectW(null(), null()) };
        if handle.is_null() {
            return None;
        }
        // SAFETY: the call succeeded, so the handle is open, and nobody else's.
        let job = Self(unsafe { OwnedHandle::from_raw_handle(handle) });
        // SAFETY: both handles are open; the second one stands for this process.
        let entered = unsafe { AssignProcessToJobObject(job.0.as_raw_handle(), GetCurrentProcess()) } != 0;
        let flags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_BREAKAWAY_OK;
        (entered && job.set_limits(flags)).then_some(job)
    }

    fn set_limits(&self, flags: JOB_OBJECT_LIMIT) -> bool {
        let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
        limits.BasicLimitInformation.LimitFlags = flags;
        let size = u32::try_from(size_of_val(&limits)).expect("a small structure");
        // SAFETY: the limits are of the kind and of the size that we say.
        unsafe {
            SetInformationJobObject(
                self.0.as_raw_handle(),
                JobObjectExtendedLimitInformation,
                (&raw const limits).cast(),
                size,
            ) != 0
        }
    }
}

impl Drop for Job {
    /// What the command has left running goes on.
    fn drop(&mut self) {
        self.set_limits(JOB_OBJECT_LIMIT_BREAKAWAY_OK);
    }
}

/// Leaves Ctrl-C and Ctrl-Break to the command, which the console tells of them as well: this process outlives it, and
/// passes on its last words and its exit code. So it does when the console is closed or the system shuts down, as long as
/// that allows. A log-off is told to services alone, which are to go on (Microsoft: `HandlerRoutine`). Whether Ctrl-C is
/// ignored at all is inherited, and stays as it is.
pub(crate) fn leave_console_events_to_children() {
    /// Longer than the system waits for a handler.
    const LONG: Duration = Duration::from_mins(1);

    /// The system calls it in a thread of its own, and ends this process when it has returned from one of these events.
    unsafe extern "system" fn handle(event: u32) -> i32 {
        if matches!(event, CTRL_CLOSE_EVENT | CTRL_SHUTDOWN_EVENT) {
            thread::sleep(LONG);
        }
        1
    }
    // SAFETY: the handler uses nothing that could be gone. Without a console the call changes nothing.
    unsafe { SetConsoleCtrlHandler(Some(handle), 1) };
}

/// Whether two handles are of one open file, pipe or console.
pub(crate) fn is_same_object(one: BorrowedHandle<'_>, other: BorrowedHandle<'_>) -> bool {
    // SAFETY: both handles are open.
    unsafe { CompareObjectHandles(one.as_raw_handle(), other.as_raw_handle()) != 0 }
}
