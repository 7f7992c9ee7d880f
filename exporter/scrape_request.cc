#include "exporter/scrape_request.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

#include "collectors/parse_whole.h"

namespace headroom {
namespace {

constexpr std::chrono::duration<double> kDefaultBudget(2.5);
constexpr std::chrono::duration<double> kOffset(0.25);
constexpr std::chrono::duration<double> kMaxBudget(60);

std::string_view Trim(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

std::optional<double> ParseNumber(std::string_view text) {
  const auto value = ParseWhole<double>(Trim(text));
  if (!value || !std::isfinite(*value)) return std::nullopt;
  return value;
}

// "gzip;q=0.5" -> weight of that coding; no q: 1; an unreadable q: 0.
double Weight(std::string_view parameters) {
  const auto q = parameters.find("q=");
  if (q == std::string_view::npos) return 1;
  const auto weight = ParseNumber(parameters.substr(q + 2));
  return weight ? *weight : 0;
}

}  // namespace

Duration ScrapeBudget(const HttpRequest& request) {
  std::chrono::duration<double> budget = kDefaultBudget;
  if (const std::string* header = request.Header("x-prometheus-scrape-timeout-seconds")) {
    if (const auto seconds = ParseNumber(*header); seconds && *seconds > 0) {
      const std::chrono::duration<double> offered(*seconds);
      budget = std::min(kMaxBudget, std::max(offered - kOffset, offered / 2));
    }
  }
  return std::chrono::duration_cast<Duration>(budget);
}

std::vector<std::string> RequestedNames(const HttpRequest& request) {
  std::vector<std::string> names;
  for (const auto& [key, value] : request.query) {
    if (key == "collect[]") names.push_back(value);
  }
  return names;
}

bool AcceptsGzip(const HttpRequest& request) {
  const std::string* header = request.Header("accept-encoding");
  if (header == nullptr) return false;
  std::optional<double> gzip;
  std::optional<double> any;
  for (std::string_view rest = *header; !rest.empty();) {
    const auto comma = rest.find(',');
    const std::string_view item = Trim(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    const auto semicolon = item.find(';');
    const std::string_view coding = Trim(item.substr(0, semicolon));
    const double weight =
        semicolon == std::string_view::npos ? 1 : Weight(item.substr(semicolon + 1));
    if (coding == "gzip") gzip = weight;
    if (coding == "*") any = weight;
  }
  if (gzip) return *gzip > 0;
  return any && *any > 0;
}

}  // namespace headroom
