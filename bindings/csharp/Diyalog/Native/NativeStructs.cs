using System.Runtime.InteropServices;

namespace Diyalog.Native;

/// <summary>A <c>diyalog_call_options</c>. An older library ignores the members that it does not know.</summary>
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
