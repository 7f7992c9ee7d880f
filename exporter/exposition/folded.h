// The sum over the queues that max_series left without series of their own.
#pragma once

#include <span>

#include "collectors/reading.h"

namespace headroom {

// Messages by state and consumers, summed; everything else stays disengaged, counters above all
// (truth rule 9: a member that leaves would make the sum go backwards).
//
// A sum is known only if each member's part is: one queue that is unknown in a state makes the sum
// of that state unknown, never smaller. What the kinds do not have in common is told apart thus:
//   in_flight      Queue::has_in_flight says whether the kind has it;
//   delayed, dead  known whenever `ready` is, if the kind has them at all (reading.h);
//   consumers      there is no telling, so one queue without them makes the sum unknown.
// A queue whose `ready` is unknown is taken to be unknown in every state.
Queue SumOfFolded(std::span<const Queue* const> folded);

}  // namespace headroom
