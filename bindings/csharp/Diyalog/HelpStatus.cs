using Diyalog.Native;

namespace Diyalog;

/// <summary>Whether a customer is in an online help session, and with which staff member.</summary>
/// <remarks>Immutable, so thread-safe. Two statuses with the same values are equal. Serializers that call constructors,
/// such as System.Text.Json, write and read it.</remarks>
public sealed record HelpStatus
{
    private const int NoSuchCustomer = 400;

    /// <summary>Initializes a status. Public for test doubles and serializers.</summary>
    /// <param name="isInHelp">Whether the customer is in an active session.</param>
    /// <param name="helpType">The kind of session.</param>
    /// <param name="helpTypeText">The kind of session as received; null if none.</param>
    /// <param name="staffId">User id of the staff member; null if none.</param>
    /// <param name="errorCode">The <c>errorCode</c> of the response; null if none.</param>
    public HelpStatus(bool isInHelp, HelpType helpType, string? helpTypeText, string? staffId, int? errorCode = null)
    {
        IsInHelp = isInHelp;
        HelpType = helpType;
        HelpTypeText = helpTypeText;
        StaffId = staffId;
        ErrorCode = errorCode;
    }

    internal unsafe HelpStatus(in NativeHelpStatus status)
        : this(
            status.IsInHelp != 0,
            (HelpType)status.HelpType,
            Utf8.ToText(status.HelpTypeText),
            Utf8.ToText(status.StaffId),
            status.ErrorCode == 0 ? null : status.ErrorCode)
    {
    }

    /// <summary>Whether the customer is in an active session right now.</summary>
    public bool IsInHelp { get; }

    /// <summary>The kind of session.</summary>
    public HelpType HelpType { get; }

    /// <summary>The kind of session as received; null if the response has none.</summary>
    public string? HelpTypeText { get; }

    /// <summary>User id of the staff member who serves the customer; null if the response has none.</summary>
    public string? StaffId { get; }

    /// <summary>The <c>errorCode</c> of the response; null if it has none. 400: no such customer.</summary>
    public int? ErrorCode { get; }

    /// <summary>Whether the server knows the customer: false if <see cref="ErrorCode"/> is 400.</summary>
    public bool CustomerFound => ErrorCode != NoSuchCustomer;
}
