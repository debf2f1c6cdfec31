// Runs every [Test] of an assembly without a test framework's runner: NUnit 2, which Mono has, does
// not start on .NET 8, but its assertions work there.
//
//   dotnet Smoke.exe Diyalog.Tests.dll

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using NUnit.Framework;

internal static class Smoke
{
    private static int passed, failed, skipped;

    private static int Main(string[] arguments)
    {
        Assembly tests = Assembly.LoadFrom(Path.GetFullPath(arguments[0]));
        foreach (Type fixture in tests.GetExportedTypes())
        {
            foreach (MethodInfo method in fixture.GetMethods())
            {
                foreach (object[] values in Cases(method))
                {
                    Run(fixture, method, values);
                }
            }
        }
        Console.WriteLine("on " + RuntimeInformation.FrameworkDescription + ":");
        Console.WriteLine(passed + " passed, " + failed + " failed, " + skipped + " skipped");
        return failed == 0 && passed > 0 ? 0 : 1;
    }

    /// <summary>The arguments of each run: none for a [Test].</summary>
    private static IEnumerable<object[]> Cases(MethodInfo method) =>
        method.GetCustomAttributes(typeof(TestAttribute), false).Select(_ => new object[0])
            .Concat(method.GetCustomAttributes(typeof(TestCaseAttribute), false)
                .Select(one => ((TestCaseAttribute)one).Arguments));

    private static void Run(Type fixture, MethodInfo method, object[] values)
    {
        try
        {
            method.Invoke(Activator.CreateInstance(fixture), values);
            passed++;
        }
        catch (TargetInvocationException error) when (error.InnerException is IgnoreException)
        {
            skipped++;
            Console.WriteLine("SKIPPED: " + method.Name + ": " + error.InnerException.Message);
        }
        catch (TargetInvocationException error)
        {
            failed++;
            Console.WriteLine("FAILED: " + fixture.Name + "." + method.Name + ": " + error.InnerException);
        }
    }
}
