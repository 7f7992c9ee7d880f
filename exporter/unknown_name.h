// What to say to somebody who asked for a name that the configuration does not have.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace headroom {

// `noun`: "target", "workload". With the name that was probably meant, else with those that there
// are, as far as a person would read them.
std::string UnknownName(std::string_view noun, std::string_view name,
                        std::span<const std::string> known);

}  // namespace headroom
