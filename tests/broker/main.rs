//! The broker, the cache and the stores in one process: a scripted login server, a clock that moves when somebody
//! sleeps, and every test once on each store.

#[path = "../harness/mod.rs"]
mod harness;

mod build;
mod cached_records;
mod decisions;
mod failures;
mod fetches;
mod fleet;
mod fleet_failures;
mod fleet_waits;
mod full_store;
mod last_holder;
mod locks;
mod model;
mod setup;
mod shared_cache;
mod stored_bytes;
mod verification;
mod waits;

use setup::Setup;

/// The tests that every store must pass. A new store gets a line in `stores`, and nothing else.
macro_rules! on_every_store {
    (stores: $($store:ident)*; tests: $($module:ident::$test:ident)*) => {
        on_every_store!(@each [$($store)*] [$($module::$test)*]);
    };
    (@each [$store:ident $($others:ident)*] [$($module:ident::$test:ident)*]) => {
        mod $store {
            $(#[test] fn $test() { super::$module::$test(&super::Setup::$store()); })*
        }
        on_every_store!(@each [$($others)*] [$($module::$test)*]);
    };
    (@each [] [$($module:ident::$test:ident)*]) => {};
}

on_every_store! {
    stores: dir memory;
    tests:
        stored_bytes::a_record_is_what_was_put_last
        stored_bytes::removing_a_missing_record_is_no_error
        stored_bytes::a_lock_is_held_by_one_holder_at_a_time
        stored_bytes::each_entry_has_a_lock_of_its_own
        stored_bytes::clearing_removes_every_record_and_no_lock
        stored_bytes::the_list_names_every_record
        stored_bytes::sweeping_leaves_records_younger_than_a_day
        stored_bytes::sweeping_ends_when_its_time_is_over
        stored_bytes::a_call_whose_time_is_over_sweeps_nothing
        stored_bytes::a_call_sweeps_for_a_second_at_most
        stored_bytes::a_probe_finds_that_records_can_be_written_and_locks_exclude
        cached_records::a_token_comes_back_as_it_was_put
        cached_records::another_secret_client_or_server_is_a_miss
        cached_records::a_failure_comes_back_until_a_token_is_put
        cached_records::a_damaged_record_is_a_miss
        cached_records::a_record_under_another_name_is_a_miss
        cached_records::a_dropped_token_stays_dropped_when_its_old_record_is_put_back
        cached_records::a_token_is_dropped_while_another_process_holds_the_lock_and_its_successor_is_not
        cached_records::a_token_that_was_overtaken_is_not_put
        cached_records::a_dropped_token_is_remembered_until_another_one_is_dropped_after_its_end
        cached_records::of_two_tokens_requested_at_once_the_last_one_stays
        cached_records::a_token_is_swept_when_it_ended_more_than_a_day_ago
        fetches::a_miss_fetches_and_a_hit_does_not
        fetches::the_reason_of_a_fetch_is_what_was_wrong_with_the_cached_token
        fetches::the_lifetime_counts_from_just_before_the_request
        fetches::in_the_advisory_window_one_short_attempt_refreshes_the_token
        fetches::an_answer_that_can_not_be_cached_suppresses_no_refresh
        fetches::a_token_that_lives_too_short_is_an_error_and_still_cached
        fetches::a_required_lifetime_that_no_token_keeps_for_long_is_a_warning
        fetches::a_token_that_came_late_is_an_error_when_too_little_is_left_of_a_required_lifetime
        fetches::a_token_of_unknown_lifetime_is_an_error_when_a_lifetime_is_required
        fetches::a_token_that_expired_on_its_way_is_not_provided_and_another_is_requested
        fetches::a_token_that_was_overtaken_on_its_way_replaces_none
        fetches::a_required_lifetime_allows_no_stale_token
        fetches::a_stale_token_that_expires_during_the_refresh_is_not_provided
        failures::a_failed_refresh_is_a_warning_and_suppresses_further_ones_for_thirty_seconds
        failures::without_a_token_transient_failures_are_retried_until_the_deadline
        failures::a_refusal_is_final_for_its_call_and_the_next_call_tries_again
        failures::a_rate_limit_beyond_the_deadline_ends_the_call_at_once
        failures::a_call_waits_for_no_retry_that_its_deadline_would_cut_off
        failures::a_failure_of_the_network_is_shared_by_the_callers_of_its_transport
        failures::a_failure_by_the_calls_own_settings_is_not_shared
        failures::a_streak_of_failures_ends_with_another_failure_or_when_no_request_was_sent_for_five_minutes
        failures::a_rate_limit_that_another_process_met_meanwhile_outlives_our_own_failure
        failures::a_call_without_time_says_what_was_learned_since_it_started
        failures::a_clock_set_back_during_a_call_causes_no_request_loop
        locks::while_another_process_refreshes_the_current_token_is_provided_at_once
        locks::a_stale_token_waits_five_seconds_for_another_process_and_no_longer
        locks::a_stale_token_outlives_a_cache_that_is_emptied_while_its_call_waits
        locks::a_waiting_call_looks_often_at_first_and_ten_times_a_second_later
        locks::a_call_that_gives_up_on_a_holder_looks_once_more_after_a_random_moment
        locks::a_usable_token_that_appears_during_a_back_off_is_refreshed_after_the_pause
        locks::no_lock_is_held_during_a_back_off
        last_holder::its_token_is_provided_without_a_request
        last_holder::its_refusal_answers_without_a_request
        last_holder::it_gives_the_lock_away_before_it_sweeps
        locks::a_suspended_holder_is_waited_for_half_the_deadline_and_then_ignored
        locks::a_call_that_went_without_the_lock_takes_it_again_after_a_shared_wait
        verification::a_dead_token_is_dropped_and_replaced
        verification::a_live_token_is_checked_once_and_a_young_one_never
        verification::that_a_token_is_alive_serves_every_process_for_a_minute
        verification::a_token_that_was_requested_after_the_call_started_is_not_checked
        verification::a_token_is_checked_once_in_a_call_that_looks_twice
        verification::an_api_host_that_does_not_answer_is_a_warning
        verification::a_dead_token_is_dropped_even_under_a_rate_limit
        waits::no_call_sleeps_for_longer_than_a_tenth_of_a_second_or_without_a_word
        model::whatever_happens_no_expired_token_is_provided_and_requests_stay_rare
}

#[test]
fn without_a_cache_every_call_requests_a_token_and_backs_off_on_its_own() {
    fetches::without_a_cache(&Setup::memory());
}
