// version.hpp - the namespace that all inlined code is in: slickq::v1, inline, hence spelled slickq. Its number is
// SLICKQ_ABI_VERSION, which error.hpp holds it to: the core does not include slickq.h. So two parts of a program that
// were compiled with headers of different numbers keep their own code.
#ifndef SLICKQ_DETAIL_VERSION_HPP
#define SLICKQ_DETAIL_VERSION_HPP

#if defined(_MSVC_LANG) ? _MSVC_LANG < 202002L : __cplusplus < 202002L
#  error "slickq.hpp needs C++20: compile with -std=c++20 or later (MSVC: /std:c++20). \
slickq.h, the C API, needs no more than C++98"
#endif

#define SLICKQ_NAMESPACE_NUMBER 1
#define SLICKQ_NAMESPACE_OF(number) v##number
#define SLICKQ_NAMESPACE_FOR(number) SLICKQ_NAMESPACE_OF(number)
#define SLICKQ_NAMESPACE SLICKQ_NAMESPACE_FOR(SLICKQ_NAMESPACE_NUMBER)

namespace slickq::inline SLICKQ_NAMESPACE {
namespace detail {} // so that whoever opens slickq::detail after this opens this one
} // namespace slickq

#endif
