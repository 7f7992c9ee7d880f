// The keys of [[redis]] that can be given without a config file.
#pragma once

#include <array>

#include "collectors/collector.h"

namespace headroom::redis {

inline constexpr std::array<CollectorFlag, 5> kFlags = {{
    {.key = "url",
     .form = CollectorFlag::Form::kUrl,
     .flag = "url",
     .variable = "HEADROOM_REDIS_URL",
     .value = "URL",
     .help = "Redis to watch, such as redis://127.0.0.1:6379/0"},
    {.key = "lists",
     .form = CollectorFlag::Form::kStrings,
     .flag = "list",
     .variable = "HEADROOM_REDIS_LISTS",
     .value = "KEY",
     .help = "a list that is always exported (repeatable)"},
    {.key = "list_patterns",
     .form = CollectorFlag::Form::kStrings,
     .flag = "list-pattern",
     .variable = "",
     .value = "GLOB",
     .help = "lists to discover, such as 'queue:*' (repeatable)"},
    {.key = "password_env",
     .form = CollectorFlag::Form::kSecret,
     .flag = "",
     .variable = "HEADROOM_REDIS_PASSWORD",
     .value = "",
     .help = "the password"},
    {.key = "password_file",
     .form = CollectorFlag::Form::kText,
     .flag = "",
     .variable = "HEADROOM_REDIS_PASSWORD_FILE",
     .value = "",
     .help = "a file that holds the password"},
}};

}  // namespace headroom::redis
