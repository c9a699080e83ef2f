# Installs the build tree BUILD_DIR below STAGE: everything to `moved`, as if a user had moved it there, and the
# component `runtime` alone to `runtime`. Empties WORK, where the consumers are built.

file(REMOVE_RECURSE ${STAGE} ${WORK})
execute_process(
    COMMAND ${CMAKE_COMMAND} --install ${BUILD_DIR} --config "${CONFIG}" --prefix ${STAGE}/original
    COMMAND_ERROR_IS_FATAL ANY)
execute_process(
    COMMAND ${CMAKE_COMMAND} --install ${BUILD_DIR} --config "${CONFIG}" --prefix ${STAGE}/runtime --component runtime
    COMMAND_ERROR_IS_FATAL ANY)
file(RENAME ${STAGE}/original ${STAGE}/moved)
