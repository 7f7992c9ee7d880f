// Recorded replies of real servers, under test/fixtures/<product>/<version>/.
#pragma once

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace headroom::test {

// HEADROOM_FIXTURES is the folder's path, set by the build.
inline std::string ReadFixture(const std::string& path) {
  std::ifstream file(std::string(HEADROOM_FIXTURES) + "/" + path, std::ios::binary);
  if (!file) throw std::runtime_error("no such fixture: " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace headroom::test
