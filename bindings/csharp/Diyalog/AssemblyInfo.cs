using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Diyalog.Tests")]
