using System;

namespace Diyalog
{
    /// <summary>A lookup failed. The message says what happened, to which host, and what to do about it; it
    /// never holds the secret, a signature or an authorization header.</summary>
    public sealed class DiyalogException : Exception
    {
        internal DiyalogException(DiyalogErrorCode code, int? httpStatus, bool isRetryable, string message)
            : base(message)
        {
            Code = code;
            HttpStatus = httpStatus;
            IsRetryable = isRetryable;
        }

        /// <summary>What kind of error this is.</summary>
        public DiyalogErrorCode Code { get; }

        /// <summary>The HTTP status of the answer; null where none was received.</summary>
        public int? HttpStatus { get; }

        /// <summary>Whether the same call may succeed later. The client has then already tried again as often
        /// as its options and the deadline allow.</summary>
        public bool IsRetryable { get; }
    }
}
