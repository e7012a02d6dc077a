//! The behaviour suite: tests for every backend that use only the traits.
//!
//! Each behaviour is a function that takes an empty store. A backend's crate, which needs tokio as a dev-dependency,
//! turns them all into tests of its own:
//!
//! ```ignore
//! async fn make_store() -> (MyStore, impl Sized) { … } // the second lives as long as the test: a folder, say
//! rollcall_store::store_test_suite!(make_store);
//! ```
#![expect(missing_docs, reason = "a behaviour is named by what it proves")]
#![expect(clippy::unwrap_used, reason = "a behaviour that does not hold panics")]

pub mod accounts;
pub mod archive;
pub mod authorizations;
pub mod collect;
pub mod concurrency;
pub mod connections;
pub mod documents;
pub mod erasures;
pub mod hooks;
pub mod instance_lists;
pub mod instances;
pub mod meetings;
pub mod members;
pub mod oauth;
pub mod participants;
pub mod persons;
pub mod presumed_ends;
pub mod quality;
pub mod registrants;
pub mod retention;
pub mod rollups;
mod samples;
pub mod saved_queries;
pub mod subscriptions;
pub mod tracking_codes;
pub mod tracking_fields;
pub mod tracking_sources;
pub mod users;
pub mod webhooks;

use std::fmt::Debug;

use rollcall_model::{AccountId, Timestamp};

use crate::{Result, Store, StoreError};

/// Generates a `#[tokio::test]` for every behaviour, in a module for every aggregate. `$make_store` is an async
/// function of the calling module that returns an empty store, and a guard that must live as long as the store.
#[macro_export]
macro_rules! store_test_suite {
    ($make_store:ident) => {
        $crate::store_behaviours!([$crate::store_test_suite] $make_store);
    };
    (@stamp $make_store:ident $($module:ident { $($behaviour:ident)* })*) => {
        $(mod $module {
            $(
                #[tokio::test]
                async fn $behaviour() {
                    let (store, _kept) = super::$make_store().await;
                    $crate::suite::$module::$behaviour(&store).await;
                }
            )*
        })*
    };
}

