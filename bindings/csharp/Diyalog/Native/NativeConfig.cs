using System;

namespace Diyalog.Native;

/// <summary>A <c>diyalog_config *</c> for as long as a client is being created. Reports errors under the names of
/// <see cref="DiyalogOptions"/>.</summary>
internal sealed unsafe class NativeConfig : IDisposable
{
    private readonly NativeMethods library;

    internal NativeConfig(NativeMethods library)
    {
        this.library = library;
        Pointer = library.diyalog_config_new();
    }

    internal nint Pointer { get; }

    public void Dispose() => library.diyalog_config_free(Pointer);

    internal void SetText(delegate* unmanaged[Cdecl]<nint, byte*, nint*, int> set, string? text, string property)
    {
        if (text == null)
        {
            return;
        }
        fixed (byte* bytes = Utf8.FromText(text, property))
        {
            nint error;
            NativeErrors.Check(library, set(Pointer, bytes, &error), error);
        }
    }

    internal void SetNumber(delegate* unmanaged[Cdecl]<nint, uint, nint*, int> set, uint number)
    {
        nint error;
        NativeErrors.Check(library, set(Pointer, number, &error), error);
    }

    internal void SetFlag(delegate* unmanaged[Cdecl]<nint, int, nint*, int> set, bool flag) =>
        SetConstant(set, flag ? 1 : 0);

    internal void SetConstant(delegate* unmanaged[Cdecl]<nint, int, nint*, int> set, int constant)
    {
        nint error;
        NativeErrors.Check(library, set(Pointer, constant, &error), error);
    }

    /// <summary>Sets the access key. The copy of the secret that is made here is wiped.</summary>
    internal void SetCredentials(string accessKeyId, string accessKeySecret)
    {
        byte[] secret = Utf8.FromText(accessKeySecret, nameof(DiyalogOptions.AccessKeySecret));
        try
        {
            fixed (byte* idBytes = Utf8.FromText(accessKeyId, nameof(DiyalogOptions.AccessKeyId)))
            fixed (byte* secretBytes = secret)
            {
                nint error;
                int code = library.diyalog_config_set_credentials(Pointer, idBytes, secretBytes, &error);
                NativeErrors.Check(library, code, error);
            }
        }
        finally
        {
            Array.Clear(secret, 0, secret.Length);
        }
    }

    internal void SetCredentials(string accessKeyId, byte[] accessKeySecret)
    {
        fixed (byte* idBytes = Utf8.FromText(accessKeyId, nameof(DiyalogOptions.AccessKeyId)))
        fixed (byte* secretBytes = accessKeySecret)
        {
            // An empty array has no address to pin; the length says that there is nothing to read.
            byte nothing;
            byte* secret = secretBytes == null ? &nothing : secretBytes;
            nint error;
            int code = library.diyalog_config_set_credentials_bytes(
                Pointer, idBytes, secret, (nuint)accessKeySecret.Length, &error);
            NativeErrors.Check(library, code, error);
        }
    }

    internal void SetLog(nint callback, nint userData, DiyalogLogLevel level)
    {
        nint error;
        int code = library.diyalog_config_set_log_callback(Pointer, callback, userData, (int)level, &error);
        NativeErrors.Check(library, code, error);
    }
}
