using System;
using System.IO;

namespace Diyalog.Tests;

/// <summary>Files of the repository that the tests were built in.</summary>
internal static class Repository
{
    internal static string File(params string[] path)
    {
        for (var folder = new DirectoryInfo(AppDomain.CurrentDomain.BaseDirectory);
            folder != null;
            folder = folder.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "include", "diyalog.h")))
            {
                return Path.Combine(folder.FullName, Path.Combine(path));
            }
        }
        throw new DirectoryNotFoundException("the tests do not run inside the repository");
    }
}
