# What the library needs. Sets
#   SLICKQ_PRIVATE_DEPENDENCIES  targets and libraries to compile and link it
#   SLICKQ_LINK_DEPENDENCIES     the part of them that a program linking the static library needs as well
#   SLICKQ_CXX_RUNTIME           the C++ runtime's libraries, which the C compiler does not link by itself

include(CheckCXXSourceCompiles)

# From CMake 3.30 on, Boost's own package configuration is used, not CMake's FindBoost.
if(POLICY CMP0167)
    cmake_policy(SET CMP0167 NEW)
endif()
find_package(Boost 1.74 REQUIRED)

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

set(SLICKQ_LINK_DEPENDENCIES Threads::Threads)

# shm_open() is in the C library of macOS, musl and glibc >= 2.34, before that in librt.
if(NOT WIN32)
    check_cxx_source_compiles(
        "#include <sys/mman.h>\nint main() { return shm_open(\"/x\", 0, 0) + shm_unlink(\"/x\"); }"
        SLICKQ_HAVE_SHM_OPEN_IN_LIBC)
    if(NOT SLICKQ_HAVE_SHM_OPEN_IN_LIBC)
        list(APPEND SLICKQ_LINK_DEPENDENCIES rt)
    endif()
endif()

set(SLICKQ_PRIVATE_DEPENDENCIES Boost::headers ${SLICKQ_LINK_DEPENDENCIES})

# Those of the libraries that C++ programs get from their compiler which C programs do not.
set(SLICKQ_CXX_RUNTIME ${CMAKE_CXX_IMPLICIT_LINK_LIBRARIES})
list(REMOVE_DUPLICATES SLICKQ_CXX_RUNTIME)
list(FILTER SLICKQ_CXX_RUNTIME EXCLUDE REGEX "^(gcc|gcc_s|gcc_eh|c)$|clang_rt")
