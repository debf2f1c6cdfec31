# find_package(diyalog CONFIG REQUIRED) defines diyalog::diyalog, as the triplet has it: shared or static.

get_filename_component(_diyalog_root "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)

if(NOT TARGET diyalog::diyalog)
  if(WIN32)
    add_library(diyalog::diyalog SHARED IMPORTED)
    set_target_properties(diyalog::diyalog PROPERTIES
      IMPORTED_LOCATION "${_diyalog_root}/bin/diyalog.dll"
      IMPORTED_IMPLIB "${_diyalog_root}/lib/diyalog.lib")
  elseif(EXISTS "${_diyalog_root}/lib/libdiyalog.a")
    add_library(diyalog::diyalog STATIC IMPORTED)
    set_target_properties(diyalog::diyalog PROPERTIES
      IMPORTED_LOCATION "${_diyalog_root}/lib/libdiyalog.a"
      IMPORTED_LINK_INTERFACE_LANGUAGES C
      INTERFACE_LINK_LIBRARIES "pthread;dl;m")
  else()
    add_library(diyalog::diyalog SHARED IMPORTED)
    set_target_properties(diyalog::diyalog PROPERTIES IMPORTED_LOCATION "${_diyalog_root}/lib/libdiyalog.so")
  endif()
  set_target_properties(diyalog::diyalog PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${_diyalog_root}/include")
endif()

unset(_diyalog_root)
