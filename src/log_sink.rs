//! Log lines, for the callback of the settings and the `log` crate.

use std::fmt;
use std::sync::Arc;

use log::{Level, LevelFilter};

/// The log callback of a client, in addition to the `log` crate.
#[derive(Clone)]
pub(crate) struct LogSink {
    pub(crate) max_level: Level,
    pub(crate) write: WriteLine,
}

type WriteLine = Arc<dyn Fn(Level, &str) + Send + Sync>;

impl fmt::Debug for LogSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogSink({})", self.max_level)
    }
}

/// The log of one client.
#[derive(Debug)]
pub(crate) struct Log {
    sink: Option<LogSink>,
}

impl Log {
    pub(crate) fn new(sink: Option<LogSink>) -> Self {
        Log { sink }
    }

    /// Writes a line, unless the call's own level excludes it. Builds its text only if the callback
    /// or the `log` crate accepts the level.
    pub(crate) fn line(
        &self,
        of_call: Option<LevelFilter>,
        level: Level,
        text: impl FnOnce() -> String,
    ) {
        let is_allowed = of_call.is_none_or(|max_level| level <= max_level);
        let to_sink = self.sink.as_ref().filter(|sink| match of_call {
            Some(_) => is_allowed,
            None => level <= sink.max_level,
        });
        let to_crate = is_allowed && log::log_enabled!(target: "diyalog", level);
        if to_sink.is_none() && !to_crate {
            return;
        }
        let text = text();
        if let Some(sink) = to_sink {
            (sink.write)(level, &text);
        }
        log::log!(target: "diyalog", level, "{text}");
    }
}
