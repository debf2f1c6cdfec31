using System;
using NUnit.Framework;

namespace Diyalog.Tests;

/// <summary>What <c>Assert.Throws</c> and the string constraints are for, in words that NUnit 2, 3 and 4
/// share.</summary>
internal static class Expect
{
    internal static TException Throws<TException>(Action action)
        where TException : Exception
    {
        try
        {
            action();
        }
        catch (Exception exception)
        {
            Assert.That(exception, Is.TypeOf<TException>(), exception.ToString());
            return (TException)exception;
        }
        throw new AssertionException("no " + typeof(TException).Name + " was thrown");
    }

    internal static DiyalogException Error(DiyalogErrorCode code, Action action)
    {
        DiyalogException error = Throws<DiyalogException>(action);
        Assert.That(error.Code, Is.EqualTo(code), error.Message);
        return error;
    }

    internal static void Contains(string text, params string[] parts)
    {
        foreach (string part in parts)
        {
            Assert.That(text.Contains(part), Is.True, "\"" + part + "\" is not in: " + text);
        }
    }
}
