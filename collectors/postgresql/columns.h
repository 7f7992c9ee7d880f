// Columns that must be there, whatever they hold. Pure.
//
// A NULL of the statements in statements.h means something ("no transaction is open"). A column
// that is not there means that the reply is not what was asked for, and nothing is read from it.
#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>

#include "collectors/libpq/table.h"
#include "collectors/result.h"

namespace headroom::postgresql {

// kProtocol when one is missing; `what` is the statement, for the message.
Status RequireColumns(const pq::Table& table, std::string_view what,
                      std::initializer_list<std::string_view> columns);
// kProtocol when the statement's LIMIT has cut the reply: a cut list is never used.
Status RequireWhole(const pq::Table& table, std::string_view what, int limit);

// A time that has passed by a server's clock, in seconds. Below 0 by no more than a few
// milliseconds it is 0, because the clock was read in another order; beyond that the clock was set
// back, or is behind another one, and nobody knows how much has passed: disengaged.
std::optional<double> Elapsed(const std::optional<double>& seconds);

}  // namespace headroom::postgresql
