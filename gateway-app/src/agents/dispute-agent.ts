import {
  contracts,
  disputeRulesOf,
  slot,
  type Dispute,
  type DisputeAnswer,
  type DisputeId,
  type JsonObject,
  type ParticipantId,
  type RequestAt,
  type Slot,
} from '@flexledger/domain';
import type { SigningKey } from '../client/keys';
import type { Ledger } from '../client/ledger';
import { allPages } from '../roles/all-pages';
import { signCommand } from './sign-command';

/** What a participant signs about a dispute. */
type Step = 'raiseDispute' | 'respondToDispute' | 'withdrawDispute';

/** What is disputed, with whom and why. */
export type Claim = Pick<Dispute, 'about' | 'respondent' | 'text' | 'evidenceDigest'>;

/** What the other side says. */
export type Reply = Pick<DisputeAnswer, 'position' | 'text' | 'evidenceDigest'>;

/** Quarter hours for which a signature holds, and by which the other side has more time to answer than it must have: an hour. */
const SLACK_SLOTS = 4;

/**
 * A participant that disputes what was posted, or is asked about it. Its key signs each command here; the ledger client that carries it belongs
 * to an organisation, which can delay a command but not change it.
 */
export class DisputeAgent {
  readonly #ledger: Pick<Ledger, 'channel' | 'evaluate' | 'submit'>;
  readonly #key: SigningKey;
  readonly #newCommandId: () => string;

  constructor(ledger: Pick<Ledger, 'channel' | 'evaluate' | 'submit'>, key: SigningKey, newCommandId: () => string) {
    this.#ledger = ledger;
    this.#key = key;
    this.#newCommandId = newCommandId;
  }

  /** Raises a dispute. Where no deadline is named the other side has an hour more than the rule set asks for. */
  async raise(claim: Claim, answerBySlot?: Slot): Promise<Dispute> {
    const bySlot = answerBySlot ?? (await this.#firstDeadline());
    const { about, evidenceDigest, respondent, text } = claim;
    const { raiseDispute } = contracts.accounts;
    const fields = { about, evidenceDigest, respondent, text, answerBySlot: bySlot };
    const unsigned = {
      commandId: this.#newCommandId(),
      participantId: this.#key.address,
      expirySlot: await this.#expirySlot(),
      signature: 'A'.repeat(86),
    };
    // What is signed is the request as the ledger reads it.
    const request = raiseDispute.request.encode({ ...unsigned, ...fields } as RequestAt<'accounts', 'raiseDispute'>);
    const { signature: _none, ...content } = request as JsonObject;
    return this.#send('raiseDispute', content);
  }

  /** Answers a dispute. */
  async respond(disputeId: DisputeId, { evidenceDigest, position, text }: Reply): Promise<Dispute> {
    const evidence = evidenceDigest === undefined ? {} : { evidenceDigest };
    return this.#say('respondToDispute', { disputeId, position, text, ...evidence });
  }

  /** Takes its own dispute back. */
  async withdraw(disputeId: DisputeId): Promise<Dispute> {
    return this.#say('withdrawDispute', { disputeId });
  }

  async #say(transaction: Step, fields: JsonObject): Promise<Dispute> {
    const expirySlot = await this.#expirySlot();
    const commandId = this.#newCommandId();
    return this.#send(transaction, { commandId, participantId: this.#key.address, expirySlot, ...fields });
  }

  async #send(transaction: Step, unsigned: JsonObject): Promise<Dispute> {
    const signer = { channel: this.#ledger.channel, key: this.#key };
    const signed = signCommand(signer, 'accounts', transaction, unsigned as Parameters<typeof signCommand>[3]);
    const request = contracts.accounts[transaction].request.decode(signed, '') as RequestAt<'accounts', Step>;
    return (await this.#ledger.submit('accounts', transaction, request)).response;
  }

  async #now(): Promise<number> {
    return (await this.#ledger.evaluate('registry', 'getClock', {})).clock?.lastSlot ?? 0;
  }

  async #expirySlot(): Promise<Slot> {
    return slot((await this.#now()) + SLACK_SLOTS);
  }

  async #firstDeadline(): Promise<Slot> {
    const { governance } = await this.#ledger.evaluate('registry', 'getGovernance', {});
    const { answerSlotsMax, answerSlotsMin } = disputeRulesOf(governance?.ruleSet ?? {});
    return slot((await this.#now()) + Math.min(answerSlotsMax, answerSlotsMin + SLACK_SLOTS));
  }
}

/** A dispute as the ledger has it, and the version that fulfils its ruling. */
export async function readDispute(
  ledger: Pick<Ledger, 'evaluate'>,
  disputeId: DisputeId,
): Promise<{ readonly dispute: Dispute; readonly resettledVersion: number | null }> {
  return ledger.evaluate('accounts', 'getDispute', { disputeId });
}

/** All disputes, or those that a participant has raised or is to answer. */
export async function readDisputes(
  ledger: Pick<Ledger, 'evaluate'>,
  participantId: ParticipantId | undefined,
): Promise<readonly Dispute[]> {
  const asked = participantId === undefined ? {} : { participantId };
  return allPages((page) =>
    ledger.evaluate(
      'accounts',
      'listDisputes',
      contracts.accounts.listDisputes.request.decode({ ...asked, ...page }, ''),
    ),
  );
}
