//! What a call tells the other machines of its fleet.

use std::time::Duration;

use super::call::Call;
use crate::cache::{FailureRecord, RecordClass, TokenFacts};
use crate::error::Category;
use crate::store::StoreFault;
use crate::token::{AccessToken, Token};

impl Call<'_> {
    /// Tells the fleet of a new token, and gives the lease back. The request was sent when the stopwatch showed `sent`.
    pub(super) fn share_token(&mut self, token: &Token, sent: Duration) {
        let Some(shared) = self.fleet() else { return };
        self.fleet.has_lease = false;
        if let Err(fault) = shared.put_token(token, sent) {
            self.fail_open(shared, &fault);
        }
    }

    /// The same with a failure, if it concerns every machine.
    pub(super) fn share_failure(&mut self, record: &FailureRecord, sent: Duration) {
        // A refusal that the login server did not word may be that of something between this machine and it.
        let is_doubtful = record.class == RecordClass::Refused && record.error.category != Category::Rejected;
        if record.transport_id.is_some() || is_doubtful {
            return self.release_lease();
        }
        let Some(shared) = self.fleet() else { return };
        self.fleet.has_lease = false;
        if let Err(fault) = shared.put_failure(record, sent) {
            self.fail_open(shared, &fault);
        }
    }

    /// Tells the fleet what was learned about the token `value`. Of two machines that learn the same at once, one is enough.
    pub(super) fn share_facts(&mut self, value: &AccessToken, facts: &TokenFacts) {
        let Some(shared) = self.fleet() else { return };
        self.fleet.has_lease = false;
        match shared.put_facts(value, facts) {
            Ok(()) | Err(StoreFault::Contended) => {}
            Err(fault) => self.fail_open(shared, &fault),
        }
    }

    /// Tells the fleet that no call is to be given `token` any more. That gives the lease back as well.
    pub(super) fn share_drop(&mut self, token: &Token) {
        let Some(shared) = self.fleet() else { return };
        self.fleet.has_lease = false;
        if let Err(fault) = shared.drop_token(token) {
            self.fail_open(shared, &fault);
        }
    }

    /// Gives the lease back, if this call has it: there is nothing to tell.
    pub(super) fn release_lease(&mut self) {
        if !std::mem::take(&mut self.fleet.has_lease) {
            return;
        }
        let Some(shared) = self.fleet() else { return };
        if let Err(fault) = shared.release_lease() {
            self.fail_open(shared, &fault);
        }
    }
}
