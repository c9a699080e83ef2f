# The agents in C and in C++: the programs that obey the driver's requests on the C ABI and on the C++ face.

add_executable(slickq_agent_c agent_c.c agent_c_line.c)
set_target_properties(slickq_agent_c PROPERTIES C_STANDARD 11 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF)
add_executable(slickq_agent_cpp agent_cpp.cpp)

foreach(agent IN ITEMS slickq_agent_c slickq_agent_cpp)
    target_link_libraries(${agent} PRIVATE slickq::slickq)
    slickq_target_options(${agent})
endforeach()

# GCC 12 takes a std::string's + for a copy onto itself (GCC bug 105651), and a record of several elements, each an array, for one of them.
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    target_compile_options(slickq_agent_cpp PRIVATE -Wno-restrict -Wno-stringop-overflow)
endif()
