using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using NUnit.Framework;

namespace Diyalog.Tests
{
    /// <summary>The public surface against PublicApi.txt, so that it changes on purpose only.</summary>
    [TestFixture]
    public class PublicApiTests
    {
        [Test]
        public void The_public_surface_is_the_listed_one()
        {
            string[] listed = File.ReadAllLines(Repository.File("bindings", "csharp", "PublicApi.txt"));
            Assert.That(Surface().ToArray(), Is.EqualTo(listed), "the surface is:\n" + string.Join("\n", Surface()));
        }

        private static IEnumerable<string> Surface() =>
            typeof(DiyalogClient).Assembly.GetExportedTypes()
                .SelectMany(type => Members(type).Select(member => type.FullName + member))
                .OrderBy(line => line, StringComparer.Ordinal);

        private static IEnumerable<string> Members(Type type)
        {
            const BindingFlags Declared =
                BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
            yield return " : " + string.Join(", ", Bases(type));
            foreach (FieldInfo field in type.GetFields(Declared).Where(field => !field.IsSpecialName))
            {
                yield return "." + field.Name + " = " + Convert.ToInt64(field.GetRawConstantValue());
            }
            foreach (ConstructorInfo constructor in type.GetConstructors(Declared))
            {
                yield return ".new" + Parameters(constructor);
            }
            foreach (PropertyInfo property in type.GetProperties(Declared))
            {
                string set = property.GetSetMethod() == null ? "" : " set;";
                yield return "." + property.Name + " { get;" + set + " } : " + Name(property.PropertyType);
            }
            foreach (MethodInfo method in type.GetMethods(Declared).Where(method => !method.IsSpecialName))
            {
                string kind = method.IsStatic ? " static" : "";
                yield return "." + method.Name + Parameters(method) + " : " + Name(method.ReturnType) + kind;
            }
        }

        /// <summary>The base class and the interfaces of the type's own.</summary>
        private static IEnumerable<string> Bases(Type type)
        {
            yield return (type.IsSealed ? "sealed " : "") + Name(type.BaseType);
            foreach (Type one in type.GetInterfaces().Except(type.BaseType.GetInterfaces()))
            {
                yield return Name(one);
            }
        }

        private static string Parameters(MethodBase method) =>
            "(" + string.Join(", ", method.GetParameters().Select(parameter =>
                Name(parameter.ParameterType) + " " + parameter.Name + (parameter.IsOptional ? " = default" : ""))) + ")";

        private static string Name(Type type)
        {
            if (type.IsArray)
            {
                return Name(type.GetElementType()) + "[]";
            }
            if (!type.IsGenericType)
            {
                return type.Name;
            }
            string generic = type.Name.Substring(0, type.Name.IndexOf('`'));
            return generic + "<" + string.Join(", ", type.GetGenericArguments().Select(Name)) + ">";
        }
    }
}
