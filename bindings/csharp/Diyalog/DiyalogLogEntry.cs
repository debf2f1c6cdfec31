namespace Diyalog
{
    /// <summary>How much a log line matters; a smaller number matters more.</summary>
    public enum DiyalogLogLevel
    {
        /// <summary>A call failed, and its error went to the caller.</summary>
        Error = 1,

        /// <summary>An attempt failed and another follows.</summary>
        Warning = 2,

        /// <summary>Nothing at present.</summary>
        Info = 3,

        /// <summary>An attempt succeeded: its status and time.</summary>
        Debug = 4,
    }

    /// <summary>A line of a client's log. It never holds the secret, a signature or a body.</summary>
    public sealed class DiyalogLogEntry
    {
        internal DiyalogLogEntry(DiyalogLogLevel level, string message)
        {
            Level = level;
            Message = message;
        }

        /// <summary>How much the line matters.</summary>
        public DiyalogLogLevel Level { get; }

        /// <summary>The line, in English.</summary>
        public string Message { get; }
    }
}
