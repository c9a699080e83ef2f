// The C API: version, status, layouts and platform. Check, call, translate.
#include <slickq/slickq.h>

#include "platform.hpp"
#include "support.hpp"

using namespace slickq::capi;

extern "C" {

uint32_t slickq_version(void) { return SLICKQ_VERSION_NUMBER; }
const char* slickq_version_string(void) { return version_text; }
uint32_t slickq_abi_version(void) { return SLICKQ_ABI_VERSION; }

const char* slickq_status_name(slickq_status status) { return status_name(status); }
const char* slickq_status_text(slickq_status status) { return status_text(status); }
const char* slickq_last_message(void) { return last_message(); }
int slickq_last_os_error(void) { return last_os_error(); }

const char* slickq_layout_name(uint32_t layout) { return layout_name(static_cast<slickq::layout>(layout)); }

slickq_status slickq_platform_check(uint32_t layout, const char** sentence) {
    if (layout > SLICKQ_LAYOUT_WIDE) return report(SLICKQ_E_ARGUMENT, "%u is the number of no layout", layout);
    const platform_support support = check_platform(static_cast<slickq::layout>(layout));
    if (sentence != nullptr) *sentence = support.sentence;
    return support.is_supported ? SLICKQ_OK : report(SLICKQ_E_UNSUPPORTED, "%s", support.sentence);
}

} // extern "C"
