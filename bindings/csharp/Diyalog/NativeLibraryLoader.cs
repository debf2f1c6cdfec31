using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.IO;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace Diyalog
{
    /// <summary>Finds the native library, loads it and checks its version.</summary>
    internal static class NativeLibraryLoader
    {
        private const string PathVariable = "DIYALOG_LIBRARY";

        private static readonly bool IsWindows = Environment.OSVersion.Platform == PlatformID.Win32NT;

        /// <summary>Loads the file that DIYALOG_LIBRARY names, or else the first usable one of
        /// <see cref="InstalledPaths"/>.</summary>
        internal static NativeMethods Load()
        {
            string chosen = Environment.GetEnvironmentVariable(PathVariable);
            return LoadFirst(string.IsNullOrEmpty(chosen) ? InstalledPaths() : new[] { chosen });
        }

        /// <exception cref="DllNotFoundException">None of them can be used; the message has each with the
        /// reason.</exception>
        internal static NativeMethods LoadFirst(IEnumerable<string> paths)
        {
            var tried = new StringBuilder();
            foreach (string path in paths)
            {
                try
                {
                    return LoadFile(Path.GetFullPath(path));
                }
                catch (Exception reason)
                {
                    tried.Append("\n  ").Append(path).Append(": ").Append(reason.Message);
                }
            }
            throw new DllNotFoundException(
                $"The native library of Diyalog {OwnVersion.ToString(3)} could not be loaded into this " +
                $"{8 * IntPtr.Size}-bit process ({RuntimeIdentifier}). Tried:{tried}\n" +
                $"Install the package Diyalog with its native files, or set {PathVariable} to the library's full path.");
        }

        /// <summary>Where the library is looked for: for each folder that may be the assembly's, below it by
        /// processor and then in it; last where .NET Core says that the application's native files are.</summary>
        internal static IEnumerable<string> InstalledPaths()
        {
            string file = IsWindows ? "diyalog.dll" : "libdiyalog.so";
            var paths = new List<string>();
            foreach (string folder in AssemblyFolders())
            {
                // By processor first: a program for any CPU may have a DLL for the other one beside it.
                AddOnce(paths, Path.Combine(folder, "runtimes", RuntimeIdentifier, "native", file));
                AddOnce(paths, Path.Combine(folder, file));
            }
            var hosts = AppDomain.CurrentDomain.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
            foreach (string folder in hosts.Split(new[] { Path.PathSeparator }, StringSplitOptions.RemoveEmptyEntries))
            {
                AddOnce(paths, Path.Combine(folder, file));
            }
            return paths;
        }

        private static IEnumerable<string> AssemblyFolders()
        {
            Assembly assembly = typeof(NativeLibraryLoader).Assembly;
            if (assembly.Location.Length > 0)
            {
                yield return Path.GetDirectoryName(assembly.Location);
#if !NET
                // ASP.NET on .NET Framework runs a copy of the assembly, made without its native files.
                yield return Path.GetDirectoryName(new Uri(assembly.EscapedCodeBase).LocalPath);
#endif
            }
            yield return AppDomain.CurrentDomain.BaseDirectory;
        }

        private static void AddOnce(List<string> paths, string path)
        {
            if (!paths.Contains(path))
            {
                paths.Add(path);
            }
        }

        /// <summary>The folder name that NuGet gives to the files of this system and processor.</summary>
        internal static string RuntimeIdentifier =>
            (IsWindows ? "win-" : "linux-") +
#if NETFRAMEWORK
            // No RuntimeInformation before 4.7.1; .NET Framework processes that the package has a DLL for
            // are x86 and x64.
            (IntPtr.Size == 4 ? "x86" : "x64");
#else
            RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
#endif

        private static Version OwnVersion => typeof(NativeLibraryLoader).Assembly.GetName().Version;

        private static NativeMethods LoadFile(string path)
        {
            if (!File.Exists(path))
            {
                throw new FileNotFoundException("no such file");
            }
            IntPtr library = IsWindows ? Windows.Open(path) : Unix.Open(path);
            var methods = new NativeMethods(name =>
            {
                IntPtr address = IsWindows ? Windows.GetProcAddress(library, name) : Unix.Find(library, name);
                return address != IntPtr.Zero
                    ? address
                    : throw new EntryPointNotFoundException($"it has no function {name}");
            });
            CheckVersion(Utf8.ToText(methods.diyalog_version()));
            return methods;
        }

        /// <summary>Takes a library of the assembly's major and minor version: a patch may be newer or older
        /// than the assembly, so that either can be replaced alone.</summary>
        internal static void CheckVersion(string libraryVersion)
        {
            string wanted = OwnVersion.ToString(2) + ".";
            if (!libraryVersion.StartsWith(wanted, StringComparison.Ordinal))
            {
                throw new InvalidOperationException(
                    $"it is version {libraryVersion}, but this assembly needs {wanted}x");
            }
        }

        private static class Windows
        {
            /// <summary>Resolves what the DLL needs from its own folder, not from the program's.</summary>
            private const uint LoadWithAlteredSearchPath = 8;

            internal static IntPtr Open(string path)
            {
                IntPtr library = LoadLibraryEx(path, IntPtr.Zero, LoadWithAlteredSearchPath);
                if (library == IntPtr.Zero)
                {
                    int error = Marshal.GetLastWin32Error();
                    throw new Win32Exception(error, $"{new Win32Exception(error).Message} (error {error})");
                }
                return library;
            }

            [DllImport("kernel32", EntryPoint = "LoadLibraryExW", CharSet = CharSet.Unicode,
                ExactSpelling = true, SetLastError = true)]
            private static extern IntPtr LoadLibraryEx(string path, IntPtr reserved, uint flags);

            [DllImport("kernel32", CharSet = CharSet.Ansi, ExactSpelling = true, BestFitMapping = false)]
            internal static extern IntPtr GetProcAddress(IntPtr library, string name);
        }

        /// <summary>On glibc, the only C library of Linux that the package has files for, libdl.so.2 is
        /// always there: since 2.34 it is a shell over libc.</summary>
        private static class Unix
        {
            private const int ResolveNow = 2;

            internal static IntPtr Open(string path)
            {
                IntPtr library = dlopen(Utf8.FromText(path, nameof(path)), ResolveNow);
                return library != IntPtr.Zero
                    ? library
                    : throw new BadImageFormatException(Utf8.ToText(dlerror()));
            }

            internal static IntPtr Find(IntPtr library, string name) =>
                dlsym(library, Utf8.FromText(name, nameof(name)));

            [DllImport("libdl.so.2", CallingConvention = CallingConvention.Cdecl)]
            private static extern IntPtr dlopen(byte[] path, int flags);

            [DllImport("libdl.so.2", CallingConvention = CallingConvention.Cdecl)]
            private static extern IntPtr dlsym(IntPtr library, byte[] name);

            [DllImport("libdl.so.2", CallingConvention = CallingConvention.Cdecl)]
            private static extern IntPtr dlerror();
        }
    }
}
