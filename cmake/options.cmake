# What a builder can choose. Development extras are on only when slickq is the project itself, not a part of another.

option(SLICKQ_BUILD_TESTS "Build the tests (needs GoogleTest)" ${PROJECT_IS_TOP_LEVEL})
option(SLICKQ_BUILD_TOOL "Build the command-line tool slickq (needs CLI11 and nlohmann-json)" ${PROJECT_IS_TOP_LEVEL})
option(SLICKQ_BUILD_BENCH "Build the benchmarks" ${PROJECT_IS_TOP_LEVEL})
option(SLICKQ_SLICK_QUEUE "Also offer slickq::slick_queue, in place of slick-queue's target slick::queue" OFF)
option(SLICKQ_INSTALL "Define the install rules" ${PROJECT_IS_TOP_LEVEL})
option(SLICKQ_WERROR "Treat compiler warnings as errors" OFF)

set(SLICKQ_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them: address,undefined or thread")
set_property(CACHE SLICKQ_SANITIZE PROPERTY STRINGS "" "address,undefined" "thread")

# CMake's own default is no optimisation at all, which nobody wants of a queue.
get_property(multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
if(PROJECT_IS_TOP_LEVEL AND NOT multi_config AND NOT CMAKE_BUILD_TYPE)
    set_property(CACHE CMAKE_BUILD_TYPE PROPERTY VALUE Release)
endif()
