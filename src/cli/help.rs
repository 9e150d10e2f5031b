//! The settings in the help of each command: those that the command reads.

/// Settings of the log, which most commands write.
const LOG: [&str; 3] = ["WARES_ENV", "RUST_LOG", "LOG_FORMAT"];
/// Settings of commands that use the database. Commands do not wait for it and do not log slow statements.
const DATABASE: [&str; 5] = [
    "WARES_DATA_DIR",
    "DATABASE_URL",
    "DATABASE_MAX_CONNECTIONS",
    "DATABASE_POOLER",
    "SHOP_CURRENCY",
];
/// The settings that `check` tests, besides those of the database and those with a prefix in [`CHECKED_PREFIXES`].
const CHECKED: [&str; 10] = [
    "DATABASE_REPLICAS",
    "WARES_LISTEN",
    "WARES_MIGRATE",
    "PUBLIC_URL",
    "SHOP_NAME",
    "SHOP_COUNTRY",
    "CROSS_BORDER",
    "JWT_SECRETS",
    "SMTP_URL",
    "MAIL_FROM",
];
const CHECKED_PREFIXES: [&str; 3] = ["GOOGLE_", "S3_", "STRIPE_"];

/// Returns whether a command reads a setting, given by its variable.
pub fn reads(command: &str, setting: &str) -> bool {
    let database = || LOG.contains(&setting) || DATABASE.contains(&setting);
    match command {
        "serve" => true,
        "migrate" | "demo" | "import" | "export" | "jobs" | "backup" | "verify" => database(),
        "admin" => database() || setting == "PASSWORD_MIN_LENGTH",
        "check" => {
            let starts = |prefix| setting.starts_with(prefix);
            database() || CHECKED.contains(&setting) || CHECKED_PREFIXES.into_iter().any(starts)
        }
        "health" => LOG.contains(&setting) || matches!(setting, "WARES_LISTEN" | "OPERATOR_LISTEN"),
        // `schema` and `completions` depend on nothing.
        _ => false,
    }
}
