// The pools of one target on the page at "/".
#pragma once

#include "exporter/html.h"
#include "exporter/target_view.h"

namespace headroom {

// What poolers promise of this server, then its pools: those of which too little is known first,
// then those with waiting clients, then the fullest; databases and users folded away. Precondition:
// `target.run`.
void AppendPools(Html& html, const TargetView& target);

}  // namespace headroom
