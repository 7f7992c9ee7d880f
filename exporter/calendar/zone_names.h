// The names of time zones on this system, for messages about one that could not be loaded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace headroom {

// Where zone files are: TZDIR, else /usr/share/zoneinfo.
std::string ZoneFolder();

// The names of all zones below `folder`, sorted; empty when it holds none or cannot be read.
std::vector<std::string> ZoneNames(const std::string& folder);

// Whether `name` can be an IANA name at all: not a path out of the folder, not "localtime" and
// others that name no place, not the "right/" zones, whose clocks count leap seconds.
bool CanNameZone(std::string_view name);

// Why `name`, which could not be loaded, is no zone of `folder`, and what to do.
std::string WhyNoZone(const std::string& name, const std::string& folder);

}  // namespace headroom
