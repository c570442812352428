import type { peer } from '@hyperledger/fabric-protos';
import type { EndpointDetail } from '../protocol/status';
import type { Endorser } from './endorser';
import { payloadDifferences } from './payload-difference';

/** How many endorsements of each organisation one way of satisfying the policy needs. */
export type Layout = ReadonlyMap<string, number>;

/** At most this many lines of a difference travel to the client. */
const differenceLinesMax = 10;

interface OpenLayout {
  readonly required: Map<string, number>;
  readonly endorsements: peer.Endorsement[];
}

/** The text with which an endorsement that differs from the first one is refused. */
export const payloadMismatch = 'ProposalResponsePayloads do not match';

/**
 * Collects endorsements until one layout is complete: tries layouts in order, the peers of an organisation one after the
 * other, drops what differs from the first answer. One organisation is one group, as in Fabric's planning.
 */
export class Plan {
  readonly errors: EndpointDetail[] = [];
  private readonly layouts: (OpenLayout | undefined)[];
  private nextLayout = 0;
  private payload: Uint8Array | undefined;
  private completed: OpenLayout | undefined;

  constructor(
    layouts: readonly Layout[],
    private readonly groups: Map<string, Endorser[]>,
  ) {
    this.layouts = layouts.map((layout) => ({ required: new Map(layout), endorsements: [] }));
  }

  get isComplete(): boolean {
    return this.completed !== undefined;
  }

  /** The agreed proposal response payload and its endorsements, each endorser once. */
  get result(): { readonly payload: Uint8Array; readonly endorsements: readonly peer.Endorsement[] } | undefined {
    if (this.completed === undefined || this.payload === undefined) return undefined;
    const unique = new Map(this.completed.endorsements.map((one) => [one.getEndorser_asB64(), one]));
    return { payload: this.payload, endorsements: [...unique.values()] };
  }

  /** The endorsers of the next layout that can still be satisfied; undefined when there is none left. */
  nextEndorsers(): readonly Endorser[] | undefined {
    for (; this.nextLayout < this.layouts.length; this.nextLayout += 1) {
      const layout = this.layouts[this.nextLayout];
      if (layout === undefined) continue;
      const isPossible = [...layout.required].every(([group, count]) => count <= (this.groups.get(group)?.length ?? 0));
      if (!isPossible) {
        this.layouts[this.nextLayout] = undefined;
        continue;
      }
      return [...layout.required].flatMap(([group, count]) => this.groups.get(group)?.splice(0, count) ?? []);
    }
    return undefined;
  }

  /** Another endorser of the same organisation, after this one failed. */
  nextInGroup(endorser: Endorser): Endorser | undefined {
    return this.groups.get(endorser.peer.mspId)?.shift();
  }

  /** Gives up the layouts that need organisations that have nobody left, and goes on to the next layout. */
  abandon(failedGroups: readonly string[]): void {
    for (let index = this.nextLayout; index < this.layouts.length; index += 1) {
      if (failedGroups.some((group) => this.layouts[index]?.required.has(group) === true))
        this.layouts[index] = undefined;
    }
    this.nextLayout += 1;
  }

  /** Takes an endorsement; false when it differs from the first one. */
  accept(endorser: Endorser, response: peer.ProposalResponse): boolean {
    const group = endorser.peer.mspId;
    const rest = this.groups.get(group)?.filter((one) => one !== endorser) ?? [];
    this.groups.set(group, rest);
    const payload = response.getPayload_asU8();
    if (this.payload === undefined) {
      this.payload = payload;
    } else if (Buffer.compare(this.payload, payload) !== 0) {
      this.addError(endorser, mismatchText(this.payload, payload));
      return false;
    }
    const endorsement = response.getEndorsement();
    if (endorsement !== undefined) this.count(group, endorsement);
    return true;
  }

  addError({ peer }: Endorser, message: string): void {
    this.errors.push({ address: peer.address, mspId: peer.mspId, message });
  }

  private count(group: string, endorsement: peer.Endorsement): void {
    for (const layout of this.layouts.slice(this.nextLayout)) {
      const missing = layout?.required.get(group);
      if (layout === undefined || missing === undefined) continue;
      layout.endorsements.push(endorsement);
      if (missing > 1) {
        layout.required.set(group, missing - 1);
        continue;
      }
      layout.required.delete(group);
      if (layout.required.size === 0) {
        this.completed = layout;
        return;
      }
    }
  }
}

function mismatchText(expected: Uint8Array, actual: Uint8Array): string {
  const lines = payloadDifferences(expected, actual);
  const shown = lines.slice(0, differenceLinesMax);
  const more = lines.length > shown.length ? [`and ${String(lines.length - shown.length)} more`] : [];
  return `${payloadMismatch}: ${[...shown, ...more].join('; ')}`;
}
