using System;

namespace Diyalog
{
    /// <summary>What one call does differently from the client's options.</summary>
    public sealed class DiyalogCallOptions
    {
        /// <summary>On whose behalf this request is made; null for the client's
        /// <see cref="DiyalogOptions.RequesterUserId"/>.</summary>
        public string RequesterUserId { get; set; }

        /// <summary>The time that this call may take in all; null for the client's
        /// <see cref="DiyalogOptions.Timeout"/>.</summary>
        public TimeSpan? Timeout { get; set; }
    }
}
