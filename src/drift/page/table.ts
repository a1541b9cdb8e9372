import { type Html, html } from "./html.ts";

export type Column<Row> = {
  readonly heading: string;
  readonly cell: (row: Row) => Html | string;
  /** Figures stand at the right. */
  readonly isFigure?: boolean;
};

/**
 * A table whose rows become cards on a narrow screen, each cell under its heading; the first column heads the row. The
 * roles are repeated because browsers forget them when a table is laid out as anything else.
 */
export function table<Row>(caption: string, columns: readonly Column<Row>[], rows: readonly Row[]): Html {
  const heads = columns.map(
    ({ heading, isFigure }) =>
      html`<th scope="col" role="columnheader" class="${isFigure ? "figure" : ""}">${heading}</th>`,
  );
  const body = rows.map((row) => html`<tr role="row">${columns.map((column, index) => cell(column, row, index))}</tr>`);
  return html`<table role="table" class="cards">
<caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${heads}</tr></thead>
<tbody role="rowgroup">${body}</tbody>
</table>`;
}

function cell<Row>({ heading, cell: content, isFigure }: Column<Row>, row: Row, index: number): Html {
  if (index === 0) return html`<th scope="row" role="rowheader">${content(row)}</th>`;
  return html`<td role="cell" class="${isFigure ? "figure" : ""}" data-heading="${heading}">${content(row)}</td>`;
}
