import type { KeyValue, RangeCursor } from '@flexledger/fabric-model';
import { ledger, peer } from '@hyperledger/fabric-protos';

/** How many results travel in one message between peer and chaincode; the peer's own figure. */
export const resultsPerMessage = 100;

/** How a cursor gets its encoded results and, for a paginated query, its bookmark. */
interface ResultSource {
  next(): Uint8Array | undefined;
  bookmark(): string;
}

function encodeRow(namespace: string, row: KeyValue): Uint8Array {
  const message = new ledger.queryresult.KV();
  message.setNamespace(namespace);
  message.setKey(row.key);
  message.setValue(row.value);
  return message.serializeBinary();
}

/** Rows of a range query as encoded results. */
export function rowSource(namespace: string, rows: RangeCursor): ResultSource {
  return {
    next: () => {
      const row = rows.next();
      return row === undefined ? undefined : encodeRow(namespace, row);
    },
    bookmark: () => rows.bookmarkAndClose(),
  };
}

/** Results that are encoded already, such as the committed writes of a key. */
export function encodedSource(results: readonly Uint8Array[]): ResultSource {
  let position = 0;
  return {
    next: () => {
      const result = results[position];
      position += 1;
      return result;
    },
    bookmark: () => '',
  };
}

/**
 * An open query of a transaction. It reads one result ahead of a full message, exactly as the peer does, because what is
 * read decides what the phantom check covers; and it ends silently at the total limit, as the peer does.
 */
export class QueryCursor {
  private pending: Uint8Array[] = [];
  private returnedCount = 0;
  private finished = false;

  constructor(
    readonly id: string,
    private readonly source: ResultSource,
    private readonly isPaginated: boolean,
    private readonly totalLimit: number,
  ) {}

  /** Whether the last message has been built. */
  get isFinished(): boolean {
    return this.finished;
  }

  /** The next message of results. */
  nextResponse(): peer.QueryResponse {
    while (this.returnedCount < this.totalLimit) {
      const result = this.source.next();
      if (result === undefined) break;
      this.returnedCount += 1;
      if (!this.isPaginated && this.pending.length === resultsPerMessage) {
        const batch = this.pending;
        this.pending = [result];
        return this.respond(batch, true);
      }
      this.pending.push(result);
    }
    this.finished = true;
    const last = this.respond(this.pending, false);
    this.pending = [];
    if (this.isPaginated) {
      const metadata = new peer.QueryResponseMetadata();
      metadata.setBookmark(this.source.bookmark());
      metadata.setFetchedRecordsCount(this.returnedCount);
      last.setMetadata(metadata.serializeBinary());
    }
    return last;
  }

  private respond(results: readonly Uint8Array[], hasMore: boolean): peer.QueryResponse {
    const response = new peer.QueryResponse();
    for (const result of results) {
      const bytes = new peer.QueryResultBytes();
      bytes.setResultbytes(result);
      response.addResults(bytes);
    }
    response.setHasMore(hasMore);
    response.setId(this.id);
    return response;
  }
}
