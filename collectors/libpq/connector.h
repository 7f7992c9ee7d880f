// Opens a session: which words libpq gets, and which servers in which order.
#pragma once

#include <memory>
#include <vector>

#include "collectors/deadline.h"
#include "collectors/libpq/connection.h"
#include "collectors/libpq/session.h"
#include "collectors/net/resolver.h"
#include "collectors/result.h"

namespace headroom::pq {

Result<std::unique_ptr<Session>> OpenSession(const ConnectionOptions& options,
                                             const std::vector<Parameter>& extra,
                                             Resolver& resolver, const Deadline& deadline);

}  // namespace headroom::pq
