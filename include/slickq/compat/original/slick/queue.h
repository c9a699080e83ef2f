/* The header of slick-queue 1.x, by its own path: what includes it gets libslickq. See slickq/compat/slick_queue.hpp. */
#include <slickq/compat/slick_queue.hpp>
