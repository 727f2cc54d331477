//! What came of a fault, as the table says it.

use std::collections::BTreeSet;

use crate::harness::Done;

/// One run, or all runs of a sweep together: what differs stands side by side.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// `token`, or the category and the exit code.
    pub outcome: BTreeSet<String>,
    /// What the line on stderr says beside where the token came from, or the error.
    pub says: BTreeSet<String>,
    /// Token requests at the server, or what holds of their number.
    pub requests: BTreeSet<String>,
    /// What the next call does, without the fault.
    pub next: BTreeSet<String>,
}

impl Seen {
    pub fn one(outcome: &str, says: &str, requests: &str, next: &str) -> Self {
        let one = |text: &str| BTreeSet::from([text.to_owned()]);
        Self { outcome: one(outcome), says: one(says), requests: one(requests), next: one(next) }
    }

    /// Everything that was seen in any of `runs`.
    pub fn all(runs: impl IntoIterator<Item = Self>) -> Self {
        runs.into_iter().fold(Self::default(), |mut all, run| {
            all.outcome.extend(run.outcome);
            all.says.extend(run.says);
            all.requests.extend(run.requests);
            all.next.extend(run.next);
            all
        })
    }

    /// The same of `exec`, which ends as its command does.
    pub fn of_a_command(self) -> Self {
        let own = |outcome: String| if outcome == "token" { "the command's".to_owned() } else { outcome };
        Self { outcome: self.outcome.into_iter().map(own).collect(), ..self }
    }

    /// The same, where the number of requests is the scheduler's affair.
    pub fn with_requests(self, summary: &str) -> Self {
        Self { requests: BTreeSet::from([summary.to_owned()]), ..self }
    }
}

/// The warnings of a line on stderr, but for the one that the loopback server is not Genesys' own.
fn warnings(line: &str) -> impl Iterator<Item = &str> {
    line.split("; warning: ").skip(1).filter(|warning| !warning.contains("is not Genesys' own host"))
}

/// The outcome of a call and what it said. Fails if it said anything in another way than it should.
#[track_caller]
pub fn outcome(done: &Done, tokens: &[String]) -> (String, String) {
    done.keeps_to_itself(tokens);
    if done.code == 0 {
        assert!(done.stderr.lines().count() <= 1, "{done:?}");
        let said: Vec<&str> = warnings(done.stderr.trim_end()).collect();
        return ("token".to_owned(), said.join("; "));
    }
    // What a shell says of a command that can't be started is no category's code.
    let error =
        if done.code == 126 { serde_json::from_str(&done.stderr).expect("an error") } else { done.refused() };
    let category = serde_json::to_value(error.category).expect("a word");
    (format!("`{}`, {}", category.as_str().expect("a word"), done.code), error.message)
}
