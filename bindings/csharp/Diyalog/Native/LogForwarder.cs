using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Diyalog.Native;

/// <summary>The log callback: passes a line of the library on to the receiver that the options name.</summary>
internal static unsafe class LogForwarder
{
    /// <summary>One for all clients, and never collected while native code may call it.</summary>
    private static readonly LogCallback Rooted = Forward;

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void LogCallback(int level, byte* message, nint userData);

    /// <summary>The <c>diyalog_log_callback</c>. Its user data is a <see cref="GCHandle"/> of an
    /// <see cref="Action{DiyalogLogEntry}"/>.</summary>
    internal static nint Callback { get; } = Marshal.GetFunctionPointerForDelegate(Rooted);

    [SuppressMessage("Design", "CA1031:Do not catch general exception types",
        Justification = "No exception may unwind into native code, and the lookup does not depend on its log.")]
    private static void Forward(int level, byte* message, nint userData)
    {
        try
        {
            var receiver = (Action<DiyalogLogEntry>)GCHandle.FromIntPtr(userData).Target!;
            receiver(new DiyalogLogEntry((DiyalogLogLevel)level, Utf8.ToText(message) ?? ""));
        }
        catch (Exception)
        {
        }
    }
}
