//! Feature flags of a connection.

use serde_json::{Map, Value};

/// The flags of a new connection, as a real answer of 2025 shows them. `poll_db_no_merge` is true
/// for Ordered Writes, today's default.
pub(crate) fn default_features() -> Map<String, Value> {
    const ON: [&str; 3] = [
        "poll_db_no_merge",
        "retry_get_query_batch_result_ids",
        "ucs_basic_collation_index",
    ];
    const ALL: [&str; 21] = [
        "cdc_for_accelerated_polling",
        "disable_bulk_writes",
        "drift_max_batches_in_parallel_override",
        "early_sf_api_access",
        "force_picklist_255",
        "get_deleted_latest_date_check",
        "increased_query_cursor_limit",
        "log_memory_usage",
        "mtls_shield_connection",
        "poll_db_no_merge",
        "poll_external_ids",
        "rest_count_only",
        "retry_failed_create_soap_call",
        "retry_get_query_batch_result_ids",
        "set_odata_extra_float_digits_to_0",
        "sync_repair_unlimited_query_all",
        "temp_tables_in_transactions",
        "testing_flag_only",
        "ucs_basic_collation_index",
        "use_assignment_rules",
        "verbose_sfnotifier_logging",
    ];
    ALL.iter()
        .map(|flag| ((*flag).to_owned(), Value::Bool(ON.contains(flag))))
        .collect()
}
