// Nothing: what is compiled with it is the header that the other tests reuse, see ../CMakeLists.txt.
