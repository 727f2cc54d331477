//! Machines whose clocks are wrong, by libfaketime.

use std::collections::BTreeSet;

use loopback_login_server::{Behaviour, ExpiresIn};

use crate::fleet::Fleet;
use crate::harness::faketime::{self, Faketime};

fn fleet(seconds: i64) -> Fleet {
    Fleet::with(Behaviour { expires_in: ExpiresIn::Seconds(seconds), ..Behaviour::default() })
}

#[test]
fn ten_machines_from_five_minutes_behind_to_five_ahead_share_one_token() {
    let faketime = Faketime::new();
    for lives in [300, 86_400] {
        let fleet = fleet(lives);
        let tokens: BTreeSet<String> = (0..10)
            .map(|machine| {
                let file = fleet.scene.path(&format!("clock-{machine}"));
                faketime::set(&file, &format!("{:+}s", -300 + 600 * i64::from(machine) / 9));
                let call = faketime.by(&file, fleet.get(usize::try_from(machine).expect("it fits")));
                call.success().token().to_owned()
            })
            .collect();
        assert_eq!((tokens.len(), fleet.scene.server.token_requests()), (1, 1), "{lives}");
    }
}

#[test]
fn a_machine_that_is_twenty_minutes_off_gets_its_own() {
    let faketime = Faketime::new();
    for off in ["+20m", "-20m"] {
        let fleet = fleet(300);
        fleet.get(0).success();
        let file = fleet.scene.path("clock");
        faketime::set(&file, off);
        faketime.by(&file, fleet.on(1, "get").fetched("no entry")).success();
        assert_eq!(fleet.scene.server.token_requests(), 2, "{off}");
    }
}
