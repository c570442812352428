import {
  historyOf,
  limits,
  slot,
  type CommandId,
  type Computation,
  type MeterHistory,
  type MeterId,
  type QualifiedTotal,
  type RequestId,
} from '@flexledger/domain';
import { RuleRejected, type Ledger } from '@flexledger/gateway-app';
import type { AnswerRequest, OracleLedger } from './ports';

/** What an oracle needs, over the typed ledger client. */
export class LedgerPort implements OracleLedger {
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  get mspId(): string {
    return this.#ledger.mspId;
  }

  async getRequest(requestId: RequestId): Promise<Computation> {
    return this.#ledger.evaluate('oracle', 'getRequest', { requestId });
  }

  async openRequests(): Promise<readonly Computation[]> {
    const requests: Computation[] = [];
    let bookmark: string | null = null;
    do {
      const page: { readonly rows: readonly Computation[]; readonly bookmark: string | null } =
        await this.#ledger.evaluate('oracle', 'listRequests', {
          state: 'OPEN',
          ...(bookmark === null ? {} : { bookmark }),
        });
      requests.push(...page.rows);
      bookmark = page.bookmark;
    } while (bookmark !== null);
    return requests;
  }

  async history({ inputs, historyFromSlot }: Computation): Promise<readonly MeterHistory[]> {
    const totals = new Map<MeterId, QualifiedTotal[]>(inputs.map(({ meterId }) => [meterId, []]));
    const lastSlot = Math.max(...inputs.map(({ toSlot }) => toSlot)) - 1;
    for (let first: number = historyFromSlot; first <= lastSlot; first += limits.slotsPerQueryMax) {
      const toSlot = slot(Math.min(first + limits.slotsPerQueryMax - 1, lastSlot));
      for (const meterIds of groups([...totals.keys()], limits.meterIdsPerQueryMax)) {
        const answer = await this.#ledger.evaluate('metering', 'getIntervalTotals', {
          meterIds,
          fromSlot: slot(first),
          toSlot,
        });
        for (const meter of answer.meters) {
          totals.get(meter.meterId)?.push(...meter.totals);
        }
      }
    }
    return inputs.map(({ meterId, toSlot }) => historyOf(meterId, totals.get(meterId) ?? [], toSlot));
  }

  async answer(request: AnswerRequest): Promise<void> {
    await this.#ledger.submit('oracle', 'answer', request);
  }

  async expire(commandId: CommandId, requestId: RequestId): Promise<boolean> {
    try {
      await this.#ledger.submit('oracle', 'expire', { commandId, requestId });
      return true;
    } catch (error) {
      if (error instanceof RuleRejected && error.code === 'ORACLE_REQUEST_CLOSED') {
        return false;
      }
      throw error;
    }
  }
}

function groups<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
