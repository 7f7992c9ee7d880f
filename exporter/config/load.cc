#include "exporter/config/load.h"

#include <algorithm>
#include <utility>

#include "exporter/config/toml_value.h"

namespace headroom {
namespace {

// Puts the target behind those of [[system]]. Where the file has something else under that name,
// nothing: that is an error already.
void Append(Value::Table& root, const FlagTarget& target) {
  auto found = std::find_if(root.begin(), root.end(),
                            [&target](const auto& entry) { return entry.key == target.system; });
  if (found == root.end()) {
    Value list;
    list.data = Value::List();
    list.position = target.table.position;
    found = root.insert(root.end(), {target.system, std::move(list)});
  }
  if (auto* list = std::get_if<Value::List>(&found->value.data)) list->push_back(target.table);
}

}  // namespace

std::optional<Config> LoadConfig(const Flags& flags, std::span<const CollectorType> types,
                                 Diagnostics& diagnostics) {
  Value root;
  root.data = Value::Table();
  if (!flags.config_file.empty()) {
    std::optional<Value> file = ReadTomlFile(flags.config_file, diagnostics);
    if (!file) return std::nullopt;
    root = std::move(*file);
  }
  for (const FlagTarget& target : flags.targets) {
    Append(std::get<Value::Table>(root.data), target);
  }
  return ParseConfig(root, types, diagnostics);
}

}  // namespace headroom
