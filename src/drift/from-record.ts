import { ALL_CHANNELS, type DriftReport } from "../contracts/drift-report.ts";
import type { ObservationCell } from "../contracts/observation.ts";
import type { Database } from "../platform/postgres.ts";
import { mergeCells } from "../statistics/observation-cells.ts";
import { createObserver, eventTime } from "../statistics/observe.ts";
import { cutName, type TimeGrid } from "../statistics/panes.ts";
import { observeStored, STORED_COLUMNS, type StoredMessage } from "../statistics/stored-observations.ts";
import { applicationsIn, countsOf } from "./counts.ts";
import { judgeWindow } from "./judge-window.ts";
import type { DriftSubject } from "./subject.ts";
import { closedWindows } from "./windows.ts";

export type RecordOptions = {
  readonly subject: DriftSubject;
  readonly grid: TimeGrid;
  readonly minSamples: number;
  readonly latenessMs: number;
  /** Only what lies in panes from here on, and before `to`; milliseconds since 1970. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Judges the last window as if nothing more would come. */
  readonly finish: boolean;
  readonly signal: AbortSignal;
};

const PAGE = 5_000;

/**
 * Makes a model's reports again from the stored applications. They are those that the drift consumer has made of the same
 * applications: the counts are made by the same functions from the same values, and are whole numbers.
 */
export async function reportsFromRecord(database: Database, options: RecordOptions): Promise<DriftReport[]> {
  const { subject, grid, minSamples, latenessMs, finish } = options;
  // Panes only matter to what is not closed yet; whole windows take a twelfth of the memory.
  const windowGrid = { ...grid, paneMs: grid.windowMs };
  const { cells, latest } = await countRecord(database, { ...options, grid: windowGrid });
  const watermark = finish ? Number.POSITIVE_INFINITY : latest - latenessMs;
  const channels = [...new Set(cells.map(({ channel }) => channel))].sort();
  return [ALL_CHANNELS, ...channels].flatMap((channel) => {
    const own = channel === ALL_CHANNELS ? cells : cells.filter((cell) => cell.channel === channel);
    return judgeCells(subject, channel, own, { grid: windowGrid, minSamples }, watermark);
  });
}

/** Judges the closed windows of cells that lie in memory, first to last. */
export function judgeCells(
  subject: DriftSubject,
  channel: string,
  cells: readonly ObservationCell[],
  rules: { readonly grid: TimeGrid; readonly minSamples: number },
  watermark: number,
): DriftReport[] {
  const isAll = channel === ALL_CHANNELS;
  const sizes = [...Map.groupBy(cells, ({ pane }) => pane)]
    .map(([start, same]) => ({ start, applications: same.reduce((n, cell) => n + applicationsIn(subject, cell), 0) }))
    .sort((a, b) => a.start - b.start);
  const reports: DriftReport[] = [];
  for (const window of closedWindows(sizes, rules, Number.NEGATIVE_INFINITY, watermark)) {
    if (!isAll && window.status !== "judged") continue;
    const inside = cells.filter(({ pane }) => pane >= window.start && pane < window.end);
    const previous = reports.filter(({ status }) => status === "judged").slice(-2);
    const counted = countsOf(subject, inside, isAll);
    const judged = judgeWindow(subject, {
      channel,
      ...window,
      provisional: false,
      ...counted,
      previous: previous.reverse(),
    });
    reports.push({ ...judged, cut: cutName(rules.grid.windowMs, rules.grid.originMs) });
  }
  return reports;
}

async function countRecord(
  database: Database,
  { subject, grid, from, to, signal }: RecordOptions,
): Promise<{ cells: ObservationCell[]; latest: number }> {
  const observation = createObserver(subject.manifest.features, subject.layout, grid);
  let cells: ObservationCell[] = [];
  let latest = Number.NEGATIVE_INFINITY;
  for (let after = 0; ; ) {
    signal.throwIfAborted();
    const { rows } = await database.query<StoredMessage & { sequence: string }>(
      `select sequence, ${STORED_COLUMNS} from plumbline.applications
       where sequence > $1 and model_id = $2
       order by sequence limit $3`,
      [after, subject.modelId, PAGE],
    );
    const counts = observation();
    for (const row of rows) {
      const received = row.received_at.getTime();
      const submitted = row.submitted_at?.getTime() ?? received;
      const instant = eventTime(submitted, received);
      // As for the drift consumer: every decision moves the watermark, of whatever period it is.
      if (row.decision !== null && instant === submitted && !(submitted <= latest)) latest = submitted;
      if ((from === undefined || instant >= from) && (to === undefined || instant < to)) observeStored(counts, row);
    }
    cells = mergeCells([...cells, ...counts.cells()]);
    if (rows.length < PAGE) return { cells, latest };
    after = Number(rows.at(-1)!.sequence);
  }
}
