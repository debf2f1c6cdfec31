namespace Diyalog;

/// <summary>The severity of a log line. A smaller number is more severe.</summary>
public enum DiyalogLogLevel
{
    /// <summary>A call failed, and its error was returned to the caller.</summary>
    Error = 1,

    /// <summary>An attempt failed and is retried.</summary>
    Warning = 2,

    /// <summary>Not used at present.</summary>
    Info = 3,

    /// <summary>An attempt succeeded: its status and duration.</summary>
    Debug = 4,
}

/// <summary>A line of a client's log. It never contains the secret, a signature or a body.</summary>
/// <remarks>Immutable, so thread-safe.</remarks>
public sealed class DiyalogLogEntry
{
    internal DiyalogLogEntry(DiyalogLogLevel level, string message)
    {
        Level = level;
        Message = message;
    }

    /// <summary>The severity of the line.</summary>
    public DiyalogLogLevel Level { get; }

    /// <summary>The line, in English.</summary>
    public string Message { get; }

    /// <summary>Returns the level and the message.</summary>
    public override string ToString() => $"{Level}: {Message}";
}
