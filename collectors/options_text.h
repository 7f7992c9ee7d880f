// The words in which OptionsReader speaks of a configuration. Not for collectors.
#pragma once

#include <string>
#include <string_view>

#include "collectors/options.h"

namespace headroom {

// A key as it has to be written in TOML.
std::string KeyText(std::string_view key);

// "redis[0].workers[1]" -> "[[redis.workers]]"
std::string HeaderText(std::string_view path);

// What was found, in a few words. Only for keys whose value is never a secret.
std::string FoundText(const Value& value);

// A duration such as the one that was probably meant by a number without unit.
std::string DurationExample(const Value& value);

}  // namespace headroom
