# The same program in each language of capi/examples/ffi, with Python on the other side. What is not here is skipped by name.
set(ffi ${PROJECT_SOURCE_DIR}/capi/examples/ffi)
set(ffi_environment
    SLICKQ_LIBRARY=$<TARGET_FILE:slickq>
    PYTHONPATH=${PROJECT_SOURCE_DIR}/capi/python/src
    LD_LIBRARY_PATH=$<TARGET_FILE_DIR:slickq>
    KOFFI=${CMAKE_CURRENT_BINARY_DIR}/koffi/node_modules/koffi)

# slickq_add_ffi_test(<name> <what it needs> <command>...): skipped if anything in the command was not found
function(slickq_add_ffi_test name needs)
    if(ARGN MATCHES "-NOTFOUND")
        set(command ${Python3_EXECUTABLE} -c "import sys; print('skipped: no ${needs}'); sys.exit(77)")
    else()
        set(command ${Python3_EXECUTABLE} -B ${ffi}/greet.py ${ARGN})
    endif()
    add_test(NAME examples.ffi.${name} COMMAND ${command})
    set_tests_properties(examples.ffi.${name} PROPERTIES
        LABELS examples SKIP_RETURN_CODE 77 TIMEOUT 180 ENVIRONMENT "${ffi_environment}")
endfunction()

find_program(SLICKQ_NODE node)
find_program(SLICKQ_NPM npm)
find_program(SLICKQ_RUBY ruby)
find_program(SLICKQ_LUAJIT luajit)
find_program(SLICKQ_MONO mono)
find_program(SLICKQ_MCS mcs)
find_file(SLICKQ_JNA jna.jar PATHS /usr/share/java)

# A Java that runs source files, from 11 on, and the newest one if that has the foreign function interface, from 22 on.
set(java SLICKQ_JAVA-NOTFOUND)
set(java_with_ffi SLICKQ_JAVA-NOTFOUND)
set(newest 21)
find_program(SLICKQ_JAVA java)
file(GLOB java_candidates $ENV{JAVA_HOME}/bin/java /usr/lib/jvm/*/bin/java)
foreach(candidate IN LISTS SLICKQ_JAVA java_candidates)
    if(NOT EXISTS "${candidate}")
        continue()
    endif()
    execute_process(COMMAND ${candidate} -version ERROR_VARIABLE version OUTPUT_QUIET)
    if(NOT version MATCHES "version \"([0-9]+)")
        continue()
    endif()
    if(CMAKE_MATCH_1 GREATER 10 AND NOT java)
        set(java ${candidate})
    endif()
    if(CMAKE_MATCH_1 GREATER newest)
        set(newest ${CMAKE_MATCH_1})
        set(java_with_ffi ${candidate})
    endif()
endforeach()

slickq_add_ffi_test(node "Node.js" ${SLICKQ_NODE} ${ffi}/node/hello.js)
slickq_add_ffi_test(java_jna "Java 11 with JNA" ${java} -cp ${SLICKQ_JNA} ${ffi}/java/HelloJna.java)
slickq_add_ffi_test(java_panama "Java 22" ${java_with_ffi} --enable-native-access=ALL-UNNAMED ${ffi}/java/HelloPanama.java)
slickq_add_ffi_test(ruby "Ruby" ${SLICKQ_RUBY} ${ffi}/ruby/hello.rb)
slickq_add_ffi_test(luajit "LuaJIT" ${SLICKQ_LUAJIT} ${ffi}/luajit/hello.lua)

# What must be there before: koffi, and the compiled C#.
if(SLICKQ_NODE AND SLICKQ_NPM)
    add_test(NAME examples.ffi.koffi
        COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/koffi.sh ${SLICKQ_NPM} ${CMAKE_CURRENT_BINARY_DIR}/koffi)
    set_tests_properties(examples.ffi.koffi PROPERTIES
        LABELS examples SKIP_RETURN_CODE 77 TIMEOUT 180 FIXTURES_SETUP koffi)
    set_tests_properties(examples.ffi.node PROPERTIES FIXTURES_REQUIRED koffi)
endif()
if(SLICKQ_MONO AND SLICKQ_MCS)
    add_test(NAME examples.ffi.mcs COMMAND ${SLICKQ_MCS} -out:${CMAKE_CURRENT_BINARY_DIR}/Hello.exe ${ffi}/csharp/Hello.cs)
    set_tests_properties(examples.ffi.mcs PROPERTIES LABELS examples TIMEOUT 60 FIXTURES_SETUP hello_exe)
    slickq_add_ffi_test(csharp "Mono" ${SLICKQ_MONO} ${CMAKE_CURRENT_BINARY_DIR}/Hello.exe)
    set_tests_properties(examples.ffi.csharp PROPERTIES FIXTURES_REQUIRED hello_exe)
else()
    slickq_add_ffi_test(csharp "Mono with its C# compiler" csharp-NOTFOUND)
endif()
