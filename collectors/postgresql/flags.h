// The keys of [[postgresql]] that can be given without a config file.
#pragma once

#include <array>

#include "collectors/collector.h"

namespace headroom::postgresql {

inline constexpr std::array<CollectorFlag, 3> kFlags = {{
    {.key = "dsn",
     .form = CollectorFlag::Form::kUrl,
     .flag = "dsn",
     .variable = "HEADROOM_POSTGRESQL_DSN",
     .value = "DSN",
     .help = "PostgreSQL to watch, such as postgresql://monitor@127.0.0.1:5432/postgres"},
    {.key = "password_env",
     .form = CollectorFlag::Form::kSecret,
     .flag = "",
     .variable = "HEADROOM_POSTGRESQL_PASSWORD",
     .value = "",
     .help = "the password"},
    {.key = "password_file",
     .form = CollectorFlag::Form::kText,
     .flag = "",
     .variable = "HEADROOM_POSTGRESQL_PASSWORD_FILE",
     .value = "",
     .help = "a file that holds the password"},
}};

}  // namespace headroom::postgresql
