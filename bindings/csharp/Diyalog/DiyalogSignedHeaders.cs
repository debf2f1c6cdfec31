namespace Diyalog;

/// <summary>The values of the headers that sign one request.</summary>
/// <remarks>Immutable, so thread-safe.</remarks>
public sealed class DiyalogSignedHeaders
{
    /// <summary>Initializes the values. Public for test doubles.</summary>
    /// <param name="date">Value of <c>x-dlg-date</c>.</param>
    /// <param name="requesterUserId">Value of <c>x-dlg-requester-userid</c>.</param>
    /// <param name="authorization">Value of <c>x-dlg-authorization</c>.</param>
    public DiyalogSignedHeaders(string date, string requesterUserId, string authorization)
    {
        Date = date;
        RequesterUserId = requesterUserId;
        Authorization = authorization;
    }

    /// <summary>Value of the header <c>x-dlg-date</c>.</summary>
    public string Date { get; }

    /// <summary>Value of the header <c>x-dlg-requester-userid</c>.</summary>
    public string RequesterUserId { get; }

    /// <summary>Value of the header <c>x-dlg-authorization</c>. Keep it out of logs.</summary>
    public string Authorization { get; }

    /// <summary>Returns the date and the requester, without the authorization.</summary>
    public override string ToString() => $"{Date}, requester {RequesterUserId}";
}
