# Installation in two components: `runtime` (the shared library and the tool) and `development` (all else). The
# installed tree may be moved as a whole.

include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/slickq)
set(pkgconfig_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(TARGETS ${libraries}
    EXPORT slickqTargets
    RUNTIME COMPONENT runtime
    LIBRARY COMPONENT runtime NAMELINK_COMPONENT development
    ARCHIVE COMPONENT development)
if(TARGET slickq_slick_queue)
    install(TARGETS slickq_slick_queue EXPORT slickqTargets COMPONENT development)
endif()
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)

if(TARGET slickq_tool)
    # The tool finds its library, if that is a shared one, wherever the two are moved.
    file(RELATIVE_PATH bin_to_lib ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
    set_target_properties(slickq_tool PROPERTIES
        INSTALL_RPATH $<IF:$<PLATFORM_ID:Darwin>,@loader_path,$ORIGIN>/${bin_to_lib})
    install(TARGETS slickq_tool RUNTIME COMPONENT runtime)
endif()

install(DIRECTORY include/slickq
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    COMPONENT development
    FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")

if(TARGET slickq_abi)
    install(FILES ${PROJECT_BINARY_DIR}/slickq-abi.json DESTINATION ${CMAKE_INSTALL_DATADIR}/slickq COMPONENT development)
endif()

# find_package(slickq CONFIG)
install(EXPORT slickqTargets NAMESPACE slickq:: DESTINATION ${package_dir} COMPONENT development)
# The static library's own name leads to it where it is the only one.
set(static_alias "")
if(NOT SLICKQ_SHARED)
    set(static_alias "
if(NOT TARGET slickq::slickq_static)
    add_library(slickq::slickq_static INTERFACE IMPORTED)
    set_property(TARGET slickq::slickq_static PROPERTY INTERFACE_LINK_LIBRARIES slickq::slickq)
endif()
")
endif()
configure_package_config_file(cmake/slickqConfig.cmake.in ${PROJECT_BINARY_DIR}/slickqConfig.cmake
    INSTALL_DESTINATION ${package_dir}
    NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/slickqConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${PROJECT_BINARY_DIR}/slickqConfig.cmake ${PROJECT_BINARY_DIR}/slickqConfigVersion.cmake
    DESTINATION ${package_dir}
    COMPONENT development)

# pkg-config. All its paths are relative to the .pc file.
set(pkgconfig_full_dir ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH pkgconfig_to_prefix ${pkgconfig_full_dir} ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" pkgconfig_to_prefix ${pkgconfig_to_prefix})
file(RELATIVE_PATH pkgconfig_to_include ${pkgconfig_full_dir} ${CMAKE_INSTALL_FULL_INCLUDEDIR})
set(static_libraries ${SLICKQ_LINK_DEPENDENCIES} ${SLICKQ_CXX_RUNTIME})
list(TRANSFORM static_libraries REPLACE "^Threads::Threads$" "${CMAKE_THREAD_LIBS_INIT}")
list(TRANSFORM static_libraries REPLACE "^([^-].*)$" "-l\\1")
list(REMOVE_ITEM static_libraries "")
list(JOIN static_libraries " " static_libraries)
# What pkg-config adds for --static; always, where there is no other library than the static one.
set(cflags_always "")
set(libraries_always "")
if(NOT SLICKQ_SHARED)
    set(cflags_always " -DSLICKQ_STATIC")
    set(libraries_always " ${static_libraries}")
endif()
configure_file(cmake/slickq.pc.in ${PROJECT_BINARY_DIR}/slickq.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/slickq.pc DESTINATION ${pkgconfig_dir} COMPONENT development)
