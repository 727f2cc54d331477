//! Limits on Windows, which has no such ones.

use crate::platform::limits::ProcessLimits;

/// Nothing: there are no core dumps.
#[derive(Clone, Copy, Debug, Default)]
pub struct CoreLimit(());

impl ProcessLimits for CoreLimit {
    fn disable_core_dumps() -> Self {
        Self(())
    }

    fn restore(self) {}

    fn survive_file_size_limit() {}
}
