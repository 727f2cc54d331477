//! One simulation: so many agents, a way to share tokens, and what goes wrong.

use std::ops::Range;
use std::time::Duration;

use super::agent::Agent;
use super::figures::Figures;
use super::model::{CALL_INTERVAL, Draws};
use super::world::World;
use crate::harness::simulation::{Simulation, WatchClock};

const HOUR: Duration = Duration::from_hours(1);

/// How tokens get from one agent to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sharing {
    /// Not at all: each agent has its disk.
    Nothing,
    /// From stage to stage of a build.
    Build,
    /// Through a store for the whole fleet.
    SharedCache,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing but agents that die now and then.
    Usual,
    /// All agents begin within a minute, with an empty store.
    StartTogether,
    /// Half of the agents that ask the login server die before they have its answer.
    Deaths,
    /// The store answers nobody for ten minutes, and has lost everything then.
    StoreOutage,
    /// The login server fails for ten minutes.
    LoginOutage,
}

/// What is simulated.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub agents: u32,
    pub sharing: Sharing,
    /// How long a token lives.
    pub lives: Duration,
    pub hours: u32,
    pub trouble: Trouble,
}

impl Case {
    /// The agents begin their first build at any time within this.
    fn begin_within(&self) -> Duration {
        if self.trouble == Trouble::StartTogether { Duration::from_mins(1) } else { HOUR }
    }

    /// The time that is looked at: when the fleet works as ever.
    pub fn window(&self) -> Range<Duration> {
        let begin = if self.trouble == Trouble::StartTogether { Duration::ZERO } else { HOUR };
        begin..begin + HOUR * self.hours
    }

    /// When what fails fails.
    pub fn outage(&self) -> Range<Duration> {
        let begin = self.window().start + CALL_INTERVAL;
        begin..begin + Duration::from_mins(10)
    }

    pub fn run(&self) -> Figures {
        let clock = WatchClock::default();
        let world = World::new(*self, &clock);
        let mut simulation = Simulation::new(&clock);
        let (window, outage) = (self.window(), self.outage());
        if self.trouble == Trouble::StoreOutage {
            simulation.at(outage.end, |_| world.store.flush());
        }
        simulation.at(window.start, |_| world.tally.counts().checks.0 = world.server.checks());
        simulation.at(window.end, |_| world.look_at_end());
        for number in 0..self.agents {
            let draws = Draws::new(u64::from(number));
            let begin = draws.up_to(self.begin_within());
            let mut agent = Agent::new(&world, draws);
            simulation.repeat(begin, move |task| agent.work(task));
        }
        simulation.run();
        Figures::of(&world)
    }
}
