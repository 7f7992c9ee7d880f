#include "exporter/html.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>

#include "exporter/exposition/labels.h"

namespace headroom {
Html& Html::Raw(std::string_view markup) {
  out_ += markup;
  return *this;
}

Html& Html::Text(std::string_view text, std::size_t max_bytes) {
  const bool cut = text.size() > max_bytes;
  for (const char c : ReplaceInvalidUtf8(text.substr(0, max_bytes))) {
    switch (c) {
      case '&':
        out_ += "&amp;";
        break;
      case '<':
        out_ += "&lt;";
        break;
      case '>':
        out_ += "&gt;";
        break;
      case '"':
        out_ += "&quot;";
        break;
      case '\'':
        out_ += "&#39;";
        break;
      default:
        // Control characters mean nothing in HTML and can hide text: show the replacement
        // character.
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          out_ += "\xEF\xBF\xBD";
        } else {
          out_ += c;
        }
    }
  }
  if (cut) out_ += "\xE2\x80\xA6";
  return *this;
}

std::string NumberOrDash(std::optional<std::uint64_t> n) {
  return n ? fmt::format("{}", *n) : "&ndash;";
}

void NumberCell(Html& html, std::optional<std::uint64_t> n) {
  html.Raw("<td class=\"n\">").Raw(NumberOrDash(n)).Raw("</td>");
}

void SecondsCell(Html& html, std::optional<double> seconds) {
  html.Raw("<td class=\"n\">").Raw(seconds ? HumanSeconds(*seconds) : "&ndash;").Raw("</td>");
}

std::string HumanSeconds(double seconds) {
  if (seconds == 0) return "0 s";
  if (seconds < 0.01) return fmt::format("{:.1f} ms", seconds * 1000);
  if (seconds < 1) return fmt::format("{:.0f} ms", seconds * 1000);
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<long long>(std::floor(seconds));
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  if (whole < 86400) return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
  return fmt::format("{} d {} h", whole / 86400, whole % 86400 / 3600);
}

}  // namespace headroom
