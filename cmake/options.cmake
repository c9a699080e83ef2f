# What a builder can choose.

# ---- which libraries
# BUILD_SHARED_LIBS, if somebody has set it: ON the shared library alone, OFF the static one alone. Otherwise both.
set(SLICKQ_SHARED ON)
set(SLICKQ_STATIC_TOO ON)
if(DEFINED BUILD_SHARED_LIBS)
    set(SLICKQ_SHARED ${BUILD_SHARED_LIBS})
    set(SLICKQ_STATIC_TOO OFF)
endif()

# ---- what else: only if slickq is the project itself, not a part of another
if(PROJECT_IS_TOP_LEVEL)
    set(extra AUTO)
else()
    set(extra OFF)
endif()
foreach(what IN ITEMS "TESTS:the tests, with GoogleTest" "TOOL:the command-line tool, with CLI11, and the examples"
                      "BENCH:the benchmarks")
    string(REGEX MATCH "^([A-Z]+):(.*)$" what ${what})
    set(option SLICKQ_BUILD_${CMAKE_MATCH_1})
    set(${option} ${extra} CACHE STRING "Build ${CMAKE_MATCH_2}: ON, OFF, or AUTO: as much as can be built here (the benchmarks: by name)")
    set_property(CACHE ${option} PROPERTY STRINGS AUTO ON OFF)
endforeach()

# slickq_leave_out(<option> <what> <why>): what cannot be built here is said in one line, or is an error if the option
# asks for it with ON.
function(slickq_leave_out option what why)
    if(${option} STREQUAL AUTO)
        message(STATUS "slickq: left out: ${what}: ${why}")
    else()
        message(FATAL_ERROR "slickq: cannot build ${what}: ${why}. "
            "-D${option}=AUTO builds what can be built here, -D${option}=OFF nothing of it")
    endif()
endfunction()

if(SLICKQ_BUILD_TESTS)
    find_package(GTest 1.11 QUIET)
    if(NOT GTest_FOUND)
        slickq_leave_out(SLICKQ_BUILD_TESTS "the tests" "there is no GoogleTest 1.11 or newer (Debian: libgtest-dev)")
        set(SLICKQ_BUILD_TESTS OFF)
    elseif(NOT SLICKQ_SHARED)
        slickq_leave_out(SLICKQ_BUILD_TESTS "the tests" "they need the shared library, and BUILD_SHARED_LIBS is OFF")
        set(SLICKQ_BUILD_TESTS OFF)
    endif()
endif()

option(SLICKQ_INSTALL "Define the install rules. ON as a part of another project: it may then install targets that link slickq"
    ${PROJECT_IS_TOP_LEVEL})
option(SLICKQ_SLICK_QUEUE "Also offer slickq::slick_queue, in place of slick-queue's target slick::queue" OFF)
option(SLICKQ_WERROR "Treat compiler warnings as errors" OFF)

set(SLICKQ_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them: address,undefined or thread")
set_property(CACHE SLICKQ_SANITIZE PROPERTY STRINGS "" "address,undefined" "thread")

# CMake's own default is no optimisation at all, which nobody wants of a queue.
get_property(multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
if(PROJECT_IS_TOP_LEVEL AND NOT multi_config AND NOT CMAKE_BUILD_TYPE)
    set_property(CACHE CMAKE_BUILD_TYPE PROPERTY VALUE Release)
endif()
