using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Diyalog.Extensions.DependencyInjection;

/// <summary>Sends log lines to an <see cref="ILogger"/>, unless the options name a receiver of their own.</summary>
internal sealed partial class LoggerOptions(ILoggerFactory loggers) : IPostConfigureOptions<DiyalogOptions>
{
    public void PostConfigure(string? name, DiyalogOptions options)
    {
        if (options.Log != null)
        {
            return;
        }
        ILogger logger = loggers.CreateLogger("Diyalog");
        options.Log = entry =>
        {
            LogLevel level = ToLogLevel(entry.Level);
            Line(logger, level, entry.Message);
        };
        options.LogFilter ??= level => logger.IsEnabled(ToLogLevel(level));
    }

    [LoggerMessage(EventId = 1, EventName = "Call", Message = "{Line}")]
    private static partial void Line(ILogger logger, LogLevel level, string line);

    private static LogLevel ToLogLevel(DiyalogLogLevel level) => level switch
    {
        DiyalogLogLevel.Error => LogLevel.Error,
        DiyalogLogLevel.Warning => LogLevel.Warning,
        DiyalogLogLevel.Info => LogLevel.Information,
        _ => LogLevel.Debug,
    };
}
