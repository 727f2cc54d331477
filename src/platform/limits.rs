//! Limits of this process that each operating system handles in its own way.

/// The limit on core dumps that was in force before this process lowered it.
pub trait ProcessLimits: Copy + Default {
    /// Keeps the secrets in this process's memory out of core dumps.
    fn disable_core_dumps() -> Self;

    /// Restores the limit, for a command that is about to run. A limit that can't be restored is no reason not to run
    /// it.
    fn restore(self);

    /// Lets a write beyond the limit on file sizes (`ulimit -f`) fail as on a full disk, instead of ending this
    /// process.
    fn survive_file_size_limit();
}
