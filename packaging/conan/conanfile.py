"""Conan recipe of diyalog: packages the release's archive for the target system.

conandata.yml has the address and checksum of each archive; packaging/ports.sh writes it.
"""

from pathlib import Path

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.files import copy, get, rm


class Diyalog(ConanFile):
    name = "diyalog"
    description = "Client library for the Diyalog customer-messaging API, with a C interface"
    license = "MIT OR Apache-2.0"
    topics = ("diyalog", "chat", "call-center")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False]}
    default_options = {"shared": True}

    @property
    def _system(self) -> str:
        systems = {
            ("Linux", "x86_64"): "linux-x64",
            ("Linux", "armv8"): "linux-arm64",
            ("Windows", "x86_64"): "win-x64",
            ("Windows", "x86"): "win-x86",
        }
        return systems.get((str(self.settings.os), str(self.settings.arch)), "")

    def set_version(self):
        self.version = self.version or next(iter(self.conan_data["sources"]))

    def validate(self):
        if not self._system:
            raise ConanInvalidConfiguration(f"no archive for {self.settings.os} {self.settings.arch}")
        if self.settings.os == "Windows" and not self.options.shared:
            raise ConanInvalidConfiguration("there is no static library for Windows; set shared=True")

    def package_id(self):
        # One archive serves every compiler and build type: only plain C crosses its interface.
        del self.info.settings.compiler
        del self.info.settings.build_type

    def build(self):
        get(self, **self.conan_data["sources"][self.version][self._system], strip_root=True)

    def package(self):
        for folder in "include", "bin", "lib":
            copy(self, f"{folder}/*", self.build_folder, self.package_folder)
        for name in "LICENSE-*", "THIRD-PARTY-LICENSES.txt", "sbom.cdx.json":
            copy(self, name, self.build_folder, Path(self.package_folder, "licenses"))
        # Conan writes these for itself.
        for folder in "lib/cmake/diyalog", "lib/pkgconfig":
            rm(self, "*", Path(self.package_folder, folder))
        if self.settings.os == "Linux":
            rm(self, "*.a" if self.options.shared else "*.so*", Path(self.package_folder, "lib"))

    def package_info(self):
        self.cpp_info.libs = ["diyalog"]
        target = "diyalog::diyalog" if self.options.shared else "diyalog::diyalog_static"
        self.cpp_info.set_property("cmake_target_name", target)
        self.cpp_info.set_property("pkg_config_name", "diyalog")
        if self.settings.os == "Linux" and not self.options.shared:
            self.cpp_info.system_libs = ["pthread", "dl", "m"]
