import { type Logger, pino } from "pino";

export type { Logger };

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * The process's root logger: one JSON object per line on standard error, times in RFC 3339. Pass it down and make
 * children per component; nothing may log an application's features, its `protected` part or a connection string.
 */
export function createLogger(level: LogLevel, role: string): Logger {
  return pino(
    {
      level,
      base: { role, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}

/** What can be shown of an error. PostgreSQL adds rows and parts of documents to its own: `detail`, `where`. */
function describeError(error: Error): object {
  const { type, message, stack, code } = pino.stdSerializers.err(error);
  return { type, message, stack, code };
}
