// The header of slick-queue 2.x, by its own path: what includes it gets libslickq. See slickq/compat/slick_queue.hpp.
#include <slickq/compat/slick_queue.hpp>
