// A folder of a test's own: ctest runs each TEST as a process, several at a time, so a name that
// another process would choose as well is a file that both write. Gone when the test is.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace headroom::test {

class Scratch {
 public:
  // Throws std::runtime_error when no folder can be made.
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  // Short enough for a unix socket inside of it (sun_path has 108 bytes), unless TMPDIR is long.
  const std::filesystem::path& folder() const { return folder_; }
  // The path of `name` in the folder, whether there is such a file or not.
  std::string Path(std::string_view name) const { return folder_ / name; }
  // Replaces the whole file, as secrets and certificates are replaced: whoever reads meanwhile sees
  // the old file or the new one, and by its inode that it is another even if size and time are the
  // same. Returns its path.
  std::string Write(std::string_view name, std::string_view content) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace headroom::test
