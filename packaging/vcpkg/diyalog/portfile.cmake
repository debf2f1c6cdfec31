# vcpkg port of diyalog: installs the release's archive for the target system.
#
# checksums.cmake has the address and the checksum of each archive; packaging/ports.sh writes it.

include("${CMAKE_CURRENT_LIST_DIR}/checksums.cmake")

if(VCPKG_TARGET_IS_WINDOWS)
  set(system "win-${VCPKG_TARGET_ARCHITECTURE}")
else()
  set(system "linux-${VCPKG_TARGET_ARCHITECTURE}")
endif()

vcpkg_download_distfile(archive
  URLS "${diyalog_${system}_url}"
  FILENAME "${diyalog_${system}_file}"
  SHA512 "${diyalog_${system}_sha512}")
vcpkg_extract_source_archive(source ARCHIVE "${archive}")

file(INSTALL "${source}/include/" DESTINATION "${CURRENT_PACKAGES_DIR}/include")
if(VCPKG_TARGET_IS_WINDOWS)
  set(libraries "${source}/lib/diyalog.lib")
  file(INSTALL "${source}/bin/diyalog.dll" DESTINATION "${CURRENT_PACKAGES_DIR}/bin")
elseif(VCPKG_LIBRARY_LINKAGE STREQUAL "static")
  set(libraries "${source}/lib/libdiyalog.a")
else()
  file(GLOB libraries "${source}/lib/libdiyalog.so*")
  list(FILTER libraries EXCLUDE REGEX "\\.debug$")
endif()
file(INSTALL ${libraries} DESTINATION "${CURRENT_PACKAGES_DIR}/lib")

# One build serves debug and release programs: only plain C crosses its interface.
set(VCPKG_POLICY_MISMATCHED_NUMBER_OF_BINARIES enabled)
if(NOT VCPKG_BUILD_TYPE)
  if(VCPKG_TARGET_IS_WINDOWS)
    file(INSTALL "${source}/bin/diyalog.dll" DESTINATION "${CURRENT_PACKAGES_DIR}/debug/bin")
  endif()
  file(INSTALL ${libraries} DESTINATION "${CURRENT_PACKAGES_DIR}/debug/lib")
endif()

file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/diyalog-config.cmake"
  DESTINATION "${CURRENT_PACKAGES_DIR}/share/diyalog")
vcpkg_install_copyright(FILE_LIST "${source}/LICENSE-MIT" "${source}/LICENSE-APACHE" "${source}/THIRD-PARTY-LICENSES.txt")
