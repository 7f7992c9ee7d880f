#include "exporter/status_rows.h"

#include <fmt/format.h>

#include <string_view>

namespace headroom {
namespace {

// Of each rank: the page is for looking, not for exporting.
constexpr std::size_t kMaxRows = 100;

constexpr std::size_t Index(RowRank rank) { return static_cast<std::size_t>(rank); }

}  // namespace

bool RowCap::Take(RowRank rank) {
  if (taken_[Index(rank)] < kMaxRows) {
    ++taken_[Index(rank)];
    return true;
  }
  ++left_out_[Index(rank)];
  return false;
}

void AppendLeftOut(Html& html, const LeftOut& left_out) {
  const std::size_t unknown = left_out[Index(RowRank::kUnknown)];
  const std::size_t striking = left_out[Index(RowRank::kStriking)];
  const std::size_t all = unknown + striking + left_out[Index(RowRank::kOrdinary)];
  if (all == 0) return;
  html.Raw(fmt::format("<p class=\"dim\">and {} more", all));
  std::string_view of_them = " of them";
  if (unknown > 0) {
    html.Raw(fmt::format(", {}{} unknown", unknown, of_them));
    of_them = "";
  }
  if (striking > 0) html.Raw(fmt::format(", {}{} missing or down", striking, of_them));
  html.Raw("</p>\n");
}

}  // namespace headroom
