using System;
using System.Runtime.InteropServices;
using System.Text;

namespace Diyalog
{
    /// <summary>Texts on their way to and from the library: UTF-8 with a NUL at the end.</summary>
    internal static class Utf8
    {
        private static readonly UTF8Encoding Strict =
            new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

        /// <summary>The bytes of a text, with a NUL at the end; null for null.</summary>
        /// <exception cref="ArgumentException">The text cannot be told in C or in UTF-8.
        /// <paramref name="name"/> is the parameter or property it came from.</exception>
        internal static byte[] FromText(string text, string name)
        {
            if (text == null)
            {
                return null;
            }
            if (text.IndexOf('\0') >= 0)
            {
                throw new ArgumentException(name + " must not contain a NUL character", name);
            }
            try
            {
                var bytes = new byte[Strict.GetByteCount(text) + 1];
                Strict.GetBytes(text, 0, text.Length, bytes, 0);
                return bytes;
            }
            catch (EncoderFallbackException)
            {
                // Not passed on: its message holds a part of the text, which may be the secret.
                throw new ArgumentException(name + " is not valid Unicode: it contains half a surrogate pair", name);
            }
        }

        /// <summary>The text that ends at the first NUL; null for NULL.</summary>
        internal static string ToText(IntPtr text)
        {
            if (text == IntPtr.Zero)
            {
                return null;
            }
            int length = 0;
            while (Marshal.ReadByte(text, length) != 0)
            {
                length++;
            }
            var bytes = new byte[length];
            Marshal.Copy(text, bytes, 0, length);
            return Encoding.UTF8.GetString(bytes);
        }
    }
}
