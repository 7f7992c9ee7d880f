// What the kernel says of this process.
#pragma once

#include <cstddef>
#include <filesystem>
#include <iterator>

namespace headroom::test {

inline std::ptrdiff_t OpenDescriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

inline std::ptrdiff_t RunningThreads() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
}

}  // namespace headroom::test
