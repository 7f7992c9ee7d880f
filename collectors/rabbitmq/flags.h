// The keys of [[rabbitmq]] that can be given without a config file.
#pragma once

#include <array>

#include "collectors/collector.h"

namespace headroom::rabbitmq {

inline constexpr std::array<CollectorFlag, 6> kFlags = {{
    {.key = "url",
     .form = CollectorFlag::Form::kUrl,
     .flag = "url",
     .variable = "HEADROOM_RABBITMQ_URL",
     .value = "URL",
     .help = "management API of the RabbitMQ to watch, such as http://monitor@127.0.0.1:15672"},
    {.key = "prometheus_urls",
     .form = CollectorFlag::Form::kStrings,
     .flag = "prometheus-url",
     .variable = "HEADROOM_RABBITMQ_PROMETHEUS_URLS",
     .value = "URL",
     .help = "Prometheus plugin of a node, such as http://127.0.0.1:15692 (repeatable)",
     .urls = true},
    {.key = "queues",
     .form = CollectorFlag::Form::kStrings,
     .flag = "queue",
     .variable = "HEADROOM_RABBITMQ_QUEUES",
     .value = "NAME",
     .help = "a queue of the virtual host / that is always exported (repeatable)"},
    {.key = "include",
     .form = CollectorFlag::Form::kStrings,
     .flag = "include",
     .variable = "",
     .value = "REGEX",
     .help = "queues to discover, such as 'orders\\..*' (repeatable)"},
    {.key = "password_env",
     .form = CollectorFlag::Form::kSecret,
     .flag = "",
     .variable = "HEADROOM_RABBITMQ_PASSWORD",
     .value = "",
     .help = "the password"},
    {.key = "password_file",
     .form = CollectorFlag::Form::kText,
     .flag = "",
     .variable = "HEADROOM_RABBITMQ_PASSWORD_FILE",
     .value = "",
     .help = "a file that holds the password"},
}};

}  // namespace headroom::rabbitmq
