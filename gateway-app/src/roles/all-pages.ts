import type { JsonObject } from '@flexledger/domain';

/** Reads a list page by page; the bookmark of a page is the last key before the next one. */
export async function allPages<Row>(
  read: (page: JsonObject) => Promise<{ readonly rows: readonly Row[]; readonly bookmark: string | null }>,
): Promise<Row[]> {
  const rows: Row[] = [];
  let page: JsonObject = {};
  for (;;) {
    const answer = await read(page);
    rows.push(...answer.rows);
    if (answer.bookmark === null) return rows;
    page = { bookmark: answer.bookmark };
  }
}
