// What a request needs of the running configuration, and what it shows.
#pragma once

#include <string>
#include <vector>

#include "collectors/result.h"
#include "exporter/gather.h"
#include "exporter/target_view.h"
#include "exporter/workload/workloads.h"

namespace headroom {

// What one request sees of the configuration: one state of it, whatever is reloaded meanwhile.
struct Running {
  Workers workers;
  Workloads workloads;
};

struct Selection {
  bool everything = false;           // the request names nothing
  Workers workers;                   // to be asked
  std::vector<std::string> awaited;  // of these; the others are waited for a little. Empty: all
  Workloads workloads;               // to be evaluated and shown
  std::vector<std::string> targets;  // to be shown; of no meaning with `everything`
};

// `names` are those of collect[]: targets, and workloads as "workload:<name>"; none: all there is.
//
// Asked are the named targets and those without which their numbers would be unknown: the targets
// that they name, and the ones that name them; and what the named workloads need: the targets of
// their queues, group and pools, and the servers behind these. An Error with the first name that
// nobody has, for whoever asked.
Result<Selection> Select(const Running& running, const std::vector<std::string>& names);

// Fills `joined` of the targets to be shown, and drops the others.
void JoinShown(std::vector<TargetView>& targets, const Selection& selection);

}  // namespace headroom
