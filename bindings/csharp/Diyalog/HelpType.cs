namespace Diyalog;

/// <summary>The kind of an online help session.</summary>
public enum HelpType
{
    /// <summary>The response names no kind of session.</summary>
    None = 0,

    /// <summary>The customer called.</summary>
    Inbound = 1,

    /// <summary>The staff called.</summary>
    Outbound = 2,

    /// <summary>A kind that the API's documentation does not list; <see cref="HelpStatus.HelpTypeText"/> has
    /// it.</summary>
    Other = 3,
}
