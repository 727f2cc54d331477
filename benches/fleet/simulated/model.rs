//! The model of a fleet: how long things take, and how often they go wrong. `docs/fleet.md` names these figures.

use std::time::Duration;

use genesys_token::random::Random as _;

use crate::harness::simulation::Seeded;

/// An agent does one stage, and has nothing on its disk when it begins.
pub const MIN_STAGE: Duration = Duration::from_mins(1);
pub const MAX_STAGE: Duration = Duration::from_hours(1);
/// A build has 1 to so many stages, one after the other.
const MAX_STAGES: u32 = 8;
/// From the end of a stage to the first call of the next one, at least, and how much longer it may take.
const MIN_AGENT_START: Duration = Duration::from_secs(10);
const AGENT_START_SPREAD: Duration = Duration::from_secs(50);
/// A stage calls when it begins, and so often after that.
pub const CALL_INTERVAL: Duration = Duration::from_mins(20);
/// Calls check a token that is older than this, as the step does.
pub const VERIFY_AFTER: Duration = Duration::from_mins(4);
/// The agents' clocks differ from the true time by up to so many seconds.
const MAX_CLOCK_SKEW: u32 = 300;
/// From the moment in which Jenkins reads its clock to the start of the program.
pub const MAX_STEP_START: Duration = Duration::from_secs(3);
/// How long the login server takes for its answer.
pub const LOGIN_TAKES: Duration = Duration::from_millis(150);
/// So many stages of 100 lose their agent, and begin again on another one.
const LOST_AGENTS: u32 = 2;
/// So many requests of 100 lose their agent before it has read the answer.
const DEATHS: u32 = 5;
/// The same, where that is the trouble.
const MANY_DEATHS: u32 = 50;
/// The characters of a token of Genesys Cloud.
pub const TOKEN_LEN: usize = 86;

/// The random numbers of one agent.
pub struct Draws(Seeded);

impl Draws {
    pub fn new(seed: u64) -> Self {
        Self(Seeded::new(seed))
    }

    /// A number below `limit`.
    fn below(&self, limit: u32) -> u32 {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        let scaled = u64::from(u32::from_le_bytes(bytes)) * u64::from(limit);
        u32::try_from(scaled >> 32).expect("it is below the limit")
    }

    /// For the random numbers of a machine.
    pub fn seed(&self) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    pub fn up_to(&self, max: Duration) -> Duration {
        self.0.up_to(max)
    }

    pub fn stages(&self) -> u32 {
        1 + self.below(MAX_STAGES)
    }

    /// Short stages are more frequent: as many take 1 to 8 minutes as 8 to 60.
    pub fn stage_length(&self) -> Duration {
        let ratio = MAX_STAGE.as_secs_f64() / MIN_STAGE.as_secs_f64();
        let share = f64::from(self.below(1_000_000)) / 1e6;
        // The same to the millisecond on every platform.
        let millis = MIN_STAGE.mul_f64(ratio.powf(share)).as_millis();
        Duration::from_millis(u64::try_from(millis).expect("it is below the maximum"))
    }

    /// When in a stage its agent is lost, if it is.
    pub fn lost_at(&self, length: Duration) -> Option<Duration> {
        (self.below(100) < LOST_AGENTS).then(|| self.up_to(length))
    }

    pub fn agent_start(&self) -> Duration {
        MIN_AGENT_START + self.up_to(AGENT_START_SPREAD)
    }

    pub fn step_start(&self) -> Duration {
        self.up_to(MAX_STEP_START)
    }

    /// Seconds.
    pub fn clock_skew(&self) -> i64 {
        i64::from(self.below(2 * MAX_CLOCK_SKEW + 1)) - i64::from(MAX_CLOCK_SKEW)
    }

    /// Whether an agent dies, of which many do.
    pub fn dies(&self, many_do: bool) -> bool {
        self.below(100) < if many_do { MANY_DEATHS } else { DEATHS }
    }
}
