//! The cache that machines share: whether it can be reached, lets this user do what a call does, and holds a lease.
//!
//! No call fails because of it, so what is wrong with it is a warning. What is written there ends after seconds, under
//! names that no record has.

use std::time::Duration;

use super::check::Check;
use super::context::{ClientContext, Deadline};
use super::shared_cache_faults::Obstacle;
use crate::cache::DerivedKeys;
use crate::hex::hex;
use crate::random::Random;
use crate::secret::{displayed_path, visible};
use crate::settings::SharedCacheSettings;
use crate::store::{
    EntryName, Eviction, LeaseHolder, LeaseState, Put, RedisStore, SharedName, SharedStore as _, StoreFault,
    Trial,
};

const NAME: &str = "shared cache";
const RIGHTS: &str = "shared rights";
const LEASE: &str = "shared lease";
const MEMORY: &str = "shared memory";
/// How many times as long as a call the doctor asks it, to tell what is slow from what is not there.
const PATIENCE: u32 = 4;
/// What a doctor that is killed leaves behind is gone after this time.
const LIFE: Duration = Duration::from_secs(10);
const VALUE: &[u8] = b"doctor";

pub(super) fn check(
    settings: &SharedCacheSettings,
    context: Option<&ClientContext>,
    random: &dyn Random,
    deadline: &Deadline,
) -> Vec<Check> {
    let limit_of_call = settings.limit(deadline.timeout);
    let limit = (limit_of_call * PATIENCE).min(deadline.remaining());
    let open = || settings.store(limit, deadline.clock);
    let names = Names::new(&settings.prefix, context, random);
    let tried = open()
        .map_err(Obstacle::Fault)
        .and_then(|store| store.try_commands(&names.record).map_err(|fault| Obstacle::behind(fault, &store)));
    let trial = match tried {
        Ok(trial) => trial,
        Err(obstacle) => return vec![obstacle.warning(NAME, settings)],
    };
    let mut checks = reachable(settings, &trial);
    if !trial.denied.is_empty() {
        checks.push(denied(settings, &trial.denied));
        return checks;
    }
    checks.push(Check::ok(RIGHTS, "every command of a call is allowed"));
    let tried = open().and_then(|one| {
        let other = open()?;
        Ok((try_lease(&one, &other, &names)?, one.spent(), other.eviction()))
    });
    match tried {
        Ok((holds, spent, eviction)) => {
            checks.push(lease(holds, spent, limit_of_call));
            checks.extend(eviction.map(memory));
        }
        Err(fault) => checks.push(Obstacle::Fault(fault).warning(LEASE, settings)),
    }
    checks
}

/// The names of a doctor's own records. They lie where the client's lie, should the store be one of many.
struct Names {
    record: SharedName,
    lease: SharedName,
    holders: [LeaseHolder; 2],
}

impl Names {
    fn new(prefix: &str, context: Option<&ClientContext>, random: &dyn Random) -> Self {
        let mut own = [0; 8];
        // Without randomness two doctors at once may disturb each other.
        let _ = random.fill(&mut own);
        let client = match context {
            Some(context) => context.cache_key().client_entry_name(&DerivedKeys::new(&context.client.secret)),
            None => EntryName::new([0; 32], own),
        };
        let own = hex(&own);
        let name = |of: &str| SharedName::new(prefix, &client, &[":doctor-", own.as_str(), of].concat());
        let holders = ["one", "other"].map(|which| LeaseHolder([which, own.as_str()].concat()));
        Self { record: name(""), lease: name("-lease"), holders }
    }
}

