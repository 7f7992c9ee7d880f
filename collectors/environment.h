// The process's environment. Nothing in this program changes it while other threads run, so that
// reading it is safe from any thread.
#pragma once

#include <string>
#include <string_view>

namespace headroom {

// A letter, a digit or an underscore.
bool IsVariableByte(char c);
// What POSIX calls a name: such bytes, and no digit in front.
bool IsVariableName(std::string_view name);
// Null when it is not set.
const char* EnvironmentValue(const std::string& name);

}  // namespace headroom
