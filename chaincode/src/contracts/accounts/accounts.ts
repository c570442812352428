import {
  acceptSettlement,
  assert,
  balanced,
  contracts,
  creditOf,
  demand,
  demandAnchor,
  demandEnded,
  demandFirstRun,
  demandSourcesOnce,
  digestOf,
  endSlotOf,
  foldSources,
  limits,
  linesDigest,
  micro,
  move,
  participantAccount,
  postingSetCodec,
  postingSetKey,
  receive,
  ruleInWords,
  settledDeliveries,
  settleSlot,
  spend,
  statementLines,
  statementOf,
  trialBalance,
  type KnownSource,
  type Participant,
  type ParticipantId,
  type PostingSet,
  type SessionId,
  type Slot,
  type Source,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { signingParticipant } from '../../participant-command';
import {
  foldings,
  loadLimit,
  loadPosting,
  post,
  postingSets,
  saveLimit,
  statements,
} from '../../store/accounts/account-store';
import { hasBegun } from '../../store/clock-store';
import { explainCoalitions, saveSettledDeliveries } from '../../store/accounts/coalition-correction-store';
import { saveDecided } from '../../store/market/contract-delivery-store';
import { flexOrders } from '../../store/flexibility/flexibility-store';
import { found } from '../../store/found';
import { prefixes } from '../../store/keys';
import { clearings, sessions } from '../../store/market/market-store';
import { remunerations } from '../../store/vpp/remuneration-store';
import { loadRentPosting } from '../../store/accounts/rent-store';
import { participants } from '../../store/registry/registry-store';
import {
  loadClearingPosting,
  loadSettlement,
  loadSlots,
  slotsOf,
  type SettlementScope,
} from '../../store/accounts/settlement-store';
import { loadStatementInput, settledBuckets } from '../../store/accounts/statement-store';
import { DisputeContract } from './disputes';
import { loadApplied } from './rent';

const specs = contracts.accounts;

/** Double-entry postings, what owners can dispose of, settlement of quarter hours, and statements. */
export class AccountsContract extends DisputeContract {
  public constructor() {
    super('accounts');
  }

  /** Issues money that was paid in at the bank. */
  @Transaction()
  @Returns('string')
  public async fund(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.fund, request, async ({ amountMicro, commandId, participantId, reference }) => {
      const { session: store } = context;
      await knownParticipant(context, participantId);
      demand(amountMicro > 0n, 'ACCOUNTS_AMOUNT_ZERO');
      const limit = receive(await loadLimit(store, participantId), amountMicro);
      const entries = move('bank', participantAccount(participantId), amountMicro, 'fund');
      await post(store, balanced({ cause: { kind: 'fund', commandId }, entries, reference }));
      context.record({ type: 'AccountFunded', participantId, amountMicro: amountMicro.toString() });
      return saveLimit(store, limit);
    });
  }

  /** Moves money between participants, signed by the one who pays. */
  @Transaction()
  @Returns('string')
  public async transfer(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.transfer, request, async (asked) => {
      const { session: store } = context;
      const { amountMicro, commandId, creditParticipantId, debitParticipantId } = asked;
      await signingParticipant(context, 'accounts', 'transfer', { ...asked, participantId: debitParticipantId });
      await knownParticipant(context, creditParticipantId);
      demand(amountMicro > 0n, 'ACCOUNTS_AMOUNT_ZERO');
      demand(debitParticipantId !== creditParticipantId, 'ACCOUNTS_TRANSFER_TO_SELF');
      const limit = spend(await loadLimit(store, debitParticipantId), amountMicro);
      const debit = participantAccount(debitParticipantId);
      const entries = move(debit, participantAccount(creditParticipantId), amountMicro, 'transfer');
      await post(store, balanced({ cause: { kind: 'transfer', commandId }, entries }));
      const parties = { debitParticipantId, creditParticipantId };
      context.record({ type: 'TransferMade', ...parties, amountMicro: amountMicro.toString() });
      return saveLimit(store, limit);
    });
  }

  /** Settles quarter hours of one bucket; what is settled is answered again and posted once. */
  @Transaction()
  @Returns('string')
  public async settleInterval(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.settleInterval, request, async ({ sessionId, ...asked }) => {
      const { session: store } = context;
      const session = found(await sessions.load(store, sessionId), 'MARKET_SESSION_UNKNOWN', { sessionId });
      const clearing = acceptSettlement(session, await clearings.load(store, sessionId), asked);
      demandEnded(await hasBegun(store, endSlotOf(asked)), asked);
      const { bucket, fromSlot, intervals, run } = asked;
      const settled = await settle(context, { session, clearing, run, bucket, fromSlot, intervals });
      return { sessionId, run, bucket, slots: settled.map(settledSlot) };
    });
  }

  /** Makes credits available to their owner. */
  @Transaction()
  @Returns('string')
  public async foldBalance(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.foldBalance, request, async ({ participantId, sources }) => {
      const { session: store } = context;
      await knownParticipant(context, participantId);
      demandSourcesOnce(sources);
      const known = await Promise.all(sources.map((source) => loadSource(context, participantId, source)));
      const limit = saveLimit(store, foldSources(await loadLimit(store, participantId), known));
      for (const { amountMicro, source } of known) {
        foldings.save(store, { participantId, source, amountMicro }, participantId, source);
      }
      context.record({ type: 'BalanceFolded', participantId, sources: sources.length });
      return limit;
    });
  }

  /** Issues statements over the whole period of a session. */
  @Transaction()
  @Returns('string')
  public async statement(context: GridContext, request: string): Promise<string> {
    return this.submit(
      context,
      specs.statement,
      request,
      async ({ firstSlot, participantIds, run, sessionId, slots }) => {
        const { session: store } = context;
        const { clearing, session } = await loadApplied(context, sessionId);
        demandAnchor(session);
        demandFirstRun(run);
        const whole = firstSlot === session.firstSlot && slots === session.intervals * session.intervalSlots;
        demand(whole, 'ACCOUNTS_STATEMENT_PERIOD', { firstSlot: session.firstSlot });
        const settled = settledBuckets(store, session, run);
        const issued = [];
        for (const participantId of participantIds) {
          const input = await loadStatementInput(store, session, clearing, run, participantId, settled);
          const statement = statementOf(input);
          statements.save(store, statement, sessionId, run, participantId);
          issued.push(statement);
        }
        context.record({ type: 'StatementsIssued', sessionId, run, participants: issued.length });
        return { statements: issued };
      },
    );
  }

  /** A statement that explains itself. */
  @Transaction(false)
  @Returns('string')
  public async getStatement(context: GridContext, request: string): Promise<string> {
    return this.evaluate(
      context,
      specs.getStatement,
      request,
      async ({ fromSlot, participantId, run, sessionId, slots }) => {
        const { session: store } = context;
        const row = await statements.load(store, sessionId, run, participantId);
        const statement = found(row, 'ACCOUNTS_STATEMENT_UNKNOWN', { sessionId, run, participantId });
        const { clearing, session } = await loadApplied(context, sessionId);
        const settled = settledBuckets(store, session, run);
        const lines = statementLines(await loadStatementInput(store, session, clearing, run, participantId, settled));
        assert(linesDigest(lines) === statement.linesDigest, 'The lines of a statement never change.');
        const first = fromSlot ?? session.firstSlot;
        const last = first + (slots ?? statement.slots) - 1;
        const asked = lines.filter(({ slot }) => slot >= first && slot <= last);
        const coalitions = await explainCoalitions(store, session, participantId);
        return { statement, rule: ruleInWords(session.ruleSet), lines: asked, coalitions };
      },
    );
  }

  /** What a participant can dispose of. */
  @Transaction(false)
  @Returns('string')
  public async getBalance(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getBalance, request, async ({ participantId }) => {
      await knownParticipant(context, participantId);
      return loadLimit(context.session, participantId);
    });
  }

  /** Posting sets in the order of their keys. */
  @Transaction(false)
  @Returns('string')
  public async listPostings(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listPostings, request, ({ bookmark }) =>
      postingSets.page(context.session, prefixes.postings(), limits.postingRowsMax, bookmark),
    );
  }

  /** Debits and credits by account over a page of posting sets. */
  @Transaction(false)
  @Returns('string')
  public async trialBalance(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.trialBalance, request, async ({ bookmark: after }) => {
      const pageMax = limits.postingSetsPerPageMax;
      const { bookmark, rows } = await postingSets.page(context.session, prefixes.postings(), pageMax, after);
      return { ...trialBalance(rows), postingSets: rows.length, bookmark };
    });
  }
}

