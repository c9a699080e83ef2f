# slickq-abi.json: slickq.h for generators of bindings. It is left out where there is no Python to write it.
find_package(Python3 3.8 QUIET COMPONENTS Interpreter)
if(Python3_FOUND AND (PROJECT_IS_TOP_LEVEL OR SLICKQ_INSTALL))
    add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/slickq-abi.json
        COMMAND ${Python3_EXECUTABLE} -B ${PROJECT_SOURCE_DIR}/cmake/abi.py ${PROJECT_SOURCE_DIR}/include/slickq/slickq.h
            ${PROJECT_SOURCE_DIR}/slickq.def ${PROJECT_BINARY_DIR}/slickq-abi.json
        DEPENDS cmake/abi.py include/slickq/slickq.h slickq.def
        COMMENT "Describing the C ABI"
        VERBATIM)
    add_custom_target(slickq_abi ALL DEPENDS ${PROJECT_BINARY_DIR}/slickq-abi.json)
elseif(NOT Python3_FOUND)
    message(STATUS "slickq: left out: slickq-abi.json: there is no Python 3.8 or newer")
endif()
