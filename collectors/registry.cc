#include "collectors/registry.h"

#include <algorithm>
#include <array>

#include "collectors/pgbouncer/collector.h"
#include "collectors/postgresql/collector.h"
#include "collectors/rabbitmq/collector.h"
#include "collectors/redis/collector.h"

namespace headroom {

std::span<const CollectorType> CollectorTypes() {
  static const std::array<CollectorType, 4> table = {
      pgbouncer::PgbouncerCollectorType(), postgresql::PostgresqlCollectorType(),
      rabbitmq::RabbitmqCollectorType(), redis::RedisCollectorType()};
  return table;
}

const CollectorType* FindCollectorType(std::string_view system) {
  const auto types = CollectorTypes();
  const auto found = std::find_if(types.begin(), types.end(),
                                  [&](const CollectorType& type) { return type.system == system; });
  return found == types.end() ? nullptr : &*found;
}

}  // namespace headroom
