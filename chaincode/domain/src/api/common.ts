import { array, integer, nullable, object, optional, text, type Codec } from '../decode';
import { commandIdCodec } from '../ids';
import { limits } from '../limits';

/** The command id that every submit carries. */
export const commandFields = { commandId: commandIdCodec };

/** How many rows a submit registered or recorded. */
export const countAnswerCodec = object({ count: integer(0, 1_000) });

/** A request that names nothing. */
export const emptyCodec = object({});

/** The last key of the page before. */
export const bookmarkCodec: Codec<string> = text(/^[A-Za-z0-9._-]{1,64}$/, 'a bookmark', 64);

/** One page of a list. */
export interface ListAnswer<T> {
  readonly rows: readonly T[];
  readonly bookmark: string | null;
}

/**
 * The answer of a list: at most 100 rows, and the key after which the next page begins where there may be more. Pass it as
 * `bookmark` with the next request.
 */
export function listAnswer<T>(row: Codec<T>): Codec<ListAnswer<T>> {
  return object({ rows: array(row, limits.listRowsMax), bookmark: nullable(bookmarkCodec) });
}

/** The field of a list request that continues after a page. */
export const pageFields = { bookmark: optional(bookmarkCodec) };
