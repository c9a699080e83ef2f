# The queues that are measured beside libslickq. What is not there is left out, and the bench says so by name.
include(CheckIncludeFileCXX)
enable_language(C) # ck_ring.h

set(SLICKQ_BENCH_SLICK_INCLUDE "" CACHE PATH "Directory that has slick/queue.h, to measure slick-queue too")

# bench_peer(NAME HEADER): defines BENCH_HAVE_NAME if the compiler finds it.
function(bench_peer name header)
    check_include_file_cxx(${header} BENCH_HAVE_${name})
    if(BENCH_HAVE_${name})
        target_compile_definitions(slickq_bench PRIVATE BENCH_HAVE_${name})
    endif()
endfunction()

bench_peer(BOOST_LOCKFREE boost/lockfree/spsc_queue.hpp)
bench_peer(BOOST_MESSAGE_QUEUE boost/interprocess/ipc/message_queue.hpp)
bench_peer(MOODYCAMEL concurrentqueue/concurrentqueue.h)
bench_peer(READERWRITERQUEUE readerwriterqueue/readerwriterqueue.h)

find_package(TBB QUIET CONFIG)
if(TARGET TBB::tbb)
    target_link_libraries(slickq_bench PRIVATE TBB::tbb)
    target_compile_definitions(slickq_bench PRIVATE BENCH_HAVE_TBB)
endif()

# bench_library(NAME HEADER LIBRARY): the same for one that has to be linked too.
function(bench_library name header library)
    find_path(BENCH_${name}_INCLUDE ${header})
    find_library(BENCH_${name}_LIBRARY ${library})
    if(BENCH_${name}_INCLUDE AND BENCH_${name}_LIBRARY)
        target_link_libraries(slickq_bench PRIVATE ${BENCH_${name}_LIBRARY})
        target_compile_definitions(slickq_bench PRIVATE BENCH_HAVE_${name})
    endif()
endfunction()

bench_library(ZEROMQ zmq.h zmq)
bench_library(CK ck_ring.h ck)
if(BENCH_CK_INCLUDE AND BENCH_CK_LIBRARY)
    target_sources(slickq_bench PRIVATE peers/ck_calls.c)
    set_source_files_properties(peers/ck_calls.c PROPERTIES COMPILE_OPTIONS -w) # the macros of ck_ring.h
endif()

# DPDK's headers want its own configuration first, and more than the oldest x86-64.
find_path(BENCH_RTE_INCLUDE rte_ring_elem.h PATH_SUFFIXES dpdk)
find_path(BENCH_RTE_CONFIG_INCLUDE rte_config.h PATH_SUFFIXES dpdk ${CMAKE_LIBRARY_ARCHITECTURE}/dpdk)
find_library(BENCH_RTE_LIBRARY rte_ring)
find_library(BENCH_RTE_EAL_LIBRARY rte_eal)
if(BENCH_RTE_INCLUDE AND BENCH_RTE_CONFIG_INCLUDE AND BENCH_RTE_LIBRARY AND BENCH_RTE_EAL_LIBRARY)
    target_link_libraries(slickq_bench PRIVATE ${BENCH_RTE_LIBRARY} ${BENCH_RTE_EAL_LIBRARY})
    target_compile_definitions(slickq_bench PRIVATE BENCH_HAVE_RTE_RING)
    set(rte_options -include rte_config.h -isystem ${BENCH_RTE_INCLUDE} -isystem ${BENCH_RTE_CONFIG_INCLUDE} -Wno-volatile)
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
        list(APPEND rte_options -march=corei7)
    endif()
    set_source_files_properties(peers/rte_ring.cpp PROPERTIES COMPILE_OPTIONS "${rte_options}")
endif()

if(SLICKQ_BENCH_SLICK_INCLUDE)
    target_include_directories(slickq_bench SYSTEM PRIVATE ${SLICKQ_BENCH_SLICK_INCLUDE})
    target_compile_definitions(slickq_bench PRIVATE BENCH_HAVE_SLICK)
endif()
