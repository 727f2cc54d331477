//! What happened under a fault, in the words of the table.

use std::collections::BTreeSet;

use crate::harness::Done;

/// One run, or all runs of a sweep together: values that differ stand side by side.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// `token`, or the category and the exit code.
    pub(crate) outcome: BTreeSet<String>,
    /// The warnings in the line on stderr, or the message of the error.
    pub(crate) says: BTreeSet<String>,
    /// The number of token requests at the server, or a description of it.
    pub(crate) requests: BTreeSet<String>,
    /// What the next call does, without the fault.
    pub(crate) next: BTreeSet<String>,
}

impl Seen {
    pub(crate) fn one(outcome: &str, says: &str, requests: &str, next: &str) -> Self {
        let one = |text: &str| BTreeSet::from([text.to_owned()]);
        Self { outcome: one(outcome), says: one(says), requests: one(requests), next: one(next) }
    }

    /// Everything that happened in any of `runs`.
    pub(crate) fn all(runs: impl IntoIterator<Item = Self>) -> Self {
        runs.into_iter().fold(Self::default(), |mut all, run| {
            all.outcome.extend(run.outcome);
            all.says.extend(run.says);
            all.requests.extend(run.requests);
            all.next.extend(run.next);
            all
        })
    }

    /// The same for `exec`, which ends with the exit code of its command.
    pub(crate) fn of_a_command(self) -> Self {
        let own =
            |outcome: String| if outcome == "token" { "the command's code".to_owned() } else { outcome };
        Self { outcome: self.outcome.into_iter().map(own).collect(), ..self }
    }

    /// The same with a description of the number of requests, for when the scheduler decides it.
    pub(crate) fn with_requests(self, description: &str) -> Self {
        Self { requests: BTreeSet::from([description.to_owned()]), ..self }
    }
}

/// The warnings of a line on stderr without their remedies, and without the ones that the loopback server is not Genesys'
/// own.
fn warnings(line: &str) -> impl Iterator<Item = &str> {
    let warnings = line.split("; warning: ").skip(1);
    let warnings = warnings.map(|warning| warning.split("; fix: ").next().unwrap_or_default());
    warnings.filter(|warning| !warning.contains("is not Genesys' own host"))
}

/// How a call ended and what it said on stderr. Fails if it leaked something, or reported an error in another form than
/// it should.
#[track_caller]
pub(crate) fn outcome(done: &Done, tokens: &[String]) -> (String, String) {
    done.leaks_nothing(tokens);
    if done.code == 0 {
        assert!(done.stderr.lines().count() <= 1, "{done:?}");
        let said: Vec<&str> = warnings(done.stderr.trim_end()).collect();
        return ("token".to_owned(), said.join("; "));
    }
    // 126 is the code of a shell for a command that can't be started, and belongs to no category.
    let error =
        if done.code == 126 { serde_json::from_str(&done.stderr).expect("an error") } else { done.error() };
    let category = serde_json::to_value(error.category).expect("a word");
    (format!("`{}`, {}", category.as_str().expect("a word"), done.code), error.message)
}
