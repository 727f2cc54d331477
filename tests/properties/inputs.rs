//! Generated inputs that reach deep into each property, in the form that its `holds` takes.

use proptest::prelude::*;
use proptest::sample::select;

/// Some of these pieces, joined.
fn of_pieces(pieces: &'static [&'static str], max_count: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(
        prop_oneof![8 => select(pieces).prop_map(str::to_owned), 1 => ".{0,4}"],
        0..max_count,
    )
    .prop_map(|pieces| pieces.concat().into_bytes())
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..200)
}

pub(crate) fn answer_failure() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: &[&str] = &[
        "\\S",
        "\\B",
        "\\U",
        "\\P",
        "\\6",
        " ",
        "\\n",
        "%",
        "\u{ad}",
        "\u{200b}",
        "\u{fe0f}",
        "AbCdEf0123456789-bC",
        "dEf01234+6789_bCdEf0/234",
        "rate limit exceeded",
        "!",
    ];
    const LOCATIONS: &[&str] = &["https://", "\\S", "\\X", "\\B", ".example", "/", "@", ":", "?"];
    let status = prop_oneof![
        3 => select(&[400_u16, 401, 403, 404, 407, 408, 425, 429, 302, 500, 503][..]),
        1 => 100..1_000_u16,
    ];
    let code = select(&["invalid_client", "invalid_request", "\\S", "Forbidden", ""][..]);
    let field = select(&["error_description", "description", "message"][..]);
    let text =
        |pieces| of_pieces(pieces, 8).prop_map(|bytes| String::from_utf8_lossy(&bytes).replace('\n', " "));
    let oauth = (code, field, text(PIECES)).prop_map(|(code, field, description)| {
        let description = description.replace('"', "'").replace(char::is_control, "\\u0007");
        format!(r#"{{"error":"{code}","{field}":"{description}"}}"#)
    });
    let body = prop_oneof![4 => oauth, 1 => text(PIECES)];
    (status, text(PIECES), text(LOCATIONS), body)
        .prop_map(|(status, id, location, body)| format!("{status}\n{id}\n{location}\n{body}").into_bytes())
}

pub(crate) fn base_url() -> impl Strategy<Value = Vec<u8>> {
    of_pieces(
        &[
            "https://",
            "http://",
            "HTTPS:",
            "ftp://",
            "Login.Example",
            "localhost",
            "127.0.0.1",
            "0x7f.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "münchen.example",
            ":443",
            ":80",
            ":8443",
            ":0",
            "/",
            "/prefix",
            "/..",
            "%2F",
            "?",
            "#",
            "@",
            "me:hunter2@",
            "\\",
            ".",
            " ",
            "\t",
        ],
        6,
    )
}

pub(crate) fn entry() -> impl Strategy<Value = Vec<u8>> {
    let header = of_pieces(
        &[
            "{",
            "}",
            "\"requested_at\":1",
            "\"received_at\":2",
            "\"expires_at\":3",
            ",",
            "\"granted\":",
            "\"a\"",
            "\"salt\":",
        ],
        12,
    );
    let times = (any::<i64>(), any::<i64>(), any::<i64>(), prop::option::of(".{0,9}")).prop_map(
        |(requested_at, received_at, expires_at, granted)| {
            serde_json::json!({
                "requested_at": requested_at,
                "received_at": received_at,
                "expires_at": expires_at,
                "granted": granted,
            })
            .to_string()
            .into_bytes()
        },
    );
    prop_oneof![2 => bytes(), 1 => header, 1 => times]
}

/// Two secrets, each on a line, and a stream with pieces of their forms.
pub(crate) fn mask() -> impl Strategy<Value = Vec<u8>> {
    let secret = prop_oneof!["[ab+/]{0,9}", "[!-~]{1,40}", "[!-~]{16,40}", "[a-h]{16,60}"];
    let piece = prop_oneof![
        1 => any::<[u8; 2]>().prop_map(|[form, length]| vec![0xfe, form, 0, length]),
        3 => (any::<u8>(), any::<u8>(), 0..40_u8).prop_map(|(form, from, length)| vec![0xfe, form, from, length]),
        2 => Just(vec![0xff]),
        1 => Just(vec![0xfd]),
        2 => "[ab+%2BYWJ]{0,4}".prop_map(String::into_bytes),
        1 => bytes(),
    ];
    let stream = prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat());
    (secret.clone(), secret, stream)
        .prop_map(|(one, other, stream)| [one.as_bytes(), b"\n", other.as_bytes(), b"\n", &stream].concat())
}

pub(crate) fn offer() -> impl Strategy<Value = Vec<u8>> {
    sealed_fields(&[
        "version",
        "token",
        "scope",
        "requested_at",
        "answered_after",
        "lives",
        "requested_here",
        "alive_at",
    ])
}

