using System;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Diyalog.Native;

/// <summary>Converts text to and from UTF-8 that ends with a NUL.</summary>
internal static unsafe class Utf8
{
    private static readonly UTF8Encoding Strict =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Returns the bytes of a text, with a NUL at the end; null for null.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">The parameter or property that the text comes from.</param>
    /// <exception cref="ArgumentException">The text has a NUL, or cannot be encoded.</exception>
    [return: NotNullIfNotNull(nameof(text))]
    internal static byte[]? FromText(string? text, string name)
    {
        if (text == null)
        {
            return null;
        }
        if (text.IndexOf('\0') >= 0)
        {
            throw new ArgumentException($"{name} must not contain a NUL character", name);
        }
        try
        {
            var bytes = new byte[Strict.GetByteCount(text) + 1];
            Strict.GetBytes(text, 0, text.Length, bytes, 0);
            return bytes;
        }
        catch (EncoderFallbackException)
        {
            // Without the inner exception: its message quotes the text, which may be the secret.
            throw new ArgumentException($"{name} is not valid Unicode: it contains half of a surrogate pair", name);
        }
    }

    /// <summary>Returns the text up to the first NUL; null for NULL.</summary>
    internal static string? ToText(byte* text)
    {
        if (text == null)
        {
            return null;
        }
        int length = 0;
        while (text[length] != 0)
        {
            length++;
        }
        return Encoding.UTF8.GetString(text, length);
    }

    /// <summary>Returns the body of a response.</summary>
    internal static string ToText(in NativeResponse response) =>
        Encoding.UTF8.GetString(response.Body, checked((int)response.BodyLength));
}
