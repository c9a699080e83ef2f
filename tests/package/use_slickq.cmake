# The two ways into a project: installed, or as a subdirectory (SLICKQ_SOURCE_DIR).

if(SLICKQ_SOURCE_DIR)
    add_subdirectory(${SLICKQ_SOURCE_DIR} slickq)

    # A part of another project brings no tests, tool, benchmarks or dependencies of theirs.
    get_property(targets DIRECTORY ${SLICKQ_SOURCE_DIR} PROPERTY BUILDSYSTEM_TARGETS)
    get_property(subdirectories DIRECTORY ${SLICKQ_SOURCE_DIR} PROPERTY SUBDIRECTORIES)
    list(SORT targets)
    if(NOT targets STREQUAL "slickq;slickq_objects;slickq_static" OR subdirectories)
        message(FATAL_ERROR "add_subdirectory() brought the targets ${targets} and the directories ${subdirectories}")
    endif()
else()
    find_package(slickq 1.0 CONFIG REQUIRED)
endif()
