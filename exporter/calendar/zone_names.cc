#include "exporter/calendar/zone_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <system_error>

#include "collectors/environment.h"
#include "collectors/suggest.h"

namespace headroom {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kExample = "\"Europe/Berlin\"";

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return Lower(c); });
  return lower;
}

// Beside the zones lie tables for programs (zone.tab, leapseconds) and other versions of them
// (posix/, right/). Every part of a zone's name begins with a capital.
bool IsZoneFileName(std::string_view name) {
  const bool capital = !name.empty() && name.front() >= 'A' && name.front() <= 'Z';
  return capital && name.find('.') == std::string_view::npos;
}

// "Etc/GMT+9" is nine hours west: whoever writes "GMT+9" may mean the other half of the world.
bool IsPlace(std::string_view zone) {
  return zone.find('/') != std::string_view::npos && !zone.starts_with("Etc/");
}

// The zone that is meant when only its place is named, or its case is wrong: "seoul".
std::optional<std::string> SamePlace(std::string_view name, const std::vector<std::string>& zones) {
  std::string wanted = Lower(name);
  std::replace(wanted.begin(), wanted.end(), ' ', '_');
  for (const std::string& zone : zones) {
    const std::string lower = Lower(zone);
    if (lower == wanted || (IsPlace(zone) && lower.ends_with("/" + wanted))) return zone;
  }
  return std::nullopt;
}

// Of a misspelt place only: one letter off an abbreviation ("KST") is a zone elsewhere ("EST").
std::string NearbyPlace(std::string_view name, std::vector<std::string> zones) {
  if (!IsPlace(name)) return "";
  std::erase_if(zones, [](const std::string& zone) { return !IsPlace(zone); });
  return DidYouMean(name, zones);
}

}  // namespace

std::string ZoneFolder() {
  const char* folder = EnvironmentValue("TZDIR");
  return folder == nullptr || *folder == '\0' ? "/usr/share/zoneinfo" : folder;
}

std::vector<std::string> ZoneNames(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied,
                                         error);
  // An increment that fails leaves the end.
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    const bool is_folder = entry->is_directory(ignored);
    if (!IsZoneFileName(entry->path().filename().native())) {
      if (is_folder) entry.disable_recursion_pending();
    } else if (!is_folder) {
      names.push_back(entry->path().lexically_relative(folder).native());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool CanNameZone(std::string_view name) {
  constexpr std::array<std::string_view, 3> kNoPlace = {"Factory", "localtime", "posixrules"};
  if (std::find(kNoPlace.begin(), kNoPlace.end(), name) != kNoPlace.end()) return false;
  if (name.starts_with("right/") || name.starts_with('/')) return false;
  // The library would take the file's whole path, and an offset in words ("Fixed/UTC+09:00:00").
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return IsVariableByte(c) || c == '/' || c == '-' || c == '+';
  });
}

std::string WhyNoZone(const std::string& name, const std::string& folder) {
  const std::vector<std::string> zones = ZoneNames(folder);
  if (zones.empty()) {
    return fmt::format(
        "tzdata is not installed: {} has no time zones, so that {} cannot be looked up (Debian: "
        "apt-get install tzdata)",
        folder, Quoted(name));
  }
  if (CanNameZone(name) && std::binary_search(zones.begin(), zones.end(), name)) {
    return fmt::format("the file of the time zone {} in {} cannot be read, or is damaged",
                       Quoted(name), folder);
  }
  if (const auto meant = SamePlace(name, zones)) {
    return fmt::format("unknown time zone {}: did you mean {}?", Quoted(name), Quoted(*meant));
  }
  const std::string hint = NearbyPlace(name, zones);
  return fmt::format(
      "unknown time zone {}{}", Quoted(name),
      hint.empty() ? fmt::format(": expected an IANA name such as {}", kExample) : hint);
}

}  // namespace headroom