async function knownParticipant(context: GridContext, participantId: ParticipantId): Promise<Participant> {
  return found(await participants.load(context.session, participantId), 'PARTICIPANT_UNKNOWN', { participantId });
}

/** The posting sets of the slots of a scope: those that are there, and new ones for the others. */
async function settle(context: GridContext, scope: SettlementScope): Promise<readonly PostingSet[]> {
  const { session: store } = context;
  const slots = slotsOf(scope);
  const before = await Promise.all(slots.map((slot) => loadSettlement(store, scope, slot)));
  if (before.every((set) => set !== undefined)) {
    return before;
  }
  const inputs = await loadSlots(store, scope);
  const sets: PostingSet[] = [];
  const posted: Slot[] = [];
  for (const [index, { calls, decided, toSettle }] of inputs.entries()) {
    const known = before[index];
    const set = known ?? settleSlot(toSettle);
    if (known === undefined) {
      await post(store, set);
      saveDecided(store, decided);
      saveSettledDeliveries(store, settledDeliveries(toSettle, set.lines ?? [], calls));
      posted.push(toSettle.slot);
    }
    sets.push(set);
  }
  const { bucket, run } = scope;
  context.record({ type: 'IntervalSettled', sessionId: scope.session.sessionId, run, bucket, slots: posted });
  return sets;
}

