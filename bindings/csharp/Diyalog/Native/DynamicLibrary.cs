#if !NET
using System;
using System.ComponentModel;
#endif
using System.Runtime.InteropServices;

namespace Diyalog.Native;

/// <summary>Loads a file into the process and finds its functions.</summary>
internal static class DynamicLibrary
{
#if NET
    internal static nint Load(string path) => NativeLibrary.Load(path);

    /// <summary>Returns the address of a function, or 0.</summary>
    internal static nint Find(nint library, string name) =>
        NativeLibrary.TryGetExport(library, name, out nint address) ? address : 0;
#else
    private static readonly bool IsWindows = Environment.OSVersion.Platform == PlatformID.Win32NT;

    internal static nint Load(string path) => IsWindows ? Windows.Load(path) : Unix.Load(path);

    /// <summary>Returns the address of a function, or 0.</summary>
    internal static nint Find(nint library, string name) =>
        IsWindows ? Windows.GetProcAddress(library, name) : Unix.Find(library, name);

    private static class Windows
    {
        /// <summary>Resolves the DLL's own dependencies in its folder, not in the program's.</summary>
        private const uint LoadWithAlteredSearchPath = 8;

        internal static nint Load(string path)
        {
            nint library = LoadLibraryEx(path, 0, LoadWithAlteredSearchPath);
            if (library == 0)
            {
                int error = Marshal.GetLastWin32Error();
                throw new Win32Exception(error, $"{new Win32Exception(error).Message} (error {error})");
            }
            return library;
        }

        [DllImport("kernel32", EntryPoint = "LoadLibraryExW", CharSet = CharSet.Unicode, ExactSpelling = true,
            SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern nint LoadLibraryEx(string path, nint reserved, uint flags);

        [DllImport("kernel32", CharSet = CharSet.Ansi, ExactSpelling = true, BestFitMapping = false,
            ThrowOnUnmappableChar = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        internal static extern nint GetProcAddress(nint library, string name);
    }

    /// <summary>For Mono on Linux. glibc has always had libdl.so.2, since 2.34 as a shell over libc.</summary>
    private static unsafe class Unix
    {
        private const int ResolveNow = 2;

        internal static nint Load(string path)
        {
            fixed (byte* bytes = Utf8.FromText(path, nameof(path)))
            {
                nint library = dlopen(bytes, ResolveNow);
                return library != 0 ? library : throw new BadImageFormatException(Utf8.ToText(dlerror()));
            }
        }

        internal static nint Find(nint library, string name)
        {
            fixed (byte* bytes = Utf8.FromText(name, nameof(name)))
            {
                return dlsym(library, bytes);
            }
        }

        [DllImport("libdl.so.2", CallingConvention = CallingConvention.Cdecl)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern nint dlopen(byte* path, int flags);

        [DllImport("libdl.so.2", CallingConvention = CallingConvention.Cdecl)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern nint dlsym(nint library, byte* name);

        [DllImport("libdl.so.2", CallingConvention = CallingConvention.Cdecl)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern byte* dlerror();
    }
#endif
}
