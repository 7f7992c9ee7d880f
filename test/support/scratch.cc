#include "test/support/scratch.h"

#include <stdlib.h>

#include <fstream>
#include <stdexcept>
#include <system_error>

namespace headroom::test {
namespace {

std::filesystem::path MakeFolder() {
  std::string name = std::filesystem::temp_directory_path() / "headroom-test-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp " + name);
  return name;
}

}  // namespace

Scratch::Scratch() : folder_(MakeFolder()) {}

Scratch::~Scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string Scratch::Write(std::string_view name, std::string_view content) const {
  const std::filesystem::path next = folder_ / (std::string(name) + ".new");
  std::ofstream file(next, std::ios::binary);
  file << content;
  file.close();
  if (!file) throw std::runtime_error("cannot write " + next.string());
  std::filesystem::rename(next, folder_ / name);
  return Path(name);
}

}  // namespace headroom::test
