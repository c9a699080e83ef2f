# Where slickq can be: a segment's layout is of 64-bit words, least significant byte first.
if(NOT CMAKE_SIZEOF_VOID_P EQUAL 8)
    message(FATAL_ERROR "slickq: needs a 64-bit platform: its queues are made of 64-bit words, and this compiler "
        "(${CMAKE_CXX_COMPILER}) makes programs of another size")
endif()
if(CMAKE_CXX_BYTE_ORDER STREQUAL BIG_ENDIAN)
    message(FATAL_ERROR "slickq: needs a little-endian platform: so are the bytes of a segment, and this compiler "
        "(${CMAKE_CXX_COMPILER}) makes programs of the other byte order")
endif()
