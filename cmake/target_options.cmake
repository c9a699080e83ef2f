# slickq_target_options(<target>): how everything in this project is compiled: C++20, hidden symbols, warnings,
# sanitizers. Nothing of it reaches those who link the target.

include(CheckCXXCompilerFlag)

# A GNU-unique symbol (a static variable in a template or inline function) would pin the library in memory for ever:
# dlclose() could not unload it.
check_cxx_compiler_flag(-fno-gnu-unique SLICKQ_HAVE_NO_GNU_UNIQUE)

set(SLICKQ_GNU_LIKE_WARNINGS
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror=switch -Werror=return-type)

function(slickq_target_options target)
    target_compile_features(${target} PRIVATE cxx_std_20)
    set_target_properties(${target} PROPERTIES
        CXX_EXTENSIONS OFF
        CXX_VISIBILITY_PRESET hidden
        C_VISIBILITY_PRESET hidden
        VISIBILITY_INLINES_HIDDEN ON)

    if(MSVC)
        target_compile_options(${target} PRIVATE /W4 /permissive- $<$<BOOL:${SLICKQ_WERROR}>:/WX>)
        return()
    endif()

    target_compile_options(${target} PRIVATE
        ${SLICKQ_GNU_LIKE_WARNINGS}
        $<$<BOOL:${SLICKQ_WERROR}>:-Werror>
        $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<BOOL:${SLICKQ_HAVE_NO_GNU_UNIQUE}>>:-fno-gnu-unique>)

    if(SLICKQ_SANITIZE)
        # Undefined behaviour ends the program, so that a test fails; frame pointers make its report readable.
        set(flags -fsanitize=${SLICKQ_SANITIZE} -fno-sanitize-recover=all)
        target_compile_options(${target} PRIVATE ${flags} -fno-omit-frame-pointer)
        target_link_options(${target} PRIVATE ${flags})
        # Of instrumented code GCC believes that the standard library reads what nobody wrote.
        target_compile_options(${target} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized>)
        # And it warns of every fence: ThreadSanitizer does not model them and may report a race that one prevents.
        if(SLICKQ_SANITIZE STREQUAL thread)
            target_compile_options(${target} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-tsan>)
        endif()
    endif()
endfunction()
