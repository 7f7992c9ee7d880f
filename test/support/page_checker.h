// What is wrong with a page in text format 0.0.4, by the rules that headroom promises: stricter
// than Prometheus, which takes one of two equal series in silence.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace headroom::test {

// One sentence per fault: a family that is not contiguous or has no single HELP and TYPE, families
// out of order, a series that is there twice, a label value that is not valid UTF-8, an escape that
// does not exist, a value that is not a finite number, no line feed at the end.
std::vector<std::string> PageFaults(std::string_view page);

}  // namespace headroom::test
