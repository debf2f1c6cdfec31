#if !NET
namespace System.Diagnostics.CodeAnalysis;

/// <summary>What .NET Framework lacks: a result is not null if a parameter is not. The compiler knows it by name.</summary>
[AttributeUsage(AttributeTargets.ReturnValue)]
internal sealed class NotNullIfNotNullAttribute(string parameterName) : Attribute
{
    /// <summary>The parameter.</summary>
    public string ParameterName { get; } = parameterName;
}
#endif
