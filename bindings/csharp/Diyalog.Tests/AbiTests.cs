using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Diyalog.Native;
using NUnit.Framework;

namespace Diyalog.Tests;

/// <summary>The C# side of the FFI boundary against the header.</summary>
[TestFixture]
public class AbiTests
{
    private const BindingFlags Fields = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static string Header() => File.ReadAllText(Repository.File("include", "diyalog.h"));

    /// <summary>The output of abi.c, compiled for this processor.</summary>
    private static Dictionary<string, long> Facts()
    {
        string? file = Environment.GetEnvironmentVariable("DIYALOG_ABI_FACTS");
        if (string.IsNullOrEmpty(file))
        {
            Assert.Ignore("DIYALOG_ABI_FACTS does not name the output of abi.c; run-tests.sh sets it");
        }
        return File.ReadAllLines(file!)
            .Select(line => line.Split(' '))
            .ToDictionary(words => words[0], words => long.Parse(words[1]));
    }

    [Test]
    public void Constants_have_the_headers_values()
    {
        Dictionary<string, long> facts = Facts();
        var expected = new Dictionary<string, long>
        {
            { "DIYALOG_OK", NativeMethods.Ok },
            { "DIYALOG_ERROR_INVALID_ARGUMENT", NativeErrors.InvalidArgument },
            { "DIYALOG_ERROR_INVALID_CONFIG", NativeErrors.InvalidConfig },
            { "DIYALOG_LOG_ERROR", (long)DiyalogLogLevel.Error },
            { "DIYALOG_LOG_WARN", (long)DiyalogLogLevel.Warning },
            { "DIYALOG_LOG_INFO", (long)DiyalogLogLevel.Info },
            { "DIYALOG_LOG_DEBUG", (long)DiyalogLogLevel.Debug },
        };
        Add(expected, "DIYALOG_DATE_ZONE_", typeof(DateZone));
        Add(expected, "DIYALOG_HELP_TYPE_", typeof(HelpType));
        Add(expected, "DIYALOG_ERROR_", typeof(DiyalogErrorCode));
        string[] inHeader = Regex.Matches(Header(), @"(?m)^#define (DIYALOG_\w+) -?\d+$").Cast<Match>()
            .Select(match => match.Groups[1].Value)
            .ToArray();
        Assert.That(inHeader, Is.EquivalentTo(expected.Keys));
        Assert.That(facts.Keys.Where(name => name.StartsWith("DIYALOG_", StringComparison.Ordinal)),
            Is.EquivalentTo(inHeader), "abi.c prints all of the header's constants");
        foreach (string name in inHeader)
        {
            Assert.That(facts[name], Is.EqualTo(expected[name]), name);
        }
    }

    private static void Add(Dictionary<string, long> constants, string prefix, Type type)
    {
        foreach (object value in Enum.GetValues(type))
        {
            string name = Regex.Replace(value.ToString()!, "(?<=[a-z])(?=[A-Z])", "_").ToUpperInvariant();
            constants.Add(prefix + name, Convert.ToInt64(value));
        }
    }

    [TestCase("diyalog_call_options", typeof(NativeCallOptions))]
    [TestCase("diyalog_help_status", typeof(NativeHelpStatus))]
    [TestCase("diyalog_response", typeof(NativeResponse))]
    [TestCase("diyalog_signed_headers", typeof(NativeSignedHeaders))]
    public void Structs_have_the_headers_layout(string name, Type type)
    {
        Dictionary<string, long> facts = Facts();
        var layout = new Dictionary<string, long> { { name, Marshal.SizeOf(type) } };
        foreach (FieldInfo field in type.GetFields(Fields))
        {
            Assert.That(field.FieldType.IsPrimitive || field.FieldType.IsPointer, Is.True, field.Name + " is blittable");
            string inC = Regex.Replace(field.Name, "(?<=[a-z])(?=[A-Z])", "_").ToLowerInvariant();
            layout.Add(name + "." + inC, Marshal.OffsetOf(type, field.Name).ToInt64());
        }
        Assert.That(layout, Is.EquivalentTo(facts.Where(fact => fact.Key.Split('.')[0] == name)));
    }

    [Test]
    public void Functions_are_the_headers_in_its_order()
    {
        string[] inHeader = Regex.Matches(Header(), @"DIYALOG_CALL (diyalog_\w+)\(").Cast<Match>()
            .Select(match => match.Groups[1].Value)
            .ToArray();
        string[] declared = typeof(NativeMethods).GetFields(Fields).Select(field => field.Name).ToArray();
        Assert.That(declared, Is.Not.Empty);
        Assert.That(declared, Is.EqualTo(inHeader.Where(declared.Contains)));
    }

    // Before .NET 8 reflection shows a function pointer as IntPtr.
#if NET
    [Test]
    public void Function_pointers_are_cdecl_with_the_headers_parameters()
    {
        string declarations = Regex.Replace(Header(), @"//.*|/\*(.|\n)*?\*/", "");
        foreach (FieldInfo field in typeof(NativeMethods).GetFields(Fields))
        {
            Match inHeader = Regex.Match(
                declarations, @"(?<returns>[\w \*]+)DIYALOG_CALL " + field.Name + @"\((?<parameters>[^)]*)\)");
            Assert.That(inHeader.Success, Is.True, field.Name);
            string parameters = inHeader.Groups["parameters"].Value;
            string[] expected = parameters == "void" ? [] : parameters.Split(',').Select(Shape).ToArray();
            Type pointer = field.GetModifiedFieldType();
            Assert.That(pointer.IsUnmanagedFunctionPointer, Is.True, field.Name);
            Assert.That(
                pointer.GetFunctionPointerCallingConventions(),
                Is.EqualTo(new[] { typeof(System.Runtime.CompilerServices.CallConvCdecl) }),
                field.Name);
            Assert.That(
                pointer.GetFunctionPointerParameterTypes().Select(type => Shape(type.UnderlyingSystemType)).ToArray(),
                Is.EqualTo(expected),
                field.Name);
            Assert.That(
                Shape(pointer.GetFunctionPointerReturnType().UnderlyingSystemType),
                Is.EqualTo(Shape(inHeader.Groups["returns"].Value.Replace("DIYALOG_API", "") + " result")),
                field.Name);
        }
    }

    /// <summary>A parameter of the header, such as <c>const char *url</c>, reduced to its width.</summary>
    private static string Shape(string parameter) =>
        parameter.Contains('*') || parameter.Contains("_callback ") ? "pointer" : parameter.Trim().Split(' ')[0];

    private static string Shape(Type type)
    {
        if (type == typeof(int))
        {
            return "int32_t";
        }
        if (type == typeof(uint))
        {
            return "uint32_t";
        }
        if (type == typeof(nuint))
        {
            return "size_t";
        }
        return type == typeof(void) ? "void" : "pointer";
    }
#endif
}
