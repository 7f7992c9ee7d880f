#include "collectors/rabbitmq/exposition_labels.h"

#include <algorithm>

namespace headroom::rabbitmq {
namespace {

void SkipSpaces(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
}

bool Take(std::string_view& text, char wanted) {
  SkipSpaces(text);
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(1);
  return true;
}

std::string_view TakeName(std::string_view& text) {
  SkipSpaces(text);
  const auto end = std::find_if_not(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  const auto length = static_cast<std::size_t>(end - text.begin());
  const std::string_view name = text.substr(0, length);
  text.remove_prefix(length);
  return name;
}

struct Quoted {
  std::string_view value;
  bool escaped = false;
};

// What stands between two quotes.
std::optional<Quoted> TakeQuoted(std::string_view& text, Escaping escaping) {
  if (!Take(text, '"')) return std::nullopt;
  Quoted found;
  // The usual value has no backslash: two searches, and no look at each byte.
  std::size_t end = text.find('"');
  std::size_t at = text.substr(0, end).find('\\');
  found.escaped = at != std::string_view::npos;
  if (found.escaped && escaping == Escaping::kNone) return std::nullopt;
  for (; found.escaped && at < text.size() && text[at] != '"'; ++at) {
    constexpr std::string_view kEscapes = "\\\"n";
    if (text[at] != '\\') continue;
    if (++at == text.size() || kEscapes.find(text[at]) == std::string_view::npos) {
      return std::nullopt;
    }
  }
  if (found.escaped) end = at;
  if (end >= text.size()) return std::nullopt;
  found.value = text.substr(0, end);
  text.remove_prefix(end + 1);
  return found;
}

// Precondition: TakeQuoted has seen it.
std::string Decode(std::string_view value) {
  std::string decoded;
  decoded.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool escape = value[i] == '\\';
    if (escape) ++i;
    decoded += escape && value[i] == 'n' ? '\n' : value[i];
  }
  return decoded;
}

}  // namespace

std::optional<Labels> Labels::Parse(std::string_view text, Escaping escaping) {
  Labels labels;
  while (true) {
    SkipSpaces(text);
    if (text.empty()) return labels;
    const std::string_view name = TakeName(text);
    if (name.empty() || labels.size_ == kMax || labels.Find(name) != nullptr) return std::nullopt;
    if (!Take(text, '=')) return std::nullopt;
    const std::optional<Quoted> quoted = TakeQuoted(text, escaping);
    if (!quoted) return std::nullopt;
    labels.labels_[labels.size_++] = {name, quoted->value, quoted->escaped};
    SkipSpaces(text);
    if (!text.empty() && !Take(text, ',')) return std::nullopt;
  }
}

std::optional<std::string_view> Labels::Get(std::string_view name,
                                            std::deque<std::string>& storage) const {
  const Label* label = Find(name);
  if (label == nullptr) return std::nullopt;
  if (!label->escaped) return label->value;
  return storage.emplace_back(Decode(label->value));
}

const Labels::Label* Labels::Find(std::string_view name) const {
  const auto* end = labels_.begin() + size_;
  const auto* found =
      std::find_if(labels_.begin(), end, [&](const Label& label) { return label.name == name; });
  return found == end ? nullptr : found;
}

}  // namespace headroom::rabbitmq
