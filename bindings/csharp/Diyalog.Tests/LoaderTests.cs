using System;
using System.IO;
using System.Linq;
using Diyalog.Native;
using NUnit.Framework;

namespace Diyalog.Tests;

/// <summary>Searches for the native library, and names every path that was tried.</summary>
[TestFixture]
public unsafe class LoaderTests
{
    [Test]
    public void What_was_tried_is_all_in_one_message()
    {
        using (var noLibrary = new TemporaryFile("not a library"))
        {
            string absent = Path.Combine(Path.GetTempPath(), "no-such-folder", "libdiyalog.so");
            DllNotFoundException error = Expect.Throws<DllNotFoundException>(
                () => NativeLibraryLoader.LoadFirst(new[] { absent, noLibrary.FullName }));
            Expect.Contains(
                error.Message,
                absent + ": no such file",
                noLibrary.FullName + ": ",
                8 * IntPtr.Size + "-bit process",
                NativeLibraryLoader.RuntimeIdentifier,
                "DIYALOG_LIBRARY");
        }
    }

    [Test]
    public void A_file_that_is_no_library_is_passed_over()
    {
        using (var noLibrary = new TemporaryFile("not a library"))
        {
            NativeMethods library = NativeLibraryLoader.LoadFirst(new[] { noLibrary.FullName, LoadedPath() });
            Assert.That(Utf8.ToText(library.diyalog_version()), Is.Not.Null);
        }
    }

    [Test]
    public void A_library_without_the_functions_is_passed_over()
    {
        string? stranger = new[] { "/lib/x86_64-linux-gnu/libdl.so.2", "/lib64/libdl.so.2", "/lib/aarch64-linux-gnu/libdl.so.2" }
            .FirstOrDefault(File.Exists);
        if (stranger == null)
        {
            Assert.Ignore("no library at a place that is known");
        }
        DllNotFoundException error = Expect.Throws<DllNotFoundException>(
            () => NativeLibraryLoader.LoadFirst(new[] { stranger! }));
        Expect.Contains(error.Message, stranger + ": it has no function diyalog_version");
    }

    [Test]
    public void Another_minor_version_is_refused()
    {
        Version own = Version.Parse(NativeLibraryLoader.OwnVersion);
        NativeLibraryLoader.CheckVersion(NativeLibraryLoader.OwnVersion);
        NativeLibraryLoader.CheckVersion(own.ToString(2) + ".99");
        foreach (string other in new[] { own.Major + "." + (own.Minor + 1) + ".0", own.ToString(2) + "9.0", "" })
        {
            InvalidOperationException error =
                Expect.Throws<InvalidOperationException>(() => NativeLibraryLoader.CheckVersion(other));
            Expect.Contains(error.Message, "version " + other, own.ToString(2) + ".x");
        }
    }

    [Test]
    public void The_library_and_the_assembly_have_one_version()
    {
        Assert.That(
            Utf8.ToText(NativeMethods.Library.diyalog_version()),
            Is.EqualTo(NativeLibraryLoader.OwnVersion));
    }

    [Test]
    public void The_processors_folder_comes_before_the_assemblys()
    {
        string[] paths = NativeLibraryLoader.InstalledPaths().ToArray();
        Expect.Contains(
            paths[0].Replace('\\', '/'), "/runtimes/" + NativeLibraryLoader.RuntimeIdentifier + "/native/");
        string? assemblyFolder = Path.GetDirectoryName(typeof(DiyalogClient).Assembly.Location);
        Assert.That(paths.Select(Path.GetDirectoryName), Has.Member(assemblyFolder));
        Assert.That(paths, Is.Unique);
    }

    /// <summary>The file that the other tests run on.</summary>
    internal static string LoadedPath()
    {
        string? chosen = Environment.GetEnvironmentVariable("DIYALOG_LIBRARY");
        return string.IsNullOrEmpty(chosen) ? NativeLibraryLoader.InstalledPaths().First(File.Exists) : chosen!;
    }
}
