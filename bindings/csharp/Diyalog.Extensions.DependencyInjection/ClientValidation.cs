using System;
using Microsoft.Extensions.Options;

namespace Diyalog.Extensions.DependencyInjection;

/// <summary>Validates options by creating a client with them, so that the library's own rules apply.</summary>
internal sealed class ClientValidation : IValidateOptions<DiyalogOptions>
{
    public ValidateOptionsResult Validate(string? name, DiyalogOptions options)
    {
        try
        {
            new DiyalogClient(options).Dispose();
            return ValidateOptionsResult.Success;
        }
        catch (ArgumentException error)
        {
            return ValidateOptionsResult.Fail($"{nameof(DiyalogOptions)}: {error.Message}");
        }
    }
}
