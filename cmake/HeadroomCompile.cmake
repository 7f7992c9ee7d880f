# Language level, warnings, hardening and sanitizers, as one interface target: headroom_compile.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# A compiler that is newer than ours may warn of more: cmake --compile-no-warning-as-error.
option(CMAKE_COMPILE_WARNING_AS_ERROR "Warnings are errors" ON)

add_library(headroom_compile INTERFACE)
target_include_directories(headroom_compile INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(headroom_compile INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wformat=2 -Wcast-qual
  # Designated initialisers leave out what has a default, on purpose.
  -Wno-missing-field-initializers
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op>
  # g++ 12 sees overlaps in std::string that are not there (GCC bug 105651).
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)

if(HEADROOM_SANITIZE)
  target_compile_options(headroom_compile INTERFACE
    -fsanitize=${HEADROOM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g1 -O1
    # What is instrumented confuses g++'s flow analysis; the other presets have this warning.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(headroom_compile INTERFACE -fsanitize=${HEADROOM_SANITIZE})
elseif(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_options(headroom_compile INTERFACE
    $<$<NOT:$<CONFIG:MinSizeRel>>:-O2> -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -D_GLIBCXX_ASSERTIONS
    -fstack-protector-strong -fstack-clash-protection
    $<$<STREQUAL:${CMAKE_SYSTEM_PROCESSOR},x86_64>:-fcf-protection>
    -ffunction-sections -fdata-sections)
  target_link_options(headroom_compile INTERFACE
    -pie -Wl,-z,relro,-z,now,-z,noexecstack,--gc-sections,--as-needed)
endif()

if(HEADROOM_COVERAGE)
  target_compile_options(headroom_compile INTERFACE --coverage -O0)
  target_link_options(headroom_compile INTERFACE --coverage)
endif()

# headroom_unity(TARGET FILE...): with HEADROOM_UNITY the target's sources are compiled in batches, which
# takes about half the time of a build from scratch. Each FILE stays alone, because it has names in its
# anonymous namespace, or headers, that clash with another's: add a file here when a batch says so.
function(headroom_unity target)
  if(HEADROOM_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 12)
    set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endfunction()
