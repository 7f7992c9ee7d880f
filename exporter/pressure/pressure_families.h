// What of a queue and of a pool is integrated, and the families that it makes.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "collectors/reading.h"
#include "exporter/exposition/blocks.h"
#include "exporter/exposition/family.h"
#include "exporter/exposition/rows.h"
#include "exporter/pressure/area_table.h"
#include "exporter/pressure/integrator.h"

namespace headroom {

// in_flight, ready.
Levels LevelsOf(const Queue& queue);
// Saturated (0 or 1), waiting clients.
//
// Where clients queue for a connection, a pool is saturated while one of them waits, full or not:
// PgBouncer may be held up by another limit, or by a server that does not let it in. Elsewhere
// nobody can see who was turned away, and a pool is saturated while ordinary clients would be: no
// connection left but the reserved ones. A pool without a limit cannot be, and one whose limit is 0
// was closed on purpose: no series. Our own sessions take room on a server; in a database or of a
// user they do not count, or a monitor's role with a limit of one would always be saturated.
Levels LevelsOf(const Pool& pool);

// Series that the queue has in these families beside its own.
std::size_t PressureSeriesOf(const Queue& queue);

// `areas` are those of `queues` and `pools`, in their order; `common`: the labels of the target.
Blocks RenderPressure(const Rows<Queue>& queues, const Rows<Pool>& pools,
                      const Integrator::Areas& areas, double observed_seconds,
                      std::string_view common);

std::span<const FamilyDesc> PressureFamilies();

}  // namespace headroom
