/* handlers.h: the functions behind routes.def; private to this module. */
#ifndef API_HANDLERS_H
#define API_HANDLERS_H

#include "api/call.h"

/* system.c */
extern const struct fields server_clock_fields;
extern const struct fields server_clock_advance_fields;
api_handler health_get, ready_get, metrics_get, openapi_v3_get, openapi_v1_get;
api_handler server_clock_get, server_clock_advance;

/* profiles.c */
api_handler profiles_create, profiles_get, profiles_list, profiles_update, profiles_delete;
api_handler overrides_get, overrides_put, overrides_delete, overrides_list;
api_handler customer_billing_get, customer_billing_put, customer_app_data_put;

/* apps.c */
api_handler listings_list, listings_get, apps_install, apps_install_key, apps_install_oauth2;
api_handler apps_get, apps_list, apps_update, apps_uninstall;
api_handler app_data_get, app_data_write, app_data_remove;

/* payments.c */
api_handler credit_notes_issue, credit_notes_of, credit_notes_list, credit_notes_get;
api_handler credit_balances_list, credit_entries_list;
api_handler payments_create, payments_list, payments_balance, payments_give_up;
api_handler external_draft_done, external_issuing_done, external_payment_done;

/* tokens.c */
api_handler tokens_create, tokens_list, tokens_revoke;

/* backups.c */
extern const struct fields backup_fields;
api_handler backups_create, backups_file, backups_delete;

/* events.c */
api_handler events_ingest, events_list_v1, events_list_v2, events_list_v3;

/* event_reports.c */
extern const struct fields conflict_fields;
api_handler usage_conflicts_list, events_debug_metrics, progress_get;

/* records.c */
api_handler audit_entries, work_parked, work_retry;

/* subjects.c */
api_handler subjects_list, subjects_upsert, subjects_get, subjects_delete;

/* test_clocks.c */
api_handler test_clocks_create, test_clocks_list, test_clocks_get, test_clocks_delete;
api_handler test_clocks_advance;

/* outbox.c */
api_handler outbox_events;

/* unattributed.c */
extern const struct fields unattributed_fields;
api_handler usage_unattributed, assignments_create, assignments_list;

/* catalogs.c */
extern const struct fields catalog_request_fields;
extern const struct fields catalog_outcome_fields;
api_handler catalogs_export, catalogs_plan, catalogs_apply;

/* erasures.c */
api_handler outbox_retention_read, outbox_retention_write;
api_handler retention_read, retention_write, erasures_create, erasures_list;

/* meters.c, meter_queries.c */
api_handler meters_create, meters_get, meters_list, meters_update, meters_delete;
api_handler meters_query_get, meters_query_post, meters_subjects, meters_values;
api_handler meters_templates, meters_rollup;

/* Finds the customers that a query names, and their subjects. */
struct meter_query;
NODISCARD enum err query_resolve_customers(struct api_call *call, struct meter_query *query);

/* The meter in the path: v1 by id or key, v3 by id. */
struct meter;
NODISCARD enum err path_meter(struct api_call *call, struct meter *ret);

/* customers.c */
api_handler customers_create, customers_get, customers_list, customers_update, customers_delete;

/* features.c, feature_costs.c */
api_handler features_create, features_get, features_list, features_update, features_delete;
api_handler features_cost_query;

/* plans.c */
api_handler plans_create, plans_get, plans_list, plans_update, plans_delete;
api_handler plans_publish, plans_archive, plans_next;

/* addons.c */
api_handler addons_create, addons_get, addons_list, addons_update, addons_delete;
api_handler addons_publish, addons_archive;

/* plan_addons.c */
api_handler plan_addons_create, plan_addons_get, plan_addons_list, plan_addons_update;
api_handler plan_addons_delete;

/* tax_codes.c */
api_handler tax_codes_create, tax_codes_get, tax_codes_list, tax_codes_update, tax_codes_delete;
api_handler tax_defaults_get, tax_defaults_put, tax_rates_get, tax_rates_put;

/* llm_prices.c */
api_handler llm_prices_list, llm_prices_get, llm_prices_put;
api_handler llm_overrides_list, llm_overrides_create, llm_overrides_delete;

/* currencies.c */
api_handler currencies_info, currencies_create, currencies_get, currencies_list;
api_handler cost_bases_create, cost_bases_list;

/* pricing.c */
api_handler pricing_simulate;

/* subscriptions.c */
api_handler subscriptions_create, subscriptions_get, subscriptions_list, subscriptions_cancel;
api_handler subscriptions_continue, subscriptions_delete, customers_subscriptions;
api_handler subscriptions_edit;

/* plan_migrations.c */
api_handler plan_migrations_create, plan_migrations_preview, plan_migrations_list;
api_handler plan_migrations_get, plan_subscription_counts;

/* subscription_addons.c */
api_handler subscription_addons_create, subscription_addons_update, subscription_addons_get;
api_handler subscription_addons_list;

/* subscription_changes.c */
api_handler subscriptions_change, subscriptions_migrate, subscriptions_restore;
api_handler subscriptions_credits, subscriptions_pending, subscriptions_withdraw;
api_handler subscriptions_advise;
api_handler subscription_settings_read, subscription_settings_write;
api_handler billing_settings_read, billing_settings_write;

/* life.c */
api_handler subscriptions_preview_new, subscriptions_preview;

/* explain.c */
api_handler explain_get, explain_events_list, invoices_verify_one, invoices_verify;

/* invoices.c */
api_handler invoices_preview, invoices_list, invoices_get, invoices_list_v3, invoices_get_v3;

/* invoice_simulate.c */
api_handler invoices_simulate;
/* invoice_lines.c */
api_handler invoice_lines_create;

/* invoice_edits.c */
api_handler invoices_update;

/* invoice_actions.c */
extern const struct fields invoicing_fields;
extern const struct fields void_fields;
api_handler invoices_invoice, invoices_invoice_v3, invoices_advance, invoices_approve;
api_handler invoices_retry, invoices_snapshot, invoices_delete, invoices_recalculate, invoices_void;

#endif
