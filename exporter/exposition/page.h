// The exposition: blocks of all sources -> one page in text format 0.0.4 (version=0.0.4).
#pragma once

#include <prometheus/metric_family.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/exposition/blocks.h"

namespace headroom {

inline constexpr char kExpositionContentType[] = "text/plain; version=0.0.4; charset=utf-8";

// Families sorted by name, each once with HELP and TYPE, samples in the order of `sources`.
// Precondition: no two sources share a series (they differ in `target`).
std::string RenderPage(std::span<const Blocks* const> sources);

// The exporter's own instruments (prometheus-cpp's model) as Blocks, by the same writer: gauges and
// counters, samples sorted by labels, NaN and infinite values left out.
// Labels are cleaned, `target` and `system` come first, and of equal series the first wins.
// `families` holds no name twice and must outlive the result, whose names and helps point into it.
Blocks RenderFamilies(const std::vector<prometheus::MetricFamily>& families);

// gzip, level 1. Precondition: less than 4 GiB.
std::string Gzip(std::string_view page);

}  // namespace headroom
