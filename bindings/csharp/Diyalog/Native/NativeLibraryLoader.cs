using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Linq;
using System.Reflection;
#if !NETFRAMEWORK
using System.Runtime.InteropServices;
#endif
using System.Text;

namespace Diyalog.Native;

/// <summary>Finds the native library, loads it and checks its version.</summary>
internal static class NativeLibraryLoader
{
    private const string PathVariable = "DIYALOG_LIBRARY";

    private static readonly bool IsWindows = Environment.OSVersion.Platform == PlatformID.Win32NT;

    private static readonly string FileName = IsWindows ? "diyalog.dll" : "libdiyalog.so";

    /// <summary>The assembly's version, which is that of the package and of the library built with it.</summary>
    internal static string OwnVersion { get; } = typeof(NativeLibraryLoader).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Loads the file that DIYALOG_LIBRARY names if it is set, otherwise the first usable one of
    /// <see cref="InstalledPaths"/>.</summary>
    internal static NativeMethods Load()
    {
        string? chosen = Environment.GetEnvironmentVariable(PathVariable);
        return LoadFirst(string.IsNullOrEmpty(chosen) ? InstalledPaths() : [chosen!]);
    }

    /// <exception cref="DllNotFoundException">No file can be used; the message lists each with the reason.</exception>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types",
        Justification = "Whatever is wrong with a file, the next one may do; the message reports it.")]
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
            $"The native library of Diyalog {OwnVersion} could not be loaded into this {8 * IntPtr.Size}-bit process " +
            $"({RuntimeIdentifier}). Tried:{tried}\n" +
            $"Install the package Diyalog with its native files, or set {PathVariable} to the library's full path.");
    }

    /// <summary>Returns the paths to look at: for each folder that may be the assembly's, the subfolder of the processor
    /// and the folder itself; then the folders where .NET has resolved the program's native files.</summary>
    internal static IEnumerable<string> InstalledPaths()
    {
        IEnumerable<string> resolved = ((string?)AppDomain.CurrentDomain.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") ?? "")
            .Split([Path.PathSeparator], StringSplitOptions.RemoveEmptyEntries);
        // The processor's folder first: a program for any CPU may have a DLL for the other one beside it.
        IEnumerable<string> beside = AssemblyFolders()
            .SelectMany(folder => new[] { Path.Combine(folder, "runtimes", RuntimeIdentifier, "native"), folder });
        return beside.Concat(resolved).Select(folder => Path.Combine(folder, FileName)).Distinct();
    }

    private static IEnumerable<string> AssemblyFolders()
    {
        if (AssemblyLocation.Length > 0)
        {
            yield return Path.GetDirectoryName(AssemblyLocation)!;
#if !NET
            // ASP.NET on .NET Framework runs a copy of the assembly, made without its native files.
            var codeBase = new Uri(typeof(NativeLibraryLoader).Assembly.EscapedCodeBase);
            yield return Path.GetDirectoryName(codeBase.LocalPath)!;
#endif
        }
        yield return AppDomain.CurrentDomain.BaseDirectory;
    }

    /// <summary>The assembly's file; empty if it is part of a single file or native code.</summary>
    private static string AssemblyLocation
    {
#if NET
        [UnconditionalSuppressMessage("SingleFile", "IL3000", Justification = "An empty location is skipped.")]
#endif
        get => typeof(NativeLibraryLoader).Assembly.Location;
    }

    /// <summary>The folder name that NuGet gives to the files of this system and processor.</summary>
    internal static string RuntimeIdentifier =>
#if NETFRAMEWORK
        // RuntimeInformation appeared in 4.7.1. .NET Framework processes that the package has a DLL for are x86 and x64.
        (IsWindows ? "win-" : "linux-") + (IntPtr.Size == 4 ? "x86" : "x64");
#else
        (IsWindows ? "win-" : IsMusl ? "linux-musl-" : "linux-") + Architecture;

#pragma warning disable CA1308 // The identifiers are lower case.
    private static string Architecture => RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
#pragma warning restore CA1308

#if NET
    /// <summary>Whether this is a .NET built for musl, the C library of Alpine.</summary>
    private static bool IsMusl => RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal);
#else
    private const bool IsMusl = false;
#endif
#endif

    private static unsafe NativeMethods LoadFile(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException("no such file");
        }
        nint library = DynamicLibrary.Load(path);
        var methods = new NativeMethods(name => DynamicLibrary.Find(library, name) is var address and not 0
            ? address
            : throw new EntryPointNotFoundException($"it has no function {name}"));
        CheckVersion(Utf8.ToText(methods.diyalog_version()) ?? "");
        return methods;
    }

    /// <summary>Accepts a library of the assembly's major and minor version. The patch may be older or newer, so that
    /// either can be replaced alone.</summary>
    internal static void CheckVersion(string libraryVersion)
    {
        string needed = OwnVersion.Substring(0, OwnVersion.LastIndexOf('.') + 1);
        if (!libraryVersion.StartsWith(needed, StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"it is version {libraryVersion}, but this assembly needs {needed}x");
        }
    }
}