/// Passes the list of behaviours to a macro.
#[doc(hidden)]
#[macro_export]
macro_rules! store_behaviours {
    ([$($callback:tt)*] $argument:ident) => {
        $($callback)*! {
            @stamp $argument
            accounts {
                an_account_is_found_by_its_row_its_name_and_its_public_id
                accounts_are_listed_oldest_first
                a_name_or_public_id_that_is_taken_is_a_conflict
            }
            saved_queries {
                a_query_is_saved_listed_by_name_and_deleted
                an_account_has_a_limited_number
                accounts_do_not_see_each_others
            }
            subscriptions {
                a_subscription_is_read_changed_and_deleted
                only_members_of_the_account_are_subscribed_and_in_limited_number
                a_mail_is_begun_once_and_again_only_after_its_end_is_recorded
                a_paused_subscription_is_not_due_and_keeps_its_reason
                a_member_gets_a_limited_number_of_mails_in_an_hour
                each_of_the_latest_mails_unsubscribes
                accounts_do_not_see_each_others
            }
            webhooks {
                a_webhook_is_written_changed_and_deleted
                changes_are_noted_while_a_webhook_is_active
                a_delivery_waits_until_it_is_accepted_or_given_up
                a_webhook_that_keeps_failing_is_deactivated
            }
            connections {
                a_connection_is_created_changed_and_deleted
                names_of_connections_are_unique_and_their_number_is_limited
                a_refresh_token_replaces_the_one_that_it_came_from
                a_connection_is_due_by_its_schedule_or_if_it_is_asked_for
                a_lease_has_one_owner_until_it_expires
                a_run_that_was_not_complete_is_continued
                what_is_asked_during_a_run_is_done_after_it
            }
            collect {
                accounts_do_not_see_each_others
                a_list_is_planned_once
                a_list_is_read_again_for_a_new_version_and_once_it_is_final
                lists_wait_by_step_then_what_expires_then_the_latest
                a_list_continues_at_its_cursor
                a_page_plans_what_follows_and_counts_unknown_values
                a_list_that_is_begun_again_counts_its_entries_anew
                a_list_waits_until_its_time
                refused_lists_are_tried_again
                an_operation_is_refused_whole
                a_gap_is_found_again_and_filled
                a_difference_stays_until_the_sources_agree
                turns_are_spaced_and_shared
                a_days_pool_is_shared
                a_deleted_connection_takes_along_what_is_known_of_its_lists
                nothing_about_an_erased_person_is_planned
            }
            users {
                what_is_written_is_read
                writing_the_same_again_changes_nothing
                absent_values_keep_what_is_stored
                told_values_fill_gaps_and_win
                a_user_is_found_by_address_in_any_case
                an_address_goes_to_the_user_who_was_given_it_last
                any_number_of_users_may_lack_an_address
                lists_and_counts_keep_to_status_and_role
                a_rooms_name_is_known_by_the_end_of_its_address
                pages_hold_each_user_once_in_the_order_of_ids
                people_are_found_by_the_beginning_of_their_names
                accounts_do_not_see_each_others
            }
            meetings {
                what_is_written_is_read
                absent_values_keep_what_is_stored
                told_values_fill_gaps_and_win
                series_are_found_and_listed_by_their_ids
                a_meeting_and_a_webinar_may_share_a_number
                a_list_keeps_to_its_host_and_window
                a_list_of_live_meetings_holds_those_with_a_live_instance
                pages_hold_each_meeting_once_in_the_order_of_numbers
                accounts_do_not_see_each_others
            }
            instances {
                what_is_written_is_read
                the_same_uuid_is_the_same_row
                absent_values_keep_what_is_stored
                told_values_fill_gaps_and_win
                a_past_instance_does_not_become_live_again
                a_uuid_is_narrowed_by_kind_and_state
                a_number_stands_for_the_instance_that_began_last
                a_series_stands_for_its_instance_that_began_last
                an_instance_without_a_start_is_the_latest_where_it_is_the_only_one
                accounts_do_not_see_each_others
            }
            instance_lists {
                a_list_keeps_to_kind_and_state
                a_list_keeps_to_the_meeting_with_a_number
                a_window_holds_its_first_instant_and_not_its_last
                a_list_keeps_to_the_numbers_of_participants
                a_group_is_that_of_the_host
                a_group_is_that_of_a_participant_where_asked
                pages_hold_each_instance_once_the_latest_first
                a_cursor_past_the_window_does_not_widen_it
                accounts_do_not_see_each_others
            }
            participants {
                what_is_written_is_read
                blank_and_empty_are_not_absent
                writing_the_same_again_changes_nothing
                absent_values_keep_what_is_stored
                told_values_fill_gaps_and_win
                one_who_comes_back_is_a_second_participant
                a_report_without_a_join_time_fills_the_attendance_that_joined_last
                a_first_join_time_claims_the_attendance_without_one
                the_instance_counts_its_participants
                writing_the_instance_again_keeps_its_participants
                pages_hold_each_participant_once_in_the_order_first_seen
                one_who_arrives_during_the_walk_comes_on_a_later_page
                accounts_do_not_see_each_others
            }
            tracking_sources {
                sources_are_read_in_the_order_first_seen
                counters_take_the_value_given
                a_blank_url_keeps_the_one_that_is_stored
                webinars_have_their_own
                accounts_do_not_see_each_others
            }
            tracking_codes {
                an_account_has_one_default_site
                a_site_takes_the_values_given
                a_new_code_takes_the_id_after_the_accounts_highest
                codes_are_ordered_by_id_as_a_number
                a_name_that_the_site_has_is_a_conflict
                a_full_site_takes_no_further_code
                what_is_not_there_is_not_found
                a_code_that_is_put_is_made_or_replaced
                a_persons_values_merge_by_the_codes_names
                values_are_set_all_or_none
                values_stay_when_a_code_is_replaced_and_go_when_it_is_deleted
                accounts_do_not_see_each_others
            }
            persons {
                aliases_lead_to_a_person_in_one_step
                logins_are_found_by_their_addresses
                accounts_do_not_see_each_others
            }
            tracking_fields {
                what_is_written_is_read_in_the_order_of_creation
                a_label_that_is_taken_is_a_conflict_in_any_case
                a_full_account_takes_no_further_field
                former_labels_stay_in_the_history
                an_import_takes_the_label_of_another_field
                accounts_do_not_see_each_others
            }
            registrants {
                what_is_written_is_read
                absent_values_keep_what_is_stored
                an_address_as_id_is_the_registration_with_that_address
                pages_hold_each_registrant_once_in_the_order_of_ids
                a_list_keeps_to_status_occurrence_and_source
                an_address_registers_once_in_any_case
                a_cancelled_registration_is_made_again_under_its_id
                a_full_meeting_takes_nobody_and_a_group_is_taken_whole_or_not_at_all
                of_two_at_once_for_the_last_place_one_gets_it
                a_status_is_set_for_all_or_for_none
                a_registrant_is_deleted_whole_or_by_occurrence
                events_from_before_a_change_do_not_undo_it
                those_without_an_attendance_are_absent
                an_erased_person_is_gone_and_may_register_again
                accounts_do_not_see_each_others
            }
            documents {
                pages_hold_each_document_once_in_the_order_of_time
                a_document_that_is_written_again_is_replaced
                a_list_keeps_to_values_of_the_entries
                a_document_is_deleted_once
                accounts_do_not_see_each_others
            }
            oauth {
                an_app_is_found_by_its_client_id_in_any_account
                a_client_id_that_is_taken_is_a_conflict
                apps_are_listed_oldest_first_the_revoked_ones_too
                a_token_is_found_by_its_hash
                no_scopes_listed_is_not_all_scopes
                tokens_are_made_all_or_none
                only_an_app_of_the_account_that_is_not_revoked_gets_tokens
                revoking_an_app_revokes_its_tokens
                an_app_that_is_rotated_keeps_its_former_secret_for_the_overlap
                a_refresh_token_is_used_once
                only_a_refresh_token_that_holds_is_exchanged
                a_refresh_token_that_is_used_twice_takes_its_family_along
                a_refresh_token_that_is_extended_can_be_used_again
                an_app_has_a_bounded_number_of_tokens_that_it_asked_for
                a_failed_exchange_leaves_the_refresh_token
                a_token_is_revoked_once_by_its_own_account
                pages_hold_each_token_once_the_newest_first
                tokens_that_ended_are_deleted
            }
            authorizations {
                a_request_is_found_by_its_browser_until_it_expires
                a_request_is_decided_once_by_its_own_account
                a_decision_in_a_browser_replaces_its_secret
                only_an_approved_request_gets_a_code_and_only_one
                a_code_is_redeemed_once_and_a_second_use_revokes_what_followed
                one_of_many_redeems_a_code
                a_revoked_app_redeems_nothing
                waiting_requests_are_bounded_by_address_and_by_app
                expired_authorizations_are_deleted
                an_erasure_ends_authorizations_for_users
                a_token_is_revoked_with_its_family
            }
            members {
                an_invitation_is_accepted_once_and_until_it_expires
                the_next_invitation_of_an_address_replaces_the_former
                the_first_administrators_invitation_ends_with_the_first_administrator
                one_of_many_accepts_an_invitation
                an_address_signs_in_to_one_account_in_any_case
                a_member_whom_a_provider_vouches_for_is_found_by_it
                an_account_keeps_an_administrator
                a_session_is_a_token_of_a_member
                a_sign_in_ends_the_session_that_the_browser_had
                sessions_are_bounded_and_idle_ones_are_not_listed
                changes_of_a_member_end_their_sessions
                a_session_is_ended_by_its_member_or_its_account
                members_and_invitations_are_bounded
                a_removed_member_stays_for_the_audit_log
                an_account_is_deleted_with_its_members
            }
            quality {
                what_is_made_out_stands_where_nothing_was_told
                scores_are_no_change_of_the_instance
                labels_are_counted_told_or_made_out
                scores_are_behind_the_accounts_wall
            }
            archive {
                what_changes_moves_the_counter
                a_version_moves_with_what_is_shown
                past_instances_of_many_are_large
                past_instances_are_unsealed_until_they_are_sealed_as_they_are
                minutes_are_found_where_they_lie
                a_later_sealing_takes_the_place_of_an_earlier_one
                a_sealing_is_recorded_whole_or_not_at_all
                a_merge_moves_what_is_still_there
                folders_with_small_files_or_left_over_rows_are_worth_merging
                a_file_that_is_begun_is_known_before_it_is_written
                only_an_unreferenced_file_is_forgotten
                minutes_that_are_anothers_now_are_forgotten
                files_are_listed_by_account
                a_large_instance_is_sealed_in_one_step
            }
            presumed_ends {
                a_live_instance_is_silent_until_a_sign_of_it_is_noted
                an_instance_lapses_and_lives_again
                an_end_that_is_told_goes_before_a_lapse
                signs_of_life_are_the_start_joins_and_leaves_up_to_now
            }
            rollups {
                what_is_sealed_counts_once_however_often_it_is_sealed
                what_changed_before_it_was_recorded_does_not_count
                a_day_that_was_archived_before_is_stale_until_it_is_built
                a_day_that_changed_meanwhile_is_not_replaced
                a_kept_day_is_not_built_again
                what_is_forgotten_stays_forgotten
                cells_are_listed_by_hour_and_value
                rollups_are_behind_the_accounts_wall
                rollups_outlive_the_minutes_that_they_count
            }
            retention {
                what_is_over_is_due_and_what_is_not_is_next
                minutes_go_and_what_they_came_to_stays
                participants_go_some_at_a_time_and_stay_counted
                an_instance_goes_whole
                identity_is_blanked_until_it_is_told_again
                what_is_told_while_identity_is_blanked_keeps_it_due
                tracking_is_as_old_as_its_webinar
                meetings_go_when_nothing_of_them_is_left
            }
            erasures {
                a_person_is_found_by_what_names_them
                what_is_from_before_an_erasure_stays_erased
                an_attendance_of_which_only_a_name_was_known_is_blank_once_it_is_known_whose_it_is
                how_a_person_is_named_besides_is_learnt
                an_erasure_tells_what_it_erased_and_not_whom
                an_account_has_a_bounded_number_of_unfinished_erasures
                a_host_stays_erased_whatever_is_told_of_the_instance
                an_erasure_does_not_fix_the_uuid_that_a_meeting_has_of_its_latest_run
                what_webhooks_told_is_blank_and_told_again_changes_nothing
            }
            hooks {
                a_secret_is_active_until_it_is_withdrawn
                a_secret_that_is_rotated_holds_for_its_overlap
                what_is_told_later_stands_in_every_order
                what_comes_of_reports_outlives_them
                a_registrant_counts_once_for_each_source
                a_change_made_here_overrides_events_until_then
            }
            concurrency {
                writers_lose_nothing_of_each_other
                the_same_attendance_from_many_writers_is_one_row
                a_write_that_fails_takes_none_of_its_neighbours_along
                one_of_many_gets_a_name
                one_of_many_exchanges_a_refresh_token
                a_site_is_not_filled_past_its_limit
            }
        }
    };
}

