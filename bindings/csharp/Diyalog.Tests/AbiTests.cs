using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Diyalog.Tests
{
    /// <summary>The C# side of the boundary against the header.</summary>
    [TestFixture]
    public class AbiTests
    {
        private const BindingFlags Fields = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

        private static string Header() => File.ReadAllText(Repository.File("include", "diyalog.h"));

        /// <summary>What abi.c printed, compiled for this processor.</summary>
        private static Dictionary<string, long> Facts()
        {
            string file = Environment.GetEnvironmentVariable("DIYALOG_ABI_FACTS");
            if (string.IsNullOrEmpty(file))
            {
                Assert.Ignore("DIYALOG_ABI_FACTS does not name the output of abi.c; run-tests.sh makes it");
            }
            return File.ReadAllLines(file)
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
            Add<DateZone>(expected, "DIYALOG_DATE_ZONE_");
            Add<HelpType>(expected, "DIYALOG_HELP_TYPE_");
            Add<DiyalogErrorCode>(expected, "DIYALOG_ERROR_");
            var constants = facts.Where(fact => fact.Key.StartsWith("DIYALOG_", StringComparison.Ordinal));
            Assert.That(Lines(expected), Is.EqualTo(Lines(constants)));

            string[] inHeader = Regex.Matches(Header(), @"(?m)^#define (DIYALOG_\w+) -?\d+$").Cast<Match>()
                .Select(match => match.Groups[1].Value)
                .ToArray();
            Assert.That(inHeader, Is.EquivalentTo(expected.Keys), "abi.c prints all of the header's constants");
        }

        private static void Add<TEnum>(Dictionary<string, long> constants, string prefix)
        {
            foreach (object value in Enum.GetValues(typeof(TEnum)))
            {
                string name = Regex.Replace(value.ToString(), "(?<=[a-z])(?=[A-Z])", "_").ToUpperInvariant();
                constants.Add(prefix + name, Convert.ToInt64(value));
            }
        }

        [TestCase("diyalog_call_options", typeof(NativeMethods.CallOptions))]
        [TestCase("diyalog_help_status", typeof(NativeMethods.NativeHelpStatus))]
        public void Structs_have_the_headers_layout(string name, Type type)
        {
            var layout = new Dictionary<string, long> { { name, Marshal.SizeOf(type) } };
            foreach (FieldInfo field in type.GetFields(Fields))
            {
                Assert.That(field.FieldType.IsPrimitive, Is.True, field.Name + " is blittable");
                string inC = Regex.Replace(field.Name, "(?<=[a-z])(?=[A-Z])", "_").ToLowerInvariant();
                layout.Add(name + "." + inC, Marshal.OffsetOf(type, field.Name).ToInt64());
            }
            var inHeader = Facts().Where(fact => fact.Key.Split('.')[0] == name);
            Assert.That(Lines(layout), Is.EqualTo(Lines(inHeader)));
        }

        [Test]
        public void Functions_are_the_headers_in_its_order()
        {
            string[] inHeader = Regex.Matches(Header(), @"DIYALOG_CALL (diyalog_\w+)\(").Cast<Match>()
                .Select(match => match.Groups[1].Value)
                .ToArray();
            string[] declared = typeof(NativeMethods).GetFields(Fields).Select(field => field.Name).ToArray();
            Assert.That(declared, Is.EqualTo(inHeader));
            foreach (FieldInfo field in typeof(NativeMethods).GetFields(Fields))
            {
                Assert.That(field.GetValue(NativeMethods.Library), Is.Not.Null, field.Name);
            }
        }

        [Test]
        public void Parameters_are_as_many_and_as_wide_as_the_headers()
        {
            string declarations = Regex.Replace(Header(), @"//.*", "");
            foreach (FieldInfo field in typeof(NativeMethods).GetFields(Fields))
            {
                Match inHeader = Regex.Match(
                    declarations, @"(?<returns>[\w \*]+)DIYALOG_CALL " + field.Name + @"\((?<parameters>[^)]*)\)");
                Assert.That(inHeader.Success, Is.True, field.Name);
                MethodInfo invoke = field.FieldType.GetMethod("Invoke");
                string parameters = inHeader.Groups["parameters"].Value;
                string[] expected = parameters == "void" ? new string[0] : parameters.Split(',').Select(Shape).ToArray();
                Assert.That(
                    invoke.GetParameters().Select(parameter => Shape(parameter.ParameterType)).ToArray(),
                    Is.EqualTo(expected),
                    field.Name);
                Assert.That(
                    Shape(invoke.ReturnType),
                    Is.EqualTo(Shape(inHeader.Groups["returns"].Value.Replace("DIYALOG_API", "") + " result")),
                    field.Name);
            }
        }

        /// <summary>A parameter of the header, such as <c>const char *url</c>, in few words.</summary>
        private static string Shape(string parameter)
        {
            if (parameter.Contains("*") || parameter.Contains("diyalog_log_callback"))
            {
                return "pointer";
            }
            return parameter.Trim().Split(' ')[0];
        }

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
            if (type == typeof(UIntPtr))
            {
                return "size_t";
            }
            return type == typeof(void) ? "void" : "pointer";
        }

        [Test]
        public void Every_delegate_is_cdecl()
        {
            Type[] delegates = typeof(NativeMethods).GetNestedTypes(BindingFlags.NonPublic)
                .Where(type => typeof(Delegate).IsAssignableFrom(type))
                .ToArray();
            Assert.That(delegates, Is.Not.Empty);
            foreach (Type type in delegates)
            {
                var attribute = (UnmanagedFunctionPointerAttribute)Attribute.GetCustomAttribute(
                    type, typeof(UnmanagedFunctionPointerAttribute));
                Assert.That(attribute, Is.Not.Null, type.Name);
                Assert.That(attribute.CallingConvention, Is.EqualTo(CallingConvention.Cdecl), type.Name);
            }
        }

        private static string[] Lines(IEnumerable<KeyValuePair<string, long>> facts) =>
            facts.Select(fact => fact.Key + " " + fact.Value).OrderBy(line => line, StringComparer.Ordinal).ToArray();
    }
}
