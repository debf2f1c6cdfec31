using System.Runtime.InteropServices;

namespace Diyalog.Native;

/// <summary>A <c>diyalog_call_options</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeCallOptions
{
    internal uint StructSize;
    internal uint TimeoutMs;
    internal byte* RequesterUserId;
    internal nint Cancellation;
    internal nint Interrupt;
    internal nint InterruptData;
    internal int Repeatable;
    internal int LogLevel;
}

/// <summary>A <c>diyalog_help_status</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeHelpStatus
{
    internal uint StructSize;
    internal int IsInHelp;
    internal int HelpType;
    internal int ErrorCode;
    internal byte* HelpTypeText;
    internal byte* StaffId;
}

/// <summary>A <c>diyalog_response</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeResponse
{
    internal uint StructSize;
    internal int HttpStatus;
    internal nuint BodyLength;
    internal byte* Body;
}

/// <summary>A <c>diyalog_signed_headers</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeSignedHeaders
{
    internal uint StructSize;
    internal int Reserved;
    internal byte* Date;
    internal byte* RequesterUserId;
    internal byte* Authorization;
}