/// The time `seconds` after the beginning of every behaviour.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000 + seconds)
}

async fn one_account(store: &dyn Store) -> AccountId {
    store.create_account("one", "public-one", at(0)).await.unwrap().id
}

async fn two_accounts(store: &dyn Store) -> (AccountId, AccountId) {
    (one_account(store).await, store.create_account("two", "public-two", at(0)).await.unwrap().id)
}

/// An account that was never created.
const NO_ACCOUNT: AccountId = AccountId(987_654);

#[track_caller]
fn assert_not_found<T: Debug>(result: Result<T>) {
    match result {
        Err(StoreError::NotFound { .. }) => (),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn assert_conflict<T: Debug>(result: Result<T>) {
    match result {
        Err(StoreError::Conflict { .. }) => (),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn assert_limit_reached<T: Debug>(result: Result<T>) {
    match result {
        Err(StoreError::LimitReached { .. }) => (),
        other => panic!("{other:?}"),
    }
}

/// Reads a list page by page, until a page is empty.
async fn walk<T, C>(
    cursor_of: impl Fn(&T) -> C,
    mut read_page: impl AsyncFnMut(Option<C>) -> Result<Vec<T>>,
) -> Vec<T> {
    let mut all = Vec::new();
    loop {
        let page = read_page(all.last().map(&cursor_of)).await.unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
        assert!(all.len() < 10_000, "the pages do not end");
    }
}

#[cfg(test)]
mod tests {
    macro_rules! names {
        (@stamp $_:ident $($module:ident { $($behaviour:ident)* })*) => {
            &[$((stringify!($module), &[$(stringify!($behaviour)),*])),*]
        };
    }
    const LISTED: &[(&str, &[&str])] = crate::store_behaviours!([names] all);

    /// A behaviour that is not listed would run nowhere, and nobody would notice.
    #[test]
    fn every_behaviour_is_listed() {
        for (module, listed) in LISTED {
            let path = format!("{}/src/suite/{module}.rs", env!("CARGO_MANIFEST_DIR"));
            let source = std::fs::read_to_string(path).unwrap();
            let mut written: Vec<_> =
                source.lines().filter_map(|line| line.strip_prefix("pub async fn ")?.split('(').next()).collect();
            let mut listed = listed.to_vec();
            written.sort_unstable();
            listed.sort_unstable();
            assert_eq!(written, listed, "{module}");
        }
    }
}
