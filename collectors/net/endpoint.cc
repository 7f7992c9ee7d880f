#include <fmt/format.h>

#include "collectors/net/stream.h"

namespace headroom {

std::string Endpoint::ToString() const {
  if (!unix_path.empty()) return "unix:" + unix_path;
  const bool numeric_v6 = host.find(':') != std::string::npos;
  return fmt::format(fmt::runtime(numeric_v6 ? "[{}]:{}" : "{}:{}"), host, port);
}

}  // namespace headroom
