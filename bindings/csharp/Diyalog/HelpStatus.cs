namespace Diyalog
{
    /// <summary>Whether a customer is in an online help session, and with whom.</summary>
    /// <remarks>Immutable: any number of threads may read one.</remarks>
    public sealed class HelpStatus
    {
        private const int NoSuchCustomer = 400;

        internal HelpStatus(ref NativeMethods.NativeHelpStatus status)
        {
            IsInHelp = status.IsInHelp != 0;
            HelpType = (HelpType)status.HelpType;
            HelpTypeText = Utf8.ToText(status.HelpTypeText);
            StaffId = Utf8.ToText(status.StaffId);
            ErrorCode = status.ErrorCode == 0 ? (int?)null : status.ErrorCode;
        }

        /// <summary>Whether the customer is in an active session right now.</summary>
        public bool IsInHelp { get; }

        /// <summary>Which kind of session it is.</summary>
        public HelpType HelpType { get; }

        /// <summary>The kind of session as the server answered it; null where it named none.</summary>
        public string HelpTypeText { get; }

        /// <summary>User id of the member of staff who serves the customer; null where the server named
        /// none.</summary>
        public string StaffId { get; }

        /// <summary>The <c>errorCode</c> of the answer; null where it had none. 400 says that the system knows
        /// no such customer.</summary>
        public int? ErrorCode { get; }

        /// <summary>Whether the system knows the customer: false where <see cref="ErrorCode"/> is 400.</summary>
        public bool CustomerFound => ErrorCode != NoSuchCustomer;
    }
}
