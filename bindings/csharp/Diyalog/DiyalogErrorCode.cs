namespace Diyalog
{
    /// <summary>What kind of error a <see cref="DiyalogException"/> tells of.</summary>
    /// <remarks>The numbers are those of the C interface and never change. Its 1 and 2, an argument or
    /// setting that cannot be used, are an <see cref="System.ArgumentException"/> in .NET.</remarks>
    public enum DiyalogErrorCode
    {
        /// <summary>The deadline passed, in whichever phase. Retryable.</summary>
        Timeout = 10,

        /// <summary>The host name has no address. Retryable.</summary>
        Resolve = 11,

        /// <summary>Connecting was refused, or the host cannot be reached. Retryable.</summary>
        Connect = 12,

        /// <summary>The certificate or the TLS handshake; the message says which check failed and names the
        /// fix.</summary>
        Tls = 13,

        /// <summary>The proxy refused, cannot be reached, or wants credentials.</summary>
        Proxy = 14,

        /// <summary>The connection broke before the answer was complete. Retryable.</summary>
        ConnectionLost = 15,

        /// <summary>400: the server did not find the three authentication headers.</summary>
        HeadersMissing = 20,

        /// <summary>400: the server could not read the authorization header.</summary>
        AuthorizationFormat = 21,

        /// <summary>400: the server could not read the date header.</summary>
        DateFormat = 22,

        /// <summary>401: the signature or the access key id is wrong.</summary>
        Unauthorized = 23,

        /// <summary>403: the clocks differ too much and correcting did not help; the message gives the
        /// difference.</summary>
        ClockSkew = 24,

        /// <summary>500: the server failed; the message carries its text. Retryable.</summary>
        Server = 25,

        /// <summary>Any other status, redirects included. Retryable: 408, 429, 502, 503, 504.</summary>
        HttpStatus = 26,

        /// <summary>The answer is not the documented JSON, too large, or not HTTP.</summary>
        InvalidResponse = 30,

        /// <summary>A bug of the library; the client stays usable.</summary>
        Internal = 90,
    }
}
