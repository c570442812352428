import {
  contracts,
  contractTermsCodec,
  RuleError,
  type Contract,
  type ContractId,
  type ContractTerms,
  type JsonObject,
  type ParticipantId,
  type RequestAt,
  type Slot,
} from '@flexledger/domain';
import type { SigningKey } from '../client/keys';
import type { Ledger } from '../client/ledger';
import { allPages } from '../roles/all-pages';
import { signCommand } from './sign-command';

/** What a participant signs when it negotiates. */
type Answer = 'proposeContract' | 'counterContract' | 'acceptContract' | 'rejectContract' | 'withdrawContract';

/**
 * A participant that negotiates contracts with others. Its key signs each command here; the ledger client that carries it belongs to an
 * organisation, which can delay a command but not change it. A command is on that client's disk before it is sent.
 */
export class ContractAgent {
  readonly #ledger: Pick<Ledger, 'channel' | 'evaluate' | 'submit'>;
  readonly #key: SigningKey;
  readonly #newCommandId: () => string;

  constructor(ledger: Pick<Ledger, 'channel' | 'evaluate' | 'submit'>, key: SigningKey, newCommandId: () => string) {
    this.#ledger = ledger;
    this.#key = key;
    this.#newCommandId = newCommandId;
  }

  /** The participant that the key belongs to. */
  get participantId(): ParticipantId {
    return this.#key.address;
  }

  /** Offers a contract; it can be answered until a slot has begun. */
  async propose(terms: ContractTerms, answerBySlot: Slot): Promise<Contract> {
    return this.#send('proposeContract', terms.firstSlot, offer(terms, answerBySlot));
  }

  /** Answers the other side's offer with other terms. */
  async counter(contractId: ContractId, terms: ContractTerms, answerBySlot: Slot): Promise<Contract> {
    return this.#send('counterContract', terms.firstSlot, { contractId, ...offer(terms, answerBySlot) });
  }

  /** Accepts the other side's last offer, if its terms are still those of the digest. */
  async accept(contractId: ContractId, termsDigest: string): Promise<Contract> {
    return this.#answer('acceptContract', contractId, { termsDigest });
  }

  /** Rejects the other side's offer for good. */
  async reject(contractId: ContractId): Promise<Contract> {
    return this.#answer('rejectContract', contractId);
  }

  /** Takes back its own offer. */
  async withdraw(contractId: ContractId): Promise<Contract> {
    return this.#answer('withdrawContract', contractId);
  }

  /** The signature of an answer holds until the contract would begin: until when it counts is for the offer to say. */
  async #answer(transaction: Answer, contractId: ContractId, more: JsonObject = {}): Promise<Contract> {
    const { terms } = await readContract(this.#ledger, contractId);
    return this.#send(transaction, terms.firstSlot, { contractId, ...more });
  }

  async #send(transaction: Answer, expirySlot: Slot, fields: JsonObject): Promise<Contract> {
    const { channel } = this.#ledger;
    const unsigned = { commandId: this.#newCommandId(), participantId: this.participantId, expirySlot, ...fields };
    const signed = signCommand({ channel, key: this.#key }, 'market', transaction, unsigned);
    const request = contracts.market[transaction].request.decode(signed, '') as RequestAt<'market', typeof transaction>;
    return (await this.#ledger.submit('market', transaction, request)).response;
  }
}

function offer(terms: ContractTerms, answerBySlot: Slot): JsonObject {
  return { terms: contractTermsCodec.encode(terms), answerBySlot };
}

/** A contract as the ledger has it (CONTRACT_UNKNOWN where it has none). */
export async function readContract(ledger: Pick<Ledger, 'evaluate'>, contractId: ContractId): Promise<Contract> {
  const { contract } = await ledger.evaluate('market', 'getContract', { contractId });
  if (contract === null) throw new RuleError('CONTRACT_UNKNOWN', { contractId });
  return contract;
}

/** All contracts of a participant in whatever state. */
export async function readContracts(
  ledger: Pick<Ledger, 'evaluate'>,
  participantId: ParticipantId,
): Promise<readonly Contract[]> {
  return allPages((page) =>
    ledger.evaluate(
      'market',
      'listContracts',
      contracts.market.listContracts.request.decode({ participantId, ...page }, ''),
    ),
  );
}
