-- What an organization allows of subscriptions beyond the contracts' defaults.

CREATE TABLE subscription_settings (
    org_id TEXT PRIMARY KEY,
    is_multiple INTEGER NOT NULL,
    may_start_in_past INTEGER NOT NULL
);