pub(crate) fn shared_records() -> impl Strategy<Value = Vec<u8>> {
    sealed_fields(&[
        "version",
        "token",
        "tokens",
        "class",
        "requested_at",
        "answered_after",
        "lives",
        "waits",
        "requested_here",
        "streak",
        "alive_at",
    ])
}

/// Fields of a sealed part, most of them near the times that the properties take for now; or anything.
fn sealed_fields(names: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let number = prop_oneof![
        3 => (0..90_000_i64, select(&[1_i64, 1_000_000, 2_000_000][..]))
            .prop_map(|(off, base)| (base - off).saturating_mul(1_000_000)),
        1 => any::<i64>(),
    ];
    let name = select(names);
    let value = prop_oneof![
        8 => number.prop_map(serde_json::Value::from),
        1 => ".{0,9}".prop_map(serde_json::Value::from),
        1 => Just(serde_json::Value::Null),
    ];
    let fields = prop::collection::btree_map(name, value, 0..4)
        .prop_map(|fields| serde_json::json!(fields).to_string().into_bytes());
    let words = of_pieces(&[" ", ":", "AAAA", "0123456789abcdef", "-", "x:", "\n", "="], 12);
    prop_oneof![3 => fields, 1 => words, 1 => bytes()]
}

#[cfg(unix)]
pub(crate) fn quoting() -> impl Strategy<Value = Vec<u8>> {
    let text = prop_oneof!["[!-~]{0,80}", ".{0,40}"].prop_map(String::into_bytes);
    let hard =
        of_pieces(&["'", "\"", "\\", "$", "`", "$(", ")", "{", "\n", "\\n", "#", ";", "!", "@", "\u{1}"], 12);
    prop_oneof![text, hard, bytes()]
}

pub(crate) fn region() -> impl Strategy<Value = Vec<u8>> {
    of_pieces(
        &[
            "https://",
            "HTTP://",
            "login.",
            "api.",
            "Apps.",
            "mypurecloud.com",
            "MYPURECLOUD.de",
            "euw2.pure.cloud",
            "eu-central-1",
            "US_EAST_1",
            "prod-",
            "use1",
            "prod",
            "fedramp-use2",
            "-core",
            ":443",
            ":80",
            "/",
            "?",
            "#",
            "@",
            ".",
            "\\",
            " ",
            "\n",
            ".au",
            "evil-",
            "://",
        ],
        5,
    )
}

pub(crate) fn retry_after() -> impl Strategy<Value = Vec<u8>> {
    let now = prop_oneof![3 => 0..3_155_760_000_i64, 1 => "-?[0-9]{1,12}".prop_map(|now| now.parse().expect("digits"))];
    let seconds = prop_oneof!["[0-9]{1,3}", "[0-9]{1,30}", " ?[0-9]{1,5} ?"].boxed();
    let date = (0..3_155_760_000_i64, 0..3_usize).prop_map(|(at, form)| {
        let date = chrono::DateTime::from_timestamp(at, 0).expect("it is in range");
        let form = ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"][form];
        date.format(form).to_string()
    });
    let header = prop_oneof![seconds, date, ".{0,40}"];
    (now, header).prop_map(|(now, header)| format!("{now} {header}").into_bytes())
}

pub(crate) fn scope() -> impl Strategy<Value = Vec<u8>> {
    of_pieces(
        &[
            "routing",
            "users",
            ":readonly",
            " ",
            "\n",
            "a,b",
            "\"",
            "\\",
            "\t",
            "Routing",
            "é",
            "AbCdEf0123456789AbCdEf",
        ],
        12,
    )
}

pub(crate) fn token_response() -> impl Strategy<Value = Vec<u8>> {
    let token = prop_oneof![4 => Just("@@".to_owned()), 1 => "[!-~]{1,20}", 1 => ".{0,9}"];
    let token_type = select(&["\"Bearer\"", "\"bearer\"", "\"mac @@\"", "7", "null"][..]);
    let lifetime = prop_oneof![
        4 => "\"? ?[0-9]{1,20}(\\.[0-9]{1,3}|e[0-9]{1,3})?\"?",
        1 => select(&["null", "true", "-1", "\"soon\"", "0", "316224000", "316224001"][..]).prop_map(str::to_owned),
    ];
    let scope = prop_oneof![
        3 => "[a-z: ]{0,30}",
        1 => select(&["x @@", "$$ y"][..]).prop_map(str::to_owned),
        1 => "[ -~]{0,9}",
        1 => "a{0,70000}",
    ];
    let whole = (token, token_type, lifetime, scope).prop_map(|(token, token_type, lifetime, scope)| {
        let text = |value: &str| serde_json::to_string(value).expect("text is JSON");
        let (token, scope) = (text(&token), text(&scope));
        format!(
            r#"{{"access_token":{token},"token_type":{token_type},"expires_in":{lifetime},"scope":{scope}}}"#
        )
        .into_bytes()
    });
    prop_oneof![4 => whole, 1 => bytes()]
}