function settledSlot(set: PostingSet) {
  assert(set.cause.kind === 'settlement', 'A settled slot has a settlement.');
  const lines = set.lines ?? [];
  return {
    slot: set.cause.slot,
    postingSet: postingSetKey(set.cause),
    digest: digestOf(postingSetCodec.encode(set)),
    participants: lines.length,
    missing: lines.filter((line) => line.status === 'MISSING').length,
  };
}

/** What a source credits to a participant, and whether that was folded before. */
async function loadSource(context: GridContext, participantId: ParticipantId, source: Source): Promise<KnownSource> {
  const { session: store } = context;
  const folded = await foldings.exists(store, participantId, source);
  if (source.kind === 'statement') {
    const statement = await statements.load(store, source.sessionId, source.run, participantId);
    return { source, folded, amountMicro: statement?.totals.creditedMicro ?? micro(0n) };
  }
  const set = await loadCreditingSet(context, participantId, source);
  return { source, folded, amountMicro: creditOf(set, participantId) };
}

/** The posting set of a source; undefined where it has none, or none that counts for the participant. */
async function loadCreditingSet(
  context: GridContext,
  participantId: ParticipantId,
  source: Exclude<Source, { readonly kind: 'statement' }>,
): Promise<PostingSet | undefined> {
  const { session: store } = context;
  switch (source.kind) {
    // The source is the cause of its posting set.
    case 'transfer':
    case 'contract':
    case 'voltage':
    case 'forecast':
    case 'dispute':
      return loadPosting(store, source);
    case 'flexibility':
      return loadFlexSet(context, participantId, source);
    case 'vpp':
      return loadRemunerationSet(context, participantId, source);
    case 'clearing':
      return loadClearingSet(context, participantId, source.sessionId);
    case 'rent':
      return loadRentPosting(store, source.sessionId, participantId);
  }
}

/** The posting set of a remuneration; none for whoever bought, whose limit has what comes back already. */
async function loadRemunerationSet(
  { session: store }: GridContext,
  participantId: ParticipantId,
  source: Extract<Source, { readonly kind: 'vpp' }>,
): Promise<PostingSet | undefined> {
  const remuneration = await remunerations.load(store, source.coalitionId, source.version);
  return remuneration?.payer === participantAccount(participantId) ? undefined : loadPosting(store, source);
}

/** The posting set of a settlement of flexibility; none for whoever ordered, whose cover or limit has what comes back already. */
async function loadFlexSet(
  { session: store }: GridContext,
  participantId: ParticipantId,
  source: Extract<Source, { readonly kind: 'flexibility' }>,
): Promise<PostingSet | undefined> {
  const order = await flexOrders.load(store, source.orderId);
  return order?.requesterId === participantId ? undefined : loadPosting(store, source);
}

/** What the clearing of a session was applied to a participant with; undefined where there is none. */
async function loadClearingSet(
  { session: store }: GridContext,
  participantId: ParticipantId,
  sessionId: SessionId,
): Promise<PostingSet | undefined> {
  const session = await sessions.load(store, sessionId);
  const clearing = await clearings.load(store, sessionId);
  return session === undefined || clearing === undefined
    ? undefined
    : loadClearingPosting(store, session, clearing, participantId);
}