/// Where it is, how this user came in, and how fast it answers.
fn reachable(settings: &SharedCacheSettings, trial: &Trial) -> Vec<Check> {
    let tls = match (settings.address.is_tls(), settings.trusted_path()) {
        (false, _) => "without TLS".to_owned(),
        (true, Some(path)) => format!("over TLS, verified against {}", displayed_path(path)),
        (true, None) => "over TLS, verified against the system's trust store".to_owned(),
    };
    let login = match (settings.has_password(), settings.username()) {
        (false, _) => "without a login".to_owned(),
        (true, None) => "as its default user".to_owned(),
        (true, Some(user)) => format!("as user {}", visible(user)),
    };
    let millis = trial.round_trip.as_secs_f64() * 1e3;
    let detail = format!("{}, {tls}, {login}; it answers in {millis:.2} ms", settings.address);
    let mut checks = vec![Check::ok(NAME, detail)];
    if let (false, Some(user)) = (settings.has_password(), settings.username()) {
        let warning = Check::warning(NAME, format!("the user {} is not logged in", visible(user)));
        checks.push(warning.because("there is no password, so that it is asked as its default user").fix(
            "give the password in GENESYS_TOKEN_SHARED_CACHE_PASSWORD or GENESYS_TOKEN_SHARED_CACHE_PASSWORD_FILE; \
             or leave the user out",
        ));
    }
    checks
}

fn denied(settings: &SharedCacheSettings, commands: &[&str]) -> Check {
    let rights: Vec<String> = commands.iter().map(|name| format!("+{}", name.to_lowercase())).collect();
    let user = visible(settings.username().unwrap_or("default"));
    Check::warning(RIGHTS, format!("it denies {}", commands.join(", ")))
        .because("its list of rights (ACL) does not give them to this user")
        .fix(format!("have its administrator run: ACL SETUSER {user} {}", rights.join(" ")))
}

/// Whether the lease that one connection has keeps another one out, which sees what the first one puts. On the way the
/// first connection does what a call does.
fn try_lease(one: &RedisStore, other: &RedisStore, names: &Names) -> Result<bool, StoreFault> {
    let Names { record, lease, holders: [ours, others] } = names;
    let records = std::slice::from_ref(record);
    one.look(records, lease)?;
    let is_ours = one.take_lease(lease, ours, LIFE)?;
    let is_others = other.take_lease(lease, others, LIFE)?;
    let held = other.look(records, lease)?.lease;
    let put = || Put { name: record.clone(), value: VALUE.to_vec(), life: LIFE };
    one.update(records, lease, ours, &mut |_| vec![put()])?;
    let after = other.look(records, lease)?;
    let is_seen = after.records[0].as_ref().is_some_and(|stored| stored.value == VALUE);
    other.remove(record)?;
    let is_held = matches!(held, LeaseState::Held(Some(left)) if left <= LIFE);
    Ok(is_ours && !is_others && is_held && is_seen && after.lease == LeaseState::Free)
}

fn lease(holds: bool, spent: Duration, limit: Duration) -> Check {
    let millis = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1e3);
    if !holds {
        return Check::warning(LEASE, "does not hold between two connections")
            .because("several servers answer at this address, each with data of its own")
            .fix("give the address of one server, or of a primary with its replicas");
    }
    let spent_words = format!("all that a call asks takes {}", millis(spent));
    if spent > limit {
        return Check::warning(LEASE, format!("holds between two connections, but {spent_words}"))
            .because(format!("a call asks no longer than {}, and then goes on without it", millis(limit)))
            .fix(
                "use a server nearer to this machine; raise GENESYS_TOKEN_SHARED_CACHE_TIMEOUT or --timeout",
            );
    }
    Check::ok(LEASE, format!("holds between two connections; {spent_words}"))
}

/// What happens when its memory is full. Neither is a fault: what it does not keep costs a token request.
fn memory(Eviction { policy, is_limited }: Eviction) -> Check {
    let what_is_full = match (is_limited, policy.as_str()) {
        (false, _) => "its memory has no limit, so that nothing is evicted",
        (true, "noeviction") => "when its memory is full it takes no more, and tokens are not shared",
        (true, _) => "when its memory is full it may evict tokens, which are then requested again",
    };
    Check::ok(MEMORY, format!("{policy}: {what_is_full}"))
}
