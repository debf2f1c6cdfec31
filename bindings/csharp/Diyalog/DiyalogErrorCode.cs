namespace Diyalog;

/// <summary>The kind of error of a <see cref="DiyalogException"/>.</summary>
/// <remarks>Values are stable: they are those of the C interface and are never renumbered or reused. Its codes 1 and 2,
/// an invalid argument or setting, are an <see cref="System.ArgumentException"/> in .NET.</remarks>
public enum DiyalogErrorCode
{
    /// <summary>The program cancelled the call. In .NET the call throws an
    /// <see cref="System.OperationCanceledException"/> instead.</summary>
    Cancelled = 3,

    /// <summary>The deadline passed, in any phase. Retryable.</summary>
    Timeout = 10,

    /// <summary>The host name does not resolve. Retryable.</summary>
    Resolve = 11,

    /// <summary>The server refused the connection or is unreachable. Retryable.</summary>
    Connect = 12,

    /// <summary>The certificate was rejected or the TLS handshake failed. The message names the failed check and the
    /// fix.</summary>
    Tls = 13,

    /// <summary>The proxy is unreachable, refused, or requires credentials.</summary>
    Proxy = 14,

    /// <summary>The connection broke before the response was complete. Retryable.</summary>
    ConnectionLost = 15,

    /// <summary>Status 400: the server did not find the three authentication headers.</summary>
    HeadersMissing = 20,

    /// <summary>Status 400: the server could not parse the authorization header.</summary>
    AuthorizationFormat = 21,

    /// <summary>Status 400: the server could not parse the date header.</summary>
    DateFormat = 22,

    /// <summary>Status 401: the signature or the access key id is wrong.</summary>
    Unauthorized = 23,

    /// <summary>Status 403: the clocks differ too much, and correcting did not help. The message gives the
    /// difference.</summary>
    ClockSkew = 24,

    /// <summary>Status 500: the server failed. The message carries its text. Retryable.</summary>
    Server = 25,

    /// <summary>Any other status, redirects included. Retryable if 408, 429, 502, 503 or 504.</summary>
    HttpStatus = 26,

    /// <summary>The response is not the documented JSON, is too large, or is not HTTP.</summary>
    InvalidResponse = 30,

    /// <summary>A bug of the library. The client stays usable.</summary>
    Internal = 90,
}
