// The keys of [[pgbouncer]] that can be given without a config file.
#pragma once

#include <array>

#include "collectors/collector.h"

namespace headroom::pgbouncer {

inline constexpr std::array<CollectorFlag, 4> kFlags = {{
    {.key = "dsn",
     .form = CollectorFlag::Form::kUrl,
     .flag = "dsn",
     .variable = "HEADROOM_PGBOUNCER_DSN",
     .value = "DSN",
     .help = "PgBouncer to watch, such as 'host=127.0.0.1 port=6432 user=stats'"},
    {.key = "postgresql",
     .form = CollectorFlag::Form::kText,
     .flag = "postgresql",
     .variable = "HEADROOM_PGBOUNCER_POSTGRESQL",
     .value = "TARGET",
     .help = "the PostgreSQL target behind it: \"postgresql\" is the one of --postgresql.dsn"},
    {.key = "password_env",
     .form = CollectorFlag::Form::kSecret,
     .flag = "",
     .variable = "HEADROOM_PGBOUNCER_PASSWORD",
     .value = "",
     .help = "the password"},
    {.key = "password_file",
     .form = CollectorFlag::Form::kText,
     .flag = "",
     .variable = "HEADROOM_PGBOUNCER_PASSWORD_FILE",
     .value = "",
     .help = "a file that holds the password"},
}};

}  // namespace headroom::pgbouncer
