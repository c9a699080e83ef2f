// error.hpp - what the C++ face throws: a slickq::error, which has the C ABI's status, and which is one of two
// exceptions that the standard library has.
//
//   slickq::argument_error   is a std::invalid_argument: the call was wrong (SLICKQ_E_NULL, HANDLE, ARGUMENT, NAME)
//   slickq::failure          is a std::runtime_error: anything else
//
// So catch (const slickq::error&) gets both, as catch (const std::exception&) does. The class itself derives from
// neither: an exception with two bases of type std::exception would pass by every handler for that.
#ifndef SLICKQ_ERROR_HPP
#define SLICKQ_ERROR_HPP

#include <slickq/detail/version.hpp>
#include <slickq/slickq.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

#if defined(__GNUC__)
#  define SLICKQ_COLD __attribute__((noinline, cold))
#else
#  define SLICKQ_COLD
#endif

namespace slickq::inline SLICKQ_NAMESPACE {

static_assert(SLICKQ_NAMESPACE_NUMBER == SLICKQ_ABI_VERSION,
              "headers of two versions of slickq are mixed on the include path");

class error {
public:
    slickq_status status() const noexcept { return status_; }
    virtual const char* what() const noexcept = 0;

protected:
    explicit error(slickq_status status) noexcept : status_(status) {}
    error(const error&) = default;
    error& operator=(const error&) = default;
    ~error() = default;

private:
    slickq_status status_;
};

namespace detail {

// As kinds of error begin: with the status's name.
inline std::string described(slickq_status status, const std::string& message) {
    return std::string(slickq_status_name(status)) + ": " + message;
}

} // namespace detail

class argument_error final : public std::invalid_argument, public error {
public:
    argument_error(slickq_status status, const std::string& message)
        : std::invalid_argument(detail::described(status, message)), error(status) {}
    const char* what() const noexcept override { return std::invalid_argument::what(); }
};

class failure final : public std::runtime_error, public error {
public:
    failure(slickq_status status, const std::string& message)
        : std::runtime_error(detail::described(status, message)), error(status) {}
    const char* what() const noexcept override { return std::runtime_error::what(); }
};

// Whether the call was wrong, whatever the queue.
constexpr bool is_argument_error(slickq_status status) noexcept {
    return status == SLICKQ_E_NULL || status == SLICKQ_E_HANDLE || status == SLICKQ_E_ARGUMENT ||
           status == SLICKQ_E_NAME;
}

// Throws that kind. Where exceptions are switched off it says the same to stderr, and ends the program.
template <class Kind>
[[noreturn]] SLICKQ_COLD void raise_as(slickq_status status, const std::string& message) {
#if defined(__cpp_exceptions)
    throw Kind(status, message);
#else
    std::fprintf(stderr, "%s\n", detail::described(status, message).c_str());
    std::abort();
#endif
}

[[noreturn]] SLICKQ_COLD inline void raise(slickq_status status, const std::string& message) {
    if (is_argument_error(status)) raise_as<argument_error>(status, message);
    raise_as<failure>(status, message);
}

// After a call that reported why.
inline void require_ok(slickq_status status) {
    if (status != SLICKQ_OK) [[unlikely]] raise(status, slickq_last_message());
}

} // namespace slickq

#endif
