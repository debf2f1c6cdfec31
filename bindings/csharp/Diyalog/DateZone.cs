namespace Diyalog;

/// <summary>How the date header of a request names its time zone.</summary>
public enum DateZone
{
    /// <summary>The header ends in GMT, as in the API's examples.</summary>
    Gmt = 0,

    /// <summary>The header ends in +0000, as in the API's description of its format.</summary>
    Numeric = 1,
}
